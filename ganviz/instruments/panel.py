"""The instruments of one run: each gets slices of time, together no more than their share."""

import time
from collections.abc import Callable, Iterator
from types import MappingProxyType

from ganviz.instruments.base import INSTRUMENTS, Kit, Meter, Watcher
from ganviz.instruments.budget import Budget
from ganviz.instruments.turns import Slot, Watch
from ganviz.readings import FIRST_FRESH_SECONDS, Cost, Readings
from ganviz.say import Message, _, said_by
from ganviz.trainer.lens import Lens

URGENT = 0.5
"""The share of time while a person waits for a measurement, if the limit is lower."""

READ_SECONDS = 1.0
"""Seconds between two new readings of a running run: charts of them are drawn no more often."""


class Panel:
    """All instruments of a run. They look through the lens and are called between iterations.

    A running run is measured by the clock: unused share of its time adds up, slices use it. What a
    measurement draws depends on the seed, the iteration and the instrument's name alone.

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
        self._watches: list[Watch] = []
        self._budget = Budget(clock)
        self._read_at = clock()
        self._readings = Readings()
        self._changed = True
        self._complete = False
        self._failure: Exception | None = None

    def spend(self, step: int) -> None:
        """Use what has been saved up, between two iterations of a running run."""
        if not self.share:
            return
        if not self._budget.earn(max(self.share, URGENT) if self.asked else self.share):
            return
        if not self._build():
            return
        self._begin_to_watch(step)
        while slot := self._next_slot():
            self._run(slot, step)

    def rest(self) -> None:
        """The run begins, or goes on after a rest: the time of the rest is nobody's."""
        self._budget.rest()

    def watch(self, step: int, left: int = 1) -> None:
        """Watch the one iteration that follows `step`, which a person makes by hand: the first of
        `left`, of which each watcher sees as many as it keeps."""
        if not self.share or not self._build():
            return
        for watch in self._watches:
            if left <= watch.entry.burst and not watch.watching:
                self._begin(watch, step, 1)

    def after(self, step: int) -> None:
        """Iteration `step` is over."""
        for watch in self._watches:
            if watch.watching:
                self._look(watch, lambda watcher: watcher.note(step))

    def ask(self, *, light: bool = False) -> None:
        """Have everything measured as it is at the next slice; `light`: what takes a moment."""
        if not self.share or not self._build():
            return
        self._complete = not light or (self._complete and self.asked)
        self._changed = True
        for slot in self._slots:
            if slot.entry.light or not light:
                slot.begin_anew(asked=True)

    def drop(self) -> None:
        """Forget what was asked for and what is under way."""
        self._changed = True
        for slot in self._slots:
            slot.begin_anew(asked=False)

    def rewind(self, step: int) -> None:
        """The run goes back to iteration `step`: forget what is of later ones, or under way."""
        self.drop()
        for turn in self._turns():
            turn.rewind(step)
        self._read_anew()

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
        if not self._complete:
            return None
        return max(self._waited_for, key=lambda slot: slot.entry.length, default=None)

    @property
    def _waited_for(self) -> list[Slot]:
        return [slot for slot in self._slots if slot.asked and slot.failure is None]

    @property
    def notice(self) -> Message | None:
        """Which instrument has failed, and why."""
        if self._failure is not None:
            why = said_by(self._failure)
            return _("Instruments that failed and are off: all of them ({why})", why=why)
        for turn in self._turns():
            if turn.failure is not None:
                return _(
                    "Instruments that failed and are off: {name} ({why})",
                    name=Message(turn.entry.label),
                    why=said_by(turn.failure),
                )
        return None

    def readings(self, *, now: bool = False) -> Readings:
        """What has been read, the same object until something is new and a second is over, or, with
        `now`, until something is new."""
        time_is_up = self._clock() - self._read_at >= READ_SECONDS
        if (self._changed and now) or time_is_up or self._readings.cost.limit != self.share:
            self._read_anew()
        return self._readings

    def _read_anew(self) -> None:
        self._read_at, self._readings, self._changed = self._clock(), self._read(), False

    def _build(self) -> bool:
        """Build the instruments when the first of them is needed; whether they are there."""
        if not self._slots and self._failure is None:
            try:
                self._slots, self._watches = self._built()
            except Exception as error:  # data of one's own may not give what is asked of them
                self._failure = error
        return bool(self._slots)

    def _built(self) -> tuple[list[Slot], list[Watch]]:
        kit, now = Kit(self._lens), self._clock()
        slots: list[Slot] = []
        watches: list[Watch] = []
        for entry in INSTRUMENTS.values():
            instrument = kit.of(entry.fn)
            if isinstance(instrument, Meter):
                slots.append(Slot.of(entry, instrument, now))
            if isinstance(instrument, Watcher):
                watches.append(Watch(entry, instrument, entry.every))
        return slots, watches

    def _turns(self) -> Iterator[Slot | Watch]:
        yield from self._watches
        yield from self._slots

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
        return min(slots, key=Slot.order, default=None)

    def _run(self, slot: Slot, step: int) -> None:
        """One slice."""
        began, apart = self._clock(), slot.asked or not slot.seconds
        if slot.advance(step, began):
            self._changed = True
        slot.charged(self._budget.charge(began, apart=apart))

    def _begin_to_watch(self, step: int) -> None:
        """Watch as many of the next iterations as there is time for, every now and then."""
        now = self._clock()
        for watch in self._watches:
            if not watch.due(now) or self.asked:
                continue
            times = watch.affordable(self._budget.room(self.share))
            if self._budget.allows((times + 1) * watch.look, self.share):
                watch.started = now
                self._begin(watch, step, times)

    def _begin(self, watch: Watch, step: int, iterations: int) -> None:
        self._look(watch, lambda watcher: watcher.begin(step, iterations))

    def _look(self, watch: Watch, look: Callable[[Watcher], None]) -> None:
        """One look of a watcher."""
        if watch.failure is not None:
            return
        began, apart = self._clock(), not watch.seconds
        watch.act(look)
        self._changed = True
        watch.charged(self._budget.charge(began, apart=apart))

    def _next_error(self) -> float | None:
        """Seconds until G's error is measured, at most; None where it will not be."""
        if not self.share or self._failure is not None:
            return None
        if not self._slots:
            return FIRST_FRESH_SECONDS
        now = self._clock()
        tell = (slot.next_start(now) for slot in self._slots if slot.tells_error)
        return min(tell, default=None)

    def _cost(self) -> Cost:
        if not self._slots:
            return Cost(limit=self.share, next=self._next_error())
        busy = self.busy
        return Cost(
            limit=self.share,
            share=self._budget.share,
            apart=self._budget.apart,
            seconds=MappingProxyType({turn.name: turn.seconds for turn in self._turns()}),
            busy=busy.name if busy else None,
            doing=busy.entry.doing if busy else None,
            progress=busy.progress if busy else 0.0,
            next=self._next_error(),
        )

    def _read(self) -> Readings:
        readings = Readings(cost=self._cost())
        for turn in self._turns():
            readings = turn.add_to(readings)
        return readings


def measured(lens: Lens, step: int, panel: Panel | None = None) -> Panel:
    """A panel that has measured everything about a run that rests at iteration `step`: `panel`,
    which has measured it on the way, or another one."""
    panel = panel or Panel(lens, URGENT)
    panel.ask()
    while panel.asked:
        panel.work(step)
    panel.readings(now=True)
    return panel
