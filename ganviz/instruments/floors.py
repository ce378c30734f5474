"""The noise floors that quality and G's error are read against, taken bit by bit."""

import math
from collections.abc import Iterator
from dataclasses import replace

from ganviz.instruments.base import INSTRUMENTS, Kit, Meter
from ganviz.instruments.gaps import Gaps
from ganviz.instruments.quality import Quality
from ganviz.quality import DRAWS, FEWEST_DRAWS
from ganviz.readings import Doing, Readings
from ganviz.say import _


@INSTRUMENTS.register(
    "noise floors",
    every=0.0,
    long=True,
    doing=Doing(_("taking the noise floors"), _("Taking the noise floors")),
)
class Floors(Meter):
    """What each metric reads where data of the same size stand in for the samples.

    One draw of the data a slice, until there are enough; they are of the data alone, not of a
    moment.
    """

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._quality, self._best = kit.of(Quality), kit.of(Gaps).best

    @property
    def draws(self) -> int:
        """The fewest draws that any floor is taken from so far."""
        floors = self._quality.reference.floors
        counts = [floors.draws(name) for name in self._quality.own]
        return min([*counts, DRAWS if self._best is None else self._best.draws], default=DRAWS)

    @property
    def complete(self) -> bool:
        """Whether no floor needs a further draw."""
        return self.draws >= DRAWS

    def measure(self, step: int) -> Iterator[float]:
        """Draw until every floor can be shown, or, where all can, until each has one more."""
        wanted = max(FEWEST_DRAWS, self.draws + 1)
        while self.draws < min(wanted, DRAWS):
            self._quality.reference.floors.extend(self._quality.own)
            if self._best is not None and self._best.draws < DRAWS:
                yield self.draws / wanted
                self._best.extend()
            yield self.draws / wanted

    def pace(self, every: float) -> float:
        """Not again when they are complete."""
        return math.inf if self.complete else every

    def add_to(self, readings: Readings) -> Readings:
        """Adds the floor of G's error; quality adds those of its metrics."""
        return replace(readings, error_floor=None if self._best is None else self._best.floor)

    def rewind(self, step: int) -> None:
        """Keeps all: nothing in it is of the run."""
