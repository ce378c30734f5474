"""The moving average of G's weights."""

from typing import Any

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
        self._updates = 0

    def follow(self, flat: Tensor) -> None:
        """Move towards the network's present parameters, as one flat tensor."""
        self.flat.lerp_(flat, 1 - self.count_update())

    def count_update(self) -> float:
        """Count one update and give its decay, for those who move `flat` themselves."""
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        self._updates += 1
        return decay

    def copy_buffers(self) -> None:
        """Take over the network's buffers (batch statistics), which are averages already."""
        with torch.no_grad():
            for mine, its in zip(self.network.buffers(), self._followed.buffers(), strict=True):
                mine.copy_(its)

    def state_dict(self) -> dict[str, Any]:
        """Copies of the averaged parameters and the count of updates."""
        return {"flat": self.flat.clone(), "updates": self._updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.flat.copy_(state["flat"])
        self._updates = state["updates"]
