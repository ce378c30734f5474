"""How hard each fake is pulled by the loss that is played for, and how hard others would pull."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import torch
from torch import Tensor

from ganviz.instruments.base import INSTRUMENTS, Kit, Meter
from ganviz.instruments.slices import in_slices
from ganviz.losses import LOSSES, Loss
from ganviz.readings import Doing, Pulls, Readings
from ganviz.say import _
from ganviz.snapshot import frozen

SAMPLES, IMAGES = 1024, 256
"""Fakes whose pull is taken: an image costs far more than a point."""

COMPARED = tuple(name for name, loss in LOSSES.items() if loss.facts.get("compared"))
"""Losses to compare with."""

STARVED = 0.01
"""Share of the non-saturating pull below which a fake counts as starved."""


def pulls(loss: Loss, real: Tensor, fakes: Tensor) -> Tensor:
    r"""$n\,|\partial L_G / \partial s_i|$ for each output $s_i$ of D on the `n` fakes.

    With D = sigmoid(s), the minimax loss pulls by D and the non-saturating one by 1 - D: where D is
    sure of a fake, the first is nothing and the second is 1.

    Args:
        loss: of the registry.
        real: D's outputs on data, shape `(m,)`, m = n.
        fakes: D's outputs on samples, shape `(n,)`.

    Source: Goodfellow et al. 2014, [arXiv:1406.2661](https://arxiv.org/abs/1406.2661), section 3,
    on why minimax saturates.
    """
    outputs = fakes.detach().double().requires_grad_()
    with torch.enable_grad():
        (slopes,) = torch.autograd.grad(loss(real.detach().double(), outputs).g, outputs)
    return slopes.abs() * len(fakes)


@INSTRUMENTS.register(
    "saturation",
    every=1.0,
    light=True,
    doing=Doing(_("measuring saturation"), _("Measuring saturation")),
)
class Saturation(Meter):
    r"""How hard the loss pulls at each fake: $|\partial L_G / \partial s|$ at the outputs of D.

    Beside it, how hard other losses would pull at the same outputs: where all are near 0, G has
    nothing to learn from.
    """

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.found: Pulls | None = None
        self._step = 0

    def measure(self, step: int) -> Iterator[float]:
        """Take the pulls of this moment."""
        lens, rng = self._lens.frozen(), self._rng(step)
        most = SAMPLES if len(lens.target.shape) == 1 else IMAGES
        packing = lens.config.packing
        n = len(real := lens.real(most // packing * packing, rng))
        n -= n % packing
        made = yield from in_slices(lens, lens.fakes, lens.latent(n, rng))
        # D may judge a sample by the rest of its batch, so each batch is judged as a whole.
        fakes = lens.outputs(made)
        yield 0.5
        self.found = pulls_of(lens.config.loss, lens.loss, lens.outputs(real[:n]), fakes)
        self._step = step

    def add_to(self, readings: Readings) -> Readings:
        """Adds the pulls of the last moment."""
        return replace(readings, pulls=self.found)

    def rewind(self, step: int) -> None:
        """Forgets the pulls of a later moment."""
        if self._step > step:
            self.found = None


def pulls_of(own: str, loss: Loss, real: Tensor, fakes: Tensor) -> Pulls:
    """The pulls of the run's loss, called `own`, and of the others."""
    losses: Mapping[str, Loss] = {name: partial(LOSSES[name].fn) for name in COMPARED} | {own: loss}
    of = {name: pulls(one, real, fakes) for name, one in losses.items()}
    starved = (of[own] < STARVED * of["non_saturating"]).double().mean().item()
    kept = MappingProxyType({name: frozen(slopes.cpu().numpy()) for name, slopes in of.items()})
    return Pulls(own=own, of=kept, starved=starved)
