"""Several runs in one chart: whose line is which, truth of means and bands, and the three axes."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from ganviz import CHARTS, Event, RunConfig, Snapshot, Trainer
from ganviz.charts.along import X_TITLES, Along, along
from ganviz.charts.cast import SAYS_WHO, Cast, draw
from ganviz.charts.main_lines import spread
from ganviz.columns import COLUMNS, Columns
from ganviz.snapshot import CLOCK
from tests.instrumented import READINGS_ONLY, full, plain

OVER_TIME = tuple(name for name in CHARTS if CHARTS[name].facts["over_iterations"])
AXES: tuple[Along, ...] = tuple(X_TITLES)


@cache
def run(k: int, rows: int = 200, slope: float = 0.0) -> Snapshot:
    """A run whose columns are all k + slope · step."""
    table = np.full((rows, len(COLUMNS)), 0.0)
    table[:, 0] = np.arange(1, rows + 1)
    table[:, 1:] = k + slope * table[:, :1]
    clock = Columns(np.array([[rows / 2, 10.0], [rows, 30.0]]), CLOCK)
    return replace(
        plain(), label=f"run {k}", step=rows, history=Columns(table), readings=full(), clock=clock
    )


def runs(n: int) -> dict[str, Snapshot]:
    return {f"r{k}": run(k) for k in range(n)}


def lines(name: str, of: dict[str, Snapshot], cast: Cast) -> list[dict[str, Any]]:
    return draw(name, of, cast).traces


@pytest.mark.parametrize("name", list(CHARTS))
@pytest.mark.parametrize("x", AXES)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_every_chart_takes_every_cast(name: str, x: Along, n: int) -> None:
    of = runs(n)
    empty = replace(plain(), history=Columns.empty(COLUMNS), clock=Columns.empty(CLOCK))
    unknown = np.full((3, len(COLUMNS)), np.nan)
    unknown[:, 0] = 1, 2, 3  # iterations are always known
    odd = replace(run(9), history=Columns(unknown))
    for extra in ({}, {"empty": empty}, {"odd": odd}):
        for lead in (None, "r0", "gone"):
            for groups in ({}, {"g": ("r0", "r1")}, {"g": ("r1", "r2", "gone")}):
                cast = Cast(lead=lead, groups=groups, x=x)
                figure = draw(name, {**of, **extra}, cast)
                figure.to_json()
                assert figure.figure().layout.uirevision == "ganviz"


@pytest.mark.parametrize("name", list(CHARTS))
def test_a_run_alone_is_drawn_as_without_a_cast(name: str) -> None:
    of = runs(1)
    mine, plain_ = draw(name, of, Cast(lead="r0")), CHARTS[name].facts["draws"](of)
    assert mine.to_json() == plain_.to_json()
    assert draw(name, runs(0), Cast()).to_json() == CHARTS[name].facts["draws"]({}).to_json()


@pytest.mark.parametrize("name", list(CHARTS))
def test_the_lead_is_drawn_in_full_over_pale_others(name: str) -> None:
    of = runs(3)
    drawn = lines(name, of, Cast(lead="r1"))
    alone = CHARTS[name].facts["draws"]({"r1": of["r1"]}).traces
    assert [str(trace) for trace in drawn[-len(alone) :]] == [str(trace) for trace in alone]
    pale = drawn[: -len(alone)]
    assert bool(pale) == (name in OVER_TIME)
    assert all(trace["opacity"] < 0.5 for trace in pale)
    assert {trace["name"] for trace in pale} == ({"run 0", "run 2"} if pale else set())
    in_legend = [trace["name"] for trace in pale if trace["showlegend"]]
    assert in_legend == (["run 0", "run 2"] if name == SAYS_WHO else [])
    assert len({trace["line"]["dash"] for trace in pale}) == (2 if pale else 0)


def test_every_line_of_v_says_whose_it_is() -> None:
    drawn = lines("value", runs(3), Cast(lead="r0", names={"r2": "lr D .002"}))
    whose = [t["meta"]["run"] for t in drawn if t.get("meta", {}).get("part") == "value"]
    assert set(whose) == {"r0", "r1", "r2"}
    assert "lr D .002" in [trace["name"] for trace in drawn]
    grouped = lines("value", runs(3), Cast(groups={"g": ("r0", "r2")}))
    assert {"runs": ["r0", "r2"], "part": "value"} in [t.get("meta") for t in grouped]


def test_a_group_is_its_mean_with_a_band_from_the_lowest_to_the_highest() -> None:
    of = {"a": run(1, 100, 0.01), "b": run(2, 200, 0.01), "c": run(6, 300, 0.01)}
    drawn = lines("terms", of, Cast(groups={"g": ("a", "b", "c")}, names={"g": "mine"}))
    band, line = [t for t in drawn if t["type"] == "scatter" and "x" in t][:2]
    x = line["x"].astype(float)
    assert (x[0], x[-1]) == (1.0, 100.0)  # where all three have been
    # each curve is a trailing mean of 25 of a straight line: 12 steps behind, once 25 are there
    inside = x > 30
    behind = 0.01 * (x[inside] - 12)
    assert line["y"][inside] == pytest.approx(3.0 + behind, abs=1e-5)
    high, low = band["y"][: len(x)], band["y"][len(x) :][::-1]
    assert high[inside] == pytest.approx(6.0 + behind, abs=1e-5)
    assert low[inside] == pytest.approx(1.0 + behind, abs=1e-5)
    assert line["name"] == "mine: 3 runs"


def test_the_spread_is_nan_where_one_is() -> None:
    x = np.array([0.0, 1.0, 2.0])
    _x, low, mean, high = spread([(x, np.array([0.0, np.nan, 2.0])), (x, x + 1)])
    assert np.isnan([low[1], mean[1], high[1]]).all()
    assert (low[0], mean[0], high[0]) == (0.0, 0.5, 1.0)
    assert not len(spread([(np.empty(0), np.empty(0)), (x, x)])[0])


def test_runs_that_are_alike_have_a_colour_each_and_parts_a_dash() -> None:
    drawn = [t for t in lines("terms", runs(3), Cast()) if list(t["x"]) != [None]]
    assert len(drawn) == 6
    colours = {trace["name"]: trace["line"]["color"] for trace in drawn}
    assert len(set(colours.values())) == 3
    assert {trace["line"]["dash"] for trace in drawn} == {"solid", "dash"}
    assert not any(trace["showlegend"] for trace in drawn)
    said = [t["name"] for t in lines(SAYS_WHO, runs(3), Cast()) if t.get("showlegend")]
    assert said == ["run 0", "run 1", "run 2"]


def test_seconds_are_interpolated_and_samples_are_counted() -> None:
    snapshot = run(0)
    steps = np.array([0.0, 50.0, 100.0, 150.0, 200.0])
    assert along(snapshot, steps, "seconds").tolist() == [0.0, 5.0, 10.0, 20.0, 30.0]
    assert along(snapshot, steps, "iteration") is steps
    trainer = Trainer(RunConfig(width=4, depth=1, batch_size=32, d_steps=2))
    events = (Event(50, "lr_d", 1.0), Event(100, "d_steps", 5), Event(150, "d_steps", 0))
    edited = replace(trainer.snapshot(), events=events)
    expected = 32 * np.array([0, 2 * 50, 2 * 100, 2 * 100 + 5 * 50, 2 * 100 + 5 * 50])
    assert along(edited, steps, "samples").tolist() == expected.tolist()
    assert np.isnan(along(edited, steps, "seconds")).all()


@pytest.mark.parametrize("name", OVER_TIME)
def test_another_axis_has_its_name_and_moves_everything(name: str) -> None:
    of = {"a": replace(run(0), events=(Event(100, "lr_d", 0.1),)), "b": run(1)}
    whole = draw(name, of, Cast(lead="a", x="seconds")).figure()
    titles = [a.title.text for a in whole.select_xaxes() if a.title.text]
    assert titles == ["seconds of training"]
    ends = [float(np.nanmax(np.asarray(t.x, float))) for t in whole.data if len(t.x) and t.x[0]]
    assert max(ends) <= 30.0 + 1e-4
    marks = [shape.x0 for shape in whole.layout.shapes if shape.x0 == shape.x1 != 0]
    if name != "quality":
        assert 10.0 in marks


def test_the_axes_hold_all_runs() -> None:
    of = {"a": run(-1, 100), "b": run(-3, 900)}
    drawing = draw("value", of, Cast(lead="a"))
    assert drawing.layout["xaxis"]["autorangeoptions"]["include"][1] == 900
    assert drawing.layout["yaxis"]["autorangeoptions"]["include"][0] < -3


def test_a_metric_is_drawn_in_its_own_small_plot() -> None:
    """Though another run has other metrics."""
    few = replace(full(), floors={k: v for k, v in full().floors.items() if k != "coverage"})
    of = {"a": run(0), "b": replace(run(1), readings=few)}
    for cast in (Cast(lead="a"), Cast(lead="b"), Cast()):
        places: dict[str, set[str]] = {}
        for trace in lines("quality", of, cast):
            metric = trace.get("meta", {}).get("metric")
            if metric:
                places.setdefault(metric, set()).add(trace["yaxis"])
        assert all(len(axes) == 1 for axes in places.values()), places


def test_readings_only_charts_without_a_course_show_the_lead() -> None:
    for name in set(READINGS_ONLY) - set(OVER_TIME):
        of = runs(2)
        assert draw(name, of, Cast(lead="r1")).to_json() == (
            CHARTS[name].facts["draws"]({"r1": of["r1"]}).to_json()
        )
