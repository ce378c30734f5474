"""Who makes a run: the process that holds its lease. A run whose lease has run out is free."""

import os
import platform
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil

from ganviz.snapshot import LIVE, Status

LEASE_SECONDS = 5.0
"""So long a lease holds after its last heartbeat, where nobody can tell whether the process lives:
heartbeats come each second, and a busy disk may hold one up."""


@cache
def boot_name() -> str:
    """Names this start of this machine, as far as that can be told."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{platform.node()}-{round((time.time() - time.monotonic()) / 60)}"


def process_name(number: int) -> str:
    """A process by its number and, where it can be told, the tick of its birth: numbers are given
    again, and a new process with an old number is another one."""
    try:
        # After the command's name, in brackets, the birth is the 20th field.
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return f"{number}@"
    return f"{number}@{fields[19]}"


@dataclass(frozen=True)
class Holder:
    """One store of one process, as it signs its leases."""

    owner: str = field(default_factory=lambda: secrets.token_hex(8))
    process: str = field(default_factory=lambda: process_name(os.getpid()))
    boot: str = field(default_factory=boot_name)
    clock: Callable[[], float] = time.time
    """Seconds of the wall clock, which all processes share."""

    def take(self, connection: sqlite3.Connection, run: str) -> bool:
        """Take the lease of a run, inside a write transaction; whether it was free.

        Of two that try at once one wins: SQLite lets them write one after the other.
        """
        found = connection.execute(
            "SELECT status, owner, process, boot, beat FROM runs WHERE id = ?", (run,)
        ).fetchone()
        if found is None or (found["owner"] is not None and self.holds(found)):
            return False
        connection.execute(
            "UPDATE runs SET owner = ?, process = ?, boot = ?, beat = ? WHERE id = ?",
            (self.owner, self.process, self.boot, self.clock(), run),
        )
        return True

    def beat(self, connection: sqlite3.Connection, runs: Collection[str]) -> None:
        """Say that these runs are still being made."""
        now = self.clock()
        connection.executemany(
            "UPDATE runs SET beat = ? WHERE id = ? AND owner = ?",
            [(now, run, self.owner) for run in runs],
        )

    def release(self, connection: sqlite3.Connection, run: str) -> None:
        """Let a run go that is over."""
        connection.execute(
            "UPDATE runs SET owner = NULL, process = NULL, boot = NULL, beat = NULL "
            "WHERE id = ? AND owner = ?",
            (run, self.owner),
        )

    def holds(self, row: sqlite3.Row) -> bool:
        """Whether the lease in a row of `runs` still holds, whoever has it."""
        if row["owner"] is None:
            return False
        if row["owner"] == self.owner:
            return True
        if row["boot"] == self.boot:
            number, _, born = row["process"].partition("@")
            if not psutil.pid_exists(int(number)):
                return False
            if born:
                return process_name(int(number)) == str(row["process"])
        return bool(self.clock() - row["beat"] <= LEASE_SECONDS)

    def status(self, row: sqlite3.Row) -> Status:
        """What a run in a row of `runs` is doing: interrupted, where nobody makes it any more."""
        status: Status = row["status"]
        if status in LIVE and not self.holds(row):
            return "interrupted"
        return status
