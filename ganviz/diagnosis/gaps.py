"""Who is behind: D's lag and G's error at the last measurement, each beside its noise."""

import math
from typing import Literal, NamedTuple

import numpy as np

from ganviz.diagnosis.trends import Trend, trend_of
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import Readings, best_value, unseen_value

NOISE = 3.0
"""Standard errors within which two values of V are not told apart."""

SMALL, LARGE = 0.05 * -V_EQUILIBRIUM, 0.25 * -V_EQUILIBRIUM
"""G's error below which little is missing, and above which much is."""

CHANGE = 0.02
"""Nats that G's error must change by to be called falling or rising."""

NEAR = 0.06
"""Nats around −ln 4 in which V is at −ln 4, whatever its noise."""

APART = -0.05
"""V of a fresh D above which data and samples hardly overlap, in nats."""

LATELY = 0.95
"""Part of a run from which on a measurement is of its present."""

Seen = Literal["all", "part", "none"]
"""What D sees of G's error."""

Off = Literal["little", "much", "between"]
"""How much G's error is."""

Place = Literal["at", "below", "above"]
"""Where V stands beside −ln 4."""

Best = Literal["optimal", "fresh"]
"""A D that V of the training D is read beside."""


class Gap(NamedTuple):
    """One measurement of V beside that of the best D, both on the same G."""

    step: int
    value: float
    """V of the training D, or of the probe, on data it has not seen; NaN where there is none."""
    best: float
    """V of the optimal D, or of a fresh one: see `last_gap`."""
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

    @property
    def lags(self) -> bool:
        """Whether the lag is more than noise."""
        return self.lag > NOISE * self.noise

    @property
    def off(self) -> Off:
        """How much G's error is."""
        if self.error <= SMALL:
            return "little"
        return "much" if self.error > LARGE else "between"

    @property
    def place(self) -> Place:
        """Where V stands beside −ln 4."""
        above = self.value - V_EQUILIBRIUM
        if abs(above) <= max(NOISE * self.noise, NEAR):
            return "at"
        return "below" if above < 0 else "above"

    @property
    def deceives(self) -> bool:
        """Whether V looks as if G were good, and G is not."""
        return self.place != "above" and self.off != "little" and self.lags

    @property
    def apart(self) -> bool:
        """Whether a fresh D shows that data and samples hardly overlap."""
        return not self.optimal and self.best > APART

    def is_of_now(self, step: int) -> bool:
        """Whether it says something of the run at iteration `step`.

        The optimal D is measured about once a second, a fresh one now and then.
        """
        return self.optimal or self.step >= LATELY * step


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
        best=row["optimal"] if optimal else row["fresh"],
        optimal=optimal,
        noise=math.hypot(fresh_se, float(np.nan_to_num(row["value_se"]))),
        error_noise=fresh_se,
    )


def best_known(readings: Readings) -> Best | None:
    """The best D that was measured so far; None before there is one."""
    for best in ("optimal", "fresh"):
        if np.isfinite(readings.gaps[best]).any():
            return best
    return None


def error_trend(readings: Readings) -> Trend | None:
    """Whether G's error falls; of measurements by one kind of best D, that of the last one."""
    gaps, best = readings.gaps, best_known(readings) or "fresh"
    noise = 0.0 if best == "optimal" else gaps["fresh_se"]
    return trend_of(gaps["step"], gaps[best] - V_EQUILIBRIUM, noise, CHANGE)


def matches(readings: Readings, gap: Gap) -> bool:
    """Whether G's error cannot be told from that of real data."""
    if gap.optimal and readings.error_floor is not None:
        # Below the floor is luck: no G is better than the data themselves.
        return gap.error <= readings.error_floor.high
    return gap.error <= max(NOISE * gap.error_noise, 0.0)


def seen_by_d(gap: Gap) -> Seen:
    """What part of G's error the training D sees."""
    seen = (gap.value - V_EQUILIBRIUM) / gap.error
    if not gap.lags or seen > 0.75:
        return "all"
    return "none" if seen < 0.25 else "part"
