"""MNIST and Fashion-MNIST, downloaded from OpenML once and then read from scikit-learn's folder."""

from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganviz.datasets.base import DATASETS, DataError, Remembered
from ganviz.datasets.samplers import without_repetition
from ganviz.say import _
from ganviz.target import Target

MNIST_TRAINING = 60_000
"""Of the 70,000 images of either set, those that training may see: the usual split."""

_SIDE, _BORDER = 28, 2


@dataclass(frozen=True)
class Source:
    """A set of 28×28 images on OpenML, the training images first."""

    title: str
    name: str
    images: int
    training: int


MNIST = Source("MNIST", "mnist_784", 70_000, MNIST_TRAINING)
FASHION_MNIST = Source("Fashion-MNIST", "Fashion-MNIST", 70_000, MNIST_TRAINING)


@DATASETS.register(
    "MNIST (32×32)",
    shape=(1, 32, 32),
    size=MNIST_TRAINING,
    needs="download",
    download=130,
)
def mnist() -> Target:
    """70,000 handwritten digits, 10,000 of them held out, with grey pixels in [0, 1].

    The 28×28 images have a black border of 2 pixels, so that convolutions can halve them 5 times.
    The first use downloads up to 130 MB from openml.org into scikit-learn's data folder; later ones
    need no network. Each batch is drawn without repetition.

    References: LeCun et al. 1998, *Gradient-based learning applied to document recognition*;
    openml.org/d/554.
    """
    return target_of(MNIST)


@DATASETS.register(
    "Fashion-MNIST (32×32)",
    shape=(1, 32, 32),
    size=MNIST_TRAINING,
    needs="download",
    download=160,
)
def fashion_mnist() -> Target:
    """70,000 pictures of clothes, 10,000 of them held out, with grey pixels in [0, 1].

    The 28×28 images have a black border of 2 pixels, so that convolutions can halve them 5 times.
    The first use downloads up to 160 MB from openml.org into scikit-learn's data folder; later ones
    need no network. Each batch is drawn without repetition.

    References: Xiao et al. 2017 (arXiv:1708.07747); openml.org/d/40996.
    """
    return target_of(FASHION_MNIST)


def target_of(source: Source) -> Target:
    """The images of `source`, the usual test images held out.

    Raises:
        DataError: if they are not on this machine and cannot be downloaded, or are damaged.
    """
    images = fetched(source)
    training = without_repetition(images[: source.training])
    return Target(
        training,
        (1, _SIDE + 2 * _BORDER, _SIDE + 2 * _BORDER),
        shift=0.5,
        scale=0.5,
        held_out=without_repetition(images[source.training :]),
        size=source.training,
        distinct=training,
        held_out_size=source.images - source.training,
    )


def _fetch(source: Source) -> Tensor:
    """All images of `source` as bytes, shape `(n, 1, 32, 32)`."""
    from sklearn.datasets import get_data_home  # slow to import, for these sets alone

    folder = get_data_home()
    pixels = _pixels(source, folder)
    if pixels.shape != (source.images, _SIDE * _SIDE):
        raise DataError(
            _(
                "{title} should be {n:,} images of {side}×{side}, and what openml.org sent has "
                "shape {shape}. Delete the folder openml in {folder} and try again.",
                title=source.title,
                n=source.images,
                side=_SIDE,
                shape=str(pixels.shape),
                folder=folder,
            )
        )
    images = torch.from_numpy(pixels.astype(np.uint8)).reshape(-1, 1, _SIDE, _SIDE)
    return torch.nn.functional.pad(images, (_BORDER,) * 4)


def _pixels(source: Source, folder: str) -> NDArray[Any]:
    """What openml.org sends, or `folder` has of it, a row an image."""
    from sklearn.datasets import fetch_openml

    try:
        bunch = fetch_openml(
            source.name,
            version=1,
            as_frame=False,
            parser="pandas",  # the other parser takes minutes and gigabytes
            # scikit-learn 1.9 reads the classes as categories, and fails on pandas 3.1 where these
            # are whole numbers (its issue 34892); it then downloads everything once more.
            read_csv_kwargs={"dtype": dict.fromkeys(range(_SIDE * _SIDE), "float32")},
            n_retries=1,
        )
    except (OSError, HTTPException) as error:
        raise DataError(
            _(
                "{title} is not on this machine, and openml.org cannot be reached ({why}). Connect "
                "the machine to the internet and try again, or copy the folder {folder} from a "
                "machine on which it was used before.",
                title=source.title,
                why=str(error),
                folder=folder,
            )
        ) from None
    except ValueError as error:
        raise DataError(
            _(
                "{title} cannot be read from {folder} ({why}). Delete the folder openml in it and "
                "try again.",
                title=source.title,
                folder=folder,
                why=str(error),
            )
        ) from None
    return np.asarray(bunch.data)


fetched = Remembered(_fetch, entries=2)
