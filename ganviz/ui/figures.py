"""Figures as JSON, built no more often than what they show changes."""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from ganviz.charts import CHARTS
from ganviz.charts.cast import Cast, draw
from ganviz.say import language, say
from ganviz.snapshot import Snapshot

KEPT = 64
"""Figures of readings that are remembered: those of about ten tabs."""


ALIKE = Cast()
"""All runs in the same manner."""


class Figures:
    """Builds figures; those that show readings alone are built once for each of their readings.

    Readings change once a second, snapshots ten times as often.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Any, ...], str] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, name: str, snapshots: Mapping[str, Snapshot], cast: Cast = ALIKE) -> str:
        """The chart `name` as JSON: `version`, which changes where the figure does, and `figure`.

        Args:
            name: of the registry.
            snapshots: id to snapshot.
            cast: the part of each.
        """
        if not CHARTS[name].facts["readings_only"]:
            return _built(name, snapshots, cast)
        seen = ((run, *_seen(snapshot)) for run, snapshot in snapshots.items())
        key = (name, language(), *seen, *cast_key(cast))
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        built = _built(name, snapshots, cast)
        with self._lock:
            self._known[key] = built
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return built


def _seen(snapshot: Snapshot) -> tuple[Any, ...]:
    """What changes of a run in a chart of readings; these are equal where they are one object."""
    return snapshot.readings, snapshot.events


def cast_key(cast: Cast) -> tuple[Any, ...]:
    """What a cast changes of a figure; equal for casts that change the same."""
    names = tuple((run, say(name)) for run, name in cast.names.items())
    return cast.lead, names, tuple(cast.groups.items()), cast.x


def _built(name: str, snapshots: Mapping[str, Snapshot], cast: Cast) -> str:
    figure = draw(name, snapshots, cast).to_json()
    return f'{{"version":{zlib.crc32(figure.encode())},"figure":{figure}}}'
