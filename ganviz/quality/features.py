"""What a small classifier of handwritten digits sees in images: features, and a class.

The weights lie beside this module in `digits.npz`; `python -m bench.digits_classifier --write`
makes them from the training digits alone.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import (
    adaptive_avg_pool2d,
    conv2d,
    interpolate,
    leaky_relu,
    linear,
    max_pool2d,
    relu,
)

FILE = Path(__file__).with_name("digits.npz")

SIDE = 8
"""Height and width of what the classifier looks at."""

CLASSES = 10

WIDTH = 32
"""Features of one channel."""

_PIECE = 2048


class Weights(NamedTuple):
    """The classifier: two 3×3 convolutions, a maximum over 2×2, a hidden layer, ten logits."""

    conv_1: Tensor
    conv_1_bias: Tensor
    conv_2: Tensor
    conv_2_bias: Tensor
    hidden: Tensor
    hidden_bias: Tensor
    out: Tensor
    out_bias: Tensor

    def features(self, digits: Tensor) -> Tensor:
        """Outputs of the hidden layer for `digits` of shape `(n, 1, 8, 8)`: `(n, WIDTH)`."""
        x = relu(conv2d(digits, self.conv_1, self.conv_1_bias, padding=1))
        x = relu(conv2d(x, self.conv_2, self.conv_2_bias, padding=1))
        x = linear(max_pool2d(x, 2).flatten(1), self.hidden, self.hidden_bias)
        return leaky_relu(x, 0.2)

    def logits(self, features: Tensor) -> Tensor:
        """Logits of the ten classes, shape `(n, 10)`."""
        return linear(features, self.out, self.out_bias)


@cache
def shipped() -> Weights:
    """The weights of the file, as float32."""
    with np.load(FILE, allow_pickle=False) as arrays:
        return Weights(*(torch.from_numpy(arrays[name]).float() for name in Weights._fields))


def features(images: Tensor) -> Tensor:
    """The classifier's penultimate layer on each channel of images of any size.

    Every channel is seen on its own, as one grey image: what is larger than 8×8 is averaged over
    areas, what is smaller is enlarged bilinearly. The features of the channels are put one behind
    the other. They were learned on digits with pixels in [0, 1], on which their variance is 1 on
    average over the 32; of other pictures they tell strokes and blobs, and no more than that.

    Args:
        images: shape `(n, channels, height, width)`, pixels in [0, 1].

    Returns:
        Shape `(n, 32 * channels)`, float32.

    Raises:
        ValueError: if `images` has another number of axes.
    """
    seen = [shipped().features(piece) for piece in torch.split(_digits(images), _PIECE)]
    return torch.cat(seen).reshape(len(images), WIDTH * images.shape[1])


def rows(samples: Tensor) -> Tensor:
    """Vectors as they are, images by their features: shape `(n, values)`, float64."""
    return (features(samples) if samples.ndim == 4 else samples).double()


def classify(images: Tensor) -> Tensor:
    """The digit that each channel shows most likely, shape `(n, channels)`, whole numbers 0 to 9.

    Args:
        images: shape `(n, channels, height, width)`, pixels in [0, 1]; see `features`.
    """
    seen = features(images).reshape(-1, WIDTH)
    return shipped().logits(seen).argmax(1).reshape(images.shape[:2])


def _digits(images: Tensor) -> Tensor:
    """Each channel as one image of 8×8, shape `(n * channels, 1, 8, 8)`."""
    if images.ndim != 4:
        raise ValueError(f"images must be (n, channels, height, width), got {tuple(images.shape)}")
    n, colours, height, width = images.shape
    channels = images.detach().float().reshape(n * colours, 1, height, width)
    if min(height, width) < SIDE:
        enough = (max(height, SIDE), max(width, SIDE))
        channels = interpolate(channels, enough, mode="bilinear", align_corners=False)
    if channels.shape[2:] != (SIDE, SIDE):
        channels = adaptive_avg_pool2d(channels, SIDE)
    return channels
