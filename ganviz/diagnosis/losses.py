"""What each player minimised at the end of a run."""

import math
from typing import NamedTuple

import numpy as np

from ganviz.columns import Array
from ganviz.snapshot import Snapshot

LAST = 100
"""Recorded iterations that the losses at the end are means of, at most."""


class Ending(NamedTuple):
    """Means over the last recorded iterations; NaN where no value was finite."""

    first: int
    last: int
    """The iterations that they are of."""
    d_loss: float
    g_loss: float


def ending(snapshot: Snapshot) -> Ending | None:
    """The losses at the end, penalties apart; None where no iteration was made."""
    steps = snapshot.history["step"][-LAST:]
    if not len(steps):
        return None
    d, g = (_mean(snapshot.history[column][-LAST:]) for column in ("d_loss", "g_loss"))
    return Ending(int(steps[0]), int(steps[-1]), d, g)


def _mean(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan
