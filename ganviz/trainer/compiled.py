"""The compiled iteration: both halves as one pure function of parameters, states and a batch.

The function is traced with autograd inside it, so that a gradient penalty's double backward becomes
plain arithmetic, and the trace is compiled for the processor. It draws nothing: batches and rates
are its arguments, so it sees what the eager iteration would see.
"""

from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ganviz.config import CUSTOM, RunConfig
from ganviz.networks import FourierFeatures, Shape
from ganviz.say import Message, Text, _, listed
from ganviz.trainer.divergence import DiscriminatorHalf, GeneratorHalf, Meeting
from ganviz.trainer.game import Game
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
    reasons = {
        _("consensus"): config.consensus > 0,
        _("unrolling"): config.unroll > 0,
        _("instance noise"): config.instance_noise > 0,
        _("simultaneous updates"): config.update == "simultaneous",
        _("a penalty that draws noise"): config.penalty not in ("none", "r1", "r2", "r1_r2"),
        _("the probe"): game.probe is not None,
        _("networks with moving buffers"): _moves(game.d.network) or _moves(game.g.network),
        _("networks or data of your own"): config.dataset == CUSTOM,
        _("k_D or k_G other than 1"): (config.d_steps, config.g_steps) != (1, 1),
    }
    found = [reason for reason, applies in reasons.items() if applies]
    return listed(found) if found else None


def _moves(network: nn.Module) -> bool:
    parts = (m for m in network.modules() if not isinstance(m, FourierFeatures))
    return any(True for m in parts for _ in m.buffers(recurse=False))


class Compiler:
    """Gives the compiled iteration where the settings in force allow it, and says why not.

    Args:
        game: what is compiled.
        shape, latent_shape: of one sample, and of the noise for one.
    """

    def __init__(self, game: Game, shape: Shape, latent_shape: Shape) -> None:
        self._game, self._shapes = game, (shape, latent_shape)
        self._compiled: CompiledIteration | None = None
        self._asked: RunConfig | None = None
        self._failed: Message | None = None
        self.notice: Message | None = None

    def iteration(self, settings: RunConfig) -> "CompiledIteration | None":
        """The compiled iteration, made at the first call; None: `notice` says why."""
        if settings is not self._asked:
            self._asked = settings
            reason = why_not(settings, self._game)
            self.notice = None
            if reason is not None:
                self.notice = _("Not compiled, because of {reason}.", reason=reason)
            elif self._failed:
                self.notice = self._failed
            elif self._compiled is None:
                self._compile(settings.batch_size)
        return self._compiled if self.notice is None else None

    def _compile(self, n: int) -> None:
        real, latent = (self._game.d.flat.new_zeros(n, *shape) for shape in self._shapes)
        try:
            self._compiled = CompiledIteration(self._game, real, latent)
        except Exception as error:  # a compiler may raise anything, and the run goes on without
            first = next(iter(str(error).strip().splitlines()), type(error).__name__)
            self.notice = self._failed = _("Not compiled: {why}", why=first[:200])


class CompiledIteration:
    """Compiles at once, for one batch size.

    Raises:
        Exception: whatever the compiler raises, such as that there is none.
    """

    def __init__(self, game: Game, real: Tensor, latent: Tensor) -> None:
        # Half a second to import, for those who compile.
        from torch.fx.experimental.proxy_tensor import make_fx

        self._game = game
        self._tensors = _tensors_of(game)
        rates = real.new_zeros(4)
        scratch = _cloned(self._tensors)

        def iterate(tensors: Tensors, real: Tensor, latent: Tensor, rates: Tensor) -> Any:
            return self._iterate(tensors, real, latent, rates)

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
        """One iteration, and its numbers in the order of `Trainer`'s record."""
        average = self._game.average
        decay = average.count_update() if average is not None else 0.0
        values = real.new_tensor([rates.lr_d, rates.lr_g, rates.penalty, decay])
        with torch.no_grad():
            made = self._run(self._tensors, real, latent, values)
        fake, real_logits, fake_logits, after, numbers = made
        met = Meeting(
            real=real,
            latent=latent,
            buffers=[],
            drawn_from=None,
            fake=fake,
            real_logits=real_logits,
            fake_logits=fake_logits,
            real_shown=real_logits if self._game.value_of_d else None,
            fake_shown=fake_logits if self._game.value_of_d else None,
            d_loss=numbers[0],
            penalty=numbers[2],
            norm=numbers[3],
        )
        after_shown = after if self._game.value_of_d else None
        g_half = GeneratorHalf(after, after_shown, numbers[1], numbers[4])
        return DiscriminatorHalf(met, met, None), g_half, numbers

    def _iterate(
        self, tensors: Tensors, real: Tensor, latent: Tensor, rates: Tensor
    ) -> tuple[Tensor, ...]:
        game, old = self._game, tensors
        lr_d, lr_g, weight, decay = rates.unbind()
        d, g = (flat.detach().clone().requires_grad_() for flat in (old.d, old.g))
        fake = game.g.with_parameters(g, latent)
        seen = fake.detach()
        batches = real.detach().requires_grad_(), seen.detach().requires_grad_()
        batches = game.packed(batches[0]), game.packed(batches[1])
        if game.joint:
            real_logits, fake_logits = game.judge_as(d, torch.cat(batches)).chunk(2)
        else:
            real_logits, fake_logits = game.judge_as(d, batches[0]), game.judge_as(d, batches[1])
        logits = real_logits, fake_logits
        objective = game.loss(*logits)
        d_loss = game.d_loss(objective, real_logits)
        penalty = weight * game.penalty(partial(game.judge_as, d), batches, logits)
        d_gradient, d_norm = game.d.clipped(torch.autograd.grad(d_loss + penalty, d)[0])
        moved = game.d.optimiser.rule(d_gradient, old.d_state, old.d_count + 1, lr_d)
        d_new = game.bounded((d - moved[0]).detach())
        real_after = (
            game.judge_as(d_new, game.packed(real)) if game.sees_real else real_logits.detach()
        )
        after = game.judge_as(d_new, game.packed(fake))
        g_loss = game.loss(real_after, after).g
        g_gradient, g_norm = game.g.clipped(torch.autograd.grad(g_loss, g)[0])
        answered = game.g.optimiser.rule(g_gradient, old.g_state, old.g_count + 1, lr_g)
        g_new = (g - answered[0]).detach()
        with torch.no_grad():
            _assign(old, d_new, moved[1], g_new, answered[1], decay)
            scalars = [d_loss, g_loss, penalty, d_norm, g_norm]
            sums = [t.sum() for t in (real_logits, fake_logits, d_new, g_new, after)]
            numbers = torch.stack([s.detach() for s in scalars + sums])
        return (seen, real_logits.detach(), fake_logits.detach(), after.detach(), numbers)


def _assign(
    old: Tensors,
    d: Tensor,
    d_state: tuple[Tensor, ...],
    g: Tensor,
    g_state: tuple[Tensor, ...],
    decay: Tensor,
) -> None:
    for mine, new in zip((*old.d_state, *old.g_state), (*d_state, *g_state), strict=True):
        mine.copy_(new)
    old.d.copy_(d)
    old.g.copy_(g)
    old.d_count.add_(1)
    old.g_count.add_(1)
    if old.average is not None:
        old.average.copy_(torch.lerp(g, old.average, decay))


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
