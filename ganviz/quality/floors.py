"""The noise floor of a metric, from what it read on draws of the data."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

from ganviz.readings import Floor

Floats = NDArray[np.float64]

COVERED = 0.99

CONFIDENCE = 0.95
"""With which a floor holds so many draws, if they are normal."""


def floor_of(values: Floats) -> Floor:
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


def widened(floor: Floor, n: int, rows: int) -> Floor:
    r"""The floor where each draw was of n of the same `rows` rows, none twice.

    All draws share what sets these rows apart from others: at most a share f = n / `rows` of the
    variance that n new data have. The draws therefore scatter by less than new data do, and about a
    mean that is off:

    $$\frac{\text{new data about the floor's mean}}{\text{the draws about it}} \le
    \sqrt{\frac{1 + f}{1 - f}},$$

    with equality for means over samples.

    References: the parts of a statistic and their variances, Hoeffding 1948, *A class of statistics
    with asymptotically normal distribution*, Annals of Mathematical Statistics 19(3).

    >>> widened(Floor(0.0, -1.0, 2.0, 300), 30, 50)
    Floor(mean=0.0, low=-2.0, high=4.0, draws=300)
    """
    share = n / rows
    factor = ((1 + share) / (1 - share)) ** 0.5
    low, high = (floor.mean + factor * (end - floor.mean) for end in (floor.low, floor.high))
    return floor._replace(low=low, high=high)


def share_range(n: int, shares: Floats, counted: int | None) -> tuple[Floats, Floats]:
    """The least and the largest share of 99 % of draws of n data, for each of `shares`.

    Args:
        n: how many.
        shares: of all data, shape `(k,)`.
        counted: how many data they were counted on; None: so many that they are exact.
    """
    from scipy.stats import betabinom, binom  # half a second to import, for those who ask

    tails = (1 - COVERED) / 2, (1 + COVERED) / 2
    if counted is None:
        low, high = (binom.ppf(tail, n, shares) / n for tail in tails)
    else:
        # Shares that were counted are themselves uncertain, and what no row has may be rare.
        sides = [np.maximum(counted * side, 0.5) for side in (shares, 1 - shares)]
        low, high = (betabinom.ppf(tail, n, *sides) / n for tail in tails)
    return low, high


@lru_cache(maxsize=1024)
def _reach(n: int) -> float:
    """Standard deviations from the mean of n draws to either end of the tolerance interval."""
    chi_square = 2 * gammaincinv((n - 1) / 2, 1 - CONFIDENCE)  # its quantile
    spread = (n - 1) * (1 + 1 / n) / chi_square
    return float(ndtri((1 + COVERED) / 2) * spread**0.5)
