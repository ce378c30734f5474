"""The trainer: one iteration of the game and its two halves. No thread, no clock, no file."""

import math
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ganviz.config import CUSTOM, ConfigError, RunConfig
from ganviz.say import Text, _, joined
from ganviz.snapshot import Event, History, Snapshot
from ganviz.target import Target
from ganviz.trainer.average import MovingAverage
from ganviz.trainer.build import (
    build_networks,
    build_probe,
    find_units,
    registered_target,
)
from ganviz.trainer.compiled import Compiler
from ganviz.trainer.divergence import (
    DiscriminatorHalf,
    Diverged,
    GeneratorHalf,
    first_not_finite,
    totals,
)
from ganviz.trainer.facts import facts_of
from ganviz.trainer.game import Game, value_source_of
from ganviz.trainer.lens import Lens
from ganviz.trainer.moments import Moments
from ganviz.trainer.player import Player
from ganviz.trainer.probe import Probe
from ganviz.trainer.recorder import Recorder
from ganviz.trainer.schedule import rates
from ganviz.trainer.source import Source
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
        ValueError: if target and networks do not fit together; it names the module.

    With any of the three, `config.dataset` becomes "custom". The trainer flattens the parameters of
    the networks it is given in place, moves them to `config.device` and `config.dtype`, and lets
    torch's Dropout layers draw from streams of the run. What else it finds out about them before
    the first iteration is in `notice`; docs/decisions/own-networks.md says how.
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
            complaint = _("is 'cuda', but this machine has no CUDA device")
            raise ConfigError("device", complaint, {"device": "cuda"})
        own = any(part is not None for part in (target, generator, discriminator))
        self.target = registered_target(config) if target is None else target
        self.config = config.replace(dataset=CUSTOM) if own else config
        self._streams = Streams.from_seed(config.seed)
        self._units = find_units(config, self.target, standardise=generator is None)
        built = build_networks(
            config, self.target, self._units, self._streams, generator, discriminator
        )
        g, d = built.generator, built.discriminator
        self._notices = built.notices
        self._g = Player(g, self.config, self._streams.generator_layers if built.drops else None)
        self._d = Player(d, self.config)
        self._average = MovingAverage(g, config.ema) if config.ema > 0 else None
        self.value_source = value_source_of(self.config, alone=built.alone)
        self._probe: Probe | None = None
        if self.value_source == "probe":
            network = build_probe(self.config, self.target, self._units, self._streams.probe)
            self._probe = Probe(network, self.config)
        self._source = Source(self.config, self.target, self._units, self._streams)
        self._game = Game(
            self.config,
            self._source,
            self._d,
            self._g,
            alone=built.alone,
            probe=self._probe,
            average=self._average,
        )
        self._history = History()
        self._recorder = Recorder(self._history)
        self._facts = facts_of(self.config, self.target, alone=built.alone)
        self._current = self._next = self.config
        self._events: list[Event] = []
        self._iteration = 0
        self._half: DiscriminatorHalf | None = None
        self._diverged: Diverged | None = None
        self._moments = Moments(self._looked_at())
        self._moments.keep(0)
        self._view: View | None = None
        shapes = self.target.shape, (config.latent_dim,)
        self._compiler = Compiler(self._game, *shapes) if config.compile else None

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

    @property
    def notice(self) -> Text | None:
        """What a person should know: of networks of their own, and why the iteration is not
        compiled where that was asked for."""
        compiler = None if self._compiler is None else self._compiler.notice
        return joined((*self._notices, compiler)) or None

    def step(self) -> None:
        """One iteration, or its second half where only the first was made.

        Raises:
            Diverged: if NaN or infinity appears in any tensor. Its row is kept; no step follows it.
        """
        if self._compiler and self._half is None:
            self._expect("discriminator")
            if compiled := self._compiler.iteration(self._current):
                n = self._current.batch_size
                batch = self._source.real(n), self._source.latent(n)
                self._complete(*compiled(*batch, rates(self._current, self._iteration)))
                return
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
        asked = self._d.flat.clone() if settings.update == "simultaneous" else None
        met = [
            self._game.meet(
                settings.batch_size,
                rates(settings, self._iteration),
                train=settings.d_steps > 0,
                for_g=settings.g_steps > 0 and k >= settings.d_steps - 1,
                record=k == 0,
            )
            for k in range(max(settings.d_steps, 1))
        ]
        self._half = DiscriminatorHalf(met[0], met[-1], asked)

    def generator_step(self) -> None:
        """The second half: `g_steps` updates of G. It completes the iteration and records it.

        Raises:
            RuntimeError: if D's half is next.
            Diverged: if NaN or infinity has appeared in this iteration.
        """
        self._expect("generator")
        assert self._half is not None
        settings, half = self._current, self._half
        made = self._game.answer(
            half.last, rates(settings, self._iteration), settings.g_steps, half.asked
        )
        self._complete(half, made)

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
        """`n` samples in the data's own units, on the CPU: of the moving average of G if there is
        one, whatever `which_g` says, else of the G that plays.

        Args:
            n: how many.
            rng: a CPU generator for the noise; None: one of the trainer's own, which training does
                not use.
        """
        sampled = self._averaged() or self.generator
        with evaluating(sampled):
            return self._units.original(sampled(self._source.latent(n, rng or self._streams.view)))

    def snapshot(self) -> Snapshot:
        """This moment, frozen. Looking changes nothing: the next rows are bit for bit the same.

        Of a run that has diverged, samples, histograms and surface are those of the last moment at
        which they were finite, which `finite_step` names.
        """
        if self._diverged:
            return self._moments.last_finite(self._now)
        return self._moments.seen(self._now())

    def _now(self) -> Snapshot:
        if self._view is None:
            rng = Streams.from_seed(self.config.seed).view
            self._view = View(self.target, self._units, self._source.latent, rng)
        view, average = self._view, self._averaged()
        judge, judging = self._shown_judge()
        with evaluating(self.generator, judging, average):
            made, samples = view.samples(self.generator)
            averaged, samples_ema = (None, None) if average is None else view.samples(average)
            judged = averaged if self.config.shows_average else made
            assert judged is not None
            real_logits, fake_logits = view.logits(judge, judged)
            surface = view.surface(judge)
        return Snapshot(
            config_json=self.config.to_json(),
            step=self._iteration,
            status="idle",
            history=self.history.decimate(),
            real_logits=real_logits,
            fake_logits=fake_logits,
            samples=samples,
            samples_ema=samples_ema,
            real=view.real,
            surface=surface,
            events=self.events,
            value_source=self.value_source,
            facts=self._facts,
        )

    def lens(self) -> Lens:
        """What instruments see of this trainer; looking changes nothing."""
        return Lens(
            self.config,
            self.target,
            self._units,
            self._source,
            self.generator,
            self._shown_generator,
            self._shown_judge()[1],
            self.discriminator,
            self._game.packed,
            self._game.loss,
        )

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next iteration depends on, copied; no history rows."""
        return {
            "config": self.config.to_json(),
            "iteration": self._iteration,
            "generator": self._g.state_dict(),
            "discriminator": self._d.state_dict(),
            "probe": self._probe and self._probe.player.state_dict(),
            "average": self._average and self._average.state_dict(),
            "streams": self._streams.state_dict(),
            "current": self._current.to_json(),
            "next": self._next.to_json(),
            "events": [tuple(event) for event in self._events],
            "half": self._half and self._half.state_dict(),
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
        if self._probe is not None:
            self._probe.player.load_state_dict(state["probe"])
        if self._average is not None:
            self._average.load_state_dict(state["average"])
        self._streams.load_state_dict(state["streams"])
        self._iteration = state["iteration"]
        self._current = RunConfig.from_json(state["current"])
        self._next = RunConfig.from_json(state["next"])
        self._events = [Event(*event) for event in state["events"]]
        self._diverged = None
        self._moments.forget()
        self._moments.keep(self._iteration)
        self.history.truncate(self._iteration)
        self._half = None
        if state["half"]:
            self._half = DiscriminatorHalf.from_state(state["half"])
            if self._current.g_steps:
                self._game.make_again(self._half.last)

    def _expect(self, phase: Phase) -> None:
        if self._diverged:
            raise self._diverged
        if self.phase != phase:
            raise RuntimeError(
                f"the {self.phase}'s half of iteration {self._iteration + 1} is next"
            )

    def _shown_judge(self) -> tuple[Callable[[Tensor], Tensor] | None, nn.Module | None]:
        """Whose view of data the snapshot shows: the judge that V is of, and its network."""
        if self._probe is not None:
            return self._probe.logits, self._probe.player.network
        if self.value_source == "none":
            return None, None
        return self._game.judge, self.discriminator

    def _shown_generator(self) -> nn.Module:
        """The G that is shown and measured."""
        average = self._averaged() if self.config.shows_average else None
        return average or self.generator

    def _averaged(self) -> nn.Module | None:
        """The moving average of G as it is now; None where there is none."""
        if self._average is None:
            return None
        self._average.copy_buffers()
        return self._average.network

    def _complete(
        self, d_half: DiscriminatorHalf, g_half: GeneratorHalf, made: Tensor | None = None
    ) -> None:
        """Count and record the iteration, and stop the run where a number is not finite.

        Args:
            d_half, g_half: what the halves left.
            made: the iteration's numbers, losses first, where they are at hand.
        """
        settings = self._current
        probe = None if self._probe is None else self._probe.player
        if made is None:
            last = d_half.last
            scalars = [last.d_loss, g_half.g_loss, last.penalty, last.norm, g_half.norm]
            made = torch.stack(scalars + totals(d_half, g_half, self._d, self._g, probe))
        numbers: list[float] = made.tolist()
        d_loss, g_loss, penalty, norm_d, norm_g, *checked = numbers
        checked += [d_loss, penalty, norm_d] if settings.d_steps else []
        checked += [g_loss, norm_g] if settings.g_steps else []
        self._iteration += 1
        self._half, self._current = None, self._next
        self._recorder.record(
            self._iteration,
            d_half.first.real_shown,
            d_half.first.fake_shown,
            g_half.fake_shown,
            (d_loss, g_loss, penalty, norm_d, norm_g),
        )
        if not all(map(math.isfinite, checked)):
            tensor = first_not_finite(
                d_half, g_half, self._d, self._g, probe, d_trained=settings.d_steps > 0
            )
            self._diverged = Diverged(self._iteration, tensor)
            raise self._diverged
        self._moments.keep(self._iteration)

    def _looked_at(self) -> list[Tensor]:
        """Whatever a snapshot depends on and training changes."""
        players = [self._d, self._g] + ([self._probe.player] if self._probe else [])
        average = [] if self._average is None else [self._average.flat]
        return average + [t for player in players for t in (player.flat, *player.buffers)]
