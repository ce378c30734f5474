"""Whose turn it is to measure or to watch, and what each instrument has cost."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from ganviz.instruments.base import Instrument, Meter, Registered, Watcher

FORGETTING = 0.98
"""Of the longest slice seen, with each further one."""

Kind = TypeVar("Kind", bound=Instrument)


@dataclass
class Turn(Generic[Kind]):
    """An instrument of a run, and what it has cost."""

    entry: Registered
    instrument: Kind
    every: float
    """Seconds from one beginning to the next."""
    started: float = -math.inf
    """When it last began."""
    seconds: float = 0.0
    """What it has cost in all."""
    failure: Exception | None = None
    """What has switched it off."""

    @property
    def name(self) -> str:
        """The instrument's key."""
        return self.entry.name


@dataclass
class Slot(Turn[Meter]):
    """A meter's turn."""

    job: Iterator[float] | None = None
    progress: float = 0.0
    """How much of the measurement is done, in [0, 1]."""
    longest: float = 0.0
    """Seconds that a slice takes at most, of late."""
    asked: bool = False
    """A person, or the end of the run, asked for a measurement of this moment."""

    @classmethod
    def of(cls, entry: Registered, meter: Meter, now: float) -> "Slot":
        """That of a new meter."""
        every = meter.pace(entry.every)
        started = now - every + entry.first if entry.first else -math.inf
        return cls(entry, meter, every, started)

    def due(self, now: float) -> bool:
        """Whether it has something to do."""
        waiting = self.asked or self.job is not None or now - self.started >= self.every
        return waiting and self.failure is None

    def order(self) -> tuple[bool, float]:
        """Comes the sooner the less it is."""
        return self.entry.long, self.seconds if self.entry.long else self.started

    def next_start(self, now: float) -> float:
        """Seconds until it measures; 0 where it is due or under way."""
        if self.job is not None or self.asked:
            return 0.0
        return max(0.0, self.started + self.every - now)

    def begin_anew(self, *, asked: bool) -> None:
        """What is under way ends; `asked`: the moment of the next slice is to be measured."""
        self.job, self.asked, self.progress = None, asked, 0.0

    def advance(self, step: int, now: float) -> bool:
        """One slice; whether the measurement has ended with it."""
        try:
            job = self.job  # another thread may begin anew at any time
            if job is None:
                self.job = job = self.instrument.measure(step)
                self.started = now
            self.progress = next(job)
            return False
        except StopIteration:
            self.every = self.instrument.pace(self.entry.every)
        except Exception as error:  # a run outlives its instruments; the page says what failed
            self.failure = error
        self.begin_anew(asked=False)
        return True

    def charged(self, cost: float) -> None:
        """Note what a slice has cost."""
        self.seconds += cost
        self.longest = max(cost, FORGETTING * self.longest)


@dataclass
class Watch(Turn[Watcher]):
    """A watcher's turn."""

    look: float = 0.0
    """Seconds that the last look has taken."""

    def due(self, now: float) -> bool:
        """Whether it may begin."""
        if now - self.started < self.every:
            return False
        return self.failure is None and not self.instrument.watching

    def affordable(self, room: float) -> int:
        """How many iterations it watches where `room` seconds may be spent; one at least."""
        # It begins with one look more than it watches iterations.
        looks = room / max(self.look, 1e-9) - 1
        return max(int(min(looks, self.entry.burst)), 1)

    def act(self, look: Callable[[], None]) -> None:
        """Have it look; one that fails is off."""
        try:
            look()
        except Exception as error:
            self.instrument.stop()
            self.failure = error

    def charged(self, cost: float) -> None:
        """Note what a look has cost."""
        self.seconds += cost
        self.look = cost
