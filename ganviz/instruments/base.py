"""What an instrument is: something that measures a run in slices, whenever it is given time."""

from collections.abc import Iterator
from typing import Protocol

SLICE_SECONDS = 0.05
"""About the longest that a slice may take: the run stands still meanwhile."""


class Instrument(Protocol):
    """Measures one thing. What it found stays on it until the next measurement is complete."""

    name: str
    """In words, for the page."""
    number: int
    """Tells its random draws from those of the others."""

    def measure(self, step: int) -> Iterator[float]:
        """Measure the run as it is at iteration `step`, which it is when the first slice runs.

        Yields between slices, with how much is done, in [0, 1]. The run goes on meanwhile, so what
        the measurement is of must be copied in the first slice.
        """
        ...
