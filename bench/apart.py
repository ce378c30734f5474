"""A run in a process of its own, for `bench.waiting`: the other way that runs could have gone."""

import multiprocessing
import os
import threading
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from types import MappingProxyType
from typing import Any

from ganviz import PRESETS, Session, Snapshot

CONFIG = PRESETS["healthy"].config.replace(steps=10_000_000)

LOOK_SECONDS = 0.01
"""Between two looks of a process at its own run."""


class Apart:
    """A run in a process of its own."""

    def __init__(self, nice: int) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._commands, theirs = spawning.Pipe()
        self._process = spawning.Process(target=_train, args=(theirs, nice), daemon=True)
        self._process.start()
        self._latest: Snapshot | None = None
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot that has arrived."""
        return self._latest

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid or 0

    def pause(self) -> None:
        """Rest."""
        self._commands.send("pause")

    def resume(self) -> None:
        """Go on."""
        self._commands.send("resume")

    def stop(self) -> None:
        """End the run and the process."""
        self._commands.send("stop")
        self._process.join(10)

    def _read(self) -> None:
        try:
            while True:
                self._latest = self._commands.recv()
        except EOFError:
            pass


def register() -> None:
    """Read-only mappings travel as dicts."""
    ForkingPickler.register(MappingProxyType, lambda seen: (_read_only, (dict(seen),)))


def _read_only(values: dict[str, Any]) -> MappingProxyType[str, Any]:
    return MappingProxyType(values)


def _train(commands: "Connection[Snapshot, str]", nice: int) -> None:
    """A process: its run does what comes, and its newest snapshot goes back."""
    os.nice(nice)
    register()
    session, sent = started(), None
    while True:
        if commands.poll(LOOK_SECONDS):
            command = commands.recv()
            getattr(session, command)()
            if command == "stop":
                return
        if (latest := session.latest) is not None and latest is not sent:
            commands.send(sent := latest)


def started() -> Session:
    """A run that trains, with the instruments that a page has at first."""
    session = Session(CONFIG)
    session.start()
    return session
