"""The time of a run that its instruments may take."""

from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 10.0
"""Over any so many seconds the limit is kept."""

SAVED_SECONDS = 0.3
"""Time that unused share adds up to at most: so long a run stands still at a stretch."""


class Ledger:
    """What was spent in the last ten seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: deque[tuple[float, float]] = deque()
        self._total = 0.0

    def add(self, seconds: float) -> None:
        """Note that so many seconds were spent until now."""
        self._entries.append((self._clock(), seconds))
        self._total += seconds

    @property
    def total(self) -> float:
        """Seconds spent of late; what is older is forgotten."""
        since = self._clock() - WINDOW_SECONDS
        while self._entries and self._entries[0][0] < since:
            self._total -= self._entries.popleft()[1]
        if not self._entries:
            self._total = 0.0  # not what rounding has left
        return self._total


class Budget:
    """Keeps what is spent at or below a share of the time, over any ten seconds of a running run.

    Time earns its share, which is saved up to `SAVED_SECONDS`, so that the run never stands still
    for long; and what was spent in the last ten seconds, with what is about to be, is held at or
    below the share of them. A slice that alone is longer waits until nothing else was spent.

    What is spent apart (what a person asked for, and first slices, which build what instruments
    need) uses up what is saved and is counted by itself.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked = clock()
        self._credit = 0.0
        self._spent, self._apart = Ledger(clock), Ledger(clock)

    def earn(self, share: float) -> bool:
        """Save up `share` of the time since the last look; whether anything is saved."""
        now = self._clock()
        self._credit = min(self._credit + share * (now - self._looked), SAVED_SECONDS)
        self._looked = now
        return self.saved

    def rest(self) -> None:
        """The run begins, or goes on after a rest, which earns nothing and is owed nothing."""
        self._looked = self._clock()
        self._credit = max(self._credit, 0.0)

    @property
    def saved(self) -> bool:
        """Whether anything is saved."""
        return self._credit > 0

    def room(self, share: float) -> float:
        """Seconds that may still be spent now under the limit `share`."""
        return share * WINDOW_SECONDS - self._spent.total

    def allows(self, seconds: float, share: float) -> bool:
        """Whether a slice of about so many seconds keeps the limit `share`, or can never do so and
        has waited for the whole window."""
        return self.saved and (seconds <= self.room(share) or not self._spent.total)

    def charge(self, began: float, *, apart: bool) -> float:
        """Note that the time since `began` was spent, and give it."""
        cost = self._clock() - began
        self._credit = max(self._credit - cost, -SAVED_SECONDS) if apart else self._credit - cost
        (self._apart if apart else self._spent).add(cost)
        return cost

    @property
    def share(self) -> float:
        """The share of the last ten seconds that was spent under the limit, in [0, 1]."""
        return self._spent.total / WINDOW_SECONDS

    @property
    def apart(self) -> float:
        """Seconds of the last ten that were spent apart."""
        return self._apart.total
