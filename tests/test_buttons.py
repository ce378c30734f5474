"""The six buttons without a browser: what they do, what they answer, when they are disabled."""

import time
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from ganviz import RunConfig, Session
from ganviz.ui import state, text
from tests.app_page import ended, fill, opened, press, session_of, status
from tests.browser import page


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


def test_instruments_share_acts_at_once_and_on_later_starts() -> None:
    app = opened(width="8")
    control = app.text_input(key="instruments")
    assert control.value == "15"
    assert str(text.LIVE_HELP) in control.help
    assert "never change the run" in control.help
    fill(app, "instruments", 30)
    press(app, "step")
    first = session_of(app)
    assert first.share == 0.3
    fill(app, "instruments", 0)
    assert first.share == 0.0
    press(app, "stop")
    press(app, "reset")
    press(app, "step")
    assert session_of(app) is not first
    assert session_of(app).share == 0.0
    assert not app.exception


def test_the_share_of_a_run_that_the_address_names_is_shown() -> None:
    session = Session(RunConfig(width=8, steps=10**7), share=0.25)
    state.RUNS.add(session, "")
    session.step()
    app = opened(run=session.id)
    assert app.text_input(key="instruments").value == "25"


def test_measure_answers_whatever_the_run_does() -> None:
    app = opened(width="8", steps="60")
    assert app.button(key="measure").help == str(text.MEASURE_HELP)
    press(app, "measure")
    assert str(text.NOTHING_TO_MEASURE) in status(app)
    fill(app, "instruments", 0)
    press(app, "start")
    ended(app)
    press(app, "measure")
    assert str(text.INSTRUMENTS_OFF) in status(app)
    fill(app, "instruments", 20)
    press(app, "measure")
    assert str(text.MEASURING_NOW) in status(app)
    deadline = time.monotonic() + 60
    while session_of(app).measuring is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    press(app, "measure")
    assert "Already measuring: " in status(app)
    session_of(app).stop()
    assert not app.exception


def test_a_diverged_run_cannot_be_measured() -> None:
    app = opened(lr_d="1.0", lr_g="1.0", depth="8", width="64")
    press(app, "start")
    ended(app)
    press(app, "measure")
    assert "cannot be measured: its run has diverged" in status(app)


def idle_buttons(app: AppTest) -> list[str]:
    return [name for name in page.BUTTONS if app.button(key=name).disabled]


def test_buttons_that_could_do_nothing_are_disabled() -> None:
    app = opened(width="8", steps="10000000")
    assert idle_buttons(app) == ["pause", "stop"]  # Step begins a run
    press(app, "step")
    assert idle_buttons(app) == []
    press(app, "start")
    assert idle_buttons(app) == []
    press(app, "stop")
    assert idle_buttons(app) == ["pause", "step", "stop"]
    press(app, "reset")
    assert idle_buttons(app) == ["pause", "stop"]


@pytest.mark.parametrize(
    ("query", "end"),
    [
        ({"steps": "30", "width": "8"}, "finished"),
        ({"lr_d": "1.0", "lr_g": "1.0", "depth": "8", "width": "64"}, "diverged"),
    ],
)
def test_a_run_that_ends_by_itself_disables_them_too(query: dict[str, str], end: str) -> None:
    app = opened(**query)
    press(app, "start")
    ended(app)
    assert f"**{end}**" in status(app)
    assert idle_buttons(app) == ["pause", "step", "stop"]


def test_neither_an_answer_nor_what_waits_displaces_the_verdict() -> None:
    app = opened(width="8", steps="10000000")
    fill(app, "instruments", 0)
    press(app, "step")
    deadline = time.monotonic() + 10
    while (latest := session_of(app).latest) is None or latest.step < 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    fill(app, "width", 16)
    press(app, "measure")
    said = [caption.value for caption in app.main.caption if caption.value != str(text.ONE_RUN)]
    assert len(said) == 3
    assert "How far G is from the data is not known: the instruments are off." in said[0]
    assert "Width" in said[1]
    assert said[2] == str(text.INSTRUMENTS_OFF)
