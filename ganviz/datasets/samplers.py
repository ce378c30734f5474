"""Drawing from a finite set of samples, of which a fifth is held out for good."""

import torch
from torch import Tensor

from ganviz.target import Sampler


def split(samples: Tensor) -> tuple[Tensor, Tensor]:
    """The training samples, and the fifth that is held out; the same ones each time."""
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))
    training = len(samples) * 4 // 5
    return samples[order[:training]], samples[order[training:]]


def without_repetition(samples: Tensor) -> Sampler:
    """Draws different samples; asking for more than there are is an error."""

    def sample(n: int, rng: torch.Generator) -> Tensor:
        if n > len(samples):
            raise ValueError(f"asked for {n} different images of {len(samples)}")
        return in_floats(samples[torch.randperm(len(samples), generator=rng)[:n]])

    return sample


def with_repetition(samples: Tensor) -> Sampler:
    """Draws each sample anew from all of them."""

    def sample(n: int, rng: torch.Generator) -> Tensor:
        return in_floats(samples[torch.randint(len(samples), (n,), generator=rng)])

    return sample


def in_rounds(samples: Tensor) -> Sampler:
    """Draws every sample once before any comes again, so as many as are asked for."""

    def sample(n: int, rng: torch.Generator) -> Tensor:
        rounds = range(-(-n // len(samples)))
        order = [torch.randperm(len(samples), generator=rng) for _ in rounds]
        return in_floats(samples[torch.cat(order)[:n]]) if order else in_floats(samples[:0])

    return sample


def in_floats(samples: Tensor) -> Tensor:
    """Whole numbers, which take less memory, as shares of the largest one; floats as they are."""
    if samples.is_floating_point():
        return samples
    return samples.float().div_(torch.iinfo(samples.dtype).max)
