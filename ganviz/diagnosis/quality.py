"""Whether samples are like real data by a metric, and how many have left the data's range."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ganviz.readings import Floor
from ganviz.snapshot import Snapshot

SPARE = 1 / 3
"""Room around the data in which samples are seen, as a part of the data's range."""


def inside(value: float, low: float, high: float) -> bool:
    """Whether a metric's value lies in its floor, from `low` to `high`."""
    return Floor(math.nan, low, high, 0).contains(value)


def like_real(quality: Mapping[str, tuple[float, float, float]]) -> int:
    """How many metrics lie inside their floors.

    >>> like_real({"jsd": (0.3, 0.0, 0.01), "modes": (8.0, 8.0, 8.0)})
    1
    """
    return sum(inside(*measured) for measured in quality.values())


class Escaped(NamedTuple):
    """Samples that lie outside the picture of the data."""

    share: float
    """How many, in (0, 1]."""
    farthest: float
    """Their largest coordinate, in the data's own units."""


def escaped(snapshot: Snapshot) -> Escaped | None:
    """What has left the picture; None where nothing has, and of images."""
    if snapshot.real.ndim > 2:
        return None
    low, high = snapshot.real.min(0), snapshot.real.max(0)
    spare = SPARE * (high - low).max()
    outside = ((snapshot.shown < low - spare) | (snapshot.shown > high + spare)).any(1)
    if not outside.any():
        return None
    return Escaped(float(outside.mean()), float(np.abs(snapshot.shown[outside]).max()))
