"""Fourier features, batch statistics and spectral norm, each against the truth."""

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradcheck, gradgradcheck
from torch.nn.utils.parametrize import register_parametrization

from ganviz.networks import FourierFeatures, MinibatchStd, SpectralNorm
from tests.test_networks import rng

F64 = torch.float64


def test_fourier_features_are_their_formula() -> None:
    layer = FourierFeatures(3, 5, 2.0, rng())
    b = torch.randn(5, 3, generator=rng()) * 2
    assert torch.equal(layer.frequencies, b)
    x = torch.randn(7, 3, generator=rng(1))
    angle = x @ b.T
    expected = torch.cat([x, angle.sin(), angle.cos()], 1)
    # 1e-6 is float32's.
    assert torch.allclose(layer(x), expected, atol=1e-6)
    assert layer(x).shape == (7, layer.outputs) == (7, 13)
    assert list(layer.parameters()) == []
    assert list(layer.state_dict()) == ["frequencies"]


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_fourier_features_approximate_the_gaussian_kernel(scale: float) -> None:
    m = 20_000
    layer = FourierFeatures(2, m, scale, rng())
    x, y = (torch.randn(30, 2, generator=rng(k)) for k in (1, 2))
    waves_x, waves_y = (layer(points)[:, 2:] for points in (x, y))
    found = (waves_x * waves_y).sum(1) / m
    truth = torch.exp(-(scale**2) * (x - y).square().sum(1) / 2)
    # The mean of 20,000 cosines has a σ of at most 1/√40,000 = .005; four of it.
    assert (found - truth).abs().max().item() < 0.02
    mean_square = waves_x.square().mean(1)
    assert torch.allclose(mean_square, torch.full_like(mean_square, 0.5), atol=1e-5)


def test_packed_samples_have_the_features_of_each() -> None:
    layer = FourierFeatures(2, 5, 1.0, rng())
    x = torch.randn(6, 2, generator=rng(1))
    assert torch.equal(layer(x.reshape(3, 4)), layer(x).reshape(3, 24))


def test_the_spread_of_known_batches_is_their_mean_deviation() -> None:
    layer = MinibatchStd()
    h = torch.tensor([[0.0, 0.0, 7.0], [2.0, 8.0, 7.0]], dtype=F64)
    # Deviations 1, 4 and 0, each lessened by at most 1e-4.
    assert torch.equal(layer(h)[:, :3], h)
    assert layer(h)[:, 3].tolist() == pytest.approx([5 / 3] * 2, abs=1e-4)
    x = torch.randn(50, 8, generator=rng())
    truth = x.std(0, correction=0).mean().item()
    assert layer(x)[:, 8].tolist() == pytest.approx([truth] * 50, abs=1.1e-4)


@pytest.mark.parametrize("n", [1, 6])
def test_a_constant_batch_has_no_spread_and_finite_derivatives(n: int) -> None:
    h = torch.full((n, 4), 0.3).requires_grad_()
    spread = MinibatchStd()(h)[:, 4]
    assert spread.tolist() == pytest.approx([0] * n, abs=1e-9)
    (slope,) = torch.autograd.grad(spread.sum(), h, create_graph=True)
    (second,) = torch.autograd.grad(slope.square().sum() + slope.sum(), h)
    assert slope.tolist() == [[0] * 4] * n
    assert second.isfinite().all()


def test_the_spread_can_be_differentiated_twice() -> None:
    h = torch.randn(5, 3, generator=rng(), dtype=F64).requires_grad_()
    assert gradcheck(MinibatchStd(), h)
    assert gradgradcheck(MinibatchStd(), h)


def normalised(layer: nn.Linear | nn.Conv2d, seed: int = 0) -> nn.Linear | nn.Conv2d:
    with torch.no_grad():
        layer.weight.normal_(generator=rng(seed))
    norm = SpectralNorm(layer.weight, rng(seed + 1))
    register_parametrization(layer, "weight", norm, unsafe=True)
    return layer


def largest(layer: nn.Linear | nn.Conv2d) -> float:
    """In eval mode: looking at a weight in training moves the vectors."""
    return float(torch.linalg.svdvals(layer.eval().weight.detach().flatten(1))[0])


