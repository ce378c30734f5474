"""Drives one trainer in one thread: commands go in, the newest snapshot comes out."""

import atexit
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from torch import nn

from ganviz.config import RunConfig
from ganviz.instruments import Fresh
from ganviz.say import Text, joined
from ganviz.session.run import Run
from ganviz.snapshot import Snapshot, Status
from ganviz.target import Target

SHARE = 0.15
"""The share of a run's time that its instruments may take, unless it is told otherwise."""

MOST_SHARE = 0.9


class Session(Run):
    """One run, alive. Every command returns at once and may be repeated safely.

    Args:
        config: the settings; their `steps` is where the run finishes.
        target, generator, discriminator: as for `Trainer`.
        share: of the time of a running run that its instruments may take, in [0, 0.9]. With 0 they
            are switched off and cost nothing. The history is the same with any.
        clock: seconds that only grow; what publishing and the rate go by.

    Raises:
        ValueError: if `share` is not in [0, 0.9].
    """

    def __init__(
        self,
        config: RunConfig,
        *,
        target: Target | None = None,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        share: float = SHARE,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        parts = {"target": target, "generator": generator, "discriminator": discriminator}
        super().__init__(config, parts, _checked_share(share), clock)
        self.id = secrets.token_hex(4)
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
    def notice(self) -> Text | None:
        """What a person should know of how the run is made and measured: that it compiles, or why
        it cannot; what networks of their own do; which instrument has failed."""
        panel = self._panel.notice if self._panel else None
        return joined((self._notice, panel)) or None

    @property
    def share(self) -> float:
        """The share of a running run's time that the instruments may take; 0: switched off."""
        return self._share

    @property
    def measuring(self) -> str | None:
        """What is being measured that was asked for, by a person or by the run's end."""
        busy = self._panel.busy if self._panel else None
        if busy is None and self._asked:
            return Fresh.name
        return busy.name if busy else None

    @property
    def rate(self) -> float:
        """Iterations a second of late, 0 while nothing trains."""
        return self._rate if self._status == "running" else 0.0

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

    def limit(self, share: float) -> None:
        """Change the share of time that the instruments may take; 0 switches them off.

        Raises:
            ValueError: if it is not in [0, 0.9].
        """
        with self._changed:
            self._share = _checked_share(share)
            if self._panel is not None:
                self._panel.share = self._share
            if not self._share:
                self._asked = False
                if self._panel is not None:
                    self._panel.drop()
            self._changed.notify_all()

    def measure(self) -> None:
        """Measure the run as it is now: fit a fresh discriminator, and take everything else.

        Nothing happens before the run has begun, after it has diverged or failed, or while the
        instruments are switched off. A running run gives half of its time meanwhile.
        """
        with self._changed:
            if self._status in ("diverged", "failed") or self._thread is None or not self._share:
                return
            self._asked = True
            self._changed.notify_all()
            if self._ended:
                self._ended = self._stopping = False
                self._run_thread(self._work_on)

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
            self._run_thread(self._work)

    def _run_thread(self, work: Callable[[], None]) -> None:
        before = self._thread

        def guarded() -> None:
            if before is not None:
                before.join()
            # A daemon thread inside torch at interpreter exit aborts the process: end it before.
            atexit.register(self.stop)
            try:
                work()
            finally:
                atexit.unregister(self.stop)

        self._thread = threading.Thread(target=guarded, name=f"run-{self.id}", daemon=True)
        self._thread.start()


def _checked_share(share: float) -> float:
    if not 0 <= share <= MOST_SHARE:
        raise ValueError(f"share must be in [0, {MOST_SHARE}], got {share}")
    return share
