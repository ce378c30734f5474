"""What comes about when a run ends, or when it is over: in force is what came into force."""

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
