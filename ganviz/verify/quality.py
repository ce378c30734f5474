"""The instruments against the values that they are known to have."""

import math
from collections.abc import Iterator
from statistics import fmean

import torch
from torch import Tensor

from ganviz.datasets import DATASETS
from ganviz.optimal import OptimalDiscriminator
from ganviz.quality import exact_distance, mmd_squared, neighbourhoods, sliced_distance
from ganviz.say import _
from ganviz.target import Target
from ganviz.value import value_terms
from ganviz.verify.base import CHECKS, CLOSED_FORM, QUADRATURE, Row
from ganviz.verify.levels import AT_BEST, DROPPED

GRNAROVA = "Grnarova et al. 2019, arXiv:1811.05512"
PAPER = "Naeem et al. 2020, arXiv:2002.09797"
SIMULATED = _("simulation of the definition")


@CHECKS.register("The optimal discriminator, from samples", quick=True)
def optimal_discriminator() -> Iterator[Row]:
    """V(D*, G) where the density is known is measured from samples of G alone."""
    target, rng = DATASETS["ring"].fn(modes=8), _rng()
    best = OptimalDiscriminator(target)
    for m, level in enumerate(DROPPED, start=1):
        found = best.measure(_first_modes(target, m, 20_000, rng))
        at = _("{m} of 8 modes, {n:,} samples", m=m, n=20_000)
        yield Row(_("V(D*, G), {at}", at=at), CLOSED_FORM, level, found.value, 0.01)
        jsd = (level + math.log(4)) / 2
        yield Row(_("JSD, {at}", at=at), CLOSED_FORM, jsd, found.jsd, 0.01)
        # q = p / s on a share s of the data.
        yield Row(_("KL(q‖p), {at}", at=at), CLOSED_FORM, math.log(8 / m), found.kl_fakes, 0.02)
    line = OptimalDiscriminator(DATASETS["gaussian"].fn())
    # The KLs are means of ln ratios that are largest where samples of one kind are rarest.
    for d, level, wide in zip((1, 2, 3), AT_BEST["minimax"], (0.02, 0.05, 0.1), strict=True):
        found = line.measure(d + torch.randn(200_000, 1, generator=rng))
        at = _("N(0, 1) against N({d}, 1), {n:,} samples", d=d, n=200_000)
        yield Row(_("V(D*, G), {at}", at=at), QUADRATURE, -level, found.value, 0.01)
        yield Row(_("KL(q‖p), {at}", at=at), CLOSED_FORM, d**2 / 2, found.kl_fakes, wide)
        yield Row(_("KL(p‖q), {at}", at=at), CLOSED_FORM, d**2 / 2, found.kl_data, wide)


def _first_modes(target: Target, m: int, n: int, rng: torch.Generator) -> Tensor:
    """`n` samples of a generator that is perfect on the first `m` modes and has no others."""
    centres, std = target.mixture
    part = centres[torch.randint(m, (n,), generator=rng)]
    return part + std * torch.randn(n, 2, generator=rng)


@CHECKS.register("The duality gap", quick=True)
def duality_gap() -> Iterator[Row]:
    """max V(·, G) - min V(D, ·) is at least 2·JSD, whatever D is, and 2·JSD where D = 1/2.

    The data are 8 equally likely points, G is uniform on the first m. There the best D is
    p / (p + q), and the best reply to a D puts every sample on the point that D trusts most.
    """
    rng = _rng()
    judged = 4 * torch.randn(1_000, 8, dtype=torch.float64, generator=rng)
    for m, level in enumerate(DROPPED, start=1):
        best = torch.full((8,), math.inf, dtype=torch.float64)
        best[:m] = math.log(m / 8)
        highest = float(value_terms(best, best[:m]).value)
        gaps = [highest - _least_value(d) for d in judged]
        error = level + math.log(4)
        indifferent = highest - _least_value(torch.zeros(8))
        claim = _("duality gap at D = 1/2, {m} of 8 points", m=m)
        yield Row(claim, CLOSED_FORM, error, indifferent, 1e-4)
        below = max(0.0, *(error - gap for gap in gaps))
        claim = _("duality gap of 1,000 Ds below 2·JSD, {m} of 8 points", m=m)
        yield Row(claim, GRNAROVA, 0.0, below, 1e-4)


