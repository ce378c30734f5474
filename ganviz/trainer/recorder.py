"""Turns the logits of iterations into history rows, a block of iterations at a time.

Statistics of 64 iterations cost about as much as those of one, so taking them together makes the
instruments nearly free.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ganviz.columns import COLUMNS, Columns
from ganviz.snapshot import History
from ganviz.trainer.halves import Scalars
from ganviz.value import batch_statistics

BLOCK = 64

_SCALARS = [COLUMNS.index(name) for name in Scalars._fields]


Taker = Callable[[Columns], None]


class _Block:
    """What waits to become rows, each iteration at its place."""

    def __init__(self) -> None:
        self.steps: list[int | None] = [None] * BLOCK
        self.real: list[Tensor | None] = [None] * BLOCK
        self.fake: list[Tensor | None] = [None] * BLOCK
        self.after: list[Tensor | None] = [None] * BLOCK
        self.scalars: list[Scalars[float] | None] = [None] * BLOCK
        self.closed = False
        """Its rows are being handed on: it takes no further iteration."""
        self.told: list[Taker] = []
        """Who has them."""


class Recorder:
    """Collects iterations and appends their rows to a `History`.

    An iteration's place in its block follows from its number, and a block is always reduced whole:
    the last bits of a sum depend on the shape it is taken over, and no flush may change them.

    What an interrupt leaves half handed on, the next flush hands on to the rest.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._takers: list[Taker] = []
        self._shape: torch.Size | None = None
        self._block = _Block()

    def hand_rows_to(self, taker: Taker) -> Callable[[], None]:
        """Let `taker` have every row that is recorded from here on, once, a block at a time.

        Returns:
            What ends that; of what is recorded by then it has only what was handed on.
        """
        self.flush()
        self._takers.append(taker)
        return partial(self._takers.remove, taker)

    def record(
        self,
        step: int,
        real: Tensor | None,
        fake: Tensor | None,
        after: Tensor | None,
        scalars: Scalars[float],
    ) -> None:
        """One iteration: logits of shape `(batch,)`, None where there are none (a frozen G has no
        `after`; a critic without a probe has none at all)."""
        shape = None if real is None else real.shape
        if shape != self._shape or self._block.closed:
            # The settings are others than those of the rows before, or a flush was interrupted.
            self.flush()
            self._shape = shape
        place, block = step % BLOCK, self._block
        block.real[place], block.fake[place], block.after[place] = real, fake, after
        block.scalars[place], block.steps[place] = scalars, step
        if place == BLOCK - 1:
            self.flush()

    def flush(self) -> None:
        """Append the rows of what was recorded since the last flush."""
        block = self._block
        used = [place for place, step in enumerate(block.steps) if step is not None]
        if not used:
            return
        block.closed = True
        rows = np.full((BLOCK, len(COLUMNS)), np.nan)
        if block.real[used[0]] is not None:
            statistics = batch_statistics(_stacked(block.real), _stacked(block.fake))
            for name, values in statistics._asdict().items():
                rows[:, COLUMNS.index(name)] = values.cpu().numpy()
        if any(after is not None for after in block.after):
            means = _stacked(block.after).double().sigmoid().mean(-1).cpu().numpy()
            seen = [place for place in used if block.after[place] is not None]
            rows[seen, COLUMNS.index("d_fake_after")] = means[seen]
        rows = rows[used]
        rows[:, 0] = [block.steps[place] for place in used]
        rows[:, _SCALARS] = [block.scalars[place] for place in used]
        self._history.append(rows)
        for take in self._takers:
            if take not in block.told:
                take(Columns(rows.copy()))
                block.told.append(take)
        self._block = _Block()


def _stacked(logits: list[Tensor | None]) -> Tensor:
    """Shape `(BLOCK, batch)`, zeros at the places that are not in use."""
    unused = torch.zeros_like(next(row for row in logits if row is not None))
    return torch.stack([unused if row is None else row for row in logits])
