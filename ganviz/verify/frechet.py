r"""The Fréchet distance of Gaussians, whose value is known, and what it reads where there is none.

For two samples of n from one Gaussian in D dimensions the mean is, in first order of 1/n,

$$\underbrace{\frac{2D}{n}}_{\text{means}} + \underbrace{\frac{D(D + 1)}{2n}}_{\text{covariances}}
= \frac{D(D + 5)}{2n}.$$
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from ganviz.quality import frechet_distance
from ganviz.say import _
from ganviz.verify.base import CHECKS, CLOSED_FORM, Row

FIRST_ORDER = _("first order in 1/n")

NULLS = (
    (2, 500, 400),
    (16, 500, 50),
    (64, 500, 10),
    (2, 2000, 400),
    (16, 2000, 50),
    (64, 2000, 10),
)
"""Dimensions, points in each set, and pairs of sets that the mean is taken over."""


@CHECKS.register("Fréchet distance", quick=True)
def frechet_distances() -> Iterator[Row]:
    """A shift by d reads d², a scale s in D dimensions D(1 - s)²; real against real is above 0."""
    x = standardised(500, 16)
    shift = torch.zeros(16, dtype=torch.float64)
    for d in (0.5, 1.0, 3.0):
        shift[0] = d
        claim = _("shift d = {d:g}", d=d)
        yield Row(claim, CLOSED_FORM, d**2, frechet_distance(x, x + shift), 1e-9)
    for dim, s in ((2, 0.5), (16, 0.5), (16, 2.0), (16, 0.0)):
        x = standardised(500, dim)
        level = dim * (1 - s) ** 2
        claim = _("scale s = {s:g} in {dim} dimensions", s=s, dim=dim)
        yield Row(claim, CLOSED_FORM, level, frechet_distance(x, s * x), 1e-9)
    for dim, n, pairs in NULLS:
        level = dim * (dim + 5) / (2 * n)
        claim = _("mean of equal Gaussians in {dim} dimensions, n = {n:,}", dim=dim, n=n)
        yield Row(claim, FIRST_ORDER, level, null(dim, n, pairs), 0.1 * level)


def standardised(n: int, dim: int) -> Tensor:
    """Points whose mean is 0 and whose covariance is the identity, exactly; float64."""
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(n, dim, generator=rng, dtype=torch.float64)
    q: Tensor = torch.linalg.qr(x - x.mean(0)).Q
    return q * math.sqrt(n - 1)


def null(dim: int, n: int, pairs: int) -> float:
    """The mean distance of two sets of `n` points of N(0, I)."""
    rng = torch.Generator().manual_seed(0)
    found = [
        frechet_distance(*torch.randn(2, n, dim, generator=rng, dtype=torch.float64))
        for _ in range(pairs)
    ]
    return sum(found) / pairs
