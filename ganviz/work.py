"""A whole run, to its end: finished, diverged, interrupted or failed. Whoever listens is told."""

import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from ganviz.config import RunConfig
from ganviz.instruments import Panel
from ganviz.runs import Sink, Sinks, new_id
from ganviz.say import Message, say
from ganviz.snapshot import Event, Snapshot, Status
from ganviz.stopwatch import Stopwatch
from ganviz.store import Keeper, Store, born
from ganviz.trainer import Diverged, Trainer, one_thread
from ganviz.trainer.keyframes import Keyframes
from ganviz.versions import versions
from ganviz.words import meaning

if TYPE_CHECKING:
    from tqdm import tqdm

LOOK_SECONDS = 1.0
"""Between two moments that are told while a run goes on."""


class End(NamedTuple):
    """How a run ended."""

    status: Status
    """finished, diverged, stopped (by an interrupt) or failed."""
    error: BaseException | None
    """What ended it early."""
    lost: tuple[Message, ...] = ()
    """Which sinks have failed, and why."""


def train(
    config: RunConfig,
    *,
    events: Iterable[Event] = (),
    progress: bool = False,
    store: Store | None = None,
) -> Trainer:
    """Train for `config.steps` iterations at one intra-op thread and return the trainer.

    Args:
        config: the settings.
        events: edits to repeat, `(step, field, value)`: each is in force after `step` iterations.
        progress: draw a progress bar on standard error.
        store: where the run is kept; None: nowhere.

    Raises:
        ConfigError: if an event is not a valid edit.
        Diverged: if NaN or infinity appears.
    """
    trainer, events = Trainer(config), [Event(*event) for event in events]
    sinks = [] if store is None else [kept(store, trainer, plan=events)]
    end = run_to_end(trainer, events=events, sinks=sinks, progress=progress)
    if store is not None:
        store.flush()
    if end.error is not None:
        raise end.error
    return trainer


def kept(store: Store, trainer: Trainer, *, plan: Iterable[Event] = ()) -> Keeper:
    """A sink that keeps a run which is about to begin.

    Args:
        store: where.
        trainer: of the run.
        plan: edits that it is to have.
    """
    birth = born(new_id(), trainer.config.to_json(), versions=versions(), plan=tuple(plan))
    return store.keep(birth, lambda snapshot: meaning(snapshot, snapshot.status))


def run_to_end(
    trainer: Trainer,
    *,
    events: Iterable[Event] = (),
    sinks: Iterable[Sink] = (),
    progress: bool = False,
    panel: Panel | None = None,
    stopwatch: Stopwatch | None = None,
) -> End:
    """Train up to iteration `config.steps` at one intra-op thread and give how it ended.

    Args:
        trainer: as it is; iterations that it has made are not made again.
        events: edits to repeat, `(step, field, value)`: each is in force after `step` iterations.
        sinks: told every row from here on, every edit, the last moment and, whatever happens, the
            end; and, about once a second, a moment and now and then a keyframe. One that raises is
            told nothing more; the run goes on.
        progress: draw a progress bar on standard error, with V and what is known of the run.
        panel: instruments that measure on the way.
        stopwatch: of a run that has trained before; None: it begins.
    """
    told = Sinks(sinks)
    endings = [trainer.hand_rows_to(taker) for taker in told.takers()]
    bar = _bar(trainer) if progress else None
    look = _Look(trainer, told, panel, stopwatch or Stopwatch(), bar)
    try:
        with one_thread():
            return look.end(_iterate(trainer, events, look))
    finally:
        if bar is not None:
            bar.close()
        for end_taking in endings:
            end_taking()


def _iterate(trainer: Trainer, events: Iterable[Event], look: "_Look") -> End:
    """Make the iterations that are left, and give how that ended."""
    try:
        edits = _by_step(events)
        for step in range(trainer.iteration, trainer.config.steps):
            if step in edits:
                for event in trainer.edit(**edits[step]):
                    look.sinks.event(event)
            trainer.step()
            look.after_iteration()
    except Diverged as error:
        return End("diverged", error)
    except KeyboardInterrupt as error:
        return End("stopped", error)
    except Exception as error:  # whatever a network raises
        return End("failed", error)
    return End("finished", None)


def _by_step(events: Iterable[Event]) -> dict[int, dict[str, Any]]:
    """The changes after each number of iterations."""
    ordered = sorted((Event(*event) for event in events), key=attrgetter("step"))
    return {
        step: {event.field: event.value for event in group}
        for step, group in groupby(ordered, key=attrgetter("step"))
    }


def _bar(trainer: Trainer) -> "tqdm[Any]":
    from tqdm import tqdm

    total, made = trainer.config.steps, trainer.iteration
    return tqdm(unit="it", mininterval=0.5, total=total, initial=made, dynamic_ncols=True)


class _Look:
    """Whoever follows a run: its instruments, sinks and progress bar.

    Args:
        trainer: of the run.
        sinks: told of moments and keyframes.
        panel: its instruments; None: it has none.
        stopwatch: of its training.
        bar: its progress; None: nobody reads it.
    """

    def __init__(
        self,
        trainer: Trainer,
        sinks: Sinks,
        panel: Panel | None,
        stopwatch: Stopwatch,
        bar: "tqdm[Any] | None",
    ) -> None:
        self._trainer, self.sinks, self._panel = trainer, sinks, panel
        self._stopwatch, self._bar = stopwatch, bar
        self._keyframes = Keyframes(trainer, sinks)
        self._looked = time.perf_counter()
        stopwatch.run()

    def after_iteration(self) -> None:
        """One more is made."""
        if self._panel is not None:
            self._panel.after(self._trainer.iteration)
            self._panel.spend(self._trainer.iteration)
        if self._bar is not None:
            self._bar.update()
        if time.perf_counter() - self._looked >= LOOK_SECONDS:
            if self.sinks or self._bar is not None:
                self._tell(self._moment("running"))
                self._keyframes.by_the_clock()
            self._looked = time.perf_counter()

    def end(self, end: End) -> End:
        """Tell the last moment and the end; how the run ended, what went wrong here included."""
        self._stopwatch.rest()
        if self.sinks:
            try:
                self._trainer.hand_on_rows()
                if end.status in ("finished", "stopped"):
                    self._keyframes.take()
                self.sinks.snapshot(self._moment(end.status))
            except Exception as error:  # a network that fails may fail again where it is looked at
                end = end if end.error else End("failed", error)
            finally:  # also where the look is interrupted
                self.sinks.end(end.status, end.error if isinstance(end.error, Exception) else None)
        return end._replace(lost=self.sinks.lost)

    def _moment(self, status: Status) -> Snapshot:
        clock = self._stopwatch.marks(self._trainer.iteration)
        snapshot = replace(self._trainer.snapshot(), status=status, clock=clock)
        if self._panel is None:
            return snapshot
        return replace(snapshot, readings=self._panel.readings(now=status != "running"))

    def _tell(self, snapshot: Snapshot) -> None:
        self.sinks.snapshot(snapshot)
        if self._bar is not None:
            self._bar.set_postfix_str(say(meaning(snapshot, "running")).replace("**", ""))
