"""What a module does, found by trying it: nothing here asks of what class anything is."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from ganviz.networks.trial import tried

_STIR = 0.5
"""Weights are moved by this share of their own size, so that one that starts at 0 says its part."""

_EXACT = 100
"""Units in the last place within which two results count as the same."""

_DRAWS = 8
"""Sets of large random weights that tell what an output cannot leave."""

_LARGE = 10.0
"""Size of those weights, in their own."""

_FAR = (1.0, 30.0, 1000.0)
"""Near and far inputs, in units of those that were given."""


def sees_batch(network: nn.Module, x: Tensor) -> bool:
    """Whether an output depends on the other samples of its batch.

    One sample is judged among two sets of companions, at several places, in training and in
    evaluation mode, with the weights as they are and with all of them stirred: a weight that
    starts at 0 may hide what it will let through. Whatever is drawn is drawn alike.

    Args:
        network: gives one number for each sample.
        x: a batch, at least 2 different samples.
    """
    others = 1 - 3 * x.roll(1, 0)
    for training in (True, False):
        for stir in (None, partial(_stirred, size=_STIR, add=True, seed=0)):
            judge = partial(_outputs, network, training=training, alter=stir)
            alone = judge(x)
            noise = (judge(x) - alone).abs().max().item()
            for place in {0, len(x) // 2, len(x) - 1}:
                batch = others.clone()
                batch[place] = x[place]
                among = judge(batch)
                size = max(alone.abs().max().item(), among.abs().max().item())
                tolerance = max(_EXACT * torch.finfo(x.dtype).eps * size, 10 * noise)
                if (among[place] - alone[place]).abs().item() > tolerance:
                    return True
    return False


def drawers(network: nn.Module, x: Tensor) -> list[tuple[str, nn.Module, str]]:
    """The modules inside that draw from a global generator when it gets `x`: each with its name,
    and whose generator it is, "torch", "numpy" or "Python". Those of torch are told apart from
    generators of a module's own."""
    found: dict[tuple[nn.Module, str], None] = {}
    for training in (True, False):
        tried(
            network, x, training=training, blame=lambda m, whose: found.update({(m, whose): None})
        )
    names = {module: name for name, module in network.named_modules()}
    return [(names.get(module, ""), module, whose) for module, whose in found]


def reach(network: nn.Module, x: Tensor) -> tuple[float, float]:
    """The bounds that no output leaves, whatever the weights: infinite where there is none.

    Outputs are taken near the data and far from them, with the weights as they are and with large
    random ones. A bound is what many outputs come up to under several sets of weights: the end of
    a sigmoid, of a tanh, of a ReLU. Two bounds need not be reached: outputs that all lie in [0, 1]
    are those of probabilities.

    Args:
        network: gives one number for each sample.
        x: a batch in the units that it sees.
    """
    sets = [_pooled(network, x, alter) for alter in (None, *_large_weights())]
    pool = torch.cat(sets)
    if not len(pool):
        return -math.inf, math.inf
    low, high = pool.min().item(), pool.max().item()
    if low >= 0 and high <= 1 and high > low:
        return 0.0, 1.0
    return -_end([-s for s in sets], -low), _end(sets, high)


def _end(sets: list[Tensor], end: float) -> float:
    """`end`, the largest output of all, if it is one that outputs crowd at; else infinity."""
    near = 1e-3 * abs(end) or 1e-6
    crowds = [(s > end - near).double().mean().item() for s in sets if len(s)]
    crowded = sum(crowds) / len(crowds) > 0.1 and sum(c > 0 for c in crowds) >= 3
    return end if crowded else math.inf


def _pooled(network: nn.Module, x: Tensor, alter: Callable[[nn.Module], None] | None) -> Tensor:
    """All finite outputs near and far, in evaluation mode."""
    parts = [_outputs(network, far * x, training=False, alter=alter) for far in _FAR]
    pool = torch.cat(parts)
    return pool[pool.isfinite()]


def _large_weights() -> Iterator[Callable[[nn.Module], None]]:
    for seed in range(_DRAWS):
        yield partial(_stirred, size=_LARGE, add=False, seed=seed)


def _outputs(
    network: nn.Module,
    x: Tensor,
    *,
    training: bool,
    alter: Callable[[nn.Module], None] | None = None,
) -> Tensor:
    output: Tensor = tried(network, x, training=training, alter=alter)
    return output.reshape(-1).double().cpu()


@torch.no_grad()
def _stirred(network: nn.Module, *, size: float, add: bool, seed: int) -> None:
    """Move each trainable weight by a random number of its tensor's own size, or put that in its
    place; what is 0 throughout has size 1 / 2."""
    rng = torch.Generator().manual_seed(seed)
    for p in network.parameters():
        if p.requires_grad:
            own = p.square().mean().sqrt().item() or 0.5
            noise = torch.randn(p.shape, generator=rng, dtype=torch.float64) * (size * own)
            p.data.copy_(p + noise.to(p) if add else noise)
