"""Commands of a session: frozen values, obeyed in the order posted, given without waiting."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, replace
from functools import partial
from itertools import count, product
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor

from ganviz import Event, RunConfig, Session, Snapshot, Target, Trainer
from ganviz.runs import Run
from ganviz.session import session as session_module
from ganviz.session.commands import (
    Command,
    Edit,
    Inbox,
    Limit,
    Measure,
    Order,
    Pause,
    Resume,
    Start,
    Step,
    Stop,
)
from ganviz.session.report import Over, status_of
from tests.instrumented import plain
from tests.test_session import CONFIG, LONG, PATIENCE, ended, latest, status, until

COMMANDS: list[Command] = [
    Start(),
    Pause(),
    Resume(),
    Step(2),
    Stop(),
    Edit((("lr_d", 1e-4),)),
    Limit(0.2),
    Measure(1),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_commands_are_frozen_and_hashable(command: Command) -> None:
    assert {command, replace(command)} == {command}
    with pytest.raises((FrozenInstanceError, TypeError)):
        command.n = 3  # type: ignore[union-attr, misc]


def test_an_inbox_gives_commands_in_their_order_and_is_not_left_before_the_last() -> None:
    inbox, edit = Inbox(), Edit((("lr_d", 1e-4),))
    inbox.post(edit)
    assert not inbox.offer(Stop())
    inbox.attend()
    inbox.post(Start())
    assert inbox.offer(Pause())
    assert not inbox.leave()
    assert [inbox.take() for _ in range(3)] == [edit, Start(), Pause()]
    assert not inbox.waiting
    assert inbox.take() is None
    assert inbox.leave()
    assert not inbox.offer(Stop())
    assert not inbox.waiting
    inbox.post(Stop())
    inbox.wait()  # it returns at once


def test_the_status_follows_from_the_last_order_and_how_the_run_has_ended() -> None:
    orders: dict[Order | None, str] = {
        None: "idle",
        Start(): "running",
        Resume(): "running",
        Pause(): "paused",
    }
    orders |= {Step(3): "paused", Stop(): "stopped"}
    for order, expected in orders.items():
        assert status_of(order, None) == expected
        for over in (Over("finished"), Over("failed", OSError()), Over("stopped")):
            assert status_of(order, over) == over.status


class Counting:
    """In a trainer's place: it counts, at hardly any cost."""

    notice, config = None, LONG

    def __init__(self, *_: object, **__: object) -> None:
        self.iteration = 0
        self.history: list[float] = []
        self.events: tuple[Event, ...] = ()

    def step(self) -> None:
        self.iteration += 1
        time.sleep(1e-4)  # others want the interpreter too

    def edit(self, **changes: Any) -> tuple[Event, ...]:
        events = tuple(Event(self.iteration, *change) for change in changes.items())
        self.events += events
        return events

    def lens(self) -> None:
        """No instrument looks."""

    def snapshot(self) -> Snapshot:
        return replace(plain(), step=self.iteration, events=self.events)


class Model:
    """What a run must look like after some presses, where it has had time for each."""

    def __init__(self) -> None:
        self.status, self.steps, self.edits = "idle", 0, 0
        self.counted = True
        """Whether its iterations are known: not once it has run, nor where a pause or the end may
        have come before a step."""

    def press(self, name: str) -> None:
        """As a person would tell it."""
        live = self.status in ("running", "paused")
        if name == "start" and self.status == "idle":
            self.status = "running"
        elif name == "pause" and live:
            self.status, self.counted = "paused", False
        elif name == "resume" and self.status == "paused":
            self.status = "running"
        elif name == "step" and (live or self.status == "idle"):
            self.status, self.steps = "paused", self.steps + 1
        elif name == "stop" and (live or self.status == "idle"):
            self.status = "stopped"
        elif name == "edit" and (live or self.status == "idle"):
            self.edits += 1
        self.counted = self.counted and self.status in ("idle", "paused")


PRESSES: dict[str, Callable[[Session], None]] = {
    "start": Session.start,
    "pause": Session.pause,
    "resume": Session.resume,
    "step": Session.step,
    "stop": lambda session: session.stop(0),
    "edit": lambda session: session.edit(lr_d=2e-3),
}


def settled(session: Session, expected: Model) -> bool:
    """Whether the worker has come to what was asked of it."""
    assert session.error is None
    seen = session.latest
    if seen is None:
        return session._thread is None
    stepped = seen.step == expected.steps or not expected.counted
    return (seen.status, len(seen.events)) == (expected.status, expected.edits) and stepped


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_commands_in_every_order_lead_where_a_person_expects(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "Trainer", Counting)
    for names in product(PRESSES, repeat=length):
        clock = partial(next, count(0.0))  # it publishes every iteration
        session, model = Session(LONG, share=0, clock=clock), Model()
        for name in names:
            PRESSES[name](session)
            model.press(name)
            assert session.status == model.status, names
        until(lambda session=session, model=model: settled(session, model))  # type: ignore[misc]
        assert session.status == model.status, names
        session.stop()
        assert status(session) == "stopped", names
        assert ended(session).status == "stopped" if session._thread else session.latest is None


