"""What separates the cells of a line, found from how well each separator explains the lines."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ganviz.datasets.base import DataError
from ganviz.datasets.csv_cells import Profile, is_missing
from ganviz.datasets.csv_numerals import numeral
from ganviz.say import _

SPACES, ALONE = r"\s+", "\x1f"
"""Any run of spaces, and none at all: one cell a line."""

_CANDIDATES = (",", ";", "\t", "|", SPACES)
_TEXT_TELLS = 0.1
"""A file of words alone has a separator too."""


class Line(NamedTuple):
    """A line of the file and its number, from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Row:
    """The cells of a row, without spaces around them, and the number of its last line."""

    cells: tuple[str, ...]
    last: int

    def __len__(self) -> int:
        return len(self.cells)

    def short(self) -> str:
        """The start of what it holds, for a message."""
        text = ", ".join(cell for cell in self.cells if cell)
        return text if len(text) <= 40 else text[:37] + "..."


def rows_of(lines: Sequence[Line], separator: str) -> list[Row]:
    """The lines taken apart.

    Raises:
        DataError: if a cell is longer than any cell can be.
    """
    texts = [line.text for line in lines]
    if separator == SPACES:
        texts, separator = [re.sub(SPACES, " ", text.strip()) for text in texts], " "
    reader = csv.reader(texts, delimiter=separator, skipinitialspace=True)
    try:
        return [
            Row(
                tuple(cell.strip() for cell in cells) or ("",),
                lines[reader.line_num - 1].number,
            )
            for cells in reader
        ]
    except csv.Error as error:
        raise DataError(_("its first lines cannot be read: {why}", why=str(error))) from None


def separator_of(lines: Sequence[Line]) -> str:
    """The separator that gives most lines the same number of cells, and cells that say something.

    `1,5;2,5` is two numbers with decimal commas rather than three cells that hold `5;2`, and lines
    such as `1 234,5` below a header of one word are single numbers.
    """
    fits = {mark: _fit(rows_of(lines, mark)) for mark in _CANDIDATES}
    best = max(_CANDIDATES, key=lambda mark: (fits[mark].share, mark != SPACES, fits[mark].width))
    if not fits[best].share:
        return ","
    return ALONE if _is_alone(lines, best, fits[best]) else best


def usual_width(rows: Sequence[Row]) -> int:
    """How many cells most rows of the second half have, where there is less above the table."""
    widths = [len(row) for row in rows[len(rows) // 2 :]]
    return max(reversed(widths), key=widths.count)


class _Fit(NamedTuple):
    share: float
    told: float
    width: int


def _fit(rows: Sequence[Row]) -> _Fit:
    """The share of lines with the usual width, times that of cells that are more than words."""
    width = usual_width(rows)
    if width == 1:
        return _Fit(0.0, 0.0, 1)
    alike = sum(len(row) == width for row in rows) / len(rows)
    body = [row for row in rows[len(rows) // 2 :] if len(row) == width]
    cells = [cell for row in body for cell in row.cells if cell]
    told = sum(_tells(cell) for cell in cells) / max(1, len(cells))
    return _Fit(alike * (told + _TEXT_TELLS), told, width)


def _tells(cell: str) -> bool:
    return numeral(cell) is not None or is_missing(cell) or Profile("date").kind_of(cell) == "date"


def _is_alone(lines: Sequence[Line], best: str, fit: _Fit) -> bool:
    """Whether each line is one number, although `best` would take it apart.

    `1,05` is one below a header of one word: whole numbers have no zero in front.
    """
    numbers = [numeral(line.text) is not None for line in lines]
    body = numbers[len(numbers) // 2 :]
    if not all(body):
        return False
    if best == SPACES and fit.told < 1:
        return True
    first = numbers.index(True)
    if not first or len(rows_of(lines[first - 1 : first], best)[0]) == fit.width:
        return False
    tails = [line.text.strip().rpartition(",")[2] for line in lines[first:]]
    return any(tail[:1] == "0" != tail for tail in tails) or len(set(map(len, tails))) == 1
