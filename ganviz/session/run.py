"""The thread of a session: it trains, obeys, measures and publishes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ganviz.config import RunConfig
from ganviz.instruments import Panel
from ganviz.instruments.zigzag import BURST
from ganviz.say import Text, joined
from ganviz.snapshot import Snapshot, Status
from ganviz.trainer import Diverged, Trainer, one_thread

PUBLISH_SECONDS = 0.1

COMPILING = "Compiling the iteration first; that takes up to a minute, once."


class Run:
    """What a session's thread does. Commands reach it through fields that `_changed` guards.

    Args:
        config: the settings.
        parts: what else `Trainer` is given.
        share: of the time of a running run that the instruments may take.
        clock: seconds that only grow.
    """

    def __init__(
        self, config: RunConfig, parts: dict[str, Any], share: float, clock: Callable[[], float]
    ) -> None:
        self.config = config
        self._parts, self._share, self._clock = parts, share, clock
        self._current = config
        self._status: Status = "idle"
        self._latest: Snapshot | None = None
        self._error: Exception | None = None
        self._rate = 0.0
        self._notice: Text | None = COMPILING if config.compile else None
        self._edits: list[dict[str, Any]] = []
        self._steps_wanted = 0
        self._stopping = False
        self._asked = False
        """A measurement was asked for that the panel has not heard of."""
        self._ended = False
        """No thread will look at `_asked` any more."""
        self._panel: Panel | None = None
        self._rested_at = 0
        """The iteration at which a paused run was last measured by itself."""
        # The thread sleeps on it while paused.
        self._changed = threading.Condition()
        self._ready = threading.Event()

    @property
    def live(self) -> bool:
        """Whether more iterations can come."""
        return self._status in ("running", "paused")

    def _work(self) -> None:
        with self._failing(), one_thread():
            trainer = Trainer(self.config, **self._parts)
            self._notice = joined((self._notice, trainer.notice)) or None
            self._panel = Panel(trainer.lens(), self._share)
            status = self._train(trainer)
            if status == "finished":
                self._panel.ask()
            else:
                self._panel.drop()
            self._publish(trainer, status)
            if status == "finished":
                self._measure()
                return
        self._end()

    def _work_on(self) -> None:
        """The thread of a measurement after the run's own has ended."""
        with self._failing(), one_thread():
            self._measure()
            return
        self._end()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Whatever is raised inside is kept, and the run counts as failed."""
        try:
            yield
        except Exception as error:
            with self._changed:
                self._error = error
                self._status = "failed"
                if self._latest is not None:
                    self._latest = replace(self._latest, status="failed")

    def _end(self) -> None:
        """The thread is over, whatever was still to measure."""
        with self._changed:
            self._ended, self._asked = True, False
            if self._panel is not None:
                self._panel.drop()

    def _measure(self) -> None:
        """Measure at full speed until nothing is left to do, or the session is stopped.

        The thread counts as ended when it returns: a request that comes later finds it so.
        """
        assert self._panel is not None
        assert self._latest is not None
        published = self._clock()
        while self._goes_on():
            self._panel.work(self._latest.step)
            if self._clock() - published >= PUBLISH_SECONDS:
                self._publish_readings()
                published = self._clock()

    def _goes_on(self) -> bool:
        """Whether the run that has ended is measured further; if not, its thread is over."""
        assert self._panel is not None
        with self._changed:
            going = not self._stopping and self._to_measure()
            if not going:
                self._panel.drop()  # what is published last must not say that it is under way
                self._publish_readings()
                self._end()
            return going

    def _to_measure(self) -> bool:
        """Whether the panel has something to do that was asked for."""
        assert self._panel is not None
        if not self._share:
            self._asked = False
            self._panel.drop()
        if self._asked:
            self._asked = False
            self._panel.ask()
        return self._panel.asked

    def _publish_readings(self) -> None:
        assert self._panel is not None
        readings = self._panel.readings(now=True)
        with self._changed:
            assert self._latest is not None
            if readings is not self._latest.readings:
                self._latest = replace(self._latest, readings=readings)

    def _train(self, trainer: Trainer) -> Status:
        """Iterate until there is a reason to end, and give it."""
        assert self._panel is not None
        panel = self._panel
        published, counted = self._clock(), trainer.iteration
        panel.rest()
        while True:
            if self._status == "paused" or self._stopping or self._edits:
                if not self._obey(trainer):
                    return "stopped"
                if self._status == "running":
                    published, counted = self._clock(), trainer.iteration
                    panel.rest()
                elif self._steps_wanted < BURST:
                    panel.watch(trainer.iteration)
            try:
                trainer.step()
            except Diverged as error:
                self._error = error
                return "diverged"
            panel.after(trainer.iteration)
            if trainer.iteration >= self.config.steps:
                return "finished"
            now = self._clock()
            if now - published >= PUBLISH_SECONDS:
                self._rate = (trainer.iteration - counted) / (now - published)
            if now - published >= PUBLISH_SECONDS or self._latest is None:
                self._publish(trainer, self._status)
                published, counted = self._clock(), trainer.iteration
            if self._share and self._status == "running":
                self._to_measure()
                panel.spend(trainer.iteration)

    def _obey(self, trainer: Trainer) -> bool:
        """Apply edits and, while paused, wait for a step to make; False: end the run."""
        while (going := self._rest(trainer)) is None:
            self._measure_at_rest()
        return going

    def _measure_at_rest(self) -> None:
        """Measure a paused run until there is another command."""
        assert self._panel is not None
        commanded = False
        while self._to_measure() and not commanded:
            self._panel.work(self._latest.step if self._latest else 0)
            self._publish_readings()
            waits = self._status == "paused" and not self._steps_wanted and not self._edits
            commanded = self._stopping or not waits

    def _rest(self, trainer: Trainer) -> bool | None:
        """Obey commands: True: iterate, False: end the run, None: measure what was asked for."""
        assert self._panel is not None
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
                if trainer.iteration != self._rested_at:
                    self._rested_at = trainer.iteration
                    self._panel.ask(light=True)
                if self._to_measure():
                    return None
                self._changed.wait()

    def _publish(self, trainer: Trainer, status: Status) -> None:
        assert self._panel is not None
        readings = self._panel.readings(now=status != "running")
        snapshot = replace(trainer.snapshot(), status=status, readings=readings)
        with self._changed:
            self._notice = trainer.notice if trainer.iteration else self._notice
            self._latest = snapshot
            if status not in ("running", "paused"):
                self._status = status
        self._ready.set()
