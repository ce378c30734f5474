"""Every page without a browser: with no run, with one trained to its end, with one that failed."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ganviz import RunConfig, Session, Target, Trainer
from ganviz.charts import CHARTS
from ganviz.readings import Readings
from ganviz.ui import address, board, figures, state, text
from tests.app_page import ended, fill, opened, press, session_of, status, tab_of
from tests.browser import page
from tests.instrumented import READINGS_ONLY

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
    app.run()
    assert dict(app.query_params) == said
    tab_of(app).address.since -= address.HEARD_SECONDS
    app.query_params = {"steps": "60"}  # by now this is where a person went with Back
    app.run()
    assert dict(app.query_params) == {"steps": "60"}
    press(app, "reset")
    app.query_params = said
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


def test_every_chart_has_one_place_on_the_board() -> None:
    places = [*board.FIXED, *(name for card in board.CARDS for name in card)]
    assert sorted(places) == sorted(CHARTS)
    assert board.CARDS == page.CARDS


def test_charts_of_readings_are_built_once_for_each_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[str] = []
    registered = dict(CHARTS)

    def counted(name: str) -> SimpleNamespace:
        def draws(runs: Any) -> Any:
            built.append(name)
            return registered[name].facts["draws"](runs)

        return SimpleNamespace(facts={**registered[name].facts, "draws": draws})

    monkeypatch.setattr(figures, "CHARTS", {name: counted(name) for name in registered})
    trainer = Trainer(RunConfig(width=8, batch_size=8))
    trainer.step()
    once = trainer.snapshot()
    trainer.step()
    later = replace(trainer.snapshot(), readings=once.readings)
    other = replace(later, readings=Readings())
    drawn = figures.Figures()
    for shown in (once, later, other):
        for name in registered:
            drawn.of(name, {"run": shown})
    assert built.count("value") == 3
    assert {built.count(name) for name in READINGS_ONLY} == {2}


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
    said = [caption.value for caption in app.main.caption]
    assert len(said) == 3
    assert "How far G is from the data is not known: the instruments are off." in said[0]
    assert "Width" in said[1]
    assert said[2] == str(text.INSTRUMENTS_OFF)


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
