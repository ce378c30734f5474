"""Which modes of a mixture a generator found, how well, and in what shares."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from scipy.stats import binom
from torch import Tensor

from ganviz.quality.base import METRICS, Evaluation, a_share, distances, not_negative, vectors
from ganviz.quality.floors import COVERED
from ganviz.readings import Shares
from ganviz.target import Target

DRAWN = 100_000
"""Data that the modes' own shares are counted from: their noise is far below that of samples."""

_AT_ONCE = 4096


class ModeScore(NamedTuple):
    """What the toy tables of mode collapse report, and two numbers that say more."""

    captured: int
    """Modes that are nearest to at least one high-quality sample."""
    captured_20: int
    """Modes that are nearest to at least 20 of them."""
    high_quality: float
    """The share of samples within 3σ of their nearest mode; 1 - e^-4.5 for a perfect 2-D G."""
    reverse_kl: float
    """KL of the histogram of nearest modes from the data's, in nats; (K - 1) / 2n is noise."""


def mode_score(
    samples: Tensor, centres: Tensor, std: float | Tensor, *, shares: Tensor | None = None
) -> ModeScore:
    r"""Score samples against Gaussian modes.

    $$\mathrm{KL}_{\mathrm{rev}} = \sum_k h_k \ln(h_k / w_k)$$

    with h_k the share of all samples whose nearest mode is k, and w_k that of the data.

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
    away, nearest = _nearest(samples, centres)
    modes = len(centres)
    reach = 3 * torch.as_tensor(std, dtype=torch.float64).expand(modes)[nearest]
    good = away <= reach
    hits = torch.bincount(nearest[good], minlength=modes)
    found = torch.bincount(nearest, minlength=modes).double() / len(samples)
    equal = torch.full((modes,), 1 / modes, dtype=torch.float64)
    divergence = torch.xlogy(found, found / (equal if shares is None else shares)).sum().item()
    return ModeScore(
        captured=int((hits >= 1).sum()),
        captured_20=int((hits >= 20).sum()),
        high_quality=good.double().mean().item(),
        reverse_kl=max(0.0, divergence),  # rounding can take it below
    )


def mode_shares(samples: Tensor, target: Target) -> Shares:
    """The shares of data and of samples that are nearest to each mode.

    The range is the exact one of a binomial count among as many draws of the data. A sample that is
    not finite is in no mode.

    Args:
        samples: shape `(n, dim)`, in the data's own units.
        target: data with known modes.

    Raises:
        ValueError: if the target has no modes.
    """
    if target.modes is None:
        raise ValueError("the target has no modes")
    n, modes = len(samples), len(target.modes)
    data = data_shares(target).numpy()
    finite = samples[samples.isfinite().all(1)]
    found = torch.bincount(_nearest(finite, target.modes)[1], minlength=modes).numpy() / n
    tail = (1 - COVERED) / 2
    low, high = (binom.ppf(at, n, data) / n for at in (tail, 1 - tail))
    return Shares(
        tuple(str(k) for k in range(1, modes + 1)),
        *(np.asarray(part, dtype=np.float32) for part in (data, found, low, high)),
    )


@lru_cache(maxsize=16)
def data_shares(target: Target) -> Tensor:
    """The share of the data that is nearest to each mode, from a large draw, shape `(modes,)`.

    A mode that no point of it was nearest to counts half a point, so that no divergence is
    infinite.
    """
    assert target.modes is not None
    drawn = target.sample(DRAWN, torch.Generator().manual_seed(0))
    counts = torch.bincount(_nearest(drawn, target.modes)[1], minlength=len(target.modes)).double()
    return counts.clamp(min=0.5) / counts.clamp(min=0.5).sum()


def _nearest(samples: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """Distance to the nearest centre, and its number, each of shape `(n,)`."""
    # In pieces, as a large draw times many modes would fill the memory.
    found = [
        distances(part.double(), centres.double()).min(1) for part in torch.split(samples, _AT_ONCE)
    ]
    return torch.cat([part.values for part in found]), torch.cat([part.indices for part in found])


def has_modes(target: Target) -> bool:
    """Whether the data are vectors around known modes of known σ."""
    return vectors(target) and target.modes is not None and target.mode_std is not None


def none_to_all(target: Target) -> tuple[float, float]:
    """Of a metric that counts modes."""
    assert target.modes is not None
    return 0.0, float(len(target.modes))


def _score(evaluation: Evaluation) -> ModeScore:
    target = evaluation.target
    assert target.modes is not None
    assert target.mode_std is not None
    shares = data_shares(target)
    return mode_score(evaluation.samples, target.modes, target.mode_std, shares=shares)


def _of(evaluation: Evaluation) -> ModeScore:
    score: ModeScore = evaluation.once("modes", _score)
    return score


@METRICS.register("Modes", applies=has_modes, within=none_to_all, best="high")
def modes(evaluation: Evaluation) -> float:
    r"""Modes that at least one sample of high quality is nearest to.

    $$|\{k : \exists j\ \ |G(z_j) - c_k| \le 3 \sigma_k,\ k \text{ nearest}\}|$$

    From 0 to the number of modes. One lucky sample is enough, so it says little by itself.

    References: Srivastava et al. 2017. [arXiv:1705.07761](https://arxiv.org/abs/1705.07761)
    """
    return _of(evaluation).captured


@METRICS.register("Modes, 20 samples", applies=has_modes, within=none_to_all, best="high")
def modes_20(evaluation: Evaluation) -> float:
    r"""Modes that at least 20 samples of high quality are nearest to, which is no luck.

    $$|\{k : |\{j : |G(z_j) - c_k| \le 3 \sigma_k,\ k \text{ nearest}\}| \ge 20\}|$$

    From 0 to the number of modes, as far as the samples suffice for 20 each.

    References: the protocol of Srivastava et al. 2017, made stricter.
    [arXiv:1705.07761](https://arxiv.org/abs/1705.07761)
    """
    return _of(evaluation).captured_20


@METRICS.register("High quality", applies=has_modes, within=a_share, best="floor")
def high_quality(evaluation: Evaluation) -> float:
    r"""The share of samples within 3σ of their nearest mode.

    $$\frac1n \sum_j 1[|G(z_j) - c_{k(j)}| \le 3 \sigma_{k(j)}]$$

    From 0 to 1; data in two dimensions read 1 - e^-4.5 = 0.989, and a G that draws its modes too
    narrow reads more.

    References: Srivastava et al. 2017. [arXiv:1705.07761](https://arxiv.org/abs/1705.07761)
    """
    return _of(evaluation).high_quality


@METRICS.register("Reverse KL", applies=has_modes, within=not_negative, best="low")
def reverse_kl(evaluation: Evaluation) -> float:
    r"""Divergence of the samples' shares among the modes from the data's.

    $$\mathrm{KL}(h \| w) = \sum_k h_k \ln \frac{h_k}{w_k}$$

    From 0 upwards, in nats; h_k and w_k are the shares of samples and data whose nearest mode is k.
    Samples like data read (K - 1) / 2n in the mean, for K modes.

    References: Lin et al. 2018. [arXiv:1712.04086](https://arxiv.org/abs/1712.04086)
    """
    return _of(evaluation).reverse_kl
