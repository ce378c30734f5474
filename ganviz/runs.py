"""What a run is to whoever shows, judges or keeps it, and what is told while it goes on."""

from collections.abc import Sequence
from typing import Protocol

from ganviz.columns import Columns
from ganviz.snapshot import Event, Snapshot, Status


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

    def at(self, step: int) -> Snapshot:
        """The moment after iteration `step`, complete in itself.

        Raises:
            KeyError: if it is not one of `moments`.
        """


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