def state(layer: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in layer.state_dict().items()}


def moved(layer: nn.Module, before: dict[str, Tensor]) -> list[str]:
    now = layer.state_dict()
    return sorted(name for name, value in now.items() if not torch.equal(value, before[name]))


VECTORS = ["parametrizations.weight.0.u", "parametrizations.weight.0.v"]


@pytest.mark.parametrize(
    "layer",
    [
        nn.Linear(64, 64),
        nn.Linear(3, 128),
        nn.Linear(128, 1),
        nn.Conv2d(3, 16, 4),
        nn.Conv2d(16, 8, 4).double(),
    ],
    ids=str,
)
def test_the_largest_singular_value_comes_to_one(layer: nn.Linear | nn.Conv2d) -> None:
    layer = normalised(layer)
    x = torch.zeros(1, *layer.weight.shape[1:], dtype=layer.weight.dtype)
    # The start is close already; forward passes in training finish it.
    assert largest(layer) == pytest.approx(1, abs=0.02)
    layer.train()
    for _ in range(50):
        layer(x)
    assert largest(layer) == pytest.approx(1, abs=1e-3)


def test_it_follows_a_weight_that_moves() -> None:
    layer = normalised(nn.Linear(32, 32))
    original = dict(layer.named_parameters())["parametrizations.weight.original"]
    step = torch.randn(32, 32, generator=rng(5))
    for _ in range(300):
        with torch.no_grad():
            original.add_(step, alpha=0.01)
        layer(torch.zeros(1, 32))
    # The weight has moved by three times its own size, a little at each pass.
    assert largest(layer) == pytest.approx(1, abs=0.01)


def test_singular_vectors_move_in_training_alone() -> None:
    layer = normalised(nn.Linear(8, 8))
    before, x = state(layer), torch.ones(2, 8)
    layer.eval()
    assert torch.equal(layer(x), layer(x))
    assert moved(layer, before) == []
    layer.train()
    with torch.no_grad():
        layer(x)
    assert moved(layer, before) == VECTORS
    layer.load_state_dict(before)
    assert moved(layer, before) == []


def test_spectral_norm_can_be_differentiated_twice() -> None:
    weight = torch.randn(4, 3, generator=rng(), dtype=F64).requires_grad_()
    norm = SpectralNorm(weight, rng(1)).eval()
    assert gradcheck(norm, weight)
    assert gradgradcheck(norm, weight)


def test_a_later_pass_does_not_spoil_an_earlier_graph() -> None:
    layer = normalised(nn.Linear(4, 4))
    x = torch.randn(5, 4, generator=rng(3)).requires_grad_()
    first = layer(x).square().sum()
    (slope,) = torch.autograd.grad(first, x, create_graph=True)
    weight = layer.weight
    layer(x)
    layer(2 * x)
    cost = first + slope.square().sum() + weight.sum()
    assert all(g.isfinite().all() for g in torch.autograd.grad(cost, list(layer.parameters())))


def test_a_copy_has_vectors_of_its_own() -> None:
    layer = normalised(nn.Linear(8, 8))
    twin, before = copy.deepcopy(layer), state(layer)
    twin(torch.ones(2, 8))
    assert moved(layer, before) == []
    assert moved(twin, before) == VECTORS


def test_parameters_may_become_views_of_one_buffer() -> None:
    layer = normalised(nn.Linear(3, 2)).eval()
    x, parameters = torch.randn(5, 3, generator=rng(3)), list(layer.parameters())
    before = layer(x)
    flat = torch.cat([p.detach().reshape(-1) for p in parameters])
    parts = torch.split(flat, [p.numel() for p in parameters])
    for p, part in zip(parameters, parts, strict=True):
        p.data = part.view(p.shape)
    assert torch.equal(layer(x), before)
    flat.mul_(2)
    # Twice the weight is the same one, normalised; twice the bias is not.
    bias = dict(layer.named_parameters())["bias"]
    assert torch.allclose(layer(x) - bias, before - bias / 2, atol=1e-6)
