"""How samples are measured: beside a fixed reference of real data, each number with its floor."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganviz.optimal import Divergences, OptimalDiscriminator, optimal_for
from ganviz.quality.draws import (
    FEWEST,
    floor_draw,
    reference_draw,
    rows_of,
    too_few,
)
from ganviz.quality.features import rows
from ganviz.quality.floors import floor_of, share_range, widened
from ganviz.readings import Floor
from ganviz.registry import Entry, Registry
from ganviz.say import _
from ganviz.target import Target

DRAWS = 300
"""Real draws that a floor is taken from."""

FEWEST_DRAWS = 20
"""Below that there is no floor."""

PAIRS = 1000
"""Metrics that look at every pair of points take the first so many."""

_KEPT = 4

_EXACT_DIMS = 8

Metric = Callable[["Evaluation"], float]

METRICS: Registry[Metric, Entry[Metric]] = Registry("metric", says=("short",))
"""Facts of an entry: `applies`, a function of the target: whether the metric is defined on it;
`best`, where a good generator lies: "low", "high", or "floor" where real data read neither the
least nor the most there is; `within`, a function of the target: the least and the most that the
metric can be, where there is one; `each`, whether it is the share of samples that something is true
of, each by itself; `floor_draws`, "held_out" where training data would read better than any new
ones, else "training"; `short`, the title of a small plot, with the unit where there is one;
`place`, where it stands in the chart of quality, which has room for six (without one, after those
that have); `part_of_error`, the part of G's error that it is, which is then not measured a second
time."""


def a_share(_: Target) -> tuple[float, float]:
    """Of a metric that lies in [0, 1]."""
    return 0.0, 1.0


def not_negative(_: Target) -> tuple[float, float]:
    """Of a metric that is 0 or more."""
    return 0.0, math.inf


def vectors(target: Target) -> bool:
    """Whether samples are vectors, and there are enough data to measure them against."""
    return len(target.shape) == 1 and enough(target)


def enough(target: Target) -> bool:
    """Whether there are enough data to measure samples against."""
    against, _ = rows_of(target)
    return against is None or against >= FEWEST


class Reference:
    """Real data that samples of one size are measured against, and what is known of them.

    The data are held out where the target keeps some, and always the same ones, so whatever
    depends on them alone is calculated once.

    Args:
        target: the data.
        n: how many samples will be measured at a time.

    Raises:
        ValueError: if n is below 10.
    """

    def __init__(self, target: Target, n: int) -> None:
        if n < FEWEST:
            raise ValueError(
                _(
                    "at least {fewest} samples are needed to measure them, got {n}",
                    fewest=FEWEST,
                    n=n,
                )
            )
        self.target, self.n = target, n
        self.real = reference_draw(target, n)
        self.floors = Floors(self)
        self._lock = threading.RLock()
        self._known: dict[str, Any] = {}

    @property
    def metrics(self) -> list[str]:
        """The names of those that are defined on the target, in the registry's order."""
        return [name for name, entry in METRICS.items() if entry.facts["applies"](self.target)]

    def once(self, name: str, calculate: Callable[["Reference"], Any]) -> Any:
        """`calculate(self)`, remembered under `name`: for what depends on the real data alone."""
        with self._lock:
            if name not in self._known:
                self._known[name] = calculate(self)
            return self._known[name]

    @cached_property
    def optimal(self) -> OptimalDiscriminator:
        """The best discriminator for the target's density."""
        return optimal_for(self.target)

    @cached_property
    def some(self) -> Tensor:
        """The first `PAIRS` real samples as rows, shape `(at most PAIRS, values)`, float64."""
        return rows(self.real[:PAIRS])

    @cached_property
    def real_real(self) -> Tensor:
        """Distances between those rows, shape `(m, m)`, float64."""
        return distances(self.some, self.some)


class Evaluation:
    """Samples beside the reference. What several metrics need is calculated once, when asked for.

    Args:
        samples: shape `(reference.n, *shape)`, in the data's own units.
        reference: what they are measured against.
    """

    def __init__(self, samples: Tensor, reference: Reference) -> None:
        self.samples, self.reference = samples, reference
        self.target = reference.target
        self._finite = bool(samples.isfinite().all())
        self._known: dict[str, Any] = {}

    def once(self, name: str, calculate: Callable[["Evaluation"], Any]) -> Any:
        """`calculate(self)`, remembered under `name`: for what several metrics share."""
        if name not in self._known:
            self._known[name] = calculate(self)
        return self._known[name]

    @cached_property
    def some(self) -> Tensor:
        """The first `PAIRS` samples as rows, shape `(at most PAIRS, values)`, float64."""
        return rows(self.samples[:PAIRS])

    @cached_property
    def divergences(self) -> Divergences:
        """V of the optimal discriminator and what follows from it; known densities only."""
        return self.reference.optimal.measure(self.samples)

    @cached_property
    def real_fake(self) -> Tensor:
        """Distances from the reference's rows to the samples', shape `(m, n)`, float64."""
        return distances(self.reference.some, self.some)

    @cached_property
    def fake_fake(self) -> Tensor:
        """Distances between the samples' rows, shape `(n, n)`, float64."""
        return distances(self.some, self.some)

    def measure(self, metric: str) -> float:
        """The value of a registered metric; NaN where a sample is not finite."""
        entry = METRICS[metric]
        return float(entry.fn(self)) if self._finite else math.nan


