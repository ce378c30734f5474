"""The data's own units and those that networks see."""

from dataclasses import dataclass

import torch
from torch import Tensor


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
