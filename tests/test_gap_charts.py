"""The numbers in the charts of the two gaps, and of what stands beside V."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ganviz.charts import palette
from ganviz.diagnosis import memorises
from ganviz.readings import Floor, Readings
from ganviz.ui.text import captions
from tests.instrumented import COST, figure, full, gaps, lines, notes, plain, rectangles, watched

LN4 = np.log(4)


def measured(**columns: Any) -> Readings:
    return Readings(gaps=gaps(**columns), cost=COST)


def test_lag_and_error_are_the_two_distances_of_the_best_v() -> None:
    plot = figure("gaps", measured(step=[10, 20, 30], value=[-1, -1.2, -1.3], optimal=-0.9))
    lag, error = lines(plot)["D's lag"], lines(plot)["G's error (2·JSD)"]
    assert lag.x.tolist() == [10, 20, 30]
    # Float32 of numbers near 1.
    assert lag.y == pytest.approx([0.1, 0.3, 0.4], abs=1e-6)
    assert error.y == pytest.approx(LN4 - 0.9, abs=1e-6)
    assert error.error_y.array is None
    assert (lag.line.color, error.line.color) == (palette.DISCRIMINATOR, palette.GENERATOR)
    levels = {shape.y0 for shape in plot.layout.shapes}
    assert levels == {0, LN4}
    assert "2 ln 2: no overlap" in notes(plot)


def test_without_a_known_density_a_fresh_d_takes_the_place_of_the_best() -> None:
    nan = np.nan
    readings = measured(step=[10, 20, 30], value=-1.3, fresh=[-1, nan, -1.1], fresh_se=0.02)
    plot = figure("gaps", readings)
    error = lines(plot)["G's error (2·JSD)"]
    assert error.x.tolist() == [10, 30]
    assert error.y == pytest.approx([LN4 - 1, LN4 - 1.1], abs=1e-6)
    assert error.error_y.array == pytest.approx(2.576 * 0.02, rel=1e-6)
    assert "markers" in error.mode
    on_v = lines(figure("value", readings))["V of a fresh D"]
    assert on_v.mode == "lines+markers"
    assert on_v.y == pytest.approx([-1, -1.1])


def test_floor_of_the_error_is_a_band() -> None:
    plot = figure("gaps", replace(full(), error_floor=Floor(0, -0.01, 0.02, 200)))
    assert rectangles(plot) == [(-0.01, 0.02)]
    assert not rectangles(figure("gaps", replace(full(), error_floor=None)))


@pytest.mark.parametrize("lowest", [-1.4, -2.5, -5e6])
def test_levels_of_v_have_room_for_their_names_on_any_scale(lowest: float) -> None:
    plot = figure("value", measured(step=[1, 2], value=-1.4, optimal=[-0.5, lowest]))
    room = plot.layout.yaxis.autorangeoptions
    # A name is 13 of the 170 pixels that the smallest chart is high.
    assert room.clipmax / (room.clipmax - room.clipmin) > 13 / 170
    sides = {note.text: note.yanchor for note in plot.layout.annotations}
    assert sides["0: D always right"] == "bottom"
    assert sides["−ln 4: D at ½"] == "top"


def test_v_of_the_optimal_d_stands_beside_v_and_is_never_cut_off() -> None:
    low = measured(step=[1, 2], value=-1.4, optimal=[-0.5, -2.5], fresh=[np.nan, -2.6])
    plot = figure("value", low)
    shown = lines(plot)
    assert shown["V of the optimal D"].y.tolist() == [-0.5, -2.5]
    assert shown["V of the optimal D"].line.color == palette.BEST_D
    assert shown["V of a fresh D"].mode == "markers"
    assert shown["V of a fresh D"].y == pytest.approx([-2.6])
    assert plot.layout.yaxis.autorangeoptions.clipmin < -2.6
    assert "V of the optimal D" not in lines(figure("value", Readings()))


@pytest.mark.parametrize(
    ("apart", "matters"),
    [
        ([0, 0.1, 0.25, -0.05], False),  # within 3 standard errors
        ([0, 0.4, 0, 0], False),  # one is chance
        ([0, 0.4, -0.4, 0], False),
        ([0, 0.4, 0.35, 0], True),
        ([np.nan, 0.4, np.nan, 0.4], True),
    ],
)
def test_memorising_is_drawn_where_it_is_more_than_noise(apart: list[float], matters: bool) -> None:
    value = np.full(4, -1.0)
    readings = measured(
        step=np.arange(4), value=value, held_out=value - apart, memorised_se=0.1, optimal=-0.9
    )
    assert memorises(readings.gaps) == matters
    found = lines(figure("gaps", readings))
    assert ("memorised by D" in found) == matters
    assert ("V on held-out data" in lines(figure("value", readings))) == matters
    if matters:
        known = np.asarray(apart)[np.isfinite(apart)]
        assert found["memorised by D"].y == pytest.approx(known, abs=1e-6)


def test_a_jump_of_one_measurement_is_a_point_with_its_range_and_the_line_is_a_mean() -> None:
    n = 12
    lag = np.full(n, 0.3)
    lag[6] = 0.7
    readings = measured(step=np.arange(n) * 6, value=-0.6 - lag, value_se=0.015, optimal=-0.6)
    plot = figure("gaps", readings)
    points = lines(plot)["D's lag"]
    assert points.mode == "markers"
    assert points.y == pytest.approx(lag, abs=1e-6)
    # 99 % of a normal distribution lie within 2.576 standard errors.
    assert points.error_y.array == pytest.approx(2.576 * 0.015, rel=1e-3)
    (mean,) = (t for t in plot.data if t.name == "D's lag, mean of 5")
    reach = [min(2, k, n - 1 - k) for k in range(n)]
    means = [lag[k - r : k + r + 1].mean() for k, r in enumerate(reach)]
    assert mean.y == pytest.approx(means, abs=1e-6)
    assert np.abs(np.diff(mean.y)).max() < 0.1
    caption = captions(watched(plain(), readings))["gaps"]
    assert "Points: single readings, bars 99 %; lines: means of 5." in caption


def test_v_of_the_best_d_is_thin_as_measured_and_thick_as_a_mean() -> None:
    values = [-0.5, -0.9, -0.5, -0.9, -0.5, -0.9]
    plot = figure("value", measured(step=np.arange(6), value=-1.4, optimal=values))
    (mean,) = (t for t in plot.data if t.name == "V of the optimal D, mean of 5")
    raw = lines(plot)["V of the optimal D"]
    assert raw.y == pytest.approx(values)
    assert raw.line.width < mean.line.width
    assert mean.y[2] == pytest.approx(np.mean(values[:5]))
    assert mean.y[[0, -1]] == pytest.approx([values[0], values[-1]])  # no start value pulls it


def test_where_measurements_are_few_each_is_marked_on_the_line_between_them() -> None:
    def raw(count: int) -> Any:
        steps = np.arange(count)
        return lines(figure("value", measured(step=steps, value=-1.4, optimal=-0.5 - steps / 99)))

    assert raw(3)["V of the optimal D"].mode == "lines+markers"
    assert raw(40)["V of the optimal D"].mode == "lines"


def test_a_mean_does_not_lag_behind_a_trend() -> None:
    values = np.linspace(0, -1.3, 9)
    plot = figure("value", measured(step=np.arange(9), value=-1.4, optimal=values))
    (mean,) = (t for t in plot.data if t.name == "V of the optimal D, mean of 5")
    assert mean.y == pytest.approx(values, abs=1e-6)


def test_a_first_measurement_is_seen() -> None:
    """A line of one point is nothing, and a pale one next to nothing."""
    readings = measured(step=[5], value=-1.4, value_se=0.01, optimal=-0.5)
    on_gaps = lines(figure("gaps", readings))
    assert on_gaps["D's lag"].marker.color == palette.DISCRIMINATOR
    assert on_gaps["G's error (2·JSD)"].marker.color == palette.GENERATOR
    assert lines(figure("value", readings))["V of the optimal D"].mode == "markers"


def test_a_lone_measurement_at_the_end_is_not_cut_and_neither_hides_the_other() -> None:
    plot = figure("gaps", measured(step=[10], value=-LN4, fresh=-1.05, fresh_se=0.01))
    lag, error = lines(plot)["D's lag"], lines(plot)["G's error (2·JSD)"]
    assert lag.y == pytest.approx(error.y)
    assert (lag.cliponaxis, error.cliponaxis) == (False, False)
    assert lag.marker.symbol == "circle-open"
    assert lag.marker.size > error.marker.size + 2


def test_a_lag_behind_a_fresh_d_has_the_errors_of_both() -> None:
    readings = measured(step=[1, 2], value=-1.3, value_se=0.03, fresh=[-1, -1.1], fresh_se=0.04)
    lag = lines(figure("gaps", readings))["D's lag"]
    assert lag.mode == "lines+markers"
    assert lag.error_y.array == pytest.approx(2.576 * 0.05, rel=1e-3)  # of two independent errors


def test_hundreds_of_measurements_are_few_points_with_bars() -> None:
    readings = measured(step=np.arange(500), value=-1.3, value_se=0.02, optimal=-0.9)
    points = lines(figure("gaps", readings))["D's lag"]
    assert len(points.x) == len(points.error_y.array) == 60
    assert (points.x[0], points.x[-1]) == (0, 499)
