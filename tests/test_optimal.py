"""The optimal discriminator for a known density, against closed forms."""

import math

import pytest
import torch
from torch import Tensor

from ganviz.datasets import DATASETS
from ganviz.levels import V_EQUILIBRIUM, value_with_dropped_modes
from ganviz.optimal import OptimalDiscriminator, why_not
from ganviz.target import Target
from tests.stand_ins import draws, modes_of, rng

N = 20_000


def on_modes(target: Target, kept: int, n: int = N) -> Tensor:
    """Samples of a generator that is perfect on the first `kept` modes."""
    assert isinstance(target.mode_std, float)
    centres = modes_of(target)
    part = centres[torch.randint(kept, (n,), generator=rng(1))]
    return part + target.mode_std * torch.randn(n, centres.shape[1], generator=rng(2))


@pytest.mark.parametrize("kept", range(1, 9))
def test_dropped_modes_on_the_ring(kept: int) -> None:
    target = DATASETS["ring"].fn()
    found = OptimalDiscriminator(target).measure(on_modes(target, kept))
    # Noise of 20,000 samples, an order above what was seen, 0.0003.
    assert found.value == pytest.approx(value_with_dropped_modes(kept, 8), abs=0.003)
    assert found.jsd == (found.value - V_EQUILIBRIUM) / 2
    assert found.kl_fakes == pytest.approx(math.log(8 / kept), abs=0.01)
    if kept < 8:
        # (8 - m) / 8 of the data are where no sample is: that costs ln n each.
        assert found.kl_data > 0.9 * (8 - kept) / 8 * math.log(N) + kept / 8 * math.log(kept / 8)


@pytest.mark.parametrize(("kept", "modes"), [(1, 3), (2, 3), (3, 3)])
def test_dropped_modes_on_a_line(kept: int, modes: int) -> None:
    target = DATASETS["mixture"].fn()
    found = OptimalDiscriminator(target).measure(on_modes(target, kept))
    # Neighbours are 8 σ apart, and overlap by less than 1e-4.
    assert found.value == pytest.approx(value_with_dropped_modes(kept, modes), abs=0.004)


@pytest.mark.parametrize(("d", "level"), [(0, V_EQUILIBRIUM), (1, -1.16345), (2, -0.71263)])
def test_shifted_gaussians(d: int, level: float) -> None:
    target = DATASETS["gaussian"].fn()
    found = OptimalDiscriminator(target).measure(d + draws(target, 200_000))
    assert found.value == pytest.approx(level, abs=0.01)
    assert (found.kl_data, found.kl_fakes) == pytest.approx((d**2 / 2, d**2 / 2), abs=0.05)


def test_modes_of_their_own_weight_and_width() -> None:
    target = DATASETS["table"].fn()
    measured = OptimalDiscriminator(target).measure(draws(target)).value
    assert measured == pytest.approx(V_EQUILIBRIUM, abs=0.002)


def test_it_is_a_lower_bound_in_the_mean() -> None:
    target = DATASETS["ring"].fn()
    best, level = OptimalDiscriminator(target), V_EQUILIBRIUM
    found = torch.tensor([best.measure(draws(target, 1000, seed)).value for seed in range(40)])
    # The mean of 40, and 4 of its standard errors.
    assert found.mean() < level + 4 * found.std() / 40**0.5
    assert found.mean() > level - 0.01


def test_samples_that_are_nowhere_near_are_told_for_sure() -> None:
    target = DATASETS["ring"].fn()
    best = OptimalDiscriminator(target)
    for far in (1e3, 1e30, math.inf, math.nan):
        found = best.measure(torch.full((100, 2), far))
        assert found.value == pytest.approx(0, abs=0.05)
        # 100 samples show no ratio above 100.
        assert found.kl_fakes == pytest.approx(math.log(100))


def test_a_collapsed_generator_is_told_for_sure() -> None:
    target = DATASETS["ring"].fn()
    found = OptimalDiscriminator(target).measure(modes_of(target)[:1].repeat(N, 1))
    # The narrowest blur is σ / 3: D gives up the data that lie so near to the point.
    assert found.value > -0.2


@pytest.mark.parametrize("name", ["ring", "grid", "mixture", "gaussian", "circles", "checkerboard"])
def test_data_are_like_themselves(name: str) -> None:
    target = DATASETS[name].fn()
    found = OptimalDiscriminator(target).measure(draws(target))
    assert found.value == pytest.approx(V_EQUILIBRIUM, abs=0.003)
    assert (found.kl_data, found.kl_fakes) == pytest.approx((0, 0), abs=0.01)


def test_nothing_random_is_touched_and_nothing_changes() -> None:
    before, target = torch.get_rng_state(), DATASETS["mixture"].fn()
    samples = draws(target, 500)
    first, second = (OptimalDiscriminator(target).measure(samples) for _ in range(2))
    assert first == second
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (DATASETS["moons"].fn(), "no density"),
        (DATASETS["digits"].fn(), "no density"),
        (DATASETS["projected_ring"].fn(), "more than two dimensions"),
        (DATASETS["ring"].fn(radius=100.0, std=0.001), "too narrow"),
    ],
)
def test_where_it_is_not_known(target: Target, why: str) -> None:
    assert why in str(why_not(target))
    with pytest.raises(ValueError, match=why):
        OptimalDiscriminator(target)


@pytest.mark.parametrize("shape", [(10,), (10, 1), (10, 3), (1, 2)])
def test_samples_must_fit(shape: tuple[int, ...]) -> None:
    best = OptimalDiscriminator(DATASETS["grid"].fn(side=2))
    with pytest.raises(ValueError, match=r"samples must have shape \(n >= 2, 2\)"):
        best.measure(torch.zeros(shape))


@pytest.mark.parametrize("noise", [0.001, 0.002])
def test_a_density_that_is_thinner_than_the_cells_is_refused(noise: float) -> None:
    target = DATASETS["circles"].fn(noise=noise)
    assert why_not(target) == "the modes are too narrow for a grid over all of them"
    assert why_not(DATASETS["circles"].fn(noise=0.01)) is None


def test_a_density_that_refuses_places_without_data_is_not_used() -> None:
    def log_density(x: Tensor) -> Tensor:
        if x.abs().max() > 1:
            raise ValueError("outside of the support")
        return torch.full((len(x),), -math.log(2))

    target = Target(lambda n, g: 2 * torch.rand(n, 1, generator=g) - 1, 1, log_density=log_density)
    assert why_not(target) == "the density cannot be calculated everywhere (ValueError)"
