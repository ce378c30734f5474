"""A discriminator fitted anew to a frozen generator: what the best D makes of it, from below."""

from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ganviz.instruments.base import INSTRUMENTS, Kit, Meter
from ganviz.instruments.gaps import Gaps
from ganviz.instruments.slices import in_one_go
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import FIRST_FRESH_SECONDS, Doing, Readings
from ganviz.say import _, _n
from ganviz.trainer.average import MovingAverage
from ganviz.trainer.lens import Lens
from ganviz.value import value_standard_error, value_terms

BATCH, IMAGE_BATCH = 512, 128
"""Samples of each kind in an update: an image costs far more than a point."""
LEARNING_RATE = 3e-3
AVERAGE = 0.99
"""Decay of the average of its weights, whose V is taken: it ends as a falling rate would, but at
any time, which early stopping needs."""
CHECK_EVERY = 100
"""Updates between two looks at held-out V."""
PATIENCE = 3
"""Looks in a row without a better V after which the fit ends."""
GAIN = 0.001
"""What V must rise by to count as better, in nats: less is not worth the time."""
MOST_UPDATES = 1000
HELD_OUT, HELD_OUT_IMAGES = 4096, 1024
"""Samples of each kind that choose the best D, and as many others that V is then reported on."""
FEWEST_HELD_OUT = 20
PIECE, PIECE_IMAGES = 256, 64
"""Samples that are made and judged in a slice."""

PART_IMAGES = 32
"""Images of each kind that an update learns from in a slice."""

BESIDE_THE_OPTIMAL = 60.0
"""Seconds from fit to fit where the optimal D is known, beside which it tells little more."""


class FreshValue(NamedTuple):
    """V of the fresh discriminator at its best, on samples that neither fit nor choice has seen."""

    value: float
    """In nats: in the mean, a lower bound of V(D*, G)."""
    value_se: float
    """Its standard error; 0 for the coin."""
    updates: int
    """Until the fit ended."""
    early: bool
    """Whether it ended because V did not improve any more, rather than at `MOST_UPDATES`."""


