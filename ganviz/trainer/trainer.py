"""The trainer: makes iterations, records and shows them. No thread, no clock, no file."""

import math
from collections.abc import Callable
from typing import Any, Self

import torch
from torch import Tensor, nn

from ganviz.columns import Columns
from ganviz.config import CUSTOM, RunConfig
from ganviz.say import Text, joined
from ganviz.snapshot import Event, History, Snapshot
from ganviz.target import Target
from ganviz.trainer.build import build_game, check_device, find_units, registered_target
from ganviz.trainer.compiled import Compiler
from ganviz.trainer.divergence import first_not_finite
from ganviz.trainer.facts import facts_of
from ganviz.trainer.halves import DiscriminatorHalf, GeneratorHalf, scalars_and_sums
from ganviz.trainer.lens import Lens
from ganviz.trainer.moments import Moments
from ganviz.trainer.progress import Phase, Progress
from ganviz.trainer.recorder import Recorder
from ganviz.trainer.restore import branched, check_shapes, config_of, restore, state_of
from ganviz.trainer.source import Source
from ganviz.trainer.state import State
from ganviz.trainer.streams import Streams
from ganviz.trainer.view import View, evaluating


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
        check_device(config)
        own = any(part is not None for part in (target, generator, discriminator))
        self.target = registered_target(config) if target is None else target
        self.config = config.replace(dataset=CUSTOM) if own else config
        self._config_json = self.config.to_json()
        self._streams = Streams.from_seed(config.seed)
        self._units = find_units(config, self.target, standardise=generator is None)
        self._source = Source(config, self.target, self._units, self._streams)
        parts = self.target, self._units, self._source, self._streams, generator, discriminator
        self._game, self._notices = build_game(self.config, *parts)
        self.value_source = self._game.value.source
        self._progress = Progress(self.config)
        self._history = History()
        self._recorder = Recorder(self._history)
        self._facts = facts_of(self.config, self.target, alone=self._game.alone)
        self._view = View(self.target, self._units, self._source, config.seed)
        self._moments = Moments(self._game.seen())
        self._compiler = Compiler(self._game, self.target.shape) if config.compile else None

    @classmethod
    def branch(
        cls,
        state: State,
        *,
        target: Target | None = None,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        **changes: Any,
    ) -> Self:
        """A trainer that goes on from the state of a run, with some of its settings changed.

        Live settings change as by `edit`, others as if the run had begun with them; they may if the
        networks' shapes stay. What no state has begins anew, and `notice` says so: another
        optimiser has no moments yet, another seed has new streams, an average of G that was off
        begins at G's present weights, and a probe untrained.

        Args:
            state: where to go on, also between the halves of an iteration.
            target, generator, discriminator: the caller's own, if the run had any. Where they were
                networks on a registered dataset, that is `target=trainer.target`, or `dataset=`
                with `dataset_options=`. A module that plays in a run is taken away from it, even
                where its shapes are refused; with `copy.deepcopy` of it that run goes on.
            changes: settings by name.

        Raises:
            ConfigError: if a value is not valid, or a setting would change a network's shape.
            ValueError: if a part of the caller's own is not built as the one that the run had.
        """
        config, live = branched(state, changes)
        own: dict[str, Any] = {"generator": generator, "discriminator": discriminator}
        trainer = cls(config, target=target, **own)
        check_shapes(trainer.config, trainer._game, trainer.target, trainer._units, state, own)
        trainer._go_on(state)
        trainer.edit(**live)
        return trainer

    @property
    def generator(self) -> nn.Module:
        """G, the one that plays."""
        return self._game.g.network

    @property
    def discriminator(self) -> nn.Module:
        """D."""
        return self._game.d.network

    @property
    def history(self) -> History:
        """A row for every completed iteration."""
        self._recorder.flush()
        return self._history

    @property
    def iteration(self) -> int:
        """Completed iterations."""
        return self._progress.iteration

    @property
    def phase(self) -> Phase:
        """Whose half step is next."""
        return self._progress.phase

    @property
    def current(self) -> RunConfig:
        """`config` with the edits that are in force."""
        return self._progress.current

    @property
    def events(self) -> tuple[Event, ...]:
        """The edits so far."""
        return tuple(self._progress.events)

    @property
    def notice(self) -> Text | None:
        """What a person should know: of networks of their own, what began anew in a branch, and why
        the iteration is not compiled where that was asked for."""
        compiler = None if self._compiler is None else self._compiler.notice
        return joined((*self._notices, compiler)) or None

    def hand_rows_to(self, taker: Callable[[Columns], None]) -> Callable[[], None]:
        """Let `taker` have the row of every iteration from here on, once, oldest first.

        They come a block at a time, at the latest with `history`, `snapshot` or `hand_on_rows`, and
        after `load` from its iteration on. Calling what is given back ends them.
        """
        return self._recorder.hand_rows_to(taker)

    def hand_on_rows(self) -> None:
        """Hand on what waits for its block to be full."""
        self._recorder.flush()

    def step(self) -> None:
        """One iteration, or its second half where only the first was made.

        Raises:
            Diverged: if NaN or infinity appears in any tensor. Its row is kept; no step follows it.
        """
        if self._compiler and self.phase == "discriminator":
            self._progress.expect_discriminator()
            if compiled := self._compiler.iteration(self.current):
                n = self.current.batch_size
                batch = self._source.real(n), self._source.latent(n)
                self._complete(*compiled(*batch, self._progress.rates))
                return
        if self.phase == "discriminator":
            self.discriminator_step()
        self.generator_step()

    def discriminator_step(self) -> None:
        """The first half: `d_steps` updates of D; with 0, one batch that is only looked at.

        Raises:
            RuntimeError: if G's half is next.
            Diverged: if the run has diverged.
        """
        progress = self._progress
        progress.expect_discriminator()
        progress.half = self._game.discriminator_half(progress.current, progress.rates)

    def generator_step(self) -> None:
        """The second half: `g_steps` updates of G. It completes the iteration and records it.

        Raises:
            RuntimeError: if D's half is next.
            Diverged: if NaN or infinity has appeared in this iteration.
        """
        d_half = self._progress.expect_generator()
        g_half = self._game.generator_half(d_half, self.current, self._progress.rates)
        self._complete(d_half, g_half, self._game.numbers(d_half, g_half))

    def _complete(self, d_half: DiscriminatorHalf, g_half: GeneratorHalf, numbers: Tensor) -> None:
        """Count and record the iteration; stop the run where one of its numbers, which are those of
        `Game.numbers`, is not finite."""
        scalars, sums = scalars_and_sums(numbers.tolist())
        settings, shown = self.current, (d_half.first.real_shown, d_half.first.fake_shown)
        self._progress.complete()
        self._recorder.record(self.iteration, *shown, g_half.fake_shown, scalars)
        of_d = [scalars.d_loss, scalars.penalty, scalars.grad_norm_d] if settings.d_steps else []
        of_g = [scalars.g_loss, scalars.grad_norm_g] if settings.g_steps else []
        if not all(map(math.isfinite, sums + of_d + of_g)):
            tensor = first_not_finite(d_half, g_half, self._game.players, d_trained=bool(of_d))
            raise self._progress.diverge(tensor)
        self._moments.keep(self.iteration)

    def edit(self, **changes: Any) -> tuple[Event, ...]:
        """Change live settings; gives the events. In an iteration's middle they wait for its end.

        Raises:
            ConfigError: if a field is not live or a value is not valid; then nothing is changed.
        """
        return self._progress.edit(changes)

    def sample(self, n: int, rng: torch.Generator | None = None) -> Tensor:
        """`n` samples in the data's own units, on the CPU: of the moving average of G if there is
        one, whatever `which_g` says, else of the G that plays.

        Args:
            n: how many.
            rng: a CPU generator for the noise; None: one of the trainer's own beside training.
        """
        sampled = self._game.averaged() or self.generator
        with evaluating(sampled):
            return self._units.original(sampled(self._source.latent(n, rng or self._streams.view)))

    def snapshot(self) -> Snapshot:
        """This moment, frozen. Looking changes nothing: the next rows are bit for bit the same.

        Of a run that has diverged, samples, histograms and surface are those of the last moment at
        which they were finite, which `finite_step` names.
        """
        if self._progress.diverged:
            return self._moments.last_finite(self._now)
        return self._moments.seen(self._now())

    def _now(self) -> Snapshot:
        return Snapshot(
            config_json=self._config_json,
            step=self.iteration,
            status="idle",
            history=self.history.decimate(),
            events=self.events,
            value_source=self.value_source,
            facts=self._facts,
            **self._view.look(self._game)._asdict(),
        )

    def lens(self) -> Lens:
        """What instruments see of this trainer; looking changes nothing."""
        return Lens(self.config, self.target, self._units, self._source, self._game)

    def state(self) -> State:
        """Everything that the next iteration depends on, copied; no history rows."""
        return state_of(self.config, self._game, self._streams, self._progress)

    def load(self, state: State) -> None:
        """Go on from `state`, of a trainer with the same config; later rows are forgotten.

        Raises:
            ValueError: if the state is of another config; see `branch`.
        """
        if config_of(state) != self.config:
            raise ValueError("the state is of a run with another config")
        self._go_on(state)

    def state_dict(self) -> dict[str, Any]:
        """`state`, as `torch.save` takes it."""
        state = self.state()
        return {"tensors": state.tensors, "rest": state.rest}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """`load`, of what `state_dict` gave."""
        self.load(State(**state))

    def _go_on(self, state: State) -> None:
        """Take over the state of a run whose networks have the same shapes."""
        self._notices += restore(self.config, self._game, self._streams, self._progress, state)
        self._moments.forget()
        self._moments.keep(self.iteration)
        self.history.truncate(self.iteration)
