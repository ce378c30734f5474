"""The live runs of this process, whoever shows them."""

import threading
import time
from collections.abc import Callable

from ganviz.session.session import Session

ORPHAN_SECONDS = 30.0

FIRST_SECONDS = 1.0
"""By then a new run has shown its first data."""

KEPT = 12
"""Ended runs that can still be found by their address."""


class Runs:
    """Every run of the process by its id. One that no open tab shows is stopped after a while.

    A tab counts as open while its connection stands: a hidden tab's timers may sleep for minutes.

    Args:
        connected: whether the tab with that id is open.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        connected: Callable[[str], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connected, self._clock = connected, clock
        self._sessions: dict[str, Session] = {}
        self._viewers: dict[str, set[str]] = {}
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()
        self._added = -FIRST_SECONDS
        self._sweeper: threading.Thread | None = None

    def add(self, session: Session, viewer: str) -> None:
        """Keep `session`, shown in the tab `viewer`; the oldest ended ones are let go."""
        with self._lock:
            self._sessions[session.id] = session
            self._added = self._clock()
            self._watched(session.id, viewer)
            ended = [i for i, s in self._sessions.items() if not s.live and i != session.id]
            for old in ended[: max(0, len(ended) - KEPT)]:
                self._forget(old)
            if self._sweeper is None:
                self._sweeper = threading.Thread(target=self._sweep, name="orphans", daemon=True)
                self._sweeper.start()

    @property
    def starting(self) -> bool:
        """Whether a person who has just pressed Start waits for the first data."""
        return self._clock() - self._added < FIRST_SECONDS

    def get(self, run: str) -> Session | None:
        """The run with that id, if it is still here."""
        return self._sessions.get(run)

    def watch(self, run: str, viewer: str) -> None:
        """Note that the tab `viewer` shows the run, if it is still here."""
        with self._lock:
            if run in self._sessions:
                self._watched(run, viewer)

    def leave(self, run: str, viewer: str) -> None:
        """Note that the tab `viewer` shows the run no more."""
        with self._lock:
            self._viewers.get(run, set()).discard(viewer)

    def _watched(self, run: str, viewer: str) -> None:
        self._viewers.setdefault(run, set()).add(viewer)
        self._seen[run] = self._clock()

    def stop_orphans(self) -> None:
        """Stop every live run that no open tab has shown for `ORPHAN_SECONDS`."""
        now = self._clock()
        with self._lock:
            for run in self._sessions:
                self._viewers[run] = {v for v in self._viewers[run] if self._connected(v)}
                if self._viewers[run]:
                    self._seen[run] = now
            orphans = [
                session
                for run, session in self._sessions.items()
                if session.live and now - self._seen[run] > ORPHAN_SECONDS
            ]
        for session in orphans:
            session.stop()

    def clear(self) -> None:
        """Stop and forget everything."""
        for session in list(self._sessions.values()):
            session.stop()
        with self._lock:
            for run in list(self._sessions):
                self._forget(run)

    def _forget(self, run: str) -> None:
        for kept in (self._sessions, self._viewers, self._seen):
            kept.pop(run, None)

    def _sweep(self) -> None:
        while True:
            time.sleep(1.0)
            self.stop_orphans()
