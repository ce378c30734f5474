"""What instruments may see of a trainer. Looking through it never moves what is looked at."""

import math
from contextlib import AbstractContextManager
from copy import copy
from functools import partial
from hashlib import blake2b

import torch
from torch import Tensor, nn

from ganviz.config import RunConfig
from ganviz.networks import twin
from ganviz.target import Target
from ganviz.trainer.build import build_probe
from ganviz.trainer.game import Game
from ganviz.trainer.probe import Probe
from ganviz.trainer.source import Source
from ganviz.trainer.units import Units
from ganviz.trainer.view import evaluating

FRESH = {"width": 64, "depth": 3, "fourier": 64}
"""The least that a fresh discriminator of vectors has, whatever the playing one is held to."""

FRESH_SCALE = 6.0
"""Standard deviation of its frequencies in two dimensions; their length is the same in others."""

FRESH_ADAM = {"optimizer": "adam", "beta1": 0.9, "beta2": 0.999, "grad_clip": 0.0}


class Lens:
    """Players in eval mode without gradients, and draws from generators that the caller brings.

    Samples are in the networks' units, unless it says otherwise.

    Args:
        config: the settings.
        target: the data.
        units: how networks see them.
        source: draws them.
        game: the players, and how they are asked.
    """

    def __init__(
        self, config: RunConfig, target: Target, units: Units, source: Source, game: Game
    ) -> None:
        self.config, self.target, self.loss = config, target, game.objectives.loss
        self._units, self._source = units, source
        self._generator, self._shown = game.g.network, game.shown_generator
        self._judge = game.value.network
        self._discriminator, self._packed = game.d.network, game.judge.packed

    def frozen(self) -> "Lens":
        """A lens on copies of the players as they are now, for what takes several slices."""
        still = copy(self)
        shown = self._shown()
        copies = {id(m): twin(m).requires_grad_(False) for m in self._networks(shown)}
        still._generator = copies[id(self._generator)]
        still._shown = partial(copies.__getitem__, id(shown))
        still._judge = None if self._judge is None else copies[id(self._judge)]
        still._discriminator = copies[id(self._discriminator)]
        return still

    def _networks(self, shown: nn.Module) -> list[nn.Module]:
        judge = [] if self._judge is None else [self._judge]
        return [self._generator, shown, self._discriminator, *judge]

    @property
    def judges(self) -> bool:
        """Whether there are logits that V is of."""
        return self._judge is not None

    def rng(self, step: int, name: str) -> torch.Generator:
        """A generator for the instrument of that name at that iteration: the same each time."""
        text = f"{self.config.seed} {step} {name}"
        seed = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
        return torch.Generator().manual_seed(seed >> 1)

    def real(self, n: int, rng: torch.Generator) -> Tensor:
        """At most `n` samples of the data that training sees."""
        n = n if self.target.size is None else min(n, self.target.size)
        return self._units.standardised(self.target.sample(n, rng))

    def held_out(self, n: int, rng: torch.Generator) -> Tensor:
        """At most `n` samples of the data that training does not see."""
        size = self.target.held_out_size
        n = n if size is None else min(n, size)
        return self._units.standardised(self.target.draw_held_out(n, rng))

    def latent(self, n: int, rng: torch.Generator) -> Tensor:
        """Noise for G, shape `(n, latent_dim)`."""
        return self._source.latent(n, rng)

    def fakes(self, latent: Tensor, generator: nn.Module | None = None) -> Tensor:
        """What the G that plays, or another one, makes of the noise."""
        generator = generator or self._generator
        with evaluating(generator):
            fakes: Tensor = generator(latent)
        return fakes

    @property
    def shown_generator(self) -> nn.Module:
        """The G that is shown and measured: that of `which_g`, as it is now."""
        return self._shown()

    def shown(self, n: int, rng: torch.Generator) -> Tensor:
        """`n` samples of the G that is shown, float32 in the data's own units."""
        return self.original(self.fakes(self.latent(n, rng), self.shown_generator)).float()

    @staticmethod
    def evaluating(network: nn.Module) -> AbstractContextManager[None]:
        """No gradients, and `network` in eval mode, for a while."""
        return evaluating(network)

    def original(self, x: Tensor) -> Tensor:
        """From the networks' units to the data's own, on the CPU."""
        return self._units.original(x)

    def logits(self, x: Tensor) -> Tensor:
        """The logits that V is of, shape `(n,)`.

        Raises:
            ValueError: if there are none; see `judges`.
        """
        if self._judge is None:
            raise ValueError("D gives no probability of one sample, and the probe is off")
        with evaluating(self._judge):
            logits: Tensor = self._judge(x)
        return logits.reshape(-1)

    def outputs(self, x: Tensor) -> Tensor:
        """The playing D's outputs, one for each group of `packing` samples."""
        with evaluating(self._discriminator):
            outputs: Tensor = self._discriminator(self._packed(x))
        return outputs.reshape(-1)

    def fresh_discriminator(self, rng: torch.Generator) -> Probe:
        """A new discriminator of the same family that nothing holds back, and its optimiser."""
        config = self.config.replace(**FRESH_ADAM)
        if len(self.target.shape) == 1:
            least = {name: max(getattr(config, name), value) for name, value in FRESH.items()}
            scale = FRESH_SCALE * math.sqrt(2 / self.target.shape[0])
            config = config.replace(**least, fourier_scale=scale)
        return Probe(build_probe(config, self.target, self._units, rng), config)
