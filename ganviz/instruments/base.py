"""What an instrument is: something that measures a run in slices, whenever it is given time."""

from collections.abc import Callable, Generator, Iterator
from typing import Protocol

import torch
from torch import Tensor

from ganviz.trainer.lens import Lens

SLICE_IMAGES = 64
"""Images that a network is given in a slice: those of 64×64 take it some tens of milliseconds."""


class Instrument(Protocol):
    """Measures one thing. What it found stays on it until the next measurement is complete."""

    name: str
    """In words, for the page."""
    number: int
    """Tells its random draws from those of the others."""

    def measure(self, step: int) -> Iterator[float]:
        """Measure the run as it is at iteration `step`, which it is when the first slice runs.

        The run stands still during a slice, so it should take some hundredths of a second at most.
        Yields between slices, with how much is done, in [0, 1]. The run goes on meanwhile, so what
        the measurement is of must be copied in the first slice.
        """
        ...


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
