"""Networks of a caller's own, for tests."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ganviz import RunConfig

NAMES = (
    *(name for name in dir(nn) if name[0].isupper()),
    *("By", "ParametrizedLinear", "RecursiveScriptModule", "builtin_function_or_method"),
    *("0.weight", "0.bias", "torch.float64", "numpy", "Python"),
)
"""What is named in sentences: classes, parameters, types and libraries."""

SMALL = RunConfig(width=8, depth=1, batch_size=16, steps=20, latent_dim=3)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def layer(inputs: int, outputs: int, seed: int = 0) -> nn.Linear:
    made = nn.Linear(inputs, outputs)
    for p in made.parameters():
        nn.init.uniform_(p, -0.5, 0.5, generator=rng(seed))
    return made


class By(nn.Module):
    """A layer that computes a function of its input, or of itself and the input."""

    def __init__(self, compute: Callable[..., Any], *, knows_mode: bool = False) -> None:
        super().__init__()
        self.compute, self.knows_mode = compute, knows_mode

    def forward(self, h: Tensor) -> Any:
        return self.compute(h, self.training) if self.knows_mode else self.compute(h)


def judge(*middle: nn.Module, end: nn.Module | None = None, width: int = 8) -> nn.Module:
    """A D over two numbers."""
    return nn.Sequential(
        layer(2, 8), nn.LeakyReLU(0.2), *middle, layer(width, 1, 1), *([end] if end else [])
    )


def maker(*middle: nn.Module) -> nn.Module:
    """A G of two numbers from three."""
    return nn.Sequential(layer(3, 8), nn.LeakyReLU(0.2), *middle, layer(8, 2, 1))
