"""Whether a point or a comma is decimal: decided by proof, else said."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from ganviz.datasets.csv_cells import Profile
from ganviz.datasets.csv_format import Format
from ganviz.datasets.csv_numerals import MARKS, Evidence, Numeral, numeral
from ganviz.datasets.csv_pieces import NO_MARK, pieces
from ganviz.datasets.csv_separator import ALONE
from ganviz.datasets.csv_text import TableText
from ganviz.say import Message, _

Decimal = Literal["auto", "point", "comma"]

_EITHER = r"-?[1-9][0-9]{0,2}[.,][0-9]{3}"


def decimal_marks(
    path: Path,
    form: Format,
    head: pd.DataFrame,
    profiles: Sequence[Profile],
    picked: Sequence[int],
    decimal: Decimal,
) -> tuple[list[str], list[Message]]:
    """The decimal mark of each picked column, and what to say where nothing proves it.

    A column's own numbers decide before those of the others. Where the first rows prove nothing,
    all rows of the file are looked at.
    """
    if decimal != "auto":
        return [MARKS[decimal]] * len(picked), []
    evidence = {k: Evidence() for k, column in enumerate(profiles) if column.kind == "number"}
    evidence |= {k: Evidence() for k in picked}
    _add(evidence, head)
    if not _settled(evidence, picked):
        with TableText(path, form) as text:
            for piece in pieces(path, form, text, list(evidence), NO_MARK):
                _add(evidence, piece)
                if _settled(evidence, picked):
                    break
    together = _together(evidence)
    marks, notes = [], []
    for k in picked:
        own = evidence[k]
        mark = own.mark or together.mark or (_guess(own, form.separator) if own.either else ".")
        if own.either and not (own.mark or together.proven):
            notes.append(_doubt(form.names[k], own.either, mark))
        marks.append(mark)
    return marks, notes


def _add(evidence: Mapping[int, Evidence], piece: pd.DataFrame) -> None:
    """What the numbers of a piece prove; those that prove nothing are looked at once."""
    for k, found in evidence.items():
        column = piece[k].dropna()
        if column.dtype.kind in "iuf":
            continue
        cells = pd.Series(column.unique(), dtype=str)
        either = cells.str.fullmatch(_EITHER)
        cells = pd.concat([cells[~either], cells[either][:1]])
        found.add(number for cell in cells if (number := numeral(cell)))


def _together(evidence: Mapping[int, Evidence]) -> Evidence:
    together = Evidence()
    for each in evidence.values():
        together.join(each)
    return together


def _settled(evidence: Mapping[int, Evidence], picked: Sequence[int]) -> bool:
    """Whether more rows cannot change how the picked columns are read."""
    proven = _together(evidence).proven
    return all(evidence[k].proven or (proven and not evidence[k].either) for k in picked)


def _guess(own: Evidence, separator: str) -> str:
    """The likelier mark where nothing proves one.

    A column that holds 812 beside 1.065 groups its thousands. Otherwise a point is decimal, and so
    is a comma where semicolons separate, as they do where commas are decimal, or nothing does.
    """
    mark = "," if own.either and "," in own.either.digits else "."
    other = "." if mark == "," else ","
    if own.bare:
        return other if own.bare <= 3 else mark
    return mark if mark == "." or separator in (";", ALONE) else other


def _doubt(name: str, found: Numeral, mark: str) -> Message:
    if mark == ".":
        hint = _("Set decimal to comma if that is wrong.")
    else:
        hint = _("Set decimal to point if that is wrong.")
    return _(
        "Nothing tells whether {digits!r} in column {name!r} is {point:g} or {comma:g}: it is read "
        "as {read:g}. {hint}",
        digits=found.digits,
        name=name,
        point=found.value("."),
        comma=found.value(","),
        read=found.value(mark),
        hint=hint,
    )
