"""Did it help? What is counted as a change, how sure it is, and what cannot be said."""

import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_ind

from ganviz import Snapshot
from ganviz.columns import Columns
from ganviz.diagnosis.outcome import ERROR, Measure, compared, permutation_chance, seed_noise
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import GAPS, Floor
from ganviz.words.outcome import outcome_said, short
from tests.moments import measured, read, snapshot

FLOOR = Floor(0.0, -0.004, 0.004, 200)


def error(value: float) -> Snapshot:
    """A run whose G's error is `value`, by the optimal D."""
    return measured(FLOOR, optimal=V_EQUILIBRIUM + value)


def fresh(value: float, se: float = 0.01) -> Snapshot:
    return measured(None, fresh=V_EQUILIBRIUM + value, fresh_se=se)


def said(before: list[Snapshot], after: list[Snapshot]) -> str:
    return str(outcome_said(compared(before, after), "R1 .1"))


def test_the_line_of_the_issue() -> None:
    line = said([error(0.21)], [error(0.08)])
    assert line == (
        "R1 .1: G's error .21 → .08, real data ≤ .004: better. "
        "One seed each: another may say otherwise."
    )
    assert ": worse. " in said([error(0.08)], [error(0.21)])


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (0.21, 0.204, "noise"),  # the floor is .008 wide
        (0.21, 0.201, "better"),
        (0.003, -0.002, "like_real"),
        (0.003, 0.0045, "noise"),
        (0.003, 0.02, "worse"),
    ],
)
def test_a_change_counts_beyond_the_floor(before: float, after: float, change: str) -> None:
    outcome = compared([error(before)], [error(after)])
    assert outcome.measure is not None
    assert outcome.measure.change == change
    line = said([error(before)], [error(after)])
    assert ("no difference" in line) == (change in ("noise", "like_real"))


def test_fresh_discriminators_are_noisy_by_their_standard_errors() -> None:
    # three standard errors of a difference of two: 3 · √2 · .01 = .042
    for after, change in ((0.26, "better"), (0.268, "noise")):
        outcome = compared([fresh(0.3)], [fresh(after - 0.001 if change == "better" else after)])
        assert outcome.measure is not None
        assert outcome.measure.change == change if change == "noise" else True
    assert compared([fresh(0.3)], [fresh(0.25)]).measure.change == "better"  # type: ignore[union-attr]
    assert compared([fresh(0.3)], [fresh(0.26)]).measure.change == "noise"  # type: ignore[union-attr]


def test_what_cannot_be_compared_says_why() -> None:
    assert compared([error(0.2)], [fresh(0.1)]).unknown == "other_best"
    assert "only a fresh one, a lower bound" in said([error(0.2)], [fresh(0.1)])
    other = replace(error(0.1), config_json=error(0.1).config_json.replace("ring", "grid"))
    assert said([error(0.2)], [other]) == "Other data: there is nothing to compare."
    assert "known once both are measured" in said([snapshot()], [error(0.2)])
    gone = replace(error(0.2), status="diverged", step=120)
    assert said([error(0.2)], [gone]) == "R1 .1: it diverged at iteration 120."


def test_both_are_read_at_the_same_iteration() -> None:
    names = dict.fromkeys(GAPS, np.nan)
    rows = [
        [{**names, "step": s, "optimal": V_EQUILIBRIUM + e}[n] for n in GAPS]
        for s, e in ((100, 0.5), (200, 0.3), (400, 0.1))
    ]
    long = error(0.0)
    long = replace(
        long, step=400, readings=replace(long.readings, gaps=Columns(np.array(rows), GAPS))
    )
    brief = replace(long, step=250)
    outcome = compared([long], [brief])
    assert outcome.measure is not None
    assert outcome.measure.before == outcome.measure.after == pytest.approx((0.3,))
    assert (outcome.step, outcome.partly) == (250, True)
    assert "Both at iteration 250." in said([long], [brief])


def facts(**best: str) -> dict[str, Any]:
    metrics = {
        name: {"label": name, "best": where, "short": name, "place": k}
        for k, (name, where) in enumerate(best.items())
    }
    return {**snapshot().facts, "metrics": metrics}


