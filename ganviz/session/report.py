"""What the worker says of itself: one frozen report that it replaces, and calls to sinks."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ganviz.readings import Readings
from ganviz.runs import Sink, Sinks
from ganviz.say import Text
from ganviz.session.commands import Order, Pause, Step, Stop
from ganviz.snapshot import Snapshot, Status


@dataclass(frozen=True, slots=True)
class Training:
    """The worker makes one iteration after the other."""


@dataclass(frozen=True, slots=True)
class Resting:
    """The worker waits, once the steps that are left are made."""

    left: int


@dataclass(frozen=True, slots=True)
class Over:
    """No further iteration comes; what is there may still be measured."""

    status: Literal["finished", "stopped", "diverged", "failed"]
    error: Exception | None = None
    """What ended the run."""

    @property
    def measurable(self) -> bool:
        """Whether there is a sound moment to measure."""
        return self.status in ("finished", "stopped")


Doing = Training | Resting | Over


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All that is known of a run at one time."""

    snapshot: Snapshot | None = None
    """None until the trainer is built."""
    over: Over | None = None
    """None as long as iterations can come."""
    rate: float = 0.0
    """Iterations a second of late."""
    measuring: str | None = None
    """The instrument that is waited for."""
    heard: int = 0
    """The number of the last request to measure that the worker knows of."""
    notice: Text | None = None
    """What a person should know of how the run is made and measured."""


def status_of(order: Order | None, over: Over | None, *, waits: bool = False) -> Status:
    """What a run is doing, by the last order that it was given, what its worker has said, and
    whether it waits for a place to train at."""
    if over is not None:
        return over.status
    match order:
        case None:
            return "idle"
        case Stop():
            return "stopped"
        case Pause() | Step():
            return "paused"
        case _:
            return "queued" if waits else "running"


class Outlet:
    """Publishes for one run: `report` is rebound, so readers skip and never wait; sinks are told.

    Only the worker's thread publishes.

    Args:
        run, label: what snapshots say that they are of.
        sinks: whoever is told.
        notice: what is known before the trainer is built.
    """

    def __init__(
        self, run: str, label: str, sinks: Iterable[Sink], notice: Text | None = None
    ) -> None:
        self.report = Report(notice=notice)
        self.begun = threading.Event()
        """Set when there is a snapshot, or never will be one."""
        self._run, self._label = run, label
        self.sinks = Sinks(sinks)

    def notice(self, notice: Text | None) -> None:
        """Publish what is known before the first moment."""
        self.report = replace(self.report, notice=notice)

    def moment(
        self,
        snapshot: Snapshot,
        *,
        rate: float,
        measuring: str | None,
        notice: Text | None,
        over: Over | None = None,
    ) -> None:
        """Publish a new moment; with `over`, the last one."""
        snapshot = replace(snapshot, run=self._run, label=self._label)
        self.report = replace(
            self.report,
            snapshot=snapshot,
            rate=rate,
            measuring=measuring,
            notice=notice,
            over=over,
        )
        self.begun.set()
        self.sinks.snapshot(snapshot)
        if over is not None:
            self.sinks.end(over.status, over.error)

    def readings(self, readings: Readings, *, measuring: str | None, notice: Text | None) -> None:
        """Publish what has been read of the moment that is out, where that is new."""
        known = self.report
        self.report = replace(known, measuring=measuring, notice=notice)
        if known.snapshot is None or readings is known.snapshot.readings:
            return
        snapshot = replace(known.snapshot, readings=readings)
        self.report = replace(self.report, snapshot=snapshot)
        self.sinks.snapshot(snapshot)

    def measuring(self, measuring: str | None, heard: int) -> None:
        """Publish which instrument is waited for, and the last request that was heard."""
        known = self.report
        if (measuring, heard) != (known.measuring, known.heard):
            self.report = replace(known, measuring=measuring, heard=heard)

    def fail(self, error: Exception, last: Snapshot | None) -> None:
        """Publish that `error` has ended the run, or what was measured after its end.

        Args:
            error: what was raised.
            last: the moment of the failure; None: the newest one that is out.
        """
        known, over = self.report, Over("failed", error)
        snapshot = last or known.snapshot
        if snapshot is not None:
            snapshot = replace(snapshot, run=self._run, label=self._label, status="failed")
        self.report = replace(known, snapshot=snapshot, over=over, measuring=None)
        self.begun.set()
        if snapshot is not None:
            self.sinks.snapshot(snapshot)
        if known.over is None:
            self.sinks.end("failed", error)
