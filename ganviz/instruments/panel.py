"""The instruments of one run: each gets slices of time, together no more than their share."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from ganviz.instruments.base import Instrument
from ganviz.instruments.budget import Budget
from ganviz.instruments.gaps import FreshGap, Gaps
from ganviz.instruments.quality import FloorDraws, Quality
from ganviz.instruments.saturation import Saturation
from ganviz.instruments.zigzag import BURST, Zigzag
from ganviz.readings import FIRST_FRESH_SECONDS, Cost, Readings
from ganviz.trainer.lens import Lens

URGENT = 0.5
"""The share of time while a person waits for a measurement, if the limit is lower."""

READ_SECONDS = 1.0
"""Seconds between two new readings of a running run: charts of them are drawn no more often."""

FRESH_SECONDS = {True: 60.0, False: 10.0}
"""Seconds between two fresh discriminators, by whether the optimal one is known."""

FORGETTING = 0.98
"""Of the longest slice seen, with each further one."""

ZIGZAG_SECONDS = 2.0


@dataclass
class Slot:
    """An instrument's turn, and what it has cost."""

    instrument: Instrument
    every: float
    """Seconds from the start of a measurement to that of the next."""
    long: bool = False
    """Whether its measurements take seconds, so that the short ones go first."""
    job: Iterator[float] | None = None
    progress: float = 0.0
    started: float = -1e9
    seconds: float = 0.0
    longest: float = 0.0
    """Seconds that a slice takes at most, of late."""
    asked: bool = False
    """A person, or the end of the run, asked for a measurement of this moment."""
    failure: Exception | None = None

    def due(self, now: float) -> bool:
        """Whether it has something to do."""
        waiting = self.asked or self.job is not None or now - self.started >= self.every
        return waiting and self.failure is None

    def turn(self) -> tuple[bool, float]:
        """Comes the sooner the less it is."""
        return self.long, self.seconds if self.long else self.started

    def charged(self, cost: float) -> None:
        """Note what a slice has cost."""
        self.seconds += cost
        self.longest = max(cost, FORGETTING * self.longest)


