"""Who is behind: D's lag and G's error in words and numbers."""

import math
from typing import NamedTuple

import numpy as np

from ganviz.instruments.gaps import SAMPLES
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import Readings, best_value, unseen_value
from ganviz.snapshot import Snapshot
from ganviz.ui.text.digits import signed, significant

NOISE = 3.0
"""Standard errors within which two values of V are not told apart."""


SMALL, LARGE = 0.05 * -V_EQUILIBRIUM, 0.25 * -V_EQUILIBRIUM
"""G's error below which little is missing, and above which much is."""


class Gap(NamedTuple):
    """One measurement of V beside that of the best D."""

    step: int
    value: float
    """V of the training D, or of the probe, on data it has not seen; NaN where there is none."""
    best: float
    """V of the optimal D, else of a fresh one."""
    optimal: bool
    """Which of the two."""
    noise: float
    """Standard error of the difference."""
    error_noise: float
    """Standard error of the best D's V; 0 for the optimal one, which has a floor instead."""

    @property
    def error(self) -> float:
        """G's error: 2 JSD, or what a fresh D shows of it."""
        return self.best - V_EQUILIBRIUM

    @property
    def lag(self) -> float:
        """D's lag."""
        return self.best - self.value


def last_gap(readings: Readings) -> Gap | None:
    """The last measurement that has a best D; None before there is one."""
    gaps = readings.gaps
    measured = np.flatnonzero(np.isfinite(best_value(gaps)))
    if not len(measured):
        return None
    row = {name: float(column[measured[-1]]) for name, column in gaps.items()}
    optimal = math.isfinite(row["optimal"])
    fresh_se = 0.0 if optimal else float(np.nan_to_num(row["fresh_se"]))
    return Gap(
        step=int(row["step"]),
        value=float(unseen_value(gaps)[measured[-1]]),
        best=float(best_value(gaps)[measured[-1]]),
        optimal=optimal,
        noise=math.hypot(fresh_se, float(np.nan_to_num(row["value_se"]))),
        error_noise=fresh_se,
    )


def who_is_behind(snapshot: Snapshot, gap: Gap) -> str:
    """The two gaps in words and numbers, after V itself has been said."""
    judge = "the probe" if snapshot.value_source == "probe" else "D"
    best = "the optimal D" if gap.optimal else "a fresh D"
    if _matches(snapshot.readings, gap):
        return f"{_match(snapshot.readings, gap)}; {_lag(gap, judge)}."
    least = "" if gap.optimal else "at least "
    error = f"G's error is {least}{signed(gap.error)} of at most {signed(-V_EQUILIBRIUM)}"
    if not math.isfinite(gap.value):
        return f"{best} reaches {signed(gap.best)}: {error}."
    reach = f"{best} reaches {signed(gap.best)}"
    return f"{reach}: {error}; {_lag(gap, judge)}. {_verdict(gap, judge)}"


def _matches(readings: Readings, gap: Gap) -> bool:
    """Whether G's error cannot be told from that of real data."""
    if gap.optimal and readings.error_floor is not None:
        # Below the floor is luck: no G is better than the data themselves.
        return gap.error <= readings.error_floor.high
    return gap.error <= max(NOISE * gap.error_noise, 0.0)


def _match(readings: Readings, gap: Gap) -> str:
    error = f"G's error is {significant(gap.error)}"
    if gap.optimal:
        floor = ", inside its floor" if readings.error_floor is not None else ""
        return f"{error}{floor}: G matches the data as far as {SAMPLES:,} samples tell"
    return f"{error}, within its noise: a fresh D cannot tell G from the data"


def _lag(gap: Gap, judge: str) -> str:
    if not math.isfinite(gap.lag):
        return "no V to compare it with"
    if gap.lag <= NOISE * gap.noise:
        return f"{judge} does not lag"
    return f"{judge} lags by {signed(gap.lag)}"


def _verdict(gap: Gap, judge: str) -> str:
    """Who is behind: how far G is off, and what part of that D sees."""
    if gap.error <= SMALL:
        return "G is nearly right."
    off = "G is bad" if gap.error > LARGE else "G is off"
    seen = (gap.value - V_EQUILIBRIUM) / gap.error
    if gap.lag <= NOISE * gap.noise or seen > 0.75:
        return f"{off} and {judge} sees it."
    if seen < 0.25:
        return f"{off} and {judge} does not see it."
    return f"{off} and {judge} sees part of it."
