"""The data that G learns. Each function's keywords are the options that a person may set.

Facts: `shape`, of one sample; `size`, how many training samples exist (None: as many as you like).
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Annotated

import torch
from torch import Tensor

from ganviz.registry import Bounds, Entry, Registry
from ganviz.target import Sampler, Target

Dataset = Callable[..., Target]

DATASETS: Registry[Dataset, Entry[Dataset]] = Registry("dataset")

DIGITS_TRAINING = 1437
"""Of scikit-learn's 1,797 digits, those that training may see; the other 360 are held out."""

Std = Annotated[float, Bounds(1e-3, 10, log=True)]
Modes = Annotated[int, Bounds(1, 64)]


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
    side: Annotated[int, Bounds(1, 10)] = 5,
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


@DATASETS.register("Two moons", shape=(2,), size=None)
def moons(*, noise: Std = 0.05) -> Target:
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
    noise: Std = 0.03,
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


@DATASETS.register("Handwritten digits (8×8)", shape=(1, 8, 8), size=DIGITS_TRAINING)
def digits() -> Target:
    """1,797 real handwritten digits of 8×8 grey pixels in [0, 1], a fifth of them held out.

    Each batch is drawn without repetition from the 1,437 training images; the split never changes.

    References: Alpaydin & Kaynak 1998, *Optical Recognition of Handwritten Digits*, UCI; the copy
    that scikit-learn ships.
    """
    images = _digit_images()
    return Target(
        _without_repetition(images[:DIGITS_TRAINING]),
        (1, 8, 8),
        shift=0.5,
        scale=0.5,
        held_out=_without_repetition(images[DIGITS_TRAINING:]),
    )


@cache
def _digit_images() -> Tensor:
    from sklearn.datasets import load_digits  # costs a second to import, for this dataset alone

    pixels = torch.as_tensor(load_digits().images, dtype=torch.float32) / 16
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    return pixels[order].unsqueeze(1)


def _without_repetition(images: Tensor) -> Sampler:
    def sample(n: int, rng: torch.Generator) -> Tensor:
        if n > len(images):
            raise ValueError(f"asked for {n} different images of {len(images)}")
        return images[torch.randperm(len(images), generator=rng)[:n]]

    return sample


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
