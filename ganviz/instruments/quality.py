"""Quality of the shown samples, over time, and the noise floors that it is read against."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

import numpy as np
from torch import Tensor

from ganviz.columns import Columns
from ganviz.instruments.base import in_slices
from ganviz.instruments.data import known_floors, shared_target
from ganviz.instruments.gaps import Best, Gaps
from ganviz.quality import (
    DRAWS,
    FEWEST_DRAWS,
    METRICS,
    Evaluation,
    Reference,
    class_shares,
    measured,
    mode_shares,
    reference_for,
    too_few,
)
from ganviz.readings import Floor, Shares
from ganviz.target import Target
from ganviz.trainer.lens import Lens

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


class Quality:
    """Every metric that is defined on the data, of samples of the G that is shown.

    G's error is not measured a second time from fewer samples: it is what the gaps read. None is
    measured where the data have too few rows for a floor, which `too_few` then tells.

    Args:
        lens: on the run.
        gaps: measure G's error.
    """

    name, number = "quality", 4

    def __init__(self, lens: Lens, gaps: Gaps) -> None:
        self._lens, self._gaps = lens, gaps
        target = shared_target(lens)
        n = samples_of(target)
        own = target is lens.target
        self.reference = Reference(target, n) if own else reference_for(target, n)
        self.reference.floors.take(known_floors(lens.config, n))
        self.too_few = too_few(target)
        self.metrics = [] if self.too_few else self.reference.metrics
        self.own = [name for name in self.metrics if part_of_error(name) is None]
        self._rows: list[list[float]] = []
        self.shares: Shares | None = None

    def measure(self, step: int) -> Iterator[float]:
        """Measure the samples of this moment, one metric a slice; nothing where they are not
        finite, or the data have too few rows for a floor."""
        if not self.metrics:
            return
        lens = self._lens.frozen()
        with suppress(Exception):  # the gaps' own turn raises it again, and switches them off
            if self._gaps.best is not None:
                yield from self._gaps.measure(step)
        latent = lens.latent(self.reference.n, lens.rng(step, self.number))
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
        self.shares = self._shares(samples)
        self._rows.append(row)
        self._rows.sort(key=lambda row: row[0])
        if len(self._rows) > MOST_ROWS:
            self._rows = [*self._rows[:-1:2], self._rows[-1]]

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


class FloorDraws:
    """Takes the floors, one draw of the data a slice, until they are complete."""

    name, number = "noise floors", 5

    def __init__(self, quality: Quality, best: Best | None) -> None:
        self._quality, self._best = quality, best

    @property
    def draws(self) -> int:
        """The fewest draws that any floor is taken from so far."""
        floors = self._quality.reference.floors
        counts = [floors.draws(name) for name in self._quality.own]
        return min([*counts, DRAWS if self._best is None else self._best.draws], default=DRAWS)

    @property
    def complete(self) -> bool:
        """Whether no floor needs a further draw."""
        return self.draws >= DRAWS

    def measure(self, step: int) -> Iterator[float]:
        """Draw until every floor can be shown, or, where all can, until each has one more."""
        wanted = max(FEWEST_DRAWS, self.draws + 1)
        while self.draws < min(wanted, DRAWS):
            self._quality.reference.floors.extend(self._quality.own)
            if self._best is not None and self._best.draws < DRAWS:
                yield self.draws / wanted
                self._best.extend()
            yield self.draws / wanted
