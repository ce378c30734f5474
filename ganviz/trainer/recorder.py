"""Turns the logits of iterations into history rows, a block of iterations at a time.

Statistics of 64 iterations cost about as much as those of one, so taking them together makes the
instruments nearly free.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ganviz.columns import COLUMNS, Columns
from ganviz.snapshot import History
from ganviz.trainer.halves import Scalars
from ganviz.value import batch_statistics

BLOCK = 64

_SCALARS = [COLUMNS.index(name) for name in Scalars._fields]


class Recorder:
    """Collects iterations and appends their rows to a `History`.

    An iteration's place in its block follows from its number, and a block is always reduced whole:
    the last bits of a sum depend on the shape it is taken over, and no flush may change them.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._takers: list[Callable[[Columns], None]] = []
        self._shape: torch.Size | None = None
        self._clear()

    def hand_rows_to(self, taker: Callable[[Columns], None]) -> None:
        """Let `taker` have every row that is recorded from here on, once, a block at a time."""
        self.flush()
        self._takers.append(taker)

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
        if shape != self._shape:
            # The settings are others than those of the rows before.
            self.flush()
            self._shape = shape
        place = step % BLOCK
        self._steps[place] = step
        self._real[place], self._fake[place], self._after[place] = real, fake, after
        self._scalars[place] = scalars
        if place == BLOCK - 1:
            self.flush()

    def flush(self) -> None:
        """Append the rows of what was recorded since the last flush."""
        used = [place for place, step in enumerate(self._steps) if step is not None]
        if not used:
            return
        rows = np.full((BLOCK, len(COLUMNS)), np.nan)
        if self._real[used[0]] is not None:
            statistics = batch_statistics(_stacked(self._real), _stacked(self._fake))
            for name, values in statistics._asdict().items():
                rows[:, COLUMNS.index(name)] = values.cpu().numpy()
        if any(after is not None for after in self._after):
            means = _stacked(self._after).double().sigmoid().mean(-1).cpu().numpy()
            seen = [place for place in used if self._after[place] is not None]
            rows[seen, COLUMNS.index("d_fake_after")] = means[seen]
        rows = rows[used]
        rows[:, 0] = [self._steps[place] for place in used]
        rows[:, _SCALARS] = [self._scalars[place] for place in used]
        self._history.append(rows)
        self._clear()
        for take in self._takers:
            take(Columns(rows.copy()))

    def _clear(self) -> None:
        self._steps: list[int | None] = [None] * BLOCK
        self._real: list[Tensor | None] = [None] * BLOCK
        self._fake: list[Tensor | None] = [None] * BLOCK
        self._after: list[Tensor | None] = [None] * BLOCK
        self._scalars: list[Scalars[float] | None] = [None] * BLOCK


def _stacked(logits: list[Tensor | None]) -> Tensor:
    """Shape `(BLOCK, batch)`, zeros at the places that are not in use."""
    unused = torch.zeros_like(next(row for row in logits if row is not None))
    return torch.stack([unused if row is None else row for row in logits])
