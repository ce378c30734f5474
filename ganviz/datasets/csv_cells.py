"""What the cells of a column are: numbers with or without a unit, dates, words, or missing."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ganviz.datasets.csv_numerals import Numeral, is_symbol, numeral

Kind = Literal["number", "date", "text", "missing"]

MISSING = (
    *(
        "na",
        "n/a",
        "n.a.",
        "n.a",
        "#n/a",
        "#na",
        "<na>",
        "nan",
        "-nan",
        "n/d",
        "nd",
        "n.d.",
        "k.a.",
    ),
    *("null", "(null)", "none", "nil", "missing", r"\n"),
)
"""Words that stand for a missing value, in small letters."""

_SIGNS_ONLY = re.compile(r"[*.?_/–—…-]*|#+|#[a-z0-9/]+[!?]")
"""Beside words: `***`, `--`, `.`, and what spreadsheets write where a formula fails."""

_DATE = re.compile(
    r"""\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T\s].*)? | \d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(\s.*)?
    | \d{1,2}:\d{2}(:\d{2})?.*""",
    re.VERBOSE,
)


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value.

    >>> [is_missing(cell) for cell in ("", " *** ", "N.A.", "#DIV/0!", "-", "0", "#ff0000x")]
    [True, True, True, True, True, False, False]
    """
    cell = cell.strip().lower()
    return cell in MISSING or _SIGNS_ONLY.fullmatch(cell) is not None


@dataclass(frozen=True)
class Profile:
    """What most cells of a column are; `unit` is what its numbers carry, if they carry one."""

    kind: Kind
    unit: str = ""

    def kind_of(self, cell: str) -> Kind:
        """What a cell is, in this column."""
        if is_missing(cell):
            return "missing"
        if _DATE.fullmatch(cell.strip()) and not (self.kind == "number" and numeral(cell)):
            return "date"
        found = numeral(cell)
        return "number" if found and found.unit in ("", self.unit) else "text"


def profile(cells: Iterable[str]) -> Profile:
    """What most of the cells that hold something are.

    Numbers may carry a unit, as long as it is the only one: some of them a symbol such as % or €,
    at least half of them a word such as kg.

    >>> profile(["12 kg", "3 kg", "NA"]), profile(["1st", "2nd", "3rd"]).kind, profile(["-"]).kind
    (Profile(kind='number', unit='kg'), 'text', 'missing')
    """
    filled = [cell.strip() for cell in cells if not is_missing(cell)]
    if not filled:
        return Profile("missing")
    found = [numeral(cell) for cell in filled]
    unit = _unit([each for each in found if each])
    numbers = sum(each is not None and each.unit in ("", unit) for each in found)
    if 2 * numbers > len(filled):
        return Profile("number", unit)
    dates = sum(_DATE.fullmatch(cell) is not None for cell in filled)
    return Profile("date" if 2 * dates > len(filled) else "text")


def _unit(numerals: list[Numeral]) -> str:
    units = Counter(each.unit for each in numerals if each.unit)
    if len(units) != 1:
        return ""
    unit, count = units.most_common(1)[0]
    return unit if is_symbol(unit) or 2 * count >= len(numerals) else ""
