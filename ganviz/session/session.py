"""A run that goes on by itself: commands go in, the newest snapshot comes out."""

import atexit
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from torch import nn

from ganviz.config import CUSTOM, RunConfig
from ganviz.instruments import INSTRUMENTS, Panel
from ganviz.runs import Sink, new_id
from ganviz.say import Text, joined
from ganviz.session.commands import (
    Edit,
    Inbox,
    Limit,
    Measure,
    Order,
    Pause,
    Resume,
    Start,
    Step,
    Stop,
    Turn,
)
from ganviz.session.past import Past
from ganviz.session.places import Place, Places
from ganviz.session.report import Outlet, status_of
from ganviz.session.worker import COMPILING, Worker, serve
from ganviz.snapshot import LIVE, Event, Snapshot, Status
from ganviz.stopwatch import Stopwatch
from ganviz.target import Target
from ganviz.trainer import Trainer
from ganviz.trainer.keyframes import Keyframes

SHARE = 0.15
"""The share of a run's time that its instruments may take, unless it is told otherwise."""

MOST_SHARE = 0.9


class Session:
    """One run, alive; a `ganviz.runs.Run`. Every command may be repeated safely and returns at
    once, but for `stop`, which waits for what it ends; what is asked never waits.

    Args:
        config: the settings; their `steps` is where the run finishes.
        target, generator, discriminator: as for `Trainer`.
        share: of the time of a running run that its instruments may take, in [0, 0.9]. With 0 they
            are switched off and cost nothing. The history is the same with any.
        clock: seconds that only grow; what publishing and the rate go by.
        label: what people call the run; None: its id.
        sinks: are told of rows, snapshots, edits, keyframes and the end, in the thread that trains.
            One that raises is told nothing more, and `notice` says so.
        id: of the run; None: a new one.
        past: of a run that goes on; None: it begins.
        places: the queue; None: it may train at any time.

    Raises:
        ValueError: if `share` is not in [0, 0.9].
    """

    def __init__(
        self,
        config: RunConfig,
        *,
        target: Target | None = None,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        share: float = SHARE,
        clock: Callable[[], float] = time.perf_counter,
        label: str | None = None,
        sinks: Iterable[Sink] = (),
        id: str | None = None,
        past: Past | None = None,
        places: Places | None = None,
    ) -> None:
        self.config = self._current = config
        self._past = past
        if past is not None:
            edits = {event.field: event.value for event in past.events}
            self._current = config.edited(**edits)
        self.id = new_id() if id is None else id
        self.label = self.id if label is None else label
        self._own = any(part is not None for part in (target, generator, discriminator))
        self._share = _checked_share(share)
        self._keyframes: Keyframes | None = None
        self._order: Order | None = None
        self._asked = 0
        """How often a measurement was asked for."""
        self._inbox = Inbox()
        self._outlet = Outlet(self.id, self.label, sinks, COMPILING if config.compile else None)
        self._lock = threading.Lock()  # held while a command is posted, and for nothing else
        self._thread: threading.Thread | None = None
        self._place = Place(places, self.id, lambda: self._inbox.post(Turn()))

        @cache
        def build() -> Worker:
            if past is not None:
                trainer = past.begin()
            else:
                own = {"generator": generator, "discriminator": discriminator}
                trainer = Trainer(config, target=target, **own)
            panel = Panel(trainer.lens(), self._share)
            watch = Stopwatch(past=past.clock if past else None)
            worker = Worker(trainer, panel, self._inbox, self._outlet, clock, self._place, watch)
            self._keyframes = worker.keyframes
            return worker

        self._build = build

    @property
    def status(self) -> Status:
        """What the run is doing, as it was last told to; or how it has ended."""
        over, waits = self._outlet.report.over, not self._place.held
        return status_of(self._order, over, waits=waits)

    @property
    def position(self) -> int | None:
        """Of a queued run, 1 where its turn is next."""
        return self._place.position

    @property
    def live(self) -> bool:
        """Whether more iterations can come."""
        return self.status in LIVE

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot; None until the trainer is built."""
        return self._outlet.report.snapshot

    @property
    def moments(self) -> Sequence[int]:
        """The iterations that `at` knows: that of the newest snapshot."""
        return () if self.latest is None else (self.latest.step,)

    @property
    def keyframes(self) -> Sequence[int]:
        """The iterations whose state its sinks were told, ascending."""
        return self._keyframes.steps if self._keyframes else ()

    def at(self, step: int) -> Snapshot:
        """The moment after iteration `step`, as long as it is the newest.

        Raises:
            KeyError: if it is not.
        """
        latest = self.latest
        if latest is None or latest.step != step:
            raise KeyError(step)
        return latest

    @property
    def config_json(self) -> str:
        """The settings that it began with."""
        return (self.config.replace(dataset=CUSTOM) if self._own else self.config).to_json()

    @property
    def current(self) -> RunConfig:
        """The settings with all edits, also those that the worker has yet to apply; of a run that
        is over, with those that came into force."""
        report = self._outlet.report
        if report.over is None:
            return self._current
        events = () if report.snapshot is None else report.snapshot.events
        return self.config.edited(**{event.field: event.value for event in events})

    @property
    def parent(self) -> str | None:
        """The id of the run that it branched off, or None."""
        return self._past.parent if self._past else None

    @property
    def events(self) -> tuple[Event, ...]:
        """The edits up to the newest snapshot, oldest first."""
        return () if self.latest is None else self.latest.events

    @property
    def error(self) -> Exception | None:
        """What ended a diverged or failed run."""
        over = self._outlet.report.over
        return over.error if over else None

    @property
    def notice(self) -> Text | None:
        """What a person should know of how the run is made, measured and kept: that it compiles, or
        why it cannot; what networks of their own do; which instrument or sink has failed."""
        return joined((self._outlet.report.notice, *self._outlet.sinks.lost)) or None

    @property
    def share(self) -> float:
        """The share of a running run's time that the instruments may take; 0: switched off."""
        return self._share

    @property
    def measuring(self) -> str | None:
        """What is being measured that was asked for, by a person or by the run's end."""
        report = self._outlet.report
        if not self._share or (report.over and not report.over.measurable):
            return None
        if self._asked > report.heard:
            return report.measuring or max(INSTRUMENTS.values(), key=lambda e: e.length).name
        return report.measuring

    @property
    def rate(self) -> float:
        """Iterations a second of late, 0 while nothing trains."""
        return self._outlet.report.rate if self.status == "running" else 0.0

    def start(self) -> None:
        """Begin to train. Nothing happens to a run that has begun."""
        with self._lock:
            if self.status == "idle":
                self._give(Start())

    def pause(self) -> None:
        """Rest after the present iteration."""
        with self._lock:
            if self.live:
                self._give(Pause())

    def resume(self) -> None:
        """Go on after a pause."""
        with self._lock:
            if self.status == "paused":
                self._give(Resume())

    def step(self, n: int = 1) -> None:
        """Make `n` iterations and rest. A running run is paused first; an idle one begins.

        Raises:
            ValueError: if `n` is below 1.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        with self._lock:
            if self.live or self.status == "idle":
                self._give(Step(n))

    def edit(self, **changes: Any) -> None:
        """Change live settings from the next iteration on. A run that has ended stays as it was.

        Raises:
            ConfigError: if a field is not live or a value is not valid; then nothing is changed.
        """
        with self._lock:
            edited = self.current.edited(**changes)
            if self.live or self.status == "idle":
                self._current = edited
                self._inbox.post(Edit(tuple(changes.items())))

    def limit(self, share: float) -> None:
        """Change the share of time that the instruments may take, now or next; 0 switches them off.

        Raises:
            ValueError: if it is not in [0, 0.9].
        """
        with self._lock:
            if share != self._share:
                self._share = _checked_share(share)
                self._inbox.offer(Limit(share))

    def measure(self) -> None:
        """Measure the run as it is now: fit a fresh discriminator, and take everything else.

        Nothing happens before the run has begun, after it has diverged or failed, or while the
        instruments are switched off. A running run gives half of its time meanwhile.
        """
        with self._lock:
            if self._thread is None or not self._share or self.status in ("diverged", "failed"):
                return
            self._asked += 1
            measure = Measure(self._asked)
            if not self._inbox.offer(measure):
                self._inbox.post(Limit(self._share), measure)
                self._send_worker()

    def stop(self, timeout: float = 10.0) -> None:
        """End the run, or the measurement of one that has ended. What was drawn stays.

        It waits until that is done, at most `timeout` seconds; with 0 it returns at once.
        """
        with self._lock:
            if self._order is None:
                self._order = Stop()
                self._outlet.begun.set()
            elif self.live:
                self._give(Stop())
            else:
                self._inbox.offer(Stop())
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def wait(self, timeout: float) -> bool:
        """Wait for the first snapshot, at most `timeout` seconds; whether it is there."""
        return self._outlet.begun.wait(timeout) and self.latest is not None

    def _give(self, order: Order) -> None:
        """Post an order; the first of all sends a worker for it."""
        if isinstance(order, Start | Resume):
            self._place.ask()
        else:
            self._place.leave()
        self._order = order
        self._inbox.post(order)
        if self._thread is None:
            self._send_worker()

    def _send_worker(self) -> None:
        """Let a thread attend to the commands, once the one before is over."""
        before = self._thread

        def work() -> None:
            if before is not None:
                before.join()
            # A daemon thread inside torch at interpreter exit aborts the process: end it before.
            atexit.register(self.stop)
            try:
                serve(self._build, self._inbox, self._outlet)
            finally:
                self._place.leave()
                atexit.unregister(self.stop)

        self._inbox.attend()
        self._thread = threading.Thread(target=work, name=f"run-{self.id}", daemon=True)
        self._thread.start()


def _checked_share(share: float) -> float:
    if not 0 <= share <= MOST_SHARE:
        raise ValueError(f"share must be in [0, {MOST_SHARE}], got {share}")
    return share
