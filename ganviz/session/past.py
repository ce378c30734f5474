"""What a session knows of a run that it goes on with, or branches off."""

from collections.abc import Callable
from dataclasses import dataclass

from ganviz.columns import Columns
from ganviz.snapshot import Event
from ganviz.trainer import Trainer


@dataclass(frozen=True, kw_only=True)
class Past:
    """A run up to now."""

    begin: Callable[[], Trainer]
    """Gives the trainer as it was; it is called in the thread that trains."""
    events: tuple[Event, ...] = ()
    """The edits so far."""
    clock: Columns | None = None
    """The time that it has trained, as `Snapshot.clock`."""
    parent: str | None = None
    """The run that this one branched off."""