def _least_value(logits: Tensor) -> float:
    """min V(D, ·) over all generators on the points that D gives these logits."""
    return float(value_terms(logits, logits.max().reshape(1)).value)


@CHECKS.register("Precision, recall, density, coverage", quick=True)
def balls() -> Iterator[Row]:
    """What balls to the fifth neighbour read on 1,000 samples of the data themselves."""
    rng, n = _rng(), 1000
    for dim, levels in ((2, (0.997, 0.996)), (64, (0.73, 0.72))):
        runs = [neighbourhoods(_normal(n, dim, rng), _normal(n, dim, rng)) for _ in range(6)]
        at = _("N(0, I) against itself in {dim}-D", dim=dim)
        # Means of six: one run scatters by 0.002 in 2-D and by 0.025 in 64-D.
        wide = 0.005 if dim == 2 else 0.03
        found = fmean(run.precision for run in runs)
        yield Row(_("precision, {at}", at=at), SIMULATED, levels[0], found, wide)
        found = fmean(run.recall for run in runs)
        yield Row(_("recall, {at}", at=at), SIMULATED, levels[1], found, wide)
        found = fmean(run.density for run in runs)
        yield Row(_("density, {at}", at=at), PAPER, 1.0, found, 0.03 if dim == 2 else 0.1)
        found = fmean(run.coverage for run in runs)
        yield Row(_("coverage, {at}", at=at), PAPER, 1 - 2**-5, found, 0.01)
    target = DATASETS["ring"].fn()
    of_one = neighbourhoods(target.sample(n, rng), _first_modes(target, 1, n, rng))
    yield Row(_("coverage, 1 of 8 modes of the ring"), SIMULATED, 0.12, of_one.coverage, 0.02)
    yield Row(_("recall, 1 of 8 modes of the ring"), SIMULATED, 0.12, of_one.recall, 0.02)


@CHECKS.register("Distances between samples", quick=True)
def transport_and_kernel() -> Iterator[Row]:
    """MMD and Wasserstein distances of samples that are shifted by d."""
    rng, n = _rng(), 1000
    for width, dim, d in ((1.0, 2, 1.0), (2.0, 2, 2.0), (8.0, 16, 3.0)):
        shift = torch.full((dim,), d / dim**0.5)
        pairs = [(_normal(n, dim, rng), _normal(n, dim, rng) + shift) for _ in range(6)]
        found = fmean(mmd_squared(x, y, width) for x, y in pairs)
        claim = _("MMD², ℓ = {width:g}, shift {d:g} in {dim}-D", width=width, d=d, dim=dim)
        yield Row(claim, CLOSED_FORM, _mmd_level(width, dim, d), found, 0.01)
    for dim in (1, 2, 3, 32):
        x, d = _normal(n, dim, rng), 2.0
        y = x + d * torch.nn.functional.normalize(_normal(1, dim, rng))
        found = sliced_distance(x, y, 2)
        claim = _("sliced W2, shift 2 in {dim}-D: d/√D", dim=dim)
        yield Row(claim, CLOSED_FORM, d / dim**0.5, found, 1e-5)
    x = _normal(n, 2, rng)
    y = x[torch.randperm(n, generator=rng)] + torch.tensor([0.6, 0.8])
    for order in (1, 2):
        found = exact_distance(x, y, order)
        claim = _("exact W{order}, shift 1 in 2-D", order=order)
        yield Row(claim, CLOSED_FORM, 1.0, found, 1e-5)
    # Forty pairs have a mean of 0.148 and a standard deviation of 0.010.
    nulls = [exact_distance(_normal(n, 2, rng), _normal(n, 2, rng), 1) for _ in range(4)]
    claim = _("exact W1 of N(0, I) from itself in 2-D")
    yield Row(claim, SIMULATED, 0.148, fmean(nulls), 0.015)


def _mmd_level(width: float, dim: int, d: float) -> float:
    """MMD² of N(0, I) and the same shifted by d, under a Gaussian kernel of that width."""
    spread = width**2 + 2
    return float(2 * (width**2 / spread) ** (dim / 2) * -math.expm1(-(d**2) / (2 * spread)))


def _normal(n: int, dim: int, rng: torch.Generator) -> Tensor:
    return torch.randn(n, dim, generator=rng)


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)
