"""A run of the store, as it was when it was looked up; arrays are read when they are asked for."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ganviz.columns import COLUMNS, Array, Columns
from ganviz.runs import Keyframe
from ganviz.say import Message, Text, _
from ganviz.snapshot import Event, Snapshot, Status, decimated
from ganviz.store.data import travelling
from ganviz.store.database import Database
from ganviz.store.errors import StoreError
from ganviz.store.moments import Parts, Whole, snapshot_from
from ganviz.store.packing import from_arrow, unpack
from ganviz.store.parts import run_parts
from ganviz.store.run_file import write_run_file


class KeptRun:
    """One run of a store; a `ganviz.runs.Run`.

    Args:
        database: where it is kept.
        row: of the table `runs`.
        status: what it is doing.
    """

    def __init__(
        self, database: Database, row: Mapping[str, Any] | sqlite3.Row, status: Status
    ) -> None:
        self._database = database
        self.id: str = row["id"]
        self.label: str = row["label"]
        self.config_json: str = row["config"]
        self.status: Status = status
        self.step: int = row["step"]
        """Recorded iterations."""
        self.steps: int = row["steps"]
        """Where it finishes."""
        self.seconds: float = row["seconds"]
        """Of training."""
        self.parent: str | None = row["parent"]
        self.branched_at: int | None = row["branched_at"]
        """The iteration at which it left its parent."""
        self.created: float = row["created"]
        """Seconds since 1970."""
        self.changed: float = row["changed"]
        """When something of it was last written."""
        self.versions: dict[str, str] = json.loads(row["versions"])
        """Of the software that began it."""
        self.tags: tuple[str, ...] = tuple(json.loads(row["tags"]))
        self.notes: str = row["notes"]
        self.own = bool(row["own"])
        """Whether data or networks of the caller's own played, which are not kept with it."""
        self.error = read(row["error"])
        """What ended it early."""
        self.verdict = read(row["verdict"])
        """What was said of it last."""
        self.summary: dict[str, Any] = json.loads(row["summary"])
        """V, G's error and metrics at its end, see `moments.summary_of`."""
        self.plan = tuple(Event(*event) for event in json.loads(row["plan"]))
        """Edits that it was to have at their steps."""

    def __repr__(self) -> str:
        return f"KeptRun({self.id!r}, {self.status}, {self.step}/{self.steps})"

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The edits that came into force, oldest first."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT step, field, value FROM events WHERE run = ? ORDER BY place", (self.id,)
            ).fetchall()
        return tuple(Event(row["step"], row["field"], json.loads(row["value"])) for row in found)

    @cached_property
    def moments(self) -> Sequence[int]:
        """The iterations that `at` knows, ascending."""
        return self._steps("moments")

    @cached_property
    def keyframes(self) -> Sequence[int]:
        """The iterations whose whole state is kept, ascending."""
        return self._steps("keyframes")

    @cached_property
    def latest(self) -> Snapshot | None:
        """The newest moment, with the status of now and the whole history; None without one."""
        if not self.moments:
            return None
        return replace(self.at(self.moments[-1]), status=self.status)

    def at(self, step: int) -> Snapshot:
        """The moment after iteration `step`, complete in itself.

        Raises:
            KeyError: if it is not one of `moments`.
            StoreError: if it cannot be read.
        """
        with self._database.read() as connection:
            moment = connection.execute(
                "SELECT body FROM moments WHERE run = ? AND step = ?", (self.id, step)
            ).fetchone()
            if moment is None:
                raise KeyError(step)
            given, readings = (
                connection.execute(f"SELECT body FROM {part} WHERE run = ?", (self.id,)).fetchone()
                for part in ("given", "readings")
            )
        history = decimated(self.rows(step))
        whole = Whole(self.id, self.label, self.config_json, self.events, history)
        parts = Parts(given["body"], readings["body"], moment["body"])
        snapshot: Snapshot = self._sound(lambda: snapshot_from(step, parts, whole))
        return snapshot

    def rows(self, until: int | None = None) -> Array:
        """The recorded rows up to iteration `until`, shape `(n, len(COLUMNS))`; None: all.

        Raises:
            StoreError: if they cannot be read.
        """
        last = self.step if until is None else until
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT body FROM rows WHERE run = ? AND first <= ? ORDER BY first",
                (self.id, last),
            ).fetchall()
        batches = self._sound(lambda: [from_arrow(row["body"]) for row in found])
        rows = np.concatenate([np.empty((0, len(COLUMNS))), *batches])
        return rows[rows[:, 0] <= last]

    @property
    def history(self) -> Columns:
        """All recorded rows."""
        return Columns(self.rows())

    def keyframe(self, step: int) -> Keyframe:
        """The state after iteration `step`.

        Raises:
            KeyError: if it is not one of `keyframes`.
            StoreError: if it cannot be read.
        """
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT body FROM keyframes WHERE run = ? AND step = ?", (self.id, step)
            ).fetchone()
        if found is None:
            raise KeyError(step)
        tensors, rest = self._sound(lambda: unpack(found["body"]))
        return Keyframe(step, tensors, rest)

    def to_file(self, path: Path) -> None:
        """Write everything that is kept of it to a run file.

        Raises:
            StoreError: if it is deleted by now.
            OSError: if the file cannot be written.
        """
        try:
            with self._database.read() as connection:
                row, parts = run_parts(connection, self.id)
        except KeyError as error:
            raise StoreError(_("Run {run} is not kept any more.", run=self.id)) from error
        write_run_file(row, parts, path, travelling(json.loads(row["config"])))

    def _steps(self, kind: str) -> Sequence[int]:
        with self._database.read() as connection:
            found = connection.execute(
                f"SELECT step FROM {kind} WHERE run = ? ORDER BY step", (self.id,)
            ).fetchall()
        return tuple(row["step"] for row in found)

    def _sound(self, reading: Callable[[], Any]) -> Any:
        try:
            return reading()
        except (ValueError, KeyError) as error:
            raise StoreError(
                _("What is kept of run {run} is damaged: {why}.", run=self.id, why=str(error))
            ) from error


def read(kept: str | None) -> Text | None:
    """A text of the database: the inverse of `writer.said`."""
    if kept is None:
        return None
    value = json.loads(kept)
    return value if isinstance(value, str) else Message.from_json(value)
