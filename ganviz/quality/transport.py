"""Wasserstein distances: how far, and how much, samples must be moved to become the data."""

import functools

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganviz.quality.base import METRICS, Evaluation, not_negative, vectors

Array = NDArray[np.float64]

DIRECTIONS = 64
"""Directions to slice along, at least; in one dimension there is only one."""

MOVED = 500
"""Points of either side that exact transport is solved for."""


@METRICS.register("Sliced W1", applies=vectors, within=not_negative, best="low", short="sliced W1")
def sliced_w1(evaluation: Evaluation) -> float:
    r"""Mean Wasserstein-1 distance of samples and data, seen along many directions.

    $$SW_1 = \frac1L \sum_l W_1(u_l \cdot x,\ u_l \cdot G(z))$$

    From 0 upwards, in the data's units. The directions are fixed and uniform on the sphere.

    References: Kolouri et al. 2019. [arXiv:1902.00434](https://arxiv.org/abs/1902.00434)
    """
    return _of_lines(*_lines(evaluation), 1)


@METRICS.register(
    "Sliced W2", applies=vectors, within=not_negative, best="low", short="sliced W2", place=7
)
def sliced_w2(evaluation: Evaluation) -> float:
    r"""Root mean square of the Wasserstein-2 distances of samples and data along many directions.

    $$SW_2 = \sqrt{\frac1L \sum_l W_2^2(u_l \cdot x,\ u_l \cdot G(z))}$$

    From 0 upwards, in the data's units. Data of D dimensions that are shifted by d read d/√D.

    References: Deshpande, Zhang & Schwing 2018.
    [arXiv:1803.11188](https://arxiv.org/abs/1803.11188)
    """
    return _of_lines(*_lines(evaluation), 2)


@METRICS.register("Exact W2", applies=vectors, within=not_negative, best="low", short="exact W2")
def exact_w2(evaluation: Evaluation) -> float:
    r"""Wasserstein-2 distance of 500 samples and 500 points of data, by the best transport plan.

    $$W_2 = \min_{\pi} \sqrt{\sum_{ij} \pi_{ij}\, |x_i - G(z_j)|^2}$$

    From 0 upwards, in the data's units. Its floor is high, as 500 points differ from 500 others.

    References: Peyré & Cuturi 2018, *Computational optimal transport*.
    [arXiv:1803.00567](https://arxiv.org/abs/1803.00567)
    """
    return _best_plan(evaluation.real_fake[:MOVED, :MOVED], 2)


def sliced_distance(x: Tensor, y: Tensor, order: int) -> float:
    r"""Sliced Wasserstein distance of two sets of points, of any sizes.

    $$SW_p = \Big(\frac1L \sum_l W_p^p(u_l \cdot x, u_l \cdot y)\Big)^{1/p}$$

    The directions come in orthonormal frames, so that a shift by d gives d/√D exactly for p = 2.

    Args:
        x: shape `(m, dim)`.
        y: shape `(n, dim)`.
        order: p, at least 1.

    References: orthogonal directions, Rowland et al. 2019.
    [arXiv:1903.03784](https://arxiv.org/abs/1903.03784)
    """
    return _of_lines(_sorted_lines(x), _sorted_lines(y), order)


def exact_distance(x: Tensor, y: Tensor, order: int) -> float:
    r"""Wasserstein distance of two sets of points, of any sizes, by the best transport plan.

    $$W_p = \Big(\min_{\pi} \sum_{ij} \pi_{ij}\, |x_i - y_j|^p\Big)^{1/p}$$

    Args:
        x: shape `(m, dim)`.
        y: shape `(n, dim)`; a plan for 1,000 by 1,000 takes a tenth of a second, and its time grows
            faster than the square.
        order: p, at least 1.
    """
    apart = torch.cdist(x.double(), y.double(), compute_mode="donot_use_mm_for_euclid_dist")
    return _best_plan(apart, order)


def _best_plan(apart: Tensor, order: int) -> float:
    import ot  # takes half a second or more to import, and few need it

    costs = apart.pow(order).numpy()
    equal = [np.full(k, 1 / k) for k in costs.shape]
    return float(float(ot.emd2(*equal, costs)) ** (1 / order))


def _lines(evaluation: Evaluation) -> tuple[Array, Array]:
    reference = evaluation.reference
    real = reference.once("lines", lambda it: _sorted_lines(it.real))
    return real, evaluation.once("lines", lambda it: _sorted_lines(it.samples))


def _sorted_lines(x: Tensor) -> Array:
    """Points `(n, dim)` along each direction, in order, shape `(directions, n)`."""
    return np.sort(_directions(x.shape[1]) @ x.double().numpy().T, axis=1)


@functools.cache
def _directions(dim: int) -> Array:
    """Unit vectors, shape `(directions, dim)`: whole orthonormal frames, each turned at random."""
    if dim == 1:
        return np.ones((1, 1))
    rng = np.random.default_rng(0)
    frames = -(-DIRECTIONS // dim)
    return np.concatenate([np.linalg.qr(rng.normal(size=(dim, dim)))[0] for _ in range(frames)])


def _of_lines(x: Array, y: Array, order: int) -> float:
    """The sliced distance of sorted projections, from the areas between their quantiles."""
    m, n = x.shape[1], y.shape[1]
    # Where either quantile function steps, in units of 1 / (m n).
    steps = np.union1d(np.arange(m + 1) * n, np.arange(n + 1) * m)
    at = steps[:-1]
    between = np.abs(x[:, at // n] - y[:, at // m]) ** order
    mean = float((between @ np.diff(steps)).mean()) / (m * n)
    return float(mean ** (1 / order))
