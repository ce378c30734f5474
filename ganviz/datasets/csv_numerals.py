"""Numbers as people write them: signs, units, groups of digits, and what their marks prove."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

MARKS = {"point": ".", "comma": ","}
"""What a decimal mark is called, and how it is written."""

_MINUS = "-−–‒‐‑﹣－"
_SPACES = " \u00a0\u202f\u2005\u2006\u2007\u2008\u2009\u200a"
_APOSTROPHES = "'’‘ʼ"
_CURRENCY = r"(?:(?:US|A|C|R)?\$|[£¥¢€\u20a0-\u20cf]|\b(?:EUR|USD|GBP|CHF|JPY)\b)"
_SYMBOL = re.compile(rf"[%‰]|°[CF]?|{_CURRENCY}")
_PLAIN = str.maketrans(
    dict.fromkeys(_SPACES, " ") | dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_MINUS, "-")
)

_CELL = re.compile(
    rf"""\s*(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>{_CURRENCY})?\s*(?P<second>[-+])?\s*
    (?P<digits>[0-9][0-9.,\ ']*|[.,][0-9]+|inf(?:inity)?|∞)(?P<exponent>e[-+]?[0-9]+)?\s*
    (?P<after>[%‰]|°[CF]?|{_CURRENCY}|[^\W\d_][^\s()-]{{0,9}})?\s*
    (?P<last>-)?\s*(?P<close>\))?\s*""",
    re.VERBOSE | re.IGNORECASE,
)


class Numeral(NamedTuple):
    """A number taken apart; `digits` still holds its marks, as there are two ways to read them."""

    negative: bool
    digits: str
    exponent: str
    unit: str
    bracketed: bool

    def value(self, decimal: str) -> float | None:
        """The number, where `decimal` is the decimal mark; None if it is none with that mark.

        A mark that stands more than once groups digits, whatever the decimal mark is.

        >>> numeral("1.234,5").value(","), numeral("1.234,5").value(".")
        (1234.5, None)
        >>> numeral("(1'200.5)").value("."), numeral("1.200.000").value(".")
        (-1200.5, 1200000.0)
        """
        digits = self.digits
        if digits[0] in "iI∞":
            size = float("inf")
        elif not _pattern(decimal).fullmatch(digits):
            return None
        else:
            if digits.count(decimal) == 1:
                other = "," if decimal == "." else "."
                digits = digits.replace(other, "").replace(decimal, "#")
            for mark in " '.,":
                digits = digits.replace(mark, "")
            size = float(digits.replace("#", ".") + self.exponent)
        return -size if self.negative else size

    def proof(self) -> str:
        """What the marks prove: `.` or `,` is the decimal mark, or the other one groups digits.

        "." and ",": only this decimal mark fits. "group.", "group,": this one groups, more than
        once, so that the other one is decimal unless something proves otherwise. "?": a mark
        before three digits, which may be either. "": no mark.

        >>> [numeral(cell).proof() for cell in ("0.065", "7,5", "1.200.000", "1.065", "12")]
        ['.', ',', 'group.', '?', '']
        """
        marks = [mark for mark in self.digits if mark in ".,"]
        if not marks:
            return ""
        if len(set(marks)) == 2:
            return marks[-1]
        if len(marks) > 1:
            return f"group{marks[0]}"
        whole, _, part = self.digits.partition(marks[0])
        either = len(part) == 3 and re.fullmatch("[1-9][0-9]{0,2}", whole) and not self.exponent
        return "?" if either else marks[0]


def numeral(cell: str) -> Numeral | None:
    """The number in a cell, where its marks leave a way to read it.

    >>> numeral("€ −3,50").unit, numeral("12 kg").unit, numeral("12.03.2020"), numeral("w1")
    ('€', 'kg', None, None)
    """
    match = _CELL.fullmatch(cell.translate(_PLAIN))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    signs = [sign for sign in (match["sign"], match["second"], match["last"]) if sign]
    before, after = match["before"] or "", match["after"] or ""
    if len(signs) > 1 or (before and after) or (signs and match["open"]):
        return None
    found = Numeral(
        "-" in signs or bool(match["open"]),
        match["digits"].strip(),
        match["exponent"] or "",
        before or after,
        bool(match["open"]),
    )
    readable = found.value(".") is not None or found.value(",") is not None
    return found if readable else None


def is_symbol(unit: str) -> bool:
    """Whether a unit is a sign or a currency, so that it can be no word."""
    return _SYMBOL.fullmatch(unit) is not None


@dataclass
class Evidence:
    """What the numbers of one column, or of several, tell of the decimal mark."""

    point: bool = False
    comma: bool = False
    points_group: bool = False
    commas_group: bool = False
    either: Numeral | None = None
    """A number that may be read with either mark, if there is one, without sign and unit."""
    bare: int = 0
    """The most digits of a number without a mark, up to 4."""

    def add(self, numerals: Iterable[Numeral]) -> None:
        """Take more numbers into account."""
        for found in numerals:
            proof = found.proof()
            self.point |= proof == "."
            self.comma |= proof == ","
            self.points_group |= proof == "group."
            self.commas_group |= proof == "group,"
            if proof == "?":
                self.either = self.either or Numeral(False, found.digits, "", "", False)
            elif not proof and found.digits.isdecimal() and found.digits != "0":
                self.bare = max(self.bare, min(len(found.digits), 4))

    def join(self, other: "Evidence") -> None:
        """Take the evidence of another column into account."""
        self.point |= other.point
        self.comma |= other.comma
        self.points_group |= other.points_group
        self.commas_group |= other.commas_group

    @property
    def proven(self) -> bool:
        """Whether a number fits one decimal mark only."""
        return self.point or self.comma

    @property
    def mark(self) -> str:
        """The decimal mark that is proven, or that groups suggest; "" for none or for both."""
        if self.proven:
            return "" if self.point and self.comma else "." if self.point else ","
        if self.points_group != self.commas_group:
            return "," if self.points_group else "."
        return ""


@cache
def _pattern(decimal: str) -> re.Pattern[str]:
    other = "," if decimal == "." else "."
    groups = "|".join(
        rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+" for mark in (rf"\{other}", " ", "'")
    )
    indian = r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}" if decimal == "." else "(?!)"
    whole = rf"(?:[0-9]+|{groups}|{indian})"
    part = rf"\{decimal}[0-9]"
    return re.compile(
        rf"{whole}(?:{part}*|\{decimal})?|{part}+|[1-9][0-9]{{0,2}}(?:\{decimal}[0-9]{{3}}){{2,}}"
    )
