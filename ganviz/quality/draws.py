"""Real data that take the place of samples, so that a metric's floor is known."""

import torch
from torch import Tensor

from ganviz.target import Target


def floor_draw(kind: str, target: Target, n: int, number: int) -> Tensor:
    """Draw `number` of a floor, always the same; `kind` is "training" or "held_out"."""
    rng = torch.Generator().manual_seed(1_000_003 + number)
    return (held_out if kind == "held_out" else training)(target, n, rng)


def training(target: Target, n: int, rng: torch.Generator) -> Tensor:
    """`n` draws of what training sees; where that is fewer, all of it before any comes again."""
    once = n if target.size is None else min(n, target.size)
    pieces = [target.sample(min(once, n - at), rng) for at in range(0, n, once)]
    return torch.cat(pieces)


def held_out(target: Target, n: int, rng: torch.Generator) -> Tensor:
    r"""Data that training never sees, in the place of `n` new ones.

    Of a finite set of h these are $nh/(n + h)$ draws with repetition, used again until there are n.
    Their mean scatters about that of the set by $\sigma\sqrt{1/n + 1/h}$, as the mean of n new data
    does: h data say no more of all data than that.
    """
    h = target.held_out_size
    if h is None:
        return target.draw_held_out(n, rng)
    every = target.draw_held_out(h, torch.Generator().manual_seed(0))
    chosen = torch.randint(h, (max(1, round(n * h / (n + h))),), generator=rng)
    return every[chosen[torch.arange(n) % len(chosen)]]
