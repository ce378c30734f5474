"""What a run hands to everything that shows or keeps it: frozen arrays and JSON, numpy alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ganviz.columns import COLUMNS, Array, Columns
from ganviz.readings import Floats, Readings

if TYPE_CHECKING:
    import pandas as pd

CAPACITY = 262_144
"""Rows that a history keeps before it drops every second."""

DECIMATED = 2_000
"""Rows that a snapshot carries at most."""

__all__ = [
    "CAPACITY",
    "CLOCK",
    "COLUMNS",
    "DECIMATED",
    "LIVE",
    "STATUSES",
    "Array",
    "Columns",
    "Event",
    "Floats",
    "History",
    "Snapshot",
    "Status",
    "Surface",
    "decimated",
    "frozen",
]

Status = Literal[
    "idle",
    "queued",
    "running",
    "paused",
    "finished",
    "diverged",
    "failed",
    "stopped",
    "interrupted",
]

STATUSES: tuple[Status, ...] = get_args(Status)

LIVE: tuple[Status, ...] = ("queued", "running", "paused")
"""Of a run from which more iterations come by themselves, or as soon as it is told."""

CLOCK = ("step", "seconds")
"""Seconds of training, pauses left out, after so many iterations."""


class Event(NamedTuple):
    """An edit while a run went on: `field` has `value` from the iteration after `step` on."""

    step: int
    field: str
    value: Any


class History:
    """Every iteration's row, up to `capacity`; then every second is dropped, first and last kept.

    A thinner copy of at most `decimated` rows is kept beside it, at a cost of O(1) a row.

    Args:
        capacity: rows kept at most, at least 3.
        decimated: rows of `decimate()` at most, at least 3.

    Raises:
        ValueError: if one of them is below 3.
    """

    def __init__(self, capacity: int = CAPACITY, decimated: int = DECIMATED) -> None:
        if min(capacity, decimated) < 3:
            raise ValueError(
                f"capacity and decimated must be at least 3, got {capacity, decimated}"
            )
        self._capacity = capacity
        self._rows = np.empty((min(4096, capacity), len(COLUMNS)))
        self._size = 0
        self._thin = np.empty((decimated, len(COLUMNS)))
        self._reset_thin()

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, name: str) -> Array:
        """A read-only copy of one column, shape `(len(self),)`."""
        return self.columns()[name]

    def columns(self) -> Columns:
        """Read-only copies of all kept rows."""
        return Columns(self._rows[: self._size].copy())

    def append(self, rows: Array) -> None:
        """Add `rows`, shape `(n, len(COLUMNS))`, oldest first.

        In the place of those from the first one's iteration on, if there are any: rows that an
        interrupt has left half added are added again.
        """
        if self._size and len(rows) and rows[0, 0] <= self._rows[self._size - 1, 0]:
            self.truncate(int(rows[0, 0]) - 1)
        for row in rows:
            if self._size == self._capacity:
                self._drop_every_second()
            elif self._size == len(self._rows):
                self._grow()
            self._rows[self._size] = row
            self._size += 1
            self._append_thin(row)

    def truncate(self, step: int) -> None:
        """Forget every row after iteration `step`."""
        self._size = int(np.searchsorted(self._rows[: self._size, 0], step, side="right"))
        self._reset_thin()
        for row in self._rows[: self._size]:
            self._append_thin(row)

    def decimate(self) -> Columns:
        """Read-only copies of at most `decimated` rows, evenly thinned, the first and last kept."""
        kept = self._thin[: self._thin_size]
        if self._size and kept[-1, 0] != self._rows[self._size - 1, 0]:
            return Columns(np.vstack([kept, self._rows[self._size - 1]]))
        return Columns(kept.copy())

    def to_pandas(self) -> "pd.DataFrame":
        """What is kept, one row an iteration, `step` as whole numbers."""
        import pandas as pd  # half a second to import, for those who ask for a frame

        frame = pd.DataFrame(self._rows[: self._size].copy(), columns=list(COLUMNS))
        return frame.astype({"step": "int64"})

    def _grow(self) -> None:
        rows = np.empty((min(2 * len(self._rows), self._capacity), len(COLUMNS)))
        rows[: self._size] = self._rows
        self._rows = rows

    def _drop_every_second(self) -> None:
        last = self._rows[self._size - 1].copy()
        half = (self._size + 1) // 2
        self._rows[:half] = self._rows[: self._size : 2].copy()
        if self._rows[half - 1, 0] != last[0]:
            self._rows[half] = last
            half += 1
        self._size = half

    def _reset_thin(self) -> None:
        self._thin_size = 0
        self._seen = 0
        self._stride = 1

    def _append_thin(self, row: Array) -> None:
        if self._seen % self._stride == 0:
            # One place stays free for the last row, which `decimate` adds.
            if self._thin_size == len(self._thin) - 1:
                half = (self._thin_size + 1) // 2
                self._thin[:half] = self._thin[: self._thin_size : 2].copy()
                self._thin_size = half
                self._stride *= 2
            if self._seen % self._stride == 0:
                self._thin[self._thin_size] = row
                self._thin_size += 1
        self._seen += 1


def decimated(rows: Array, most: int = DECIMATED) -> Columns:
    """What `History.decimate` gives of a history of these rows, shape `(n, len(COLUMNS))`."""
    stride = 1
    while len(rows[::stride]) > most - 1:
        stride *= 2
    thin = rows[::stride]
    if len(rows) and thin[-1, 0] != rows[-1, 0]:
        thin = np.vstack([thin, rows[-1]])
    return Columns(thin.copy())


class Surface(NamedTuple):
    """D, and the data's density where it is known, on a grid in the data's own units."""

    x: Floats
    """Shape `(nx,)`."""
    y: Floats | None
    """Shape `(ny,)`; None for one-dimensional data."""
    discriminator: Floats
    """D in [0, 1], shape `(nx,)` or `(ny, nx)`."""
    density: Floats | None
    """p(x) for one-dimensional data, shape `(nx,)`; None where it is not known."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Snapshot:
    """One moment of a run. Arrays are read-only copies, in the data's own units."""

    run: str = ""
    """The id of the run; empty where nobody has given it one."""
    label: str = ""
    """What people call the run."""
    config_json: str
    """The settings the run began with."""
    step: int
    """Completed iterations."""
    status: Status
    """What the run was doing."""
    history: Columns
    """At most 2,000 rows, the first and the last among them."""
    real_logits: Floats
    """D on data, shape `(n,)`; D in eval mode."""
    fake_logits: Floats
    """D on what the G of `which_g` makes of fixed noise, shape `(n,)`."""
    samples: Floats
    """What the G that plays makes of fixed noise, shape `(n, *shape)`."""
    samples_ema: Floats | None
    """What the moving average of G makes of the same noise; None where there is none."""
    real: Floats
    """Data, shape `(n, *shape)`."""
    surface: Surface | None
    """D over the data's range; None above two dimensions."""
    events: tuple[Event, ...]
    """The edits so far, oldest first."""
    value_source: Literal["discriminator", "probe", "none"]
    """Whose logits V and the histograms are of; "none": a critic plays and no probe watches."""
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What is known of the run and never changes, as JSON. Of its loss: `loss` (the label),
    `critic`, `equilibrium` and `equilibrium_g` (L_D and L_G there; None where L_G has no level),
    `reading` (a sentence or two on both numbers) and `conditions` (messages: what tricks do to
    them). `no_probability`, a message: why D's output is not the probability of one sample; None
    where it is. Of what may be read of it: `losses`, name to label; `metrics`, name to `label`,
    `best` ("low", "high" or "floor": where a good generator lies), `short` (the title of a small
    plot) and `place` (in the chart of quality; None: after the others); `part_of_error`, by metric,
    the part of G's error that it is; `samples`, of which `optimal` is how many the optimal D is
    found from. `modes`, label to centre, where vectors have known modes."""
    finite_step: int | None = None
    """Of a run that has diverged, the iteration that samples, logits and surface are of: the last
    at which all of them were finite. None: they are of `step`."""
    readings: Readings = field(default_factory=Readings)
    """What the instruments have read; nothing where they are switched off."""
    clock: Columns = field(default_factory=lambda: Columns.empty(CLOCK))
    """Seconds of training by iteration, at most some 500 rows, the last among them; empty where
    nobody has taken the time."""

    @property
    def config(self) -> dict[str, Any]:
        """`config_json`, read."""
        values: dict[str, Any] = json.loads(self.config_json)
        return values

    @property
    def which_g(self) -> Literal["playing", "averaged"]:
        """The G that samples, histograms, gaps and quality are of."""
        averaged = self.samples_ema is not None and self.config["which_g"] == "averaged"
        return "averaged" if averaged else "playing"

    @property
    def shown(self) -> Floats:
        """The samples to show: those of the G of `which_g`."""
        if self.samples_ema is None or self.which_g == "playing":
            return self.samples
        return self.samples_ema

    @property
    def quality(self) -> Mapping[str, tuple[float, float, float]]:
        """Metric to (value, floor_low, floor_high): the last row of `readings.quality`; empty where
        nothing was measured."""
        return self.readings.latest_quality


def frozen(values: NDArray[Any]) -> Floats:
    """A read-only float32 copy of an array."""
    copy = np.array(values, dtype=np.float32)
    copy.flags.writeable = False
    return copy
