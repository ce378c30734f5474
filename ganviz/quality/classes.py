"""Metrics of images of digits: how often each class is shown."""

from math import log

import torch
from torch import Tensor

from ganviz.quality.base import METRICS, Evaluation, Reference, not_negative, reference_for
from ganviz.quality.features import CLASSES, classify
from ganviz.quality.floors import share_range
from ganviz.quality.images import images
from ganviz.readings import Shares
from ganviz.target import Target

COUNTED = 5_000
"""Training images, at most, that the data's own shares are counted on."""


def classed(target: Target) -> bool:
    """Whether samples are images of digits."""
    return images(target) and target.classes is not None


def of_classes(_: Target) -> tuple[float, float]:
    """Of an entropy of ten classes."""
    return 0.0, log(CLASSES)


def counts_of(samples: Tensor) -> Tensor:
    """How many channels of all samples show each class, shape `(10,)`, float64."""
    return torch.bincount(classify(samples).flatten(), minlength=CLASSES).double()


def data_shares(target: Target) -> Tensor:
    """The share of each class in the training data, shape `(10,)`, float64.

    All of the data, or 5,000 draws where there are more. Half a count is added to each class, so
    that one which does not occur keeps logarithms finite.
    """
    n = COUNTED if target.size is None else min(target.size, COUNTED)
    counts = counts_of(target.sample(n, torch.Generator().manual_seed(0))) + 0.5
    return counts / counts.sum()


def class_shares(samples: Tensor, target: Target) -> Shares:
    """How samples are shared out among the classes, beside the data and their noise.

    Channels count one by one, so that a colour image of three digits counts three times. `low` and
    `high` are quantiles of the binomial distribution: the share of a class in as many data; of the
    beta-binomial one where the data's own shares are counted on finite data.

    Args:
        samples: shape `(n, *target.shape)`, at least 10, in the data's own units.
        target: one that states `classes`.

    Raises:
        ValueError: if the target states none.
    """
    if target.classes is None:
        raise ValueError("the target states no classes")
    reference = reference_for(target, len(samples))
    data, counts = _data(reference), counts_of(samples)
    n, size = int(counts.sum()), target.size
    counted = None if size is None else min(size, COUNTED) * target.shape[0]
    low, high = share_range(n, data.numpy(), counted)
    return Shares(
        target.classes,
        data.float().numpy(),
        (counts / n).float().numpy(),
        low.astype("float32"),
        high.astype("float32"),
    )


def _data(reference: Reference) -> Tensor:
    shares: Tensor = reference.once("class_shares", lambda it: data_shares(it.target))
    return shares


def _fakes(evaluation: Evaluation) -> Tensor:
    counts: Tensor = evaluation.once("class_counts", lambda it: counts_of(it.samples))
    return counts / counts.sum()


@METRICS.register(
    "KL of the class histogram",
    applies=classed,
    within=not_negative,
    best="low",
    short="class KL, nats",
    place=11,
)
def class_kl(evaluation: Evaluation) -> float:
    r"""How far the samples' histogram over the ten classes is from that of the data.

    $$\mathrm{KL}(\hat q \| \hat p) = \sum_c \hat q_c \ln \frac{\hat q_c}{\hat p_c}$$

    From 0 to about ln 10 = 2.30 nats, where one class is all that is shown. A small classifier
    names the classes, each channel of a colour image by itself: what is no digit is counted too.
    For samples like data about $9/2n$, n the number of channels.

    References: Srivastava et al. 2017, VEEGAN, for the modes of stacked digits.
    [arXiv:1705.07761](https://arxiv.org/abs/1705.07761)
    """
    share = _fakes(evaluation)
    return torch.xlogy(share, share / _data(evaluation.reference)).sum().item()


@METRICS.register(
    "Entropy of the class histogram",
    applies=classed,
    within=of_classes,
    best="floor",
    short="class entropy",
)
def class_entropy(evaluation: Evaluation) -> float:
    r"""How evenly the samples are spread over the ten classes, as a classifier names them.

    $$-\sum_c \hat q_c \ln \hat q_c$$

    From 0 nats, for a single class, to ln 10 = 2.30, for all ten alike.

    References: the marginal half of the inception score, Salimans et al. 2016.
    [arXiv:1606.03498](https://arxiv.org/abs/1606.03498)
    """
    return float(torch.special.entr(_fakes(evaluation)).sum())
