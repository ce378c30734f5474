"""Every page without a browser: with no run, with one trained to its end, with one that failed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ganviz import RunConfig, Session, Snapshot, Target
from ganviz.snapshot import Event, Status
from ganviz.ui import address, board, buttons, state
from tests.app_page import ended, fill, opened, press, session_of, status, tab_of

PAGES = sorted((Path(__file__).parents[1] / "ganviz/ui/pages").glob("[!_]*.py"))


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_renders_with_no_run(page: Path) -> None:
    app = AppTest.from_file(page, default_timeout=30).run()
    assert not app.exception


def test_idle_page_says_what_to_do() -> None:
    app = opened()
    assert not app.exception
    assert "iteration 0" in status(app)
    assert any("Press **Start**" in caption.value for caption in app.caption)


def test_run_to_the_end() -> None:
    app = opened(steps="60", width="8")
    press(app, "start")
    ended(app)
    assert not app.exception
    assert "**finished** · iteration 60" in status(app)
    assert app.query_params["run"]
    assert app.query_params["width"] == "8"


def test_address_that_the_browser_did_not_hear_of_is_said_again() -> None:
    app = opened(steps="10000000", width="8")
    press(app, "start")
    said = dict(app.query_params)
    assert said["run"]
    app.query_params = {"steps": "10000000", "width": "8"}
    tab_of(app).address.since -= address.AGAIN_SECONDS
    app.run()
    assert dict(app.query_params) == said
    tab_of(app).address.since -= address.HEARD_SECONDS
    app.query_params = {"steps": "60"}  # by now this is where a person went with Back
    app.run()
    assert dict(app.query_params) == {"steps": "60"}
    press(app, "reset")
    app.query_params = said
    tab_of(app).address.since -= address.AGAIN_SECONDS
    app.run()
    assert dict(app.query_params) == {}


def test_why_a_run_is_not_compiled_is_shown_under_its_status() -> None:
    app = opened(steps="3", width="8", compile="true", instance_noise="0.1")
    press(app, "start")
    ended(app)
    assert not app.exception
    assert "**finished** · iteration 3" in status(app)
    assert "Not compiled, because of instance noise." in status(app)


def test_run_without_a_v_is_shown_to_its_end() -> None:
    app = opened(steps="3", width="8", loss="wasserstein", probe="false")
    press(app, "start")
    ended(app)
    assert not app.exception
    assert "No V here" in status(app)


def test_failing_run_shows_its_error() -> None:
    app = opened(width="8")
    config = RunConfig(steps=50, width=8)

    def broken(n: int, rng: object) -> object:
        raise OSError("the disk is gone")

    session = Session(config, target=Target(broken, 2, shift=0.0, scale=1.0))  # type: ignore[arg-type]
    state.RUNS.add(session, "")
    tab_of(app).turn_to(session)
    session.start()
    ended(app)
    assert not app.exception
    assert "**failed**" in status(app)
    assert "the disk is gone" in status(app)


@dataclass
class Kept:
    """A run that nobody can command any more."""

    latest: Snapshot | None
    id: str = "kept"
    label: str = "a kept run"
    config_json: str = "{}"
    status: Status = "finished"
    parent: None = None
    events: tuple[Event, ...] = ()
    moments: tuple[int, ...] = ()
    keyframes: tuple[int, ...] = ()

    def at(self, step: int) -> Snapshot:
        raise KeyError(step)


def test_a_run_that_is_no_session_is_spoken_of_too() -> None:
    app = opened(steps="60", width="8")
    press(app, "start")
    ended(app)
    tab_of(app).turn_to(Kept(session_of(app).latest))
    app.run()
    assert not app.exception
    assert "**finished** · iteration 60" in status(app)
    assert "Press **Start**." not in status(app)


@pytest.mark.parametrize("looks", range(16))
def test_a_run_that_ends_between_any_two_looks_at_it_is_drawn(
    looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(steps="10000000", width="8")
    press(app, "start")
    said = chain(["running"] * looks, repeat("stopped"))
    monkeypatch.setattr(Session, "status", property(lambda run: next(said)))
    for _ in range(3):  # there are up to eleven looks in one redraw
        app.run()
        assert not app.exception
    assert "**stopped**" in status(app)


def test_learning_rate_that_blows_up_is_shown_as_such_with_its_curves() -> None:
    app = opened(lr_d="1.0", lr_g="1.0", depth="8", width="64")
    press(app, "start")
    ended(app)
    assert not app.exception
    assert "**diverged**" in status(app)
    assert "is not finite" in status(app)
    assert "Lower the learning rates" in status(app)
    session = session_of(app)
    assert session.latest is not None
    assert session.latest.history.rows == session.latest.step > 1


def test_form_with_an_error_starts_nothing_and_says_where() -> None:
    app = opened()
    fill(app, "steps", 0)
    assert [e.value for e in app.sidebar.error] == ["Iterations must be at least 1, got 0"]
    press(app, "start")
    assert "iteration 0" in status(app)
    assert "Iterations must be at least 1, got 0" in status(app)
    assert "Press **Start**" in status(app)  # the answer does not take the verdict's place
    fill(app, "steps", 30)
    assert not app.sidebar.error


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_emptied_number_is_an_error_at_its_place(empty: str | None) -> None:
    app = opened()
    app.session_state["width"] = empty
    app.run()
    assert [e.value for e in app.sidebar.error] == ["Width is empty: give a whole number"]
    press(app, "start")
    assert "Width is empty" in status(app)
    assert "iteration 0" in status(app)


def test_preset_fills_the_form_and_data_bring_a_network_that_serves_them() -> None:
    app = opened()
    app.selectbox(key="preset").set_value("digits").run()
    assert app.selectbox(key="network").value == "conv"
    assert app.text_input(key="batch_size").value == "64"
    app.selectbox(key="dataset").set_value("grid").run()
    assert app.selectbox(key="network").value == "mlp"
    assert app.text_input(key="dataset_options.side").value == "5"
    assert not app.exception
    assert not app.sidebar.error


def test_address_fills_the_form() -> None:
    app = opened(**{"dataset": "ring", "dataset_options.modes": "12", "lr_d": "0.0005"})
    assert app.text_input(key="dataset_options.modes").value == "12"
    assert app.text_input(key="lr_d").value == "0.0005"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"width": "abc"}, "Width must be a whole number, got 'abc'"),
        ({"widht": "64"}, "did you mean 'width'?"),
        ({"run": "feedbeef"}, "Run feedbeef is no longer here"),
        ({"dataset": "custom"}, "can only be started from Python"),
    ],
)
def test_broken_address_is_said_and_the_page_works(query: dict[str, str], words: str) -> None:
    app = opened(**query)
    assert words in app.error[0].value
    press(app, "start")
    assert not app.error
    assert not app.exception


def test_live_edit_reaches_the_run() -> None:
    app = opened(width="8")
    press(app, "step")
    fill(app, "lr_d", 0.002)
    session = session_of(app)
    assert session.current.lr_d == 0.002
    press(app, "step")
    deadline = time.monotonic() + 10
    while session.latest is None or session.latest.step < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [tuple(e) for e in session.latest.events] == [(1, "lr_d", 0.002)]


def test_a_redraw_that_follows_from_our_own_is_no_word_of_the_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Start asks for another redraw at once; a message from before it may come after that."""
    app = opened(steps="10000000", width="8")
    before, waiting = dict(app.query_params), ["start"]

    def press_while_drawing(**_: Any) -> None:
        if waiting:
            buttons.press_due(waiting.pop())

    monkeypatch.setattr(board, "_board", press_while_drawing)
    app.run()
    run = session_of(app)
    assert dict(app.query_params) != before
    assert tab_of(app).address.is_new  # though the page was drawn anew meanwhile
    app.query_params = before
    app.run()
    assert tab_of(app).session is run
