"""Did it help? Two settings compared by what their runs read, beside the noise of the reading."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ganviz.columns import Columns
from ganviz.diagnosis.gaps import NOISE
from ganviz.levels import V_EQUILIBRIUM
from ganviz.snapshot import Snapshot

Floats = NDArray[np.float64]

Change = Literal["better", "worse", "like_real", "noise"]
"""`like_real`: neither side can be told from real data; `noise`: the change is within the noise."""

Unknown = Literal["other_data", "diverged", "unmeasured", "other_best"]
"""Why nothing is compared."""

ERROR = "error"
"""G's error, 2 JSD, as the name of a measure."""

SHUFFLES = 20_000
"""Ways to share out seeds that are all looked at; of more, so many are drawn."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One reading of both sides."""

    name: str
    """`ERROR`, or a metric's."""
    label: str
    """What it is called; empty for `ERROR`."""
    before: tuple[float, ...]
    """A value for each run."""
    after: tuple[float, ...]
    low: float
    high: float
    """What real data read in the samples' place, 99 %; NaN where it is not known."""
    noise: float
    """Changes up to this are within the noise of the two readings."""
    best: Literal["low", "high", "floor"]
    """Where a good generator lies."""

    @property
    def change(self) -> Change:
        """What became of it, by the means of both sides."""
        before, after = float(np.mean(self.before)), float(np.mean(self.after))
        if self.like_real(before) and self.like_real(after):
            return "like_real"
        if not abs(after - before) > self.doubt:
            return "noise"
        return "better" if self.badness(after) < self.badness(before) else "worse"

    @property
    def doubt(self) -> float:
        """Differences of the means up to this may be noise: of the readings, or of the seeds."""
        return max(self.noise, seed_noise(self.before, self.after))

    def like_real(self, value: float) -> bool:
        """Whether it cannot be told from real data."""
        if self.best == "low":
            return value <= self.high
        if self.best == "high":
            return value >= self.low
        return self.low <= value <= self.high

    def badness(self, value: float) -> float:
        """The greater, the worse."""
        if self.best == "low":
            return value
        return -value if self.best == "high" else max(self.low - value, value - self.high, 0.0)

    @property
    def chance(self) -> float | None:
        """How often so large a difference of the means, in either direction, comes about where
        seeds are shared out at random: an exact permutation test; None with fewer than two a side.
        """
        if min(len(self.before), len(self.after)) < 2:
            return None
        return permutation_chance(self.before, self.after)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a change of settings did."""

    unknown: Unknown | None = None
    """Why that cannot be said; None where it can."""
    step: int = 0
    """The iteration at which both are compared; of a run that has diverged, where."""
    partly: bool = False
    """Whether one of the two has gone further than that."""
    measure: Measure | None = None
    against: tuple[Measure, ...] = ()
    """Metrics that changed the other way, beyond their noise."""


def compared(before: Sequence[Snapshot], after: Sequence[Snapshot]) -> Outcome:
    """What changed from the runs of one setting to those of another.

    Both are read at the last iteration that all of them were measured by. G's error comes first; it
    is compared only if it is by the same kind of best D: the optimal one, or a fresh one, which
    gives a lower bound. Where no run has it, the first metric with a floor does.

    Args:
        before, after: the newest moment of each run, one or more a side.
    """
    every = [*before, *after]
    if len({_data(snapshot) for snapshot in every}) > 1:
        return Outcome(unknown="other_data")
    if fallen := [snapshot.step for snapshot in after if snapshot.status == "diverged"]:
        return Outcome(unknown="diverged", step=min(fallen))
    measures = _measures(before, after)
    step, partly = _common_step(every)
    kinds = {kind for kind in map(_best, every) if kind}
    error = next((m for m in measures if m.name == ERROR), None)
    if not measures:
        other = len(kinds) > 1
        return Outcome(unknown="other_best" if other else "unmeasured", step=step)
    main = error or measures[0]
    against: tuple[Measure, ...] = ()
    opposite = {"better": "worse", "worse": "better"}.get(main.change)
    against = tuple(m for m in measures if m is not main and m.change == opposite)
    return Outcome(step=step, partly=partly, measure=main, against=against)


def seed_noise(before: Sequence[float], after: Sequence[float]) -> float:
    """Half the 95 % interval of a difference of means, by how much the seeds of a side differ.

    t(.975; k) s √(1/n + 1/m) with the pooled variance s² and k = n + m − 2 degrees of freedom, as
    in Student's test of two samples; 0 with one seed a side, of which nothing is known.

    >>> round(seed_noise((1.0, 2.0, 3.0), (7.0, 8.0, 9.0)), 3)  # 2.776 · 1 · √(2/3)
    2.267
    >>> seed_noise((1.0,), (2.0,))
    0.0
    """
    sides = [np.asarray(side, dtype=float) for side in (before, after)]
    freedom = sum(len(side) - 1 for side in sides)
    if freedom == 0:
        return 0.0
    variance = sum(float(((side - side.mean()) ** 2).sum()) for side in sides) / freedom
    return float(stdtrit(freedom, 0.975)) * math.sqrt(
        variance * sum(1 / len(side) for side in sides)
    )


@lru_cache(maxsize=64)  # a live page asks ten times a second
def permutation_chance(before: tuple[float, ...], after: tuple[float, ...]) -> float:
    """The share of ways to share out all values in two such sides whose means lie as far apart.

    >>> permutation_chance((1.0, 2.0, 3.0), (7.0, 8.0, 9.0))  # 2 of 20
    0.1
    """
    values, n = np.array([*before, *after]), len(before)
    seen = abs(np.mean(before) - np.mean(after)) * (1 - 1e-9)
    if comb(len(values), n) <= SHUFFLES:
        chosen = np.array(list(combinations(range(len(values)), n)))
    else:
        rng = np.random.default_rng(0)
        chosen = np.array([rng.permutation(len(values))[:n] for _ in range(SHUFFLES)])
    sums = values[chosen].sum(1)
    apart = np.abs(sums / n - (values.sum() - sums) / (len(values) - n))
    return float(np.mean(apart >= seen))


def _data(snapshot: Snapshot) -> str:
    config = snapshot.config
    return f"{config['dataset']} {config['dataset_options']}"


def _best(snapshot: Snapshot) -> str | None:
    """The best D that G's error is known by."""
    for kind in ("optimal", "fresh"):
        if np.isfinite(snapshot.readings.gaps[kind]).any():
            return kind
    return None


