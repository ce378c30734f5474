"""The handwritten digits that come with scikit-learn."""

from functools import cache

import torch
from torch import Tensor

from ganviz.datasets.base import DATASETS
from ganviz.datasets.samplers import without_repetition
from ganviz.target import Sampler, Target

DIGITS_TRAINING = 1437
"""Of scikit-learn's 1,797 digits, those that training may see; the other 360 are held out."""


DIGITS = tuple("0123456789")


@DATASETS.register("Handwritten digits (8×8)", shape=(1, 8, 8), size=DIGITS_TRAINING)
def digits() -> Target:
    """1,797 real handwritten digits of 8×8 grey pixels in [0, 1], a fifth of them held out.

    Each batch is drawn without repetition from the 1,437 training images; the split never changes.

    References: Alpaydin & Kaynak 1998, *Optical Recognition of Handwritten Digits*, UCI; the copy
    that scikit-learn ships.
    """
    images, _ = labelled_digits()
    training = without_repetition(images[:DIGITS_TRAINING])
    return Target(
        training,
        (1, 8, 8),
        shift=0.5,
        scale=0.5,
        held_out=without_repetition(images[DIGITS_TRAINING:]),
        size=DIGITS_TRAINING,
        distinct=training,
        held_out_size=len(images) - DIGITS_TRAINING,
        classes=DIGITS,
    )


@DATASETS.register("Stacked digits (3×8×8)", shape=(3, 8, 8), size=None)
def stacked_digits() -> Target:
    """Three handwritten digits as the red, green and blue of one image: 1,000 modes.

    Each triple of classes is a mode, so that modes can be counted where each one is a real image.
    The three are drawn independently, from the 1,437 training digits only; what is held out is made
    of the other 360.

    References: Metz et al. 2017 (arXiv:1611.02163) and Srivastava et al. 2017 (arXiv:1705.07761)
    stack digits of MNIST; these are scikit-learn's of 8×8 pixels.
    """
    images, _ = labelled_digits()
    return Target(
        _stacked(images[:DIGITS_TRAINING]),
        (3, 8, 8),
        shift=0.5,
        scale=0.5,
        held_out=_stacked(images[DIGITS_TRAINING:]),
        classes=DIGITS,
    )


@cache
def labelled_digits() -> tuple[Tensor, Tensor]:
    """Images of shape `(1797, 1, 8, 8)` and their classes; the first 1,437 are for training."""
    from sklearn.datasets import load_digits  # costs a second to import, for this dataset alone

    bunch = load_digits()
    pixels = torch.as_tensor(bunch.images, dtype=torch.float32) / 16
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    return pixels[order].unsqueeze(1), torch.as_tensor(bunch.target)[order]


def _stacked(images: Tensor) -> Sampler:
    def sample(n: int, rng: torch.Generator) -> Tensor:
        return images[torch.randint(len(images), (n, 3), generator=rng)].squeeze(2)

    return sample
