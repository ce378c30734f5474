"""Modes in many dimensions: which samples are in one, and whether data and collapse are told."""

import math
from functools import cache

import pytest
import torch
from scipy.special import gammainc
from torch import Tensor

from ganviz.datasets import DATASETS
from ganviz.quality import Evaluation, Reference, mode_radius, mode_score, mode_shares
from ganviz.readings import Floor
from ganviz.target import Target
from tests.stand_ins import draws, modes_of, rng

N = 400

PERFECT = 1 - math.exp(-4.5)

METRICS = ("modes", "modes_20", "high_quality", "reverse_kl")


def mixture(centres: Tensor, stds: Tensor) -> Target:
    """Equally likely Gaussians, each with its own σ."""

    def sample(n: int, rng: torch.Generator) -> Tensor:
        mode = torch.randint(len(centres), (n,), generator=rng)
        noise = torch.randn(n, centres.shape[1], generator=rng)
        return centres[mode] + stds[mode, None] * noise

    return Target(sample, centres.shape[1], modes=centres, mode_std=stds)


def ring(dim: int, stds: Tensor) -> Target:
    """Eight modes on a circle of radius 1 in the first two of `dim` dimensions."""
    angle = torch.arange(8) * (math.pi / 4)
    centres = torch.zeros(8, dim)
    centres[:, 0], centres[:, 1] = angle.cos(), angle.sin()
    return mixture(centres, stds)


EIGHT = {
    f"{kind} {dim}": (kind, dim)
    for kind in ("equal", "unequal", "registered")
    for dim in (2, 8, 32, 128)
    if (kind, dim) != ("registered", 2)
}


def eight(kind: str, dim: int) -> Target:
    if kind == "registered":
        return DATASETS["projected_ring"].fn(dim=dim)
    return ring(dim, torch.full((8,), 0.02) if kind == "equal" else torch.linspace(0.01, 0.03, 8))


@cache
def measured(case: str) -> tuple[Target, Reference, dict[str, Floor]]:
    target = eight(*EIGHT[case])
    reference = Reference(target, N)
    reference.floors.complete(METRICS, 100)
    floors = {name: reference.floors.of(name) for name in METRICS}
    return target, reference, {name: floor for name, floor in floors.items() if floor}


def of_modes(target: Target, kept: list[int], seed: int = 1) -> Tensor:
    """Samples of a generator that is perfect on some modes and has no others."""
    random = rng(seed)
    sigma = torch.as_tensor(target.mode_std).expand(len(modes_of(target)))
    mode = torch.tensor(kept)[torch.randint(len(kept), (N,), generator=random)]
    noise = torch.randn(N, modes_of(target).shape[1], generator=random)
    return modes_of(target)[mode] + sigma[mode, None] * noise


@pytest.mark.parametrize(
    ("dim", "level"), [(1, 2.539), (2, 3.0), (8, 4.45), (32, 7.283), (128, 12.937)]
)
def test_the_radius_holds_the_same_share_of_a_mode_in_every_dimension(
    dim: int, level: float
) -> None:
    assert mode_radius(dim) == pytest.approx(level, abs=6e-4)
    # The share within r of a Gaussian of D dimensions is the regularised gamma P(D/2, r²/2).
    assert gammainc(dim / 2, mode_radius(dim) ** 2 / 2) == pytest.approx(PERFECT, abs=1e-12)
    within = torch.randn(20_000, dim, generator=rng()).norm(dim=1) <= mode_radius(dim)
    # A standard deviation of 0.00074; four of it.
    assert within.double().mean().item() == pytest.approx(PERFECT, abs=0.003)


@pytest.mark.parametrize("case", EIGHT)
def test_data_are_inside_and_read_the_same_share_in_every_dimension(case: str) -> None:
    target, reference, floors = measured(case)
    inside = dict.fromkeys(METRICS, 0)
    for seed in range(20):
        evaluation = Evaluation(draws(target, N, 3_000 + seed), reference)
        for name in METRICS:
            inside[name] += floors[name].contains(evaluation.measure(name))
    assert min(inside.values()) >= 18, inside
    score = Evaluation(draws(target, N, 5), reference)
    # A standard deviation of 0.0052; four of it.
    assert score.measure("high_quality") == pytest.approx(PERFECT, abs=0.021)
    assert (score.measure("modes"), score.measure("modes_20")) == (8, 8)


