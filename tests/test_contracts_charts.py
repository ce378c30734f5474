"""What every registered chart must keep to."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

import ganviz
from ganviz import CHARTS, RunConfig, Snapshot
from ganviz.snapshot import COLUMNS, Columns
from ganviz.target import Target
from tests.instrumented import READINGS_ONLY, full, sparse, watched


@cache
def tiny(data: str, steps: int = 8) -> Snapshot:
    config = RunConfig(width=4, depth=1, latent_dim=2, batch_size=8)
    vectors = Target(lambda n, rng: torch.randn(n, 5, generator=rng), 5) if data == "5-D" else None
    trainer = ganviz.Trainer(config if vectors else config.replace(dataset=data), target=vectors)
    for _ in range(steps):
        trainer.step()
    return trainer.snapshot()


def with_rows(data: str, values: list[float]) -> Snapshot:
    """A run with rows of `values` in its history, and among its logits and samples."""
    good = tiny(data)
    rows = np.stack([good.history[column] for column in COLUMNS], 1)
    real, fake, made = (a.copy() for a in (good.real_logits, good.fake_logits, good.samples))
    for k, value in enumerate(values):
        real[k] = fake[k] = made[k] = value
        rows[k + 1, 1:] = value * 1e270  # float64 rows can hold what no float32 can
    good = replace(good, history=Columns(rows), samples=made, samples_ema=None)
    return replace(good, real_logits=real, fake_logits=fake)


MAKE: dict[str, Callable[[str], Snapshot]] = {
    "one": tiny,
    "new": partial(tiny, steps=0),
    "nan": partial(with_rows, values=[math.nan]),
    "inf": partial(with_rows, values=[math.inf, -math.inf, math.nan]),
}
DATA = ["ring", "mixture", "moons", "digits", "5-D"]
WATCHED = ["huge ring", "measured ring", "sparse ring", "three watched"]
CASES = ["none", "three", *WATCHED, *(f"{kind} {data}" for kind in MAKE for data in DATA)]
MAKE["huge"] = partial(with_rows, values=[1e30, -1e30])
MAKE["measured"] = lambda data: watched(tiny(data), full())
MAKE["sparse"] = lambda data: watched(tiny(data), sparse())


def runs_of(case: str) -> dict[str, Snapshot]:
    if case == "three":
        return {"a": tiny("ring"), "b": tiny("mixture", 0), "c": MAKE["nan"]("digits")}
    if case == "three watched":
        return {"a": tiny("ring"), "b": MAKE["sparse"]("ring"), "c": MAKE["measured"]("mixture")}
    kind, _, data = case.partition(" ")
    return {"a": MAKE[kind](data)} if data else {}


@pytest.mark.parametrize("name", list(CHARTS))
@pytest.mark.parametrize("case", ["measured ring", "huge ring"])
def test_no_number_of_an_axis_has_a_letter_for_its_power_of_ten(name: str, case: str) -> None:
    """600µ and 400P are no way to write a loss."""
    figure = CHARTS[name].fn(runs_of(case))
    axes = [*figure.select_xaxes(), *figure.select_yaxes()]
    assert {axis.exponentformat for axis in axes if axis.title.text} <= {"e", "power"}


@pytest.mark.parametrize("powers", [1, 8, 22, 600])
def test_gradient_norms_have_a_readable_axis_over_any_range(powers: int) -> None:
    run = tiny("ring")
    rows = np.stack([run.history[column] for column in COLUMNS], 1)
    rows[:, COLUMNS.index("grad_norm_d")] = 10.0 ** np.linspace(-powers / 2, powers / 2, len(rows))
    axis = CHARTS["gradients"].fn({"a": replace(run, history=Columns(rows))}).layout.yaxis
    assert axis.dtick == int(axis.dtick) >= 1
    assert powers / axis.dtick <= 9


@pytest.mark.parametrize("name", list(CHARTS))
@pytest.mark.parametrize("case", CASES)
def test_chart_is_a_pure_function_of_any_runs(name: str, case: str) -> None:
    runs = runs_of(case)
    logs = [s.history["value"] for s in runs.values()]
    arrays = logs + [a for s in runs.values() for a in (s.real_logits, s.samples, s.real)]
    arrays += [s.readings.gaps["value"] for s in runs.values()]
    before = [a.tobytes() for a in arrays]
    first, second = CHARTS[name].fn(runs), CHARTS[name].fn(runs)
    assert first.to_json() == second.to_json()
    # What the live page takes is the figure, by a second way.
    assert json.loads(CHARTS[name].facts["draws"](runs).to_json()) == json.loads(first.to_json())
    assert [a.tobytes() for a in arrays] == before
    assert first.layout.uirevision
    assert first.layout.uirevision == CHARTS[name].fn({}).layout.uirevision
    go.Figure(first.to_dict())  # raises where Plotly knows no such property, or no such value
    # A run with rows is drawn, and no run is an empty figure.
    if name not in READINGS_ONLY:
        assert "new" in case or bool(first.data) == bool(runs)
    elif "sparse" not in case:
        measured = any(s.readings.gaps.rows for s in runs.values())
        assert bool(first.data) == measured
        assert bool(first.layout.annotations) or measured or not runs


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", list(CHARTS))
def test_no_axis_is_left_to_plotly_where_nothing_is_drawn(name: str, case: str) -> None:
    figure = CHARTS[name].fn(runs_of(case))
    used = {
        axis
        for trace in figure.data
        if trace.type not in ("scatter", "bar") or np.isfinite(points_of(trace)).any()
        for axis in (trace.xaxis or "x", trace.yaxis or "y")
    }
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        if axis.plotly_name.replace("axis", "") not in used and axis.visible is not False:
            # Without a range, Plotly shows −1 to 6 and −1 to 4 there.
            assert axis.range is not None, axis.plotly_name
            assert axis.range[0] < axis.range[1]


def points_of(trace: Any) -> Any:
    """NaN where a trace has no place for a point."""
    x, y = (np.asarray(part, dtype=float) for part in (trace.x, trace.y))
    return x + y if len(x) == len(y) else np.append(x, y)


def test_charts_have_titles_of_their_own() -> None:
    titles = [entry.facts["title"] for entry in CHARTS.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)