class Slow:
    """Data that keep whoever measures their units waiting, until `opened` is set."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.target = Target(self.sample, 2)

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        self.reached.set()
        assert self.opened.wait(PATIENCE)
        return torch.randn(n, 2, generator=rng)


@pytest.fixture
def slow() -> Iterator[Slow]:
    target = Slow()
    yield target
    target.opened.set()


def test_presses_while_the_trainer_is_built_return_at_once_and_read_right(slow: Slow) -> None:
    session = Session(LONG, target=slow.target)
    session.start()
    assert slow.reached.wait(PATIENCE)
    seen, began = [], time.monotonic()
    for press in (session.pause, session.resume, session.step, session.start, session.measure):
        press()
        seen.append(status(session))
    session.edit(lr_d=2e-3)
    session.limit(0.3)
    assert not session.wait(0)
    assert time.monotonic() - began < 1  # nothing of it waits for `opened`
    assert seen == ["paused", "running", "paused", "paused", "paused"]
    assert (session.current.lr_d, session.share, session.measuring) == (2e-3, 0.3, "fresh")
    assert (session.latest, session.moments, session.events) == (None, (), ())
    slow.opened.set()
    until(lambda: latest(session).step == 1 and latest(session).status == "paused")
    assert session.events == (Event(0, "lr_d", 2e-3),)
    session.stop(PATIENCE)


def test_a_stop_while_the_trainer_is_built_need_not_be_waited_for(slow: Slow) -> None:
    session = Session(LONG, target=slow.target)
    session.start()
    assert slow.reached.wait(PATIENCE)
    began = time.monotonic()
    for _ in range(3):
        session.stop(0)
        assert (status(session), session.live) == ("stopped", False)
    assert time.monotonic() - began < 1
    slow.opened.set()
    last = ended(session)
    assert (last.step, last.status, session.status) == (0, "stopped", "stopped")


def test_no_lock_is_held_while_a_trainer_is_built(slow: Slow) -> None:
    session = Session(LONG, target=slow.target)
    session.step()
    assert slow.reached.wait(PATIENCE)
    assert not session._lock.locked()
    assert session._inbox._changed.acquire(blocking=False)
    session._inbox._changed.release()
    session.stop(0)


def test_a_session_is_a_run() -> None:
    session = Session(CONFIG, label="mine")
    run: Run = session
    assert (run.label, run.status, run.parent, run.latest) == ("mine", "idle", None, None)
    assert (run.events, tuple(run.moments)) == ((), ())
    with pytest.raises(KeyError):
        run.at(0)
    session.edit(lr_d=2e-3)
    session.step(3)
    until(lambda: latest(session).step == 3 and latest(session).status == "paused")
    session.stop()
    last = ended(session)
    assert (last.run, last.label, tuple(run.moments)) == (run.id, "mine", (3,))
    assert run.at(3) is run.latest is session.latest
    assert run.events == (Event(0, "lr_d", 2e-3),)
    assert RunConfig.from_json(run.config_json) == CONFIG
    with pytest.raises(KeyError):
        run.at(2)
    assert Session(CONFIG).label != Session(CONFIG).label  # each is called by its id


def test_a_run_of_ones_own_data_begins_with_the_settings_of_its_snapshots(slow: Slow) -> None:
    slow.opened.set()
    session = Session(CONFIG.replace(steps=1), share=0, target=slow.target)
    before = session.config_json
    session.start()
    assert ended(session).config_json == session.config_json == before != CONFIG.to_json()


def test_an_error_of_the_worker_ends_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Trainer) -> Snapshot:
        raise MemoryError("no room")

    session = Session(LONG)
    monkeypatch.setattr(Trainer, "snapshot", broken)
    session.start()
    session.measure()
    until(lambda: session.status == "failed")
    cast(threading.Thread, session._thread).join(PATIENCE)
    assert (session.measuring, session.rate, session.live) == (None, 0.0, False)
    assert isinstance(session.error, MemoryError)
    session.measure()
    assert not cast(threading.Thread, session._thread).is_alive()


def test_the_history_is_whole_after_many_commands() -> None:
    session = Session(LONG)
    session.start()
    for _ in range(30):
        session.pause()
        session.step()
        session.edit(lr_d=1e-3)
        session.resume()
    session.stop()
    steps = ended(session).history["step"]
    assert np.array_equal(steps, np.arange(1, len(steps) + 1))
    assert len(session.events) == 30
