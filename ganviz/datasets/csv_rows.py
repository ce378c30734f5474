"""The rows of a CSV file, read in pieces, so that memory does not grow with the file."""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

from ganviz.datasets.base import DataError
from ganviz.datasets.csv_format import MISSING, Format, is_number
from ganviz.registry import did_you_mean

MAX_ROWS = 200_000
"""Of a longer file, this many rows are kept."""

_PIECE, _PIECE_CELLS = 100_000, 2_000_000
_LOOKED_AT = 1000
_LISTED = 20

_SPELLINGS = sorted({s for word in MISSING for s in (word, word.upper(), word.title())} | {"NaN"})

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Float64 `values` of shape `(rows, columns)` in the order of the file, and what was done."""

    names: tuple[str, ...]
    values: Tensor
    notes: tuple[str, ...]


def read_rows(path: Path, form: Format, columns: str) -> Rows:
    """Read one or two columns.

    Raises:
        DataError: if a column is missing, holds text or an infinite number, or nothing is left.
    """
    notes = list(form.notes)
    picked = _named(columns, form.names)
    if not picked:
        picked = _numeric(path, form)
        listed = " and ".join(repr(form.names[k]) for k in picked)
        which = "the first columns" if len(picked) == 2 else "the only column"
        notes.append(f"Learns {which} of numbers: {listed}.")
    kept, total, missing = _Kept(), 0, 0
    for piece in _pieces(path, form, picked):
        values = np.stack([_numbers(piece, k, form) for k in picked], 1)
        whole = ~np.isnan(values).any(1)
        total += len(values)
        missing += len(values) - int(whole.sum())
        kept.add(values[whole])
    chosen = tuple(form.names[k] for k in picked)
    if not total:
        raise DataError(f"{path.name} has no rows below its header")
    if missing == total:
        raise DataError(f"no row has a number in every chosen column ({', '.join(chosen)})")
    if missing:
        notes.append(f"{missing:,} of {total:,} rows have a missing value and are left out.")
    if total - missing > MAX_ROWS:
        notes.append(f"{MAX_ROWS:,} of {total - missing:,} rows are kept, drawn at random.")
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


def _named(columns: str, names: tuple[str, ...]) -> list[int]:
    """The places of the columns that were asked for; none if nothing was."""
    asked = [columns.strip()]
    if columns.strip() not in names:
        asked = [name for part in columns.split(",") if (name := part.strip())]
    if len(asked) > 2:
        raise DataError(f"{len(asked)} columns are asked for, and at most 2 can be learned")
    places = [_place(name, names) for name in asked if name]
    if len(set(places)) < len(places):
        raise DataError(f"column {names[places[0]]!r} is asked for twice")
    return places


def _place(name: str, names: tuple[str, ...]) -> int:
    if name in names:
        return names.index(name)
    if name.isdecimal():
        if not 1 <= int(name) <= len(names):
            raise DataError(f"there is no column {name}: the file has {len(names)}")
        return int(name) - 1
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = list(dict.fromkeys([*near, *names[:_LISTED]])) if len(names) > _LISTED else names
    raise DataError(f"no column is called {name!r}; {did_you_mean(name, list(listed))}")


def _numeric(path: Path, form: Format) -> list[int]:
    """The first one or two columns that hold mostly numbers."""
    with _reading(path):
        head = pd.read_csv(
            path, nrows=_LOOKED_AT, dtype=str, keep_default_na=False, **_arguments(form)
        )
    if head.empty:
        raise DataError(f"{path.name} has no rows below its header")
    found = [k for k in range(len(form.names)) if _mostly_numbers(head[k], form.decimal)]
    if not found:
        listed = ", ".join(form.names[:_LISTED])
        raise DataError(f"{path.name} has no column of numbers; its columns are {listed}")
    return found[:2]


def _mostly_numbers(column: "pd.Series[str]", decimal: str) -> bool:
    cells = [str(cell).strip() for cell in column.dropna()]
    filled = [cell for cell in cells if cell.lower() not in MISSING]
    return bool(filled) and 2 * sum(is_number(cell, decimal) for cell in filled) > len(filled)


def _pieces(path: Path, form: Format, picked: list[int]) -> Iterator[pd.DataFrame]:
    """The picked columns, piece by piece.

    Raises:
        DataError: if a row has more fields than the first line: a number with a comma in it would
            be read as two.
    """
    rows = min(_PIECE, max(1000, _PIECE_CELLS // len(form.names)))
    with (
        _reading(path),
        pd.read_csv(
            path,
            chunksize=rows,
            decimal=form.decimal,
            na_values=_SPELLINGS,
            low_memory=False,
            **_arguments(form),
        ) as pieces,
    ):
        for piece in pieces:
            surplus = piece.loc[:, len(form.names) :].notna().any(axis=1)
            if surplus.any():
                first = piece.index[surplus][0]
                raise DataError(
                    f"row {_row(first, form)} has more fields than the first line; "
                    "is a separator inside a number or a text?"
                )
            yield piece[picked]


def _arguments(form: Format) -> dict[str, Any]:
    """How pandas is to read the file, one column more than there should be included."""
    return {
        "sep": form.separator,
        "encoding": form.encoding,
        "encoding_errors": "replace",
        "compression": None,
        "header": None,
        "skiprows": form.skip,
        "names": list(range(max(form.width, len(form.names)) + 1)),
        "index_col": False,
        "skipinitialspace": True,
    }


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except (ValueError, OSError) as error:
        raise DataError(f"{path.name} cannot be read as CSV: {error}") from None


def _numbers(piece: pd.DataFrame, place: int, form: Format) -> Floats:
    """A column as float64, NaN where a value is missing."""
    column, name = piece[place], form.names[place]
    if column.dtype.kind not in "iuf":
        texts = column.astype(str).str.strip().str.replace(form.decimal, ".")
        numbers = pd.to_numeric(texts, errors="coerce")
        bad = column.index[numbers.isna() & column.notna()]
        if len(bad):
            raise DataError(
                f"column {name!r} holds text: row {_row(bad[0], form)} is {_short(column[bad[0]])}"
            )
        column = numbers
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        at = _row(piece.index[infinite[0]], form)
        raise DataError(f"column {name!r} holds an infinite number: see row {at}")
    return values


def _row(index: int, form: Format) -> str:
    return f"{index + 1:,}" + (" below the header" if form.header else "")


def _short(cell: object) -> str:
    text = str(cell)
    return repr(text if len(text) <= 40 else text[:37] + "...")
