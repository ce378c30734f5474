"""Sinks for the tests of whoever tells them."""

import threading
from typing import Any

import numpy as np

from ganviz.columns import Columns
from ganviz.snapshot import Event, Snapshot, Status


class Told:
    """A sink that keeps all that it is told, and by which thread."""

    def __init__(self) -> None:
        self.blocks: list[Columns] = []
        self.snapshots: list[Snapshot] = []
        self.events: list[Event] = []
        self.ends: list[tuple[Status, Exception | None]] = []
        self.order: list[str] = []
        self.threads: set[str] = set()

    def _note(self, what: str) -> None:
        self.order.append(what)
        self.threads.add(threading.current_thread().name)

    def rows(self, rows: Columns) -> None:
        self._note("rows")
        self.blocks.append(rows)

    def snapshot(self, snapshot: Snapshot) -> None:
        self._note("snapshot")
        self.snapshots.append(snapshot)

    def event(self, event: Event) -> None:
        self._note("event")
        self.events.append(event)

    def end(self, status: Status, error: Exception | None) -> None:
        self._note("end")
        self.ends.append((status, error))

    @property
    def steps(self) -> list[float]:
        return [step for block in self.blocks for step in block["step"].tolist()]

    def column(self, name: str) -> Any:
        return np.concatenate([block[name] for block in self.blocks])


class Broken(Told):
    """Raises where it is told `of`."""

    def __init__(self, of: str) -> None:
        super().__init__()
        self.of = of

    def _note(self, what: str) -> None:
        super()._note(what)
        if what == self.of:
            raise OSError("the disk is full")
