"""The state of a run: flat tensors, and the rest as JSON. A safetensors file holds just that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class State:
    """Everything that the next iteration depends on; no history rows."""

    tensors: Tensors
    """Copies of their own, each contiguous, by flat names such as "generator.network.0.weight"."""
    rest: dict[str, Any]
    """Numbers and settings; JSON gives them back as they are."""


def flattened(name: str, value: Any) -> Tensors:
    """Copies of the tensors in mappings, lists and tuples, by dotted names; None is left out.

    >>> list(flattened("a", {"b": [torch.ones(1), None, torch.ones(2)], "c": {}}))
    ['a.b.0', 'a.b.2']
    """
    return {
        place: tensor.detach().clone(memory_format=torch.contiguous_format)
        for place, tensor in _leaves(name, value)
    }


def under(tensors: Mapping[str, Tensor], name: str) -> Tensors:
    """What has names that begin with `name` and a dot, by the rest of their names."""
    return {
        place.removeprefix(f"{name}."): tensor
        for place, tensor in tensors.items()
        if place.startswith(f"{name}.")
    }


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(f"{name}.{key}", one)
    elif value is not None:
        for place, one in enumerate(value):
            yield from _leaves(f"{name}.{place}", one)
