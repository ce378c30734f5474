"""Mixtures of Gaussians against their own definitions."""

import math

import numpy as np
import pytest
import torch

from ganviz.datasets import gaussian, gaussian_spiral, grid, mixture, projected_ring, ring
from ganviz.target import Target
from tests.stand_ins import density, draws, modes_of


def sigma(target: Target) -> float:
    assert isinstance(target.mode_std, float)
    return target.mode_std


def test_the_ring_has_eight_distinct_modes_at_radius_one() -> None:
    modes = modes_of(ring())
    assert modes.shape == (8, 2)
    # The unit circle to float32. A well-known script repeats the endpoint and has 7 (theory 5).
    assert modes.norm(dim=1).tolist() == pytest.approx([1.0] * 8, abs=1e-6)
    gaps = torch.cdist(modes, modes)[~torch.eye(8, dtype=torch.bool)]
    # Neighbours on the circle are 2 sin(π/8) = 0.7654 apart.
    assert gaps.min().item() == pytest.approx(2 * math.sin(math.pi / 8), abs=1e-5)
    assert ring().mode_std == 0.01


def test_the_grid_is_that_of_the_literature() -> None:
    modes = modes_of(grid())
    line = (-4.0, -2.0, 0.0, 2.0, 4.0)  # theory 5: {-4, ..., 4}², σ 0.05
    assert {tuple(m) for m in modes.tolist()} == {(a, b) for a in line for b in line}
    assert grid().mode_std == 0.05


MIXTURES = [
    ring(),
    grid(),
    mixture(),
    ring(modes=3, radius=2, std=0.1),
    gaussian_spiral(),
    projected_ring(),
    projected_ring(dim=3, std=0.1),
]


@pytest.mark.parametrize("target", MIXTURES)
def test_samples_fall_on_the_modes_evenly_and_by_their_sigma(target: Target) -> None:
    x, modes = draws(target), modes_of(target)
    distance, nearest = torch.cdist(x, modes).min(1)
    share = 1 / len(modes)
    counts = torch.bincount(nearest, minlength=len(modes)) / len(x)
    # Five binomial standard errors of each mode's share.
    assert (counts - share).abs().max().item() < 5 * math.sqrt(share * (1 - share) / len(x))
    # E|x - mode|² = dim σ², known to sqrt(2/(dim n)) = 1 % or less; five of those.
    spread = (distance.square().mean() / x.shape[1]).sqrt().item()
    assert spread == pytest.approx(sigma(target), rel=0.025)


@pytest.mark.parametrize("target", [ring(), grid()])
def test_a_perfect_generator_has_98_9_percent_within_three_sigma(target: Target) -> None:
    distance = torch.cdist(draws(target), modes_of(target)).amin(1)
    good = (distance < 3 * sigma(target)).double().mean().item()
    # Theory 5: 1 - e^-4.5 = 98.889 %, binomial standard error 0.074 %; four of it.
    assert good == pytest.approx(1 - math.exp(-4.5), abs=0.003)


def test_options_move_what_they_name() -> None:
    assert modes_of(ring(modes=5, radius=3)).norm(dim=1).tolist() == pytest.approx([3.0] * 5)
    corners = modes_of(grid(side=2, spacing=1))
    assert sorted(map(tuple, corners.tolist())) == [
        (a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)
    ]
    assert modes_of(grid(side=1)).tolist() == [[0.0, 0.0]]
    assert modes_of(mixture(modes=2, spacing=3)).tolist() == [[-1.5], [1.5]]
    assert modes_of(ring(modes=1)).shape == (1, 2)
    assert modes_of(gaussian_spiral(modes=5)).shape == (5, 2)
    assert projected_ring(dim=100).shape == (100,)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (-3.0, 0.2)])
