"""Figures as JSON, built no more often than what they show changes."""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from ganviz.charts import CHARTS
from ganviz.say import language
from ganviz.snapshot import Snapshot

KEPT = 64
"""Figures of readings that are remembered: those of about ten tabs."""


class Figures:
    """Builds figures; those that show readings alone are built once for each of their readings.

    Readings change once a second, snapshots ten times as often.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Any, ...], str] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, name: str, snapshots: Mapping[str, Snapshot]) -> str:
        """The chart `name` as JSON: `version`, which changes where the figure does, and `figure`.

        Args:
            name: of the registry.
            snapshots: id to snapshot.
        """
        if not CHARTS[name].facts["readings_only"]:
            return _built(name, snapshots)
        seen = ((run, *_seen(snapshot)) for run, snapshot in snapshots.items())
        key = (name, language(), *seen)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        built = _built(name, snapshots)
        with self._lock:
            self._known[key] = built
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return built


def _seen(snapshot: Snapshot) -> tuple[Any, ...]:
    """What changes of a run in a chart of readings; these are equal where they are one object."""
    return snapshot.readings, snapshot.events


def _built(name: str, snapshots: Mapping[str, Snapshot]) -> str:
    figure: str = CHARTS[name].facts["draws"](snapshots).to_json()
    return f'{{"version":{zlib.crc32(figure.encode())},"figure":{figure}}}'
