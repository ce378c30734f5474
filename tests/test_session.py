"""A session's life: commands, edits, failures, and that its run is `train`'s run."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor

import ganviz
from ganviz import ConfigError, Diverged, Event, RunConfig, Session, Snapshot, Target, Trainer
from ganviz.snapshot import Columns
from tests.test_divergence import BadFrom

CONFIG = RunConfig(width=8, batch_size=16, latent_dim=3, steps=200)
LONG = CONFIG.replace(steps=10_000_000)
PATIENCE = 30.0
"""Seconds until a test gives up; no test waits for time to pass, each waits for a state."""


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def at_rest(session: Session, step: int) -> None:
    """Paused after exactly `step` iterations, and so it stays."""
    until(lambda: latest(session).step >= step and latest(session).status == "paused")
    for _ in range(5):
        assert (latest(session).step, session.status) == (step, "paused")
        time.sleep(0.01)


def latest(session: Session) -> Snapshot:
    until(lambda: session.latest is not None)
    return cast(Snapshot, session.latest)


def status(session: Session) -> str:
    """Read anew: a type checker takes the last comparison for the present state."""
    return session.status


def ended(session: Session) -> Snapshot:
    until(lambda: session._thread is None or not session._thread.is_alive())
    return latest(session)


def same_columns(left: Columns, right: Columns) -> None:
    """Bit for bit, NaN equal to NaN."""
    for name in left:
        assert np.array_equal(left[name], right[name], equal_nan=True), name


@pytest.fixture
def sessions() -> Iterator[Callable[..., Session]]:
    """Makes sessions and stops them at the end; then none of their threads is left."""
    made: list[Session] = []

    def make(config: RunConfig = LONG, **parts: Any) -> Session:
        made.append(Session(config, **parts))
        return made[-1]

    yield make
    for session in made:
        session.stop(PATIENCE)
    names = {f"run-{session.id}" for session in made}
    assert not names & {thread.name for thread in threading.enumerate()}


Make = Callable[..., Session]


class Gate:
    """Data that wait at the `closed`-th training batch until `opened` is set."""

    def __init__(self, closed: int) -> None:
        self.closed, self.batches = closed, 0
        self.reached, self.opened = threading.Event(), threading.Event()
        self.target = Target(self.sample, 2, shift=0.0, scale=1.0)

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        if n == CONFIG.batch_size:
            self.batches += 1
            if self.batches == self.closed:
                self.reached.set()
                assert self.opened.wait(PATIENCE)
        return torch.randn(n, 2, generator=rng)


def test_life_cycle(sessions: Make) -> None:
    session = sessions(CONFIG.replace(steps=2000))
    assert (session.status, session.latest, session.error, session.live) == (
        "idle",
        None,
        None,
        False,
    )
    session.start()
    until(lambda: latest(session).step > 0)
    assert (session.status, session.live) == ("running", True)
    session.pause()
    until(lambda: latest(session).status == "paused")
    at_rest(session, latest(session).step)
    session.resume()
    last = ended(session)
    assert (session.status, last.status, last.step) == ("finished", "finished", 2000)
    assert (session.error, session.rate) == (None, 0.0)
    for command in (session.pause, session.resume, session.start, session.step, session.stop):
        command()
        assert status(session) == "finished"
    assert session.latest is last


def test_a_session_stopped_before_its_start_never_begins(sessions: Make) -> None:
    session = sessions()
    for command in (session.stop, session.start, session.step, session.resume):
        command()
        assert (session.status, session.latest) == ("stopped", None)


def test_every_command_may_be_repeated(sessions: Make) -> None:
    session = sessions()
    session.pause()
    session.resume()
    assert status(session) == "idle"
    for command in [session.start] * 3 + [session.pause] * 3:
        command()
    session.start()
    assert status(session) == "paused"
    session.resume()
    session.resume()
    assert status(session) == "running"
    for _ in range(3):
        session.stop()
    assert ended(session).status == status(session) == "stopped"
    for command in (session.start, session.pause, session.resume, session.step, session.stop):
        command()
        assert status(session) == "stopped"
    session.edit(lr_d=1e-4)
    assert latest(session).events == ()


def test_steps_from_idle_and_from_paused_are_exact(sessions: Make) -> None:
    session = sessions(CONFIG)
    session.step(3)
    at_rest(session, 3)
    session.step()
    at_rest(session, 4)
    session.step(70)
    session.step(30)
    at_rest(session, 104)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        session.step(0)
    assert latest(session).history["step"].tolist() == list(range(1, 105))
    session.step(99)  # more than the run has left
    assert (ended(session).step, status(session)) == (200, "finished")


def test_steps_from_running_count_from_the_iteration_under_way(sessions: Make) -> None:
    gate = Gate(closed=6)
    session = sessions(target=gate.target)
    session.start()
    assert gate.reached.wait(PATIENCE)
    session.step(4)
    gate.opened.set()
    at_rest(session, 6 + 4)


def test_resume_forgets_steps_still_to_make(sessions: Make) -> None:
    gate = Gate(closed=1)
    session = sessions(target=gate.target)
    session.step(5)
    assert gate.reached.wait(PATIENCE)
    session.resume()
    session.step(2)  # pauses the running run, and then makes two
    gate.opened.set()
    at_rest(session, 1 + 2)


def test_pause_ends_steps_still_to_make(sessions: Make) -> None:
    gate = Gate(closed=2)
    session = sessions(target=gate.target)
    session.step(1000)
    assert gate.reached.wait(PATIENCE)
    session.pause()
    gate.opened.set()
    at_rest(session, 2)


def test_a_live_edit_is_applied_and_an_invalid_one_leaves_the_run_going(sessions: Make) -> None:
    session = sessions()
    session.edit(lr_d=2e-3)
    session.step(2)
    at_rest(session, 2)
    session.edit(lr_g=5e-4, d_steps=2)
    expected = (Event(0, "lr_d", 2e-3), Event(2, "lr_g", 5e-4), Event(2, "d_steps", 2))
    until(lambda: latest(session).events == expected)
    session.resume()
    for changes in ({"width": 9}, {"lr_d": 7.0}, {"lrd": 1e-3}):
        with pytest.raises(ConfigError, match=next(iter(changes))):
            session.edit(**changes)
    before = latest(session).step
    until(lambda: latest(session).step > before and session.status == "running")
    session.stop()
    assert ended(session).events == expected
    assert session.current == LONG.replace(lr_d=2e-3, lr_g=5e-4, d_steps=2)


def test_a_failing_run_keeps_its_error(sessions: Make) -> None:
    draws = [0]

    def sample(n: int, rng: torch.Generator) -> Tensor:
        draws[0] += n == CONFIG.batch_size
        if draws[0] == 5:
            raise OSError("the disk is gone")
        return torch.randn(n, 2, generator=rng)

    session = sessions(target=Target(sample, 2, shift=0.0, scale=1.0))
    session.start()
    last = ended(session)
    assert (session.status, last.status, session.live) == ("failed", "failed", False)
    assert repr(session.error) == "OSError('the disk is gone')"
    session.resume()
    assert session.status == "failed"


def test_a_run_that_cannot_be_built_fails(sessions: Make) -> None:
    session = sessions(CONFIG.replace(dataset="custom"))
    session.start()
    until(lambda: session.status == "failed")
    assert session.latest is None
    assert isinstance(session.error, ConfigError)
    assert session.error.field == "dataset"


def test_a_diverging_run_keeps_its_curves(sessions: Make) -> None:
    bad = BadFrom(2, 1, 2 * 30 + 1, float("nan"))  # asked twice an iteration: bad in the 31st
    session = sessions(target=Gate(0).target, discriminator=bad)
    session.start()
    last = ended(session)
    assert (session.status, last.status, last.step) == ("diverged", "diverged", 31)
    assert isinstance(session.error, Diverged)
    assert str(session.error.tensor) == "D's logits on data"
    assert last.history["step"].tolist() == list(range(1, 32))
    assert np.isfinite(last.history["value"]).tolist() == [True] * 30 + [False]


def test_publishing_goes_by_the_clock(sessions: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks, shown = iter(range(1_000_000)), []
    original = Trainer.snapshot

    def snapshot(self: Trainer) -> Snapshot:
        shown.append(self.iteration)
        return original(self)

    monkeypatch.setattr(Trainer, "snapshot", snapshot)
    session = sessions(CONFIG.replace(steps=70), clock=lambda: next(ticks) / 64)
    session.start()
    ended(session)
    # the clock advances 1/64 s at a look, of which there is one an iteration: 7 are above 0.1 s
    # after the first, which is shown at once
    assert shown == [1, 8, 15, 22, 29, 36, 43, 50, 57, 64, 70]


@pytest.mark.parametrize("batch_size", [16, 13])
def test_the_history_is_that_of_train(sessions: Make, batch_size: int) -> None:
    config = CONFIG.replace(batch_size=batch_size)
    ticks = iter(range(1_000_000))
    session = sessions(config, clock=lambda: float(next(ticks)))  # publishes every iteration
    session.step(50)
    at_rest(session, 50)
    for _ in range(20):
        session.resume()
        session.pause()
    session.resume()
    same_columns(ended(session).history, ganviz.train(config).history.decimate())
    assert session.status == "finished"


def test_the_interpreter_exits_while_a_session_runs() -> None:
    code = (
        "import time, ganviz\n"
        "session = ganviz.Session(ganviz.RunConfig(width=8, steps=10_000_000))\n"
        "session.start()\n"
        "while session.latest is None or session.latest.step < 1: time.sleep(.01)\n"
        "print(session.status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    # a thread that is inside torch at exit would abort: 134
    assert (done.returncode, done.stdout, done.stderr) == (0, "running\n", "")
