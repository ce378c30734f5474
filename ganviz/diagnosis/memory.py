"""Whether D knows its training data by heart."""

import numpy as np

from ganviz.columns import Columns

SURE = 3
"""Standard errors by which V on training data differs from V on held-out data beyond chance."""


def memorises(gaps: Columns) -> bool:
    """Whether V on training data and on held-out data differ by more than noise.

    They do where two measurements in a row are more than `SURE` standard errors apart, to the same
    side: of hundreds of measurements of a healthy run, single ones are by chance.

    Args:
        gaps: of `Readings`.
    """
    with np.errstate(invalid="ignore"):
        apart = gaps["value"] - gaps["held_out"]
        side = np.sign(apart) * (np.abs(apart) > SURE * gaps["memorised_se"])
    measured = side[np.isfinite(apart)]
    return bool((measured[1:] * measured[:-1] > 0).any())


def memorised(gaps: Columns) -> float | None:
    """By how much V is lower on held-out data at the last measurement, in nats.

    None where that is nothing, or what D memorises is not beyond noise.
    """
    apart = gaps["value"] - gaps["held_out"]
    measured = apart[np.isfinite(apart)]
    if not len(measured) or measured[-1] <= 0 or not memorises(gaps):
        return None
    return float(measured[-1])
