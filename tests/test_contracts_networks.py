"""What every registered network must keep to."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import torch
from torch import nn

from ganviz import DATASETS, NETWORKS
from ganviz.networks import Family
from tests.stand_ins import rng

SHAPES = {entry.facts["shape"] for entry in DATASETS.values()} | {(100,)}
SERVED = [
    (name, shape, depth)
    for name in NETWORKS
    for shape in sorted((shape for shape in SHAPES if isinstance(shape, tuple)), key=str)
    for depth in (1, 3)
    if NETWORKS[name].facts["complaint"](shape, depth) is None
]

Build = Callable[[torch.Generator], nn.Module]


def pairs(name: str, shape: tuple[int, ...], depth: int) -> Iterator[tuple[int, Build, Build]]:
    """Length of z, G and D: of the defaults, and of every other choice of each option by itself."""
    entry = NETWORKS[name]
    # Its fact says that there is a length of z that it takes: five, or as many as the data.
    fits = (n for n in (5, math.prod(shape)) if not entry.facts["complaint"](shape, depth, n))
    latent_dim = next(fits)
    others = [{o: c} for o, s in entry.options.items() for c in s.choices if c != s.default]
    for options in ({}, *others):
        family: Family = entry.fn(**options)
        yield (
            latent_dim,
            partial(family.generator, shape, latent_dim, 6, depth),
            partial(family.discriminator, shape, 6, depth),
        )


def same(one: nn.Module, other: nn.Module) -> bool:
    both = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in both)


@pytest.mark.parametrize(("name", "shape", "depth"), SERVED, ids=str)
def test_network_maps_the_shapes_that_it_accepts(
    name: str, shape: tuple[int, ...], depth: int
) -> None:
    for latent_dim, *builds in pairs(name, shape, depth):
        x = torch.randn(7, latent_dim, generator=rng(3))
        for build, out in zip(builds, [(7, *shape), (7, 1)], strict=True):
            player, twin = build(rng(1)), build(rng(2))
            y = player(x).detach()
            assert tuple(y.shape) == out
            assert y.dtype == torch.float32
            assert y.isfinite().all()
            # Looking, in eval mode, gives the same twice and changes nothing.
            twin.load_state_dict(player.eval().state_dict())
            assert torch.equal(player(x), player(x))
            assert same(player, twin)
            x = y


@pytest.mark.parametrize(("name", "shape", "depth"), SERVED, ids=str)
def test_network_starts_from_its_generator_alone(
    name: str, shape: tuple[int, ...], depth: int
) -> None:
    for _, *builds in pairs(name, shape, depth):
        for build in builds:
            one, two, untouched = rng(1), rng(1), rng(1).get_state()
            with torch.random.fork_rng():
                torch.manual_seed(1)
                first = build(one)
                before = torch.manual_seed(2).get_state()
                second = build(two)
                assert torch.equal(torch.get_rng_state(), before)
            assert same(first, second)
            # Another seed starts elsewhere, unless nothing was drawn.
            assert same(first, build(rng(2))) == torch.equal(one.get_state(), untouched)
