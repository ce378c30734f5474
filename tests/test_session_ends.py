"""What comes about when a run ends, or when it is over: in force is what came into force."""

import time
from collections.abc import Iterator

import pytest

from ganviz import ConfigError, Event, Session
from tests.test_session import CONFIG, PATIENCE, Gate, ended, status, until

SHORT = CONFIG.replace(steps=3)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Data that hold a run in its third iteration."""
    held = Gate(closed=3)
    yield held
    held.opened.set()


def test_an_edit_during_the_last_iteration_is_not_in_force(gate: Gate) -> None:
    session = Session(SHORT, target=gate.target, share=0)
    session.edit(lr_g=0.25)
    session.start()
    assert gate.reached.wait(PATIENCE)
    session.edit(lr_d=0.5)
    assert session.current == SHORT.replace(lr_g=0.25, lr_d=0.5)
    gate.opened.set()
    assert ended(session).status == status(session) == "finished"
    assert session.events == (Event(0, "lr_g", 0.25),)
    assert session.current == SHORT.replace(lr_g=0.25)
    session.edit(lr_d=0.5)
    with pytest.raises(ConfigError, match="neither player"):
        session.edit(d_steps=0, g_steps=0)
    assert session.current == SHORT.replace(lr_g=0.25)


def test_no_edit_is_in_force_of_a_run_that_cannot_be_built() -> None:
    config = CONFIG.replace(dataset="custom")
    session = Session(config)
    session.edit(lr_d=0.5)
    session.start()
    until(lambda: session.status == "failed")
    assert session.current == config


def test_a_session_that_waited_in_vain_says_so() -> None:
    session = Session(CONFIG.replace(dataset="custom"))
    session.start()
    assert not session.wait(PATIENCE)  # and it does not wait so long
    assert session.status == "failed"


def test_nobody_waits_for_a_run_that_was_stopped_before_its_start() -> None:
    session = Session(CONFIG)
    session.stop()
    began = time.monotonic()
    assert not session.wait(PATIENCE)
    assert time.monotonic() - began < 1


def test_what_nobody_will_take_is_not_posted_and_the_limit_is_what_the_session_says() -> None:
    session = Session(SHORT, share=0)
    session.limit(0.3)
    assert not session._inbox.waiting
    session.start()
    assert ended(session).readings.cost.limit == 0.3
    for _ in range(100):
        session.limit(0.5)
        session.stop()
        session.limit(0.2)
    session.edit(lr_d=0.5)
    session.pause()
    assert not session._inbox.waiting
    session.measure()
    assert ended(session).readings.cost.limit == session.share == 0.2
    session.limit(0)
    session.measure()
    assert not session._inbox.waiting
    assert session.measuring is None


def test_a_run_that_never_began_posts_nothing() -> None:
    session = Session(CONFIG)
    session.stop()
    session.limit(0.5)
    session.stop()
    assert not session._inbox.waiting
