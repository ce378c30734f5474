"""The compiled iteration: that of `Game`, as one function of parameters, states and a batch.

`Game` is run once on players that live in the arguments of a trace, with autograd inside it, so
that a gradient penalty's double backward becomes plain arithmetic, and the trace is compiled for
the processor. It draws nothing: batches and rates are its arguments, so it sees what the eager
iteration would see.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ganviz.config import CUSTOM, RunConfig
from ganviz.networks import FourierFeatures, Shape
from ganviz.say import Message, Text, _, listed
from ganviz.trainer.average import MovingAverage
from ganviz.trainer.game import Game
from ganviz.trainer.halves import (
    DiscriminatorHalf,
    DiscriminatorUpdate,
    GeneratorHalf,
    scalars_and_sums,
)
from ganviz.trainer.player import Player
from ganviz.trainer.schedule import Rates


class Tensors(NamedTuple):
    """What an iteration changes in place."""

    d: Tensor
    d_state: tuple[Tensor, ...]
    d_count: Tensor
    g: Tensor
    g_state: tuple[Tensor, ...]
    g_count: Tensor
    average: Tensor | None


def why_not(config: RunConfig, game: Game) -> Text | None:
    """What keeps the settings from being compiled, or None."""
    reasons = (
        (_("consensus"), config.consensus > 0),
        (_("unrolling"), config.unroll > 0),
        (_("instance noise"), config.instance_noise > 0),
        (_("simultaneous updates"), config.update == "simultaneous"),
        (_("a penalty that draws noise"), config.penalty not in ("none", "r1", "r2", "r1_r2")),
        (_("the probe"), game.probe is not None),
        (_("networks with moving buffers"), _moves(game.d.network) or _moves(game.g.network)),
        (_("networks or data of your own"), config.dataset == CUSTOM),
        (_("k_D or k_G other than 1"), (config.d_steps, config.g_steps) != (1, 1)),
    )
    found = [reason for reason, applies in reasons if applies]
    return listed(found) if found else None


def _moves(network: nn.Module) -> bool:
    parts = (m for m in network.modules() if not isinstance(m, FourierFeatures))
    return any(True for m in parts for _ in m.buffers(recurse=False))


class Compiler:
    """Gives the compiled iteration where the settings in force allow it, and says why not.

    Args:
        game: what is compiled.
        shape: of one sample.
    """

    def __init__(self, game: Game, shape: Shape) -> None:
        self._game, self._shape = game, shape
        self._compiled: CompiledIteration | None = None
        self._settings: RunConfig | None = None
        self._failed: Message | None = None
        self.notice: Message | None = None

    def iteration(self, settings: RunConfig) -> "CompiledIteration | None":
        """The compiled iteration, made at the first call; None: `notice` says why."""
        if settings is not self._settings:
            self._settings = settings
            reason = why_not(settings, self._game)
            self.notice = None
            if reason is not None:
                self.notice = _("Not compiled, because of {reason}.", reason=reason)
            elif self._failed:
                self.notice = self._failed
            elif self._compiled is None:
                self._compile(settings)
        return self._compiled if self.notice is None else None

    def _compile(self, settings: RunConfig) -> None:
        n, zeros = settings.batch_size, self._game.d.flat.new_zeros
        real, latent = zeros(n, *self._shape), zeros(n, settings.latent_dim)
        try:
            self._compiled = CompiledIteration(settings, self._game, real, latent)
        except Exception as error:  # a compiler may raise anything, and the run goes on without
            first = next(iter(str(error).strip().splitlines()), type(error).__name__)
            self.notice = self._failed = _("Not compiled: {why}", why=first[:200])


class CompiledIteration:
    """Compiles at once, for one batch size.

    Args:
        settings: with one update of each player, which none but rates change later.
        game: what is compiled.
        real, latent: a batch of each.

    Raises:
        Exception: whatever the compiler raises, such as that there is none.
    """

    def __init__(self, settings: RunConfig, game: Game, real: Tensor, latent: Tensor) -> None:
        # Half a second to import, for those who compile.
        from torch.fx.experimental.proxy_tensor import make_fx

        self._game = game
        self._tensors = _tensors_of(game)
        rates = real.new_zeros(4)
        scratch = _cloned(self._tensors)

        def iterate(tensors: Tensors, real: Tensor, latent: Tensor, rates: Tensor) -> Any:
            return _iterate(settings, game, tensors, _Given(real, latent), rates)

        traced = make_fx(iterate)(scratch, real, latent, rates)
        # Nothing that a guard would look at can change: shapes and types are those of the game.
        options: dict[str, Any] = {
            "cpp_wrapper": True,
            "guard_filter_fn": lambda guards: [False] * len(guards),
        }
        self._run = torch.compile(traced, fullgraph=True, dynamic=False, options=options)
        with torch.no_grad():
            self._run(scratch, real, latent, rates)

    def __call__(
        self, real: Tensor, latent: Tensor, rates: Rates
    ) -> tuple[DiscriminatorHalf, GeneratorHalf, Tensor]:
        """One iteration: what its halves leave, and its numbers as `Game.numbers` has them."""
        average = self._game.average
        decay = average.count_update() if average is not None else 0.0
        values = real.new_tensor([rates.lr_d, rates.lr_g, rates.penalty, decay])
        with torch.no_grad():
            results = self._run(self._tensors, real, latent, values)
        fake, real_logits, fake_logits, after, numbers = results
        scalars, _sums = scalars_and_sums(numbers.unbind())
        shown = self._game.value.source == "discriminator"
        update = DiscriminatorUpdate(
            real=real,
            latent=latent,
            g_buffers=[],
            g_stream=None,
            fake=fake,
            real_logits=real_logits,
            fake_logits=fake_logits,
            real_shown=real_logits if shown else None,
            fake_shown=fake_logits if shown else None,
            loss=scalars.d_loss,
            penalty=scalars.penalty,
            norm=scalars.grad_norm_d,
        )
        g_half = GeneratorHalf(after, after if shown else None, scalars.g_loss, scalars.grad_norm_g)
        return DiscriminatorHalf(update, update, None), g_half, numbers


def _iterate(
    settings: RunConfig, game: Game, tensors: Tensors, batch: "_Given", rates: Tensor
) -> tuple[Tensor | None, ...]:
    """The iteration of `Game`, on players and an average that live in `tensors`."""
    lr_d, lr_g, weight, decay = rates.unbind()
    d = _Traced(game.d, tensors.d, tensors.d_state, tensors.d_count)
    g = _Traced(game.g, tensors.g, tensors.g_state, tensors.g_count)
    average = None
    if game.average is not None and tensors.average is not None:
        average = _TracedAverage(game.average, tensors.average, decay)
    same = Game(
        settings,
        batch,
        d,
        g,
        alone=game.alone,
        value_source=game.value.source,
        probe=None,
        average=average,
    )
    # In a trace tensors stand for numbers.
    in_force = Rates(lr_d, lr_g, weight, 0.0)  # type: ignore[arg-type]
    d_half = same.discriminator_half(settings, in_force)
    g_half = same.generator_half(d_half, settings, in_force)
    numbers, last = same.numbers(d_half, g_half), d_half.last
    with torch.no_grad():
        for kept in (d, g, average):
            if kept is not None:
                kept.write_back()
    return last.fake.detach(), last.real_logits, last.fake_logits, g_half.fake_logits, numbers


class _Given:
    """The batch of one iteration, in the place of the source that it was drawn from."""

    def __init__(self, real: Tensor, latent: Tensor) -> None:
        self._real, self._latent = real, latent
        self.auxiliary = torch.Generator()
        """What is compiled draws nothing from it."""

    def real(self, n: int) -> Tensor:
        return self._real

    def latent(self, n: int) -> Tensor:
        return self._latent

    def noised(self, x: Tensor, std: float) -> Tensor:
        return x


class _Traced(Player):
    """A player whose parameters and moments are arguments of a trace."""

    def __init__(
        self, player: Player, flat: Tensor, moments: tuple[Tensor, ...], count: Tensor
    ) -> None:
        vars(self).update(vars(player))
        self._before, self._moments, self._count = flat, moments, count
        self._new_moments = moments
        self.flat = flat.detach().clone().requires_grad_()

    def __call__(self, x: Tensor) -> Tensor:
        return self.with_parameters(self.flat, x)

    def assign(self, flat: Tensor) -> None:
        self.flat = flat

    def update(self, loss: Tensor, lr: float) -> Tensor:
        (gradient,) = torch.autograd.grad(loss, self.flat)
        with torch.no_grad():
            gradient, norm = self.clipped(gradient)
            count = self._count + 1
            delta, self._new_moments = self.optimiser.rule(gradient, self._moments, count, lr)
            self.flat = self.flat.detach() - delta
        return norm

    def write_back(self) -> None:
        """Change the arguments of the trace."""
        for mine, new in zip(self._moments, self._new_moments, strict=True):
            mine.copy_(new)
        self._before.copy_(self.flat)
        self._count.add_(1)


class _TracedAverage(MovingAverage):
    """The average of G where it is an argument of a trace, and its decay too."""

    def __init__(self, average: MovingAverage, flat: Tensor, decay: Tensor) -> None:
        vars(self).update(vars(average))
        self.flat, self._before, self._now = flat, flat, decay

    def follow(self, flat: Tensor) -> None:
        self.flat = torch.lerp(flat, self.flat, self._now)

    def write_back(self) -> None:
        """Change the argument of the trace."""
        self._before.copy_(self.flat)


def _tensors_of(game: Game) -> Tensors:
    d, g = game.d.optimiser, game.g.optimiser
    average = None if game.average is None else game.average.flat
    return Tensors(game.d.flat, d.state, d.count, game.g.flat, g.state, g.count, average)


def _cloned(tensors: Tensors) -> Tensors:
    def clone(value: Tensor | tuple[Tensor, ...] | None) -> Tensor | tuple[Tensor, ...] | None:
        if isinstance(value, tuple):
            return tuple(one.clone() for one in value)
        return None if value is None else value.clone()

    return Tensors(*map(clone, tensors))  # type: ignore[arg-type]  # each clone has its own type
