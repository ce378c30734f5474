"""A table's rows through pandas: its first ones as text, or all of them piece by piece."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from ganviz.datasets.base import DataError, unreadable
from ganviz.datasets.csv_cells import MISSING
from ganviz.datasets.csv_format import Format
from ganviz.datasets.csv_separator import SPACES
from ganviz.datasets.csv_text import TableText
from ganviz.say import Message, _
from ganviz.store.data import shown

NO_MARK = "\x1e"
"""A decimal mark that no number has: what has a point or a comma stays text."""

_PIECE, _PIECE_CELLS = 100_000, 2_000_000
_HEAD_ROWS, _HEAD_CELLS = 1000, 50_000

_SPELLINGS = sorted({s for word in MISSING for s in (word, word.upper(), word.title())} | {"NaN"})


def first_rows(path: Path, form: Format) -> pd.DataFrame:
    """The cells of the first rows as they are written.

    Raises:
        DataError: if the file cannot be read, or has no rows.
    """
    rows = min(_HEAD_ROWS, max(100, _HEAD_CELLS // len(form.names)))
    with _reading(path), TableText(path, form) as text:
        head: pd.DataFrame = pd.read_csv(
            text,
            nrows=rows,
            dtype=str,
            keep_default_na=False,
            usecols=[str(k) for k in range(len(form.names))],
            **_arguments(form),
        )
    if head.empty:
        raise DataError(_("{file} has no rows below its header", file=shown(path)))
    return head.rename(columns=int)


def pieces(
    path: Path, form: Format, text: TableText, places: Sequence[int], decimal: str
) -> Iterator[pd.DataFrame]:
    """The columns at `places`, piece by piece: as numbers where all cells of a piece are plain
    ones with this decimal mark, else as text; NaN where a cell is empty.

    Raises:
        DataError: if a row has more cells than the header, so that a number with a comma in it
            would be read as two; or fewer, where spaces separate and nothing tells which one lacks.
    """
    surplus, last = len(form.names), len(form.names) - 1
    spaces = form.separator == SPACES
    used = [str(k) for k in sorted({*places, last, surplus})]
    spellings = _SPELLINGS if spaces else ["", *_SPELLINGS]
    with (
        _reading(path),
        pd.read_csv(
            text,
            chunksize=min(_PIECE, max(1000, _PIECE_CELLS // len(form.names))),
            decimal=decimal,
            keep_default_na=False,
            na_values=dict.fromkeys(used, spellings) | {str(surplus): [""]},
            usecols=used,
            low_memory=False,
            **_arguments(form),
        ) as parts,
    ):
        for part in parts:
            piece = part.rename(columns=int)
            longer = piece[surplus].notna()
            if longer.any():
                raise DataError(
                    _(
                        "{row} has more fields than the first line; is a separator inside a number "
                        "or a text?",
                        row=row_name(piece.index[longer][0], form),
                    )
                )
            shorter = piece[last].eq("")
            if spaces and shorter.any():
                raise DataError(
                    _(
                        "{row} has fewer fields than the first line: write NA where a value is "
                        "missing",
                        row=row_name(piece.index[shorter][0], form),
                    )
                )
            yield piece[list(places)]


def row_name(index: int, form: Format) -> Message:
    """Which row it is, as a part of a sentence."""
    if form.header:
        return _("row {number:,} below the header", number=index + 1)
    return _("row {number:,}", number=index + 1)


def _arguments(form: Format) -> dict[str, Any]:
    """How pandas is to read the text, whose first line numbers the columns and one more."""
    return {"sep": form.separator, "header": 0, "index_col": False, "skipinitialspace": True}


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except OSError as error:
        raise unreadable(shown(path), error) from None
    except ValueError as error:
        raise DataError(
            _("{file} cannot be read as CSV: {why}", file=shown(path), why=str(error))
        ) from None
