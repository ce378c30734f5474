"""The fully connected families: layers, formulas, first weights."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganviz.networks import NETWORKS, Family, mlp, resmlp
from tests.test_networks import rng

ACTIVATIONS = {"leaky_relu": nn.LeakyReLU, "relu": nn.ReLU, "tanh": nn.Tanh, "silu": nn.SiLU}


def linears(network: nn.Module) -> list[nn.Linear]:
    return [m for m in network.modules() if isinstance(m, nn.Linear)]


def units(network: nn.Module) -> list[tuple[int, int]]:
    return [(m.in_features, m.out_features) for m in linears(network)]


def test_depth_counts_the_hidden_layers_of_a_perceptron() -> None:
    family = mlp()
    assert units(family.generator((2,), 8, 16, 3, rng())) == [(8, 16), (16, 16), (16, 16), (16, 2)]
    assert units(family.discriminator((2,), 16, 1, rng())) == [(2, 16), (16, 1)]
    assert units(family.discriminator((1, 8, 8), 16, 1, rng())) == [(64, 16), (16, 1)]


def test_a_perceptron_holds_nothing_but_its_layers() -> None:
    # Each further module costs microseconds in every one of three passes of an iteration.
    kinds = [type(m) for m in mlp().discriminator((2,), 4, 2, rng()).modules()]
    assert kinds == [nn.Sequential, nn.Linear, nn.LeakyReLU, nn.Linear, nn.LeakyReLU, nn.Linear]


@pytest.mark.parametrize("name", ["mlp", "resmlp"])
@pytest.mark.parametrize(("activation", "kind"), ACTIVATIONS.items())
def test_the_activation_is_in_each_hidden_layer(
    name: str, activation: str, kind: type[nn.Module]
) -> None:
    family: Family = NETWORKS[name].fn(activation=activation)
    network = family.discriminator((2,), 4, 3, rng())
    assert sum(isinstance(m, kind) for m in network.modules()) == 3
    assert isinstance(list(network.modules())[-1], nn.Linear)


def test_every_activation_that_can_be_chosen_exists() -> None:
    for name in ("mlp", "resmlp", "affine"):
        assert NETWORKS[name].options["activation"].choices == tuple(ACTIVATIONS)


def test_the_leak_is_one_fifth() -> None:
    network = mlp().discriminator((1,), 1, 1, rng())
    leaks = [m.negative_slope for m in network.modules() if isinstance(m, nn.LeakyReLU)]
    assert leaks == [0.2]


def test_a_perceptron_is_its_formula() -> None:
    network = mlp(activation="tanh").discriminator((2,), 4, 1, rng())
    (a, b), (c, d) = ((m.weight, m.bias) for m in linears(network))
    x = torch.randn(5, 2, generator=rng(1))
    # 1e-6 is float32's.
    assert torch.allclose(network(x), (x @ a.T + b).tanh() @ c.T + d, atol=1e-6)


def test_perceptrons_serve_anything() -> None:
    for name in ("mlp", "resmlp"):
        for shape in ((1,), (100,), (3, 7, 5)):
            assert NETWORKS[name].facts["complaint"](shape, 8, 3) is None


@pytest.mark.parametrize("scheme", ["kaiming", "xavier", "orthogonal"])
def test_biases_start_at_zero_but_for_the_uniform_scheme(scheme: Any) -> None:
    for start, zero in ((scheme, True), ("uniform", False)):
        network = mlp(initialisation=start).generator((1, 8, 8), 4, 8, 2, rng())
        assert all((layer.bias == 0).all().item() == zero for layer in linears(network))


GAINS = {"leaky_relu": math.sqrt(2 / 1.04), "relu": math.sqrt(2), "tanh": 1.5925, "silu": 1.6765}


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_the_gain_makes_up_for_the_activation(activation: Any) -> None:
    z = torch.linspace(-12, 12, 200_001, dtype=torch.float64)
    weight = (-z.square() / 2).exp()
    network = mlp(activation=activation).discriminator((1,), 1, 1, rng())
    squares = list(network.children())[1](z).square()
    mean_square = (squares * weight).sum().item() / weight.sum().item()
    assert pytest.approx(mean_square**-0.5, rel=1e-4) == GAINS[activation]


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_kaiming_weights_are_normal_of_that_gain_but_for_the_first_layer(activation: Any) -> None:
    family = mlp(activation=activation, initialisation="kaiming")
    layers = linears(family.generator((80,), 60, 100, 2, rng()))
    for layer, gain in zip(layers, [1, GAINS[activation], GAINS[activation]], strict=True):
        expected = gain / math.sqrt(layer.in_features)
        # The σ of at least 6,000 normal numbers is known to 1 %, four of it.
        assert layer.weight.std().item() == pytest.approx(expected, rel=0.04)
        assert layer.weight.abs().max().item() > 2 * expected  # a uniform one would end at √3


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_orthogonal_weights_turn_and_stretch_by_that_gain(activation: Any) -> None:
    family = mlp(activation=activation, initialisation="orthogonal")
    layers = linears(family.discriminator((30,), 50, 2, rng()))
    for layer, gain in zip(layers, [1, GAINS[activation], GAINS[activation]], strict=True):
        values = torch.linalg.svdvals(layer.weight)
        # The gain is written with five digits here.
        assert torch.allclose(values, torch.full_like(values, gain), atol=1e-4)


def test_xavier_weights_are_uniform_by_inputs_and_outputs() -> None:
    network = mlp(initialisation="xavier").discriminator((30,), 200, 1, rng())
    for layer in linears(network):
        bound = math.sqrt(6 / (layer.in_features + layer.out_features))
        assert layer.weight.abs().max().item() <= bound
        # At 200 numbers the σ of a uniform distribution is known to 3 %, four of it.
        assert layer.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.12)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("scheme", ["kaiming", "orthogonal"])
def test_eight_layers_keep_the_size_of_their_input(activation: Any, scheme: Any) -> None:
    family = mlp(activation=activation, initialisation=scheme)
    found = [
        family.generator((256,), 256, 256, 8, rng(seed))(torch.randn(256, 256, generator=rng(9)))
        for seed in range(5)
    ]
    mean_square = torch.cat(found).square().mean().item()
    # One pair of width 256 ends at 0.3 to 1.6; without the gain of relu it would end at 2^-8.
    assert mean_square == pytest.approx(1, rel=0.4)


def blocks(depth: int, seed: int = 0) -> nn.Sequential:
    network = resmlp(activation="tanh").discriminator((2,), 64, depth, rng(seed))
    assert isinstance(network, nn.Sequential)
    return network


def test_a_residual_perceptron_is_its_formula() -> None:
    network = blocks(2)
    first, (a, b, c, d), last = (m := linears(network))[0], m[1:5], m[5]
    assert units(network) == [(2, 64), *[(64, 64)] * 4, (64, 1)]
    x = torch.randn(5, 2, generator=rng(1))
    h: Tensor = first(x)
    for inner, outer in ((a, b), (c, d)):
        h = h + outer(inner(h).tanh()) / math.sqrt(2)
    # 1e-6 is float32's.
    assert torch.allclose(network(x), last(h), atol=1e-6)


def test_a_residual_perceptron_starts_as_tame_with_eight_blocks_as_with_one() -> None:
    def sizes(depth: int) -> tuple[float, float]:
        found = []
        for seed in range(5):
            body = blocks(depth, seed)[:-1]
            x = torch.randn(256, 2, generator=rng(9)).requires_grad_()
            h = body(x)
            (slope,) = torch.autograd.grad(h[:, 0].sum(), x)
            found.append([h.square().mean().item(), slope.square().mean().item()])
        value, slope = torch.tensor(found).mean(0).tolist()
        return value, slope

    for one, eight in zip(sizes(1), sizes(8), strict=True):
        # A block's branch has at most a third of its input's mean square; (1 + 1/24)^8 = 1.4.
        assert 0.7 < eight / one < 1.5


def test_without_its_branches_a_residual_perceptron_is_linear() -> None:
    network = blocks(3)
    first, *inner, last = linears(network)
    with torch.no_grad():
        for layer in inner:
            layer.weight.zero_()
            layer.bias.zero_()
    x = torch.randn(5, 2, generator=rng(1))
    assert torch.equal(network(x), last(first(x)))
