"""What a snapshot looks at: fixed data, noise and grid, so that pictures move smoothly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ganviz.snapshot import Floats, Surface, frozen
from ganviz.target import Target
from ganviz.trainer.game import Game
from ganviz.trainer.source import Source
from ganviz.trainer.streams import Streams
from ganviz.trainer.units import Units

VECTORS, IMAGES = 512, 128
"""How many samples a snapshot holds: an image costs far more than a point."""

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


class Seen(NamedTuple):
    """What a snapshot holds of players, under its own names."""

    real_logits: Floats
    fake_logits: Floats
    samples: Floats
    samples_ema: Floats | None
    real: Floats
    surface: Surface | None


class _Grid(NamedTuple):
    """Where the surface is looked at."""

    axes: list[Floats]
    points: Tensor
    """Standardised, shape `(n, dim)`, along the last axis first."""
    density: Floats | None
    """Of one-dimensional data."""


class _Fixed(NamedTuple):
    """The inputs."""

    real: Floats
    standardised: Tensor
    latent: Tensor
    grid: _Grid | None
    """None above two dimensions."""


class View:
    """Evaluates players on inputs that never change during a run; they are drawn at the first look.

    Args:
        target: the data.
        units: how networks see them.
        source: draws noise for G.
        seed: the inputs follow from it.
    """

    def __init__(self, target: Target, units: Units, source: Source, seed: int) -> None:
        self._target, self._units, self._source, self._seed = target, units, source, seed

    def look(self, game: Game) -> Seen:
        """What there is to see now."""
        fixed, value, average = self._fixed, game.value, game.averaged()
        generator = game.g.network
        with evaluating(generator, value.network, average):
            fakes, samples = self._samples(generator)
            samples_ema = None
            if average is not None:
                of_average, samples_ema = self._samples(average)
                fakes = of_average if game.shows_average else fakes
            real_logits = fake_logits = frozen(np.empty(0))
            surface = None
            if value.judge is not None:
                # A copy each: a module may work on its input in place.
                real_logits = _kept(value.judge(fixed.standardised.clone()))
                fake_logits = _kept(value.judge(fakes))
                surface = self._surface(value.judge)
        return Seen(real_logits, fake_logits, samples, samples_ema, fixed.real, surface)

    @cached_property
    def _fixed(self) -> "_Fixed":
        target, rng = self._target, Streams.from_seed(self._seed).view
        n = VECTORS if len(target.shape) == 1 else IMAGES
        drawn = target.sample(n, rng)
        real, latent = _kept(drawn), self._source.latent(n, rng)
        grid = self._grid(real) if target.dim in (1, 2) else None
        return _Fixed(real, self._units.standardised(drawn), latent, grid)

    def _grid(self, real: Floats) -> _Grid:
        axes = _axes(real)
        points = torch.cartesian_prod(*(torch.from_numpy(a) for a in reversed(axes)))
        points = points.reshape(-1, len(axes)).flip(1)
        density = _density(self._target, axes[0]) if len(axes) == 1 else None
        return _Grid(axes, self._units.standardised(points), density)

    def _samples(self, generator: nn.Module) -> tuple[Tensor, Floats]:
        """What `generator` makes of the fixed noise: for networks, and in data units."""
        fakes: Tensor = generator(self._fixed.latent.clone())
        return fakes, _kept(self._units.original(fakes))

    def _surface(self, judge: Callable[[Tensor], Tensor]) -> Surface | None:
        """D over the data's range; None above two dimensions."""
        grid = self._fixed.grid
        if grid is None:
            return None
        shape = tuple(len(a) for a in reversed(grid.axes))
        height = judge(grid.points.clone()).sigmoid().reshape(shape)
        x, y = grid.axes[0], grid.axes[1] if len(grid.axes) == 2 else None
        return Surface(frozen(x), None if y is None else frozen(y), _kept(height), grid.density)


def _axes(real: Floats) -> list[Floats]:
    """Grid lines that cover the data with a third of their extent to spare on every side."""
    low, high = real.min(0), real.max(0)
    spare = (high - low).max() / 3 or 1.0
    points = LINE if real.shape[1] == 1 else SIDE
    return [
        np.linspace(a - spare, b + spare, points, dtype=np.float32)
        for a, b in zip(low, high, strict=True)
    ]


def _density(target: Target, line: Floats) -> Floats | None:
    if target.log_density is None:
        return None
    return _kept(target.log_density(torch.from_numpy(line)[:, None]).exp())


def _kept(tensor: Tensor) -> Floats:
    return frozen(tensor.cpu().numpy())
