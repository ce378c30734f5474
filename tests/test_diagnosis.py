"""Trends of what is measured now and then: synthetic ones, and those of real short runs."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from ganviz import PRESETS, Trainer
from ganviz.columns import COLUMNS, Columns
from ganviz.diagnosis import (
    Value,
    error_trend,
    last_gap,
    like_real,
    recent_value,
    seen_by_d,
    trend_of,
)
from ganviz.diagnosis.trends import POINTS, STUDENT_99
from ganviz.instruments import Gaps, Kit
from ganviz.readings import Readings
from ganviz.trainer import one_thread
from tests.instrumented import gaps

Array = NDArray[np.float64]


def steps(n: int) -> Array:
    return 600 * np.arange(1, n + 1, dtype=np.float64)


def test_the_quantiles_are_student_s() -> None:
    assert len(STUDENT_99) == POINTS - 2
    expected = [stats.t.ppf(0.995, k) for k in range(1, POINTS - 1)]
    assert pytest.approx(expected, abs=5e-4) == STUDENT_99


@pytest.mark.parametrize("n", [3, 4, 8, 30, 200])
@pytest.mark.parametrize(("sign", "word"), [(-1, "falling"), (1, "rising")])
def test_a_clear_trend_is_seen_through_noise(n: int, sign: int, word: str) -> None:
    # From 1 to 0.2 or back, on an exponential; the noise is that of 20,000 samples.
    way = np.geomspace(1.0, 0.2, n)[::-sign] + 0.004 * np.random.default_rng(n).normal(size=n)
    # Of the longest run only the last quarter is the present: it changes by a third.
    assert trend_of(steps(n), way) == word


@pytest.mark.parametrize(("level", "noise"), [(0.01, 0.001), (0.3, 0.004), (1.3, 0.004)])
def test_what_stands_still_is_steady_and_seldom_called_else(level: float, noise: float) -> None:
    rng = np.random.default_rng(0)
    found = [
        trend_of(steps(12), level + noise * rng.normal(size=12), noise, 0.02) for _ in range(500)
    ]
    # Chance alone would be 1 %, and the changes are smaller than what matters.
    assert sum(word in ("falling", "rising") for word in found) <= 5
    assert found.count("steady") >= 0.95 * len(found)


def test_a_swing_is_neither() -> None:
    rng = np.random.default_rng(1)
    found = [trend_of(steps(13), 1.2 + 0.15 * rng.normal(size=13), 0, 0.02) for _ in range(500)]
    assert sum(word is not None for word in found) <= 0.03 * len(found)


def test_a_change_too_small_to_matter_is_none() -> None:
    assert trend_of(steps(8), np.linspace(1.0, 0.97, 8)) == "steady"
    assert trend_of(steps(8), np.linspace(0.015, 0.002, 8), 0, 0.02) == "steady"
    # Values that are as far apart as they are uncertain say nothing, however straight they lie.
    assert trend_of(steps(8), np.linspace(1.0, 0.8, 8), 0.3) is None


def test_two_values_are_no_trend_and_nan_is_left_out() -> None:
    assert trend_of(steps(2), np.array([1.3, 0.2])) is None
    assert trend_of(steps(0), np.empty(0)) is None
    nan = np.nan
    holes = np.array([nan, 1.2, nan, 0.9, nan, 0.6, nan, 0.4])
    assert trend_of(steps(8), holes) == "falling"
    assert trend_of(steps(8), np.full(8, nan)) is None


def test_the_present_counts_not_the_past() -> None:
    fell = np.concatenate([np.linspace(1.3, 0.3, 20), np.full(40, 0.3)])
    assert trend_of(steps(60), fell) == "steady"
    back = np.concatenate([np.linspace(1.3, 0.3, 20), np.linspace(0.3, 1.0, 20)])
    assert trend_of(steps(40), back) == "rising"


def test_of_two_kinds_of_best_d_the_optimal_one_has_the_trend() -> None:
    n = 8
    falling, rising = np.linspace(-0.2, -1.0, n), np.linspace(-1.0, -0.2, n)
    both = gaps(step=steps(n), optimal=falling, fresh=rising, fresh_se=0.01)
    assert error_trend(Readings(gaps=both)) == "falling"
    fresh = gaps(step=steps(n), fresh=rising, fresh_se=0.01)
    assert error_trend(Readings(gaps=fresh)) == "rising"
    assert error_trend(Readings()) is None


def test_v_says_how_well_d_tells_and_nothing_of_one_that_is_no_number() -> None:
    told = {v: Value(v, 0.01).telling for v in (-0.1, -0.33, -0.8, -1.05, -1.2, -1.386, -1.7)}
    expected = ["almost always"] * 2 + ["often"] * 2 + ["small edge", "guessing", "below"]
    assert list(told.values()) == expected
    assert Value(-0.4, 0.01).telling == "often"
    assert Value(-1.15, 0.01).telling == "small edge"
    rows = np.zeros((100, len(COLUMNS)))
    rows[:, COLUMNS.index("value")] = np.r_[np.full(75, -0.2), np.full(25, -0.6)]
    # The mean of the last quarter of what there is.
    assert recent_value(Columns(rows.copy())).v == pytest.approx(-0.6)
    rows[-1, COLUMNS.index("value")] = np.nan
    assert not recent_value(Columns(rows)).known


def test_metrics_like_real_are_those_inside_their_floors() -> None:
    nan = float("nan")
    assert like_real({"a": (1.0, 1.0, 1.0), "b": (2.0, 0.0, 1.0), "c": (nan, 0.0, 1.0)}) == 1
    assert like_real({}) == 0


@cache
def measured(preset: str, every: int, iterations: int) -> list[Readings]:
    """Of a real run, after each measurement."""
    trainer = Trainer(PRESETS[preset].config)
    found, made = Kit(trainer.lens()).of(Gaps), []
    with one_thread():
        for step in range(1, iterations + 1):
            trainer.step()
            if step % every == 0:
                for _ in found.measure(step):
                    pass
                made.append(Readings(gaps=found.rows))
    return made


def test_a_real_healthy_run_is_falling_from_its_third_measurement_on() -> None:
    words = [error_trend(readings) for readings in measured("healthy", 250, 2000)]
    assert words[:2] == [None, None]
    assert set(words[2:]) == {"falling"}


def test_a_real_collapsed_run_never_improves_and_d_does_not_see_it() -> None:
    made = measured("mode_collapse", 250, 2500)
    words = [error_trend(readings) for readings in made]
    assert set(words) <= {None, "steady"}
    assert words[-1] == "steady"
    gap = last_gap(made[-1])
    assert gap is not None
    assert gap.error > 1
    assert seen_by_d(gap) == "none"
