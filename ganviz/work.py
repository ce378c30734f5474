"""A whole run in one call."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from ganviz.config import RunConfig
from ganviz.snapshot import Event
from ganviz.trainer import Trainer, one_thread


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
    ordered = sorted((Event(*event) for event in events), key=attrgetter("step"))
    edits = {
        step: {event.field: event.value for event in group}
        for step, group in groupby(ordered, key=attrgetter("step"))
    }
    with one_thread():
        for _ in _counted(config.steps, progress):
            if trainer.iteration in edits:
                trainer.edit(**edits[trainer.iteration])
            trainer.step()
    return trainer


def _counted(steps: int, progress: bool) -> Iterable[int]:
    if not progress:
        return range(steps)
    from tqdm import tqdm

    return tqdm(range(steps), unit="it", mininterval=0.5)
