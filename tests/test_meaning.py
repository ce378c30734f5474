"""Who is behind, in words: from D's lag and G's error, each beside its noise."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ganviz.columns import COLUMNS, Columns
from ganviz.config import ConfigError
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import GAPS, Cost, Readings
from ganviz.snapshot import Status
from ganviz.ui import text
from tests.moments import FLOOR, measured, read, snapshot


def said(**row: Any) -> str:
    return text.meaning(measured(**row), "running")


def test_a_bad_g_that_d_does_not_see_is_called_so_with_its_numbers() -> None:
    assert said(value=-1.38, optimal=-0.25) == (
        "On the averaged G (EMA), V = −1.38, at −ln 4, yet the optimal D reaches −0.25: G's error "
        "is 1.14 of 1.39; D lags by 1.13. G is bad so far and D does not see it."
    )


def test_the_optimal_d_counts_where_it_is_known() -> None:
    assert "the optimal D reaches −0.27" in said(value=-1.38, optimal=-0.27, fresh=-0.25)


def test_what_d_knows_by_heart_does_not_hide_its_lag() -> None:
    assert "D lags by 1.30" in said(value=-0.01, held_out=-1.5, optimal=-0.2)


def test_a_g_inside_its_floor_matches_the_data() -> None:
    assert said(value=-1.39, optimal=V_EQUILIBRIUM + 0.002) == (
        "On the averaged G (EMA), V = −1.39, at −ln 4; G's error is 0.00, inside its floor: G "
        "matches the data as far as 20,000 samples tell; D does not lag."
    )
    assert "G's error is 0.00, inside" in said(value=-1.39, optimal=V_EQUILIBRIUM - 1.6e-6)
    assert "D lags by 0.41" in said(value=-1.8, optimal=V_EQUILIBRIUM)
    assert "below −ln 4" in said(value=-1.8, optimal=V_EQUILIBRIUM)


@pytest.mark.parametrize(
    ("value", "optimal", "end"),
    [
        (-0.24, -0.25, "D does not lag. G is bad so far and D sees it."),
        (-0.40, -0.25, "D lags by 0.15. G is bad so far and D sees it."),
        (-0.80, -0.25, "D lags by 0.55. G is bad so far and D sees part of it."),
        (-1.37, -1.20, "D lags by 0.17. G is off so far and D does not see it."),
        (-1.38, -1.33, "D lags by 0.05. G is nearly right."),
    ],
)
def test_who_is_behind_depends_on_both_gaps(value: float, optimal: float, end: str) -> None:
    assert said(value=value, optimal=optimal).endswith(end)


def test_without_a_floor_nothing_is_said_to_be_inside_it() -> None:
    sentence = said(floor=None, value=-1.38, optimal=V_EQUILIBRIUM + 0.002)
    assert "floor" not in sentence
    assert "G's error is 0.00" in sentence


def test_a_fresh_d_shows_the_least_that_the_error_can_be() -> None:
    assert "a fresh D reaches −0.60: G's error is at least 0.79" in said(value=-1.38, fresh=-0.6)
    coin = said(value=-1.38, fresh=V_EQUILIBRIUM, fresh_se=0.0)
    assert "a fresh D cannot tell G from the data" in coin
    assert "within its noise" in said(value=-1.38, fresh=V_EQUILIBRIUM + 0.04)


def test_an_old_measurement_says_of_when_it_is() -> None:
    late = replace(measured(value=-1.38, fresh=-0.6), step=300)
    assert text.meaning(late, "running").startswith("At iteration 3, on the averaged G (EMA), V =")
    often = replace(measured(value=-1.38, optimal=-0.6), step=300)
    assert text.meaning(often, "running").startswith("On the averaged G (EMA), V = −1.38")


def test_the_probe_is_named_and_a_run_without_a_v_still_has_an_error() -> None:
    probed = measured(shown=snapshot(loss="hinge"), value=-1.38, optimal=-0.25)
    assert "V (of the probe) = −1.38" in text.meaning(probed, "running")
    assert "the probe does not see it" in text.meaning(probed, "running")
    without = measured(shown=snapshot(loss="wasserstein", probe=False), optimal=-0.25)
    assert text.meaning(without, "running") == (
        "No V here: this critic is no probability, and the probe is off. "
        "But on the averaged G (EMA), the optimal D reaches −0.25: G's error is 1.14 of 1.39."
    )


def test_rows_without_a_best_d_leave_the_old_sentence() -> None:
    plain = text.meaning(snapshot(), "running")
    assert text.meaning(measured(value=-1.38), "running") == plain
    assert "lags" not in plain


KIND = ("holds its ground", "catching up", "matches", "nearly right", "like real", "only begun")


def alone(v: float, status: Status = "running", cost: Cost | None = None, **changes: Any) -> str:
    """The sentence of a run that has a V and no other reading."""
    shown = snapshot(**changes)
    rows = np.stack([shown.history[name] for name in COLUMNS], 1).repeat(40, 0)
    rows[:, COLUMNS.index("value")], rows[:, COLUMNS.index("value_se")] = v, 0.01
    readings = Readings(cost=cost or Cost(limit=0.15, next=3.2))
    return text.meaning(replace(shown, history=Columns(rows), readings=readings), status)


DIGITS = {"dataset": "digits", "network": "conv"}


@pytest.mark.parametrize("v", [-0.1, -0.8, -1.2, V_EQUILIBRIUM, -1.7])
@pytest.mark.parametrize("changes", [{}, {"ema": 0.0}, {"loss": "hinge"}, DIGITS], ids=str)
@pytest.mark.parametrize("status", ["running", "paused", "stopped", "finished"])
def test_v_alone_is_never_kind_and_says_what_is_not_known(
    v: float, changes: dict[str, Any], status: Status
) -> None:
    sentence = alone(v, status, **changes)
    assert not any(word in sentence for word in KIND), sentence
    assert "How far G is from the data is not measured yet" in sentence
    assert ("next in 4 s, or press Measure" in sentence) == (status == "running")
    assert "press Measure" in sentence


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost(limit=0.15, next=0.0), "not measured yet; due now, or press Measure."),
        (Cost(limit=0.15, next=None), "not measured yet: press Measure."),
        (Cost(limit=0.15, busy="fresh", next=0.0), "a measurement is under way."),
        (Cost(limit=0.0), "How far G is from the data is not known: the instruments are off."),
    ],
)
def test_when_the_next_measurement_comes_is_said(cost: Cost, words: str) -> None:
    assert alone(V_EQUILIBRIUM, cost=cost).endswith(words)


def test_without_a_finite_v_what_is_known_of_g_is_still_said() -> None:
    assert alone(math.nan).startswith(
        "V is no finite number now. How far G is from the data is not measured yet"
    )
    rows = np.full((3, len(COLUMNS)), np.nan)
    shown = replace(measured(optimal=-0.25), history=Columns(rows))
    assert "G's error is 1.14 of 1.39" in text.meaning(shown, "running")
    # A measurement of the best D alone leaves V as the iterations have it.
    assert "G's error is 1.14 of 1.39" in said(optimal=-0.25)


def test_metrics_like_real_are_counted_as_soon_as_there_are_any() -> None:
    quality = read(precision=(0.9, 0.8, 1.0), recall=(0.1, 0.8, 1.0), kid=(2.0, 0.0, 0.1))
    cost = Cost(limit=0.15, next=7.0)
    early = replace(snapshot(**DIGITS), readings=replace(quality, cost=cost))
    sentence = text.meaning(early, "running")
    assert sentence.endswith("next in 7 s, or press Measure. 1 of 3 metrics like real.")
    late = replace(measured(value=-1.38, optimal=-0.25).readings, quality=quality.quality)
    late = replace(late, floors=quality.floors)
    sentence = text.meaning(replace(snapshot(), readings=late), "running")
    assert sentence.endswith("D does not see it. 1 of 3 metrics like real.")


def series(*errors: float, value: float = V_EQUILIBRIUM) -> str:
    """The sentence after these measurements of G's error, one every 600 iterations."""
    step, n = 600.0 * np.arange(1, len(errors) + 1), len(errors)
    columns = {"step": step, "value": np.full(n, value), "value_se": np.full(n, 0.015)}
    columns["optimal"] = np.array(errors) + V_EQUILIBRIUM
    rows = np.stack([columns.get(name, np.full(n, np.nan)) for name in GAPS], 1)
    readings = Readings(gaps=Columns(rows, GAPS), error_floor=FLOOR)
    return text.meaning(replace(snapshot(), readings=readings), "running")


