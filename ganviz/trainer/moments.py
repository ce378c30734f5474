"""The players as they were after the last iterations, to be shown when the next one diverges."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganviz.snapshot import Snapshot

KEPT = 2
"""What is finite as weights may be infinite as samples, once; the iteration before made some."""


@dataclass
class _Moment:
    step: int | None
    """None: nothing is kept here."""
    values: list[Tensor]


class Moments:
    """Copies of what networks compute with, at first and after each of the last two finite
    iterations.

    A copy costs about ten microseconds an iteration, some thousandths of the smallest networks'.

    Args:
        tensors: parameters and buffers of all networks that a snapshot looks at.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = list(tensors)
        self._kept = [_Moment(None, [t.clone() for t in self._tensors]) for _ in range(KEPT)]
        self._seen: Snapshot | None = None
        self.keep(0)

    def keep(self, step: int) -> None:
        """The networks are as they are after iteration `step`."""
        oldest = self._kept.pop(0)
        oldest.step = step
        with torch.no_grad():
            for copy, tensor in zip(oldest.values, self._tensors, strict=True):
                copy.copy_(tensor)
        self._kept.append(oldest)

    def forget(self) -> None:
        """What was kept is of another course of the run."""
        self._seen = None
        for moment in self._kept:
            moment.step = None

    def last_finite(self, look: Callable[[], Snapshot]) -> Snapshot:
        """What `look` sees at the last moment at which all of it is finite.

        A module may count its calls, and answer otherwise now than it did: then what was last seen
        is kept. Where nothing ever was finite, it is shown as it is.
        """
        now = look()
        for moment in reversed(self._kept):
            if moment.step is not None:
                with self._in_place(moment.values):
                    then = look()
                if _finite(then):
                    return replace(now, **_arrays(then), finite_step=moment.step)
        if self._seen is not None and _finite(self._seen):
            return replace(now, **_arrays(self._seen), finite_step=self._seen.step)
        return now

    def seen(self, snapshot: Snapshot) -> Snapshot:
        """Remember what was looked at, and give it back."""
        self._seen = snapshot
        return snapshot

    @contextmanager
    def _in_place(self, values: list[Tensor]) -> Iterator[None]:
        with torch.no_grad():
            now = [t.clone() for t in self._tensors]
            try:
                _assign(self._tensors, values)
                yield
            finally:
                _assign(self._tensors, now)


def _assign(tensors: list[Tensor], values: list[Tensor]) -> None:
    for tensor, value in zip(tensors, values, strict=True):
        tensor.copy_(value)


def _arrays(snapshot: Snapshot) -> dict[str, Any]:
    names = ("samples", "samples_ema", "real_logits", "fake_logits", "surface")
    return {name: getattr(snapshot, name) for name in names}


def _finite(snapshot: Snapshot) -> bool:
    arrays = [snapshot.samples, snapshot.real_logits, snapshot.fake_logits]
    if snapshot.samples_ema is not None:
        arrays.append(snapshot.samples_ema)
    if snapshot.surface is not None:
        arrays.append(snapshot.surface.discriminator)
    return all(bool(np.isfinite(array).all()) for array in arrays)
