"""Who is behind: D's lag and G's error in words and numbers."""

import math

from ganviz.diagnosis import LARGE, SMALL, Gap, Trend, error_trend, matches, seen_by_d
from ganviz.digits import signed
from ganviz.levels import V_EQUILIBRIUM
from ganviz.optimal import SAMPLES
from ganviz.readings import Readings
from ganviz.snapshot import Snapshot


def who_is_behind(snapshot: Snapshot, gap: Gap) -> str:
    """The two gaps in words and numbers, after V itself has been said."""
    judge = "the probe" if snapshot.value_source == "probe" else "D"
    best = "the optimal D" if gap.optimal else "a fresh D"
    trend = error_trend(snapshot.readings)
    direction = f", {trend}" if trend else ""
    if matches(snapshot.readings, gap):
        return f"{_match(snapshot.readings, gap)}; {_lag(gap, judge)}."
    least = "" if gap.optimal else "at least "
    most = f"{signed(-V_EQUILIBRIUM)}{direction}"
    reach = f"{best} reaches {signed(gap.best)}: G's error is {least}{signed(gap.error)} of {most}"
    if not math.isfinite(gap.value):
        return f"{reach}."
    return f"{reach}; {_lag(gap, judge)}. {_verdict(gap, judge, trend)}"


def _match(readings: Readings, gap: Gap) -> str:
    error = f"G's error is {signed(gap.error)}"
    if gap.optimal:
        floor = ", inside its floor" if readings.error_floor is not None else ""
        return f"{error}{floor}: G matches the data as far as {SAMPLES:,} samples tell"
    return f"{error}, within its noise: a fresh D cannot tell G from the data"


def _lag(gap: Gap, judge: str) -> str:
    if not math.isfinite(gap.lag):
        return "no V to compare it with"
    return f"{judge} lags by {signed(gap.lag)}" if gap.lags else f"{judge} does not lag"


def _verdict(gap: Gap, judge: str, trend: Trend | None) -> str:
    """Who is behind: how far G is off and where it goes, and what part of that D sees."""
    if gap.error <= SMALL:
        return "G is getting worse." if trend == "rising" else "G is nearly right."
    off = "bad" if gap.error > LARGE else "off"
    seen = {
        "all": f"{judge} sees it",
        "part": f"{judge} sees part of it",
        "none": f"{judge} does not see it",
    }[seen_by_d(gap)]
    if trend == "falling":
        return f"G is still {off} but improving, and {seen}."
    where = {"rising": " and getting worse,", "steady": ""}.get(trend or "", " so far")
    return f"G is {off}{where} and {seen}."
