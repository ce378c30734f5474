"""How much is kept of a run, and of all runs.

Of a run: every row up to a million, then every second of the older ones; moments and keyframes ever
further apart, the newest always, within a budget of bytes each. Of all: what a person allows.
"""

import sqlite3
from typing import Literal

from ganviz.columns import Array
from ganviz.store.packing import from_arrow, to_arrow

ROWS = 1_000_000
"""Rows of a run at most: then every second is dropped, the first and last kept."""

MOMENT_BYTES = 48 * 1024**2
KEYFRAME_BYTES = 64 * 1024**2
"""Of one run at most. Above it every second is dropped, the first and last kept."""

MOMENT_SECONDS, MOMENTS = 1.0, 32
KEYFRAME_SECONDS, KEYFRAMES = 5.0, 12
"""A further one is kept where the last is at least so many seconds of training old, and that part
of all of them: 1 s in the first half minute, a minute after half an hour."""

Kind = Literal["moments", "keyframes"]

BUDGET = 2 * 1024**3
"""Bytes of all runs and their data, unless a person sets it otherwise."""

UNDO_SECONDS = 60.0
"""So long a deleted run can be had back; then it is purged and the file shrinks."""


def stays(kind: Kind, seconds: float, last: float | None) -> bool:
    """Whether a new moment or keyframe stays when the next one comes.

    Args:
        kind: which of the two.
        seconds: of training by now.
        last: seconds at the last one that stayed; None: there is none.
    """
    if last is None:
        return True
    least, parts = (MOMENT_SECONDS, MOMENTS) if kind == "moments" else (KEYFRAME_SECONDS, KEYFRAMES)
    return seconds - last >= max(least, seconds / parts)


def thin(connection: sqlite3.Connection, kind: Kind, run: str) -> None:
    """Drop every second moment or keyframe of a run that has more bytes of them than it may."""
    most = MOMENT_BYTES if kind == "moments" else KEYFRAME_BYTES
    while True:
        found = connection.execute(
            f"SELECT step, length(body) AS size FROM {kind} WHERE run = ? ORDER BY step", (run,)
        ).fetchall()
        if sum(row["size"] for row in found) <= most or len(found) < 3:
            return
        dropped = [(run, row["step"]) for row in found[1:-1:2]]
        connection.executemany(f"DELETE FROM {kind} WHERE run = ? AND step = ?", dropped)


def halve_rows(connection: sqlite3.Connection, run: str) -> int:
    """Drop every second row of a run, the first and last kept; gives how many are left."""
    batches = connection.execute(
        "SELECT first, n FROM rows WHERE run = ? ORDER BY first", (run,)
    ).fetchall()
    total, place, left = sum(batch["n"] for batch in batches), 0, 0
    for batch in batches:
        key = (run, batch["first"])
        (body,) = connection.execute(
            "SELECT body FROM rows WHERE run = ? AND first = ?", key
        ).fetchone()
        rows = from_arrow(body)
        keep = [i for i in range(len(rows)) if (place + i) % 2 == 0 or place + i == total - 1]
        place += len(rows)
        connection.execute("DELETE FROM rows WHERE run = ? AND first = ?", key)
        left += len(keep)
        if keep:
            add_rows(connection, run, rows[keep])
    return left


def add_rows(connection: sqlite3.Connection, run: str, rows: Array) -> None:
    """Keep rows, shape `(n, len(COLUMNS))`, n at least 1, as one batch."""
    ends = int(rows[0, 0]), int(rows[-1, 0])
    connection.execute(
        "INSERT INTO rows (run, first, last, n, body) VALUES (?, ?, ?, ?, ?)",
        (run, *ends, len(rows), to_arrow(rows)),
    )
