"""Means along a curve."""

import numpy as np
from numpy.typing import NDArray


def trailing_mean(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Mean of each value and the up to `window` - 1 before it; NaN where one of them is NaN.

    The first ones are means of fewer values, so the curve is not biased towards a start value.

    Args:
        values: shape `(n,)`.
        window: at least 1.

    Raises:
        ValueError: if `window` is below 1.

    >>> trailing_mean(np.array([1.0, 3.0, 5.0]), 2).tolist()
    [1.0, 2.0, 4.0]
    """
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    if not len(values):
        return values
    with np.errstate(invalid="ignore"):  # infinity minus infinity is the NaN that we want to show
        padded = np.concatenate([np.zeros(window - 1), values])
        sums = np.lib.stride_tricks.sliding_window_view(padded, window).sum(1)
    means: NDArray[np.float64] = sums / np.minimum(np.arange(1, len(values) + 1), window)
    return means
