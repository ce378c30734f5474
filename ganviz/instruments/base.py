"""What an instrument is: something that measures a run in slices, whenever it is given time."""

from collections.abc import Iterator
from typing import Protocol


class Instrument(Protocol):
    """Measures one thing. What it found stays on it until the next measurement is complete."""

    name: str
    """In words, for the page."""
    number: int
    """Tells its random draws from those of the others."""

    def measure(self, step: int) -> Iterator[float]:
        """Measure the run as it is at iteration `step`, which it is when the first slice runs.

        The run stands still during a slice, so it should take some hundredths of a second at most.
        Yields between slices, with how much is done, in [0, 1]. The run goes on meanwhile, so what
        the measurement is of must be copied in the first slice.
        """
        ...
