"""Where an iteration's batches come from: data in the networks' units, and noise for G."""

from typing import Protocol

import torch
from torch import Tensor

from ganviz.config import RunConfig
from ganviz.target import Target
from ganviz.trainer.streams import Streams
from ganviz.trainer.units import Units


class Batches(Protocol):
    """What an iteration draws; `Source` says what each of it is."""

    def real(self, n: int) -> Tensor: ...

    def latent(self, n: int) -> Tensor: ...

    def noised(self, x: Tensor, std: float) -> Tensor: ...

    @property
    def auxiliary(self) -> torch.Generator: ...


class Source:
    """Draws data, latent noise and auxiliary noise, each from its own stream."""

    def __init__(self, config: RunConfig, target: Target, units: Units, streams: Streams) -> None:
        self._target, self._units, self._streams = target, units, streams
        self._uniform = config.latent == "uniform"
        self._latent_dim = config.latent_dim

    def real(self, n: int) -> Tensor:
        """`n` samples of the data, standardised, shape `(n, *shape)`."""
        return self._units.standardised(self._target.sample(n, self._streams.data))

    def latent(self, n: int, rng: torch.Generator | None = None) -> Tensor:
        """Noise for G, shape `(n, latent_dim)`; from training's stream unless `rng` is given."""
        shape, rng = (n, self._latent_dim), rng or self._streams.latent
        if self._uniform:
            z = torch.rand(shape, generator=rng, dtype=self._units.dtype).mul_(2).sub_(1)
        else:
            z = torch.randn(shape, generator=rng, dtype=self._units.dtype)
        return z.to(self._units.device)

    def noised(self, x: Tensor, std: float) -> Tensor:
        """`x` with instance noise of that standard deviation, as it is with 0."""
        if not std:
            return x
        noise = torch.randn(x.shape, generator=self._streams.noise, dtype=x.dtype)
        return x + std * noise.to(x.device)

    @property
    def auxiliary(self) -> torch.Generator:
        """For penalties."""
        return self._streams.noise
