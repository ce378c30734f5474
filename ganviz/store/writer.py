"""The one thread of a store that writes: it comes by twice a second and takes what has come."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable

from ganviz.say import Message, Text, _
from ganviz.store.database import Database
from ganviz.store.errors import reason
from ganviz.store.keeper import Birth, Keeper, Told, joined_rows
from ganviz.store.leases import Holder
from ganviz.store.moments import given_of, moment_of, readings_of, summary_of
from ganviz.store.packing import pack
from ganviz.store.retention import ROWS, Kind, add_rows, halve_rows, stays, thin

FLUSH_SECONDS = 0.5
"""Between two looks: a killed process loses no more rows than came in that time and a write's."""

MOMENT_SECONDS = 2.0
"""Between two moments that are written while a run goes on."""

BEAT_SECONDS = 1.0

RETRY_SECONDS = 2.0
"""After a failure."""

TAKEN_OVER = _("Another process goes on with this run: nothing more of it is kept from here.")
GONE = _("This run was deleted: nothing more of it is kept.")


class Writer:
    """Writes what keepers were told, all of a look in one transaction.

    What cannot be written is given back and tried again: nothing is lost, but with the process.

    Args:
        database: to be written.
        holder: whose leases the runs have.
        tidy: is called every now and then, for what else there is to do.
    """

    def __init__(self, database: Database, holder: Holder, tidy: Callable[[], None]) -> None:
        self._database, self._holder, self._tidy = database, holder, tidy
        self._keepers: dict[str, Keeper] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._beaten = self._tidied = 0.0
        self._moments: dict[str, float] = {}
        self.lost: dict[str, Message] = {}
        """Why nothing more is kept of a run."""
        self.trouble: Message | None = None
        """Why nothing can be written at the moment, and what that means."""

    def add(self, keeper: Keeper) -> None:
        """Look after a keeper from now on, until its run is over and written."""
        with self._lock:
            self._keepers[keeper.run] = keeper
            self.lost.pop(keeper.run, None)
        self.begin()
        self._wake.set()

    def begin(self) -> None:
        """Come by from now on, if only to tidy up."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="store", daemon=True)
                self._thread.start()

    def drop(self, runs: Iterable[str]) -> None:
        """Look after the keepers of these runs no more."""
        with self._lock:
            for run in runs:
                self._keepers.pop(run, None)

    def flush(self) -> bool:
        """Write what has come by now; whether that was possible."""
        with self._writing:
            return self._look()

    def close(self, timeout: float = 10.0) -> None:
        """Write what has come, and end the thread."""
        self._closed = True
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        self.flush()

    def _work(self) -> None:
        while not self._closed:
            done = self.flush()
            if done and time.monotonic() - self._tidied >= RETRY_SECONDS:
                self._tidied = time.monotonic()
                self._tidy()
            self._wake.wait(FLUSH_SECONDS if done else RETRY_SECONDS)
            self._wake.clear()

    def _look(self) -> bool:
        with self._lock:
            keepers = list(self._keepers.values())
        due = [keeper for keeper in keepers if keeper.waits]
        beats = time.monotonic() - self._beaten >= BEAT_SECONDS
        live = [keeper.run for keeper in keepers if keeper.live]
        if not due and not (beats and live):
            return True
        taken = [(keeper, keeper.take()) for keeper in due]
        try:
            with self._database.write() as connection:
                for keeper, told in taken:
                    self._write(connection, keeper, told)
                self._holder.beat(connection, live)
        except (sqlite3.Error, OSError, ValueError) as error:
            for keeper, told in taken:
                keeper.give_back(told)
            self.trouble = _(
                "Runs are not being kept at the moment: {why}. Training goes on, and what is not "
                "kept yet is tried again.",
                why=reason(error),
            )
            return False
        self._beaten, self.trouble = time.monotonic(), None
        for keeper, told in taken:
            keeper.birth = None
            keeper.written(told)
        return True

    def _write(self, connection: sqlite3.Connection, keeper: Keeper, told: Told) -> None:
        run = keeper.run
        if keeper.birth is not None:
            _insert(connection, keeper.birth, self._holder)
        elif (lost := self._lost(connection, keeper)) is not None:
            keeper.lost = self.lost[run] = lost
            self.drop([run])
            return
        _write_rows(connection, keeper, told)
        _write_events(connection, run, told)
        self._write_snapshot(connection, keeper, told)
        for keyframe in told.keyframes:
            body = pack(keyframe.tensors, keyframe.rest)
            _keep(connection, "keyframes", run, keyframe.step, keeper.seconds, body)
        self._write_state(connection, keeper, told)
        if told.end is not None:  # what is still measured comes as snapshots
            self._holder.release(connection, run)

    def _lost(self, connection: sqlite3.Connection, keeper: Keeper) -> Message | None:
        """Why the run is not ours to write any more; None where it is."""
        found = connection.execute("SELECT owner FROM runs WHERE id = ?", (keeper.run,)).fetchone()
        if found is None:
            return GONE
        free = found["owner"] is None and not keeper.live
        return None if free or found["owner"] == self._holder.owner else TAKEN_OVER

    def _write_snapshot(self, connection: sqlite3.Connection, keeper: Keeper, told: Told) -> None:
        snapshot, run = told.snapshot, keeper.run
        if snapshot is None:
            return
        if snapshot.clock.rows:
            keeper.seconds = float(snapshot.clock["seconds"][-1])
        now = time.monotonic()
        resting = snapshot.status != "running"
        if not resting and now - self._moments.get(run, -MOMENT_SECONDS) < MOMENT_SECONDS:
            return
        self._moments[run] = now
        connection.execute("INSERT OR IGNORE INTO given VALUES (?, ?)", (run, given_of(snapshot)))
        connection.execute(
            "INSERT OR REPLACE INTO readings VALUES (?, ?)", (run, readings_of(snapshot))
        )
        _keep(connection, "moments", run, snapshot.step, keeper.seconds, moment_of(snapshot))
        verdict = keeper.judge(snapshot) if keeper.judge else None
        connection.execute(
            "UPDATE runs SET summary = ?, verdict = ?, seconds = ? WHERE id = ?",
            (summary_of(snapshot), said(verdict), keeper.seconds, run),
        )

    @staticmethod
    def _write_state(connection: sqlite3.Connection, keeper: Keeper, told: Told) -> None:
        status, error = told.status, None
        if told.snapshot is not None:
            status = told.snapshot.status
        if told.end is not None:
            status, error = told.end
        if status is not None:
            connection.execute(
                "UPDATE runs SET status = ?, error = coalesce(?, error), changed = ? WHERE id = ?",
                (status, said(error), time.time(), keeper.run),
            )


def said(text: Text | None) -> str | None:
    """A text as JSON, in no language yet."""
    if text is None:
        return None
    return json.dumps(text.to_json() if isinstance(text, Message) else text)


def _insert(connection: sqlite3.Connection, birth: Birth, holder: Holder) -> None:
    connection.execute(
        "INSERT INTO runs (id, label, config, status, steps, parent, branched_at, created, changed,"
        " versions, plan, own, owner, process, boot, beat)"
        " VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            birth.id,
            birth.label,
            birth.config_json,
            birth.steps,
            birth.parent,
            birth.branched_at,
            birth.created,
            birth.created,
            json.dumps(dict(birth.versions)),
            json.dumps([list(event) for event in birth.plan]),
            birth.own,
            holder.owner,
            holder.process,
            holder.boot,
            holder.clock(),
        ),
    )
    if birth.history is not None and len(birth.history):
        add_rows(connection, birth.id, birth.history)
        _count(connection, birth.id, len(birth.history), int(birth.history[-1, 0]))
    _write_events(connection, birth.id, Told(events=birth.events))


def _write_rows(connection: sqlite3.Connection, keeper: Keeper, told: Told) -> None:
    if not told.rows:
        return
    run = keeper.run
    (last,) = connection.execute("SELECT step FROM runs WHERE id = ?", (run,)).fetchone()
    rows = joined_rows(told.rows, last)
    if not len(rows):
        return
    add_rows(connection, run, rows)
    kept = _count(connection, run, len(rows), int(rows[-1, 0]))
    if kept > ROWS:
        left = halve_rows(connection, run)
        connection.execute("UPDATE runs SET rows = ? WHERE id = ?", (left, run))


def _count(connection: sqlite3.Connection, run: str, rows: int, step: int) -> int:
    connection.execute("UPDATE runs SET rows = rows + ?, step = ? WHERE id = ?", (rows, step, run))
    (kept,) = connection.execute("SELECT rows FROM runs WHERE id = ?", (run,)).fetchone()
    return int(kept)


def _write_events(connection: sqlite3.Connection, run: str, told: Told) -> None:
    if not told.events:
        return
    (place,) = connection.execute(
        "SELECT coalesce(max(place) + 1, 0) FROM events WHERE run = ?", (run,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?)",
        [
            (run, place + i, event.step, event.field, json.dumps(event.value))
            for i, event in enumerate(told.events)
        ],
    )


def _keep(
    connection: sqlite3.Connection, kind: Kind, run: str, step: int, seconds: float, body: bytes
) -> None:
    """Keep a moment or keyframe; the newest of those before goes if it was only passing."""
    connection.execute(f"DELETE FROM {kind} WHERE run = ? AND (passing OR step >= ?)", (run, step))
    (last,) = connection.execute(
        f"SELECT max(seconds) FROM {kind} WHERE run = ?", (run,)
    ).fetchone()
    passing = not stays(kind, seconds, last)
    connection.execute(
        f"INSERT INTO {kind} VALUES (?, ?, ?, ?, ?)", (run, step, seconds, passing, body)
    )
    thin(connection, kind, run)
