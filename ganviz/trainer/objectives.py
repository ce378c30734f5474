"""What each player minimises, with the tricks that are terms or arguments of its loss."""

from functools import partial

import torch
from torch import Tensor

from ganviz.config import RunConfig
from ganviz.losses import LOSSES, Objective
from ganviz.penalties import PENALTIES
from ganviz.trainer.halves import DiscriminatorUpdate
from ganviz.trainer.judge import Judge, Pair
from ganviz.trainer.player import Player
from ganviz.trainer.schedule import Rates
from ganviz.trainer.source import Batches


class Objectives:
    """The losses of both players.

    Args:
        config: the settings.
        source: draws instance noise, and what penalties need.
        judge: asks D.
        d, g: the players.
    """

    def __init__(
        self, config: RunConfig, source: Batches, judge: Judge, d: Player, g: Player
    ) -> None:
        self._source, self._judge, self._d, self._g = source, judge, d, g
        self.loss = partial(LOSSES[config.loss].fn, **config.options("loss"))
        self._sees_real = LOSSES[config.loss].facts["generator_sees_real"]
        self._penalty = PENALTIES[config.penalty].fn
        self.penalised = config.penalty != "none" and config.penalty_weight > 0
        """A penalty is part of D's loss."""
        self.consensus = config.consensus
        """The factor of the field's energy, in both losses."""
        self._unroll, self._smoothing = config.unroll, config.label_smoothing
        self.clip = config.clip
        """The bound of D's weights; 0: none."""

    def of_batch(self, logits: Pair) -> Objective:
        """Both losses, D's with its labels smoothed."""
        objective = self.loss(*logits)
        return objective._replace(d=self._smoothed(objective, logits[0]))

    def penalty(self, batches: Pair, logits: Pair) -> Tensor:
        """The penalty, unweighted, at packed `batches` that `logits` are known of."""
        known = tuple(zip(batches, logits, strict=True))

        def critic(x: Tensor) -> Tensor:
            for batch, its_logits in known:
                if x is batch:
                    return its_logits
            return self._judge.packed_logits(x)

        penalty: Tensor = self._penalty(critic, *batches, self._source.auxiliary)
        return penalty

    def facing_generator(
        self, update: DiscriminatorUpdate, fake: Tensor, rates: Rates
    ) -> tuple[Objective, Tensor, Tensor]:
        """Both losses as G finds them on `fake`, D's output on it, and what D saw of it.

        Args:
            update: D's last update, whose data G's loss is taken beside.
            fake: samples, differentiable in G.
            rates: what is in force.
        """
        fake_seen = self._source.noised(fake, rates.noise)
        if self._unroll:
            real = self._source.noised(update.real, rates.noise)
            logits = self._look_ahead(real, fake_seen, rates.lr_d)
        elif self.consensus:
            real = self._source.noised(update.real, rates.noise)
            logits = self._judge(real), self._judge(fake_seen)
        else:
            logits = update.real_logits, self._judge(fake_seen)
            if self._sees_real:
                with torch.no_grad():
                    real = self._source.noised(update.real, rates.noise)
                    logits = self._judge(real), logits[1]
        return self.of_batch(logits), logits[1], fake_seen.detach()

    def field_energy(self, objective: Objective) -> Tensor:
        r"""$\frac{1}{2} \|v\|^2$ of the game's field $v = (\nabla_D L_D, \nabla_G L_G)$.

        Source: Mescheder et al. 2017. [arXiv:1705.10461](https://arxiv.org/abs/1705.10461)
        """
        energy = torch.zeros_like(objective.d)
        for loss, player in ((objective.d, self._d), (objective.g, self._g)):
            for part in torch.autograd.grad(
                loss,
                player.parameters,
                create_graph=True,
                allow_unused=True,
                materialize_grads=True,
            ):
                energy = energy + part.square().sum() / 2
        return energy

    def bounded(self, flat: Tensor) -> Tensor:
        """D's parameters within the bound of weight clipping, if there is one.

        Source: Arjovsky et al. 2017. [arXiv:1701.07875](https://arxiv.org/abs/1701.07875)
        """
        return flat.clamp(-self.clip, self.clip) if self.clip else flat

    def _smoothed(self, objective: Objective, real_logits: Tensor) -> Tensor:
        r"""With smoothing s, D's label for data is 1 - s. On logits $t$ that adds $s E_x[t(x)]$:

        $$-(1 - s) \ln D - s \ln(1 - D) = -\ln D + s t$$

        Source: Salimans et al. 2016, section 3.4.
        [arXiv:1606.03498](https://arxiv.org/abs/1606.03498)
        """
        if not self._smoothing:
            return objective.d
        return objective.d + self._smoothing * real_logits.mean()

    def _look_ahead(self, real: Tensor, fake: Tensor, lr: float) -> Pair:
        """The outputs of D after `unroll` further updates, differentiable through all of them.

        Source: Metz et al. 2017. [arXiv:1611.02163](https://arxiv.org/abs/1611.02163)
        """
        real, fake = self._judge.packed(real), self._judge.packed(fake)
        flat = self._d.flat.clone().requires_grad_()
        state, count = self._d.optimiser.state, self._d.optimiser.count
        judge = self._judge.with_parameters
        for _ in range(self._unroll):
            loss = self.of_batch((judge(flat, real), judge(flat, fake))).d
            (gradient,) = torch.autograd.grad(loss, flat, create_graph=True)
            count = count + 1
            delta, state = self._d.optimiser.rule(gradient, state, count, lr)
            flat = self.bounded(flat - delta)
        return judge(flat, real), judge(flat, fake)
