"""The time that a run has trained, pauses left out."""

import time
from collections.abc import Callable

import numpy as np

from ganviz.columns import Array, Columns
from ganviz.snapshot import CLOCK

KEPT = 500
"""Marks that are kept at most."""


class Stopwatch:
    """Seconds of training, and at which iteration they were reached.

    Args:
        clock: seconds that only grow.
        past: marks of a run that goes on, as `Snapshot.clock`.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, past: Columns | None = None
    ) -> None:
        self._clock = clock
        self._marks: list[tuple[float, float]] = []
        self._since: float | None = None
        self._stride = 0.0
        if past is not None:
            self._marks = list(zip(past["step"].tolist(), past["seconds"].tolist(), strict=True))
        self._before = self._marks[-1][1] if self._marks else 0.0

    @property
    def seconds(self) -> float:
        """So far."""
        return self._before + (self._clock() - self._since if self._since is not None else 0.0)

    def run(self) -> None:
        """Training goes on. Nothing happens where it does."""
        if self._since is None:
            self._since = self._clock()

    def rest(self) -> None:
        """Training rests."""
        self._before, self._since = self.seconds, None

    def marks(self, step: int) -> Columns:
        """Note the time at iteration `step`, and give all that was noted.

        Few marks are kept: once there are `KEPT`, every second goes, and new ones come half as
        often.
        """
        mark = (float(step), self.seconds)
        if self._marks and self._marks[-1][0] >= mark[0]:
            return self._table(self._marks)
        last = self._marks[-1][1] if self._marks else -np.inf
        if mark[1] - last >= self._stride:
            self._marks.append(mark)
            if len(self._marks) >= KEPT:
                self._marks = self._marks[::2]
                self._stride = 2 * max(self._stride, mark[1] / KEPT)
            return self._table(self._marks)
        return self._table([*self._marks, mark])

    @staticmethod
    def _table(marks: list[tuple[float, float]]) -> Columns:
        rows: Array = np.array(marks, dtype=np.float64).reshape(-1, 2)
        return Columns(rows, CLOCK)
