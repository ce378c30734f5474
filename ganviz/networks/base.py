"""What all families share: the registry, what a family is, activations and first weights.

Facts: `complaint`, a `Complain`; `deep_generator`, False where G has no hidden layers to count.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import torch
from torch import nn
from torch.nn.utils import skip_init

from ganviz.registry import Entry, Registry
from ganviz.say import Message

Shape = tuple[int, ...]
M = TypeVar("M", bound=nn.Module)


class BuildGenerator(Protocol):
    """Builds a module from `(n, latent_dim)` to `(n, *shape)`."""

    def __call__(
        self, shape: Shape, latent_dim: int, width: int, depth: int, rng: torch.Generator
    ) -> nn.Module: ...


class BuildDiscriminator(Protocol):
    """Builds a module from `(n, *shape)` to logits `(n, 1)`: an `nn.Sequential` that ends in an
    `nn.Linear`, so that what sits before or in front of the last layer can be added."""

    def __call__(self, shape: Shape, width: int, depth: int, rng: torch.Generator) -> nn.Module: ...


class Complaint(NamedTuple):
    """Why a family cannot serve some data."""

    field: Literal["network", "depth", "latent_dim"]
    """What to change; "network" where the family can serve such data with no settings."""
    message: Message
    """A sentence whose subject is the family; the field, where it is named, is a `Mention`."""

    @property
    def sentence(self) -> str:
        """In words, with the field's name."""
        return str(self.message)


class Complain(Protocol):
    """Why a family cannot serve data of that shape with those settings, or None.

    Without a `latent_dim`: why it cannot with any.
    """

    def __call__(
        self, shape: Shape, depth: int, latent_dim: int | None = None
    ) -> Complaint | None: ...


@dataclass(frozen=True)
class Family:
    """How to build both players. The same `rng` state gives the same weights.

    Args:
        generator, discriminator: the players.
        probe: where D sees its whole batch, one like it that judges each sample by itself.
    """

    generator: BuildGenerator
    discriminator: BuildDiscriminator
    probe: BuildDiscriminator | None = None

    @property
    def single(self) -> "Family":
        """The same with a discriminator that judges each sample by itself."""
        return Family(self.generator, self.probe or self.discriminator)


Network = Callable[..., Family]

NETWORKS: Registry[Network, Entry[Network]] = Registry("network")

Activation = Literal["leaky_relu", "relu", "tanh", "silu"]

ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = MappingProxyType(
    {
        "leaky_relu": lambda: nn.LeakyReLU(0.2),
        "relu": nn.ReLU,
        "tanh": nn.Tanh,
        "silu": nn.SiLU,
    }
)


def fits_anything(shape: Shape, depth: int, latent_dim: int | None = None) -> Complaint | None:
    """The complaint of a family that serves all data: None."""
    return None


def empty(layer: type[M], *args: Any, **options: Any) -> M:
    """A layer with uninitialised weights: the usual constructors draw from the global generator."""
    made: M = skip_init(layer, *args, **options)  # type: ignore[no-untyped-call]  # torch has none
    return made


def initialise(network: nn.Module, rng: torch.Generator) -> nn.Module:
    """Weights and biases uniform in ±1/√fan_in: torch's default, from an explicit generator."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            for parameter in layer.parameters(recurse=False):
                nn.init.uniform_(parameter, -bound, bound, generator=rng)
    return network
