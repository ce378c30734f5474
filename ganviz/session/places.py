"""The queue: at most so many runs train at once, the others wait for their turn, oldest first."""

import os
import threading
from collections.abc import Callable


def cores() -> int:
    """How many runs this machine can train at once, one a core."""
    count = getattr(os, "sched_getaffinity", None)
    return len(count(0)) if count else os.cpu_count() or 1


class Places:
    """Places to train at, and who waits for one.

    Args:
        most: how many run at once, at least 1; None: the cores.

    Raises:
        ValueError: if `most` is below 1.
    """

    def __init__(self, most: int | None = None) -> None:
        self._lock = threading.Lock()
        self._training: set[str] = set()
        self._waiting: dict[str, Callable[[], None]] = {}
        self._most = cores()
        if most is not None:
            self.most = most

    @property
    def most(self) -> int:
        """How many run at once."""
        return self._most

    @most.setter
    def most(self, most: int) -> None:
        if most < 1:
            raise ValueError(f"most must be at least 1, got {most}")
        self._most = most
        self._fill()

    def ask(self, run: str, called: Callable[[], None]) -> None:
        """Have a place for `run`, now or, with a call of `called`, later. One that has or waits for
        a place keeps what it has."""
        with self._lock:
            if run in self._training or run in self._waiting:
                return
            self._waiting[run] = called
        self._fill()

    def leave(self, run: str) -> None:
        """`run` trains no more, or waits no more; whoever is next has its place."""
        with self._lock:
            self._training.discard(run)
            self._waiting.pop(run, None)
        self._fill()

    def holds(self, run: str) -> bool:
        """Whether `run` may train."""
        return run in self._training

    def position(self, run: str) -> int | None:
        """1 for the run whose turn is next; None for one that does not wait."""
        with self._lock:
            waiting = list(self._waiting)
        return waiting.index(run) + 1 if run in waiting else None

    @property
    def waiting(self) -> int:
        """How many runs wait."""
        return len(self._waiting)

    def _fill(self) -> None:
        called = []
        with self._lock:
            while self._waiting and len(self._training) < self._most:
                run = next(iter(self._waiting))
                called.append(self._waiting.pop(run))
                self._training.add(run)
        for call in called:
            call()


class Place:
    """What one run knows of the queue; without a queue it has a place at any time.

    Args:
        places: the queue; None: there is none.
        run: the run.
        called: is called where its turn comes after it had to wait, and perhaps where it had not.
    """

    def __init__(self, places: Places | None, run: str, called: Callable[[], None]) -> None:
        self._places, self._run, self._called = places, run, called

    def ask(self) -> None:
        """Have a place, or wait for one."""
        if self._places is not None:
            self._places.ask(self._run, self._called)

    def leave(self) -> None:
        """Need none any more."""
        if self._places is not None:
            self._places.leave(self._run)

    @property
    def held(self) -> bool:
        """Whether the run may train."""
        return self._places is None or self._places.holds(self._run)

    @property
    def position(self) -> int | None:
        """1 where its turn is next; None where it does not wait."""
        return None if self._places is None else self._places.position(self._run)
