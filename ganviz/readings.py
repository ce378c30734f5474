"""What the instruments have read of a run: frozen arrays, numpy alone, empty until something is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganviz.columns import Columns
from ganviz.say import Message

Floats = NDArray[np.float32]

GAPS = (
    "step",
    "value",
    "value_se",
    "held_out",
    "memorised_se",
    "optimal",
    "fresh",
    "fresh_se",
)
"""One row a measurement of the two gaps, all on fresh samples of one G, that of the setting
`which_g`, in nats. `value`: V of the training D (or the probe) on training data; `held_out`: the
same D on held-out data and the same fakes; `memorised_se`: standard error of `value - held_out`;
`optimal`: V(D*, G), of the best D there is, where the density is known; `fresh`: V of a D newly
fitted to the frozen G, on samples that the fit never saw. NaN where it was not measured."""

ZIGZAG = ("step", "before", "after_d", "after_g", "fake_before", "fake_after")
"""One row an iteration: V before D's half, after it and after G's half, all on the same data and
the same noise; mean D(G(z)) before D's half and after it."""


FIRST_FRESH_SECONDS = 5.0
"""Seconds after Start by which G's error is measured for the first time, or begins to be."""


class Floor(NamedTuple):
    """What a metric reads when real data stand in for the samples: its noise."""

    mean: float
    low: float
    high: float
    """`low` to `high` holds 99 % of real draws."""
    draws: int
    """How many real draws it was taken from."""

    def contains(self, value: float) -> bool:
        """Whether the value cannot be told from that of real data; NaN never is in it.

        >>> Floor(0.5, 0.4, 0.6, 200).contains(0.6)
        True
        """
        return self.low <= value <= self.high


class Shares(NamedTuple):
    """How samples are shared out among the modes or classes of the data."""

    labels: tuple[str, ...]
    data: Floats
    """The share that each has in the data, shape `(k,)`."""
    fakes: Floats
    """The share of the samples, shape `(k,)`."""
    low: Floats
    """The least share of 99 % of draws of the data of the same size, shape `(k,)`."""
    high: Floats
    """The largest, shape `(k,)`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulls:
    """|dL_G / d logit| of each fake, times the batch size, for the run's loss and for others.

    All are taken at the same outputs of D.
    """

    own: str
    """The run's loss."""
    of: Mapping[str, Floats]
    """Loss to slopes, each of shape `(n,)`, the run's own among them."""
    starved: float
    """The share of fakes that the run's loss pulls at less than 1 % of what the non-saturating one
    would, in [0, 1]."""


class Doing(NamedTuple):
    """What an instrument does while it is under way."""

    inside: Message
    """As part of a sentence."""
    begins: Message
    """As its beginning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What the instruments have cost."""

    limit: float = 0.0
    """The largest share of a running run's time that they may take, in [0, 1); 0: switched off."""
    share: float = 0.0
    """The share of the last ten seconds that they took under the limit, in [0, 1]."""
    apart: float = 0.0
    """Seconds of the last ten that went into what was asked for, and into first slices, which build
    what instruments need."""
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Seconds in all, by the instrument's name."""
    busy: str | None = None
    """The name of the instrument that is in the middle of a long measurement."""
    doing: Doing | None = None
    """What that one does."""
    progress: float = 0.0
    """How far it is, in [0, 1]."""
    next: float | None = None
    """Seconds of a running run until G's error is measured, at most; 0 where it is due or under
    way, None where it will not be."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Readings:
    """Everything that the instruments have read so far."""

    gaps: Columns = field(default_factory=lambda: Columns.empty(GAPS))
    """Measurements of D's lag and G's error, oldest first."""
    error_floor: Floor | None = None
    """What G's error, 2 JSD by the optimal D, reads on real data; None where no density is known,
    or it is not measured yet."""
    zigzag: Columns = field(default_factory=lambda: Columns.empty(ZIGZAG))
    """The last iterations that were watched from inside."""
    pulls: Pulls | None = None
    """How hard the fakes are pulled; None before the first look, and for a D that sees batches."""
    quality: Columns = field(default_factory=lambda: Columns.empty(("step",)))
    """Metrics over time: column `step` and one of each metric's name; NaN where it has no floor
    yet."""
    floors: Mapping[str, Floor] = field(default_factory=lambda: MappingProxyType({}))
    """Metric to its floor, for those that have one."""
    samples: int = 0
    """How many samples a measurement of quality and shares is of."""
    too_few: tuple[int, int] | None = None
    """Where the data have too few rows for any floor: how many they have, and how many it takes."""
    shares: Shares | None = None
    """Samples by mode or class; None where the data have neither."""
    cost: Cost = field(default_factory=Cost)

    @property
    def latest_quality(self) -> Mapping[str, tuple[float, float, float]]:
        """Metric to its last value and the ends of its floor, for those that have one."""
        if not self.quality.rows:
            return MappingProxyType({})
        floors = {name: self.floors[name] for name in self.quality if name in self.floors}
        return MappingProxyType(
            {name: (float(self.quality[name][-1]), f.low, f.high) for name, f in floors.items()}
        )


def best_value(gaps: Columns) -> NDArray[np.float64]:
    """V of the best D that is known at each measurement: the optimal one, else the fresh one.

    >>> best_value(Columns(np.array([[1, -1.4, 0, 0, 0, -1.2, np.nan, 0]]), GAPS)).tolist()
    [-1.2]
    """
    return np.where(np.isfinite(gaps["optimal"]), gaps["optimal"], gaps["fresh"])


def unseen_value(gaps: Columns) -> NDArray[np.float64]:
    """V of the training D at each measurement, on data that it has not learnt from.

    What D knows by heart would make its lag look smaller than it is.
    """
    return np.where(np.isfinite(gaps["held_out"]), gaps["held_out"], gaps["value"])
