"""The numbers in the charts of the instruments."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from ganviz import CHARTS
from ganviz.charts import palette
from ganviz.charts.shares import PATTERNS
from ganviz.columns import Columns
from ganviz.readings import ZIGZAG, Cost, Floor, Pulls, Readings, Shares
from ganviz.snapshot import Event, frozen
from tests.instrumented import (
    COST,
    READINGS_ONLY,
    figure,
    full,
    lines,
    notes,
    plain,
    rectangles,
    table,
    watched,
)


@pytest.mark.parametrize("chart", READINGS_ONLY)
def test_before_the_first_reading_a_note_says_what_will_come(chart: str) -> None:
    assert "Instruments are off" in notes(figure(chart, Readings()))
    waiting = figure(chart, Readings(cost=COST))
    assert "Not measured yet" in notes(waiting)
    assert not waiting.data
    # Readings stay when the instruments are switched off.
    off = figure(chart, replace(full(), cost=Cost(limit=0.0)))
    assert off.data
    assert "off" not in notes(off)


def titles(plot: Any) -> list[str]:
    return [note.text for note in plot.layout.annotations]


def test_quality_shows_the_most_telling_metrics_each_with_its_floor() -> None:
    plot = figure("quality", full())
    names = [title.split("<br>")[0] for title in titles(plot)]
    expected = ["JSD, nats", "coverage", "precision", "modes", "sliced W2", "nearest training"]
    assert names == expected
    floors = full().floors
    order = ("jsd", "coverage", "precision", "modes", "sliced_w2", "nearest_training")
    assert rectangles(plot) == [(floors[m].low, floors[m].high) for m in order]
    assert {axis.exponentformat for axis in plot.select_yaxes()} == {"e"}  # never 600µ
    refs = [shape.yref for shape in plot.layout.shapes if shape.type == "rect"]
    assert refs == ["y", "y2", "y3", "y4", "y5", "y6"]
    for metric, trace in zip(order, plot.data, strict=False):
        assert trace.y == pytest.approx(full().quality[metric], abs=1e-6)
    assert list(lines(plot)) == ["fakes", "99 % of real data"]


def test_quality_takes_metrics_in_the_order_asked_for() -> None:
    plot = figure("quality", full(), metrics="modes, nonsense,jsd")
    assert [title.split("<br>")[0] for title in titles(plot)] == ["modes", "JSD, nats"]


def test_a_metric_never_appears_without_its_floor() -> None:
    floors = {name: floor for name, floor in full().floors.items() if name != "jsd"}
    plot = figure("quality", replace(full(), floors=MappingProxyType(floors)))
    assert not any("JSD" in title for title in titles(plot))
    unknown = replace(full(), floors=MappingProxyType({"jsd": Floor(0, np.nan, np.nan, 0)}))
    assert not figure("quality", unknown).data
    assert "Floors are being measured" in notes(figure("quality", unknown))
    assert not figure("precision_recall", replace(full(), floors=MappingProxyType({}))).data


@pytest.mark.parametrize(("latest", "like_real"), [(0.95, True), (0.91, False), (-0.2, False)])
def test_quality_says_which_values_are_like_real(latest: float, like_real: bool) -> None:
    readings = replace(
        full(),
        quality=table(("step", "coverage"), step=[1, 2, 3], coverage=[0.1, latest, np.nan]),
    )
    (title,) = titles(figure("quality", readings))
    assert f"<b>{latest:.3g}</b>".replace("-", "−") in title
    assert ("like real" in title) == like_real


def test_runs_share_panels_and_differ_by_dash() -> None:
    other = replace(full(), floors=MappingProxyType({"recall": full().floors["recall"]}))
    plot = figure("quality", full(), other, metrics="jsd,recall")
    assert titles(plot) == ["JSD, nats", "recall"]
    shown = lines(plot)
    assert shown["run 0 · fakes"].line.dash == "solid"
    assert shown["run 1 · fakes"].line.dash == "dash"
    assert shown["run 1 · fakes"].yaxis == "y2"


def test_edits_are_marked_in_every_panel() -> None:
    run = replace(watched(plain(), full()), events=(Event(500, "lr_d", 0.1),))
    shapes = CHARTS["quality"].fn({"a": run}).layout.shapes
    marks = [(shape.x0, shape.yref) for shape in shapes if shape.type == "line"]
    assert marks == [(500, f"y{n} domain") for n in ("", 2, 3, 4, 5, 6)]


def test_shares_stand_beside_the_range_of_data() -> None:
    plot = figure("shares", full())
    bars, data = plot.data
    share = full().shares
    assert share is not None
    assert bars.y.tolist() == share.fakes.tolist()
    assert data.y.tolist() == share.data.tolist()
    assert data.y + data.error_y.array == pytest.approx(share.high)
    assert data.y - data.error_y.arrayminus == pytest.approx(share.low)
    # Those inside the range are pale; every second mode is missing.
    assert bars.marker.opacity.tolist() == [1, 0.5] * 4
    assert "4 of 8 like data" in notes(plot)
    assert list(plot.layout.xaxis.ticktext) == list(share.labels)
    assert plot.layout.yaxis.autorangeoptions.clipmax > share.high.max()


def test_runs_in_the_chart_of_shares_keep_their_pattern_and_have_their_own_data() -> None:
    one = full()
    assert one.shares is not None
    same = replace(one, shares=one.shares._replace(fakes=frozen(one.shares.data)))
    other = replace(one, shares=one.shares._replace(data=frozen(one.shares.data[::-1] * 0.9)))
    plot = figure("shares", replace(one, shares=None), one, same, other)
    bars = [trace.marker.pattern.shape for trace in plot.data if trace.type == "bar"]
    assert bars == list(PATTERNS[1:4])
    data = [trace.y.tolist() for trace in plot.data if trace.type == "scatter"]
    assert data == [one.shares.data.tolist(), (one.shares.data[::-1] * 0.9).tolist()]


def test_the_axis_of_shares_does_not_go_where_no_share_can_be() -> None:
    share = Shares(
        labels=("1", "2"),
        fakes=frozen(np.array([1.0, 0.0])),
        data=frozen(np.array([0.5, 0.5])),
        low=frozen(np.array([0.4, 0.4])),
        high=frozen(np.array([0.6, 0.6])),
    )
    plot = figure("shares", Readings(shares=share, cost=COST))
    assert plot.layout.yaxis.autorangeoptions.clipmax == pytest.approx(1.1)


@pytest.mark.parametrize(("labels", "every"), [(12, 1), (13, 2), (25, 5), (100, 20), (1000, 200)])
def test_of_many_modes_some_have_their_labels(labels: int, every: int) -> None:
    shown = figure("shares", full(modes=labels)).layout
    assert list(shown.xaxis.ticktext) == [str(k) for k in range(0, labels, every)]
    assert list(shown.xaxis.tickvals) == list(range(0, labels, every))
    assert (f"{labels} modes" in shown.xaxis.title.text) == (every > 1)


def test_long_labels_are_left_to_the_pointer() -> None:
    parts = frozen(np.full(3, 1 / 3))
    share = Shares(tuple("a long name indeed" for _ in range(3)), parts, parts, parts, parts)
    plot = figure("shares", Readings(shares=share, cost=COST))
    assert not plot.layout.xaxis.ticktext
    assert plot.data[0].customdata[0] == "a long name indeed"


def test_data_without_modes_or_classes_are_said_to_have_none() -> None:
    plot = figure("shares", replace(full(), shares=None))
    assert "No modes or classes" in notes(plot)


def test_precision_and_recall_are_a_path_that_ends_in_the_large_point() -> None:
    plot = figure("precision_recall", full(200))
    path = plot.data[0]
    quality = full(200).quality
    assert len(path.x) <= 60
    assert (path.x[-1], path.y[-1]) == pytest.approx(
        (quality["recall"][-1], quality["precision"][-1])
    )
    assert path.marker.size.argmax() == len(path.x) - 1
    assert np.all(np.diff(path.marker.opacity) > 0)
    (rectangle,) = (shape for shape in plot.layout.shapes if shape.type == "rect")
    floors = full().floors
    ends = (rectangle.x0, rectangle.x1, rectangle.y0, rectangle.y1)
    assert ends == (*floors["recall"][1:3], *floors["precision"][1:3])
    assert plot.layout.xaxis.range[0] <= 0
    assert plot.layout.xaxis.range[1] >= 1


def watching(steps: list[int]) -> Readings:
    n = len(steps)
    up = np.arange(n)
    columns = {"before": -1.3 - up, "after_d": -1.2 - up, "after_g": -1.4 - up}
    rows = table(ZIGZAG, step=steps, **columns, fake_before=0.3, fake_after=0.2 + up / 100)
    return Readings(zigzag=rows, cost=COST)


def test_the_zigzag_goes_from_before_d_over_after_d_to_after_g() -> None:
    plot = figure("zigzag", watching([5, 6, 7]))
    shown = lines(plot)
    d, g = shown["D's step"], shown["G's step"]
    assert (d.line.color, g.line.color) == (palette.DISCRIMINATOR, palette.GENERATOR)
    assert d.y.reshape(3, 3)[:, :2] == pytest.approx(np.array([[-1.3, -1.2]] * 3) - [[0], [1], [2]])
    assert g.y.reshape(3, 3)[:, :2] == pytest.approx(np.array([[-1.2, -1.4]] * 3) - [[0], [1], [2]])
    # Three moments after one another, G's line where D's ends, a break between pieces.
    assert np.isnan(d.y[2::3]).all()
    assert (d.x[0::3] < d.x[1::3]).all()
    assert d.x[1::3].tolist() == g.x[0::3].tolist()
    assert (g.x[1::3][:-1] < d.x[0::3][1:]).all()
    assert "iteration %{customdata:,d}, %{text}: V = %{y:.4f}" in d.hovertemplate
    assert (d.customdata[0], d.text[0]) == (5, "before D's step")
    assert (g.customdata[1], g.text[1]) == (5, "after G's step")
    assert shown["D(G(z)) before D's step"].y == pytest.approx(0.3)
    assert shown["after it"].y == pytest.approx([0.2, 0.21, 0.22])
    assert {shown["after it"].yaxis, d.yaxis} == {None, "y2"}


def test_iterations_that_do_not_follow_one_another_are_not_joined() -> None:
    plot = figure("zigzag", watching([5, 6, 90, 91]))
    joints = next(trace for trace in plot.data if trace.showlegend is False)
    # One joint within each burst, of two ends and a break.
    assert len(joints.x) == 6
    after = lines(plot)["after it"]
    assert np.isnan(after.y).tolist() == [False, False, True, False, False]
    assert list(plot.layout.xaxis.ticktext) == ["5", "90"]


def test_the_zigzag_shows_the_last_twelve() -> None:
    plot = figure("zigzag", watching(list(range(1, 41))))
    d = lines(plot)["D's step"]
    assert len(d.y) == 36
    assert (d.customdata[0], d.text[0]) == (29, "before D's step")
    assert len(plot.layout.xaxis.ticktext) <= 4


def pulls(own: str, starved: float = 0.0, **of: Any) -> Readings:
    kept = {name: frozen(np.asarray(slopes)) for name, slopes in of.items()}
    return Readings(pulls=Pulls(own=own, of=MappingProxyType(kept), starved=starved), cost=COST)


def test_saturation_counts_every_fake_once() -> None:
    slopes = [0.0, 1e-9, 2e-4, 0.05, 1.0, 500.0, 1e30, 0.05]
    plot = figure("saturation", pulls("minimax", 0.137, minimax=slopes, hinge=np.ones(8)))
    own = lines(plot)["Minimax (this run)"]
    shares = own.y[:-1]
    assert shares.sum() == pytest.approx(1)
    # The end bins hold what lies beyond them.
    assert (shares[0], shares[-1]) == pytest.approx((0.25, 0.25))
    at = np.searchsorted(own.x, 0.05) - 1
    assert shares[at] == pytest.approx(0.25)
    assert own.x[[0, -1]] == pytest.approx([1e-4, 10])
    assert own.line.color == palette.GENERATOR
    assert own.line.width > lines(plot)["Hinge"].line.width
    assert "14 % of fakes" in notes(plot)
    assert "less than 1 % of" in notes(plot)


def test_losses_that_pull_alike_are_one_line() -> None:
    ones = np.ones(8)
    readings = pulls(
        "minimax", minimax=ones / 2, hinge=ones, wasserstein=ones, least_squares=[3.0] * 8
    )
    assert list(lines(figure("saturation", readings))) == [
        "Hinge, Wasserstein",
        "Least squares",
        "Minimax (this run)",
    ]
    several = lines(figure("saturation", readings, readings))
    assert list(several) == ["run 0 · Minimax (this run)", "run 1 · Minimax (this run)"]


def test_a_line_has_at_most_three_hundred_points() -> None:
    long = full(5000)
    for chart in CHARTS:
        for trace in figure(chart, long).data:
            if trace.type == "scatter":
                assert len(trace.x) <= 300 or trace.fill == "toself", (chart, trace.name)


def test_charts_of_readings_depend_on_nothing_else_of_a_snapshot() -> None:
    run = watched(plain(), full())
    nothing = Columns.empty(tuple(plain().history))
    other = replace(run, history=nothing, step=99, real_logits=run.real_logits + 1)
    for chart in READINGS_ONLY:
        assert CHARTS[chart].fn({"a": run}).to_json() == CHARTS[chart].fn({"a": other}).to_json()
