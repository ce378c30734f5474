"""Fully connected families, for any data."""

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from ganviz.networks.base import (
    ACTIVATIONS,
    NETWORKS,
    Activation,
    Family,
    Shape,
    empty,
    fits_anything,
    initialise,
)
from ganviz.registry import Label

Scheme = Callable[[Tensor, float, torch.Generator], Tensor]

_GAINS: Mapping[str, float] = MappingProxyType(
    {"leaky_relu": math.sqrt(2 / 1.04), "relu": math.sqrt(2), "tanh": 1.59254, "silu": 1.67653}
)
"""1/√E[φ(z)²] for a standard normal z."""

_SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        "kaiming": lambda w, gain, rng: w.normal_(0, gain / math.sqrt(w.shape[1]), generator=rng),
        "xavier": lambda w, gain, rng: nn.init.xavier_uniform_(w, generator=rng),
        "orthogonal": lambda w, gain, rng: nn.init.orthogonal_(w, gain, generator=rng),
    }
)


@NETWORKS.register("Multilayer perceptron", complaint=fits_anything)
def mlp(
    *,
    activation: Activation = "leaky_relu",
    initialisation: Annotated[
        Literal["uniform", "kaiming", "xavier", "orthogonal"], Label("First weights")
    ] = "uniform",
) -> Family:
    r"""Fully connected layers, `depth` hidden ones of `width` units, for any data.

    $$x_{l+1} = \varphi(W_l x_l + b_l), \quad \text{out} = W_L x_L + b_L$$

    Args:
        activation: the nonlinearity after each hidden layer; leaky_relu has slope 0.2.
        initialisation: the first weights. uniform, in ±1/√n for a layer of n inputs, biases too, is
            torch's own; the others have biases of 0. kaiming, normal of variance gain²/n, begins
            with variance 1 at every layer, as standardised inputs have; orthogonal, a rotation
            times the gain, keeps lengths instead. The gain is 1 for the first layer, then makes up
            for what the activation takes away. xavier is uniform of variance 2/(inputs + outputs).

    References: He et al. 2015 [arXiv:1502.01852](https://arxiv.org/abs/1502.01852); Glorot & Bengio
    2010; Saxe et al. 2014 [arXiv:1312.6120](https://arxiv.org/abs/1312.6120)
    """

    def layers(inputs: int, outputs: int, width: int, depth: int) -> Iterator[nn.Module]:
        for i in range(depth):
            yield empty(nn.Linear, width if i else inputs, width)
            yield ACTIVATIONS[activation]()
        yield empty(nn.Linear, width, outputs)

    def start(network: nn.Module, rng: torch.Generator) -> nn.Module:
        if initialisation == "uniform":
            return initialise(network, rng)
        return _start(network, _SCHEMES[initialisation], _GAINS[activation], rng)

    def generator(
        shape: Shape, latent_dim: int, width: int, depth: int, rng: torch.Generator
    ) -> nn.Module:
        return start(_shaped(shape, layers(latent_dim, math.prod(shape), width, depth)), rng)

    def discriminator(shape: Shape, width: int, depth: int, rng: torch.Generator) -> nn.Module:
        return start(_flat(shape, layers(math.prod(shape), 1, width, depth)), rng)

    return Family(generator, discriminator)


class Residual(nn.Module):
    r"""A block that adds to its input: $x + s (W_2 \varphi(W_1 x + b_1) + b_2)$.

    Args:
        width: of x, shape `(n, width)`.
        activation: φ.
        scale: s.
    """

    def __init__(self, width: int, activation: str, scale: float) -> None:
        super().__init__()
        hidden, out = empty(nn.Linear, width, width), empty(nn.Linear, width, width)
        self.branch = nn.Sequential(hidden, ACTIVATIONS[activation](), out)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """`(n, width)` to `(n, width)`."""
        return torch.add(x, self.branch(x), alpha=self.scale)


@NETWORKS.register("Residual perceptron", complaint=fits_anything)
def resmlp(*, activation: Activation = "leaky_relu") -> Family:
    r"""A linear layer into `width` units, `depth` residual blocks, and a linear layer out.

    $$x_{l+1} = x_l + \frac{1}{\sqrt{L}} (W_2 \varphi(W_1 x_l + b_1) + b_2)$$

    The factor of the L blocks keeps values and gradients of a first forward pass about as large
    for eight blocks as for one. Gradients reach the first layer past all blocks, so deep pairs
    still train.

    Args:
        activation: the nonlinearity inside each block; leaky_relu has slope 0.2.

    References: He et al. 2016 [arXiv:1512.03385](https://arxiv.org/abs/1512.03385); the factor,
    Hayou et al. 2021, *Stable ResNet*. [arXiv:2010.12859](https://arxiv.org/abs/2010.12859)
    """

    def layers(inputs: int, outputs: int, width: int, depth: int) -> Iterator[nn.Module]:
        yield empty(nn.Linear, inputs, width)
        for _ in range(depth):
            yield Residual(width, activation, 1 / math.sqrt(depth))
        yield empty(nn.Linear, width, outputs)

    def generator(
        shape: Shape, latent_dim: int, width: int, depth: int, rng: torch.Generator
    ) -> nn.Module:
        return initialise(_shaped(shape, layers(latent_dim, math.prod(shape), width, depth)), rng)

    def discriminator(shape: Shape, width: int, depth: int, rng: torch.Generator) -> nn.Module:
        return initialise(_flat(shape, layers(math.prod(shape), 1, width, depth)), rng)

    return Family(generator, discriminator)


def _shaped(shape: Shape, layers: Iterator[nn.Module]) -> nn.Sequential:
    """Layers that end in `prod(shape)` numbers, with those put into `shape`."""
    return nn.Sequential(*layers, *([nn.Unflatten(1, shape)] if len(shape) > 1 else []))


def _flat(shape: Shape, layers: Iterator[nn.Module]) -> nn.Sequential:
    """Layers that begin with `prod(shape)` numbers, behind what takes them out of `shape`."""
    return nn.Sequential(*([nn.Flatten()] if len(shape) > 1 else []), *layers)


@torch.no_grad()
def _start(network: nn.Module, scheme: Scheme, gain: float, rng: torch.Generator) -> nn.Module:
    layers = (layer for layer in network.modules() if isinstance(layer, nn.Linear))
    for i, layer in enumerate(layers):
        scheme(layer.weight, gain if i else 1.0, rng)
        layer.bias.zero_()
    return network
