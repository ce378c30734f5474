"""The registered data against their own definitions."""

import math

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor

from ganviz.datasets import (
    DATASETS,
    DIGITS_TRAINING,
    digits,
    gaussian,
    grid,
    mixture,
    moons,
    ring,
    spiral,
)
from ganviz.target import Target


def draws(target: Target, n: int = 20_000, seed: int = 0) -> Tensor:
    return target.sample(n, torch.Generator().manual_seed(seed))


def modes_of(target: Target) -> Tensor:
    assert target.modes is not None
    return target.modes


def density(target: Target, x: Tensor) -> Tensor:
    assert target.log_density is not None
    return target.log_density(x)


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


@pytest.mark.parametrize("target", [ring(), grid(), mixture(), ring(modes=3, radius=2, std=0.1)])
def test_samples_fall_on_the_modes_evenly_and_by_their_sigma(target: Target) -> None:
    x, modes = draws(target), modes_of(target)
    distance, nearest = torch.cdist(x, modes).min(1)
    share = 1 / len(modes)
    counts = torch.bincount(nearest, minlength=len(modes)) / len(x)
    # Five binomial standard errors of each mode's share.
    assert (counts - share).abs().max().item() < 5 * math.sqrt(share * (1 - share) / len(x))
    # E|x - mode|² = dim σ², known to sqrt(2/(dim n)) = 1 % or less; five of those.
    assert target.mode_std is not None
    spread = (distance.square().mean() / x.shape[1]).sqrt().item()
    assert spread == pytest.approx(target.mode_std, rel=0.025)


@pytest.mark.parametrize("target", [ring(), grid()])
def test_a_perfect_generator_has_98_9_percent_within_three_sigma(target: Target) -> None:
    assert target.mode_std is not None
    distance = torch.cdist(draws(target), modes_of(target)).amin(1)
    good = (distance < 3 * target.mode_std).double().mean().item()
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


@pytest.mark.parametrize("target", [ring(), grid(), mixture(), gaussian(mean=1.0, std=0.3)])
def test_log_density_is_that_of_the_mixture_in_numpy(target: Target) -> None:
    x, centres = draws(target, 200).double().numpy(), modes_of(target).double().numpy()
    std = target.mode_std or math.nan
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


def test_moons_are_two_half_circles() -> None:
    x = draws(moons(noise=1e-3))
    upper = (x.norm(dim=1) - 1).abs()
    lower = ((x - torch.tensor([1.0, 0.5])).norm(dim=1) - 1).abs()
    on_upper = (upper < 6e-3) & (x[:, 1] > -6e-3)
    on_lower = (lower < 6e-3) & (x[:, 1] < 0.5 + 6e-3)
    # Six σ around the circles about (0, 0) and (1, 1/2); the halves are equally likely.
    assert (on_upper | on_lower).all()
    assert on_upper.double().mean().item() == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(20_000))


def test_spiral_arms_wind_as_asked() -> None:
    x = draws(spiral(arms=3, turns=0.5, noise=1e-3)).double()
    radius = x.norm(dim=1)
    keep = radius > 0.1
    turn = torch.atan2(x[:, 1], x[:, 0]) / (2 * math.pi) - 0.5 * radius
    off = (turn * 3 - (turn * 3).round()).abs()[keep]
    # Turned back by turns * radius all points lie on 3 rays; 6 σ / (2π 0.1) of a turn, times 3.
    assert off.max().item() < 3 * 6e-3 / (2 * math.pi * 0.1)
    # Even along the radius up to 1: mean 1/2, standard error 0.29/sqrt(n) = 0.002; five of it.
    assert radius.mean().item() == pytest.approx(0.5, abs=0.0105)
    arm = (turn * 3).round().long().remainder(3)
    shares = torch.bincount(arm[keep], minlength=3) / keep.sum()
    assert shares.tolist() == pytest.approx([1 / 3] * 3, abs=5 * 0.47 / math.sqrt(18_000))


def test_digits_are_pixels_between_zero_and_one() -> None:
    images = draws(digits(), DIGITS_TRAINING)
    assert images.shape == (1437, 1, 8, 8)
    assert (images.min().item(), images.max().item()) == (0.0, 1.0)
    # 16 grey levels and black; (x - 1/2)/(1/2) is in [-1, 1].
    assert (images * 16).frac().abs().max().item() == 0
    shift, scale = digits().standardisation
    assert (shift.item(), scale) == (0.5, 0.5)


def test_a_batch_of_digits_repeats_no_image() -> None:
    pixels = np.asarray(load_digits().images, dtype=np.float32) / 16
    rows = {image.tobytes() for image in pixels}
    assert len(rows) == 1797  # no two of scikit-learn's digits are the same
    batch = draws(digits(), 1437).numpy()
    assert len({image.tobytes() for image in batch} & rows) == 1437


def test_the_digits_held_out_are_the_same_in_every_process() -> None:
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
    pixels = torch.as_tensor(load_digits().images, dtype=torch.float32) / 16
    expected = {image.numpy().tobytes() for image in pixels[order[DIGITS_TRAINING:]]}
    held_out = digits().draw_held_out(360, torch.Generator()).numpy()
    assert {image.tobytes() for image in held_out} == expected


def test_more_digits_than_there_are_is_an_error() -> None:
    with pytest.raises(ValueError, match="1438 different images of 1437"):
        draws(digits(), 1438)
    with pytest.raises(ValueError, match="361 different images of 360"):
        digits().draw_held_out(361, torch.Generator())


def test_facts_say_what_the_targets_are() -> None:
    for entry in DATASETS.values():
        assert entry.fn().shape == entry.facts["shape"]
    sizes = {name: entry.facts["size"] for name, entry in DATASETS.items()}
    assert {name for name, size in sizes.items() if size} == {"digits"}
    assert sizes["digits"] == DIGITS_TRAINING
