"""Values that stand for a missing one: those that a person names, and those that look like it."""

import re

import numpy as np
import numpy.typing as npt

from ganviz.datasets.csv_numerals import numeral

Floats = npt.NDArray[np.float64]

_FEWEST, _SMALLEST_SHARE = 3, 0.005
_SPREADS = 3
_MOST = 3


def named_missing(text: str, mark: str) -> tuple[dict[str, float], set[str]]:
    """The numbers, by how they were written, and the words (in small letters) that are named.

    Semicolons, or commas with a space behind them, separate several; so do commas alone, unless
    they are decimal.

    >>> named_missing("-200,0; 9999; k.A.", ".")
    ({'-200,0': -200.0, '9999': 9999.0}, {'k.a.'})
    >>> named_missing("-99,-999", "."), named_missing("−99,5", ",")
    (({'-99': -99.0, '-999': -999.0}, set()), ({'−99,5': -99.5}, set()))
    """
    numbers: dict[str, float] = {}
    words: set[str] = set()
    for part in re.split(r"\s*;\s*|,\s+", text.strip().rstrip(",;")):
        value = _number(part, mark)
        tokens = {token: _number(token, mark) for token in re.split(r"[,\s]+", part)}
        several = {token: each for token, each in tokens.items() if each is not None}
        if value is not None:
            numbers[part] = value
        elif len(several) == len(tokens):
            numbers |= several
        elif part:
            words.add(part.lower())
    return numbers, words


def _number(text: str, mark: str) -> float | None:
    """A number with this decimal mark; with the other one only where that makes no difference."""
    found = numeral(text)
    if found is None:
        return None
    value = found.value(mark)
    if value is None and re.fullmatch(r".*[.,]0+", found.digits):
        value = found.value("," if mark == "." else ".")
    return value


def far_off(values: Floats) -> list[tuple[float, float]]:
    """Values far from all others that repeat, as codes for "missing" do, and their shares.

    Such a value is the lowest or the highest; it stands in at least 3 rows and 1 in 200; and it is
    farther from its neighbour than the middle half of the others is wide, and three times that
    from their median.

    >>> far_off(np.array([-200.0] * 4 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    [(-200.0, 0.4)]
    """
    found: list[tuple[float, float]] = []
    rest = values
    while len(found) < _MOST and (code := _code(rest, len(values))) is not None:
        found.append((code, float((values == code).mean())))
        rest = rest[rest != code]
    return found


def _code(values: Floats, rows: int) -> float | None:
    if not len(values):
        return None
    for code in (values.min(), values.max()):
        others = values[values != code]
        repeats = len(values) - len(others)
        if repeats < max(_FEWEST, _SMALLEST_SHARE * rows) or len(np.unique(others)) < _FEWEST:
            continue
        low, middle, high = np.quantile(others, [0.25, 0.5, 0.75])
        spread = (high - low) or others.std()
        gap = np.abs(others - code).min()
        if gap > spread and abs(code - middle) > _SPREADS * spread:
            return float(code)
    return None
