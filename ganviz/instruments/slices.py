"""Work that is done in slices, between which a run goes on."""

from collections.abc import Callable, Generator
from typing import TypeVar

import torch
from torch import Tensor

from ganviz.trainer.lens import Lens

SLICE_IMAGES = 64
"""Images that a network is given in a slice: those of 64×64 take it some tens of milliseconds."""

T = TypeVar("T")


def in_slices(
    lens: Lens, work: Callable[[Tensor], Tensor], inputs: Tensor
) -> Generator[float, None, Tensor]:
    """`work(inputs)`, of each by itself: of images `SLICE_IMAGES` a slice, of vectors all in one.

    Yields between two slices how much is done, in [0, 1].

    Args:
        lens: on the run.
        work: what a network does.
        inputs: samples or noise, shape `(n, ...)`.
    """
    pieces = torch.split(inputs, SLICE_IMAGES) if len(lens.target.shape) > 1 else [inputs]
    found: list[Tensor] = []
    for piece in pieces:
        if found:
            yield len(found) / len(pieces)
        found.append(work(piece))
    return torch.cat(found)


def in_one_go(slices: Generator[float, None, T]) -> T:
    """What the work comes to, all slices at once."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            found: T = end.value
            return found
