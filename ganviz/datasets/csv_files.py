"""One or two columns of numbers from a CSV file of any length."""

from pathlib import Path
from typing import Annotated, Literal

import torch
from torch import Tensor

from ganviz.datasets.base import DATASETS, DataError, Remembered, Upload, place_of, unreadable
from ganviz.datasets.csv_format import detect
from ganviz.datasets.csv_marks import Decimal
from ganviz.datasets.csv_rows import Rows, read_rows
from ganviz.datasets.samplers import in_rounds, split, with_repetition, without_repetition
from ganviz.registry import Label
from ganviz.say import Message, _
from ganviz.store.data import shown
from ganviz.target import Target

Standardise = Literal["each column", "together", "no"]

LEAST_ROWS = 10

_SMALLEST_SPREAD, _LARGEST_SPREAD = 1e-30, 1e30
"""Beyond these a 32-bit float loses the spread, or its inverse."""

_ROUGH = 1e-3
"""Rounding to 32 bits by more than this share of the spread is worth a sentence."""


@DATASETS.register(
    "Your CSV file",
    shape=None,
    size=None,
    needs="file",
    upload=Upload(_("Upload a CSV file"), "file", ("csv", "tsv", "txt"), 200),
)
def csv(
    *,
    file: Annotated[str, Label("Path of the file")] = "",
    columns: str = "",
    decimal: Annotated[Decimal, Label("Decimal mark")] = "auto",
    missing: Annotated[str, Label("Values for missing")] = "",
    standardise: Standardise = "each column",
) -> Target:
    """One or two columns of numbers from a file of your own, a fifth of its rows held out.

    Comma, semicolon, tab, bar or spaces separate columns. Rows with a missing value are left out;
    of more than 200,000 rows, that many are kept at random, the same ones each time. Training draws
    from its rows with replacement.

    Args:
        file: path of the file on the machine that this app runs on; what was uploaded is named by
            a hash of its content.
        columns: names, or numbers from 1, separated by a comma; empty takes the first one or two
            columns of numbers that do not just number the rows.
        decimal: whether a point or a comma is the decimal mark; "auto" finds it in the numbers, and
            says so where they leave it open.
        missing: values that stand for a missing one, such as -200, separated by a semicolon.
        standardise: bring each column to mean 0 and standard deviation 1 before the networks see
            it, or divide both by one number, which keeps angles, or leave the numbers as they are.

    Raises:
        DataError: if the file or a column cannot be used; the text says what to do.
    """
    path = _found(file)
    stat = path.stat()
    rows = _read(path, columns, decimal, missing, stat.st_mtime_ns, stat.st_size)
    return _target(rows, standardise)


def _found(file: str) -> Path:
    if not file.strip():
        raise DataError(_("no file is chosen: give the path of a CSV file"))
    try:
        path = place_of(file).resolve()
        if path.is_dir():
            raise DataError(_("{file} is a folder: give the path of a CSV file in it", file=file))
        if not path.exists():
            raise DataError(
                _("there is no file {file} on the machine that this app runs on", file=file)
            )
        if not path.is_file():
            raise DataError(_("{file} is no ordinary file", file=file))
        if not path.stat().st_size:
            raise DataError(_("{file} is empty", file=shown(path)))
        with path.open("rb"):
            return path
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise unreadable(file, error) from None


def _read_file(
    path: Path, columns: str, decimal: Decimal, missing: str, modified: int, size: int
) -> Rows:
    return read_rows(path, detect(path), columns, decimal, missing)


_read = Remembered(_read_file, entries=8)


def _target(rows: Rows, standardise: Standardise) -> Target:
    if len(rows.values) < LEAST_ROWS:
        raise DataError(
            _(
                "only {n} rows can be used, and at least {least} are needed",
                n=len(rows.values),
                least=LEAST_ROWS,
            )
        )
    kept = rows.values.float()
    training, held_out = split(kept)
    seen = training.double()
    columns = zip(rows.names, rows.values.T, seen.T, strict=True)
    rough = [_checked(name, exact, column) for name, exact, column in columns]
    shift = seen.mean(0)
    scale: float | Tensor = seen.std(0, correction=0)
    if standardise == "together" or len(rows.names) == 1:
        scale = (seen - shift).square().mean().sqrt().item()
    if standardise == "no":
        shift, scale = torch.zeros_like(shift), 1.0
    return Target(
        with_repetition(training),
        len(rows.names),
        shift=shift,
        scale=scale,
        held_out=in_rounds(held_out),
        size=len(training),
        distinct=without_repetition(training),
        held_out_size=len(held_out),
        notes=(*rows.notes, *(note for note in rough if note)),
    )


def _checked(name: str, exact: Tensor, seen: Tensor) -> Message | None:
    """A sentence where 32-bit floats are rough for a column.

    Args:
        name: of the column.
        exact: all its numbers.
        seen: those that training sees, as they were rounded.

    Raises:
        DataError: if the column does not vary, or varies too much or too little for such floats.
    """
    rounding = (exact - exact.float()).abs().max().item()
    spread = seen.std(correction=0).item()
    if complaint := _unusable(name, exact, rounding, spread):
        raise DataError(complaint)
    if rounding < _ROUGH * spread:
        return None
    return _(
        "The numbers of column {name!r} are large against their spread of {spread:.3g}: as 32-bit "
        "numbers they are off by up to {rounding:.2g}. Subtract a constant first.",
        name=name,
        spread=spread,
        rounding=rounding,
    )


def _unusable(name: str, exact: Tensor, rounding: float, spread: float) -> Message | None:
    """Why a column cannot be learnt in 32-bit floats, or None."""
    if exact.min() == exact.max():
        return _(
            "column {name!r} is {value:g} in every row, so there is nothing to learn: choose "
            "another one",
            name=name,
            value=exact[0].item(),
        )
    if not exact.float().isfinite().all():
        return _("column {name!r} holds numbers above 3.4e38: use another unit", name=name)
    if not rounding < spread:
        return _(
            "column {name!r} hardly varies among the rows that training sees, or by less than "
            "32-bit numbers can tell apart: subtract a constant from it, or choose another one",
            name=name,
        )
    if not _SMALLEST_SPREAD < spread < _LARGEST_SPREAD:
        return _(
            "column {name!r} has a spread of {spread:.3g}: use another unit",
            name=name,
            spread=spread,
        )
    return None
