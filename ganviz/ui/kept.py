"""The store of this server, and the queue of its runs. Without a store, runs go on unkept."""

import threading
import time
from functools import cache

from ganviz.home import home
from ganviz.say import Text, said_by
from ganviz.session import Places
from ganviz.store import KeptRun, Store, StoreError

RETRY_SECONDS = 10.0
"""After a store could not be opened."""

PLACES = "places"
"""The setting of how many runs train at once."""


class _Opened:
    """The store at one place, opened when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._failure: Text | None = None
        self._tried = -RETRY_SECONDS

    def store(self) -> Store | None:
        """The store; None where it cannot be opened."""
        with self._lock:
            now = time.monotonic()
            if self._store is None and now - self._tried >= RETRY_SECONDS:
                self._tried = now
                try:
                    self._store, self._failure = Store(), None
                except StoreError as error:
                    self._failure = said_by(error)
            return self._store

    @property
    def trouble(self) -> Text | None:
        """Why runs are not kept; None where they are."""
        store = self.store()
        return self._failure if store is None else store.notice


@cache
def _opened(place: str) -> _Opened:
    return _Opened()


@cache
def _places(place: str) -> Places:
    store = _opened(place).store()
    return Places(None if store is None else store.setting(PLACES, None))


def store() -> Store | None:
    """The store of this server; None where it cannot be opened."""
    return _opened(str(home())).store()


def trouble() -> Text | None:
    """What is wrong with the store, and what that means; None where nothing is."""
    return _opened(str(home())).trouble


def lost(run: str) -> Text | None:
    """Why nothing more is kept of a run; None where it is."""
    kept = store()
    return None if kept is None else kept.lost(run)


def places() -> Places:
    """The queue of this server's runs."""
    return _places(str(home()))


def found(run: str) -> KeptRun | None:
    """The kept run with that id; None where it is not kept, or cannot be read."""
    kept = store()
    if kept is None:
        return None
    try:
        return kept.run(run)
    except (KeyError, StoreError):
        return None
