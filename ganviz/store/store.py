"""The store: every run that was ever begun, until somebody deletes it."""

import atexit
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ganviz.home import home
from ganviz.say import Text, _, joined
from ganviz.store import data
from ganviz.store.database import MEMORY, Database
from ganviz.store.errors import StoreError, reason
from ganviz.store.keeper import Birth, Judge, Keeper
from ganviz.store.kept import KeptRun
from ganviz.store.leases import Holder
from ganviz.store.parts import add_run
from ganviz.store.retention import BUDGET, UNDO_SECONDS
from ganviz.store.run_file import read_run_file
from ganviz.store.writer import Writer

FILE = "ganviz.db"

_BUDGET = "budget"


class Store:
    """Runs in an SQLite database, shared by all processes that open it.

    Args:
        path: of the file; None: `ganviz.db` in `$GANVIZ_HOME`, else in the platform's folder for
            data of programs. ":memory:" keeps runs as long as the store.
        holder: how this process signs what it makes.

    Raises:
        StoreError: if it cannot be opened, or is of a newer version of ganviz.
    """

    def __init__(self, path: Path | str | None = None, *, holder: Holder | None = None) -> None:
        place = home() / FILE if path is None else path
        self.path = place if place == MEMORY else Path(place).expanduser()
        self._database = Database(self.path)
        self._holder = Holder() if holder is None else holder
        self._writer = Writer(self._database, self._holder, self._tidy)
        atexit.register(self.close)
        self.purge()
        self._remove_data()

    @property
    def notice(self) -> Text | None:
        """What a person should know: nothing can be written, or a damaged file was replaced."""
        read_only = None
        if self._database.read_only:
            read_only = _("{path} can only be read: new runs are not kept.", path=self.path)
        return joined((self._database.notice, read_only, self._writer.trouble)) or None

    def runs(self) -> list[KeptRun]:
        """All runs but those that are deleted, newest first."""
        return self._select("deleted IS NULL", ())

    def run(self, run: str) -> KeptRun:
        """The run with that id.

        Raises:
            KeyError: if it is not kept, or deleted.
        """
        found = self._select("id = ? AND deleted IS NULL", (run,))
        if not found:
            raise KeyError(run)
        return found[0]

    def __contains__(self, run: str) -> bool:
        return bool(self._select("id = ? AND deleted IS NULL", (run,)))

    def keep(self, birth: Birth, judge: Judge | None = None) -> Keeper:
        """What to give a new run as a sink, so that it is kept."""
        keeper = Keeper(birth.id, birth, judge)
        self._writer.add(keeper)
        return keeper

    def take_over(self, run: str, judge: Judge | None = None) -> Keeper:
        """Take the lease of a run that nobody makes, to go on with it; of two that try, one wins.

        Args:
            run: its id.
            judge: as for `keep`.

        Raises:
            KeyError: if it is not kept.
            StoreError: if somebody makes it, or nothing can be written.
        """
        if run not in self:
            raise KeyError(run)
        with self._writes() as connection:
            if not self._holder.take(connection, run):
                raise StoreError(
                    _("Run {run} is being made already, perhaps by another process.", run=run)
                )
        keeper = Keeper(run, None, judge)
        self._writer.add(keeper)
        return keeper

    def lost(self, run: str) -> Text | None:
        """Why nothing more is kept of a run that is made here; None where it is."""
        return self._writer.lost.get(run)

    def flush(self) -> bool:
        """Write what has been told by now; whether that was possible."""
        return self._writer.flush()

    def rename(self, run: str, label: str) -> None:
        """Call a run `label`; an empty one gives its id back."""
        self._set([run], "label", label.strip() or run)

    def annotate(self, run: str, notes: str) -> None:
        """Put `notes` in the place of a run's."""
        self._set([run], "notes", notes)

    def tag(self, runs: str | Iterable[str], *tags: str) -> None:
        """Give runs these tags, in the place of those that they had."""
        kept = sorted({tag.strip() for tag in tags if tag.strip()})
        self._set([runs] if isinstance(runs, str) else list(runs), "tags", json.dumps(kept))

    def delete(self, runs: str | Iterable[str]) -> list[str]:
        """Delete runs; for a minute `restore` has them back, then they are purged.

        Returns:
            The ids of those that were deleted.

        Raises:
            StoreError: if one of them is being made, or nothing can be written.
        """
        ids = [runs] if isinstance(runs, str) else list(runs)
        kept = {run.id: run for run in self.runs()}
        live = [i for i in ids if i in kept and kept[i].status in ("queued", "running", "paused")]
        if live:
            raise StoreError(_("Run {run} is being made: stop it first.", run=live[0]))
        found = [run for run in ids if run in kept]
        self._set(found, "deleted", time.time())
        self._writer.begin()
        return found

    def restore(self, runs: str | Iterable[str]) -> None:
        """Have deleted runs back that are not purged yet."""
        self._set([runs] if isinstance(runs, str) else list(runs), "deleted", None)

    def purge(self, older: float = UNDO_SECONDS) -> int:
        """Remove what was deleted more than `older` seconds ago for good, and give its place back;
        gives how many runs that were."""
        before = time.time() - older
        try:
            with self._database.read() as connection:
                (n,) = connection.execute(
                    "SELECT count(*) FROM runs WHERE deleted <= ?", (before,)
                ).fetchone()
            if n:
                with self._database.write() as connection:
                    connection.execute("DELETE FROM runs WHERE deleted <= ?", (before,))
                self._database.shrink()
                self._remove_data()
        except (sqlite3.Error, OSError):  # whoever keeps runs says so
            return 0
        return int(n)

    def _remove_data(self) -> None:
        """Remove data that no run needs: of all runs only the home's own store knows, and not where
        runs lie in a damaged file that was set aside."""
        place = home() / FILE
        if self.path != place or any(place.parent.glob(f"{FILE}.damaged-*")):
            return
        with suppress(sqlite3.Error):
            with self._database.read() as connection:
                configs = connection.execute("SELECT config FROM runs").fetchall()
            data.remove_unused({n for (c,) in configs for n in data.named_in(json.loads(c))})

    def _tidy(self) -> None:
        self.purge()

    @property
    def budget(self) -> int:
        """Bytes that all runs and their data may take."""
        return int(self.setting(_BUDGET, BUDGET))

    @budget.setter
    def budget(self, size: int) -> None:
        self.set(_BUDGET, int(size))

    @property
    def used(self) -> int:
        """Bytes that all runs and their data take."""
        return self._database.used + data.used_bytes()

    def import_file(self, path: Path | str) -> KeptRun:
        """Keep the run of a run file, as `ganviz.export` writes it.

        Raises:
            StoreError: if it is none, is damaged, or nothing can be written.
        """
        row, parts, content = read_run_file(Path(path))
        data.adopt(content)
        with self._writes() as connection:
            return KeptRun(self._database, add_run(connection, row, parts), row["status"])

    def oldest(self, size: int) -> list[KeptRun]:
        """The oldest runs without a tag that nobody makes and that together take `size` bytes or
        more, to be offered for deletion; all of them, where they take less."""
        chosen: list[KeptRun] = []
        for run in reversed(self.runs()):
            if size <= 0:
                break
            if not run.tags and run.status not in ("queued", "running", "paused"):
                chosen.append(run)
                size -= self.size(run.id)
        return chosen

    def size(self, run: str) -> int:
        """Bytes that a run takes."""
        with self._database.read() as connection:
            parts = [
                connection.execute(
                    f"SELECT coalesce(sum(length(body)), 0) FROM {table} WHERE run = ?", (run,)
                ).fetchone()[0]
                for table in ("rows", "moments", "keyframes", "given", "readings")
            ]
        return int(sum(parts))

    def setting(self, name: str, default: Any) -> Any:
        """A setting of this store."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT value FROM settings WHERE name = ?", (name,)
            ).fetchone()
        return default if found is None else json.loads(found["value"])

    def set(self, name: str, value: Any) -> None:
        """Change a setting of this store.

        Raises:
            StoreError: if nothing can be written.
        """
        with self._writes() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value))
            )

    def close(self) -> None:
        """Write what has come, and end. A second call does nothing."""
        atexit.unregister(self.close)
        self._writer.close()
        with suppress(sqlite3.Error):
            self._database.close()

    def _select(self, where: str, values: Iterable[Any]) -> list[KeptRun]:
        try:
            with self._database.read() as connection:
                rows = connection.execute(
                    f"SELECT * FROM runs WHERE {where} ORDER BY created DESC, rowid DESC",
                    tuple(values),
                ).fetchall()
        except sqlite3.Error as error:
            raise self._unreadable(error) from error
        return [KeptRun(self._database, row, self._holder.status(row)) for row in rows]

    def _set(self, runs: Iterable[str], column: str, value: Any) -> None:
        with self._writes() as connection:
            connection.executemany(
                f"UPDATE runs SET {column} = ? WHERE id = ?", [(value, run) for run in runs]
            )

    @contextmanager
    def _writes(self) -> Iterator[sqlite3.Connection]:
        """A write transaction; what goes wrong is a sentence."""
        try:
            with self._database.write() as connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise StoreError(_("Nothing can be kept: {why}.", why=reason(error))) from error

    @staticmethod
    def _unreadable(error: Exception) -> StoreError:
        return StoreError(_("Kept runs cannot be read: {why}.", why=reason(error)))
