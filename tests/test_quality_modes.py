"""Modes: the scorer, and the shares of samples among them."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import binom
from torch import Tensor

from ganviz.datasets import DATASETS
from ganviz.quality import Evaluation, Reference, mode_score, mode_shares
from ganviz.quality.modes import data_shares
from ganviz.target import Target
from tests.stand_ins import draws, modes_of

SQUARE = torch.tensor([[0.0, 0.0], [0.0, 9.0], [9.0, 0.0], [9.0, 9.0]])


def test_samples_on_every_centre_score_everything() -> None:
    score = mode_score(SQUARE.repeat(20, 1), SQUARE, 0.1)
    assert score[:3] == (4, 4, 1.0)
    assert score.reverse_kl == pytest.approx(0, abs=1e-12)


def test_nineteen_samples_capture_a_mode_but_not_by_twenty() -> None:
    assert mode_score(SQUARE.repeat(19, 1), SQUARE, 0.1)[:2] == (4, 0)


def test_a_collapsed_generator_has_one_mode_and_the_largest_divergence() -> None:
    score = mode_score(SQUARE[:1].repeat(50, 1), SQUARE, 0.1)
    assert score[:3] == (1, 1, 1.0)
    assert score.reverse_kl == pytest.approx(math.log(4), abs=1e-12)


def test_high_quality_ends_at_three_standard_deviations() -> None:
    samples = torch.tensor([[0.299, 0.0], [0.301, 0.0], [4.0, 4.0], [8.75, 9.0]])
    score = mode_score(samples, SQUARE, 0.1)
    assert score.high_quality == 0.5
    assert score.captured == 2
    # Samples of low quality count where they are nearest: three at (0, 0), one at (9, 9).
    share = torch.tensor([0.75, 0.25], dtype=torch.float64)
    level = (share * (4 * share).log()).sum().item()
    assert score.reverse_kl == pytest.approx(level, abs=1e-12)


def test_each_mode_may_have_its_own_deviation() -> None:
    samples = SQUARE + torch.tensor([0.5, 0.0])
    stds = torch.tensor([0.1, 0.2, 0.1, 0.2])
    assert mode_score(samples, SQUARE, stds).high_quality == 0.5


@pytest.mark.parametrize(
    ("samples", "complaint"),
    [
        (torch.zeros(4), "samples and centres must be"),
        (torch.zeros(4, 3), "samples and centres must be"),
        (torch.zeros(0, 2), "samples must be finite, and at least one"),
        (torch.full((4, 2), torch.nan), "samples must be finite, and at least one"),
    ],
)
def test_what_cannot_be_scored(samples: Tensor, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        mode_score(samples, SQUARE, 0.1)


# The data's own weights.


def lopsided() -> Target:
    """A tenth of the data at -2, four tenths at 0, half at 2."""
    return DATASETS["table"].fn(table="-2, 1, 0.1\n0, 4, 0.05\n2, 5, 0.2")


WEIGHTS = torch.tensor([0.1, 0.4, 0.5], dtype=torch.float64)


def test_the_datas_shares_are_its_weights() -> None:
    # 100,000 draws: a standard deviation of at most 0.0016.
    assert (data_shares(lopsided()) - WEIGHTS).abs().max() < 0.006


def test_a_mode_without_data_keeps_the_divergence_finite() -> None:
    target = Target(
        lambda n, rng: torch.randn(n, 1, generator=rng),
        1,
        modes=torch.tensor([[0.0], [100.0]]),
        mode_std=1.0,
    )
    shares = data_shares(target)
    assert shares.sum().item() == pytest.approx(1)
    assert shares[1].item() == pytest.approx(0.5 / 100_000, rel=1e-3)


def test_reverse_kl_compares_with_the_given_shares() -> None:
    samples = torch.tensor([[-2.0]] * 10 + [[0.0]] * 40 + [[2.0]] * 50)
    centres, stds = modes_of(lopsided()), lopsided().mode_std
    assert stds is not None
    own = mode_score(samples, centres, stds, shares=WEIGHTS).reverse_kl
    equal = mode_score(samples, centres, stds).reverse_kl
    assert own == pytest.approx(0, abs=1e-12)
    assert equal == pytest.approx((WEIGHTS * (3 * WEIGHTS).log()).sum().item(), abs=1e-12)


def test_unequal_weights_are_no_fault_of_the_samples() -> None:
    target = lopsided()
    reference = Reference(target, 2000)
    at_data = Evaluation(draws(target, 2000, 3), reference)
    modes = modes_of(target).repeat(667, 1)[:2000]
    # n KL is chi-square of 2 degrees over 2: 4000 KL below 14 but once in a thousand times.
    assert at_data.measure("reverse_kl") < 14 / 4000
    equal = Evaluation(modes, reference).measure("reverse_kl")
    assert equal == pytest.approx(-(3 * WEIGHTS).log().sum().item() / 3, abs=0.03)


def test_each_mode_of_the_target_keeps_its_own_deviation() -> None:
    # 0.4 off is two σ of the last mode and eight of the middle one.
    samples = torch.tensor([[0.4]] * 10 + [[2.4]] * 10)
    reference = Reference(lopsided(), 20)
    assert Evaluation(samples, reference).measure("high_quality") == 0.5
    assert Evaluation(samples, reference).measure("modes") == 1


# Shares.


def test_shares_and_their_exact_binomial_range() -> None:
    target, n = DATASETS["ring"].fn(), 1000
    shares = mode_shares(modes_of(target)[:3].repeat(334, 1)[:n], target)
    assert shares.labels == tuple("12345678")
    assert shares.fakes.tolist() == pytest.approx([0.334, 0.333, 0.333, 0, 0, 0, 0, 0])
    assert shares.data == pytest.approx(np.full(8, 0.125), abs=0.005)
    weights = data_shares(target).numpy()
    low, high = shares.low * n, shares.high * n
    for k in range(8):
        # At most half a percent lies below the range, and at most as much above it.
        count, least, most = binom(n, weights[k]), round(low[k]), round(high[k])
        assert count.cdf(least - 1) < 0.005 <= count.cdf(least)
        assert count.sf(most) <= 0.005 < count.sf(most - 1)


def test_the_range_holds_ninety_nine_percent_of_real_draws() -> None:
    target = lopsided()
    inside = 0
    for seed in range(100):
        shares = mode_shares(draws(target, 500, seed), target)
        inside += int(((shares.low <= shares.fakes) & (shares.fakes <= shares.high)).sum())
    assert inside >= 0.97 * 300


def test_samples_that_are_not_finite_are_in_no_mode() -> None:
    samples = torch.zeros(10, 1)
    samples[:2], samples[2:4] = torch.nan, torch.inf
    assert mode_shares(samples, lopsided()).fakes.tolist() == pytest.approx([0, 0.6, 0])


@pytest.mark.parametrize("metric", ["high_quality", "modes", "modes_20", "reverse_kl"])
def test_how_well_a_mode_is_met_is_not_said_where_its_sigma_is_not_known(metric: str) -> None:
    ring = DATASETS["ring"].fn()
    target = Target(ring.sample, 2, modes=ring.modes)
    evaluation = Evaluation(draws(target, 100), Reference(target, 100))
    with pytest.raises(ValueError, match="the σ of the target's modes is not known"):
        evaluation.measure(metric)
    # Shares go by the nearest centre.
    shares = mode_shares(modes_of(target)[:2].repeat(10, 1), target)
    assert shares.fakes.tolist() == pytest.approx([0.5, 0.5, 0, 0, 0, 0, 0, 0])


def test_shares_need_modes() -> None:
    with pytest.raises(ValueError, match="no modes"):
        mode_shares(torch.zeros(20, 2), DATASETS["moons"].fn())
