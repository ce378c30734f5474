"""The sink of one run: what it is told waits here until the writer comes for it."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganviz.columns import Array, Columns
from ganviz.runs import Keyframe
from ganviz.say import Message, Text, said_by
from ganviz.snapshot import Event, Snapshot, Status

WAITING_ROWS = 2_000_000
"""Rows that wait at most while nothing can be written: half a gigabyte, and hours of training."""

Judge = Callable[[Snapshot], Text]
"""What is said of a moment, in a line."""


@dataclass(frozen=True, kw_only=True)
class Birth:
    """What is known of a run before it begins."""

    id: str
    label: str
    config_json: str
    steps: int
    created: float
    versions: Mapping[str, str]
    parent: str | None = None
    branched_at: int | None = None
    plan: tuple[Event, ...] = ()
    """Edits that are to come at their steps, as the run was told before it began."""
    own: bool = False
    """Whether data or networks of the caller's own play: they are not kept with the run."""
    history: Array | None = None
    """Of a branch: the rows before it began, which are the parent's."""
    events: tuple[Event, ...] = ()
    """Of a branch: the edits before it began."""


@dataclass(frozen=True)
class Told:
    """What has come since the writer was here last, in the order in which it came."""

    rows: tuple[Columns, ...] = ()
    events: tuple[Event, ...] = ()
    snapshot: Snapshot | None = None
    """The newest."""
    keyframes: tuple[Keyframe, ...] = ()
    end: tuple[Status, Text | None] | None = None
    status: Status | None = None
    """What the run is doing, where it is that which has changed."""

    def __bool__(self) -> bool:
        told = (self.rows, self.events, self.snapshot, self.keyframes, self.end, self.status)
        return any(part is not None and part != () for part in told)

    def before(self, later: "Told") -> "Told":
        """Both, as one."""
        return Told(
            self.rows + later.rows,
            self.events + later.events,
            later.snapshot or self.snapshot,
            (self.keyframes + later.keyframes)[-2:],
            later.end or self.end,
            later.status or self.status,
        )


class Keeper:
    """Keeps one run: a `Sink` that takes keyframes. No call waits for the disk.

    Args:
        birth: what is written with the first of it; None: the run is in the store already.
        run: its id.
        judge: says what is known at a moment.
    """

    def __init__(self, run: str, birth: Birth | None, judge: Judge | None = None) -> None:
        self.run, self.birth, self.judge = run, birth, judge
        self.seconds = 0.0
        """Of training, at the newest snapshot."""
        self.lost: Message | None = None
        """Why nothing more is kept of this run; None as long as it is."""
        self.live = True
        """Whether more rows may come: until its end is written."""
        self._told = Told()
        self._lock = threading.Lock()
        self._waiting_rows = 0

    def rows(self, rows: Columns) -> None:
        """Further rows."""
        with self._lock:
            self._waiting_rows += rows.rows
        if self._waiting_rows <= WAITING_ROWS:
            self._add(Told(rows=(rows,)))

    def snapshot(self, snapshot: Snapshot) -> None:
        """A new moment; only the newest waits."""
        self._add(Told(snapshot=snapshot))

    def event(self, event: Event) -> None:
        """An edit."""
        self._add(Told(events=(event,)))

    def keyframe(self, keyframe: Keyframe) -> None:
        """A state."""
        self._add(Told(keyframes=(keyframe,)))

    def end(self, status: Status, error: Exception | None) -> None:
        """The run is over."""
        self._add(Told(end=(status, said_by(error) if error else None)))

    def doing(self, status: Status) -> None:
        """The run waits for its turn, or has it."""
        self._add(Told(status=status))

    def take(self) -> Told:
        """What has come, for the writer; it gives it back where it cannot write it."""
        with self._lock:
            told, self._told = self._told, Told()
            return told

    def give_back(self, told: Told) -> None:
        """It could not be written: it waits on, before what has come since."""
        with self._lock:
            self._told = told.before(self._told)

    def written(self, told: Told) -> None:
        """It was written."""
        with self._lock:
            self._waiting_rows -= sum(rows.rows for rows in told.rows)
            self.live = self.live and told.end is None

    @property
    def waits(self) -> bool:
        """Whether something is to be written."""
        return bool(self._told) or self.birth is not None

    def _add(self, told: Told) -> None:
        with self._lock:
            if self.lost is None:
                self._told = self._told.before(told)


def joined_rows(blocks: Iterable[Columns], after: int) -> Array:
    """The rows of several blocks, shape `(n, columns)`, but for those up to step `after`."""
    tables = [np.stack(list(block.values()), 1) for block in blocks]
    if not tables:
        return np.empty((0, 0))
    rows = np.concatenate(tables)
    return rows[rows[:, 0] > after]


def born(
    run: str,
    config_json: str,
    *,
    label: str | None = None,
    versions: Mapping[str, str],
    clock: Callable[[], float] = time.time,
    plan: Sequence[Event] = (),
    **more: Any,
) -> Birth:
    """The birth of a run with these settings, now."""
    return Birth(
        id=run,
        label=run if label is None else label,
        config_json=config_json,
        steps=json.loads(config_json)["steps"],
        created=clock(),
        versions=versions,
        plan=tuple(plan),
        **more,
    )
