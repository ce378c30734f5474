"""Which modes of a mixture a generator found, how well, and in what shares."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import gammainccinv
from torch import Tensor

from ganviz.quality.base import METRICS, Evaluation, a_share, distances, not_negative, vectors
from ganviz.quality.draws import rows_of, training
from ganviz.quality.floors import share_range
from ganviz.readings import Shares
from ganviz.target import Target

DRAWN = 100_000
"""Data that the modes' own shares are counted from: their noise is far below that of samples."""

OUTSIDE = math.exp(-4.5)
"""The share of a Gaussian in the plane that lies beyond 3σ of its centre, 0.0111."""

_AT_ONCE = 4096


@lru_cache(maxsize=256)
def mode_radius(dim: int) -> float:
    r"""The radius, in σ, that holds 1 - e^-4.5 of a Gaussian mode in so many dimensions.

    $$P(|x| \le r \sigma) = F_{\chi^2_D}(r^2) = 1 - e^{-4.5}$$

    3 in the plane, as the tables of mode collapse have it. Samples lie at about √D of their centre,
    so that in many dimensions none is within 3.

    >>> [round(mode_radius(dim), 3) for dim in (1, 2, 8, 32, 128)]
    [2.539, 3.0, 4.45, 7.283, 12.937]
    """
    return math.sqrt(2 * gammainccinv(dim / 2, OUTSIDE))


class ModeScore(NamedTuple):
    """What the toy tables of mode collapse report, and two numbers that say more."""

    captured: int
    """Modes with at least one high-quality sample."""
    captured_20: int
    """Modes with at least 20 of them."""
    high_quality: float
    """The share of samples within `mode_radius` of their mode; 1 - e^-4.5 for a perfect G."""
    reverse_kl: float
    """KL of the samples' histogram over modes from the data's, in nats; (K - 1) / 2n is noise."""


def mode_score(
    samples: Tensor, centres: Tensor, std: float | Tensor, *, shares: Tensor | None = None
) -> ModeScore:
    r"""Score samples against Gaussian modes.

    A sample is of the mode under whose Gaussian it is likeliest: the nearest one, where all are
    equally wide. It is of high quality within `mode_radius(dim)` σ of that mode's centre.

    $$\mathrm{KL}_{\mathrm{rev}} = \sum_k h_k \ln(h_k / w_k)$$

    with h_k the share of all samples that are of mode k, and w_k that of the data.

    Args:
        samples: shape `(n, dim)`, in the data's own units.
        centres: shape `(modes, dim)`.
        std: σ of each mode along every axis; shape `(modes,)` where they are not all equal.
        shares: w, shape `(modes,)`; None: all equal.

    Raises:
        ValueError: if the shapes do not fit, or there is no sample, or one is not finite.

    References: the protocol of Srivastava et al. 2017,
    [arXiv:1705.07761](https://arxiv.org/abs/1705.07761); the reverse KL of Lin et al. 2018,
    [arXiv:1712.04086](https://arxiv.org/abs/1712.04086)
    """
    if samples.ndim != 2 or centres.ndim != 2 or samples.shape[1] != centres.shape[1]:
        shapes = f"{tuple(samples.shape)} and {tuple(centres.shape)}"
        raise ValueError(f"samples and centres must be (n, dim) and (modes, dim), got {shapes}")
    if len(samples) == 0 or not samples.isfinite().all():
        raise ValueError("samples must be finite, and at least one")
    away, mode = _assigned(samples, centres, std)
    modes = len(centres)
    good = away <= mode_radius(samples.shape[1])
    hits = torch.bincount(mode[good], minlength=modes)
    found = torch.bincount(mode, minlength=modes).double() / len(samples)
    equal = torch.full((modes,), 1 / modes, dtype=torch.float64)
    divergence = torch.xlogy(found, found / (equal if shares is None else shares)).sum().item()
    return ModeScore(
        captured=int((hits >= 1).sum()),
        captured_20=int((hits >= 20).sum()),
        high_quality=good.double().mean().item(),
        reverse_kl=max(0.0, divergence),  # rounding can take it below
    )


def mode_shares(samples: Tensor, target: Target) -> Shares:
    """The shares of data and of samples that are of each mode.

    The range is the exact one of a binomial count among as many draws of the data, and of a
    beta-binomial one where the data's own shares are counted on finite data. A sample that is not
    finite is in no mode.

    Args:
        samples: shape `(n, dim)`, in the data's own units.
        target: data with known modes.

    Raises:
        ValueError: if the target has no modes.
    """
    n, modes = len(samples), len(target.centres)
    data = data_shares(target).numpy()
    found = _counts(samples[samples.isfinite().all(1)], target).numpy() / n
    low, high = share_range(n, data, None if target.size is None else _counted(target))
    return Shares(
        tuple(str(k) for k in range(1, modes + 1)),
        *(np.asarray(part, dtype=np.float32) for part in (data, found, low, high)),
    )


def data_shares(target: Target) -> Tensor:
    """The share of the data that is of each mode, from a large draw, shape `(modes,)`.

    Of finite data it is all of them, without those that are measured against. A mode that has none
    counts half a point, so that no divergence is infinite.
    """
    return target.known(_data_shares)


