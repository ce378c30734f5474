"""A whole run, in the pieces that leave a store and that another one takes up."""

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganviz.runs import new_id
from ganviz.store.packing import from_arrow
from ganviz.store.retention import add_rows

COLUMNS = (
    "id",
    "label",
    "config",
    "status",
    "step",
    "steps",
    "rows",
    "seconds",
    "parent",
    "branched_at",
    "created",
    "versions",
    "plan",
    "own",
    "error",
    "verdict",
    "summary",
    "tags",
    "notes",
)
"""What leaves the store of a run's row: all but its lease."""


@dataclass(frozen=True)
class Parts:
    """What is kept of a run beside its row."""

    rows: tuple[bytes, ...]
    """Arrow streams, oldest first."""
    events: tuple[tuple[int, str, str], ...]
    """Step, field and value as JSON."""
    moments: tuple[tuple[int, float, bytes], ...]
    """Step, seconds of training, packed."""
    keyframes: tuple[tuple[int, float, bytes], ...]
    given: bytes | None
    readings: bytes | None


def run_parts(connection: sqlite3.Connection, run: str) -> tuple[dict[str, Any], Parts]:
    """The row and the parts of a run, its newest keyframe only.

    Raises:
        KeyError: if it is not kept.
    """
    row = connection.execute(
        f"SELECT {', '.join(COLUMNS)} FROM runs WHERE id = ? AND deleted IS NULL", (run,)
    ).fetchone()
    if row is None:
        raise KeyError(run)

    def all_of(columns: str, table: str, order: str) -> tuple[tuple[Any, ...], ...]:
        query = f"SELECT {columns} FROM {table} WHERE run = ? ORDER BY {order}"
        return tuple(tuple(found) for found in connection.execute(query, (run,)))

    def one_of(table: str) -> bytes | None:
        found = connection.execute(f"SELECT body FROM {table} WHERE run = ?", (run,)).fetchone()
        return None if found is None else bytes(found["body"])

    return dict(row), Parts(
        rows=tuple(body for (body,) in all_of("body", "rows", "first")),
        events=all_of("step, field, value", "events", "place"),
        moments=all_of("step, seconds, body", "moments", "step"),
        keyframes=all_of("step, seconds, body", "keyframes", "step")[-1:],
        given=one_of("given"),
        readings=one_of("readings"),
    )


def add_run(connection: sqlite3.Connection, row: Mapping[str, Any], parts: Parts) -> sqlite3.Row:
    """Write a run, whatever its lease was; gives its row.

    Raises:
        ValueError: if rows of it are damaged.
    """
    taken = connection.execute("SELECT 1 FROM runs WHERE id = ?", (row["id"],)).fetchone()
    run = new_id() if taken else row["id"]
    values = {name: row[name] for name in COLUMNS} | {"id": run, "changed": time.time()}
    places = ", ".join(f":{name}" for name in values)
    connection.execute(f"INSERT INTO runs ({', '.join(values)}) VALUES ({places})", values)
    for body in parts.rows:
        add_rows(connection, run, from_arrow(body))
    connection.executemany(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?)",
        [(run, place, *event) for place, event in enumerate(parts.events)],
    )
    for kind, frames in (("moments", parts.moments), ("keyframes", parts.keyframes)):
        connection.executemany(
            f"INSERT INTO {kind} VALUES (?, ?, ?, 0, ?)",
            [(run, step, seconds, body) for step, seconds, body in frames],
        )
    for table, part in (("given", parts.given), ("readings", parts.readings)):
        if part is not None:
            connection.execute(f"INSERT INTO {table} VALUES (?, ?)", (run, part))
    found: sqlite3.Row = connection.execute("SELECT * FROM runs WHERE id = ?", (run,)).fetchone()
    return found


def checked_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that comes from elsewhere, of the types that they must have.

    Raises:
        ValueError: if one is missing or of another type.
    """
    kinds: dict[str, tuple[type, ...]] = {
        name: (int, float) if name in ("seconds", "created") else (str,) for name in COLUMNS
    }
    kinds |= dict.fromkeys(("step", "steps", "rows", "own"), (int,))
    kinds |= {name: (str, type(None)) for name in ("parent", "error", "verdict")}
    kinds["branched_at"] = (int, type(None))
    for name, allowed in kinds.items():
        if name not in row or not isinstance(row[name], allowed):
            raise ValueError(f"{name!r} is missing or of the wrong kind")
    for name in ("config", "versions", "plan", "summary", "tags", "error", "verdict"):
        if row[name] is not None:
            json.loads(row[name])
    return {name: row[name] for name in COLUMNS}
