"""Separate random generators, so that what one part of a run draws never shifts another's draws."""

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Streams:
    """One generator for each use. The global random state is never read or written."""

    initialisation: torch.Generator
    data: torch.Generator
    latent: torch.Generator
    noise: torch.Generator
    """Auxiliary noise: penalties and tricks."""
    view: torch.Generator
    """What is looked at beside the training."""
    probe: torch.Generator
    """The probe's weights."""
    generator_layers: torch.Generator
    """Dropout inside a caller's own G."""
    discriminator_layers: torch.Generator
    """Dropout inside a caller's own D."""

    @classmethod
    def from_seed(cls, seed: int) -> "Streams":
        """Independent streams of one seed (numpy's `SeedSequence` keeps them apart)."""
        names = cls.__dataclass_fields__
        children = np.random.SeedSequence(seed).spawn(len(names))
        return cls(
            **{
                name: torch.Generator().manual_seed(int(child.generate_state(1, np.uint64)[0] >> 1))
                for name, child in zip(names, children, strict=True)
            }
        )

    def tensors(self) -> dict[str, torch.Tensor]:
        """The state of every generator, uint8."""
        return {name: getattr(self, name).get_state() for name in self.__dataclass_fields__}

    def load(self, tensors: dict[str, torch.Tensor]) -> None:
        """The inverse of `tensors`."""
        for name in self.__dataclass_fields__:
            getattr(self, name).set_state(tensors[name])
