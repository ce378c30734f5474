"""The game: what D learns when it meets a batch, and how G answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from ganviz.config import RunConfig
from ganviz.losses import LOSSES, Objective
from ganviz.penalties import PENALTIES, Critic
from ganviz.trainer.average import MovingAverage
from ganviz.trainer.divergence import GeneratorHalf, Meeting
from ganviz.trainer.player import Player
from ganviz.trainer.probe import Probe
from ganviz.trainer.schedule import Rates
from ganviz.trainer.source import Source

Pair = tuple[Tensor, Tensor]
"""Of data, and of samples."""

ValueSource = Literal["discriminator", "probe", "none"]


def value_source_of(config: RunConfig, *, alone: bool) -> ValueSource:
    """Whose logits V is of: D's where they are the log odds of one sample, else the probe's.

    Args:
        config: the settings.
        alone: whether D judges each of its inputs without a look at the rest of the batch.
    """
    if LOSSES[config.loss].facts["critic"] == "logit" and config.packing == 1 and alone:
        return "discriminator"
    return "probe" if config.probe else "none"


class Game:
    """Two players, what each minimises, and every trick that comes between them.

    Args:
        config: the settings.
        source: draws batches and noise.
        d, g: the players.
        alone: whether D judges each of its inputs without a look at the rest of the batch.
        probe: learns beside D, where V is to be of it.
        average: follows G.
    """

    def __init__(
        self,
        config: RunConfig,
        source: Source,
        d: Player,
        g: Player,
        *,
        alone: bool,
        probe: Probe | None,
        average: MovingAverage | None,
    ) -> None:
        self.d, self.g, self.probe, self.average = d, g, probe, average
        self._source = source
        self.loss = partial(LOSSES[config.loss].fn, **config.options("loss"))
        self.sees_real = LOSSES[config.loss].facts["generator_sees_real"]
        self._penalty = PENALTIES[config.penalty].fn if config.penalty != "none" else None
        # Seen in one batch, data and fakes would let D read the answer off its statistics.
        self.joint = alone
        self.value_of_d = value_source_of(config, alone=alone) == "discriminator"
        self._packing, self._unroll = config.packing, config.unroll
        self._smoothing, self._consensus = config.label_smoothing, config.consensus
        self._bound = config.clip
        zero = torch.zeros((), device=d.flat.device, dtype=d.flat.dtype)
        self._zero, self._nothing = zero, torch.full_like(zero, torch.nan)

    def meet(self, n: int, rates: Rates, *, train: bool, for_g: bool, record: bool) -> Meeting:
        """D meets one fresh batch of each kind and, if `train`, learns from it.

        Args:
            n: samples of each kind.
            rates: what is in force.
            train: update D.
            for_g: keep the graph of the samples, for G's first update.
            record: note the logits that V is of; the probe learns then.
        """
        real, latent = self._source.real(n), self._source.latent(n)
        buffers = [b.clone() for b in self.g.buffers]
        drawn_from = None if self.g.stream is None else self.g.stream.get_state()
        with torch.set_grad_enabled(for_g or self._consensus > 0):
            fake: Tensor = self.g.network(latent)
        seen = fake if self._consensus else fake.detach()
        real_seen = self._source.noised(real, rates.noise)
        fake_seen = self._source.noised(seen, rates.noise)
        penalised = train and self._penalty is not None and rates.penalty > 0
        batches = self.packed(real_seen).detach(), self.packed(fake_seen)
        if penalised:
            # Judged once, differentiated twice: by the loss in D's weights, by the penalty in x.
            batches = batches[0].requires_grad_(), _differentiable(batches[1])
        with torch.set_grad_enabled(train):
            logits = self._judge_both(*batches)
        shown = self._shown(real_seen, fake_seen, logits, rates, record)
        loss = penalty = norm = self._nothing
        if train:
            objective = self.loss(*logits)
            loss = self.d_loss(objective, logits[0])
            extra = None
            if penalised:
                extra = rates.penalty * self.penalty(self._judge_packed, batches, logits)
            penalty, norm = self._learn(loss, extra, objective, rates)
        return Meeting(
            real=real,
            latent=latent,
            buffers=buffers,
            drawn_from=drawn_from,
            fake=fake,
            real_logits=logits[0].detach(),
            fake_logits=logits[1].detach(),
            real_shown=shown[0],
            fake_shown=shown[1],
            d_loss=loss.detach(),
            penalty=penalty.detach(),
            norm=norm,
        )

    def answer(self, met: Meeting, rates: Rates, steps: int, asked: Tensor | None) -> GeneratorHalf:
        """G's half: `steps` updates, the first on the samples of `met`.

        Args:
            met: D's last meeting.
            rates: what is in force.
            steps: updates, at least 0.
            asked: the parameters of the D that G answers; None: D as it is.
        """
        made = GeneratorHalf(None, None, self._nothing, self._nothing)
        for k in range(steps):
            fresh = k > 0 or self._consensus > 0
            latent = met.latent if k == 0 else self._source.latent(len(met.fake))
            fake = self.g.network(latent) if fresh else met.fake
            with self._facing(asked):
                objective, fake_logits, fake_seen = self._objective(met, fake, rates)
                loss = objective.g
                if self._consensus:
                    loss = loss + self._consensus * self._field_energy(objective)
                made.norm = self.g.update(loss, rates.lr_g)
            made.g_loss = objective.g.detach()
            if k == 0:
                made.fake_logits = fake_logits.detach()
                made.fake_shown = self._shown_to_g(fake_seen, made.fake_logits)
            if self.average is not None:
                self.average.follow(self.g.flat)
        return made

    def judge(self, x: Tensor) -> Tensor:
        """D's output on each group of `packing` samples, shape `(n / packing,)`."""
        return self._judge_packed(self.packed(x))

    def judge_as(self, flat: Tensor, x: Tensor) -> Tensor:
        """Packed samples as the D that has `flat` for parameters judges them."""
        return self.d.with_parameters(flat, x).reshape(-1)

    def penalty(self, critic: Critic, batches: Pair, logits: Pair) -> Tensor:
        """The penalty, unweighted, at packed `batches` whose `logits` are known.

        Args:
            critic: judges packed samples.
            batches: data and samples, both differentiable.
            logits: of both.
        """
        if self._penalty is None:
            return self._zero

        def remembering(x: Tensor) -> Tensor:
            for batch, known in zip(batches, logits, strict=True):
                if x is batch:
                    return known
            return critic(x)

        penalty: Tensor = self._penalty(remembering, *batches, self._source.auxiliary)
        return penalty

    def bounded(self, flat: Tensor) -> Tensor:
        """D's parameters within the bound of weight clipping, if there is one.

        Source: Arjovsky et al. 2017. [arXiv:1701.07875](https://arxiv.org/abs/1701.07875)
        """
        return flat.clamp(-self._bound, self._bound) if self._bound else flat

    def make_again(self, met: Meeting) -> None:
        """Give the samples of `met` their graph back, from the same noise, buffers and dropout."""
        with torch.no_grad():
            for buffer, before in zip(self.g.buffers, met.buffers, strict=True):
                buffer.copy_(before)
        with _rewound(self.g.stream, met.drawn_from):
            met.fake = self.g.network(met.latent)

    def _learn(
        self, loss: Tensor, penalty: Tensor | None, objective: Objective, rates: Rates
    ) -> tuple[Tensor, Tensor]:
        """Update D; gives what was added to its loss, and the norm of its gradient."""
        added = self._zero if penalty is None else penalty
        if self._consensus:
            added = added + self._consensus * self._field_energy(objective._replace(d=loss))
        norm = self.d.update(loss if added is self._zero else loss + added, rates.lr_d)
        if self._bound:
            self.d.flat.copy_(self.bounded(self.d.flat))
        return added, norm

    def d_loss(self, objective: Objective, real_logits: Tensor) -> Tensor:
        r"""With smoothing s, D's label for data is 1 - s. On logits $t$ that adds $s E_x[t(x)]$:

        $$-(1 - s) \ln D - s \ln(1 - D) = -\ln D + s t$$

        Source: Salimans et al. 2016, section 3.4.
        [arXiv:1606.03498](https://arxiv.org/abs/1606.03498)
        """
        if not self._smoothing:
            return objective.d
        return objective.d + self._smoothing * real_logits.mean()

    def _objective(
        self, met: Meeting, fake: Tensor, rates: Rates
    ) -> tuple[Objective, Tensor, Tensor]:
        """Both losses as G finds them, D's output on `fake`, and what D saw of it."""
        fake_seen = self._source.noised(fake, rates.noise)
        if self._unroll:
            real = self._source.noised(met.real, rates.noise)
            real_logits, fake_logits = self._look_ahead(real, fake_seen, rates.lr_d)
        elif self._consensus:
            real = self._source.noised(met.real, rates.noise)
            real_logits, fake_logits = self.judge(real), self.judge(fake_seen)
        else:
            real_logits, fake_logits = met.real_logits, self.judge(fake_seen)
            if self.sees_real:
                with torch.no_grad():
                    real_logits = self.judge(self._source.noised(met.real, rates.noise))
        objective = self.loss(real_logits, fake_logits)
        objective = objective._replace(d=self.d_loss(objective, real_logits))
        return objective, fake_logits, fake_seen.detach()

    def _look_ahead(self, real: Tensor, fake: Tensor, lr: float) -> tuple[Tensor, Tensor]:
        """The outputs of D after `unroll` further updates, differentiable through all of them.

        Source: Metz et al. 2017. [arXiv:1611.02163](https://arxiv.org/abs/1611.02163)
        """
        real, fake = self.packed(real), self.packed(fake)
        flat = self.d.flat.clone().requires_grad_()
        state, count = self.d.optimiser.state, self.d.optimiser.count
        for _ in range(self._unroll):
            real_logits = self.judge_as(flat, real)
            loss = self.d_loss(self.loss(real_logits, self.judge_as(flat, fake)), real_logits)
            (gradient,) = torch.autograd.grad(loss, flat, create_graph=True)
            count = count + 1
            delta, state = self.d.optimiser.rule(gradient, state, count, lr)
            flat = self.bounded(flat - delta)
        return self.judge_as(flat, real), self.judge_as(flat, fake)

    def _field_energy(self, objective: Objective) -> Tensor:
        r"""$\frac{1}{2} \|v\|^2$ of the game's field $v = (\nabla_D L_D, \nabla_G L_G)$.

        Source: Mescheder et al. 2017. [arXiv:1705.10461](https://arxiv.org/abs/1705.10461)
        """
        energy = self._zero
        for loss, player in ((objective.d, self.d), (objective.g, self.g)):
            for part in torch.autograd.grad(
                loss,
                player.parameters,
                create_graph=True,
                allow_unused=True,
                materialize_grads=True,
            ):
                energy = energy + part.square().sum() / 2
        return energy

    @contextmanager
    def _facing(self, asked: Tensor | None) -> Iterator[None]:
        """Put D's parameters of another moment in place."""
        if asked is None:
            yield
            return
        now = self.d.flat.clone()
        self.d.flat.copy_(asked)
        try:
            yield
        finally:
            self.d.flat.copy_(now)

    def _shown(
        self, real: Tensor, fake: Tensor, logits: Pair, rates: Rates, record: bool
    ) -> tuple[Tensor | None, Tensor | None]:
        """The logits that V is of; None where there are none."""
        if self.value_of_d:
            return logits[0].detach(), logits[1].detach()
        if self.probe is None or not record:
            return None, None
        return self.probe.learn(real, fake.detach(), rates.lr_d)

    def _shown_to_g(self, fake: Tensor, fake_logits: Tensor) -> Tensor | None:
        if self.value_of_d:
            return fake_logits
        if self.probe is None:
            return None
        with torch.no_grad():
            return self.probe.logits(fake)

    def _judge_packed(self, x: Tensor) -> Tensor:
        logits: Tensor = self.d.network(x)
        return logits.reshape(-1)

    def _judge_both(self, real: Tensor, fake: Tensor) -> Pair:
        """D on packed data and packed samples."""
        if self.joint:
            real_logits, fake_logits = self._judge_packed(torch.cat([real, fake])).chunk(2)
            return real_logits, fake_logits
        return self._judge_packed(real), self._judge_packed(fake)

    def packed(self, x: Tensor) -> Tensor:
        """Samples joined in groups along their first axis, as D sees them."""
        if self._packing == 1:
            return x
        return x.reshape(-1, self._packing * x.shape[1], *x.shape[2:])


@contextmanager
def _rewound(stream: torch.Generator | None, state: Tensor | None) -> Iterator[None]:
    """Inside, the stream is at `state` once more; afterwards where it was."""
    if stream is None or state is None:
        yield
        return
    now = stream.get_state()
    stream.set_state(state)
    try:
        yield
    finally:
        stream.set_state(now)


def _differentiable(x: Tensor) -> Tensor:
    return x if x.requires_grad else x.detach().requires_grad_()
