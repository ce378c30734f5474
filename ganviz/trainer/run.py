"""A whole run in one call."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

import torch

from ganviz.config import RunConfig
from ganviz.snapshot import Event
from ganviz.trainer.iteration import Trainer


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


class one_thread:
    """One intra-op thread inside the block: the fastest for small networks, and bits repeat."""

    def __enter__(self) -> None:
        self._before = torch.get_num_threads()
        torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        torch.set_num_threads(self._before)


def _counted(steps: int, progress: bool) -> Iterable[int]:
    if not progress:
        return range(steps)
    from tqdm import tqdm

    return tqdm(range(steps), unit="it", mininterval=0.5)
