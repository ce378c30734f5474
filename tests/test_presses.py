"""Every press acts once, however often its message comes, and none is lost with a message."""

from collections.abc import Iterator
from typing import Any

import pytest

from ganviz.ui import presses, state, text
from ganviz.ui.state import Tab
from tests.app_page import config_of, opened, press, session_of, status, tab_of


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


class Browser:
    """What the browser says of presses, without a page."""

    def __init__(self, held: dict[str, Any]) -> None:
        self._held = held
        self._made: list[tuple[int, str]] = []

    def press(self, button: str) -> None:
        self._made.append((len(self._made) + 1, button))
        self.say(*self._made[-16:])

    def say(self, *made: tuple[int, str]) -> None:
        self._held[presses.NUMBERED_BY] = {"presses": [list(one) for one in made]}


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    held: dict[str, Any] = {state.KEY: Tab()}
    monkeypatch.setattr("streamlit.session_state", held)
    presses.begin()
    return Browser(held)


def test_a_press_that_comes_twice_is_due_once(browser: Browser) -> None:
    browser.press("pause")
    assert [presses.due("pause"), presses.due("pause"), presses.due()] == [["pause"], [], []]
    browser.press("pause")
    assert presses.due("pause") == ["pause"]


def test_two_presses_that_come_as_one_are_both_due_in_their_order(browser: Browser) -> None:
    browser.press("pause")
    browser.press("step")
    browser.press("pause")
    assert presses.due("step") == ["pause", "step", "pause"]
    assert presses.due("pause") == []


def test_a_press_whose_message_was_lost_is_due_with_the_next(browser: Browser) -> None:
    browser.press("stop")
    assert presses.due() == ["stop"]
    assert presses.due("stop") == []


def test_a_message_that_is_late_brings_nothing_back(browser: Browser) -> None:
    browser.press("step")
    presses.due("step")
    browser.press("step")
    presses.due("step")
    browser.say((1, "step"))
    assert presses.due("step") == []
    browser.say((1, "step"), (2, "step"), (3, "step"))
    assert presses.due("step") == ["step"]


def test_without_numbers_each_press_is_one(browser: Browser) -> None:
    assert [presses.due("step"), presses.due("step"), presses.due()] == [["step"], ["step"], []]


def test_what_was_pressed_before_the_server_began_anew_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = [[1, "stop"], [2, "start"]]
    held: dict[str, Any] = {state.KEY: Tab(), presses.NUMBERED_BY: {"presses": made}}
    monkeypatch.setattr("streamlit.session_state", held)
    presses.begin()
    assert presses.due() == []
    made.append([3, "stop"])
    assert presses.due("stop") == ["stop"]


def test_start_right_after_a_pick_starts_what_was_picked() -> None:
    app = opened(steps="10000000", width="8")
    press(app, "start")
    first = app.query_params["run"]
    app.selectbox(key="preset").set_value("moons")
    press(app, "start")
    assert app.query_params["run"] != first
    assert config_of(app).dataset == "moons"


def test_pause_that_is_pressed_twice_before_it_is_drawn_anew_takes_itself_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = opened(steps="10000000", width="8")
    press(app, "start")
    monkeypatch.setattr(presses, "due", lambda button=None: [button, button] if button else [])
    press(app, "pause")
    assert session_of(app).status == "running"
    assert app.button(key="pause").label == str(text.BUTTONS["pause"])
    monkeypatch.setattr(presses, "due", lambda button=None: [button] * 3 if button else [])
    press(app, "pause")
    assert session_of(app).status == "paused"
    assert app.button(key="pause").label == str(text.RESUME)
    assert tab_of(app).resumes


def test_a_start_that_comes_again_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(steps="10000000", width="8")
    press(app, "start")
    run = session_of(app)
    monkeypatch.setattr(presses, "due", lambda button=None: [])
    press(app, "start")
    assert session_of(app) is run
    assert str(text.RUNS_ALREADY) not in status(app)