class Panel:
    """All instruments of a run. They look through the lens and are called between iterations.

    A running run is measured by the clock: unused share of its time adds up, slices use it. What a
    measurement draws depends on the seed and on the iteration alone.

    Args:
        lens: on the run.
        share: of the run's time that the instruments may take, in [0, 0.9]; 0: none is built.
        clock: seconds that only grow.
    """

    def __init__(
        self, lens: Lens, share: float, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._lens, self._clock, self.share = lens, clock, share
        self._slots: list[Slot] = []
        self._budget = Budget(clock)
        self._read_at = clock()
        self._zigzag_at, self._zigzag_seconds, self._zigzag_note = -1e9, 0.0, 0.0
        self._readings = Readings()
        self._changed = True
        self._complete = False
        self._failure: Exception | None = None
        self._zigzag_failure: Exception | None = None

    def spend(self, step: int) -> None:
        """Use what has been saved up, between two iterations of a running run."""
        if not self.share:
            return
        if not self._budget.earn(max(self.share, URGENT) if self.asked else self.share):
            return
        if not self._build():
            return
        self._begin_zigzag(step)
        while slot := self._next_slot():
            self._run(slot, step)

    def _begin_zigzag(self, step: int) -> None:
        """Watch as many of the next iterations as there is time for, every now and then."""
        now = self._clock()
        if now - self._zigzag_at < ZIGZAG_SECONDS or self._zigzag.watching or self.asked:
            return
        # It begins with one look more than it watches iterations.
        looks = self._budget.room(self.share) / max(self._zigzag_note, 1e-9) - 1
        times = max(int(min(looks, BURST)), 1)
        if self._budget.allows((times + 1) * self._zigzag_note, self.share):
            self._zigzag_at = now
            self._timed_zigzag(lambda: self._zigzag.begin(step, times))

    def rest(self) -> None:
        """The run begins, or goes on after a rest: the time of the rest is nobody's."""
        self._budget.rest()

    def watch(self, step: int) -> None:
        """Watch the one iteration that follows `step`: a person makes it by hand."""
        if self.share and self._build() and not self._zigzag.watching:
            self._timed_zigzag(lambda: self._zigzag.begin(step, 1))

    def after(self, step: int) -> None:
        """Iteration `step` is over."""
        if self._slots and self._zigzag.watching:
            self._timed_zigzag(lambda: self._zigzag.note(step))

    def ask(self, *, light: bool = False) -> None:
        """Have everything measured as it is at the next slice; `light`: what takes a moment."""
        if not self.share or not self._build():
            return
        self._complete = not light or (self._complete and self.asked)
        self._changed = True
        for slot in self._slots:
            if not light or slot.instrument in (self._gaps, self._saturation):
                slot.job, slot.asked, slot.progress = None, True, 0.0

    def drop(self) -> None:
        """Forget what was asked for and what is under way."""
        self._changed = True
        for slot in self._slots:
            slot.job, slot.asked, slot.progress = None, False, 0.0

    @property
    def asked(self) -> bool:
        """Whether a measurement that was asked for is not complete."""
        return bool(self._waited_for)

    def work(self, step: int) -> None:
        """One slice of what was asked for, whatever was saved up: the run rests."""
        slot = self._first(self._waited_for)
        if slot is not None:
            self._run(slot, step)

    @property
    def busy(self) -> Slot | None:
        """The slot that is waited for where everything was asked for, the longest first."""
        return next(reversed(self._waited_for), None) if self._complete else None

    @property
    def _waited_for(self) -> list[Slot]:
        return [slot for slot in self._slots if slot.asked and slot.failure is None]

    @property
    def notice(self) -> str | None:
        """Which instrument has failed, and why."""
        for name, failure in (
            ("all of them", self._failure),
            (Zigzag.name, self._zigzag_failure),
            *((slot.instrument.name, slot.failure) for slot in self._slots),
        ):
            if failure is not None:
                return f"Instruments that failed and are off: {name} ({failure})"
        return None

    def readings(self, *, now: bool = False) -> Readings:
        """What has been read, the same object until something is new and a second is over, or, with
        `now`, until something is new."""
        time_is_up = self._clock() - self._read_at >= READ_SECONDS
        if (self._changed and now) or time_is_up or self._readings.cost.limit != self.share:
            self._read_at = self._clock()
            self._readings = self._read()
            self._changed = False
        return self._readings

    def _build(self) -> bool:
        """Build the instruments when the first of them is needed; whether they are there."""
        if not self._slots and self._failure is None:
            try:
                self._slots = self._built()
            except Exception as error:  # data of one's own may not give what is asked of them
                self._failure = error
        return bool(self._slots)

    def _built(self) -> list[Slot]:
        lens = self._lens
        self._zigzag, self._gaps, self._saturation = Zigzag(lens), Gaps(lens), Saturation(lens)
        self._fresh, self._quality = FreshGap(lens, self._gaps), Quality(lens, self._gaps)
        self._floors = FloorDraws(self._quality, self._gaps.best)
        every = FRESH_SECONDS[self._gaps.best is not None]
        begun = self._clock()
        return [
            Slot(self._gaps, 1.0),
            Slot(self._saturation, 1.0),
            Slot(self._quality, 3.0),
            Slot(self._floors, 0.0, long=True),
            Slot(self._fresh, every, long=True, started=begun - every + FIRST_FRESH_SECONDS),
        ]

    def _next_slot(self) -> Slot | None:
        """Who is next of those that have something to do and that there is time for.

        What was asked for goes before everything else.
        """
        if asked := self._waited_for:
            return self._first(asked) if self._budget.saved else None
        now = self._clock()
        due = [slot for slot in self._slots if slot.due(now)]
        slot = self._first(due)
        if slot is None or not self._budget.allows(slot.longest, self.share):
            return None
        return slot

    @staticmethod
    def _first(slots: list[Slot]) -> Slot | None:
        """The short measurement that began first, else whichever long one has had less time."""
        return min(slots, key=Slot.turn, default=None)

    def _run(self, slot: Slot, step: int) -> None:
        """One slice."""
        began, apart = self._clock(), slot.asked or not slot.seconds
        try:
            job = slot.job
            if job is None:
                slot.job = job = slot.instrument.measure(step)
                slot.started = began
            slot.progress = next(job)
        except StopIteration:
            slot.job, slot.asked, slot.progress = None, False, 0.0
            self._changed = True
            if slot.instrument is self._floors and self._floors.complete:
                slot.every = math.inf
        except Exception as error:  # a run outlives its instruments; the page says what failed
            slot.job, slot.asked, slot.failure = None, False, error
            self._changed = True
        slot.charged(self._budget.charge(began, apart=apart))

    def _timed_zigzag(self, act: Callable[[], None]) -> None:
        if self._zigzag_failure is not None:
            return
        began = self._clock()
        try:
            act()
        except Exception as error:
            self._zigzag.stop()
            self._zigzag_failure = error
        self._changed = True
        self._zigzag_note = self._budget.charge(began, apart=not self._zigzag_seconds)
        self._zigzag_seconds += self._zigzag_note

    def _next_error(self) -> float | None:
        """Seconds until G's error is due, by the optimal D where it is known, else a fresh one."""
        measures = self._fresh if self._gaps.best is None else self._gaps
        (slot,) = (slot for slot in self._slots if slot.instrument is measures)
        if slot.failure is not None or not self.share:
            return None
        if slot.job is not None or slot.asked:
            return 0.0
        return max(0.0, slot.started + slot.every - self._clock())

    def _read(self) -> Readings:
        if not self._slots:
            waits = self.share and self._failure is None
            return Readings(
                cost=Cost(limit=self.share, next=FIRST_FRESH_SECONDS if waits else None)
            )
        seconds = {slot.instrument.name: slot.seconds for slot in self._slots}
        busy, floors = self.busy, self._quality.floors
        cost = Cost(
            limit=self.share,
            share=self._budget.share,
            apart=self._budget.apart,
            seconds=MappingProxyType(seconds | {self._zigzag.name: self._zigzag_seconds}),
            busy=busy.instrument.name if busy else None,
            progress=busy.progress if busy else 0.0,
            next=self._next_error(),
        )
        return Readings(
            gaps=self._gaps.rows,
            error_floor=self._gaps.best.floor if self._gaps.best else None,
            zigzag=self._zigzag.rows,
            pulls=self._saturation.found,
            quality=self._quality.rows(floors),
            floors=floors,
            samples=self._quality.reference.n,
            too_few=self._quality.too_few,
            shares=self._quality.shares,
            cost=cost,
        )


def measured(lens: Lens, step: int) -> Panel:
    """A panel that has measured everything about a run that rests at iteration `step`."""
    panel = Panel(lens, URGENT)
    panel.ask()
    while panel.asked:
        panel.work(step)
    panel.readings(now=True)
    return panel
