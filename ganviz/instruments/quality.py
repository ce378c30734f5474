"""Quality of the shown samples, over time, read against its noise floors."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from torch import Tensor

from ganviz.columns import Columns
from ganviz.instruments.base import INSTRUMENTS, Kit, Meter
from ganviz.instruments.data import known_floors, shared_target
from ganviz.instruments.gaps import Gaps
from ganviz.instruments.slices import in_slices
from ganviz.quality import (
    METRICS,
    Evaluation,
    class_shares,
    measured,
    mode_shares,
    reference_for,
    too_few,
)
from ganviz.readings import Doing, Floor, Readings, Shares
from ganviz.say import _
from ganviz.target import Target

VECTORS, IMAGES = 1000, 500
"""Samples of a measurement, at most."""

MOST_ROWS = 500


def samples_of(target: Target) -> int:
    """How many samples a measurement is of: fewer where finite data have floors for no more."""
    return measured(target, VECTORS if len(target.shape) == 1 else IMAGES)


def part_of_error(metric: str) -> float | None:
    """The part of G's error that a metric is; None for those that are something else."""
    part: float | None = METRICS[metric].facts.get("part_of_error")
    return part


@INSTRUMENTS.register(
    "quality", every=3.0, doing=Doing(_("measuring quality"), _("Measuring quality"))
)
class Quality(Meter):
    """Every metric that is defined on the data, of samples of the G that is shown.

    G's error is not measured a second time from fewer samples: it is what the gaps read. Nothing
    is measured where the data have too few rows for a floor.
    """

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._gaps, lens = kit.of(Gaps), kit.lens
        target = shared_target(lens)
        n = samples_of(target)
        self.reference = reference_for(target, n)
        self.reference.floors.take(known_floors(lens.config, n))
        self.too_few = too_few(target)
        self.metrics = [] if self.too_few else self.reference.metrics
        self.own = [name for name in self.metrics if part_of_error(name) is None]
        self._rows: list[list[float]] = []
        self.shares: Shares | None = None
        self._shared_at = 0

    def measure(self, step: int) -> Iterator[float]:
        """Measure the samples of this moment, one metric a slice; nothing where they are not
        finite, or the data have too few rows for a floor."""
        if not self.metrics:
            return
        lens = self._lens.frozen()
        with suppress(Exception):  # the gaps' own turn raises it again, and switches them off
            if self._gaps.best is not None:
                yield from self._gaps.measure(step)
        latent = lens.latent(self.reference.n, self._rng(step))
        made = yield from in_slices(
            lens, lambda z: lens.original(lens.fakes(z, lens.shown_generator)), latent
        )
        samples = made.float()
        if not samples.isfinite().all():
            return
        error, row = self._gaps.error(step), [float(step)]
        evaluation = Evaluation(samples, self.reference)
        for done, name in enumerate(self.metrics):
            part = part_of_error(name)
            row.append(evaluation.measure(name) if part is None else part * error)
            yield done / len(self.metrics)
        self.shares, self._shared_at = self._shares(samples), step
        others = (other for other in self._rows if other[0] != step)
        self._rows = sorted((*others, row), key=lambda row: row[0])
        if len(self._rows) > MOST_ROWS:
            self._rows = [*self._rows[:-1:2], self._rows[-1]]

    def add_to(self, readings: Readings) -> Readings:
        """Adds the metrics over time beside their floors, and the shares of the last moment."""
        floors = self.floors
        return replace(
            readings,
            quality=self.rows(floors),
            floors=floors,
            samples=self.reference.n,
            too_few=self.too_few,
            shares=self.shares,
        )

    def rewind(self, step: int) -> None:
        """Forgets later rows, and the shares of a later moment."""
        self._rows = [row for row in self._rows if row[0] <= step]
        if self._shared_at > step:
            self.shares = None

    @property
    def floors(self) -> Mapping[str, Floor]:
        """Those that there are so far."""
        found = {name: self._floor(name) for name in self.metrics}
        return MappingProxyType({name: floor for name, floor in found.items() if floor})

    def _floor(self, name: str) -> Floor | None:
        part = part_of_error(name)
        if part is None:
            return self.reference.floors.of(name)
        floor = None if self._gaps.best is None else self._gaps.best.floor
        if floor is None:
            return None
        return Floor(part * floor.mean, part * floor.low, part * floor.high, floor.draws)

    def rows(self, floors: Mapping[str, Floor]) -> Columns:
        """What was measured, oldest first; NaN for a metric without a floor."""
        names = ("step", *self.metrics)
        rows = np.array(self._rows, dtype=np.float64).reshape(-1, len(names))
        rows[:, [name not in floors and name != "step" for name in names]] = np.nan
        return Columns(rows, names)

    def _shares(self, samples: Tensor) -> Shares | None:
        if self.reference.target.modes is not None and samples.ndim == 2:
            return mode_shares(samples, self.reference.target)
        if self.reference.target.classes is not None:
            return class_shares(samples, self.reference.target)
        return None
