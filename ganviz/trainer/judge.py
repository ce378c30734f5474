"""How D is asked: about groups of samples where it judges several together."""

import torch
from torch import Tensor

from ganviz.config import RunConfig
from ganviz.trainer.player import Player

Pair = tuple[Tensor, Tensor]
"""Of data, and of samples."""


class Judge:
    """D, on samples joined in groups of `packing`.

    Args:
        config: the settings.
        d: the player.
        alone: whether D judges each of its inputs without a look at the rest of the batch.
    """

    def __init__(self, config: RunConfig, d: Player, *, alone: bool) -> None:
        self._d, self._packing = d, config.packing
        # Seen in one batch, data and fakes would let D read the answer off its statistics.
        self._together = alone

    def __call__(self, x: Tensor) -> Tensor:
        """D's output on each group of samples, shape `(n / packing,)`."""
        return self.packed_logits(self.packed(x))

    def packed(self, x: Tensor) -> Tensor:
        """Samples joined in groups along their first axis, as D sees them."""
        if self._packing == 1:
            return x
        return x.reshape(-1, self._packing * x.shape[1], *x.shape[2:])

    def packed_logits(self, x: Tensor) -> Tensor:
        """D's output on packed samples."""
        return self._d(x).reshape(-1)

    def both(self, real: Tensor, fake: Tensor) -> Pair:
        """D's outputs on packed data and on packed samples."""
        if self._together:
            real_logits, fake_logits = self.packed_logits(torch.cat([real, fake])).chunk(2)
            return real_logits, fake_logits
        return self.packed_logits(real), self.packed_logits(fake)

    def with_parameters(self, flat: Tensor, x: Tensor) -> Tensor:
        """The output on packed samples of the D that has `flat` for parameters."""
        return self._d.with_parameters(flat, x).reshape(-1)
