"""From frames of any depth to pixels in one unit: each depth is scaled by its range in the set."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganviz.datasets.base import DataError
from ganviz.datasets.image_decoding import Frame
from ganviz.datasets.image_layouts import BYTES, Depth
from ganviz.digits import minus
from ganviz.say import Message, _

FAINT = 16
"""A set of 8 bits keeps 0 to 255 for black to white, unless all of it spans fewer levels than this:
then it holds numbers of classes or 4-bit values, which would be nearly black."""

_IMAGES: Mapping[Depth, Message] = MappingProxyType(
    {
        "8-bit": _("8-bit images"),
        "16-bit": _("16-bit images"),
        "32-bit": _("32-bit images"),
        "floating-point": _("floating-point images"),
    }
)

_LARGEST = torch.iinfo(torch.int16).max


class Range(NamedTuple):
    """Which values are black and white, in so many images of one depth."""

    images: int
    black: float
    white: float

    @property
    def flat(self) -> bool:
        """Whether there is one value alone, which is neither black nor white."""
        return self.black == self.white


def in_one_unit(frames: Sequence[Frame], channels: int) -> tuple[Tensor, tuple[Message, ...]]:
    """Black is the lowest value of all images of the same depth, and white the highest.

    Args:
        frames: at least one.
        channels: one, or three.

    Returns:
        Shape `(n, channels, size, size)`, bytes where the images are, else 16-bit numbers of which
        the largest is white; and what was done. Images of a depth that holds one value alone among
        others are left out.

    Raises:
        DataError: if all pixels of all images are the same.
    """
    ranges = _ranges(frames)
    if len(ranges) == 1 and not _varies(frames):
        raise DataError(
            _(
                "all {n:,} images are of one colour, the same in each: without contrast there is "
                "nothing to learn",
                n=len(frames),
            )
        )
    if set(ranges) == {BYTES} and ranges[BYTES].white - ranges[BYTES].black >= FAINT:
        planes = [np.broadcast_to(f.pixels, (channels, *f.pixels.shape[1:])) for f in frames]
        return torch.from_numpy(np.stack(planes)), ()
    if len(ranges) > 1 and BYTES in ranges:
        ranges[BYTES] = Range(ranges[BYTES].images, 0.0, 255.0)
    kept = [frame for frame in frames if not ranges[frame.depth].flat]
    pixels = torch.empty(len(kept), channels, *frames[0].pixels.shape[1:], dtype=torch.int16)
    for place, frame in zip(pixels, kept, strict=True):
        found = ranges[frame.depth]
        share = (frame.pixels.astype(np.float64) - found.black) / (found.white - found.black)
        place.copy_(torch.from_numpy(share * _LARGEST).round_())
    return pixels, tuple(_said(depth, found) for depth, found in ranges.items())


def _ranges(frames: Sequence[Frame]) -> dict[Depth, Range]:
    by_depth: dict[Depth, list[Frame]] = {}
    for frame in frames:
        by_depth.setdefault(frame.depth, []).append(frame)
    return {
        depth: Range(len(same), min(f.low for f in same), max(f.high for f in same))
        for depth, same in sorted(by_depth.items())
    }


def _varies(frames: Sequence[Frame]) -> bool:
    first = frames[0].pixels[:, :1, :1]
    return any((frame.pixels != first).any() for frame in frames)


def _said(depth: Depth, found: Range) -> Message:
    black, white = (minus(f"{v:,.6g}") for v in (found.black, found.white))
    n, images = found.images, _IMAGES[depth]
    if found.flat:
        return _(
            "{n:,} {images} are left out: all their values are {value}.",
            n=n,
            images=images,
            value=black,
        )
    if depth == BYTES and (found.black, found.white) == (0, 255):
        return _(
            "In {n:,} {images} {black} is black and {white} white.",
            n=n,
            images=images,
            black=black,
            white=white,
        )
    return _(
        "In {n:,} {images} {black} is black and {white} white, the range of them all.",
        n=n,
        images=images,
        black=black,
        white=white,
    )
