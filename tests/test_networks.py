"""How the players are built: layers, shapes, first weights."""

import math

import pytest
import torch
from torch import Tensor, nn

from ganviz.networks import NETWORKS, Family, conv, mlp


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def units(network: nn.Module) -> list[tuple[int, int]]:
    return [(m.in_features, m.out_features) for m in network.modules() if isinstance(m, nn.Linear)]


def channels(network: nn.Module) -> list[tuple[int, int]]:
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    return [(m.in_channels, m.out_channels) for m in network.modules() if isinstance(m, kinds)]


def test_depth_counts_the_hidden_layers_of_a_perceptron() -> None:
    family = mlp()
    assert units(family.generator((2,), 8, 16, 3, rng())) == [(8, 16), (16, 16), (16, 16), (16, 2)]
    assert units(family.discriminator((2,), 16, 1, rng())) == [(2, 16), (16, 1)]
    assert units(family.discriminator((1, 8, 8), 16, 1, rng())) == [(64, 16), (16, 1)]


@pytest.mark.parametrize(
    ("activation", "kind"),
    [
        ("leaky_relu", nn.LeakyReLU),
        ("relu", nn.ReLU),
        ("tanh", nn.Tanh),
        ("silu", nn.SiLU),
    ],
)
def test_the_activation_follows_each_hidden_layer(activation: str, kind: type[nn.Module]) -> None:
    family: Family = NETWORKS["mlp"].fn(activation=activation)
    network = family.discriminator((2,), 4, 3, rng())
    assert sum(isinstance(m, kind) for m in network.modules()) == 3
    assert isinstance(list(network.modules())[-1], nn.Linear)


def test_every_activation_that_can_be_chosen_exists() -> None:
    choices = NETWORKS["mlp"].options["activation"].choices
    assert choices == ("leaky_relu", "relu", "tanh", "silu")
    for choice in choices:
        NETWORKS["mlp"].fn(activation=choice).generator((2,), 2, 2, 1, rng())


def test_the_leak_is_one_fifth() -> None:
    network = mlp().discriminator((1,), 1, 1, rng())
    leaks = [m.negative_slope for m in network.modules() if isinstance(m, nn.LeakyReLU)]
    assert leaks == [0.2]


def test_a_perceptron_is_its_formula() -> None:
    network = mlp(activation="tanh").discriminator((2,), 4, 1, rng())
    (a, b), (c, d) = ((m.weight, m.bias) for m in network.modules() if isinstance(m, nn.Linear))
    x = torch.randn(5, 2, generator=rng(1))
    # 1e-6 is float32's.
    assert torch.allclose(network(x), (x @ a.T + b).tanh() @ c.T + d, atol=1e-6)


def test_each_convolution_halves_and_each_transposed_one_doubles() -> None:
    family = conv()
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


@pytest.mark.parametrize(
    ("shape", "depth", "words"),
    [
        ((2,), 1, "is for images"),
        ((1, 8, 8), 4, "8×8 images at most 3 times, so depth 4 is too deep"),
        ((1, 12, 8), 3, "12×8 images at most 2 times, so depth 3 is too deep"),
        ((1, 7, 8), 1, "7×8 images at most 0 times, so depth 1 is too deep"),
    ],
)
def test_what_convolutions_cannot_serve_is_said(
    shape: tuple[int, ...], depth: int, words: str
) -> None:
    complaint = NETWORKS["conv"].facts["complaint"](shape, depth)
    assert complaint is not None
    assert words in complaint


def test_a_perceptron_serves_anything() -> None:
    for shape in ((1,), (100,), (3, 7, 5)):
        assert NETWORKS["mlp"].facts["complaint"](shape, 8) is None


def fan_in(layer: nn.Module) -> int:
    """Inputs of one unit as torch counts them, written out for each kind of layer."""
    if isinstance(layer, nn.Linear):
        return layer.in_features
    assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
    kernel = layer.kernel_size[0] * layer.kernel_size[1]
    return kernel * (layer.in_channels if isinstance(layer, nn.Conv2d) else layer.out_channels)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_first_weights_are_uniform_in_one_over_root_fan_in(name: str) -> None:
    family: Family = NETWORKS[name].fn()
    seen = 0
    for network in (
        family.generator((1, 8, 8), 32, 32, 2, rng(3)),
        family.discriminator((1, 8, 8), 32, 2, rng(4)),
    ):
        for layer in network.modules():
            parameters = list(layer.parameters(recurse=False))
            for parameter in parameters:
                bound = 1 / math.sqrt(fan_in(layer))
                assert parameter.abs().max().item() <= bound
                if parameter.numel() > 500:
                    seen += 1
                    # Uniform: σ = bound/sqrt(3); at 500 numbers σ is known to 2 %, five of it.
                    assert parameter.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.1)
    assert seen >= 3


def torch_default(layer: nn.Module) -> float:
    return max(p.abs().max().item() for p in layer.parameters())


@pytest.mark.parametrize(
    "layer", [nn.Linear(50, 400), nn.Conv2d(8, 64, 4), nn.ConvTranspose2d(64, 8, 4)]
)
def test_the_bound_is_torchs_own_default(layer: nn.Module) -> None:
    # The largest of over 4,000 uniform numbers is within 1 % of their bound.
    assert torch_default(layer) == pytest.approx(1 / math.sqrt(fan_in(layer)), rel=0.01)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_no_sample_sees_the_rest_of_its_batch(name: str) -> None:
    network = NETWORKS[name].fn().discriminator((1, 8, 8), 4, 2, rng())
    x: Tensor = torch.randn(6, 1, 8, 8, generator=rng(5))
    # Training mode; 1e-6 is float32's, as batched and single products differ in rounding.
    alone = torch.cat([network(x[i : i + 1]) for i in range(6)])
    assert torch.allclose(network(x), alone, atol=1e-6)
