"""Precision, recall, density and coverage: whether samples lie where data lie, and all over it.

Vectors are compared as they are, images by the features of `ganviz.quality.features`.
"""

from typing import NamedTuple

import numpy as np
from torch import Tensor

from ganviz.quality.base import METRICS, Evaluation, a_share, distances, enough, not_negative

NEAREST = 5
"""k: a point's ball ends at its k-th nearest neighbour of the same kind."""


class Neighbourhoods(NamedTuple):
    """What the balls around data and samples hold of each other, with real and fake as sets."""

    precision: float
    recall: float
    density: float
    coverage: float


def neighbourhoods(real: Tensor, fake: Tensor, k: int = NEAREST) -> Neighbourhoods:
    r"""Precision, recall, density and coverage of two sets of points.

    $B(a)$ is the open ball around a point that reaches to its k-th nearest neighbour in its own
    set, of m real points x or n fakes y:

    $$\text{precision} = \frac1n \sum_j 1[y_j \in \bigcup_i B(x_i)], \quad
    \text{recall} = \frac1m \sum_i 1[x_i \in \bigcup_j B(y_j)]$$
    $$\text{density} = \frac{1}{kn} \sum_{ij} 1[y_j \in B(x_i)], \quad
    \text{coverage} = \frac1m \sum_i 1[\exists j: y_j \in B(x_i)]$$

    Args:
        real: shape `(m, dim)`, m above k.
        fake: shape `(n, dim)`, n above k.
        k: at least 1.

    Raises:
        ValueError: if a set has no k-th neighbour.

    References: Kynkäänniemi et al. 2019, [arXiv:1904.06991](https://arxiv.org/abs/1904.06991);
    Naeem et al. 2020, [arXiv:2002.09797](https://arxiv.org/abs/2002.09797).
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"k = {k} neighbours need more points than {len(real)} and {len(fake)}")
    real, fake = real.double(), fake.double()
    radii = [radii_of(distances(points, points), k) for points in (real, fake)]
    return within(distances(real, fake), radii[0], radii[1], k)


def radii_of(apart: Tensor, k: int = NEAREST) -> Tensor:
    """Each point's distance to its k-th nearest neighbour, from all distances, shape `(n,)`."""
    # A point is the first of its own neighbours.
    return apart.topk(k + 1, dim=1, largest=False).values[:, -1]


def within(apart: Tensor, real: Tensor, fake: Tensor, k: int = NEAREST) -> Neighbourhoods:
    """`neighbourhoods` from distances `(m, n)` and the radii of both sets, `(m,)` and `(n,)`."""
    in_real, in_fake = (apart < real[:, None]).numpy(), (apart < fake).numpy()
    return Neighbourhoods(
        precision=float(in_real.any(0).mean()),
        recall=float(in_fake.any(1).mean()),
        density=np.count_nonzero(in_real) / (k * len(fake)),
        coverage=float(in_real.any(1).mean()),
    )


def _neighbourhoods(evaluation: Evaluation) -> Neighbourhoods:
    real = evaluation.reference.once("radii", lambda it: radii_of(it.real_real))
    return within(evaluation.real_fake, real, radii_of(evaluation.fake_fake))


def _of(evaluation: Evaluation) -> Neighbourhoods:
    found: Neighbourhoods = evaluation.once("neighbourhoods", _neighbourhoods)
    return found


@METRICS.register(
    "Precision", applies=enough, within=a_share, each=True, best="floor", short="precision", place=3
)
def precision(evaluation: Evaluation) -> float:
    r"""Are samples realistic: the share of them that lies in the ball of some point of data.

    $$\frac1n \sum_j 1\Big[G(z_j) \in \bigcup_i B(x_i)\Big]$$

    From 0 to 1; B(x) reaches to the fifth nearest point of data. Samples like data read nearly 1 in
    two dimensions and only 0.73 in 64; leaving data out does not lower it.

    References: Kynkäänniemi et al. 2019. [arXiv:1904.06991](https://arxiv.org/abs/1904.06991)
    """
    return _of(evaluation).precision


@METRICS.register("Recall", applies=enough, within=a_share, best="high", short="recall", place=13)
def recall(evaluation: Evaluation) -> float:
    r"""Could G have made the data: the share of them that lies in the ball of some sample.

    $$\frac1m \sum_i 1\Big[x_i \in \bigcup_j B(G(z_j))\Big]$$

    From 0 to 1; B reaches to the fifth nearest sample. One stray sample with a large ball can raise
    it; coverage cannot be fooled that way.

    References: Kynkäänniemi et al. 2019. [arXiv:1904.06991](https://arxiv.org/abs/1904.06991)
    """
    return _of(evaluation).recall


@METRICS.register("Density", applies=enough, within=not_negative, best="floor", short="density")
def density(evaluation: Evaluation) -> float:
    r"""Are samples where data are dense: how many balls of data one lies in, over k = 5.

    $$\frac{1}{kn} \sum_j \sum_i 1[G(z_j) \in B(x_i)]$$

    From 0 upwards, 1 in the mean for samples like data, and above it where G keeps to the dense
    parts.

    References: Naeem et al. 2020. [arXiv:2002.09797](https://arxiv.org/abs/2002.09797)
    """
    return _of(evaluation).density


@METRICS.register(
    "Coverage", applies=enough, within=a_share, best="high", short="coverage", place=2
)
def coverage(evaluation: Evaluation) -> float:
    r"""Is anything left out: the share of data whose ball holds a sample.

    $$\frac1m \sum_i 1[\exists j: G(z_j) \in B(x_i)]$$

    From 0 to 1, 1 - 2^-k = 0.969 in the mean for samples like data with k = 5, and as many of them.
    In many dimensions the middle of a single Gaussian lies in every ball: a G that has collapsed
    there covers all, and recall, 0, and density, far above 1, tell it.

    References: Naeem et al. 2020. [arXiv:2002.09797](https://arxiv.org/abs/2002.09797)
    """
    return _of(evaluation).coverage
