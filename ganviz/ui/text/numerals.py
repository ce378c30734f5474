"""Numbers as people type them, and as controls show them. Why: docs/decisions/number-fields.md."""

import re

from ganviz.registry import no_number
from ganviz.say import Message, _

_PLAIN = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)
_UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}(e[+-]?\d+)?", re.IGNORECASE)
"""What follows the sign may be decimals, or the end of a number of thousands."""

_GROUPED = (
    re.compile(r"[+-]?\d{1,3}(?P<group>[ '_])\d{3}((?P=group)\d{3})*([.,]\d*)?"),
    re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d*|[+-]?\d{1,3}(,\d{3}){2,}"),
    re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d*|[+-]?\d{1,3}(\.\d{3}){2,}"),
)
"""By spaces and the like, by commas, by points: the other mark then begins the decimals."""

_SHOWN = 40
"""Letters of what was typed that a sentence repeats."""


def read(typed: str, *, whole: bool) -> int | float:
    """The number that `typed` means, with a point or a comma before its decimals.

    Args:
        typed: what a person wrote.
        whole: whether only a whole number will do.

    Raises:
        ValueError: if it is none, or may be read with its decimals or in thousands: "1,000", and
            where a whole number is wanted "1.000" too. The message has no subject, so that the
            caller can name the place.

    >>> read("0,001", whole=False), read("1e-3", whole=False), read("10 000", whole=True)
    (0.001, 0.001, 10000)
    >>> read("1,000", whole=True)
    Traceback (most recent call last):
    ...
    ValueError: is not clear, got '1,000': write 1 or 1000
    """
    text = re.sub(r"\s", " ", typed.strip()).replace("−", "-").replace("’", "'")
    if not text:
        raise ValueError(
            _("is empty: give a whole number") if whole else _("is empty: give a number")
        )
    got = typed.strip()[:_SHOWN]
    if _UNCLEAR.fullmatch(text) and (whole or "," in text):
        decimal, thousands = (float(re.sub("[.,]", sign, text)) for sign in (".", ""))
        raise ValueError(_not_clear(got, decimal, thousands, whole=whole))
    number = _number(text)
    if number is None or (whole and not number.is_integer()):
        raise ValueError(no_number(got, whole=whole))
    return int(number) if whole else number


def written(value: float) -> str:
    """A number as its control shows it: `read` gives back the same.

    >>> written(0.001), written(1.0), written(5e-05), written(128)
    ('0.001', '1', '5e-5', '128')
    """
    shown = repr(value).removesuffix(".0")
    return re.sub(r"e([+-])0*", lambda sign: "e" + sign[1].strip("+"), shown)


def _not_clear(got: str, decimal: float, thousands: float, *, whole: bool) -> Message:
    if whole and not decimal.is_integer():
        return _("is not clear, got {typed!r}: write {meant}", typed=got, meant=written(thousands))
    return _(
        "is not clear, got {typed!r}: write {decimal} or {thousands}",
        typed=got,
        decimal=written(decimal),
        thousands=written(thousands),
    )


def _number(text: str) -> float | None:
    by_mark, by_comma, by_point = (pattern.fullmatch(text) for pattern in _GROUPED)
    if by_mark:
        text = text.replace(by_mark["group"], "")
    elif by_comma:
        text = text.replace(",", "")
    elif by_point:
        text = text.replace(".", "")
    return float(text.replace(",", ".")) if _PLAIN.fullmatch(text) else None
