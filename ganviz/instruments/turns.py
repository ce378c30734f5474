"""Whose turn it is to measure or to watch, and what each instrument has cost."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from ganviz.instruments.base import Instrument, Meter, Registered, Watcher
from ganviz.readings import Readings

FORGETTING = 0.98
"""Of the longest slice seen, with each further one."""

Kind = TypeVar("Kind", bound=Instrument)
Answer = TypeVar("Answer")


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
    mute: bool = False
    """It cannot say what it has read, or forget it: nothing of it is shown any more."""

    @property
    def name(self) -> str:
        """The instrument's key."""
        return self.entry.name

    def ask(
        self, question: Callable[[Kind], Answer], otherwise: Answer, *, mutes: bool = False
    ) -> Answer:
        """What the instrument answers; every call of it goes through here.

        A run outlives its instruments: one that raises is off, the page says so, and the answer is
        `otherwise`.
        """
        try:
            return question(self.instrument)
        except Exception as error:
            if self.failure is None:  # the first error is the one to know of
                self.failure = error
            self.mute |= mutes
            return otherwise

    def add_to(self, readings: Readings) -> Readings:
        """`readings` with what it has read, which is shown although it may be off by now."""
        if self.mute:
            return readings
        return self.ask(lambda instrument: instrument.add_to(readings), readings, mutes=True)

    def rewind(self, step: int) -> None:
        """Forget what was read later than iteration `step`."""
        self.ask(lambda instrument: instrument.rewind(step), None, mutes=True)


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
        slot = cls(entry, meter, entry.every)
        slot.pace()
        if entry.first:
            slot.started = now - slot.every + entry.first
        return slot

    def pace(self) -> None:
        """Have it say how often it measures these data."""
        self.every = self.ask(lambda meter: meter.pace(self.entry.every), self.every)

    @property
    def tells_error(self) -> bool:
        """Whether G's error will be known by it."""
        return self.failure is None and self.ask(lambda meter: meter.tells_error, False)

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
        if self.job is None:
            self.started = now
        progress = self.ask(partial(self._slice, step), None)
        if progress is not None:
            self.progress = progress
            return False
        if self.failure is None:
            self.pace()
        self.begin_anew(asked=False)
        return True

    def _slice(self, step: int, meter: Meter) -> float | None:
        """How much is done after a slice; None where nothing was left."""
        if self.job is None:
            self.job = meter.measure(step)
        return next(self.job, None)

    def charged(self, cost: float) -> None:
        """Note what a slice has cost."""
        self.seconds += cost
        self.longest = max(cost, FORGETTING * self.longest)


@dataclass
class Watch(Turn[Watcher]):
    """A watcher's turn."""

    look: float = 0.0
    """Seconds that the last look has taken."""

    @property
    def watching(self) -> bool:
        """Whether the next iteration is watched."""
        return self.failure is None and self.ask(lambda watcher: watcher.watching, False)

    def due(self, now: float) -> bool:
        """Whether it may begin."""
        return now - self.started >= self.every and not self.watching and self.failure is None

    def affordable(self, room: float) -> int:
        """How many iterations it watches where `room` seconds may be spent; one at least."""
        # It begins with one look more than it watches iterations.
        looks = room / max(self.look, 1e-9) - 1
        return max(int(min(looks, self.entry.burst)), 1)

    def act(self, look: Callable[[Watcher], None]) -> None:
        """Have it look; one that fails is off."""
        self.ask(look, None)
        if self.failure is not None:
            self.ask(lambda watcher: watcher.stop(), None)

    def charged(self, cost: float) -> None:
        """Note what a look has cost."""
        self.seconds += cost
        self.look = cost
