"""A mixture of Gaussians written as a table of text: one line a Gaussian."""

import math
import re
from typing import NamedTuple

import torch
from torch import Tensor

from ganviz.datasets.base import DataError
from ganviz.say import Message, _

MAX_LINES = 256

_LARGEST, _SMALLEST = 1e6, 1e-6
"""Samples are 32-bit floats, and squares of what is beyond would leave them."""

_COLUMNS = {3: ("x", "weight", "sigma"), 4: ("x", "y", "weight", "sigma")}


class MixtureTable(NamedTuple):
    """Centres, shape `(modes, 1 or 2)`; weights as they were written and σ, shape `(modes,)`."""

    centres: Tensor
    weights: Tensor
    stds: Tensor


def read_table(text: str) -> MixtureTable:
    """Read lines of `x [y] weight sigma`, separated by commas or blanks.

    Raises:
        DataError: if there is no line or more than 256, or one cannot be read; it is named.

    >>> read_table("-1 0.33 0.255; 2 0.67 2").centres.tolist()
    [[-1.0], [2.0]]
    """
    rows: list[list[float]] = []
    for number, line in enumerate(re.split(r"[;\n]", text), 1):
        if not line.strip():
            continue
        if len(rows) == MAX_LINES:
            raise DataError(
                _("line {line}: at most {most} Gaussians can be given", line=number, most=MAX_LINES)
            )
        try:
            rows.append(_row(line.strip(), len(rows[0]) if rows else None))
        except DataError as error:
            raise DataError(
                _(
                    "line {number} ({line!r}): {why}",
                    number=number,
                    line=_short(line.strip()),
                    why=error.message,
                )
            ) from None
    if not rows:
        raise DataError(_("the table is empty: write one Gaussian a line, such as 0, 1, 0.5"))
    numbers = torch.tensor(rows, dtype=torch.float64)
    return MixtureTable(numbers[:, :-2], numbers[:, -2], numbers[:, -1])


def _row(line: str, width: int | None) -> list[float]:
    cells = re.split(r"\s*,\s*|\s+", line)
    if len(cells) not in _COLUMNS:
        raise DataError(
            _(
                "must hold x, weight, sigma or x, y, weight, sigma; got {n} of them",
                n=len(cells),
            )
        )
    if width and len(cells) != width:
        raise DataError(
            _(
                "has {n} numbers where the lines above have {width}",
                n=len(cells),
                width=width,
            )
        )
    return [_number(name, cell) for name, cell in zip(_COLUMNS[len(cells)], cells, strict=True)]


def _number(name: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise DataError(
            _("{column} must be a number, got {cell!r}", column=name, cell=_short(cell))
        ) from None
    if not math.isfinite(value):
        raise DataError(_("{column} must be finite, got {cell}", column=name, cell=cell))
    if complaint := _complaint(name, value):
        raise DataError(complaint)
    return value


def _complaint(name: str, value: float) -> Message | None:
    """Why the column of that name cannot hold a number."""
    if name in ("weight", "sigma"):
        if value <= 0:
            return _("{column} must be above 0, got {value:g}", column=name, value=value)
        if value < _SMALLEST:
            return _(
                "{column} must be at least {least:g}, got {value:g}",
                column=name,
                least=_SMALLEST,
                value=value,
            )
    if abs(value) > _LARGEST:
        return _(
            "{column} must be at most {most:,.0f} in size, got {value:g}",
            column=name,
            most=_LARGEST,
            value=value,
        )
    return None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
