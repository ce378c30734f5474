"""What V says of D. Of G it says nothing: D may be too weak to see how bad G is."""

import math
from typing import Literal, NamedTuple

import numpy as np

from ganviz.columns import Columns
from ganviz.levels import V_EQUILIBRIUM

RECENT, PART = 50, 4
"""Recorded iterations that V is a mean of, at most, and of how many it is a mean of one."""

ALMOST_ALWAYS, OFTEN = -0.35, -1.1
"""V above which D tells data from fakes so often, in nats."""

Telling = Literal["almost always", "often", "small edge", "guessing", "below"]
"""How well D tells data from fakes; below: worse than a coin."""


class Value(NamedTuple):
    """V of the last recorded iterations."""

    v: float
    """Their mean; NaN where one of them is no finite number."""
    se: float
    """Standard error of the last one."""

    @property
    def known(self) -> bool:
        """Whether it is a number."""
        return math.isfinite(self.v)

    @property
    def telling(self) -> Telling:
        """How well D tells data from fakes."""
        if self.v > ALMOST_ALWAYS:
            return "almost always"
        if self.v > OFTEN:
            return "often"
        if self.v > V_EQUILIBRIUM + max(2 * self.se, 0.03):
            return "small edge"
        return "guessing" if self.v > V_EQUILIBRIUM - max(3 * self.se, 0.06) else "below"


def recent_value(history: Columns) -> Value:
    """V now, of a history with one row at least."""
    v = history["value"]
    lately = v[-max(1, min(RECENT, len(v) // PART)) :]
    return Value(float(np.mean(lately)), float(history["value_se"][-1]))