def test_an_improving_g_is_called_so_with_the_size_of_its_error() -> None:
    sentence = series(1.26, 0.87, 0.70, 0.50)
    assert "G's error is 0.50 of 1.39, falling" in sentence
    assert "G is still bad but improving, and D does not see it." in sentence
    assert "still off but improving" in series(0.5, 0.4, 0.3, 0.2)


def test_a_collapsed_g_gets_no_kind_word() -> None:
    sentence = series(1.384, 1.378, 1.308, 1.386, 1.386, 1.37, 1.386, 1.35, 1.386)
    assert ", steady" in sentence
    assert "G is bad and D does not see it." in sentence
    assert "getting worse" in series(0.3, 0.5, 0.8, 1.2)
    assert "nearly right" not in series(0.01, 0.02, 0.04, 0.065)


def test_a_setting_that_ends_a_run_is_called_what_its_label_calls_it() -> None:
    error = ConfigError("latent_dim", "must be that of the data, got 8", {"latent_dim": 8})
    said = text.headline("failed", 0, 0.0, error)
    assert "Latent size must be that of the data, got 8" in said
    assert "latent" not in said
    odd = ConfigError("widht", "is no known setting; did you mean 'width'?")
    assert str(text.complaint(odd)) == "'widht' is no known setting; did you mean 'width'?"
    option = ConfigError("dataset_options.mods", "is no known setting; did you mean 'modes'?")
    assert str(text.complaint(option)).startswith("'dataset_options.mods' is")
