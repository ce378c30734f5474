"""Means over a distribution on a line as sums over a grid, exact where the integrand is smooth."""

import math

import torch
from torch import Tensor

from ganviz.losses import Loss, Objective


def line(low: float, high: float, step: float) -> Tensor:
    """Grid points from `low` to `high`, both included, shape `(n,)`, float64."""
    return torch.linspace(low, high, round((high - low) / step) + 1, dtype=torch.float64)


def normal_log_density(x: Tensor, mean: float | Tensor, std: float | Tensor) -> Tensor:
    """ln of the density of N(mean, std²) at `x`, of `x`'s shape."""
    std = torch.as_tensor(std, dtype=x.dtype)
    return -(((x - mean) / std) ** 2) / 2 - std.log() - math.log(2 * math.pi) / 2


def weights(log_density: Tensor, x: Tensor) -> Tensor:
    """What each point of the evenly spaced grid `x` counts in a mean, shape `(n,)`."""
    return log_density.exp() * (x[1] - x[0])


def expected(loss: Loss, real: Tensor, p: Tensor, fake: Tensor, q: Tensor) -> Objective:
    r"""Both costs in the limit of infinite batches.

    $$L = \sum_{ij} p_i q_j\, \mathrm{loss}(s_i, t_j)$$

    The loss is asked about one data point and one sample at a time, so it must be a mean over such
    pairs, as all are but the relativistic average.

    Args:
        loss: of the registry.
        real: critic outputs on the grid of the data, shape `(n,)`.
        p: `weights` of the data, shape `(n,)`.
        fake: critic outputs on the grid of the samples, shape `(m,)`.
        q: `weights` of the samples, shape `(m,)`.
    """

    def pair(s: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        cost = loss(s[None], t[None])
        return cost.d, cost.g

    over_fakes = torch.vmap(pair, in_dims=(None, 0))
    d, g = torch.vmap(over_fakes, in_dims=(0, None))(real, fake)
    return Objective(p @ d @ q, p @ g @ q)
