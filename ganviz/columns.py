"""Read-only tables of numbers with named columns: what a snapshot carries of anything over time."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COLUMNS = (
    "step",
    "value",
    "value_se",
    "d_term",
    "g_term",
    "d_loss",
    "g_loss",
    "penalty",
    "d_real",
    "d_fake",
    "d_fake_after",
    "acc_real",
    "acc_fake",
    "grad_norm_d",
    "grad_norm_g",
)
"""One row an iteration. `step` counts iterations from 1; V, its standard error, terms, means of D
and accuracies are of the iteration's first D batch before its update; `d_fake_after` is D's mean on
the batch of G's first update; losses, weighted penalty and gradient norms are of the last update of
either player, NaN for a frozen one."""


class Columns(Mapping[str, Array]):
    """Read-only columns of equal length.

    Args:
        rows: shape `(n, len(names))`; it becomes read-only.
        names: of the columns.
    """

    def __init__(self, rows: Array, names: tuple[str, ...] = COLUMNS) -> None:
        rows.flags.writeable = False
        self._rows, self._names = rows, names

    @classmethod
    def empty(cls, names: tuple[str, ...]) -> "Columns":
        """No rows yet."""
        return cls(np.empty((0, len(names))), names)

    def __getitem__(self, name: str) -> Array:
        try:
            return self._rows[:, self._names.index(name)]
        except ValueError:
            raise KeyError(f"no column {name!r}; there are {', '.join(self._names)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._rows)