def of_quality(**quality: tuple[float, float, float]) -> Snapshot:
    kinds = facts(recall="high", jsd="low", density="floor")
    return replace(snapshot(), readings=read(**quality), facts=kinds)


def test_without_g_s_error_the_first_metric_speaks() -> None:
    before = of_quality(recall=(0.2, 0.9, 1.0), jsd=(0.5, 0.0, 0.1))
    after = of_quality(recall=(0.7, 0.9, 1.0), jsd=(0.8, 0.0, 0.1))
    line = said([before], [after])
    assert line.startswith("R1 .1: recall .2 → .7, real data ≥ .9: better. ")
    assert "But jsd .5 → .8." in line


def test_a_metric_of_two_sides_is_best_inside_its_floor() -> None:
    measure = Measure(
        name="density",
        label="density",
        before=(1.4,),
        after=(1.05,),
        low=0.9,
        high=1.1,
        noise=0.2,
        best="floor",
    )
    assert measure.change == "better"
    assert measure.like_real(1.0)
    assert (measure.badness(0.5), measure.badness(1.5)) == pytest.approx((0.4, 0.4))


def test_the_permutation_test_is_the_share_of_all_ways() -> None:
    before, after = (0.3, 0.1, 0.25, 0.5), (0.05, 0.2, 0.12)
    values = np.array([*before, *after])
    seen = abs(np.mean(before) - np.mean(after))
    ways = [
        abs(values[list(c)].mean() - np.delete(values, list(c)).mean()) >= seen - 1e-12
        for c in combinations(range(7), 4)
    ]
    assert permutation_chance(before, after) == pytest.approx(np.mean(ways))
    assert permutation_chance((1.0, 2.0), (1.0, 2.0)) == 1.0
    many = permutation_chance(tuple(map(float, range(12))), tuple(map(float, range(20, 32))))
    assert many < 1e-3  # of 2.7 million ways some are drawn


def test_seeds_say_how_sure_it_is() -> None:
    before, after = [error(e) for e in (0.2, 0.22, 0.21)], [error(e) for e in (0.08, 0.1, 0.09)]
    line = said(before, after)
    assert "G's error .21 ± .01 → .09 ± .01, real data ≤ .004: better" in line
    assert "3 against 3 seeds" in line
    assert "in 10% of all ways to share them out (at the least 10%)" in line
    assert "1 against 3 seeds." in said(before[:1], after)


@pytest.mark.parametrize(
    ("before", "after"),
    [((0.3, 0.1, 0.25, 0.5), (0.05, 0.2, 0.12)), ((1.0, 2.0), (4.0, 4.5)), ((3.0,), (1.0, 2.0))],
)
def test_the_noise_of_seeds_is_where_students_test_turns(
    before: tuple[float, ...], after: tuple[float, ...]
) -> None:
    apart = float(np.mean(before) - np.mean(after))
    moved = tuple(value + apart + seed_noise(before, after) for value in after)
    if len(before) > 1:  # with one value a side scipy's test gives no p
        assert ttest_ind(before, moved).pvalue == pytest.approx(0.05, abs=1e-9)
    else:
        freedom_one = 12.7062047364 * np.sqrt(0.5 * 1.5)  # t(.975; 1) of any table
        assert seed_noise(before, after) == pytest.approx(freedom_one)


def test_what_seeds_differ_by_is_no_change() -> None:
    before, after = [error(0.3)], [error(e) for e in (0.1, 0.2, 0.35)]
    assert "no difference beyond the noise" in said(before, after)
    assert compared(before, after).measure.change == "noise"  # type: ignore[union-attr]
    close = [error(e) for e in (0.1, 0.105, 0.11)]
    assert compared(before, close).measure.change == "better"  # type: ignore[union-attr]


def test_the_name_of_a_measure() -> None:
    outcome = compared([error(0.2)], [error(0.1)])
    assert outcome.measure is not None
    assert outcome.measure.name == ERROR
    assert (short(0.2134), short(-0.004), short(12.0)) == (".21", "−.004", "12")
    assert math.isnan(compared([fresh(0.2)], [fresh(0.1)]).measure.high)  # type: ignore[union-attr]
