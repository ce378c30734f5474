"""A mixture of Gaussians written as a table of text: one line a Gaussian."""

import math
import re
from typing import NamedTuple

import torch
from torch import Tensor

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
        ValueError: if there is no line or more than 256, or one cannot be read; it is named.

    >>> read_table("-1 0.33 0.255; 2 0.67 2").centres.tolist()
    [[-1.0], [2.0]]
    """
    rows: list[list[float]] = []
    for number, line in enumerate(re.split(r"[;\n]", text), 1):
        if not line.strip():
            continue
        if len(rows) == MAX_LINES:
            raise ValueError(f"line {number}: at most {MAX_LINES} Gaussians can be given")
        try:
            rows.append(_row(line.strip(), len(rows[0]) if rows else None))
        except ValueError as error:
            raise ValueError(f"line {number} ({_short(line.strip())}): {error}") from None
    if not rows:
        raise ValueError("the table is empty: write one Gaussian a line, such as 0, 1, 0.5")
    numbers = torch.tensor(rows, dtype=torch.float64)
    return MixtureTable(numbers[:, :-2], numbers[:, -2], numbers[:, -1])


def _row(line: str, width: int | None) -> list[float]:
    cells = re.split(r"\s*,\s*|\s+", line)
    if len(cells) not in _COLUMNS:
        raise ValueError(
            f"must hold x, weight, sigma or x, y, weight, sigma; got {len(cells)} of them"
        )
    if width and len(cells) != width:
        raise ValueError(f"has {len(cells)} numbers where the lines above have {width}")
    return [_number(name, cell) for name, cell in zip(_COLUMNS[len(cells)], cells, strict=True)]


def _number(name: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise ValueError(f"{name} must be a number, got {_short(cell)}") from None
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {cell}")
    if name in ("weight", "sigma"):
        if value <= 0:
            raise ValueError(f"{name} must be above 0, got {value:g}")
        if value < _SMALLEST:
            raise ValueError(f"{name} must be at least {_SMALLEST:g}, got {value:g}")
    if abs(value) > _LARGEST:
        raise ValueError(f"{name} must be at most {_LARGEST:,.0f} in size, got {value:g}")
    return value


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")
