"""One column's cells as numbers, and what is to be said of how they are written."""

import re
from functools import cached_property

import numpy as np
import pandas as pd

from ganviz.datasets.base import DataError
from ganviz.datasets.csv_cells import is_missing
from ganviz.datasets.csv_format import Format
from ganviz.datasets.csv_missing import Floats, named_missing
from ganviz.datasets.csv_numerals import numeral
from ganviz.datasets.csv_pieces import row_name
from ganviz.say import Message, _


class Reader:
    """Reads the column at `place`, whose decimal mark and unit are known.

    `missing` names values that stand for missing ones, beside the usual ones; `found` counts them.
    """

    def __init__(self, form: Format, place: int, mark: str, unit: str, missing: str) -> None:
        self.place, self.name = place, form.names[place]
        self._form, self._mark, self._unit = form, mark, unit
        self._codes, words = named_missing(missing, mark)
        words = {word for word in words if not is_missing(word)}
        self.found = dict.fromkeys([*self._codes, *words], 0)
        self._with_unit, self._without, self._bracketed = 0, 0, False

    def numbers(self, column: "pd.Series[str]") -> Floats:
        """A piece of the column as float64, NaN where a value is missing.

        Raises:
            DataError: if a cell is no number, or an infinite one.
        """
        if column.dtype.kind in "iuf":
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            self._without += int((~np.isnan(values)).sum())
        else:
            values = self._from_text(column)
        for code, value in self._codes.items():
            taken = np.isclose(values, value, rtol=1e-9, atol=0)
            self.found[code] += int(taken.sum())
            values = np.where(taken, np.nan, values)
        infinite = np.flatnonzero(np.isinf(values))
        if len(infinite):
            row = row_name(column.index[infinite[0]], self._form)
            raise DataError(
                _("column {name!r} holds an infinite number: see {row}", name=self.name, row=row)
            )
        return values

    def notes(self) -> list[Message]:
        """What is to be said of the cells that were read."""
        notes = []
        if self._with_unit:
            notes.append(self._of_unit())
        if self._bracketed:
            notes.append(_("Column {name!r}: numbers in brackets are negative.", name=self.name))
        notes += [
            _(
                "{count:,} cells of column {name!r} are {code}, which stands for missing.",
                count=count,
                name=self.name,
                code=code,
            )
            for code, count in self.found.items()
            if count
        ]
        return notes

    def _of_unit(self) -> Message:
        if not self._without:
            return _(
                "Column {name!r} is in {unit}: {count:,} cells carry this unit, and their numbers "
                "are read as they stand.",
                name=self.name,
                unit=self._unit,
                count=self._with_unit,
            )
        return _(
            "Column {name!r} is in {unit}: {count:,} cells carry this unit, and their numbers are "
            "read as they stand; {bare:,} cells carry none and are read alike.",
            name=self.name,
            unit=self._unit,
            count=self._with_unit,
            bare=self._without,
        )

    def _from_text(self, column: "pd.Series[str]") -> Floats:
        """Each cell that occurs is read once: plain ones together, the others one by one."""
        places, cells = pd.factorize(column.astype(str).where(column.notna()))
        counts = np.bincount(places[places >= 0], minlength=len(cells))
        texts = pd.Series(cells, dtype=str)
        plain = texts.str.fullmatch(self._plain).to_numpy(dtype=bool)
        values = np.full(len(cells) + 1, np.nan)  # the last one is that of empty cells: place -1
        values[:-1][plain] = self._plain_numbers(texts[plain])
        self._without += int(counts[plain].sum())
        for k in np.flatnonzero(~plain):
            value = self._value(texts[k], int(counts[k]))
            if value is None:
                row = column.index[int(np.flatnonzero(places == k)[0])]
                raise self._refusal(texts[k], row)
            values[k] = value
        return values[places]

    @cached_property
    def _plain(self) -> str:
        """Digits with or without groups, as most cells are that pandas does not read by itself."""
        group, decimal = (re.escape(mark) for mark in (self._group, self._mark))
        whole = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+)"
        return rf"-?{whole}(?:{decimal}[0-9]*)?"

    @property
    def _group(self) -> str:
        return "," if self._mark == "." else "."

    def _plain_numbers(self, texts: "pd.Series[str]") -> Floats:
        bare = texts.str.replace(self._group, "").str.replace(self._mark, ".")
        return pd.to_numeric(bare).to_numpy(dtype=np.float64)

    def _value(self, cell: str, count: int) -> float | None:
        """The number in a cell that occurs `count` times, NaN for a missing one; None for text."""
        word = cell.strip().lower()
        if word in self.found:
            self.found[word] += count
            return np.nan
        if is_missing(cell):
            return np.nan
        found = numeral(cell)
        if found is None or found.unit not in ("", self._unit):
            return None
        value = found.value(self._mark)
        if value is not None:
            self._with_unit += count * bool(found.unit)
            self._without += count * (not found.unit)
            self._bracketed |= found.bracketed
        return value

    def _refusal(self, cell: str, row: int) -> DataError:
        return DataError(
            _(
                "column {name!r} holds text: {row} is {cell!r}; {why}",
                name=self.name,
                row=row_name(row, self._form),
                cell=cell if len(cell) <= 40 else cell[:37] + "...",
                why=self._why_text(cell),
            )
        )

    def _why_text(self, cell: str) -> Message:
        """Why a cell of this column is no number."""
        found = numeral(cell)
        if found is None:
            return _("if that stands for a missing value, put it into missing")
        if found.unit not in ("", self._unit):
            if self._unit:
                return _("other numbers are in {unit}", unit=self._unit)
            return _("other numbers have no unit")
        if self._mark == ".":
            return _("the column is read with a decimal point")
        return _("the column is read with a decimal comma")
