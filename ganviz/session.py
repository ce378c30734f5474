"""Drives one trainer in one thread: commands go in, the newest snapshot comes out."""

import atexit
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from torch import nn

from ganviz.config import RunConfig
from ganviz.snapshot import Snapshot, Status
from ganviz.target import Target
from ganviz.trainer import Diverged, Trainer, one_thread

PUBLISH_SECONDS = 0.1

COMPILING = "Compiling the iteration first; that takes up to a minute, once."

_LIVE: tuple[Status, ...] = ("running", "paused")


class Session:
    """One run, alive. Every command returns at once and may be repeated safely.

    Args:
        config: the settings; their `steps` is where the run finishes.
        target, generator, discriminator: as for `Trainer`.
        clock: seconds that only grow; what publishing and the rate go by.
    """

    def __init__(
        self,
        config: RunConfig,
        *,
        target: Target | None = None,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.id = secrets.token_hex(4)
        self.config = config
        self._parts: dict[str, Any] = {
            "target": target,
            "generator": generator,
            "discriminator": discriminator,
        }
        self._clock = clock
        self._current = config
        self._status: Status = "idle"
        self._latest: Snapshot | None = None
        self._error: Exception | None = None
        self._rate = 0.0
        self._notice: str | None = COMPILING if config.compile else None
        self._edits: list[dict[str, Any]] = []
        self._steps_wanted = 0
        self._stopping = False
        # Guards the commands; the thread sleeps on it while paused.
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> Status:
        """What the run is doing."""
        return self._status

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot; None until the trainer is built."""
        return self._latest

    @property
    def error(self) -> Exception | None:
        """What ended a diverged or failed run."""
        return self._error

    @property
    def notice(self) -> str | None:
        """What a person should know of how the run is made: that it compiles, or why it cannot."""
        return self._notice

    @property
    def rate(self) -> float:
        """Iterations a second of late, 0 while nothing trains."""
        return self._rate if self._status == "running" else 0.0

    @property
    def live(self) -> bool:
        """Whether more iterations can come."""
        return self._status in _LIVE

    @property
    def current(self) -> RunConfig:
        """The settings with all edits, also those that the thread has yet to apply."""
        return self._current

    def start(self) -> None:
        """Begin to train. Nothing happens to a run that has begun."""
        self._begin("running")

    def pause(self) -> None:
        """Rest after the present iteration."""
        with self._changed:
            if self.live:
                self._status = "paused"
                self._steps_wanted = 0

    def resume(self) -> None:
        """Go on after a pause."""
        with self._changed:
            if self._status == "paused":
                self._status = "running"
                self._steps_wanted = 0
                self._changed.notify_all()

    def step(self, n: int = 1) -> None:
        """Make `n` iterations and rest. A running run is paused first; an idle one begins.

        Raises:
            ValueError: if `n` is below 1.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        self._begin("paused")
        with self._changed:
            if self.live:
                self._status = "paused"
                self._steps_wanted += n
                self._changed.notify_all()

    def edit(self, **changes: Any) -> None:
        """Change live settings from the next iteration on. A run that has ended stays as it was.

        Raises:
            ConfigError: if a field is not live or a value is not valid; then nothing is changed.
        """
        with self._changed:
            edited = self._current.edited(**changes)
            if not self.live and self._status != "idle":
                return
            self._current = edited
            self._edits.append(changes)
            self._changed.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait for the first snapshot, at most `timeout` seconds; whether it is there."""
        return self._ready.wait(timeout)

    def stop(self, timeout: float = 10.0) -> None:
        """End the run and wait for its thread, at most `timeout` seconds. What was drawn stays."""
        with self._changed:
            self._stopping = True
            if self._status == "idle":
                self._status = "stopped"
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _begin(self, status: Status) -> None:
        with self._changed:
            if self._status != "idle" or self._stopping:
                return
            self._status = status
            self._thread = threading.Thread(target=self._work, name=f"run-{self.id}", daemon=True)
            # A daemon thread inside torch at interpreter exit aborts the process: end it before.
            atexit.register(self.stop)
            self._thread.start()

    def _work(self) -> None:
        try:
            with one_thread():
                trainer = Trainer(self.config, **self._parts)
                self._publish(trainer, self._train(trainer))
        except Exception as error:
            with self._changed:
                self._error = error
                self._status = "failed"
                if self._latest is not None:
                    self._latest = replace(self._latest, status="failed")
        finally:
            atexit.unregister(self.stop)

    def _train(self, trainer: Trainer) -> Status:
        """Iterate until there is a reason to end, and give it."""
        published, counted = self._clock(), trainer.iteration
        while True:
            if self._status == "paused" or self._stopping or self._edits:
                if not self._obey(trainer):
                    return "stopped"
                if self._status == "running":
                    published, counted = self._clock(), trainer.iteration
            try:
                trainer.step()
            except Diverged as error:
                self._error = error
                return "diverged"
            if trainer.iteration >= self.config.steps:
                return "finished"
            now = self._clock()
            if now - published >= PUBLISH_SECONDS:
                self._rate = (trainer.iteration - counted) / (now - published)
            if now - published >= PUBLISH_SECONDS or self._latest is None:
                self._publish(trainer, self._status)
                published, counted = self._clock(), trainer.iteration

    def _obey(self, trainer: Trainer) -> bool:
        """Apply edits and, while paused, wait for a step to make; False: end the run."""
        with self._changed:
            while True:
                edited = bool(self._edits)
                for changes in self._edits:
                    trainer.edit(**changes)
                self._edits.clear()
                if self._stopping:
                    return False
                if self._status == "running":
                    return True
                if self._steps_wanted:
                    self._steps_wanted -= 1
                    return True
                latest = self._latest
                stale = latest is None or latest.step != trainer.iteration
                if edited or stale or (latest and latest.status != "paused"):
                    self._publish(trainer, "paused")
                self._changed.wait()

    def _publish(self, trainer: Trainer, status: Status) -> None:
        snapshot = replace(trainer.snapshot(), status=status)
        with self._changed:
            self._notice = trainer.notice if trainer.iteration else self._notice
            self._latest = snapshot
            if status not in _LIVE:
                self._status = status
        self._ready.set()
