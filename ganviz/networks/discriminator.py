"""A family's discriminator with the tricks that change what it sees or how steep it may be."""

import torch
from torch import nn
from torch.nn.utils.parametrize import register_parametrization

from ganviz.networks.base import Family, Shape, empty
from ganviz.networks.layers import FourierFeatures, MinibatchStd, SpectralNorm


def build_discriminator(
    family: Family,
    shape: Shape,
    width: int,
    depth: int,
    rng: torch.Generator,
    *,
    fourier: int = 0,
    fourier_scale: float = 1.0,
    minibatch_std: bool = False,
    spectral_norm: bool = False,
    packing: int = 1,
) -> nn.Module:
    """A module from `(n, packing * shape[0], *shape[1:])` to logits `(n, 1)`.

    Without tricks it is what `family.discriminator` builds, with the same weights.

    Args:
        family: whose discriminator it is.
        shape: of one sample.
        width, depth: the family's sizes.
        rng: draws weights, frequencies and the first singular vectors.
        fourier: frequencies of the Fourier features in front of it, for vectors only; 0: none.
        fourier_scale: their standard deviation, see `FourierFeatures`.
        minibatch_std: its last layer also sees how much the batch varies, see `MinibatchStd`. The
            weight of that starts at 0, so D begins as it would without.
        spectral_norm: divide each linear and convolutional weight by its largest singular value,
            see `SpectralNorm`. Fourier features in front keep their own slope.
        packing: it judges this many samples together, joined along their first axis, all real or
            all fake: PacGAN, Lin et al. 2018. [arXiv:1712.04086](https://arxiv.org/abs/1712.04086)

    Raises:
        ValueError: if packing is below 1, Fourier features are asked for images or fewer than 0 of
            them, or the family's discriminator does not end in a linear layer.
    """
    if packing < 1:
        raise ValueError(f"packing must be at least 1, got {packing}")
    if fourier < 0:
        raise ValueError(f"fourier must be at least 0, got {fourier}")
    if fourier and len(shape) > 1:
        raise ValueError(f"Fourier features are for vectors, not for samples of shape {shape}")
    features = FourierFeatures(shape[0], fourier, fourier_scale, rng) if fourier else None
    channels = features.outputs if features else shape[0]
    network = family.discriminator((packing * channels, *shape[1:]), width, depth, rng)
    if minibatch_std:
        network = _with_minibatch_std(network)
    if spectral_norm:
        _normalise(network, rng)
    return nn.Sequential(features, network) if features else network


def _with_minibatch_std(network: nn.Module) -> nn.Module:
    *body, head = network.children()
    if not isinstance(network, nn.Sequential) or not isinstance(head, nn.Linear):
        raise ValueError("minibatch_std needs a discriminator that ends in a linear layer")
    wider = empty(nn.Linear, head.in_features + 1, head.out_features)
    with torch.no_grad():
        wider.weight.zero_()[:, :-1] = head.weight
        wider.bias.copy_(head.bias)
    return nn.Sequential(*body, MinibatchStd(), wider)


def _normalise(network: nn.Module, rng: torch.Generator) -> None:
    for layer in list(network.modules()):
        if isinstance(layer, nn.Linear | nn.Conv2d):
            register_parametrization(layer, "weight", SpectralNorm(layer.weight, rng), unsafe=True)