class Floors:
    """What each metric reads when data of the same size take the place of the samples.

    Draw i is seeded by i, so that floors are the same whoever takes them, and in what order. Data
    that have too few rows for it have no floors.
    """

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._values: dict[str, list[float]] = {}
        self._taken: dict[str, Floor] = {}
        self._lock = threading.Lock()

    def take(self, floors: Mapping[str, Floor]) -> None:
        """Rely on floors that were taken before, of the same data and number of samples."""
        self._taken.update(floors)

    @property
    def possible(self) -> bool:
        """Whether the data have enough rows: two at least for each sample."""
        rows = rows_of(self._reference.target)[1]
        enough_rows = rows is None or 2 * self._reference.n <= rows
        return enough_rows and too_few(self._reference.target) is None

    def draws(self, metric: str) -> int:
        """How many draws the metric's floor is taken from so far."""
        taken = self._taken.get(metric)
        return taken.draws if taken else len(self._values.get(metric, ()))

    def extend(self, metrics: Iterable[str]) -> None:
        """One more draw of the data, measured by those of `metrics` that need one.

        Raises:
            ValueError: if the data have too few rows for floors.
        """
        if not self.possible:
            raise ValueError("the data have too few rows for floors")
        with self._lock:
            behind = [name for name in metrics if self.draws(name) < DRAWS]
            for number in sorted({self.draws(name) for name in behind})[:1]:
                evaluations: dict[str, Evaluation] = {}
                for name in (name for name in behind if self.draws(name) == number):
                    kind = METRICS[name].facts.get("floor_draws", "training")
                    if kind not in evaluations:
                        drawn = floor_draw(kind, self._reference.target, self._reference.n, number)
                        evaluations[kind] = Evaluation(drawn, self._reference)
                    self._values.setdefault(name, []).append(evaluations[kind].measure(name))

    def complete(self, metrics: Iterable[str], draws: int = DRAWS) -> None:
        """Extend until each metric's floor is taken from `draws` draws."""
        metrics = list(metrics)
        while any(self.draws(name) < draws for name in metrics):
            self.extend(metrics)

    def of(self, metric: str) -> Floor | None:
        """The metric's floor; None as long as it would be taken from too few draws."""
        if metric in self._taken:
            return self._taken[metric]
        values = self._values.get(metric, [])
        if len(values) < FEWEST_DRAWS:
            return None
        floor, facts = floor_of(np.array(values)), METRICS[metric].facts
        # Draws of what is held out scatter as new data do.
        if facts.get("floor_draws", "training") == "training":
            floor = self._of_all_data(floor, bool(facts.get("each")))
        within = facts.get("within")
        if within is None:
            return floor
        least, most = within(self._reference.target)
        return floor._replace(low=max(floor.low, least), high=min(floor.high, most))

    def _of_all_data(self, floor: Floor, each: bool) -> Floor:
        """The floor of what new data read, from one of draws that may be of finite data."""
        n, rows = self._reference.n, rows_of(self._reference.target)[1]
        if rows is None:
            return floor
        floor = widened(floor, n, rows)
        if not each:
            return floor
        (low,), (high,) = share_range(n, np.array([floor.mean]), rows)
        return floor._replace(low=min(floor.low, float(low)), high=max(floor.high, float(high)))


class _References:
    """The last references of a target, by the number of samples."""

    def __init__(self, target: Target) -> None:
        self._target, self._lock = target, threading.Lock()
        self._kept: OrderedDict[int, Reference] = OrderedDict()

    def of(self, n: int) -> Reference:
        with self._lock:
            if n not in self._kept:
                self._kept[n] = Reference(self._target, n)
            self._kept.move_to_end(n)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[n]


def reference_for(target: Target, n: int) -> Reference:
    """The reference of a target for samples of that size: the same one for the same target."""
    return target.known(_References).of(n)


def distances(x: Tensor, y: Tensor) -> Tensor:
    """Euclidean distances of rows `(m, d)` from rows `(n, d)`, shape `(m, n)`.

    The fast way for many dimensions cancels digits, the fewer the nearer the data are to zero.
    """
    if x.shape[1] <= _EXACT_DIMS:
        return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
    centre = x.mean(0)
    return torch.cdist(x - centre, y - centre)
