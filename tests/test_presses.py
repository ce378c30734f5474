"""Every press acts once, however often its message comes, and none is lost with a message."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from ganviz import Session
from ganviz.runs import Run
from ganviz.ui import presses, state, text
from ganviz.ui.state import Tab
from tests.app_page import config_of, fill, opened, press, session_of, status, tab_of


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


def acted(button: str | None = None) -> list[str]:
    """Act on what is due, by name."""
    due = presses.due(button)
    for number, _ in due:
        state.tab().acted = number
    return [name for _, name in due]


def test_a_press_that_comes_twice_is_due_once(browser: Browser) -> None:
    browser.press("pause")
    assert [acted("pause"), acted("pause"), acted()] == [["pause"], [], []]
    browser.press("pause")
    assert acted("pause") == ["pause"]


def test_two_presses_that_come_as_one_are_both_due_in_their_order(browser: Browser) -> None:
    browser.press("pause")
    browser.press("step")
    browser.press("pause")
    assert acted("step") == ["pause", "step", "pause"]
    assert acted("pause") == []


def test_a_press_whose_message_was_lost_is_due_with_the_next(browser: Browser) -> None:
    browser.press("stop")
    assert acted() == ["stop"]
    assert acted("stop") == []


def test_a_press_is_due_until_it_is_noted(browser: Browser) -> None:
    browser.press("stop")
    assert [name for _, name in presses.due()] == ["stop"]
    assert acted() == ["stop"]
    assert presses.due() == []


def test_a_message_that_is_late_brings_nothing_back(browser: Browser) -> None:
    browser.press("step")
    acted("step")
    browser.press("step")
    acted("step")
    browser.say((1, "step"))
    assert acted("step") == []
    browser.say((1, "step"), (2, "step"), (3, "step"))
    assert acted("step") == ["step"]


def test_without_numbers_each_press_is_one(browser: Browser) -> None:
    assert [acted("step"), acted("step"), acted()] == [["step"], ["step"], []]


def test_what_was_pressed_before_the_server_began_anew_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = [[1, "stop"], [2, "start"]]
    held: dict[str, Any] = {state.KEY: Tab(), presses.NUMBERED_BY: {"presses": made}}
    monkeypatch.setattr("streamlit.session_state", held)
    presses.begin()
    assert acted() == []
    made.append([3, "stop"])
    assert acted("stop") == ["stop"]


def test_start_right_after_a_pick_starts_what_was_picked() -> None:
    app = opened(steps="10000000", width="8")
    press(app, "start")
    first = app.query_params["run"]
    app.selectbox(key="preset").set_value("moons")
    press(app, "start")
    assert app.query_params["run"] != first
    assert config_of(app).dataset == "moons"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """The presses that the browser says it has numbered, for pages without one."""
    made: list[tuple[int, str]] = []
    monkeypatch.setattr(presses, "_made", lambda: tuple(made))
    return made


def click(app: AppTest, made: list[tuple[int, str]], *names: str) -> None:
    """Press these within one message, which is that of the last."""
    made += [(len(made) + k, name) for k, name in enumerate(names, 1)]
    press(app, names[-1])


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (["pause", "pause"], "running"),
        (["pause", "pause", "pause"], "paused"),
        (["pause", "start", "pause"], "paused"),
        (["stop", "start", "pause"], "paused"),
        (["pause", "reset", "start", "pause"], "paused"),
    ],
)
def test_presses_in_one_message_end_as_they_would_one_by_one(
    made: list[tuple[int, str]], names: list[str], status: str
) -> None:
    for messages in ([names], [[name] for name in names]):
        made.clear()
        app = opened(steps="10000000", width="8")
        click(app, made, "start")
        for together in messages:
            click(app, made, *together)
        assert session_of(app).status == status
        assert tab_of(app).resumes == (status == "paused")
        label = text.RESUME if status == "paused" else text.BUTTONS["pause"]
        assert app.button(key="pause").label == str(label)


def test_a_start_whose_message_comes_again_does_and_answers_nothing(
    made: list[tuple[int, str]],
) -> None:
    app = opened(steps="10000000", width="8")
    click(app, made, "start")
    run = session_of(app)
    press(app, "start")
    assert session_of(app) is run
    assert str(text.RUNS_ALREADY) not in status(app)
    click(app, made, "start")
    assert str(text.RUNS_ALREADY) in status(app)


def cut_short() -> None:
    """What Streamlit does when a redraw of the whole page is wanted while a press is acted on."""
    context = get_script_run_ctx()
    assert context is not None
    assert context.script_requests is not None
    context.script_requests.request_stop()


def test_a_start_that_a_redraw_cuts_short_begins_its_run_with_it(
    made: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(steps="10000000", width="8")
    click(app, made, "start")
    first = session_of(app)
    fill(app, "width", 16)
    stop = Session.stop

    def stop_then_cut(session: Session) -> None:
        stop(session)
        cut_short()

    with monkeypatch.context() as patched:
        patched.setattr(Session, "stop", stop_then_cut)
        click(app, made, "start")
    assert first.status == "stopped"
    app.run()
    assert session_of(app) is not first
    assert (session_of(app).status, config_of(app).width) == ("running", 16)
    assert not app.exception


def test_a_pause_that_a_redraw_cuts_short_acts_once(
    made: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(steps="10000000", width="8")
    click(app, made, "start")
    due, pause = presses.due, Session.pause

    def due_then_cut(name: str | None = None) -> list[tuple[int | None, str]]:
        found = due(name)
        cut_short()
        return found

    def pause_then_cut(session: Session) -> None:
        pause(session)
        cut_short()

    with monkeypatch.context() as patched:
        patched.setattr(presses, "due", due_then_cut)
        click(app, made, "pause")
    assert session_of(app).status == "running"
    with monkeypatch.context() as patched:
        patched.setattr(Session, "pause", pause_then_cut)
        app.run()
    assert session_of(app).status == "paused"
    app.run()
    assert session_of(app).status == "paused"


def test_a_step_that_a_redraw_cuts_short_makes_one_iteration(
    made: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(steps="10000000", width="8")
    turn_to = Tab.turn_to

    def turn_then_cut(tab: Tab, run: Run | None) -> None:
        turn_to(tab, run)
        cut_short()

    with monkeypatch.context() as patched:
        patched.setattr(Tab, "turn_to", turn_then_cut)
        click(app, made, "step")
    app.run()
    deadline = time.monotonic() + 10
    while (latest := session_of(app).latest) is None or latest.step < 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)
    app.run()
    latest = session_of(app).latest
    assert latest is not None
    assert (session_of(app).status, latest.step) == ("paused", 1)
    assert app.query_params["run"] == session_of(app).id
