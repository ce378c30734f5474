"""The rows of a CSV file, read in pieces, so that memory does not grow with the file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganviz.datasets.base import DataError
from ganviz.datasets.csv_cells import profile
from ganviz.datasets.csv_columns import first_data, named
from ganviz.datasets.csv_format import Format
from ganviz.datasets.csv_marks import Decimal, decimal_marks
from ganviz.datasets.csv_missing import Floats, far_off
from ganviz.datasets.csv_pieces import NO_MARK, first_rows, pieces
from ganviz.datasets.csv_reader import Reader
from ganviz.datasets.csv_text import TableText
from ganviz.say import Message, _, _n, listed
from ganviz.store.data import shown

MAX_ROWS = 200_000
"""Of a longer file, this many rows are kept."""


@dataclass(frozen=True)
class Rows:
    """Float64 `values` of shape `(rows, columns)` in the order of the file, and what was done."""

    names: tuple[str, ...]
    values: Tensor
    notes: tuple[Message, ...]


def read_rows(
    path: Path, form: Format, columns: str, decimal: Decimal = "auto", missing: str = ""
) -> Rows:
    """Read one or two columns.

    Args:
        path: of the file.
        form: how it is written.
        columns: names or numbers of columns; empty: the first ones that hold data.
        decimal: the decimal mark; "auto" finds it.
        missing: values that stand for missing ones, beside the usual ones.

    Raises:
        DataError: if a column is missing, holds text or an infinite number, or nothing is left.
    """
    notes = list(form.notes)
    picked = named(columns, form.names)
    head = first_rows(path, form)
    profiles = [profile(head[k]) for k in range(len(form.names))]
    if not picked:
        picked, said = first_data(shown(path), form, head, profiles)
        notes += said
    marks, said = decimal_marks(path, form, head, profiles, picked, decimal)
    notes += said
    readers = [
        Reader(form, k, mark, profiles[k].unit, missing)
        for k, mark in zip(picked, marks, strict=True)
    ]
    kept, total, left_out = _Kept(), 0, 0
    mark = marks[0] if len(set(marks)) == 1 else NO_MARK
    with TableText(path, form) as text:
        for piece in pieces(path, form, text, picked, mark):
            values = np.stack([reader.numbers(piece[reader.place]) for reader in readers], 1)
            whole = ~np.isnan(values).any(1)
            total += len(values)
            left_out += len(values) - int(whole.sum())
            kept.add(values[whole])
    chosen = tuple(form.names[k] for k in picked)
    if left_out == total:
        raise DataError(
            _("no row has a number in every chosen column ({names})", names=listed(chosen))
        )
    notes += [*_skipped(text), *_not_found(readers)]
    for reader, column in zip(readers, kept.values.T, strict=True):
        notes += [*reader.notes(), *_looks_missing(reader.name, column)]
    notes += _left_out(left_out, total)
    return Rows(chosen, torch.from_numpy(kept.values), tuple(notes))


class _Kept:
    """A random subset of at most `MAX_ROWS` rows of a stream, each as likely as any other.

    Every row is given a random key, and those with the smallest keys stay.
    """

    def __init__(self) -> None:
        self._rng = torch.Generator().manual_seed(0)
        self._parts: list[tuple[Floats, Floats]] = []

    def add(self, rows: Floats) -> None:
        keys = torch.rand(len(rows), generator=self._rng, dtype=torch.float64).numpy()
        self._parts.append((rows, keys))
        if sum(len(keys) for _, keys in self._parts) > MAX_ROWS:
            values, keys = (np.concatenate(part) for part in zip(*self._parts, strict=True))
            chosen = np.sort(np.argpartition(keys, MAX_ROWS)[:MAX_ROWS])
            self._parts = [(values[chosen], keys[chosen])]

    @property
    def values(self) -> Floats:
        return np.concatenate([values for values, _ in self._parts])


def _skipped(text: TableText) -> list[Message]:
    """What was left out of the file on the way to its rows."""
    notes = []
    if n := text.comments:
        notes.append(_n("{n:,} comment (#) is skipped.", "{n:,} comments (#) are skipped.", n))
    if n := text.blanks:
        notes.append(_n("{n:,} blank line is skipped.", "{n:,} blank lines are skipped.", n))
    notes += [
        _(
            "The line {line!r} at the end is no row of the table and is skipped.",
            line=line if len(line) <= 40 else line[:37] + "...",
        )
        for line in text.footer
    ]
    return notes


def _left_out(missing: int, rows: int) -> list[Message]:
    """How many rows are not learned from."""
    notes, whole = [], rows - missing
    if missing:
        notes.append(
            _(
                "{missing:,} of {rows:,} rows have a missing value and are left out.",
                missing=missing,
                rows=rows,
            )
        )
    if whole > MAX_ROWS:
        notes.append(
            _("{kept:,} of {rows:,} rows are kept, drawn at random.", kept=MAX_ROWS, rows=whole)
        )
    return notes


def _not_found(readers: Sequence[Reader]) -> list[Message]:
    """The values that `missing` names, but that no cell holds."""
    counts = Counter[str]()
    for reader in readers:
        counts.update(reader.found)
    return [
        _("No cell is {code}, which missing names.", code=code)
        for code, n in counts.items()
        if not n
    ]


def _looks_missing(name: str, column: Floats) -> list[Message]:
    return [
        _(
            "Column {name!r} is {value:g} in {percent:.2g} % of the rows, far from all others: if "
            "that stands for a missing value, set missing to {value:g}.",
            name=name,
            value=value,
            percent=100 * share,
        )
        for value, share in far_off(column)
    ]
