"""What a run is to whoever shows, judges or keeps it, and what is told while it goes on."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ganviz.columns import Columns
from ganviz.say import Message, _
from ganviz.snapshot import Event, Snapshot, Status


def new_id() -> str:
    """Names a run, and no other one."""
    return secrets.token_hex(4)


class Run(Protocol):
    """What is known of one run, whether it is alive, kept or somebody else's."""

    @property
    def id(self) -> str:
        """Names the run, and no other one: not its settings, which others may have too."""

    @property
    def label(self) -> str:
        """What people call it."""

    @property
    def config_json(self) -> str:
        """The settings that it began with."""

    @property
    def status(self) -> Status:
        """What it is doing."""

    @property
    def parent(self) -> str | None:
        """The id of the run that it branched off, or None."""

    @property
    def events(self) -> tuple[Event, ...]:
        """The edits so far, oldest first."""

    @property
    def latest(self) -> Snapshot | None:
        """The newest moment; None before there is one."""

    @property
    def moments(self) -> Sequence[int]:
        """The iterations that `at` knows, ascending."""

    @property
    def keyframes(self) -> Sequence[int]:
        """The iterations whose whole state is kept, ascending: it can go on from there."""

    def at(self, step: int) -> Snapshot:
        """The moment after iteration `step`, complete in itself.

        Raises:
            KeyError: if it is not one of `moments`.
        """


class Keyframe(NamedTuple):
    """Everything that the iteration after `step` depends on, as a file can hold it."""

    step: int
    tensors: Mapping[str, NDArray[np.generic]]
    """By flat names, such as "generator.network.0.weight"."""
    rest: Mapping[str, Any]
    """Numbers and settings, as JSON."""


@runtime_checkable
class TakesKeyframes(Protocol):
    """A sink that keeps states too, so that the run can go on from them."""

    def keyframe(self, keyframe: Keyframe) -> None:
        """The state at this moment, a copy of its own."""


class Sink(Protocol):
    """Takes what a run tells. Training waits for none: a sink that is slow has its own thread."""

    def rows(self, rows: Columns) -> None:
        """Further rows of the history, every one of them, oldest first."""

    def snapshot(self, snapshot: Snapshot) -> None:
        """A new moment, with what has been read by then."""

    def event(self, event: Event) -> None:
        """An edit came into force."""

    def end(self, status: Status, error: Exception | None) -> None:
        """The run is over; what is still measured comes as snapshots. `error` is what ended it."""


class Sinks:
    """Tells several sinks, one after the other, what a `Sink` is told.

    A run outlives whoever takes it down: one that raises is told nothing more, and `lost` says so.
    """

    def __init__(self, sinks: Iterable[Sink]) -> None:
        self._sinks = tuple(sinks)
        self.lost: tuple[Message, ...] = ()
        """Which have raised, and what."""

    def __bool__(self) -> bool:
        return bool(self._sinks)

    def rows(self, rows: Columns) -> None:
        """Tell further rows."""
        self._tell(lambda sink: sink.rows(rows))

    def takers(self) -> list[Callable[[Columns], None]]:
        """`rows` for each sink by itself, so that it is known which of them have been told."""
        return [partial(self._tell_rows, sink) for sink in self._sinks]

    def snapshot(self, snapshot: Snapshot) -> None:
        """Tell a new moment."""
        self._tell(lambda sink: sink.snapshot(snapshot))

    def event(self, event: Event) -> None:
        """Tell an edit."""
        self._tell(lambda sink: sink.event(event))

    @property
    def take_keyframes(self) -> bool:
        """Whether one of them keeps states."""
        return any(isinstance(sink, TakesKeyframes) for sink in self._sinks)

    def keyframe(self, keyframe: Keyframe) -> None:
        """Tell a state, to those that keep it."""

        def tell(sink: Sink) -> None:
            if isinstance(sink, TakesKeyframes):
                sink.keyframe(keyframe)

        self._tell(tell)

    def end(self, status: Status, error: Exception | None) -> None:
        """Tell the end."""
        self._tell(lambda sink: sink.end(status, error))

    def _tell_rows(self, sink: Sink, rows: Columns) -> None:
        if any(other is sink for other in self._sinks):
            self._tell_one(sink, lambda sink: sink.rows(rows))

    def _tell(self, tell: Callable[[Sink], None]) -> None:
        for sink in self._sinks:
            self._tell_one(sink, tell)

    def _tell_one(self, sink: Sink, tell: Callable[[Sink], None]) -> None:
        try:
            tell(sink)
        except Exception as error:
            self._sinks = tuple(other for other in self._sinks if other is not sink)
            complaint = _(
                "{name} failed and is told nothing more of this run ({error}).",
                name=type(sink).__name__,
                error=error,
            )
            self.lost = (*self.lost, complaint)
