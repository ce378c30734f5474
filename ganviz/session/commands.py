"""What a run can be told: frozen values, and the queue in which they reach its worker."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Start:
    """Begin to train."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Rest after the present iteration; steps still to make are forgotten."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a rest; steps still to make are forgotten."""


@dataclass(frozen=True, slots=True)
class Step:
    """Make so many iterations more and rest."""

    n: int


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run, or what is measured after its end."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Change live settings from the next iteration on."""

    changes: tuple[tuple[str, Any], ...]
    """Field and value, in the order given."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Change the share of time that the instruments may take; 0 switches them off."""

    share: float


@dataclass(frozen=True, slots=True)
class Measure:
    """Measure the run as it is now."""

    number: int
    """Counts the requests of a run from 1 on: the worker says which it has heard last."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A place has become free for a run that waits to train."""


Order = Start | Pause | Resume | Step | Stop
"""What a run's status follows from."""

Command = Order | Edit | Limit | Measure | Turn


class Inbox:
    """Commands on their way to the worker, oldest first.

    A worker that finds nothing more to do leaves. It cannot leave past a command: one that is
    offered later finds nobody attending.
    """

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()
        self._changed = threading.Condition()
        self._attended = False

    @property
    def waiting(self) -> bool:
        """Whether there is a command to take."""
        return bool(self._waiting)

    def post(self, *commands: Command) -> None:
        """Add commands, for whoever attends to them or will come."""
        with self._changed:
            self._waiting.extend(commands)
            self._changed.notify()

    def offer(self, command: Command) -> bool:
        """Add a command where somebody attends to it; whether that is so."""
        with self._changed:
            if self._attended:
                self._waiting.append(command)
                self._changed.notify()
            return self._attended

    def attend(self) -> None:
        """Somebody comes to take the commands."""
        with self._changed:
            self._attended = True

    def take(self) -> Command | None:
        """The next command, which nobody else gets; None where there is none."""
        return self._waiting.popleft() if self._waiting else None

    def wait(self) -> None:
        """Sleep until there is a command."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)

    def leave(self) -> bool:
        """Attend no more, unless there is a command; whether that is so."""
        with self._changed:
            self._attended = bool(self._waiting)
            return not self._attended
