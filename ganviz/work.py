"""A whole run, to its end: finished, diverged, interrupted or failed. Whoever listens is told."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from ganviz.config import RunConfig
from ganviz.runs import Sink, Sinks
from ganviz.say import Message
from ganviz.snapshot import Event, Status
from ganviz.trainer import Diverged, Trainer, one_thread


class End(NamedTuple):
    """How a run ended."""

    status: Status
    """finished, diverged, stopped (by an interrupt) or failed."""
    error: BaseException | None
    """What ended it early."""
    lost: tuple[Message, ...] = ()
    """Which sinks have failed, and why."""


def train(config: RunConfig, *, events: Iterable[Event] = (), progress: bool = False) -> Trainer:
    """Train for `config.steps` iterations at one intra-op thread and return the trainer.

    Args:
        config: the settings.
        events: edits to repeat, `(step, field, value)`: each is in force after `step` iterations.
        progress: draw a progress bar on standard error.

    Raises:
        ConfigError: if an event is not a valid edit.
        Diverged: if NaN or infinity appears.
    """
    trainer = Trainer(config)
    end = run_to_end(trainer, events=events, progress=progress)
    if end.error is not None:
        raise end.error
    return trainer


def run_to_end(
    trainer: Trainer,
    *,
    events: Iterable[Event] = (),
    sinks: Iterable[Sink] = (),
    progress: bool = False,
) -> End:
    """Train up to iteration `config.steps` at one intra-op thread and give how it ended.

    Args:
        trainer: as it is; iterations that it has made are not made again.
        events: edits to repeat, `(step, field, value)`: each is in force after `step` iterations.
        sinks: told every row from here on, every edit, the last moment and, whatever happens, the
            end. One that raises is told nothing more; the run goes on.
        progress: draw a progress bar on standard error.
    """
    told = Sinks(sinks)
    endings = [trainer.hand_rows_to(taker) for taker in told.takers()]
    try:
        with one_thread():
            return _end(trainer, told, _iterate(trainer, events, told, progress))
    finally:
        for end_taking in endings:
            end_taking()


def _iterate(trainer: Trainer, events: Iterable[Event], sinks: Sinks, progress: bool) -> End:
    """Make the iterations that are left, and give how that ended."""
    try:
        edits = _by_step(events)
        for step in _counted(trainer, progress):
            if step in edits:
                for event in trainer.edit(**edits[step]):
                    sinks.event(event)
            trainer.step()
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


def _counted(trainer: Trainer, progress: bool) -> Iterable[int]:
    """The iterations that are completed before each one that is left to make."""
    left = range(trainer.iteration, trainer.config.steps)
    if not progress:
        return left
    from tqdm import tqdm

    total = trainer.config.steps
    return tqdm(left, unit="it", mininterval=0.5, total=total, initial=trainer.iteration)


def _end(trainer: Trainer, sinks: Sinks, end: End) -> End:
    """Tell the last moment and the end; how the run ended, what went wrong here included."""
    if sinks:
        try:
            trainer.hand_on_rows()
            sinks.snapshot(replace(trainer.snapshot(), status=end.status))
        except Exception as error:  # a network that fails may fail again where it is looked at
            end = end if end.error else End("failed", error)
        finally:  # also where the look is interrupted
            sinks.end(end.status, end.error if isinstance(end.error, Exception) else None)
    return end._replace(lost=sinks.lost)
