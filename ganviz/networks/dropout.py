"""Dropout that draws from a generator of its own: torch's layers draw from the global one."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

_NEGATIVE_LIMIT = 1.7580993408473766
"""-α' of the SELU: what an AlphaDropout sets its inputs to, with the sign turned."""


class _Kind(NamedTuple):
    whole_channels: bool = False
    alpha: bool = False
    unbatched: int = 0
    """Axes of an input that is one sample, without a first axis for the batch."""


_KINDS: Mapping[object, _Kind] = MappingProxyType(
    {
        nn.Dropout.forward: _Kind(),
        nn.Dropout1d.forward: _Kind(whole_channels=True, unbatched=2),
        nn.Dropout2d.forward: _Kind(whole_channels=True),
        nn.Dropout3d.forward: _Kind(whole_channels=True, unbatched=4),
        nn.AlphaDropout.forward: _Kind(alpha=True),
        nn.FeatureAlphaDropout.forward: _Kind(whole_channels=True, alpha=True),
    }
)
"""By the method that a layer's class has from torch, so that a class derived from it counts too."""


def give_stream(network: nn.Module, rng: torch.Generator) -> bool:
    """Let all of torch's Dropout layers in `network` draw from `rng`, a CPU generator.

    The layers stay what they are; only their `forward` is another, until `del layer.forward`.

    Returns:
        Whether there are any.
    """
    found = False
    for layer in network.modules():
        if isinstance(layer, _DropoutNd) and type(layer).forward in _KINDS:
            found = True
            # Attributes of the layer, so that a copy of it has a copy of the generator.
            vars(layer).update(forward=Drawn(layer), stream=rng)
    return found


class Drawn:
    r"""The forward of a Dropout layer, drawn from its `stream`. The same numbers as torch's.

    $$x \mapsto x m / (1 - p), \quad m \sim \mathrm{Bernoulli}(1 - p)$$

    m is drawn for each entry, or for each channel of each sample; an AlphaDropout keeps mean and
    variance by $a (x m - \alpha (1 - m)) + b$ instead.

    References: Srivastava et al. 2014; Klambauer et al. 2017 (AlphaDropout).
    """

    def __init__(self, layer: nn.Module) -> None:
        self.layer = layer

    def __call__(self, input: Tensor) -> Tensor:
        """Of any shape that the layer takes; the same shape."""
        layer, kind = self.layer, _KINDS[type(self.layer).forward]
        assert isinstance(layer, _DropoutNd)
        p = layer.p
        if not layer.training or not p:
            return input
        kept = torch.empty(_mask_shape(kind, input), dtype=input.dtype)
        kept = kept.bernoulli_(1 - p, generator=vars(layer)["stream"]).to(input.device)
        if p == 1:
            factor, offset = kept, None
        elif kind.alpha:
            a = 1 / math.sqrt((_NEGATIVE_LIMIT**2 * p + 1) * (1 - p))
            limit = a * _NEGATIVE_LIMIT
            factor, offset = a * kept, limit * (kept - 1) + limit * p
        else:
            factor, offset = kept / (1 - p), None
        made = input.mul_(factor) if layer.inplace else input * factor
        if offset is None:
            return made
        return made.add_(offset) if layer.inplace else made + offset


def _mask_shape(kind: _Kind, x: Tensor) -> tuple[int, ...]:
    if not kind.whole_channels:
        return tuple(x.shape)
    lead = 1 if x.dim() == kind.unbatched else 2
    return (*x.shape[:lead], *(1 for _ in x.shape[lead:]))
