"""Metrics of images: distances in the features of a small classifier, and what repeats the data."""

from typing import NamedTuple

import torch
from torch import Tensor

from ganviz.quality.base import METRICS, PAIRS, Evaluation, Reference, enough, not_negative
from ganviz.quality.draws import training
from ganviz.quality.features import rows
from ganviz.target import Target

MOST_TRAINING = 5_000
"""Training images that samples are compared with, at most."""


def images(target: Target) -> bool:
    """Whether samples are images, and enough are held out to measure them against."""
    return len(target.shape) == 3 and enough(target)


def finite_images(target: Target) -> bool:
    """Whether samples are images, of which training sees so many and others are held out."""
    return images(target) and target.size is not None and target.held_out is not None


class Moments(NamedTuple):
    """Mean and covariance of points, the latter as `C = root.T @ root`."""

    mean: Tensor
    root: Tensor

    @classmethod
    def of(cls, points: Tensor) -> "Moments":
        """Of points of shape `(n, dim)`, at least two; the covariance divides by n - 1."""
        mean = points.mean(0)
        away = points - mean
        values, vectors = torch.linalg.eigh(away.T @ away / (len(points) - 1))
        return cls(mean, values.clamp_min(0).sqrt()[:, None] * vectors.T)

    def distance(self, other: "Moments") -> float:
        """The squared Wasserstein-2 distance of the Gaussians with these moments."""
        # tr (A B)^½ is the sum of the singular values of A^½ B^½: no root of a product that
        # rounding has made asymmetric, and none of an eigenvalue that it has made negative.
        overlap = torch.linalg.svdvals(self.root @ other.root.T).sum()
        spread = self.root.square().sum() + other.root.square().sum() - 2 * overlap
        return float((self.mean - other.mean).square().sum() + spread)


def frechet_distance(x: Tensor, y: Tensor) -> float:
    r"""The Fréchet distance of two sets of points: of the Gaussians that have their moments.

    $$\|\mu_x - \mu_y\|^2 + \mathrm{tr}\big(C_x + C_y - 2 (C_x C_y)^{1/2}\big)$$

    For points of one distribution it is above 0: about $D(D + 5)/2n$ for two sets of n from a
    Gaussian in D dimensions.

    Args:
        x: shape `(m, dim)`, at least two points; calculated in float64.
        y: shape `(n, dim)`, at least two.

    Raises:
        ValueError: if the shapes are others.

    References: Dowson & Landau 1982; Heusel et al. 2017,
    [arXiv:1706.08500](https://arxiv.org/abs/1706.08500)
    """
    _check(x, y)
    return Moments.of(x.double()).distance(Moments.of(y.double()))


def kernel_distance(x: Tensor, y: Tensor) -> float:
    r"""The unbiased squared MMD of two sets of points under $k(a, b) = (a \cdot b / D + 1)^3$.

    $$\frac{\sum_{i \neq j} k(x_i, x_j)}{m(m - 1)} + \frac{\sum_{i \neq j} k(y_i, y_j)}{n(n - 1)}
    - \frac{2}{mn} \sum_{ij} k(x_i, y_j)$$

    0 in the mean for points of one distribution, whatever their number; single values may lie
    below 0.

    Args:
        x: shape `(m, dim)`, at least two points; calculated in float64.
        y: shape `(n, dim)`, at least two.

    Raises:
        ValueError: if the shapes are others.

    References: Bińkowski et al. 2018. [arXiv:1801.01401](https://arxiv.org/abs/1801.01401)
    """
    _check(x, y)
    x, y = x.double(), y.double()
    return _within(x) + _within(y) - 2 * _kernel(x, y).mean().item()


def _check(x: Tensor, y: Tensor) -> None:
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        shapes = f"{tuple(x.shape)} and {tuple(y.shape)}"
        raise ValueError(f"x and y must be at least two points of the same dim, got {shapes}")


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    return (x @ y.T / x.shape[1] + 1) ** 3


def _within(x: Tensor) -> float:
    """The mean of the kernel over pairs of different points."""
    kernel = _kernel(x, x)
    n = len(x)
    return ((kernel.sum() - kernel.diagonal().sum()) / (n * (n - 1))).item()


def _all_rows(samples: Tensor, some: Tensor) -> Tensor:
    """The features of all samples, from those of the first `PAIRS`; float64."""
    return torch.cat([some, rows(samples[PAIRS:])])


def _real_moments(reference: Reference) -> Moments:
    return Moments.of(_all_rows(reference.real, reference.some))


@METRICS.register(
    "Fréchet distance (features)",
    applies=images,
    within=not_negative,
    best="low",
    short="Fréchet",
    place=9,
)
def frechet(evaluation: Evaluation) -> float:
    r"""How far mean and covariance of the samples' features are from those of the data.

    $$\|\mu_r - \mu_g\|^2 + \mathrm{tr}\big(C_r + C_g - 2 (C_r C_g)^{1/2}\big)$$

    From 0 upwards, in squared units of the features, of which a dimension has variance 1 on average
    over the digits. The formula of the FID, on features of a classifier of 8×8 digits: compare it
    with its floor and with other runs on the same data, never with a published FID.

    References: Heusel et al. 2017. [arXiv:1706.08500](https://arxiv.org/abs/1706.08500)
    """
    real: Moments = evaluation.reference.once("moments", _real_moments)
    return real.distance(Moments.of(_all_rows(evaluation.samples, evaluation.some)))


@METRICS.register(
    "Kernel distance KID (features)", applies=images, best="low", short="KID", place=10
)
def kid_(evaluation: Evaluation) -> float:
    r"""The squared MMD of samples and data under $k(a, b) = (a \cdot b / D + 1)^3$ on features.

    $$E\,k(r, r') + E\,k(g, g') - 2\,E\,k(r, g)$$

    Unbiased: near 0 for samples like data, at any number of them, and now and then below 0. In
    units of the kernel. The features are a digit classifier's, so it is no published KID. Of more
    than 1,000 samples it takes the first 1,000.

    References: Bińkowski et al. 2018. [arXiv:1801.01401](https://arxiv.org/abs/1801.01401)
    """
    real = evaluation.reference.some
    within: float = evaluation.reference.once("kernel", lambda it: _within(it.some))
    return within + _within(evaluation.some) - 2 * _kernel(real, evaluation.some).mean().item()


@METRICS.register(
    "Distance to the nearest training image",
    applies=finite_images,
    within=not_negative,
    best="floor",
    floor_draws="held_out",
    short="nearest training",
    place=12,
)
def nearest_training(evaluation: Evaluation) -> float:
    r"""How far a sample is, on average, from the training image that it is most like.

    $$\frac1n \sum_j \min_i \|G(z_j) - x_i\|_2$$

    From 0 upwards, in the units of a pixel, over all pixels; 0 where G emits training images. Its
    floor is that of new data, which training has not seen: below it G memorises, above it G
    paints what nobody has drawn. Of a large set 5,000 training images stand for all.

    References: the check of Goodfellow et al. 2014, section 5, in one number.
    [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)
    """
    seen: Tensor = evaluation.reference.once("training", _training_rows)
    samples = evaluation.samples.flatten(1)
    nearest = torch.cdist(samples, seen).argmin(1)
    # The fast distances of all pairs cancel digits where a sample is a copy; these do not.
    return (samples - seen[nearest]).double().square().sum(1).sqrt().mean().item()


def _training_rows(reference: Reference) -> Tensor:
    size, rng = reference.target.size, torch.Generator().manual_seed(0)
    n = MOST_TRAINING if size is None else min(size, MOST_TRAINING)
    return training(reference.target, n, rng).flatten(1)
