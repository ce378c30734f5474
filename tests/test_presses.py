"""One press is told from the next."""

from collections.abc import Iterator

import pytest

from ganviz.ui import state, text
from ganviz.ui.presses import ANSWER_SECONDS, ECHO_SECONDS, REPEAT_SECONDS, Press
from tests.app_page import config_of, opened, press, status


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


def test_press_that_is_delivered_twice_is_told_from_a_second_one() -> None:
    form = {"width": 64}
    last = Press(10.0, form)
    assert last.echoes(10.0 + REPEAT_SECONDS / 2, form)
    assert last.echoes(10.0 + ANSWER_SECONDS - 0.1, form)
    assert not last.echoes(10.0 + ANSWER_SECONDS, form)
    last.shown = 10.05
    assert last.echoes(10.0 + REPEAT_SECONDS - 0.01, form)
    assert not last.echoes(10.0 + REPEAT_SECONDS, form)
    last.shown = 12.0
    assert last.echoes(12.0 + ECHO_SECONDS / 2, form)
    assert not last.echoes(12.0 + ECHO_SECONDS, form)


def test_press_after_a_change_of_the_form_is_never_taken_for_the_last_one() -> None:
    last = Press(10.0, {"width": 64})
    assert not last.echoes(10.01, {"width": 48})
    last.shown = 10.02
    assert not last.echoes(10.03, {"width": 48})


def test_start_right_after_a_pick_starts_what_was_picked() -> None:
    app = opened(steps="10000000", width="8")
    press(app, "start")
    first = app.query_params["run"]
    app.session_state["presses"]["start"].shown = None  # a pick cut that redraw short
    app.selectbox(key="preset").set_value("moons")
    app.button(key="start").click().run()
    assert app.query_params["run"] != first
    assert config_of(app).dataset == "moons"
    second = app.query_params["run"]
    app.session_state["presses"]["start"].shown = None
    app.button(key="start").click().run()
    assert app.query_params["run"] == second
    assert text.RUNS_ALREADY not in status(app)  # it was the same press, delivered twice
