"""One iteration, downwards: D's updates, then G's, and the numbers to record of both."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ganviz.config import RunConfig
from ganviz.trainer.average import MovingAverage
from ganviz.trainer.divergence import totals
from ganviz.trainer.halves import DiscriminatorHalf, DiscriminatorUpdate, GeneratorHalf, scalars_of
from ganviz.trainer.judge import Judge, Pair
from ganviz.trainer.objectives import Objectives
from ganviz.trainer.player import Player, Players
from ganviz.trainer.probe import Probe
from ganviz.trainer.schedule import Rates
from ganviz.trainer.source import Batches
from ganviz.trainer.state import Tensors, flattened
from ganviz.trainer.value_logits import ValueLogits, ValueSource


class Game:
    """Two players and what an iteration does to them.

    Args:
        config: the settings; those that are live are given with each half.
        source: draws batches and noise.
        d, g: the players.
        alone: whether D judges each of its inputs without a look at the rest of the batch.
        value_source: whose logits V is of.
        probe: learns beside D, where they are its own.
        average: follows G.
    """

    def __init__(
        self,
        config: RunConfig,
        source: Batches,
        d: Player,
        g: Player,
        *,
        alone: bool,
        value_source: ValueSource,
        probe: Probe | None,
        average: MovingAverage | None,
    ) -> None:
        self.d, self.g, self.probe, self.average = d, g, probe, average
        self.players = Players(d, g, None if probe is None else probe.player)
        self.alone = alone
        self._source, self._simultaneous = source, config.update == "simultaneous"
        self.judge = Judge(config, d, alone=alone)
        self.objectives = Objectives(config, source, self.judge, d, g)
        self.value = ValueLogits(value_source, self.judge, d, probe)
        self.shows_average = config.shows_average
        self._consensus = self.objectives.consensus
        self._zero = torch.zeros((), device=d.flat.device, dtype=d.flat.dtype)
        self._nothing = torch.full_like(self._zero, torch.nan)

    def discriminator_half(self, settings: RunConfig, rates: Rates) -> DiscriminatorHalf:
        """`d_steps` updates of D; with 0, one batch that is only looked at."""
        faced = self.d.flat.clone() if self._simultaneous else None
        updates = [
            self.discriminator_update(
                settings.batch_size,
                rates,
                train=settings.d_steps > 0,
                for_g=settings.g_steps > 0 and k >= settings.d_steps - 1,
                record=k == 0,
            )
            for k in range(max(settings.d_steps, 1))
        ]
        return DiscriminatorHalf(updates[0], updates[-1], faced)

    def discriminator_update(
        self, n: int, rates: Rates, *, train: bool, for_g: bool, record: bool
    ) -> DiscriminatorUpdate:
        """D on one fresh batch of each kind; it learns from them if `train`.

        Args:
            n: samples of each kind.
            rates: what is in force.
            train: update D.
            for_g: keep the graph of the samples, for G's first update.
            record: note the logits that V is of; the probe learns then.
        """
        real, latent = self._source.real(n), self._source.latent(n)
        g_buffers = [b.clone() for b in self.g.buffers]
        g_stream = None if self.g.stream is None else self.g.stream.get_state()
        with torch.set_grad_enabled(for_g or self._consensus > 0):
            fake = self.g(latent)
        seen = fake if self._consensus else fake.detach()
        real_seen = self._source.noised(real, rates.noise)
        fake_seen = self._source.noised(seen, rates.noise)
        batches = self.judge.packed(real_seen).detach(), self.judge.packed(fake_seen)
        if train and self.objectives.penalised:
            # Judged once, differentiated twice: by the loss in D's weights, by the penalty in x.
            batches = batches[0].requires_grad_(), _differentiable(batches[1])
        with torch.set_grad_enabled(train):
            logits = self.judge.both(*batches)
        real_shown, fake_shown = self.value.of_batch(
            real_seen, fake_seen, logits, rates.lr_d, record=record
        )
        loss = penalty = norm = self._nothing
        if train:
            loss, penalty, norm = self._learn(batches, logits, rates)
        return DiscriminatorUpdate(
            real=real,
            latent=latent,
            g_buffers=g_buffers,
            g_stream=g_stream,
            fake=fake,
            real_logits=logits[0].detach(),
            fake_logits=logits[1].detach(),
            real_shown=real_shown,
            fake_shown=fake_shown,
            loss=loss.detach(),
            penalty=penalty.detach(),
            norm=norm,
        )

    def _learn(self, batches: Pair, logits: Pair, rates: Rates) -> tuple[Tensor, Tensor, Tensor]:
        """Update D; gives its loss, what was added to it, and the norm of its gradient."""
        objective = self.objectives.of_batch(logits)
        loss, penalty = objective.d, self._zero
        if self.objectives.penalised:
            penalty = rates.penalty * self.objectives.penalty(batches, logits)
        if self._consensus:
            penalty = penalty + self._consensus * self.objectives.field_energy(objective)
        norm = self.d.update(loss if penalty is self._zero else loss + penalty, rates.lr_d)
        if self.objectives.clip:
            self.d.assign(self.objectives.bounded(self.d.flat))
        return loss, penalty, norm

    def generator_half(
        self, d_half: DiscriminatorHalf, settings: RunConfig, rates: Rates
    ) -> GeneratorHalf:
        """`g_steps` updates of G, the first on the samples of D's last update."""
        half, last = GeneratorHalf(None, None, self._nothing, self._nothing), d_half.last
        for k in range(settings.g_steps):
            fresh = k > 0 or self._consensus > 0
            latent = last.latent if k == 0 else self._source.latent(len(last.fake))
            fake = self.g(latent) if fresh else last.fake
            with self._facing(d_half.faced):
                objective, logits, seen = self.objectives.facing_generator(last, fake, rates)
                loss = objective.g
                if self._consensus:
                    loss = loss + self._consensus * self.objectives.field_energy(objective)
                half.norm = self.g.update(loss, rates.lr_g)
            half.loss = objective.g.detach()
            if k == 0:
                half.fake_logits = logits.detach()
                half.fake_shown = self.value.of_samples(seen, half.fake_logits)
            if self.average is not None:
                self.average.follow(self.g.flat)
        return half

    def numbers(self, d_half: DiscriminatorHalf, g_half: GeneratorHalf) -> Tensor:
        """The iteration's `Scalars`, then the sums of all that must be finite too, `(n,)`."""
        return torch.stack([*scalars_of(d_half, g_half), *totals(d_half, g_half, self.players)])

    def tensors(self) -> Tensors:
        """Copies of all that updates change, by flat names."""
        tensors = flattened("generator", self.g.tensors())
        tensors |= flattened("discriminator", self.d.tensors())
        if self.probe is not None:
            tensors |= flattened("probe", self.probe.player.tensors())
        if self.average is not None:
            tensors |= flattened("average", self.average.flat)
        return tensors

    def seen(self) -> list[Tensor]:
        """Whatever a snapshot depends on and training changes, itself and not copied."""
        average = [] if self.average is None else [self.average.flat]
        players = [player for player in self.players if player is not None]
        return average + [t for player in players for t in (player.flat, *player.buffers)]

    def averaged(self) -> nn.Module | None:
        """The moving average of G as it is now; None where there is none."""
        if self.average is None:
            return None
        self.average.copy_buffers()
        return self.average.network

    def shown_generator(self) -> nn.Module:
        """The G that is shown and measured, as it is now."""
        average = self.averaged() if self.shows_average else None
        return average or self.g.network

    def make_samples_again(self, update: DiscriminatorUpdate) -> None:
        """Give its samples their graph back, from the same noise, buffers and dropout."""
        with torch.no_grad():
            for buffer, before in zip(self.g.buffers, update.g_buffers, strict=True):
                buffer.copy_(before)
        with _rewound(self.g.stream, update.g_stream):
            update.fake = self.g(update.latent)

    @contextmanager
    def _facing(self, faced: Tensor | None) -> Iterator[None]:
        """Put D's parameters of another moment in place."""
        if faced is None:
            yield
            return
        now = self.d.flat.clone()
        self.d.flat.copy_(faced)
        try:
            yield
        finally:
            self.d.flat.copy_(now)


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