class Fit:
    r"""Fits a fresh discriminator to the G of this moment, in slices.

    It maximises V by Adam on unlimited samples of the frozen G; V is taken of the average of its
    weights. After every `CHECK_EVERY` updates, V on a held-out set is looked at; the best D of all
    looks is kept, and the fit ends when `PATIENCE` looks bring none better. The coin, D = 1/2, is
    the first candidate: if nothing beats it, V is $-\ln 4$. V is reported on a second held-out
    set, so that choosing does not flatter it:

    $$E[V_{\mathrm{fresh}}] \le V(D^*, G) = -\ln 4 + 2\,\mathrm{JSD}.$$

    Source: Goodfellow et al. 2014, [arXiv:1406.2661](https://arxiv.org/abs/1406.2661), Theorem 1;
    that held-out V bounds the distance from below: Grnarova et al. 2019,
    [arXiv:1811.05512](https://arxiv.org/abs/1811.05512)

    Args:
        lens: on the trainer.
        rng: draws everything.

    Raises:
        ValueError: if fewer than `FEWEST_HELD_OUT` samples are held out.
    """

    def __init__(self, lens: Lens, rng: torch.Generator) -> None:
        self._lens, self._rng = lens, rng
        vectors = len(lens.target.shape) == 1
        self._batch, held_out = (BATCH, HELD_OUT) if vectors else (IMAGE_BATCH, HELD_OUT_IMAGES)
        self._generator = lens.frozen().shown_generator
        self._fresh = lens.fresh_discriminator(rng)
        self._average = MovingAverage(self._fresh.player.network, AVERAGE)
        real = lens.held_out(2 * held_out, rng)
        if len(real) < FEWEST_HELD_OUT:
            raise ValueError(
                _n(
                    "{n} sample is held out, and a fresh D needs {needed}",
                    "{n} samples are held out, and a fresh D needs {needed}",
                    len(real),
                    needed=FEWEST_HELD_OUT,
                )
            )
        self._real: Sequence[Tensor] = real.chunk(2)
        self._latent: Sequence[Tensor] = lens.latent(2 * held_out, rng).chunk(2)

    def slices(self) -> Generator[float, None, FreshValue]:
        """Run the fit; yields how much of the longest fit is done."""
        kept: dict[str, Tensor] | None = None
        best = last_gain = V_EQUILIBRIUM
        waited = updates = 0
        while updates < MOST_UPDATES and waited < PATIENCE:
            for done in range(updates, updates + CHECK_EVERY):
                yield from self._update(done / MOST_UPDATES)
                yield (done + 1) / MOST_UPDATES
            updates += CHECK_EVERY
            logits = yield from self._judged(0, updates)
            value = value_terms(*logits).value.item()
            waited += 1
            if value > last_gain + GAIN:
                last_gain, waited = value, 0
            if value > best:
                state = self._average.network.state_dict()
                best, kept = value, {name: v.clone() for name, v in state.items()}
        early = waited == PATIENCE
        if kept is None:
            return FreshValue(V_EQUILIBRIUM, 0.0, updates, early)
        self._average.network.load_state_dict(kept)
        logits = yield from self._judged(1, updates)
        reported, error = value_terms(*logits).value, value_standard_error(*logits)
        return FreshValue(reported.item(), error.item(), updates, early)

    def _update(self, done: float) -> Iterator[float]:
        """One update of the fresh discriminator; on images in parts, between which `done` comes."""
        lens, batch = self._lens, self._lens.real(self._batch, self._rng)
        latent = lens.latent(len(batch), self._rng)
        if len(lens.target.shape) == 1:
            self._fresh.learn(batch, lens.fakes(latent, self._generator), LEARNING_RATE)
        else:
            fakes = []
            for part in torch.split(latent, PART_IMAGES):
                fakes.append(lens.fakes(part, self._generator))
                yield done
            parts = self._fresh.learn_in_parts(batch, torch.cat(fakes), LEARNING_RATE, PART_IMAGES)
            yield from (done for part in parts)
        self._average.follow(self._fresh.player.flat)

    def _judged(self, half: int, updates: int) -> Generator[float, None, tuple[Tensor, Tensor]]:
        """The averaged D's logits on one half of what is held out, a piece in each slice."""
        if half == 0:
            self._average.copy_buffers()
        network, real, fakes = self._average.network, [], []
        size = PIECE if len(self._lens.target.shape) == 1 else PIECE_IMAGES
        for piece in torch.split(self._real[half], size):
            with self._lens.evaluating(network):
                real.append(network(piece).reshape(-1))
            yield updates / MOST_UPDATES
        for latent in torch.split(self._latent[half], size):
            piece = self._lens.fakes(latent, self._generator)
            with self._lens.evaluating(network):
                fakes.append(network(piece).reshape(-1))
            yield updates / MOST_UPDATES
        return torch.cat(real), torch.cat(fakes)


def fit_fresh(lens: Lens, rng: torch.Generator) -> FreshValue:
    """Fit a fresh discriminator to the G of this moment, in one go."""
    return in_one_go(Fit(lens, rng).slices())


@INSTRUMENTS.register(
    "fresh D",
    every=10.0,
    long=True,
    first=FIRST_FRESH_SECONDS,
    doing=Doing(_("fitting a fresh D"), _("Fitting a fresh D")),
)
class Fresh(Meter):
    """V of a discriminator that is newly fitted to the G of a moment, which G never played with.

    It bounds V of the optimal one from below, so G's error is at least what it tells.
    """

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._gaps = kit.of(Gaps)

    def measure(self, step: int) -> Iterator[float]:
        """Fit one, and complete the gaps' row of this moment."""
        fit = Fit(self._lens, self._rng(step))
        yield from self._gaps.measure(step)
        found = yield from fit.slices()
        self._gaps.add(step=step, fresh=found.value, fresh_se=found.value_se)

    def pace(self, every: float) -> float:
        """More seldom where the optimal D is known."""
        return every if self._gaps.best is None else BESIDE_THE_OPTIMAL

    @property
    def tells_error(self) -> bool:
        """Where no density is known."""
        return self._gaps.best is None

    def add_to(self, readings: Readings) -> Readings:
        """Adds the gaps' rows, of which its own values are a part."""
        return self._gaps.add_to(readings)

    def rewind(self, step: int) -> None:
        """Forgets the gaps' later rows."""
        self._gaps.rewind(step)
