"""The Compare page without a browser, and its tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ganviz import CHARTS, RunConfig, Store
from ganviz.config.naming import SEEDS
from ganviz.store import KeptRun
from ganviz.ui import compared, kept
from ganviz.ui.compared import best_of
from tests.test_store import kept as keep
from tests.test_store import trained

ROOT = Path(__file__).parents[1]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path))
    store = kept.store()
    assert store is not None
    every: list[dict[str, Any]] = [{}, {"seed": 1}, {"seed": 2}, {"lr_d": 0.004}]
    for k, settings in enumerate(every):
        keep(store, trained(30, **settings), f"run{k}")
    yield store
    store.close()


def page(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ganviz/ui/pages/compare.py"), default_timeout=60)
    app.query_params = dict(query)
    app.run()
    assert not app.exception
    return app


def runs(store: Store) -> list[KeptRun]:
    return sorted(store.runs(), key=lambda run: run.id)


def test_all_runs_stand_in_a_table_and_none_is_drawn_yet(store: Store) -> None:
    app = page()
    frame: Any = app.dataframe[0].value
    assert frame["id"].tolist() == ["run3", "run2", "run1", "run0"]
    assert frame["seed"].tolist() == [0, 2, 1, 0]
    assert str(frame["created"].dtype).endswith("UTC]")  # a browser elsewhere says how long ago
    assert app.info[0].value.startswith("Pick runs")


def test_the_address_picks_and_the_charts_overlay_them(store: Store) -> None:
    app = page(runs="run0,run3")
    charts = app.get("plotly_chart")
    assert len(charts) == sum(entry.facts["over_iterations"] for entry in CHARTS.values())
    differs: Any = app.dataframe[1].value
    assert differs.loc["lr D"].tolist() == [".001", ".004"]
    for x in ("seconds", "samples", "iteration"):
        app.segmented_control(key="x_axis").set_value(x).run()
        assert not app.exception
    for by in (SEEDS, "lr_d", None):
        app.selectbox(key="group_by").set_value(by).run()
        assert not app.exception


def test_search_and_status_find_runs(store: Store) -> None:
    store.tag("run1", "dear")
    store.rename("run2", "with another seed")
    every = store.runs()
    assert [run.id for run in compared.found(every, "dear", ())] == ["run1"]
    assert [run.id for run in compared.found(every, "seed ANOTHER", ())] == ["run2"]
    assert [run.id for run in compared.found(every, "lr_d: 0.004", ())] == ["run3"]
    assert compared.found(every, "", ("running",)) == []
    assert len(compared.found(every, "", ("stopped",))) == 4
    app = page()
    app.text_input(key="search").set_value("dear").run()
    assert app.dataframe[0].value["id"].tolist() == ["run1"]


def test_two_runs_of_one_name_have_a_column_each(store: Store) -> None:
    for run in ("run0", "run3"):
        store.rename(run, "mine")
    differs = compared.what_differs([store.run("run0"), store.run("run3")])
    assert differs.loc["lr D"].to_dict() == {"mine": ".001", "mine (2)": ".004"}


def test_groups_by_seed_and_by_a_field(store: Store) -> None:
    sets, names = compared.groups(runs(store), SEEDS)
    assert sets == {"run0+run1+run2": ("run0", "run1", "run2")}
    assert str(names["run0+run1+run2"]) == "lr D .001"
    sets, names = compared.groups(runs(store), "seed")
    assert sets == {"run0+run3": ("run0", "run3")}
    assert str(names["run0+run3"]) == "seed 0"
    assert compared.groups(runs(store), None) == ({}, {})
    sets, names = compared.groups(runs(store)[:3], SEEDS)
    assert [str(name) for name in names.values()] == ["all seeds"]


@pytest.mark.parametrize(
    ("values", "best", "winner"),
    [
        ({"a": [0.1], "b": [0.5]}, "low", "a"),
        ({"a": [0.1], "b": [0.14]}, "low", None),
        ({"a": [0.01], "b": [-0.5]}, "low", None),  # both like real data
        ({"a": [0.4], "b": [0.7]}, "high", None),
        ({"a": [-0.4], "b": [-0.2]}, "high", "b"),
        ({"a": [0.04], "b": [-0.2]}, "floor", "a"),
        ({"a": [3.0]}, "low", None),
        ({"a": [0.1, 0.12], "b": [0.5, 0.52]}, "low", "a"),
        ({"a": [0.1, 0.12], "b": [0.5, 0.9]}, "low", None),  # seeds differ as much
        ({"a": [0.1], "b": [0.5, 0.52], "c": [0.2, 0.9]}, "low", None),
    ],
)
def test_the_best_is_marked_beyond_the_floor_and_the_seeds_only(
    values: dict[str, list[float]], best: str, winner: str | None
) -> None:
    assert best_of(values, best, 0.0, 0.05) == winner


def test_runs_are_deleted_named_and_had_back_on_the_page(store: Store) -> None:
    app = page(runs="run1,run2")
    app.button(key="delete_runs").click().run()
    assert {run.id for run in store.runs()} == {"run0", "run3"}
    app.button(key="undo").click().run()
    assert len(store.runs()) == 4
    app = page(runs="run1")
    app.text_input(key="name_run1").set_value("mine")
    app.text_input(key="tags_run1").set_value("a, b")
    save: Any = next(button for button in app.button if button.label == "Save")
    save.click().run()
    assert (store.run("run1").label, store.run("run1").tags) == ("mine", ("a", "b"))


def test_room_and_queue_are_set_and_bad_numbers_said(store: Store) -> None:
    app = page()
    app.text_input(key="at_once").set_value("3")
    app.text_input(key="budget").set_value("1,5")
    app.button(key="save_storage").click().run()
    assert kept.places().most == 3
    assert store.budget == int(1.5 * 1024**3)
    for key, value, said in (("at_once", "0", "at least one run"), ("budget", "x", "number")):
        app.text_input(key=key).set_value(value)
        app.button(key="save_storage").click().run()
        assert said in app.error[0].value
    store.budget = 1
    app = page()
    assert "oldest untagged runs could go" in app.warning[0].value


def test_an_empty_store_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path / "new"))
    assert page().info[0].value.startswith("No run is kept yet")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path / "file"))
    assert "Runs cannot be kept in" in page().warning[0].value


def test_settings_of_another_version_are_listed_too(store: Store) -> None:
    with store._database.write() as connection:
        connection.execute(
            "UPDATE runs SET config = '{\"old\": 1, \"steps\": 3}' WHERE id = 'run0'"
        )
    assert not page(runs="run0,run1").exception
    assert "run0" not in compared.configs(store.runs())
    assert RunConfig.from_json(store.run("run1").config_json).seed == 1