@pytest.mark.parametrize("case", EIGHT)
def test_one_mode_of_eight_is_outside_and_so_are_seven(case: str) -> None:
    target, reference, floors = measured(case)
    for kept in ([3], [0, 1, 2, 3, 5, 6, 7]):
        evaluation = Evaluation(of_modes(target, kept), reference)
        for name in ("modes", "modes_20", "reverse_kl"):
            assert not floors[name].contains(evaluation.measure(name)), (name, kept)
        assert evaluation.measure("modes") == len(kept)
        # What it makes is good, which alone this metric asks.
        assert floors["high_quality"].contains(evaluation.measure("high_quality"))


@pytest.mark.parametrize("dim", [3, 8, 32, 128])
def test_noise_that_is_a_quarter_too_strong_is_of_low_quality(dim: int) -> None:
    target = DATASETS["projected_ring"].fn(dim=dim)
    centres, sigma = modes_of(target), 0.02
    blurred = centres[torch.arange(N) % 8] + 1.25 * sigma * torch.randn(N, dim, generator=rng())
    level = gammainc(dim / 2, mode_radius(dim) ** 2 / 2 / 1.25**2)
    found = mode_score(blurred, centres, sigma).high_quality
    assert found == pytest.approx(level, abs=4 * (level * (1 - level) / N) ** 0.5)


def test_a_wide_mode_keeps_its_samples_where_a_narrow_one_is_nearer() -> None:
    # In 32-D a sample of the wide mode lies 5.7 from its own centre, and half of them, or one in
    # fifteen where the centres are 3 apart, lie nearer to that of the narrow one, 0.6 wide.
    wide_and_narrow = torch.zeros(2, 32)
    wide_and_narrow[1, 0] = 0.1
    for centres in (wide_and_narrow, 30 * wide_and_narrow):
        target = mixture(centres, torch.tensor([1.0, 0.1]))
        samples = draws(target, 4_000, 2)
        score = mode_score(samples, centres, torch.tensor([1.0, 0.1]))
        assert score.high_quality == pytest.approx(PERFECT, abs=0.007)
        assert score.captured_20 == 2
        shares = mode_shares(samples, target)
        # Each is drawn by half: a standard deviation of 0.008.
        assert shares.data == pytest.approx([0.5, 0.5], abs=0.008)
        assert shares.fakes == pytest.approx([0.5, 0.5], abs=0.032)


def test_the_modes_of_equal_width_are_told_by_the_nearest_centre() -> None:
    centres = torch.randn(5, 8, generator=rng(1))
    samples = 2 * torch.randn(500, 8, generator=rng(2))
    target = Target(lambda n, rng: torch.randn(n, 8, generator=rng), 8, modes=centres)
    nearest = torch.cdist(samples, centres).argmin(1)
    level = torch.bincount(nearest, minlength=5) / 500
    # Whether σ is known or not.
    for std in (None, 0.3, torch.full((5,), 0.3)):
        of = Target(target.sample, 8, modes=centres, mode_std=std)
        assert mode_shares(samples, of).fakes == pytest.approx(level.numpy())


# The other metrics: what a generator that has collapsed reads in many dimensions.


@cache
def everything(data: str, dim: int) -> tuple[Target, Reference]:
    normal = Target(lambda n, rng: torch.randn(n, dim, generator=rng), dim)
    target = normal if data == "normal" else eight("equal", dim)
    reference = Reference(target, 200)
    reference.floors.complete(reference.metrics, 40)
    return target, reference


BLIND = {"high_quality", "precision", "density"}
"""They ask whether samples are good, not whether any are missing."""


@pytest.mark.parametrize("dim", [2, 8, 32, 128])
def test_one_mode_of_eight_is_outside_by_every_metric_that_asks_what_is_missing(dim: int) -> None:
    target, reference = everything("ring", dim)
    collapsed = Evaluation(of_modes(target, [2])[:200], reference)
    for name in set(reference.metrics) - BLIND:
        floor = reference.floors.of(name)
        assert floor
        assert not floor.contains(collapsed.measure(name)), name


@pytest.mark.parametrize("dim", [2, 8, 32, 128])
def test_a_single_point_is_outside_by_every_metric_of_distances(dim: int) -> None:
    target, reference = everything("normal", dim)
    one = Evaluation(draws(target, 1, 9).expand(200, dim), reference)
    for name in set(reference.metrics) - BLIND:
        floor = reference.floors.of(name)
        assert floor
        assert not floor.contains(one.measure(name)), name
