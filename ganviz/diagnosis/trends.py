"""Whether a number that is measured now and then falls, rises or stands still."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Trend = Literal["falling", "rising", "steady"]

Array = NDArray[np.float64]

MEANS_OF = 5
"""Measurements by an instrument that a line drawn through them is the mean of."""

FEWEST = 3
"""Values that a trend is read from, at least."""

POINTS = 8
"""Points that a line is fitted to, at most."""

LATELY = 0.25
"""Part of all values that counts as the present, where that is more than `POINTS`."""

STUDENT_99 = (63.657, 9.925, 5.841, 4.604, 4.032, 3.707)
"""Two-sided 99 % quantiles of Student's t for 1, 2, ... degrees of freedom."""

PART = 0.05
"""Change of a line, as a part of the largest value on it, that a trend is more than."""

STEADY = 0.15
"""Such a part that the change of a steady number is surely less than."""

IN_A_ROW, PLAIN = 5, 0.2
"""So many values, or three at least where there are no more, that all go one way, by together more
than that part of the first, are a trend without a line: a steep curve is far from one."""


def trend_of(
    step: Array, values: Array, noise: Array | float = 0.0, least: float = 0.0
) -> Trend | None:
    r"""The direction of the last values, where it is both large enough and no chance.

    A line is fitted to the last values, or to means of them, so that there are k points, at most
    `POINTS`. With its slope b and its residuals' standard error s (or the values' own, where that
    is larger), it is a trend if

    $$|b| > t_{0.995,\,k-2} \frac{s}{\sqrt{\sum (x - \bar x)^2}}$$

    and if the line changes by more than `least`, and by more than `PART` of the largest value. It
    is steady if no slope within that range changes it by more than `STEADY` of the largest value,
    or by more than `least`. Before all that, see `IN_A_ROW`.

    Args:
        step: where the values were measured, ascending, shape `(n,)`.
        values: shape `(n,)`; those that are not finite are left out.
        noise: standard error of each, shape `(n,)`, or of all.
        least: the change that matters, in the units of `values`.

    Returns:
        None where fewer than `FEWEST` values are known, or they scatter too much to tell.

    >>> trend_of(np.arange(4.0), np.array([1.2, 1.0, 0.7, 0.5]))
    'falling'
    """
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST:
        return None
    kept = known[-max(POINTS, int(LATELY * len(known))) :]
    own = float(np.nan_to_num(np.broadcast_to(noise, values.shape)[kept]).max())
    groups = np.array_split(kept, min(POINTS, len(kept)))
    x = np.array([step[group].mean() for group in groups])
    y = np.array([values[group].mean() for group in groups])
    own /= np.sqrt(len(kept) / len(groups))
    return _plain(y, max(least, 3 * own)) or _of_line(x - x.mean(), y, own, least)


def _plain(y: Array, least: float) -> Trend | None:
    """The trend of values that all go one way, and far."""
    last = y[-IN_A_ROW:]
    steps, change = np.diff(last), float(last[-1] - last[0])
    one_way = bool((steps > 0).all() or (steps < 0).all())
    if not one_way or abs(change) <= max(least, PLAIN * abs(float(last[0]))):
        return None
    return "falling" if change < 0 else "rising"


def _of_line(x: Array, y: Array, own: float, least: float) -> Trend | None:
    """The trend of a line through points whose mean x is 0."""
    spread = float(np.sum(x**2))
    slope = float(np.sum(x * y)) / spread
    residuals = y - y.mean() - slope * x
    error = max(float(np.sqrt(np.sum(residuals**2) / (len(x) - 2))), own)
    chance = STUDENT_99[len(x) - 3] * error / np.sqrt(spread)
    span, largest = float(x[-1] - x[0]), float(np.abs(y).max())
    if abs(slope) > chance and abs(slope) * span > max(least, PART * largest):
        return "falling" if slope < 0 else "rising"
    if (abs(slope) + chance) * span <= max(least, STEADY * largest):
        return "steady"
    return None
