"""Convolutional families, for images."""

import math
from functools import partial
from typing import Literal

import torch
from torch import nn

from ganviz.networks.base import NETWORKS, Complaint, Family, Shape, empty, initialise
from ganviz.say import _


def _halvings(n: int) -> int:
    return (n & -n).bit_length() - 1


def _needs_halving(shape: Shape, depth: int, latent_dim: int | None = None) -> Complaint | None:
    if len(shape) != 3:
        return Complaint("network", _("is for images"))
    deepest = min(_halvings(shape[1]), _halvings(shape[2]))
    if depth > deepest:
        message = _(
            "halves {height}×{width} images at most {deepest} times, so depth {depth} is too deep",
            height=shape[1],
            width=shape[2],
            deepest=deepest,
            depth=depth,
        )
        return Complaint("depth", message)
    return None


def _needs_squares(shape: Shape, depth: int, latent_dim: int | None = None) -> Complaint | None:
    if len(shape) == 3 and not shape[1] == shape[2] == 1 << _halvings(shape[1]):
        message = _(
            "is for square images of 8, 16, 32, ... pixels a side, not {height}×{width}",
            height=shape[1],
            width=shape[2],
        )
        return Complaint("network", message)
    return _needs_halving(shape, depth)


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
        body = [empty(nn.Linear, latent_dim, math.prod(small)), nn.Unflatten(1, small)]
        for i in reversed(range(depth)):
            out = width << (i - 1) if i else shape[0]
            body += [nn.LeakyReLU(0.2), empty(nn.ConvTranspose2d, width << i, out, 4, 2, 1)]
        return initialise(nn.Sequential(*body), rng)

    def discriminator(shape: Shape, width: int, depth: int, rng: torch.Generator) -> nn.Module:
        body: list[nn.Module] = []
        for i in range(depth):
            inputs = width << (i - 1) if i else shape[0]
            body += [empty(nn.Conv2d, inputs, width << i, 4, 2, 1), nn.LeakyReLU(0.2)]
        flat = (width << (depth - 1)) * (shape[1] >> depth) * (shape[2] >> depth)
        return initialise(nn.Sequential(*body, nn.Flatten(), empty(nn.Linear, flat, 1)), rng)

    return Family(generator, discriminator)


@NETWORKS.register("DCGAN (square images)", complaint=_needs_squares)
def dcgan(
    *,
    normalisation: Literal["none", "generator", "both"] = "generator",
    output: Literal["tanh", "linear"] = "tanh",
) -> Family:
    """The layers of the DCGAN paper, for square images whose side is a power of two.

    G: a linear layer to the smallest image, then `depth` transposed convolutions that double it,
    with batch normalisation and ReLU between them. D: `depth` strided convolutions that halve the
    image, with LeakyReLU(0.2), and a linear layer. D's first layer has `width` channels and each
    further one twice as many; G mirrors it. The paper's pair is for 64 pixels, with width 128 and
    depth 4. Its first weights, normal of σ = 0.02, suit that width; here they are uniform in ±1/√n
    for a layer of n inputs.

    Args:
        normalisation: who has batch normalisation, on all layers but D's first and G's last. In the
            paper both have, and samples of digits get good soonest so; but such a D judges a
            sample by the batch that it comes in, and V is no longer of single samples.
        output: what ends G. tanh keeps pixels in ±1, for data that are scaled to that; linear
            reaches any data.

    References: Radford et al. 2016, *DCGAN*. [arXiv:1511.06434](https://arxiv.org/abs/1511.06434)
    """

    in_g = normalisation != "none"

    def generator(
        shape: Shape, latent_dim: int, width: int, depth: int, rng: torch.Generator
    ) -> nn.Module:
        small = (width << (depth - 1), shape[1] >> depth, shape[2] >> depth)
        body = [
            empty(nn.Linear, latent_dim, math.prod(small), bias=not in_g),
            nn.Unflatten(1, small),
        ]
        for i in reversed(range(depth)):
            body += _normalised(width << i, in_g)
            body.append(nn.ReLU())
            out, bias = (width << (i - 1), not in_g) if i else (shape[0], True)
            body.append(empty(nn.ConvTranspose2d, width << i, out, 4, 2, 1, bias=bias))
        return initialise(nn.Sequential(*body, *([nn.Tanh()] if output == "tanh" else [])), rng)

    plain, normed = (partial(_dcgan_discriminator, wanted) for wanted in (False, True))
    return Family(generator, normed, plain) if normalisation == "both" else Family(generator, plain)


def _dcgan_discriminator(
    normalised: bool, shape: Shape, width: int, depth: int, rng: torch.Generator
) -> nn.Module:
    body: list[nn.Module] = []
    for i in range(depth):
        inputs, here = (width << (i - 1), normalised) if i else (shape[0], False)
        body.append(empty(nn.Conv2d, inputs, width << i, 4, 2, 1, bias=not here))
        body += _normalised(width << i, here)
        body.append(nn.LeakyReLU(0.2))
    flat = (width << (depth - 1)) * (shape[1] >> depth) * (shape[2] >> depth)
    return initialise(nn.Sequential(*body, nn.Flatten(), empty(nn.Linear, flat, 1)), rng)


def _normalised(channels: int, wanted: bool) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels)] if wanted else []
