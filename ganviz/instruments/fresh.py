"""A discriminator fitted anew to a frozen generator: what the best D makes of it, from below."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from ganviz.levels import V_EQUILIBRIUM
from ganviz.trainer.average import MovingAverage
from ganviz.trainer.lens import Lens
from ganviz.value import value_standard_error, value_terms

BATCH, IMAGES = 512, 128
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
HELD_OUT = 4096
"""Samples of each kind that choose the best D, and as many others that V is then reported on."""


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
    """

    def __init__(self, lens: Lens, rng: torch.Generator) -> None:
        self._lens, self._rng = lens, rng
        self._batch = BATCH if len(lens.target.shape) == 1 else IMAGES
        self._generator = lens.frozen_generator()
        self._fresh = lens.fresh_discriminator(rng)
        self._average = MovingAverage(self._fresh.player.network, AVERAGE)
        real = lens.held_out(2 * HELD_OUT, rng)
        fakes = self._fakes(2 * HELD_OUT)
        self._choosing, self._reporting = zip(real.chunk(2), fakes.chunk(2), strict=True)
        self.found: FreshValue | None = None

    def slices(self) -> Iterator[float]:
        """Run the fit; yields how much of the longest fit is done. `found` is set at its end."""
        best, kept, waited, updates = V_EQUILIBRIUM, None, 0, 0
        last_gain = best
        while updates < MOST_UPDATES and waited < PATIENCE:
            for _ in range(CHECK_EVERY):
                real = self._lens.real(self._batch, self._rng)
                self._fresh.learn(real, self._fakes(len(real)), LEARNING_RATE)
                self._average.follow(self._fresh.player.flat)
                updates += 1
                yield updates / MOST_UPDATES
            value = value_terms(*self._judged(*self._choosing)).value.item()
            waited += 1
            if value > last_gain + GAIN:
                last_gain, waited = value, 0
            if value > best:
                state = self._average.network.state_dict()
                best, kept = value, {name: v.clone() for name, v in state.items()}
            yield updates / MOST_UPDATES
        self.found = self._report(kept, updates, waited == PATIENCE)

    def _report(self, kept: dict[str, Tensor] | None, updates: int, early: bool) -> FreshValue:
        if kept is None:
            return FreshValue(V_EQUILIBRIUM, 0.0, updates, early)
        self._average.network.load_state_dict(kept)
        logits = self._judged(*self._reporting)
        value, error = value_terms(*logits).value, value_standard_error(*logits)
        return FreshValue(value.item(), error.item(), updates, early)

    def _judged(self, real: Tensor, fakes: Tensor) -> tuple[Tensor, Tensor]:
        self._average.copy_buffers()
        network = self._average.network
        with self._lens.evaluating(network):
            return network(real).reshape(-1), network(fakes).reshape(-1)

    def _fakes(self, n: int) -> Tensor:
        return self._lens.fakes(self._lens.latent(n, self._rng), self._generator)


def fit_fresh(lens: Lens, rng: torch.Generator) -> FreshValue:
    """Fit a fresh discriminator to the G of this moment, in one go."""
    fit = Fit(lens, rng)
    for _ in fit.slices():
        pass
    assert fit.found is not None
    return fit.found
