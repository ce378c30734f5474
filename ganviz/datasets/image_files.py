"""Images of one's own, from a folder or a zip."""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor

from ganviz.datasets.base import DATASETS, DataError, Remembered
from ganviz.datasets.image_decoding import decoded
from ganviz.datasets.image_listing import Listing, find
from ganviz.datasets.samplers import in_rounds, split, without_repetition
from ganviz.target import Target

LEAST_IMAGES = 10

_NAMED = 3
"""How many of the files that are left out a note names."""


def _shape(options: Mapping[str, Any]) -> tuple[int, ...]:
    side = int(options["size"])
    return (3 if options["colour"] == "colour" else 1, side, side)


@DATASETS.register("Your images", shape=_shape, size=None, needs="file")
def images(
    *,
    path: str = "",
    size: Literal["8", "16", "32", "64"] = "32",
    colour: Literal["grey", "colour"] = "colour",
) -> Target:
    """Images of your own from a folder or a zip, a fifth of them held out.

    Folders in it count too. The middle square of each image is brought to one size, with pixels in
    [0, 1] and white behind what is transparent. At most 50,000 images are kept, and those that
    cannot be read are counted and left out. A batch repeats none as long as there are enough.

    Args:
        path: a folder, or a .zip, on the machine that this app runs on.
        size: pixels along each side.
        colour: one grey channel, or red, green and blue.

    Raises:
        DataError: if fewer than 10 images can be read, or the zip is unsafe; the text says why.
    """
    pixels, notes = _read(find(path), int(size), colour == "grey")
    training, held_out = split(pixels)
    return Target(
        in_rounds(training),
        (pixels.shape[1], pixels.shape[2], pixels.shape[3]),
        shift=0.5,
        scale=0.5,
        held_out=in_rounds(held_out),
        size=len(training),
        distinct=without_repetition(training),
        held_out_size=len(held_out),
        notes=notes,
    )


def _read_images(listing: Listing, size: int, grey: bool) -> tuple[Tensor, tuple[str, ...]]:
    """Bytes of shape `(n, channels, size, size)`, and what was left out."""
    good: list[Tensor] = []
    bad: dict[str, list[str]] = {}
    for name, read in listing.files():
        try:
            good.append(decoded(read(), size, grey))
        except DataError as error:
            bad.setdefault(str(error), []).append(name)
    left_out = tuple(_left_out(why, names) for why, names in bad.items())
    notes = listing.notes + left_out
    if len(good) < LEAST_IMAGES:
        raise DataError(
            " ".join(
                [
                    f"{listing.path.name} has {len(good)} images that can be read, and at least "
                    f"{LEAST_IMAGES} are needed.",
                    *notes,
                ]
            )
        )
    return torch.stack(good), notes


_read = Remembered(_read_images, entries=2)


def _left_out(why: str, names: list[str]) -> str:
    named = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{len(names):,} left out ({why}): {named}{more}."
