"""The two gaps: how far D lags behind the best discriminator, and how far G is from the data."""

import math
import threading
from collections.abc import Generator, Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from ganviz.columns import Columns
from ganviz.instruments.base import INSTRUMENTS, Kit, Meter
from ganviz.instruments.data import known_floors, shared_target
from ganviz.instruments.slices import in_slices
from ganviz.levels import V_EQUILIBRIUM
from ganviz.optimal import SAMPLES, optimal_for, why_not
from ganviz.quality import FEWEST_DRAWS, floor_of
from ganviz.readings import GAPS, Doing, Floor, Readings
from ganviz.say import _
from ganviz.target import Target
from ganviz.trainer.lens import Lens
from ganviz.value import value_standard_error, value_terms

JUDGED, JUDGED_IMAGES = 2048, 512
"""Samples of each kind that V of the training D is measured on: its standard error is 0.015, or
0.03."""

PIECE = 5_000

MOST_ROWS = 500


@INSTRUMENTS.register(
    "V and the optimal D",
    every=1.0,
    light=True,
    doing=Doing(_("measuring V and the optimal D"), _("Measuring V and the optimal D")),
)
class Gaps(Meter):
    r"""V of the training D beside V of the optimal one, on fresh samples of the G that is shown.

    $$\text{lag} = V(D^*, G) - V(D, G) \ge 0, \qquad
      \text{error} = V(D^*, G) + \ln 4 = 2\,\mathrm{JSD}(p \| q)$$

    V of the training D is measured a second time on data that training never sees: what it loses
    there, it knows by heart, and the lag is taken from there.
    """

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._rows: dict[float, dict[str, float]] = {}
        self._columns: Columns | None = None
        self.best = Best.of(kit.lens)

    @property
    def rows(self) -> Columns:
        """What was measured, oldest first."""
        if self._columns is None:
            rows = [[self._rows[step][name] for name in GAPS] for step in sorted(self._rows)]
            self._columns = Columns(np.array(rows, dtype=float).reshape(-1, len(GAPS)), GAPS)
        return self._columns

    def add_to(self, readings: Readings) -> Readings:
        """Adds the rows."""
        return replace(readings, gaps=self.rows)

    def rewind(self, step: int) -> None:
        """Forgets later rows."""
        self._rows = {at: row for at, row in self._rows.items() if at <= step}
        self._columns = None

    @property
    def tells_error(self) -> bool:
        """Where the density is known."""
        return self.best is not None

    def add(self, **measured: float) -> None:
        """Add what was measured at `step`, NaN for the rest, to that iteration's row."""
        row = self._rows.setdefault(measured["step"], dict.fromkeys(GAPS, np.nan))
        row |= measured
        self._columns = None
        if len(self._rows) > MOST_ROWS:
            steps = sorted(self._rows)
            self._rows = {at: self._rows[at] for at in [*steps[:-1:2], steps[-1]]}

    def error(self, step: int) -> float:
        """G's error by the optimal D as it was measured at that iteration, NaN where it was not."""
        row = self._rows.get(step)
        return math.nan if row is None else row["optimal"] - V_EQUILIBRIUM

    def _measured(self, step: int) -> bool:
        row = self._rows.get(step)
        return row is not None and (self.best is None or math.isfinite(row["optimal"]))

    def measure(self, step: int) -> Iterator[float]:
        """The row of this moment, but for the fresh discriminator's V; nothing where it is there:
        it depends on seed and iteration alone, and would read the same."""
        if self._measured(step):
            return
        lens, rng = self._lens.frozen(), self._rng(step)
        measured = yield from training_value(lens, rng)
        if self.best is None:
            self.add(step=step, **measured)
            return
        drawn = []
        for done in range(0, SAMPLES, PIECE):
            if done:
                yield done / SAMPLES
            made = lens.fakes(lens.latent(PIECE, rng), lens.shown_generator)
            drawn.append(lens.original(made))
        self.add(step=step, **measured, optimal=self.best.value(torch.cat(drawn)))


def training_value(lens: Lens, rng: torch.Generator) -> Generator[float, None, dict[str, float]]:
    """V of the training D on training data and on held-out data, with the same fakes, in slices.

    Args:
        lens: on players that stand still.
        rng: draws data and noise.
    """
    if not lens.judges:
        return {}
    n = JUDGED if len(lens.target.shape) == 1 else JUDGED_IMAGES

    def judged_fakes(latent: Tensor) -> Tensor:
        return lens.logits(lens.fakes(latent, lens.shown_generator))

    fakes = yield from in_slices(lens, judged_fakes, lens.latent(n, rng))
    seen = yield from in_slices(lens, lens.logits, lens.real(n, rng))
    unseen = yield from in_slices(lens, lens.logits, lens.held_out(n, rng))
    return _of_logits(fakes, seen, unseen)


def _of_logits(fakes: Tensor, seen: Tensor, unseen: Tensor) -> dict[str, float]:
    few = min(len(seen), len(unseen)) < 2
    return {
        "value": value_terms(seen, fakes).value.item(),
        "value_se": value_standard_error(seen, fakes).item(),
        "held_out": value_terms(unseen, fakes).value.item(),
        "memorised_se": math.nan if few else _error_of_difference(seen, unseen),
    }


def _error_of_difference(seen: Tensor, unseen: Tensor) -> float:
    first, second = (logsigmoid(x.double()).var() / len(x) for x in (seen, unseen))
    return (first + second).sqrt().item()


class Best:
    """The optimal discriminator of a target, and what its V reads on the data themselves."""

    def __init__(self, target: Target, known: Floor | None) -> None:
        self._target, self._known = target, known
        self._errors: list[float] = []
        self._lock = threading.Lock()

    @classmethod
    def of(cls, lens: Lens) -> "Best | None":
        """That of the lens's data; None where the density is not known.

        What is learnt of the data is kept from run to run, as long as the data themselves are.
        """
        target = shared_target(lens)
        if why_not(target):
            return None
        return target.known(cls, known_floors(lens.config, SAMPLES).get("two_jsd"))

    def value(self, samples: Tensor) -> float:
        """V(D*, G) from samples in the data's own units."""
        return optimal_for(self._target).measure(samples).value

    @property
    def floor(self) -> Floor | None:
        """2 JSD where data stand in for samples; None before enough draws."""
        errors = self._errors
        if self._known:
            return self._known
        return floor_of(np.array(errors)) if len(errors) >= FEWEST_DRAWS else None

    @property
    def draws(self) -> int:
        """How many draws the floor is taken from so far."""
        return self._known.draws if self._known else len(self._errors)

    def extend(self) -> None:
        """One more draw of the data for the floor, whichever run asks for it."""
        with self._lock:
            rng = torch.Generator().manual_seed(2_000_003 + len(self._errors))
            drawn = self._target.sample(SAMPLES, rng)
            self._errors.append(self.value(drawn) - V_EQUILIBRIUM)
