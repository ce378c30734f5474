"""The strip of a tab's runs, without a browser: pale lines, the outcome, seeds, delete and undo."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ganviz import Session
from ganviz.ui import casting, kept
from tests.app_page import opened, press, session_of, status, tab_of

TINY = {"dataset": "gaussian", "width": "8", "batch_size": "16", "steps": "40"}


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def finished(app: AppTest) -> Session:
    session = session_of(app)
    until(lambda: session.status == "finished" and session.measuring is None)
    app.run()
    return session


def two_runs() -> tuple[AppTest, Session, Session]:
    app = opened(**TINY)
    press(app, "start")
    one = finished(app)
    app.text_input(key="lr_d").set_value("0.004").run()
    press(app, "start")
    return app, one, finished(app)


def outcome(app: AppTest) -> str:
    tab = tab_of(app)
    return str(casting.outcome(tab) or "")


def chip_names(app: AppTest) -> list[str]:
    return [box.label for box in app.checkbox if str(box.key).startswith("run_")]


def test_starting_anew_keeps_the_last_run_named_by_what_differs() -> None:
    app, one, two = two_runs()
    tab = tab_of(app)
    assert list(tab.runs) == [one.id, two.id]
    assert tab.shown == two.id
    assert chip_names(app) == ["✓ lr D .001", "✓ lr D .004"]
    cast = casting.cast(tab)
    assert (cast.lead, str(cast.names[one.id])) == (two.id, "lr D .001")
    assert outcome(app).startswith("lr D .004: G's error ")
    assert "One seed each" in outcome(app)
    assert app.query_params["runs"] in (one.id, [one.id])


def test_chips_switch_runs_off_and_on_and_pick_the_one_that_leads() -> None:
    app, one, two = two_runs()
    app.checkbox(key=f"run_{one.id}").set_value(False).run()
    assert list(tab_of(app).runs) == [two.id]
    assert outcome(app) == ""
    assert "runs" not in app.query_params
    app.checkbox(key=f"run_{one.id}").set_value(True).run()
    assert list(tab_of(app).runs) == [one.id, two.id]
    app.button(key=f"show_{one.id}").click().run()
    assert tab_of(app).shown == one.id
    assert app.text_input(key="lr_d").value == "0.001"
    assert app.query_params["run"] in (one.id, [one.id])


def test_a_run_is_deleted_and_had_back() -> None:
    app, one, two = two_runs()
    app.button(key=f"delete_{two.id}").click().run()
    tab = tab_of(app)
    assert (list(tab.strip), tab.shown) == ([one.id], one.id)
    assert kept.found(two.id) is None
    app.button(key="undo").click().run()
    assert list(tab_of(app).strip) == [one.id, two.id]
    assert kept.found(two.id) is not None
    assert not [button for button in app.button if button.key == "undo"]


def test_further_seeds_wait_their_turn_and_are_a_band() -> None:
    app, one, two = two_runs()
    app.button(key="seeds").click().run()
    tab = tab_of(app)
    further = [run for run in tab.strip.values() if run.id not in (one.id, two.id)]
    assert len(further) == 2
    assert tab.shown == two.id
    for run in further:
        assert isinstance(run, Session)
        assert run.config == two.config.replace(seed=run.config.seed)
        until(lambda run=run: run.status == "finished" and run.measuring is None)  # type: ignore[misc]
    assert {run.config.seed for run in further if isinstance(run, Session)} == {1, 2}
    app.run()
    (group,) = casting.cast(tab_of(app)).groups.values()
    assert set(group) == {two.id, *(run.id for run in further)}
    assert "1 against 3 seeds" in outcome(app)
    app.button(key="seeds").click().run()
    app.button(key="seeds").click().run()  # delivered twice
    assert len(tab_of(app).strip) == 6


def test_a_stopped_run_continues_and_a_finished_one_branches() -> None:
    app = opened(**{**TINY, "steps": "10000000"})
    press(app, "start")
    session = session_of(app)
    assert session.wait(20)
    press(app, "stop")
    app.run()
    step = session.latest.step if session.latest else 0
    app.button(key="continue").click().run()
    again = session_of(app)
    assert again is not session
    assert again.id == session.id
    until(lambda: again.latest is not None and again.latest.step > step)
    assert list(tab_of(app).strip) == [again.id]
    again.stop()
    app = opened(**TINY)
    press(app, "start")
    done = finished(app)
    app.button(key="continue").click().run()
    branch = finished(app)
    assert branch.parent == done.id
    assert branch.config.steps == 80
    assert list(tab_of(app).strip) == [done.id, branch.id]


def test_a_new_tab_and_a_restarted_server_find_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    app, one, two = two_runs()
    store = kept.store()
    assert store is not None
    store.flush()
    query = {n: v if isinstance(v, str) else v[0] for n, v in app.query_params.items()}
    second = opened(**query)
    assert list(tab_of(second).strip) == [one.id, two.id]
    monkeypatch.setattr("ganviz.ui.state.RUNS.get", lambda run: None)  # as after a restart
    third = opened(**query)
    tab = tab_of(third)
    assert not third.exception
    assert list(tab.strip) == [one.id, two.id]
    assert tab.run is not None
    assert not isinstance(tab.run, Session)
    assert tab.run.status == "finished"
    assert third.text_input(key="lr_d").value == "0.004"
    assert outcome(third) == outcome(app)


def test_at_most_eight_runs_are_held() -> None:
    app = opened(**{**TINY, "steps": "3"})
    for k in range(10):
        app.text_input(key="seed").set_value(str(k)).run()
        press(app, "start")
        until(lambda: session_of(app).status == "finished")
        app.run()
    assert len(tab_of(app).strip) == 8


def test_a_store_that_cannot_be_opened_stops_nothing(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path / "file"))
    app = opened(**TINY)
    press(app, "start")
    session = finished(app)
    assert session.status == "finished"
    assert any("Runs cannot be kept in" in caption.value for caption in app.caption)
    app.button(key=f"delete_{session.id}").click().run()
    assert tab_of(app).strip == {}
    app.button(key="undo").click().run()
    assert list(tab_of(app).strip) == [session.id]
    time.sleep(0.1)


def test_a_queued_run_says_its_place_and_is_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    most = kept.places().most
    kept.places().most = 1
    try:
        app = opened(**{**TINY, "steps": "10000000"})
        press(app, "start")
        first = session_of(app)
        app.button(key="seeds").click().run()
        assert [name[:2] for name in chip_names(app)] == ["● ", "◷1", "◷2"]
        waiting = [run for run in tab_of(app).strip.values() if run.id != first.id]
        app.button(key=f"show_{waiting[1].id}").click().run()
        assert "**queued** · iteration 0 · place 2 of 2" in status(app)
        assert "Waits for its turn" in status(app)
        press(app, "stop")
        until(lambda: waiting[1].status == "stopped")
        app.run()
        assert [name[:2] for name in chip_names(app)] == ["● ", "◷1", "■ "]
        first.stop()
        until(lambda: waiting[0].status == "running")
        app.button(key=f"delete_{waiting[0].id}").click().run()
        assert waiting[0].status == "stopped"
    finally:
        kept.places().most = most
