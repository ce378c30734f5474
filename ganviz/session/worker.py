"""The worker of a session: it alone owns trainer and instruments; it trains, obeys, measures."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ganviz.instruments import Panel
from ganviz.say import Text, _, joined
from ganviz.session.commands import (
    Command,
    Edit,
    Inbox,
    Limit,
    Measure,
    Pause,
    Resume,
    Start,
    Step,
    Stop,
    Turn,
)
from ganviz.session.places import Place
from ganviz.session.report import Doing, Outlet, Over, Resting, Training
from ganviz.snapshot import Snapshot, Status
from ganviz.stopwatch import Stopwatch
from ganviz.trainer import Diverged, Trainer, one_thread
from ganviz.trainer.keyframes import Keyframes

PUBLISH_SECONDS = 0.1

COMPILING = _("Compiling the iteration first; that takes up to a minute, once.")


class Worker:
    """What is done in the threads of a run, of which there is one at a time.

    Args:
        trainer: what makes the iterations.
        panel: its instruments.
        inbox: where commands come from.
        outlet: where everything that is known is published.
        clock: seconds that only grow.
        place: in the queue.
        stopwatch: of the time that it trains.
    """

    def __init__(
        self,
        trainer: Trainer,
        panel: Panel,
        inbox: Inbox,
        outlet: Outlet,
        clock: Callable[[], float],
        place: Place,
        stopwatch: Stopwatch,
    ) -> None:
        self._trainer, self._panel = trainer, panel
        self._inbox, self._outlet, self._clock = inbox, outlet, clock
        self._place, self._stopwatch = place, stopwatch
        self.keyframes = Keyframes(trainer, outlet.sinks)
        self._doing: Doing = Resting(0)
        self._heard = 0
        self._rested_at = 0
        """The iteration at which a paused run was last measured by itself."""
        self._rate = 0.0
        self._published, self._counted = clock(), trainer.iteration
        outlet.notice(self._notice)
        if outlet.sinks:
            trainer.hand_rows_to(outlet.sinks.rows)

    def work(self) -> None:
        """The run to its end, where it is not over, and then all that is asked for.

        Nobody attends to commands any more when it returns: one that comes later finds it so.
        """
        if not isinstance(self._doing, Over):
            self._end(self._train())
        self._measure()

    def last(self) -> Snapshot | None:
        """The moment at which it failed, its rows handed on; None where a look at it fails too."""
        with suppress(Exception):  # the first error is the one to know of
            self._trainer.hand_on_rows()
            return self._moment("failed")
        return None

    def _train(self) -> Over:
        """Iterate until there is a reason to end, and give it."""
        trainer, steps = self._trainer, self._trainer.config.steps
        while True:
            if self._inbox.waiting or not isinstance(self._doing, Training):
                self._obey_until_work()
                if isinstance(self._doing, Over):
                    return self._doing
            try:
                trainer.step()
            except Diverged as error:
                return Over("diverged", error)
            self._panel.after(trainer.iteration)
            if trainer.iteration >= steps:
                return Over("finished")
            self._publish_by_the_clock()
            if isinstance(self._doing, Training):
                self._panel.spend(trainer.iteration)
                self._say_what_is_measured()

    def _obey_until_work(self) -> None:
        """Obey what has come, and rest until there is an iteration to make or the run is over."""
        rested = not isinstance(self._doing, Training)
        while True:
            while not isinstance(self._doing, Over) and (command := self._inbox.take()):
                self._obey(command)
            match self._doing:
                case Resting(0):
                    self._rest()
                case Resting(left):
                    self._doing = Resting(left - 1)
                    self._panel.watch(self._trainer.iteration, left)
                    self._stopwatch.run()
                    return
                case Training() if not self._place.held:
                    rested = True
                    self._wait_for_a_place()
                case Training():
                    if rested:
                        self._published, self._counted = self._clock(), self._trainer.iteration
                        self._panel.rest()
                    self._stopwatch.run()
                    return
                case Over():
                    return

    def _obey(self, command: Command) -> None:
        match self._doing, command:
            case _, Limit(share):
                self._panel.share = share
                if not share:
                    self._panel.drop()
            case doing, Measure(number):
                self._heard = number
                if not isinstance(doing, Over) or doing.measurable:
                    self._panel.ask()
            case Over(), Stop() if self._panel.asked:
                self._panel.drop()
            case Over(), _:
                pass  # it came too late, or there is nothing to stop
            case _, Edit(changes):
                self._edit(changes)
            case _, Start() | Resume():
                self._doing = Training()
            case _, Pause():
                self._doing = Resting(0)
            case Resting(left), Step(n):
                self._doing = Resting(left + n)
            case _, Step(n):
                self._doing = Resting(n)
            case _, Stop():
                self._doing = Over("stopped")
            case _, Turn():
                pass  # it is looked for a place anyway
        self._say_what_is_measured()

    def _edit(self, changes: tuple[tuple[str, object], ...]) -> None:
        for event in self._trainer.edit(**dict(changes)):
            self._outlet.sinks.event(event)

    def _wait_for_a_place(self) -> None:
        """Show that the run waits, and await its turn or a command."""
        self._show_at_rest("queued")
        self._inbox.wait()

    def _show_at_rest(self, status: Status) -> None:
        """Publish that nothing is trained, and tell the state, where that is new."""
        self._stopwatch.rest()
        trainer, latest = self._trainer, self._outlet.report.snapshot
        shown = latest and (latest.step, latest.status, len(latest.events))
        if shown != (trainer.iteration, status, len(trainer.events)):
            self._publish(status)
            self.keyframes.take()

    def _rest(self) -> None:
        """Show how the run rests, and measure a slice of what is asked for or await a command."""
        trainer = self._trainer
        self._show_at_rest("paused")
        if trainer.iteration != self._rested_at:
            self._rested_at = trainer.iteration
            self._panel.ask(light=True)
        if self._panel.asked:
            self._panel.work(trainer.iteration)
            self._publish_readings()
        else:
            self._inbox.wait()

    def _end(self, over: Over) -> None:
        """No iteration comes any more: a run that has come to its end is measured by itself."""
        self._doing = over
        self._place.leave()
        self._stopwatch.rest()
        if over.measurable:
            self.keyframes.take()
        if over.status == "finished":
            self._panel.ask()
        else:
            self._panel.drop()
        self._publish(over.status, over)

    def _measure(self) -> None:
        """Measure a run that is over, at full speed, until nothing is left to do."""
        left = False
        while not left:
            while command := self._inbox.take():
                self._obey(command)
            if self._panel.asked:
                self._panel.work(self._trainer.iteration)
            self._publish_readings()
            left = not self._panel.asked and self._inbox.leave()

    def _publish_by_the_clock(self) -> None:
        now, iteration = self._clock(), self._trainer.iteration
        due = now - self._published >= PUBLISH_SECONDS
        if due:
            self._rate = (iteration - self._counted) / (now - self._published)
        if due or self._outlet.report.snapshot is None:
            self._publish("running" if isinstance(self._doing, Training) else "paused")
            self.keyframes.by_the_clock()
            self._published, self._counted = self._clock(), iteration

    def _publish(self, status: Status, over: Over | None = None) -> None:
        self._outlet.moment(
            self._moment(status),
            rate=self._rate,
            measuring=self._measured,
            notice=self._notice,
            over=over,
        )

    def _moment(self, status: Status) -> Snapshot:
        readings = self._panel.readings(now=status != "running")
        clock = self._stopwatch.marks(self._trainer.iteration)
        return replace(self._trainer.snapshot(), status=status, readings=readings, clock=clock)

    def _publish_readings(self) -> None:
        readings = self._panel.readings(now=True)
        self._outlet.readings(readings, measuring=self._measured, notice=self._notice)

    def _say_what_is_measured(self) -> None:
        self._outlet.measuring(self._measured, self._heard)

    @property
    def _measured(self) -> str | None:
        """The instrument that is waited for."""
        busy = self._panel.busy
        return busy.name if busy else None

    @property
    def _notice(self) -> Text | None:
        compiles = self._trainer.config.compile and not self._trainer.iteration
        parts = (COMPILING if compiles else None, self._trainer.notice, self._panel.notice)
        return joined(parts) or None


def serve(build: Callable[[], Worker], inbox: Inbox, outlet: Outlet) -> None:
    """What a thread does: let the worker work. What is raised is kept, and the run counts as
    failed; what has come meanwhile is obeyed by nobody.

    Args:
        build: gives the worker, which the first call makes.
        inbox, outlet: of the worker.
    """
    worker = None
    with one_thread():
        try:
            worker = build()
            worker.work()
        except Exception as error:
            outlet.fail(error, None if worker is None else worker.last())
            while not inbox.leave():
                inbox.take()
