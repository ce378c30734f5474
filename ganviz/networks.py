"""Pairs of a generator and a discriminator, built from a width, a depth and one random generator.

Fact: `complaint`, a function `(shape, depth)` to the reason why a family cannot serve data of that
shape at that depth, or None.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from torch import nn
from torch.nn.utils import skip_init

from ganviz.registry import Entry, Registry

Shape = tuple[int, ...]


class BuildGenerator(Protocol):
    """Builds a module from `(n, latent_dim)` to `(n, *shape)`."""

    def __call__(
        self, shape: Shape, latent_dim: int, width: int, depth: int, rng: torch.Generator
    ) -> nn.Module: ...


class BuildDiscriminator(Protocol):
    """Builds a module from `(n, *shape)` to logits `(n, 1)`."""

    def __call__(self, shape: Shape, width: int, depth: int, rng: torch.Generator) -> nn.Module: ...


@dataclass(frozen=True)
class Family:
    """How to build both players. The same `rng` state gives the same weights."""

    generator: BuildGenerator
    discriminator: BuildDiscriminator


Network = Callable[..., Family]

NETWORKS: Registry[Network, Entry[Network]] = Registry("network")

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
}


def _fits_anything(shape: Shape, depth: int) -> str | None:
    return None


def _needs_halving(shape: Shape, depth: int) -> str | None:
    if len(shape) != 3:
        return "is for images"
    deepest = min(_halvings(shape[1]), _halvings(shape[2]))
    if depth > deepest:
        size = f"{shape[1]}×{shape[2]}"
        return f"halves {size} images at most {deepest} times, so depth {depth} is too deep"
    return None


def _halvings(n: int) -> int:
    return (n & -n).bit_length() - 1


@NETWORKS.register("Multilayer perceptron", complaint=_fits_anything)
def mlp(*, activation: Literal["leaky_relu", "relu", "tanh", "silu"] = "leaky_relu") -> Family:
    """Fully connected layers, `depth` hidden ones of `width` units, for any data.

    Args:
        activation: the nonlinearity after each hidden layer; leaky_relu has slope 0.2.
    """

    def layers(inputs: int, outputs: int, width: int, depth: int) -> Iterator[nn.Module]:
        for i in range(depth):
            yield _empty(nn.Linear, width if i else inputs, width)
            yield _ACTIVATIONS[activation]()
        yield _empty(nn.Linear, width, outputs)

    def generator(
        shape: Shape, latent_dim: int, width: int, depth: int, rng: torch.Generator
    ) -> nn.Module:
        body = list(layers(latent_dim, math.prod(shape), width, depth))
        if len(shape) > 1:
            body.append(nn.Unflatten(1, shape))
        return _initialise(nn.Sequential(*body), rng)

    def discriminator(shape: Shape, width: int, depth: int, rng: torch.Generator) -> nn.Module:
        head = [nn.Flatten()] if len(shape) > 1 else []
        return _initialise(nn.Sequential(*head, *layers(math.prod(shape), 1, width, depth)), rng)

    return Family(generator, discriminator)


@NETWORKS.register("Convolutional (images)", complaint=_needs_halving)
def conv() -> Family:
    """A small DCGAN without batch normalisation: `depth` layers halve or double the image.

    D's first layer has `width` channels and each further one twice as many; G mirrors it. Without
    normalisation no sample's output depends on the rest of its batch.

    References: Radford et al. 2016, *DCGAN*. [arXiv:1511.06434](https://arxiv.org/abs/1511.06434)
    """

    def generator(
        shape: Shape, latent_dim: int, width: int, depth: int, rng: torch.Generator
    ) -> nn.Module:
        small = (width << (depth - 1), shape[1] >> depth, shape[2] >> depth)
        body = [_empty(nn.Linear, latent_dim, math.prod(small)), nn.Unflatten(1, small)]
        for i in reversed(range(depth)):
            out = width << (i - 1) if i else shape[0]
            body += [nn.LeakyReLU(0.2), _empty(nn.ConvTranspose2d, width << i, out, 4, 2, 1)]
        return _initialise(nn.Sequential(*body), rng)

    def discriminator(shape: Shape, width: int, depth: int, rng: torch.Generator) -> nn.Module:
        body: list[nn.Module] = []
        for i in range(depth):
            inputs = width << (i - 1) if i else shape[0]
            body += [_empty(nn.Conv2d, inputs, width << i, 4, 2, 1), nn.LeakyReLU(0.2)]
        flat = (width << (depth - 1)) * (shape[1] >> depth) * (shape[2] >> depth)
        return _initialise(nn.Sequential(*body, nn.Flatten(), _empty(nn.Linear, flat, 1)), rng)

    return Family(generator, discriminator)


def _empty(layer: type[nn.Module], *args: Any) -> nn.Module:
    """A layer with uninitialised weights: the usual constructors draw from the global generator."""
    empty: nn.Module = skip_init(layer, *args)  # type: ignore[no-untyped-call]  # torch has none
    return empty


def _initialise(network: nn.Module, rng: torch.Generator) -> nn.Module:
    """Weights and biases uniform in ±1/√fan_in: torch's default, from an explicit generator."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            for parameter in layer.parameters(recurse=False):
                nn.init.uniform_(parameter, -bound, bound, generator=rng)
    return network
