"""What a snapshot looks at: fixed data, noise and grid, so that pictures move smoothly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ganviz.snapshot import Floats, Surface, frozen
from ganviz.target import Target

VECTORS, IMAGES = 512, 128
"""How many samples a snapshot holds: an image costs far more than a point."""

Judge = Callable[[Tensor], Tensor]
"""Samples in standardised units to logits of shape `(n,)`."""

LINE, SIDE = 240, 40
"""Grid points of the surface: along a line, and along each side of a square."""


@contextmanager
def evaluating(*networks: nn.Module | None) -> Iterator[None]:
    """No gradients and eval mode, which moves no buffer; afterwards every module is as it was."""
    modules = [m for network in networks if network is not None for m in network.modules()]
    modes = [m.training for m in modules]
    try:
        for m in modules:
            m.training = False
        with torch.no_grad():
            yield
    finally:
        for m, training in zip(modules, modes, strict=True):
            m.training = training


@dataclass(frozen=True)
class Units:
    """The way between the data's own units and the standardised ones that networks see."""

    shift: Tensor
    scale: float | Tensor
    """One number, or one for each coordinate."""
    device: torch.device
    dtype: torch.dtype

    def standardised(self, x: Tensor) -> Tensor:
        """Data units to standardised units, on the networks' device and in their dtype."""
        return torch.sub(x.to(self.device, self.dtype), self.shift).div_(self.scale)

    def original(self, x: Tensor) -> Tensor:
        """Standardised units to data units, on the CPU."""
        return (x * self.scale + self.shift).cpu()


class View:
    """Evaluates players on inputs that never change during a run.

    Args:
        target: the data.
        units: how networks see them.
        draw_latent: `(n, rng)` to noise for G.
        rng: draws the inputs, once.
    """

    def __init__(
        self,
        target: Target,
        units: Units,
        draw_latent: Callable[[int, torch.Generator], Tensor],
        rng: torch.Generator,
    ) -> None:
        self._units = units
        n = VECTORS if len(target.shape) == 1 else IMAGES
        real = target.sample(n, rng)
        self.real = _kept(real)
        self._real = units.standardised(real)
        self._latent = draw_latent(n, rng)
        self._axes = _axes(self.real) if target.dim in (1, 2) else None
        self._density = _density(target, self._axes) if self._axes and target.dim == 1 else None

    def samples(self, generator: nn.Module) -> tuple[Tensor, Floats]:
        """What `generator` makes of the fixed noise: for networks, and in data units."""
        made: Tensor = generator(self._latent)
        return made, _kept(self._units.original(made))

    def logits(self, judge: Judge | None, made: Tensor) -> tuple[Floats, Floats]:
        """D on the fixed data and on `made`, each of shape `(n,)`; empty without a judge."""
        if judge is None:
            return frozen(np.empty(0)), frozen(np.empty(0))
        return _kept(judge(self._real)), _kept(judge(made))

    def surface(self, judge: Judge | None) -> Surface | None:
        """D over the data's range; None without a judge, and above two dimensions."""
        if self._axes is None or judge is None:
            return None
        grid = torch.cartesian_prod(*(torch.from_numpy(a) for a in reversed(self._axes)))
        points = grid.reshape(-1, len(self._axes)).flip(1)
        shape = tuple(len(a) for a in reversed(self._axes))
        height = judge(self._units.standardised(points)).sigmoid().reshape(shape)
        x, y = self._axes[0], self._axes[1] if len(self._axes) == 2 else None
        return Surface(frozen(x), None if y is None else frozen(y), _kept(height), self._density)


def _axes(real: Floats) -> list[Floats]:
    """Grid lines that cover the data with a third of their extent to spare on every side."""
    low, high = real.min(0), real.max(0)
    spare = (high - low).max() / 3 or 1.0
    points = LINE if real.shape[1] == 1 else SIDE
    return [
        np.linspace(a - spare, b + spare, points, dtype=np.float32)
        for a, b in zip(low, high, strict=True)
    ]


def _density(target: Target, axes: list[Floats]) -> Floats | None:
    if target.log_density is None:
        return None
    return _kept(target.log_density(torch.from_numpy(axes[0])[:, None]).exp())


def _kept(tensor: Tensor) -> Floats:
    return frozen(tensor.cpu().numpy())
