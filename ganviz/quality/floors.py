"""The noise floor of a metric, from what it read on draws of the data."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from ganviz.readings import Floor

COVERED = 0.99

CONFIDENCE = 0.95
"""With which a floor holds so many draws, if they are normal."""


def floor_of(values: NDArray[np.float64]) -> Floor:
    r"""The range in which 99 % of further draws lie, from independent draws of a metric.

    It spans what was seen and, as few draws hold less than 99 %, the interval that for normal
    values holds 99 % with a confidence of 95 %:

    $$\bar v \pm z_{0.995}\, s \sqrt{(n - 1)(1 + 1/n) / \chi^2_{0.05, n - 1}}.$$

    Args:
        values: shape `(n,)`, at least two.

    References: Howe 1969, *Two-sided tolerance limits for normal populations*, JASA 64(326).
    """
    n, mean = len(values), float(values.mean())
    reach = _reach(n) * float(values.std(ddof=1))
    low, high = min(values.min(), mean - reach), max(values.max(), mean + reach)
    return Floor(mean, float(low), float(high), n)


@lru_cache(maxsize=1024)
def _reach(n: int) -> float:
    """Standard deviations from the mean of n draws to either end of the tolerance interval."""
    spread = (n - 1) * (1 + 1 / n) / chi2.ppf(1 - CONFIDENCE, n - 1)
    return float(norm.ppf((1 + COVERED) / 2) * spread**0.5)
