"""Whether a number that is measured now and then falls, rises or stands still."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Trend = Literal["falling", "rising", "steady"]

POINTS = 8
"""Points that a line is fitted to, at most."""

LATELY = 0.25
"""Part of all measurements that counts as the present, where that is more than `POINTS`."""

FEWEST = 4
"""Measurements that a trend is read from, at least."""

STUDENT_99 = (63.657, 9.925, 5.841, 4.604, 4.032, 3.707)
"""Two-sided 99 % quantiles of Student's t for 1, 2, ... degrees of freedom."""

PART = 0.05
"""Change in the present, as a part of the largest value in it, below which a number is steady."""


def trend_of(
    step: NDArray[np.float64],
    values: NDArray[np.float64],
    noise: NDArray[np.float64] | float = 0.0,
    least: float = 0.0,
) -> Trend | None:
    r"""The direction of the last measurements, where it is both large enough and no chance.

    A line is fitted to the last measurements, or to means of them, so that there are k points at
    most `POINTS`. With its slope b and its residuals' standard error s (or the measurement's own,
    where that is larger), it is a trend if

    $$|b| > t_{0.995,\,k-2} \frac{s}{\sqrt{\sum (x - \bar x)^2}}$$

    and if the line changes by more than `least`, and by more than `PART` of the largest value.

    Args:
        step: of the measurements, ascending, shape `(n,)`.
        values: what was measured, shape `(n,)`; those that are not finite are left out.
        noise: standard error of each, shape `(n,)`, or of all.
        least: the change that matters, in the units of `values`.

    Returns:
        None where fewer than `FEWEST` values are known.

    >>> trend_of(np.arange(5.0), np.array([1.2, 1.0, 0.8, 0.7, 0.5]))
    'falling'
    """
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST:
        return None
    kept = known[-max(POINTS, int(LATELY * len(known))) :]
    groups = np.array_split(kept, min(POINTS, len(kept)))
    x = np.array([step[group].mean() for group in groups])
    y = np.array([values[group].mean() for group in groups])
    own = np.nan_to_num(np.broadcast_to(noise, values.shape)[kept]).max()
    own = float(own) / np.sqrt(len(kept) / len(groups))
    x -= x.mean()
    spread = float(np.sum(x**2))
    slope = float(np.sum(x * y)) / spread
    residuals = y - y.mean() - slope * x
    error = max(float(np.sqrt(np.sum(residuals**2) / (len(groups) - 2))), own)
    chance = STUDENT_99[len(groups) - 3] * error / np.sqrt(spread)
    change = slope * float(x[-1] - x[0])
    matters = max(least, PART * float(np.abs(y).max()))
    if abs(slope) <= chance or abs(change) <= matters:
        return "steady"
    return "falling" if slope < 0 else "rising"
