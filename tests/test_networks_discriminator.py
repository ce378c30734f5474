"""Discriminators with tricks: every family, every trick, alone and together."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganviz.networks import (
    NETWORKS,
    Family,
    FourierFeatures,
    MinibatchStd,
    build_discriminator,
    mlp,
    sees_batch,
)
from tests.test_networks import rng, weighted

VECTOR, IMAGE = (2,), (3, 8, 8)
TRICKS: list[dict[str, Any]] = [
    {"packing": 3},
    {"fourier": 7},
    {"minibatch_std": True},
    {"spectral_norm": True},
    {"packing": 2, "fourier": 7, "minibatch_std": True, "spectral_norm": True},
]
CASES = [
    (name, shape, tricks)
    for name in NETWORKS
    for shape in (VECTOR, IMAGE)
    for tricks in TRICKS
    if NETWORKS[name].facts["complaint"](shape, 2) is None
    and not ("fourier" in tricks and shape == IMAGE)
]
CASES += [
    (name, IMAGE, {"packing": 2, "minibatch_std": True, "spectral_norm": True}) for name in NETWORKS
]


def built(name: str, shape: tuple[int, ...], tricks: dict[str, Any], seed: int = 1) -> nn.Module:
    return build_discriminator(NETWORKS[name].fn(), shape, 6, 2, rng(seed), **tricks)


def batch(shape: tuple[int, ...], tricks: dict[str, Any], n: int = 7) -> Tensor:
    """Samples as the trainer packs them: one after another along their first axis."""
    k = tricks.get("packing", 1)
    return torch.randn(n * k, *shape, generator=rng(3)).reshape(n, k * shape[0], *shape[1:])


def same(one: nn.Module, other: nn.Module) -> bool:
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


@pytest.mark.parametrize("name", list(NETWORKS))
def test_without_tricks_it_is_the_familys_own(name: str) -> None:
    family: Family = NETWORKS[name].fn()
    one, other = rng(1), rng(1)
    plain = family.discriminator(IMAGE, 6, 2, other)
    found = build_discriminator(family, IMAGE, 6, 2, one)
    assert str(found) == str(plain)
    assert same(found, plain)
    assert torch.equal(one.get_state(), other.get_state())


@pytest.mark.parametrize(("name", "shape", "tricks"), CASES, ids=str)
def test_every_family_takes_every_trick(
    name: str, shape: tuple[int, ...], tricks: dict[str, Any]
) -> None:
    before = torch.get_rng_state()
    network, x = built(name, shape, tricks), batch(shape, tricks)
    assert same(network, built(name, shape, tricks))
    assert not same(network, built(name, shape, tricks, seed=2))
    assert torch.equal(torch.get_rng_state(), before)
    assert network(x).shape == (7, 1)
    twin = copy.deepcopy(network.eval())
    assert torch.equal(network(x), network(x))
    assert torch.equal(network(x), twin(x))
    assert same(network, twin)
    twin = built(name, shape, tricks, seed=2).eval()
    twin.load_state_dict(network.state_dict())
    assert torch.equal(network(x), twin(x))


@pytest.mark.parametrize(("name", "shape", "tricks"), CASES, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_trick_can_be_penalised(
    name: str, shape: tuple[int, ...], tricks: dict[str, Any], dtype: torch.dtype
) -> None:
    network = built(name, shape, tricks).to(dtype)
    x = batch(shape, tricks).to(dtype).requires_grad_()
    y = network(x)
    assert y.dtype == dtype
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    cost = y.square().sum() + slope.square().sum()
    found = torch.autograd.grad(cost, list(network.parameters()))
    assert all(gradient.isfinite().all() for gradient in found)
    assert all(gradient.any() for gradient in found if gradient.dim() > 1)


@pytest.mark.parametrize(("name", "shape", "tricks"), CASES, ids=str)
def test_it_is_known_whether_a_logit_depends_on_the_batch(
    name: str, shape: tuple[int, ...], tricks: dict[str, Any]
) -> None:
    network, x = built(name, shape, tricks).eval(), batch(shape, tricks)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1)  # the weight of the spread starts at 0
        alone = torch.cat([network(x[i : i + 1]) for i in range(len(x))])
        # 1e-5 is float32's, for batched and single products.
        assert torch.allclose(network(x), alone, atol=1e-5) != sees_batch(network, x)
    assert sees_batch(network, x) == bool(tricks.get("minibatch_std"))


def test_batch_normalisation_sees_the_batch_with_no_trick() -> None:
    family = NETWORKS["dcgan"].fn(normalisation="both")
    assert sees_batch(build_discriminator(family, IMAGE, 6, 2, rng()), batch(IMAGE, {}))


@pytest.mark.parametrize("name", list(NETWORKS))
def test_the_spread_begins_without_effect_and_is_learned(name: str) -> None:
    plain, network = (built(name, IMAGE, tricks) for tricks in ({}, {"minibatch_std": True}))
    x = batch(IMAGE, {})
    assert torch.allclose(network(x), plain(x), atol=1e-6)
    spread = next(m for m in network.modules() if isinstance(m, MinibatchStd))
    assert list(network.children())[-2] is spread
    head = weighted(network)[-1]
    (gradient,) = torch.autograd.grad(network(x).sum(), head.weight)
    assert gradient[0, -1].item() != 0


@pytest.mark.parametrize("name", list(NETWORKS))
def test_every_weight_of_a_normalised_d_has_a_largest_singular_value_of_one(name: str) -> None:
    network, x = built(name, IMAGE, {"spectral_norm": True}), batch(IMAGE, {})
    for _ in range(100):
        network(x)
    network.eval()
    for layer in weighted(network):
        values = torch.linalg.svdvals(layer.weight.detach().flatten(1))
        assert values[0].item() == pytest.approx(1, abs=1e-3)


def test_a_normalised_perceptron_is_nowhere_steeper_than_one() -> None:
    network = build_discriminator(mlp(), VECTOR, 64, 3, rng(), spectral_norm=True)
    x = (5 * torch.randn(500, 2, generator=rng(1))).requires_grad_()
    for _ in range(50):
        y = network(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    assert slope.norm(dim=1).max().item() < 1.001


def test_fourier_features_stand_in_front() -> None:
    network = build_discriminator(mlp(), (3,), 8, 1, rng(), fourier=5, fourier_scale=2.0, packing=2)
    features, body = network.children()
    assert isinstance(features, FourierFeatures)
    assert torch.equal(features.frequencies, 2 * torch.randn(5, 3, generator=rng()))
    assert weighted(body)[0].weight.shape == (8, 2 * (3 + 2 * 5))
    x = torch.randn(4, 6, generator=rng(1))
    assert torch.equal(network(x), body(features(x)))


@pytest.mark.parametrize(
    ("shape", "tricks", "words"),
    [
        (VECTOR, {"packing": 0}, "packing must be at least 1, got 0"),
        (VECTOR, {"fourier": -1}, "fourier must be at least 0, got -1"),
        (IMAGE, {"fourier": 3}, "for vectors, not for samples of shape"),
    ],
)
def test_impossible_tricks_are_refused(
    shape: tuple[int, ...], tricks: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        built("mlp", shape, tricks)


def test_a_family_that_does_not_end_in_a_linear_layer_has_no_place_for_the_spread() -> None:
    def judge(shape: Any, width: int, depth: int, rng: torch.Generator) -> nn.Module:
        return nn.Sequential(mlp().discriminator(shape, width, depth, rng), nn.Tanh())

    family = Family(mlp().generator, judge)
    with pytest.raises(ValueError, match="ends in a linear layer"):
        build_discriminator(family, VECTOR, 4, 1, rng(), minibatch_std=True)
