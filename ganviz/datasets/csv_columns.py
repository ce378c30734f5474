"""Which one or two columns are learned: those that are asked for, or the first that hold data."""

import difflib
import re
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from ganviz.datasets.base import DataError
from ganviz.datasets.csv_cells import Profile
from ganviz.datasets.csv_format import Format
from ganviz.datasets.csv_numerals import numeral
from ganviz.registry import did_you_mean
from ganviz.say import Message, _, listed

_LISTED = 20

_ROW_NAMES = {"id", "idx", "index", "row", "rowid", "rowindex", "rownumber", "unnamed0", "#"}
_ROW_NAMES |= {"rowname", "rownames"}
"""What columns are called that tell rows apart, in small letters and without spaces and signs."""


def named(columns: str, names: Sequence[str]) -> list[int]:
    """The places of the columns that were asked for; none if nothing was.

    Raises:
        DataError: if there is no such column, or too many are asked for.
    """
    asked = [columns.strip()]
    if columns.strip() not in names:
        asked = [name for part in columns.split(",") if (name := part.strip())]
    if len(asked) > 2:
        raise DataError(_("{n} columns are asked for, and at most 2 can be learned", n=len(asked)))
    places = [_place(name, names) for name in asked if name]
    if len(set(places)) < len(places):
        raise DataError(_("column {name!r} is asked for twice", name=names[places[0]]))
    return places


def _place(name: str, names: Sequence[str]) -> int:
    if name in names:
        return names.index(name)
    if name.isdecimal():
        if not 1 <= int(name) <= len(names):
            raise DataError(
                _("there is no column {number}: the file has {n}", number=name, n=len(names))
            )
        return int(name) - 1
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    shown = list(dict.fromkeys([*near, *names[:_LISTED]])) if len(names) > _LISTED else names
    hint = did_you_mean(name, list(shown))
    raise DataError(_("no column is called {name!r}; {hint}", name=name, hint=hint))


def first_data(
    file: str, form: Format, head: pd.DataFrame, profiles: Sequence[Profile]
) -> tuple[list[int], list[Message]]:
    """The places of the first one or two columns of numbers that are data, and what to say of it.

    A column that only numbers the rows is none, as long as there are others.

    Raises:
        DataError: if no column holds numbers.
    """
    found = [k for k, column in enumerate(profiles) if column.kind == "number"]
    if not found:
        raise DataError(
            _(
                "{file} has no column of numbers; its columns are {names}",
                file=file,
                names=listed(form.names[:_LISTED]),
            )
        )
    numbering = [k for k in found if _numbers_rows(k, form, head)]
    data = [k for k in found if k not in numbering] or found
    picked = data[:2]
    notes = [
        _(
            "Column {name!r} looks like the number of a row, which is no datum, and is not picked; "
            "name it in columns to learn it.",
            name=form.names[k],
        )
        for k in numbering
        if k not in picked and k < picked[-1]
    ]
    return picked, [*notes, _learned([form.names[k] for k in picked])]


def _learned(names: Sequence[str]) -> Message:
    if len(names) == 1:
        return _("Learns the only column of numbers: {name!r}.", name=names[0])
    first, second = names
    return _(
        "Learns the first columns of numbers: {first!r} and {second!r}.", first=first, second=second
    )


def _numbers_rows(place: int, form: Format, head: pd.DataFrame) -> bool:
    """Whether a column's name says that it tells rows apart, or the first column counts them."""
    if form.header and re.sub(r"[^\w#]|_", "", form.names[place].lower()) in _ROW_NAMES:
        return True
    return place == 0 and (form.unnamed or _counts_up(list(head[0])))


def _counts_up(cells: Sequence[str]) -> bool:
    found = [numeral(cell) for cell in cells]
    for mark in ".,":
        values = [each.value(mark) if each else None for each in found]
        whole = [value for value in values if value is not None]
        if len(whole) == len(cells) > 2:
            return all(b == a + 1 for a, b in pairwise(whole))
    return False
