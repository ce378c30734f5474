"""Tables written as text, and what is read of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ganviz.datasets.csv_format import detect
from ganviz.datasets.csv_rows import Rows, read_rows
from tests.stand_ins import write_csv

NUMBERS = np.random.default_rng(0).normal([0, 50], [9000, 20], (30, 2)).round(2)
"""30 rows of two columns; the first is large, so that thousands are grouped, and of either sign."""


def lines(row: Callable[[int, float, float], str], above: str = "", below: str = "") -> str:
    """A file with a line for each row of `NUMBERS`: `row` of its number and its two values."""
    rows = "".join(row(k, float(x), float(y)) + "\n" for k, (x, y) in enumerate(NUMBERS))
    return above + rows + below


def plain(k: int, x: float, y: float) -> str:
    return f"{x:.2f},{y:.2f}"


def german(number: float, digits: int = 2, group: str = ".") -> str:
    """Such as 1.234,50."""
    return f"{number:_.{digits}f}".replace(".", ",").replace("_", group)


def read(
    folder: Path, text: str, columns: str = "", encoding: str = "utf-8", **options: Any
) -> Rows:
    path = Path(write_csv(folder, text, encoding))
    return read_rows(path, detect(path), columns, **options)


def is_said(rows: Rows, *words: str) -> bool:
    """Whether one note holds all these words."""
    return any(all(word in str(note) for word in words) for note in rows.notes)
