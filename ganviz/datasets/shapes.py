"""Shapes in the plane: curves with noise around them, and regions with sharp edges."""

import math
from typing import Annotated

import torch
from torch import Tensor

from ganviz.datasets.base import DATASETS, Noise, Sigma
from ganviz.registry import Bounds, Label
from ganviz.target import Target


@DATASETS.register("Two moons", shape=(2,), size=None)
def moons(*, noise: Noise = 0.05) -> Target:
    """Two interleaved half circles: curved data in one piece each, with a gap between them.

    Args:
        noise: σ of the Gaussian noise around the curves.
    """

    def sample(n: int, rng: torch.Generator) -> Tensor:
        angle = math.pi * torch.rand(n, generator=rng)
        lower = torch.randint(2, (n,), generator=rng) == 1
        x = torch.where(lower, 1 - angle.cos(), angle.cos())
        y = torch.where(lower, 0.5 - angle.sin(), angle.sin())
        return torch.stack([x, y], 1) + noise * torch.randn(n, 2, generator=rng)

    return Target(sample, 2)


@DATASETS.register("Spiral", shape=(2,), size=None)
def spiral(
    *,
    arms: Annotated[int, Bounds(1, 8)] = 2,
    turns: Annotated[float, Bounds(0.25, 4)] = 1.0,
    noise: Noise = 0.03,
) -> Target:
    """Arms that wind out of the centre, with points spread evenly along the radius.

    Args:
        arms: how many arms, evenly rotated.
        turns: full turns of each arm.
        noise: σ of the Gaussian noise around the arms, which reach out to radius 1.
    """

    def sample(n: int, rng: torch.Generator) -> Tensor:
        radius = torch.rand(n, generator=rng)
        arm = torch.randint(arms, (n,), generator=rng) / arms
        angle = 2 * math.pi * (arm + turns * radius)
        points = radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
        return points + noise * torch.randn(n, 2, generator=rng)

    return Target(sample, 2)


@DATASETS.register("Two circles", shape=(2,), size=None)
def circles(
    *, inner: Annotated[float, Bounds(0.05, 0.95), Label("Inner radius")] = 0.5, noise: Noise = 0.05
) -> Target:
    r"""A circle inside another one: data with a hole, half of them on each circle.

    The density is known: a circle of radius $r$ under Gaussian noise has
    $p(x) = e^{-(|x|^2 + r^2) / 2\sigma^2} I_0(|x| r / \sigma^2) / 2\pi\sigma^2$.

    Args:
        inner: radius of the inner circle; the outer one has radius 1.
        noise: σ of the Gaussian noise around the circles.
    """
    radii = torch.tensor([1.0, inner])

    def sample(n: int, rng: torch.Generator) -> Tensor:
        angle = 2 * math.pi * torch.rand(n, generator=rng)
        radius = radii[torch.randint(2, (n,), generator=rng)]
        points = radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
        return points + noise * torch.randn(n, 2, generator=rng)

    def log_density(x: Tensor) -> Tensor:
        distance = x.double().norm(dim=1)[:, None]
        r = radii.double()
        # i0e is the Bessel function times exp(-argument), which completes the square of |x| - r.
        along = torch.special.i0e(distance * r / noise**2).log()
        each = along - (distance - r).square() / (2 * noise**2)
        return torch.logsumexp(each, 1) - math.log(2 * 2 * math.pi * noise**2)

    return Target(sample, 2, log_density=log_density)


@DATASETS.register("Swiss roll (2-D)", shape=(2,), size=None)
def swiss_roll(*, noise: Noise = 0.3) -> Target:
    """A single sheet rolled up, seen from the side: (t cos t, t sin t) for t from 1.5π to 4.5π.

    Args:
        noise: σ of the Gaussian noise around the sheet, whose windings are 2π apart.

    References: Marsland 2009, *Machine Learning: An Algorithmic Perspective*; scikit-learn's
    `make_swiss_roll` without its second coordinate.
    """

    def sample(n: int, rng: torch.Generator) -> Tensor:
        t = 1.5 * math.pi * (1 + 2 * torch.rand(n, generator=rng))
        points = t[:, None] * torch.stack([t.cos(), t.sin()], 1)
        return points + noise * torch.randn(n, 2, generator=rng)

    return Target(sample, 2)


@DATASETS.register("Checkerboard", shape=(2,), size=None)
def checkerboard(
    *,
    squares: Annotated[int, Bounds(2, 16), Label("Squares a side")] = 4,
    width: Annotated[float, Bounds(0.1, 100)] = 2.0,
) -> Target:
    """Uniform on the dark squares of a board: flat inside, nothing outside, and edges everywhere.

    Args:
        squares: squares along each side of the board; the one in the lower left corner is dark.
        width: the width of a square; the board's centre is at 0.

    References: Grathwohl et al. 2019, *FFJORD* (arXiv:1810.01367).
    """
    cells = torch.cartesian_prod(torch.arange(squares), torch.arange(squares))
    dark = cells[cells.sum(1) % 2 == 0]
    height = torch.tensor(-math.log(len(dark) * width**2), dtype=torch.float64)

    def sample(n: int, rng: torch.Generator) -> Tensor:
        cell = dark[torch.randint(len(dark), (n,), generator=rng)]
        # On an edge, rounding to float32 could carry a point into a square of density 0.
        within = torch.rand(n, 2, generator=rng).clamp_(1e-5, 1 - 1e-5)
        return (cell + within - squares / 2) * width

    def log_density(x: Tensor) -> Tensor:
        cell = (x.double() / width + squares / 2).floor()
        inside = ((cell >= 0) & (cell < squares)).all(1) & (cell.sum(1) % 2 == 0)
        return torch.where(inside, height, -math.inf)

    return Target(sample, 2, log_density=log_density)


@DATASETS.register("Pinwheel", shape=(2,), size=None)
def pinwheel(
    *,
    arms: Annotated[int, Bounds(1, 16)] = 5,
    rate: Annotated[float, Bounds(0, 2), Label("Bend")] = 0.25,
    radial: Annotated[Sigma, Label("Radial σ")] = 0.3,
    tangential: Annotated[Sigma, Label("Tangential σ")] = 0.1,
) -> Target:
    """Stretched Gaussians around the centre, each bent by a turn that grows with the radius.

    Args:
        arms: how many arms, evenly rotated.
        rate: how strongly they bend: the turn is rate times the exponential of the radius.
        radial: σ along an arm, whose middle is at radius 1.
        tangential: σ across it.

    References: Johnson et al. 2016 (arXiv:1603.06277).
    """

    def sample(n: int, rng: torch.Generator) -> Tensor:
        arm = torch.randint(arms, (n,), generator=rng)
        along = 1 + radial * torch.randn(n, generator=rng)
        across = tangential * torch.randn(n, generator=rng)
        angle = 2 * math.pi / arms * arm + rate * along.exp()
        cos, sin = angle.cos(), angle.sin()
        return torch.stack([along * cos - across * sin, along * sin + across * cos], 1)

    return Target(sample, 2)