def _data_shares(target: Target) -> Tensor:
    drawn = training(target, _counted(target), torch.Generator().manual_seed(0))
    counts = _counts(drawn, target).double().clamp(min=0.5)
    return counts / counts.sum()


def _counted(target: Target) -> int:
    """How many data their shares are counted on."""
    rows = rows_of(target)[1]
    return DRAWN if rows is None else min(rows, DRAWN)


def _counts(samples: Tensor, target: Target) -> Tensor:
    """How many samples are of each mode, shape `(modes,)`; where no σ is known, all modes count as
    equally wide."""
    std = 1.0 if target.mode_std is None else target.mode_std
    mode = _assigned(samples, target.centres, std)[1]
    return torch.bincount(mode, minlength=len(target.centres))


def _assigned(samples: Tensor, centres: Tensor, std: float | Tensor) -> tuple[Tensor, Tensor]:
    """Distance to the centre of a sample's mode, in its σ, and the mode, each of shape `(n,)`."""
    sigma = torch.as_tensor(std, dtype=torch.float64).expand(len(centres))
    # Under a Gaussian of σ the likelihood falls with this; of equal ones the nearest is likeliest.
    wide = 2 * samples.shape[1] * sigma.log()
    found = []
    # In pieces, as a large draw times many modes would fill the memory.
    for part in torch.split(samples, _AT_ONCE):
        away = distances(part.double(), centres.double()) / sigma
        mode = (away.square() + wide).argmin(1, keepdim=True)
        found.append((away.gather(1, mode)[:, 0], mode[:, 0]))
    return torch.cat([away for away, _ in found]), torch.cat([mode for _, mode in found])


def has_modes(target: Target) -> bool:
    """Whether the data are vectors around known modes of known σ."""
    return vectors(target) and target.modes is not None and target.mode_std is not None


def none_to_all(target: Target) -> tuple[float, float]:
    """Of a metric that counts modes."""
    return 0.0, float(len(target.centres))


def _score(evaluation: Evaluation) -> ModeScore:
    target = evaluation.target
    return mode_score(evaluation.samples, *target.mixture, shares=data_shares(target))


def _of(evaluation: Evaluation) -> ModeScore:
    score: ModeScore = evaluation.once("modes", _score)
    return score


@METRICS.register(
    "Modes", applies=has_modes, within=none_to_all, best="high", short="modes", place=5
)
def modes(evaluation: Evaluation) -> float:
    r"""Modes that have at least one sample of high quality.

    $$|\{k : \exists j\ \ k(j) = k,\ |G(z_j) - c_k| \le r_D \sigma_k\}|$$

    k(j) is the mode under which the sample is likeliest, the nearest where all are equally wide,
    and r_D holds 0.989 of a mode in D dimensions: 3 in the plane, 7.3 in 32. From 0 to the number
    of modes. One lucky sample is enough, so it says little by itself.

    References: Srivastava et al. 2017. [arXiv:1705.07761](https://arxiv.org/abs/1705.07761)
    """
    return _of(evaluation).captured


@METRICS.register(
    "Modes, 20 samples", applies=has_modes, within=none_to_all, best="high", short="modes, 20 each"
)
def modes_20(evaluation: Evaluation) -> float:
    r"""Modes that have at least 20 samples of high quality, which is no luck.

    $$|\{k : |\{j : k(j) = k,\ |G(z_j) - c_k| \le r_D \sigma_k\}| \ge 20\}|$$

    From 0 to the number of modes, as far as the samples suffice for 20 each.

    References: the protocol of Srivastava et al. 2017, made stricter.
    [arXiv:1705.07761](https://arxiv.org/abs/1705.07761)
    """
    return _of(evaluation).captured_20


@METRICS.register(
    "High quality",
    applies=has_modes,
    within=a_share,
    each=True,
    best="floor",
    short="high quality",
    place=6,
)
def high_quality(evaluation: Evaluation) -> float:
    r"""The share of samples that lie where their mode has 1 - e^-4.5 of its data.

    $$\frac1n \sum_j 1[|G(z_j) - c_{k(j)}| \le r_D \sigma_{k(j)}], \quad
    r_D^2 = F^{-1}_{\chi^2_D}(1 - e^{-4.5})$$

    From 0 to 1; data read 0.989 in any number of dimensions D, and a G that draws its modes too
    narrow reads more. r_D is 2.5 on a line, 3 in the plane, 7.3 in 32 dimensions.

    References: Srivastava et al. 2017. [arXiv:1705.07761](https://arxiv.org/abs/1705.07761)
    """
    return _of(evaluation).high_quality


@METRICS.register(
    "Reverse KL",
    applies=has_modes,
    within=not_negative,
    best="low",
    short="reverse KL, nats",
    place=4,
)
def reverse_kl(evaluation: Evaluation) -> float:
    r"""Divergence of the samples' shares among the modes from the data's.

    $$\mathrm{KL}(h \| w) = \sum_k h_k \ln \frac{h_k}{w_k}$$

    From 0 upwards, in nats; h_k and w_k are the shares of samples and data that are of mode k.
    Samples like data read (K - 1) / 2n in the mean, for K modes.

    References: Lin et al. 2018. [arXiv:1712.04086](https://arxiv.org/abs/1712.04086)
    """
    return _of(evaluation).reverse_kl
