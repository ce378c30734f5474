"""The SQLite file: opened, brought up to date, and kept from harm."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ganviz.say import Message, _
from ganviz.store.errors import StoreError, is_damage, reason
from ganviz.store.migrations import MIGRATIONS

MEMORY = ":memory:"

PATIENCE_SECONDS = 5.0
"""So long a write waits for another process to finish its own."""

CHECKED_BYTES = 32 * 1024**2
"""Up to this size a file is read through when it is opened; a larger one would take too long."""


class Database:
    """One connection for reading and one for writing, each used by one thread at a time.

    In WAL mode with `synchronous=NORMAL`: a killed process loses nothing that it has committed, and
    no reader waits for a writer. A damaged file is set aside under another name, never deleted.

    Args:
        path: of the file, which is made where there is none; or ":memory:".

    Raises:
        StoreError: if it cannot be opened, or is of a newer version.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self.notice: Message | None = None
        """What became of a damaged file."""
        self.read_only = self._unchanging = False
        self._reading, self._writing = threading.RLock(), threading.RLock()
        try:
            if path != MEMORY:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._open_whole()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                _("Runs cannot be kept in {path}: {why}.", path=path, why=reason(error))
            ) from error

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection for reading; all that is read inside is of one moment."""
        with self._reading:
            inside = self._reader.in_transaction
            if not inside:
                self._reader.execute("BEGIN")
            try:
                yield self._reader
            finally:
                if not inside:
                    with suppress(sqlite3.Error):  # a broken file has ended it already
                        self._reader.execute("END")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """The connection for writing; what is written inside is kept whole or not at all."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has rolled back already
                    self._writer.execute("ROLLBACK")
                raise

    def shrink(self) -> None:
        """Give freed pages back to the disk."""
        with self._writing:
            # `execute` takes one step of it, which frees one page.
            self._writer.executescript("PRAGMA incremental_vacuum")
            if self.path != MEMORY:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @property
    def used(self) -> int:
        """Bytes in use, free pages left out."""
        with self.read() as connection:
            (size,) = connection.execute("PRAGMA page_size").fetchone()
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        return int(size * (pages - free))

    def close(self) -> None:
        """End both connections. A second call does nothing."""
        with self._reading, self._writing:
            self._reader.close()
            self._writer.close()

    def _open_whole(self) -> None:
        """Open; a damaged file is set aside and another one begun."""
        before = self._inode()
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if not is_damage(error) or self.path == MEMORY:
                raise
            if self._inode() == before:  # else another process has set it aside meanwhile
                self._set_aside()
            self._open()

    def _open(self) -> None:
        try:
            self._writer = self._connected()
            self._prepare(self._writer)
        except sqlite3.OperationalError as error:
            if "readonly" not in str(error):
                raise
            self._writer.close()
            self.read_only = True
            self._writer = self._connected(read_only=True)
            try:
                self._version(self._writer)
            except sqlite3.OperationalError:
                # A folder that cannot be written has no room for what readers share: so nobody
                # writes, and nothing needs to be shared.
                self._writer.close()
                self._unchanging = True
                self._writer = self._connected(read_only=True)
                self._version(self._writer)
        self._reader = self._writer
        if self.path == MEMORY:
            self._reading = self._writing
        else:
            self._reader = self._connected(read_only=self.read_only)

    def _connected(self, *, read_only: bool = False) -> sqlite3.Connection:
        name = str(self.path)
        if read_only:
            name = f"{Path(self.path).absolute().as_uri()}?mode=ro"
            name += "&immutable=1" if self._unchanging else ""
        connection = sqlite3.connect(
            name,
            timeout=PATIENCE_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            uri=read_only,
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # Before anything else: what is damaged is set aside as it was found.
        if self.path != MEMORY and os.path.getsize(self.path) <= CHECKED_BYTES:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(f"malformed: {found}")
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=NORMAL")
        while (version := self._version(connection)) < len(MIGRATIONS):
            migrate(connection, version)

    def _version(self, connection: sqlite3.Connection) -> int:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StoreError(
                _(
                    "{path} was written by a newer ganviz (version {found} of its tables; this one "
                    "knows {known}): update ganviz, or name another folder in GANVIZ_HOME.",
                    path=self.path,
                    found=version,
                    known=len(MIGRATIONS),
                )
            )
        return int(version)

    def _inode(self) -> int | None:
        try:
            return os.stat(self.path).st_ino
        except OSError:
            return None

    def _set_aside(self) -> None:
        with suppress(AttributeError):
            self._writer.close()
        name = f"{self.path}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
        for ending in ("-wal", "-shm", ""):  # the file last: until then nobody begins another
            with suppress(FileNotFoundError):
                os.replace(f"{self.path}{ending}", f"{name}{ending}")
        self.notice = _(
            "The database was damaged. It is set aside as {name}, and a new one is begun.",
            name=Path(name).name,
        )


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Lead the tables from `version` to the next, whole or not at all.

    Another process may have done it meanwhile: then nothing happens.
    """
    with closing(connection.cursor()) as cursor:
        cursor.execute("BEGIN EXCLUSIVE")
        try:
            (found,) = cursor.execute("PRAGMA user_version").fetchone()
            if found == version:
                for statement in MIGRATIONS[version].split(";"):
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version={version + 1}")
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
