"""Mixtures of Gaussians: their modes, σ and density are known exactly."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

import torch
from torch import Tensor

from ganviz.datasets.base import DATASETS, DataError, Modes, Std
from ganviz.datasets.mixture_table import read_table
from ganviz.registry import Bounds, Label
from ganviz.say import Text
from ganviz.target import Target

_PROJECTION_SEED = 0


@DATASETS.register("Ring of Gaussians", shape=(2,), size=None)
def ring(
    *, modes: Modes = 8, radius: Annotated[float, Bounds(0.1, 100)] = 1.0, std: Std = 0.01
) -> Target:
    """Equal Gaussians evenly spaced on a circle: the classic test of mode collapse.

    Args:
        modes: how many Gaussians.
        radius: the circle's radius.
        std: σ of each Gaussian.

    References: Metz et al. 2017 (arXiv:1611.02163); σ and radius as Srivastava et al. 2017
    (arXiv:1705.07761).
    """
    angle = torch.arange(modes) * (2 * math.pi / modes)
    return _equal_gaussians(radius * torch.stack([angle.cos(), angle.sin()], 1), std)


@DATASETS.register("Grid of Gaussians", shape=(2,), size=None)
def grid(
    *,
    side: Annotated[int, Bounds(1, 10), Label("Modes a side")] = 5,
    spacing: Annotated[float, Bounds(0.1, 100)] = 2.0,
    std: Std = 0.05,
) -> Target:
    """Equal Gaussians on a square grid: many modes, so G must spread its samples.

    Args:
        side: Gaussians along each side; side² in all.
        spacing: the distance between neighbours.
        std: σ of each Gaussian.

    References: Srivastava et al. 2017 (arXiv:1705.07761).
    """
    line = (torch.arange(side) - (side - 1) / 2) * spacing
    return _equal_gaussians(torch.cartesian_prod(line, line), std)


@DATASETS.register("One Gaussian (1-D)", shape=(1,), size=None)
def gaussian(*, mean: Annotated[float, Bounds(-100, 100)] = 0.0, std: Std = 1.0) -> Target:
    """A single normal distribution on a line: the smallest game, with D and densities as curves.

    Args:
        mean: its centre.
        std: σ.
    """
    return _equal_gaussians(torch.tensor([[mean]]), std)


@DATASETS.register("Mixture of Gaussians (1-D)", shape=(1,), size=None)
def mixture(
    *, modes: Modes = 3, spacing: Annotated[float, Bounds(0.1, 100)] = 4.0, std: Std = 0.5
) -> Target:
    """Equal Gaussians in a row on a line: mode collapse that can be seen in one dimension.

    Args:
        modes: how many Gaussians.
        spacing: the distance between neighbours.
        std: σ of each Gaussian.
    """
    centres = (torch.arange(modes) - (modes - 1) / 2) * spacing
    return _equal_gaussians(centres[:, None], std)


@DATASETS.register("Spiral of Gaussians", shape=(2,), size=None)
def gaussian_spiral(
    *, modes: Modes = 16, turns: Annotated[float, Bounds(0.25, 4)] = 2.0, std: Std = 0.02
) -> Target:
    """Equal Gaussians along a spiral that ends at radius 1: modes both near the centre and far out.

    Radius and angle grow together, as the square root of a mode's number, which makes the way from
    each mode to the next about the same.

    Args:
        modes: how many Gaussians.
        turns: full turns of the spiral.
        std: σ of each Gaussian.
    """
    radius = (torch.arange(1, modes + 1) / modes).sqrt()
    angle = 2 * math.pi * turns * radius
    return _equal_gaussians(radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1), std)


def _dim_of(options: Mapping[str, Any]) -> tuple[int]:
    return (options["dim"],)


@DATASETS.register("Ring of Gaussians in many dimensions", shape=_dim_of, size=None)
def projected_ring(
    *, dim: Annotated[int, Bounds(3, 256), Label("Dimensions")] = 32, std: Std = 0.02
) -> Target:
    r"""Eight equal Gaussians on a bent ring, turned into a space of many dimensions.

    The ring is $(\cos a, \sin a, \frac12 \cos 2a)$, which fills three dimensions. A fixed random
    orthonormal map carries it into `dim` dimensions and keeps every distance; the noise around the
    centres is as strong in all of them.

    Args:
        dim: dimensions of a sample.
        std: σ of each Gaussian, along every axis.
    """
    angle = torch.arange(8, dtype=torch.float64) * (math.pi / 4)
    centres = torch.stack([angle.cos(), angle.sin(), (2 * angle).cos() / 2], 1)
    return _equal_gaussians((centres @ _orthonormal(dim)).float(), std)


def _orthonormal(dim: int) -> Tensor:
    """Three orthonormal rows, the same ones each time, shape `(3, dim)`."""
    rng = torch.Generator().manual_seed(_PROJECTION_SEED)
    q, r = torch.linalg.qr(torch.randn(dim, 3, generator=rng, dtype=torch.float64))
    # Machines differ in the signs of a QR decomposition; a positive diagonal leaves only one.
    rows: Tensor = (q * r.diagonal().sign()).T
    return rows


def _table_shape(options: Mapping[str, Any]) -> tuple[int] | None:
    try:
        return (read_table(options["table"]).centres.shape[1],)
    except DataError:
        return None


def _table_complaint(options: Mapping[str, Any]) -> tuple[str, Text] | None:
    try:
        read_table(options["table"])
    except DataError as error:
        return "table", error.message
    return None


@DATASETS.register("Your own mixture", shape=_table_shape, size=None, complaint=_table_complaint)
def table(
    *,
    table: Annotated[
        str, Label("Gaussians, one a line")
    ] = "-2, 0, 1, 0.3\n2, 0, 2, 0.4\n0, 3, 4, 0.6",
) -> Target:
    """Gaussians of your own, on a line or in the plane, each with its own weight and σ.

    Args:
        table: one Gaussian a line: x, weight, sigma on a line, or x, y, weight, sigma in the plane.
            Commas or blanks separate the numbers, and a semicolon may end a line. Weights count
            relative to their sum.

    Raises:
        DataError: if the table cannot be read; the message names the line.
    """
    centres, weights, stds = read_table(table)
    return _gaussians(centres, weights / weights.sum(), stds)


def _equal_gaussians(centres: Tensor, std: float) -> Target:
    """Gaussians of equal weight and equal isotropic σ at `centres`, shape `(modes, dim)`."""
    modes, dim = centres.shape

    def sample(n: int, rng: torch.Generator) -> Tensor:
        which = torch.randint(modes, (n,), generator=rng)
        return torch.randn(n, dim, generator=rng).mul_(std).add_(centres[which])

    def log_density(x: Tensor) -> Tensor:
        squared = (x.double()[:, None] - centres.double()).square().sum(-1)
        constant = math.log(modes) + dim * math.log(std * math.sqrt(2 * math.pi))
        return torch.logsumexp(-squared / (2 * std**2), 1) - constant

    return Target(sample, dim, log_density=log_density, modes=centres, mode_std=std)


def _gaussians(centres: Tensor, weights: Tensor, stds: Tensor) -> Target:
    """Gaussians of any weights (their sum is 1) and isotropic σ, float64 of shape `(modes,)`."""
    dim = centres.shape[1]
    places = centres.float()

    def sample(n: int, rng: torch.Generator) -> Tensor:
        which = torch.multinomial(weights, n, replacement=True, generator=rng)
        noise = torch.randn(n, dim, generator=rng)
        return noise.mul_(stds.float()[which, None]).add_(places[which])

    def log_density(x: Tensor) -> Tensor:
        squared = (x.double()[:, None] - centres).square().sum(-1)
        peaks = weights.log() - dim * (stds * math.sqrt(2 * math.pi)).log()
        return torch.logsumexp(peaks - squared / (2 * stds**2), 1)

    same = bool((stds == stds[0]).all())
    mode_std = stds[0].item() if same else stds.float()
    return Target(sample, dim, log_density=log_density, modes=places, mode_std=mode_std)
