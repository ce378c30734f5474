"""How a CSV file is written: its encoding, separator and header, found from its first lines."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from ganviz.datasets.base import DataError

_HEAD_BYTES = 1 << 20
_LINES = 50

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

MISSING = ("", "na", "nan", "n/a", "#n/a", "null", "none", "?", "-")
"""What stands for a missing value, in small letters."""


@dataclass(frozen=True)
class Format:
    """How to read the file; without a header the columns are called 1, 2, and so on.

    `skip` lines come before the data, and of the first data rows the longest has `width` fields.
    """

    encoding: str
    separator: str
    decimal: str
    names: tuple[str, ...]
    header: bool
    skip: int
    width: int
    notes: tuple[str, ...]


def detect(path: Path) -> Format:
    """Find out how the file at `path` is written.

    Raises:
        DataError: if it is no text, or its lines cannot be told apart.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    cut = len(head) == _HEAD_BYTES
    encoding = _encoding(path, head, cut)
    text = head.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if cut and len(lines) == 1:
        raise DataError(f"{path.name} has no end of line in its first million bytes: is it a CSV?")
    lines = lines[:-1] if cut else lines
    blank = next((k for k, line in enumerate(lines) if line.strip()), None)
    if blank is None:
        raise DataError(f"{path.name} has no lines of text")
    lines = [line for line in lines[blank:] if line.strip()][:_LINES]
    separator = max(",;\t", key=lambda mark: _fit(lines, mark))
    rows = _parsed(lines, separator)
    decimal = _decimal(rows, separator)
    first = [cell.strip() for cell in rows[0]]
    header = not _all_numbers(first, decimal)
    names = _distinct(first) if header else tuple(str(k) for k in range(1, len(first) + 1))
    notes = []
    if encoding == "cp1252":
        notes.append(f"{path.name} is not UTF-8, so it was read as Windows-1252.")
    if not header:
        notes.append("The first line holds numbers, so it was read as data.")
    skip = blank + 1 if header else 0
    width = max(len(row) for row in rows)
    return Format(encoding, separator, decimal, names, header, skip, width, tuple(notes))


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is a number, where `decimal` is the decimal mark."""
    try:
        float(cell.replace(decimal, ".") if decimal != "." else cell)
    except ValueError:
        return False
    return "_" not in cell  # which Python takes in 1_000, and CSV readers do not


def _encoding(path: Path, head: bytes, cut: bool) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    if head.startswith(b"PK\x03\x04"):
        raise DataError(f"{path.name} is a spreadsheet or a zip: save the table as CSV first")
    if b"\0" in head:
        raise DataError(f"{path.name} is no text file: save the table as CSV first")
    # The end of what was read may have cut a character in two.
    whole = head[: head.rfind(b"\n") + 1] if cut else head
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _parsed(lines: list[str], separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    except csv.Error as error:
        raise DataError(f"its first lines cannot be read: {error}") from None


def _fit(lines: list[str], separator: str) -> tuple[float, float, int]:
    """How well a separator explains the lines, so that the largest of several is the right one.

    Lines as long as the first and numbers among the cells, as shares, then the fields of a line:
    `1,5;2,5` is two numbers with decimal commas rather than three cells that hold `5;2`.
    """
    rows = _parsed(lines, separator)
    fields = len(rows[0])
    if fields == 1:
        return 0.0, 0.0, 1
    cells = [cell.strip() for row in rows for cell in row]
    numbers = sum(is_number(cell, _decimal(rows, separator)) for cell in cells)
    alike = sum(len(row) == fields for row in rows)
    return alike / len(rows), numbers / len(cells), fields


def _decimal(rows: list[list[str]], separator: str) -> str:
    if separator == ",":
        return "."
    cells = [cell.strip() for row in rows for cell in row]
    commas = sum(re.fullmatch(r"[-+]?\d*,\d+([eE][-+]?\d+)?", cell) is not None for cell in cells)
    points = sum(re.fullmatch(r"[-+]?\d*\.\d+([eE][-+]?\d+)?", cell) is not None for cell in cells)
    return "," if commas > points else "."


def _all_numbers(cells: list[str], decimal: str) -> bool:
    filled = [cell for cell in cells if cell.lower() not in MISSING]
    return bool(filled) and all(is_number(cell, decimal) for cell in filled)


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Blank names become `column 3`, and the second `x` becomes `x (2)`."""
    distinct: list[str] = []
    for k, name in enumerate(names, 1):
        name = name or f"column {k}"
        again = 1 + sum(name == other.strip() for other in names[: k - 1])
        distinct.append(name if again == 1 else f"{name} ({again})")
    return tuple(distinct)
