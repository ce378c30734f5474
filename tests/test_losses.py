"""Each registered loss against its formula, and the gradients that the theory compares."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import BCEWithLogitsLoss

from ganviz.losses import LOSSES, minimax, non_saturating
from ganviz.value import optimal_logits, value_terms

LN2, LN4 = math.log(2), math.log(4)

# Midpoints of 400,000 equal slices of probability: means over them are integrals over N(0, 1),
# for the integrands here to about 1e-5 (the two outermost slices), a tenth of every tolerance.
NORMAL = torch.special.ndtri((torch.arange(400_000, dtype=torch.float64) + 0.5) / 400_000)


def logits(n: int, seed: int) -> Tensor:
    return 3 * torch.randn(n, generator=torch.Generator().manual_seed(seed))


def log_d(s: Tensor) -> NDArray[np.float64]:
    """ln sigmoid(s) in float64 by `logaddexp`, which the product does not use."""
    result: NDArray[np.float64] = -np.logaddexp(0.0, -s.double().numpy())
    return result


def test_both_costs_of_d_are_minus_v() -> None:
    real, fake = logits(64, 1), logits(64, 2)
    v = log_d(real).mean() + log_d(-fake).mean()
    # 1e-6: float32 means of 64 numbers of size 3 against float64.
    assert minimax(real, fake).d.item() == pytest.approx(-v, abs=1e-6)
    assert non_saturating(real, fake).d.item() == pytest.approx(-v, abs=1e-6)
    assert value_terms(real, fake).value.item() == pytest.approx(v, abs=1e-12)


def test_the_costs_of_g_are_those_of_the_formulas() -> None:
    real, fake = logits(64, 3), logits(48, 4)
    # Goodfellow et al. 2014, equation 1 and section 3; 1e-6 is float32's.
    assert minimax(real, fake).g.item() == pytest.approx(log_d(-fake).mean(), abs=1e-6)
    assert non_saturating(real, fake).g.item() == pytest.approx(-log_d(fake).mean(), abs=1e-6)


def test_the_second_implementation_agrees() -> None:
    real, fake = logits(64, 5), logits(64, 6)
    bce = BCEWithLogitsLoss()
    cost = bce(real, torch.ones(64)) + bce(fake, torch.zeros(64))
    # torch's own cross-entropy of the labels real = 1, fake = 0; 1e-6 is float32's.
    assert non_saturating(real, fake).d.item() == pytest.approx(cost.item(), abs=1e-6)
    cost = bce(fake, torch.ones(64))
    assert non_saturating(real, fake).g.item() == pytest.approx(cost.item(), abs=1e-6)


def test_logits_of_zero_give_the_levels_of_the_theory() -> None:
    zero = torch.zeros(16, dtype=torch.float64)
    # Theory section 2: V is -ln 4, so D's cost ln 4; minimax G has -ln 2, non-saturating G ln 2.
    assert minimax(zero, zero).d.item() == pytest.approx(LN4, abs=1e-12)
    assert minimax(zero, zero).g.item() == pytest.approx(-LN2, abs=1e-12)
    assert non_saturating(zero, zero).d.item() == pytest.approx(LN4, abs=1e-12)
    assert non_saturating(zero, zero).g.item() == pytest.approx(LN2, abs=1e-12)


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_loss_keeps_the_networks_precision(name: str, dtype: torch.dtype) -> None:
    d, g = LOSSES[name].fn(logits(8, 7).to(dtype), logits(8, 8).to(dtype))
    assert d.dtype == g.dtype == dtype
    assert d.shape == g.shape == ()


def test_minimax_saturates_where_d_is_sure_and_the_other_does_not() -> None:
    slopes = {}
    for name in ("minimax", "non_saturating"):
        fake = torch.tensor([-10.0], dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(LOSSES[name].fn(torch.zeros(1), fake).g, fake)
        slopes[name] = slope.item()
    # The slopes in the logit are -D and -(1 - D), with D = sigmoid(-10) = 4.54e-5.
    assert slopes["minimax"] == pytest.approx(-4.53979e-5, rel=1e-5)
    assert slopes["non_saturating"] == pytest.approx(-(1 - 4.53979e-5), rel=1e-9)


def log_normal(x: Tensor, mean: float, std: float) -> Tensor:
    return -((x - mean) ** 2) / (2 * std**2) - math.log(std * math.sqrt(2 * math.pi))


def best_logits(x: Tensor, mean: float, std: float) -> Tensor:
    """The optimal D of data N(0, 1) and fakes N(mean, std²)."""
    return optimal_logits(log_normal(x, 0.0, 1.0), log_normal(x, mean, std))


# Theory section 1, fact 8 (Arjovsky & Bottou 2017, Theorem 2.5): |gradient in μ| with D* frozen.
SATURATION = [
    (1.0, 1.0, 0.39797, 0.60203),
    (2.0, 0.7, 0.46855, 1.53145),
    (3.0, 1.0, 0.29586, 2.70414),
    (5.0, 1.0, 0.04738, 4.95262),
]


@pytest.mark.parametrize(("mean", "std", "minimax", "non_saturating"), SATURATION)
def test_gradients_of_the_two_generator_losses_at_the_optimal_d(
    mean: float, std: float, minimax: float, non_saturating: float
) -> None:
    gradients = []
    for name in ("minimax", "non_saturating"):
        mu = torch.tensor(mean, dtype=torch.float64, requires_grad=True)
        real, fake = best_logits(NORMAL, mean, std), best_logits(mu + std * NORMAL, mean, std)
        (gradient,) = torch.autograd.grad(LOSSES[name].fn(real, fake).g, mu)
        gradients.append(gradient.item())
    # Both pull μ down, towards the data at 0.
    assert gradients[0] == pytest.approx(minimax, abs=1e-4)
    assert gradients[1] == pytest.approx(non_saturating, abs=1e-4)
    # Their sum is the gradient of KL(q‖p) = μ²/2 + ..., which is μ.
    assert sum(gradients) == pytest.approx(mean, abs=1e-4)