def _common_step(every: Sequence[Snapshot]) -> tuple[int, bool]:
    """The last iteration that all have reached, and whether one has gone further."""
    steps = [snapshot.step for snapshot in every]
    return min(steps), min(steps) < max(steps)


def _measures(before: Sequence[Snapshot], after: Sequence[Snapshot]) -> list[Measure]:
    """What can be compared: G's error first, then metrics in their order."""
    found = []
    every = [*before, *after]
    kinds = {_best(snapshot) for snapshot in every}
    step, _partly = _common_step(every)
    if len(kinds) == 1 and (kind := kinds.pop()) is not None:
        sides = [[_error_at(s, step, kind) for s in side] for side in (before, after)]
        if all(reading is not None for side in sides for reading in side):
            found.append(_error(every, sides, kind))
    facts = every[-1].facts.get("metrics", {})
    names = [name for name in facts if all(name in s.quality for s in every)]
    order = {n: p for n in names if (p := facts[n].get("place")) is not None}
    for name in sorted(names, key=lambda n: order.get(n, len(facts))):
        values = [tuple(_metric_at(s, step, name) for s in side) for side in (before, after)]
        if all(value is not None for side in values for value in side):
            found.append(_metric(every[-1], name, facts[name], values))
    return found


def _error(every: Sequence[Snapshot], sides: Any, kind: str) -> Measure:
    floor = next((s.readings.error_floor for s in every if s.readings.error_floor), None)
    errors = [[reading[1] for reading in side] for side in sides]
    noise = NOISE * math.hypot(*(max(side) for side in errors))
    low = high = float("nan")
    if kind == "optimal" and floor is not None:
        low, high = floor.low, floor.high
        noise = floor.high - floor.low
    return Measure(
        name=ERROR,
        label="",
        before=tuple(reading[0] for reading in sides[0]),
        after=tuple(reading[0] for reading in sides[1]),
        low=low,
        high=high,
        noise=noise,
        best="low",
    )


def _metric(snapshot: Snapshot, name: str, facts: Any, values: Any) -> Measure:
    _value, low, high = snapshot.quality[name]
    return Measure(
        name=name,
        label=facts["label"],
        before=values[0],
        after=values[1],
        low=low,
        high=high,
        noise=high - low,
        best=facts["best"],
    )


def _error_at(snapshot: Snapshot, step: int, kind: str) -> tuple[float, float] | None:
    """G's error by that kind of best D at the last measurement up to `step`, and its standard
    error."""
    gaps = snapshot.readings.gaps
    at = _last(gaps, kind, step)
    if at is None:
        return None
    se = 0.0 if kind == "optimal" else float(np.nan_to_num(gaps["fresh_se"][at]))
    return float(gaps[kind][at]) - V_EQUILIBRIUM, se


def _metric_at(snapshot: Snapshot, step: int, name: str) -> float | None:
    at = _last(snapshot.readings.quality, name, step)
    return None if at is None else float(snapshot.readings.quality[name][at])


def _last(table: Columns, column: str, step: int) -> int | None:
    """The last row up to iteration `step` that has a value in `column`."""
    there = np.flatnonzero(np.isfinite(table[column]) & (table["step"] <= step))
    return int(there[-1]) if len(there) else None
