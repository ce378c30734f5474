"""What every family keeps to, beyond the contract tests."""

import math

import pytest
import torch
from torch import Tensor, nn

from ganviz.networks import NETWORKS, Family, sees_batch

Weighted = nn.Linear | nn.Conv2d | nn.ConvTranspose2d


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_first_family_is_the_perceptron() -> None:
    assert next(iter(NETWORKS)) == "mlp"


def fan_in(layer: Weighted) -> int:
    """Inputs of one unit as torch counts them, written out for each kind of layer."""
    if isinstance(layer, nn.Linear):
        return layer.in_features
    kernel = layer.kernel_size[0] * layer.kernel_size[1]
    return kernel * (layer.in_channels if isinstance(layer, nn.Conv2d) else layer.out_channels)


def weighted(*networks: nn.Module) -> list[Weighted]:
    layers = (layer for network in networks for layer in network.modules())
    return [layer for layer in layers if isinstance(layer, Weighted)]


@pytest.mark.parametrize("name", list(NETWORKS))
def test_first_weights_are_uniform_in_one_over_root_fan_in(name: str) -> None:
    family: Family = NETWORKS[name].fn()
    g = family.generator((1, 8, 8), 64, 32, 2, rng(3))
    d = family.discriminator((1, 8, 8), 32, 2, rng(4))
    seen = 0
    for layer in weighted(g, d):
        bound = 1 / math.sqrt(fan_in(layer))
        for parameter in layer.parameters(recurse=False):
            assert parameter.abs().max().item() <= bound
            if parameter.numel() > 500:
                seen += 1
                # Uniform: σ = bound/sqrt(3); at 500 numbers σ is known to 2 %, five of it.
                assert parameter.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.1)
    assert seen >= 2


@pytest.mark.parametrize("name", list(NETWORKS))
def test_first_weights_are_drawn_layer_by_layer_first_g_then_d(name: str) -> None:
    # The order is part of what a seed means: another one would change every run there is.
    family: Family = NETWORKS[name].fn()
    one, again = rng(3), rng(3)
    players = family.generator((1, 8, 8), 64, 4, 2, one), family.discriminator((1, 8, 8), 4, 2, one)
    for layer in weighted(*players):
        bound = 1 / math.sqrt(fan_in(layer))
        for parameter in layer.parameters(recurse=False):
            drawn = torch.empty_like(parameter).uniform_(-bound, bound, generator=again)
            assert torch.equal(parameter, drawn)
    assert torch.equal(one.get_state(), again.get_state())


def torch_default(layer: nn.Module) -> float:
    return max(p.abs().max().item() for p in layer.parameters())


@pytest.mark.parametrize(
    "layer", [nn.Linear(50, 400), nn.Conv2d(8, 64, 4), nn.ConvTranspose2d(64, 8, 4)]
)
def test_the_bound_is_torchs_own_default(layer: Weighted) -> None:
    # The largest of over 4,000 uniform numbers is within 1 % of their bound.
    assert torch_default(layer) == pytest.approx(1 / math.sqrt(fan_in(layer)), rel=0.01)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_no_sample_sees_the_rest_of_its_batch(name: str) -> None:
    network = NETWORKS[name].fn().discriminator((1, 8, 8), 4, 2, rng())
    x: Tensor = torch.randn(6, 1, 8, 8, generator=rng(5))
    assert not sees_batch(network, x)
    # Training mode; 1e-6 is float32's, as batched and single products differ in rounding.
    alone = torch.cat([network(x[i : i + 1]) for i in range(6)])
    assert torch.allclose(network(x), alone, atol=1e-6)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_a_complaint_can_be_asked_for_before_the_noise_is_known(name: str) -> None:
    complaint = NETWORKS[name].facts["complaint"]
    for shape in ((2,), (1, 8, 8), (1, 6, 8)):
        for depth in (1, 4):
            lengths = {complaint(shape, depth, n) for n in (1, 2, 48, 64)}
            assert (complaint(shape, depth) is None) == (None in lengths)
