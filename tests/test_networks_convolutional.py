"""The families for images: layers, shapes, where they have batch normalisation."""

from typing import Any, Literal

import pytest
import torch
from torch import nn

from ganviz.networks import NETWORKS, conv, dcgan, sees_batch
from tests.test_networks import rng
from tests.test_networks_perceptron import units


def channels(network: nn.Module) -> list[tuple[int, int]]:
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    return [(m.in_channels, m.out_channels) for m in network.modules() if isinstance(m, kinds)]


@pytest.mark.parametrize("family", [conv(), dcgan()], ids=["conv", "dcgan"])
def test_each_convolution_halves_and_each_transposed_one_doubles(family: Any) -> None:
    d = family.discriminator((1, 8, 8), 16, 3, rng())
    assert channels(d) == [(1, 16), (16, 32), (32, 64)]
    assert units(d) == [(64, 1)]
    g = family.generator((1, 8, 8), 5, 16, 3, rng())
    assert units(g) == [(5, 64)]
    assert channels(g) == [(64, 32), (32, 16), (16, 1)]


@pytest.mark.parametrize(
    ("shape", "depth"), [((1, 8, 8), 1), ((1, 8, 8), 3), ((3, 16, 8), 2), ((3, 32, 32), 5)]
)
def test_images_of_any_divisible_size_are_served(shape: tuple[int, ...], depth: int) -> None:
    assert NETWORKS["conv"].facts["complaint"](shape, depth) is None
    family = conv()
    fake = family.generator(shape, 4, 2, depth, rng())(torch.zeros(3, 4))
    assert tuple(fake.shape) == (3, *shape)
    assert family.discriminator(shape, 2, depth, rng())(fake).shape == (3, 1)


@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize(("side", "most"), [(8, 3), (16, 4), (32, 5), (64, 6)])
@pytest.mark.parametrize("normalisation", ["none", "generator", "both"])
def test_dcgan_serves_squares_of_powers_of_two(
    colours: int, side: int, most: int, normalisation: Any
) -> None:
    shape, family = (colours, side, side), dcgan(normalisation=normalisation)
    for depth in (1, most - 2, most):
        assert NETWORKS["dcgan"].facts["complaint"](shape, depth, 4) is None
        fake = family.generator(shape, 4, 2, depth, rng())(torch.randn(3, 4, generator=rng(1)))
        assert tuple(fake.shape) == (3, *shape)
        assert family.discriminator(shape, 2, depth, rng())(fake).shape == (3, 1)
    assert NETWORKS["dcgan"].facts["complaint"](shape, most + 1, 4) is not None


CANNOT = [
    ("conv", (2,), 1, "is for images"),
    ("conv", (1, 8, 8), 4, "8×8 images at most 3 times, so depth 4 is too deep"),
    ("conv", (1, 12, 8), 3, "12×8 images at most 2 times, so depth 3 is too deep"),
    ("conv", (1, 7, 8), 1, "7×8 images at most 0 times, so depth 1 is too deep"),
    ("dcgan", (2,), 1, "is for images"),
    ("dcgan", (1, 8, 8), 4, "8×8 images at most 3 times, so depth 4 is too deep"),
    ("dcgan", (1, 16, 8), 1, "is for square images of 8, 16, 32, ... pixels a side, not 16×8"),
    ("dcgan", (3, 12, 12), 1, "is for square images of 8, 16, 32, ... pixels a side, not 12×12"),
]


@pytest.mark.parametrize(("name", "shape", "depth", "words"), CANNOT)
def test_what_convolutions_cannot_serve_is_said(
    name: str, shape: tuple[int, ...], depth: int, words: str
) -> None:
    complaint = NETWORKS[name].facts["complaint"](shape, depth, 4)
    assert complaint is not None
    assert words in complaint.sentence
    assert complaint.field == ("depth" if "too deep" in words else "network")


def kinds(network: nn.Module) -> list[str]:
    short = {"ConvTranspose2d": "up", "Conv2d": "down", "BatchNorm2d": "norm"}
    return [short.get(name := type(m).__name__, name) for m in list(network.modules())[1:]]


def test_dcgan_has_the_layers_of_the_paper() -> None:
    family = dcgan(normalisation="both")
    g = family.generator((3, 16, 16), 4, 2, 2, rng())
    d = family.discriminator((3, 16, 16), 2, 2, rng())
    start = ["Linear", "Unflatten", "norm", "ReLU"]
    assert kinds(g) == [*start, "up", "norm", "ReLU", "up", "Tanh"]
    assert kinds(d) == ["down", "LeakyReLU", "down", "norm", "LeakyReLU", "Flatten", "Linear"]
    # A bias in front of batch normalisation does nothing; the other layers keep theirs.
    assert [m.bias is not None for m in g.modules() if hasattr(m, "stride")] == [False, True]
    assert [m.bias is not None for m in d.modules() if hasattr(m, "stride")] == [True, False]


@pytest.mark.parametrize(
    ("normalisation", "in_g", "in_d"),
    [("none", False, False), ("generator", True, False), ("both", True, True)],
)
def test_dcgan_normalises_whom_it_is_told_to(
    normalisation: Literal["none", "generator", "both"], in_g: bool, in_d: bool
) -> None:
    family = dcgan(normalisation=normalisation)
    assert sees_batch(family.generator((1, 8, 8), 4, 2, 2, rng())) == in_g
    assert sees_batch(family.discriminator((1, 8, 8), 2, 2, rng())) == in_d
    # What V is read from in its place is of single samples, and without norms the same D.
    probe = family.single.discriminator((1, 8, 8), 2, 2, rng())
    assert not sees_batch(probe)
    assert kinds(probe) == kinds(dcgan().discriminator((1, 8, 8), 2, 2, rng()))


def test_dcgan_ends_as_it_is_told_to() -> None:
    z = 1e4 * torch.randn(20, 4, generator=rng(1))
    tanh, linear = (
        dcgan(normalisation="none", output=output).generator((1, 8, 8), 4, 2, 2, rng())(z)
        for output in ("tanh", "linear")
    )
    assert linear.abs().max() > 10
    assert torch.equal(tanh, linear.tanh())


def test_dcgan_of_the_paper() -> None:
    g = dcgan().generator((3, 64, 64), 100, 128, 4, rng())
    assert units(g) == [(100, 1024 * 4 * 4)]
    assert channels(g) == [(1024, 512), (512, 256), (256, 128), (128, 3)]