def test_the_gaussian_is_normal(mean: float, std: float) -> None:
    target = gaussian(mean=mean, std=std)
    x = draws(target)
    # Standard errors: σ/sqrt(n) = 0.7 % of σ for the mean, 0.5 % for σ; five of each.
    assert x.mean().item() == pytest.approx(mean, abs=0.036 * std)
    assert x.std().item() == pytest.approx(std, rel=0.025)
    at = torch.tensor([[mean], [mean + 2 * std]], dtype=torch.float64)
    peak = -math.log(std * math.sqrt(2 * math.pi))
    # ln N at its centre and at 2 σ, 2 below; float64.
    assert density(target, at).tolist() == pytest.approx([peak, peak - 2], abs=1e-9)


DENSITIES = [
    ring(),
    grid(),
    mixture(),
    gaussian(mean=1.0, std=0.3),
    gaussian_spiral(std=0.3),
    projected_ring(dim=5, std=0.4),
]


@pytest.mark.parametrize("target", DENSITIES)
def test_log_density_is_that_of_the_mixture_in_numpy(target: Target) -> None:
    x, centres = draws(target, 200).double().numpy(), modes_of(target).double().numpy()
    std = sigma(target)
    bells = [
        np.prod(np.exp(-0.5 * ((x - c) / std) ** 2) / (std * math.sqrt(2 * math.pi)), 1)
        for c in centres
    ]
    # The same mixture written as plain densities in float64.
    expected = np.log(np.mean(bells, 0))
    assert density(target, torch.from_numpy(x)).numpy() == pytest.approx(expected, abs=1e-9)


def test_log_density_stays_finite_far_away() -> None:
    far = density(ring(), torch.tensor([[100.0, 0.0]])).item()
    # ln of a bell at 9,900 σ, -(9900²)/2 = -4.9e7: its density is 0 in any float.
    assert far == pytest.approx(-(9900**2) / 2, rel=1e-4)


def test_the_spiral_winds_outwards_in_even_steps() -> None:
    modes = modes_of(gaussian_spiral()).double()
    radius = modes.norm(dim=1)
    # Mode k of 16 lies at radius sqrt(k/16), and two turns per unit of radius; float32.
    assert radius.square().tolist() == pytest.approx([k / 16 for k in range(1, 17)], abs=1e-6)
    turn = torch.atan2(modes[:, 1], modes[:, 0]) / (2 * math.pi) - 2 * radius
    assert (turn - turn.round()).abs().max().item() < 1e-6
    gaps = torch.cdist(modes, modes).fill_diagonal_(math.inf).amin(1)
    # The nearest other mode is about equally far everywhere: 19 σ.
    assert gaps.min().item() == pytest.approx(0.375, abs=1e-3)
    assert gaps.max().item() == pytest.approx(0.391, abs=1e-3)


@pytest.mark.parametrize("dim", [3, 32, 256])
def test_the_projected_ring_keeps_its_distances_in_any_space(dim: int) -> None:
    modes = modes_of(projected_ring(dim=dim)).double()
    angle = torch.arange(8, dtype=torch.float64) * math.pi / 4
    bent = torch.stack([angle.cos(), angle.sin(), (2 * angle).cos() / 2], 1)
    # An orthonormal map keeps scalar products, to float32.
    assert torch.allclose(modes @ modes.T, bent @ bent.T, atol=1e-6)
    # cos and sin have length sqrt(8/2) = 2 over the eight angles, cos/2 has 1: three dimensions.
    lengths = torch.linalg.svdvals(modes)
    assert lengths[:3].tolist() == pytest.approx([2.0, 2.0, 1.0], abs=1e-6)
    assert lengths[3:].tolist() == pytest.approx([0.0] * (min(dim, 8) - 3), abs=1e-6)


def test_the_projection_is_fixed_and_no_axis_is_special() -> None:
    modes = modes_of(projected_ring())
    assert torch.equal(modes, modes_of(projected_ring()))
    # Each of the 32 axes carries a share of the 9/8 that a mode's square is on average.
    shares = modes.square().mean(0)
    assert shares.sum().item() == pytest.approx(9 / 8, abs=1e-5)
    assert shares.max().item() < 0.2
