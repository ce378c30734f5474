"""The moving average of G's weights."""

import torch
from torch import Tensor, nn

from ganviz.networks import twin
from ganviz.trainer.player import flatten


class MovingAverage:
    r"""An exponential moving average of a network's trainable parameters, with warm-up.

    $$\bar\theta \leftarrow a_t \bar\theta + (1 - a_t) \theta, \quad
      a_t = \min(a, (1 + t) / (10 + t))$$

    The decay a_t grows from 0.1, so that the average leaves the untrained start behind at once.

    Args:
        network: what is followed; the average begins as a copy of it.
        decay: a, in [0, 1).
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._followed = network
        self._decay = decay
        self.network = twin(network)
        self.flat = flatten([p for p in self.network.parameters() if p.requires_grad])
        self.updates = 0
        """How often it has followed: the warm-up goes by it."""

    def follow(self, flat: Tensor) -> None:
        """Move towards the network's present parameters, as one flat tensor."""
        self.flat.lerp_(flat, 1 - self.count_update())

    def count_update(self) -> float:
        """Count one update and give its decay, for those who move `flat` themselves."""
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        return decay

    def copy_buffers(self) -> None:
        """Take over the network's buffers (batch statistics), which are averages already."""
        with torch.no_grad():
            for mine, its in zip(self.network.buffers(), self._followed.buffers(), strict=True):
                mine.copy_(its)

    def copy_fixed(self) -> None:
        """Take over what the network has and does not learn."""
        with torch.no_grad():
            pairs = zip(self.network.parameters(), self._followed.parameters(), strict=True)
            for mine, its in pairs:
                if not its.requires_grad:
                    mine.copy_(its)

    def restart(self, flat: Tensor, updates: int = 0) -> None:
        """Go on from these parameters after so many updates."""
        self.flat.copy_(flat)
        self.updates = updates
