"""The trainer: one iteration of the game and its two halves. No thread, no clock, no file."""

import math
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ganviz.config import CUSTOM, ConfigError, RunConfig
from ganviz.losses import LOSSES
from ganviz.penalties import PENALTIES
from ganviz.snapshot import Event, History, Snapshot
from ganviz.target import Target
from ganviz.trainer.average import MovingAverage
from ganviz.trainer.build import build_networks, find_units, registered_target
from ganviz.trainer.divergence import (
    DiscriminatorHalf,
    Diverged,
    GeneratorHalf,
    Meeting,
    first_not_finite,
    totals,
)
from ganviz.trainer.player import Player
from ganviz.trainer.recorder import Recorder
from ganviz.trainer.streams import Streams
from ganviz.trainer.view import View, evaluating

Phase = Literal["discriminator", "generator"]


class Trainer:
    """Trains one GAN, iteration by iteration, and records every one of them.

    An iteration is `d_steps` updates of D and then `g_steps` of G. G's first update takes the batch
    of noise that D's last one saw, so that `d_fake` and `d_fake_after` tell what D's half did.

    Args:
        config: the settings.
        target: data of the caller's own, in place of `config.dataset`.
        generator: a module from `(n, latent_dim)` to `(n, *target.shape)`. It works in the data's
            own units, unless `target` states a scale.
        discriminator: a module from `(n, *target.shape)` to logits `(n,)` or `(n, 1)`.

    Raises:
        ConfigError: if the settings need what is not here (CUDA, or the target of a custom run).
        ValueError: if target and networks do not fit together.

    With any of the three, `config.dataset` becomes "custom". The trainer flattens the parameters of
    the networks it is given in place and moves them to `config.device` and `config.dtype`.
    """

    def __init__(
        self,
        config: RunConfig,
        *,
        target: Target | None = None,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
    ) -> None:
        if config.device == "cuda" and not torch.cuda.is_available():
            raise ConfigError("device", "is 'cuda', but this machine has no CUDA device")
        own = any(part is not None for part in (target, generator, discriminator))
        self.target = registered_target(config) if target is None else target
        self.config = config.replace(dataset=CUSTOM) if own else config
        self._streams = Streams.from_seed(config.seed)
        self._units = find_units(config, self.target, standardise=generator is None)
        g, d = build_networks(
            config,
            self.target,
            self._units,
            self._streams.initialisation,
            generator,
            discriminator,
        )
        self._g = Player(g, beta1=config.beta1, beta2=config.beta2)
        self._d = Player(d, beta1=config.beta1, beta2=config.beta2)
        self._average = MovingAverage(g, config.ema) if config.ema > 0 else None
        # Normalised together, data and fakes would let D read the answer off the batch.
        self._joint = not any(isinstance(m, _BatchNorm) for m in d.modules())
        self._loss = partial(LOSSES[config.loss].fn, **config.options("loss"))
        self._sees_real = LOSSES[config.loss].facts["generator_sees_real"]
        self._penalised = config.penalty != "none" and config.penalty_weight > 0
        self._history = History()
        self._recorder = Recorder(self._history)
        self._current = self._next = self.config
        self._events: list[Event] = []
        self._iteration = 0
        self._half: DiscriminatorHalf | None = None
        self._diverged: Diverged | None = None
        self._view: View | None = None
        self._zero = torch.zeros((), device=self._units.device, dtype=self._units.dtype)
        self._nothing = torch.full_like(self._zero, torch.nan)

    @property
    def generator(self) -> nn.Module:
        """G, the one that plays."""
        return self._g.network

    @property
    def discriminator(self) -> nn.Module:
        """D."""
        return self._d.network

    @property
    def history(self) -> History:
        """A row for every completed iteration."""
        self._recorder.flush()
        return self._history

    @property
    def iteration(self) -> int:
        """Completed iterations."""
        return self._iteration

    @property
    def phase(self) -> Phase:
        """Whose half step is next."""
        return "discriminator" if self._half is None else "generator"

    @property
    def current(self) -> RunConfig:
        """`config` with the edits that are in force."""
        return self._current

    @property
    def events(self) -> tuple[Event, ...]:
        """The edits so far. `config` and these reproduce the run."""
        return tuple(self._events)

    def step(self) -> None:
        """One iteration, or its second half where only the first was made.

        Raises:
            Diverged: if NaN or infinity appears in any tensor. Its row is kept; no step follows it.
        """
        if self._half is None:
            self.discriminator_step()
        self.generator_step()

    def discriminator_step(self) -> None:
        """The first half: `d_steps` updates of D; with 0, one batch that is only looked at.

        Raises:
            RuntimeError: if G's half is next.
            Diverged: if the run has diverged.
        """
        self._expect("discriminator")
        settings = self._current
        lr = settings.lr_d * self._schedule()
        met = [
            self._meet(
                train=settings.d_steps > 0,
                for_g=settings.g_steps > 0 and k >= settings.d_steps - 1,
                lr=lr,
            )
            for k in range(max(settings.d_steps, 1))
        ]
        self._half = DiscriminatorHalf(met[0], met[-1])

    def generator_step(self) -> None:
        """The second half: `g_steps` updates of G. It completes the iteration and records it.

        Raises:
            RuntimeError: if D's half is next.
            Diverged: if NaN or infinity has appeared in this iteration.
        """
        self._expect("generator")
        assert self._half is not None
        lr = self._current.lr_g * self._schedule()
        made = GeneratorHalf(None, self._nothing, self._nothing)
        met = self._half.last
        fake, real_logits = met.fake, met.real_logits
        for k in range(self._current.g_steps):
            if k:
                fake = self.generator(self._draw_latent(len(fake), self._streams.latent))
            if self._sees_real:
                real_logits = self._judge(met.real)
            fake_logits = self._judge(fake)
            loss = self._loss(real_logits, fake_logits).g
            made.norm = self._g.update(loss, lr)
            made.g_loss = loss.detach()
            if k == 0:
                made.fake_logits = fake_logits.detach()
            if self._average is not None:
                self._average.follow(self._g.flat)
        self._complete(self._half, made)

    def edit(self, **changes: Any) -> None:
        """Change live settings. In the middle of an iteration they wait for its end.

        Raises:
            ConfigError: if a field is not live or a value is not valid; then nothing is changed.
        """
        self._next = self._next.edited(**changes)
        begins = self._iteration + (self._half is not None)
        self._events += [Event(begins, name, getattr(self._next, name)) for name in changes]
        if self._half is None:
            self._current = self._next

    def sample(self, n: int, rng: torch.Generator | None = None) -> Tensor:
        """`n` samples in the data's own units, on the CPU, from the moving average if there is one.

        Args:
            n: how many.
            rng: a CPU generator for the noise; None: one of the trainer's own, which training does
                not use.
        """
        shown = self._shown_generator()
        with evaluating(shown):
            return self._units.original(shown(self._draw_latent(n, rng or self._streams.view)))

    def snapshot(self) -> Snapshot:
        """This moment, frozen. Looking changes nothing: the next rows are bit for bit the same."""
        if self._view is None:
            rng = Streams.from_seed(self.config.seed).view
            self._view = View(self.target, self._units, self._draw_latent, rng)
        view, shown = self._view, self._shown_generator()
        with evaluating(self.generator, self.discriminator, shown):
            made, samples = view.samples(self.generator)
            averaged = None if self._average is None else view.samples(shown)[1]
            real_logits, fake_logits = view.logits(self._judge, made)
            surface = view.surface(self._judge)
        return Snapshot(
            config_json=self.config.to_json(),
            step=self._iteration,
            status="idle",
            history=self.history.decimate(),
            real_logits=real_logits,
            fake_logits=fake_logits,
            samples=samples,
            samples_ema=averaged,
            real=view.real,
            surface=surface,
            quality={},
            events=self.events,
            value_source="discriminator",
        )

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next iteration depends on, copied; no history rows."""
        return {
            "config": self.config.to_json(),
            "iteration": self._iteration,
            "generator": self._g.state_dict(),
            "discriminator": self._d.state_dict(),
            "average": self._average and self._average.state_dict(),
            "streams": self._streams.state_dict(),
            "current": self._current.to_json(),
            "next": self._next.to_json(),
            "events": [tuple(event) for event in self._events],
            "half": self._half and [_copied(met) for met in (self._half.first, self._half.last)],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state`, of a trainer with the same config; later rows are forgotten.

        Raises:
            ValueError: if the state is of another config.
        """
        if state["config"] != self.config.to_json():
            raise ValueError("the state is of a run with another config")
        self._d.load_state_dict(state["discriminator"])
        self._g.load_state_dict(state["generator"])
        if self._average is not None:
            self._average.load_state_dict(state["average"])
        self._streams.load_state_dict(state["streams"])
        self._iteration = state["iteration"]
        self._current = RunConfig.from_json(state["current"])
        self._next = RunConfig.from_json(state["next"])
        self._events = [Event(*event) for event in state["events"]]
        self._diverged = None
        self.history.truncate(self._iteration)
        self._half = None
        if state["half"]:
            first, last = (_copied(Meeting(**met)) for met in state["half"])
            self._half = DiscriminatorHalf(Meeting(**first), Meeting(**last))
            self._make_again(self._half.last)

    def _expect(self, phase: Phase) -> None:
        if self._diverged:
            raise self._diverged
        if self.phase != phase:
            raise RuntimeError(
                f"the {self.phase}'s half of iteration {self._iteration + 1} is next"
            )

    def _make_again(self, met: Meeting) -> None:
        """Give the samples of `met` their graph back, from the same noise and buffers."""
        if self._current.g_steps:
            with torch.no_grad():
                for buffer, before in zip(self._g.buffers, met.buffers, strict=True):
                    buffer.copy_(before)
            met.fake = self.generator(met.latent)

    def _schedule(self) -> float:
        if self._current.lr_schedule == "constant":
            return 1.0
        done = min(self._iteration / self._current.steps, 1.0)
        return 0.5 * (1 + math.cos(math.pi * done))

    def _draw_latent(self, n: int, rng: torch.Generator) -> Tensor:
        shape = (n, self.config.latent_dim)
        if self.config.latent == "uniform":
            z = torch.rand(shape, generator=rng, dtype=self._units.dtype).mul_(2).sub_(1)
        else:
            z = torch.randn(shape, generator=rng, dtype=self._units.dtype)
        return z.to(self._units.device)

    def _judge(self, x: Tensor) -> Tensor:
        logits: Tensor = self._d.network(x)
        return logits.reshape(-1)

    def _meet(self, *, train: bool, for_g: bool, lr: float) -> Meeting:
        """D meets one fresh batch of each kind and, if `train`, learns from it.

        Args:
            train: update D.
            for_g: keep the graph of the samples, for G's first update.
            lr: D's learning rate.
        """
        n = self._current.batch_size
        real = self._units.standardised(self.target.sample(n, self._streams.data))
        latent = self._draw_latent(n, self._streams.latent)
        buffers = [b.clone() for b in self._g.buffers]
        with torch.set_grad_enabled(for_g):
            fake = self.generator(latent)
        seen = fake.detach()
        with torch.set_grad_enabled(train):
            if self._joint:
                real_logits, fake_logits = self._judge(torch.cat([real, seen])).chunk(2)
            else:
                real_logits, fake_logits = self._judge(real), self._judge(seen)
        loss = penalty = norm = self._nothing
        if train:
            loss = self._loss(real_logits, fake_logits).d
            penalty = self._weighted_penalty(real, seen)
            norm = self._d.update(loss + penalty if self._penalised else loss, lr)
        return Meeting(
            real=real,
            latent=latent,
            buffers=buffers,
            fake=fake,
            real_logits=real_logits.detach(),
            fake_logits=fake_logits.detach(),
            d_loss=loss.detach(),
            penalty=penalty.detach(),
            norm=norm,
        )

    def _weighted_penalty(self, real: Tensor, fake: Tensor) -> Tensor:
        if not self._penalised:
            return self._zero
        penalty: Tensor = PENALTIES[self.config.penalty].fn(
            self._judge, real, fake, self._streams.noise
        )
        return penalty * self.config.penalty_weight

    def _shown_generator(self) -> nn.Module:
        if self._average is None:
            return self.generator
        self._average.copy_buffers()
        return self._average.network

    def _complete(self, d_half: DiscriminatorHalf, g_half: GeneratorHalf) -> None:
        """Count and record the iteration, and stop the run where a number is not finite."""
        settings = self._current
        last = d_half.last
        scalars = [last.d_loss, g_half.g_loss, last.penalty, last.norm, g_half.norm]
        sums = totals(d_half, g_half, self._d, self._g)
        numbers: list[float] = torch.stack(scalars + sums).tolist()
        d_loss, g_loss, penalty, norm_d, norm_g, *checked = numbers
        checked += [d_loss, penalty, norm_d] if settings.d_steps else []
        checked += [g_loss, norm_g] if settings.g_steps else []
        self._iteration += 1
        self._half, self._current = None, self._next
        self._recorder.record(
            self._iteration,
            d_half.first.real_logits,
            d_half.first.fake_logits,
            g_half.fake_logits,
            (d_loss, g_loss, penalty, norm_d, norm_g),
        )
        if not all(map(math.isfinite, checked)):
            tensor = first_not_finite(
                d_half, g_half, self._d, self._g, d_trained=settings.d_steps > 0
            )
            self._diverged = Diverged(self._iteration, tensor)
            raise self._diverged


def _copied(met: Meeting) -> dict[str, Any]:
    values = {name: value for name, value in vars(met).items() if name != "buffers"}
    copies = {name: value.detach().clone() for name, value in values.items()}
    return copies | {"buffers": [b.clone() for b in met.buffers]}
