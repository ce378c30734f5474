"""An iteration from inside: what D's half does to V, and what G's half does to it."""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from ganviz.columns import Columns
from ganviz.instruments.base import INSTRUMENTS, Kit, Watcher
from ganviz.readings import ZIGZAG, Readings
from ganviz.value import value_terms

VECTORS, IMAGES = 1024, 128
"""Samples of each kind."""

BURST = 12
"""Iterations in a row that are watched."""


@dataclass
class _Moment:
    """The players on the fixed data and noise."""

    fakes: Tensor
    value: float
    judged: float
    """Mean D(G(z))."""


@INSTRUMENTS.register(
    "zig-zag",
    every=2.0,
    burst=BURST,
)
class Zigzag(Watcher):
    """V before D's half of an iteration, after it, and after G's half, on the same data and noise.

    The samples that G made before the iteration are judged by D before and after its half; those
    that G makes afterwards, by the new D.
    """

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._rows: deque[tuple[float, ...]] = deque(maxlen=BURST)
        self._left = 0

    @property
    def watching(self) -> bool:
        """Whether the next iteration is watched."""
        return self._left > 0

    @property
    def rows(self) -> Columns:
        """The last iterations that were watched, oldest first."""
        return Columns(np.array(self._rows, dtype=np.float64).reshape(-1, len(ZIGZAG)), ZIGZAG)

    def add_to(self, readings: Readings) -> Readings:
        """Adds the last iterations."""
        return replace(readings, zigzag=self.rows)

    def rewind(self, step: int) -> None:
        """Forgets later iterations, and watches no further."""
        self.stop()
        self._rows = deque((row for row in self._rows if row[0] <= step), maxlen=BURST)

    def begin(self, step: int, iterations: int) -> None:
        """Watch the next iterations, where there is a V to look at."""
        if not self._lens.judges:
            return
        rng = self._rng(step)
        n = VECTORS if len(self._lens.target.shape) == 1 else IMAGES
        self._real, self._latent = self._lens.real(n, rng), self._lens.latent(n, rng)
        self._before = self._moment(self._lens.fakes(self._latent))
        self._left = iterations

    def stop(self) -> None:
        """Watch no further."""
        self._left = 0

    def note(self, step: int) -> None:
        """Note what became of V."""
        before = self._before
        between = self._moment(before.fakes)
        self._before = after = self._moment(self._lens.fakes(self._latent))
        values = (before.value, between.value, after.value)
        self._rows.append((step, *values, before.judged, between.judged))
        self._left -= 1

    def _moment(self, fakes: Tensor) -> _Moment:
        judged = self._lens.logits(fakes)
        value = value_terms(self._lens.logits(self._real), judged).value.item()
        return _Moment(fakes, value, judged.double().sigmoid().mean().item())
