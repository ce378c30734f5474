"""Which modes of a mixture a generator found, and how well."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from ganviz.datasets import DATASETS
from ganviz.verify.base import CHECKS, CLOSED_FORM, Row


class ModeScore(NamedTuple):
    """What the toy tables of mode collapse report, and two numbers that say more."""

    captured: int
    """Modes that are nearest to at least one high-quality sample."""
    captured_20: int
    """Modes that are nearest to at least 20 of them."""
    high_quality: float
    """The share of samples within 3σ of their nearest mode; 1 - e^-4.5 for a perfect 2-D G."""
    reverse_kl: float
    """KL of the histogram of nearest modes from the uniform one, in nats; (K - 1) / 2n is noise."""


def mode_score(samples: Tensor, centres: Tensor, std: float | Tensor) -> ModeScore:
    r"""Score samples against equal Gaussian modes.

    $$\mathrm{KL}_{\mathrm{rev}} = \sum_k h_k \ln(K h_k)$$

    with h_k the share of all samples whose nearest mode is k.

    Args:
        samples: shape `(n, dim)`, in the data's own units.
        centres: shape `(modes, dim)`.
        std: σ of each mode along every axis; shape `(modes,)` where they are not all equal.

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
    squared = (samples.double()[:, None] - centres.double()).square().sum(-1)
    distance, nearest = squared.min(1)
    modes = len(centres)
    reach = 3 * torch.as_tensor(std, dtype=torch.float64).expand(modes)[nearest]
    good = distance <= reach.square()
    hits = torch.bincount(nearest[good], minlength=modes)
    share = torch.bincount(nearest, minlength=modes).double() / len(samples)
    return ModeScore(
        captured=int((hits >= 1).sum()),
        captured_20=int((hits >= 20).sum()),
        high_quality=good.double().mean().item(),
        reverse_kl=torch.xlogy(share, share * modes).sum().item(),
    )


@CHECKS.register("The mode scorer on true samples", quick=True)
def true_samples() -> Iterator[Row]:
    """2,500 samples of the data themselves: every mode, 1 - e^-4.5 within 3σ, no divergence."""
    n, perfect = 2_500, 1 - math.exp(-4.5)
    for name in ("ring", "grid"):
        target = DATASETS[name].fn()
        assert target.modes is not None
        assert target.mode_std is not None
        drawn = target.sample(n, torch.Generator().manual_seed(0))
        score, modes = mode_score(drawn, target.modes, target.mode_std), len(target.modes)
        yield Row(f"{name}: share within 3σ", CLOSED_FORM, perfect, score.high_quality, 0.007)
        yield Row(f"{name}: modes captured", CLOSED_FORM, modes, score.captured, 0)
        yield Row(f"{name}: modes with 20 samples", CLOSED_FORM, modes, score.captured_20, 0)
        noise = (modes - 1) / (2 * n)
        # 2n KL is chi-square of K - 1 degrees: its standard deviation is √(2 (K - 1)).
        spread = 4 * math.sqrt(2 * (modes - 1)) / (2 * n)
        yield Row(f"{name}: reverse KL is noise", CLOSED_FORM, noise, score.reverse_kl, spread)
