"""Each registered loss against its formula, and the gradients that the theory compares."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import BCEWithLogitsLoss

from ganviz.losses import F_DIVERGENCES, LOSSES, Objective, minimax, non_saturating
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


# At logits of zero (theory, section 2): D's cost and G's. f-GAN KL has f*(0) = 1/e.
AT_ZERO = {
    "non_saturating": (LN4, LN2),
    "minimax": (LN4, -LN2),
    "least_squares": (0.5, 0.5),
    "hinge": (2.0, 0.0),
    "wasserstein": (0.0, 0.0),
    "relativistic": (LN2, LN2),
    "relativistic_average": (LN4, LN4),
    "fgan_kl": (1 / math.e, -1 / math.e),
    "fgan_reverse_kl": (0.0, 1.0),
    "fgan_pearson": (0.0, 0.0),
    "fgan_hellinger": (0.0, 0.0),
    "fgan_js": (0.0, 0.0),
    "fgan_gan": (LN4, -LN2),
}


def test_the_list_of_values_at_zero_is_whole_and_the_default_loss_is_first() -> None:
    assert list(AT_ZERO) == list(LOSSES)
    assert next(iter(LOSSES)) == "non_saturating"


@pytest.mark.parametrize("name", list(AT_ZERO))
def test_values_at_logits_of_zero(name: str) -> None:
    zero = torch.zeros(16, dtype=torch.float64)
    found = LOSSES[name].fn(zero, zero)
    assert [cost.item() for cost in found] == pytest.approx(AT_ZERO[name], abs=1e-12)


def test_least_squares_at_one_half_costs_a_quarter() -> None:
    half = torch.full((16,), 0.5, dtype=torch.float64)
    assert LOSSES["least_squares"].fn(half, half).d.item() == pytest.approx(0.25, abs=1e-12)


def cost(name: str, real: list[float], fake: list[float]) -> list[float]:
    found: Objective = LOSSES[name].fn(
        torch.tensor(real, dtype=torch.float64), torch.tensor(fake, dtype=torch.float64)
    )
    return [found.d.item(), found.g.item()]


def test_hand_calculated_costs() -> None:
    # Mao et al. 2017: ½((2-1)² + (0-1)²)/2 + ½(1² + 3²)/2, and ½((1-1)² + (3-1)²)/2.
    assert cost("least_squares", [2, 0], [1, 3]) == pytest.approx([3.0, 1.0], abs=1e-12)
    # Lim & Ye 2017: (0 + 1)/2 + (0 + 4)/2, and -(-2 + 3)/2.
    assert cost("hinge", [2, 0], [-2, 3]) == pytest.approx([2.5, -0.5], abs=1e-12)
    # Arjovsky et al. 2017: ½ - 1, and -½.
    assert cost("wasserstein", [2, 0], [-2, 3]) == pytest.approx([-0.5, -0.5], abs=1e-12)


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_relativistic_costs_are_those_of_the_pairs_and_of_the_means() -> None:
    real, fake = [2.0, -1.0], [0.5, 1.5]
    # Jolicoeur-Martineau 2018, RSGAN: pairs (2, ½) and (-1, 1½).
    pairs = [(softplus(-1.5) + softplus(2.5)) / 2, (softplus(1.5) + softplus(-2.5)) / 2]
    assert cost("relativistic", real, fake) == pytest.approx(pairs, abs=1e-12)
    # RaSGAN: the other batch's means are 1 (of fakes) and ½ (of data).
    d = (softplus(1 - 2) + softplus(1 + 1)) / 2 + (softplus(0.5 - 0.5) + softplus(1.5 - 0.5)) / 2
    g = (softplus(2 - 1) + softplus(-1 - 1)) / 2 + (softplus(0.5 - 0.5) + softplus(0.5 - 1.5)) / 2
    assert cost("relativistic_average", real, fake) == pytest.approx([d, g], abs=1e-12)


@pytest.mark.parametrize("name", ["relativistic", "relativistic_average"])
def test_relativistic_costs_do_not_see_a_shift_and_swap_with_the_batches(name: str) -> None:
    real, fake = logits(32, 11).double(), logits(32, 12).double()
    d, g = LOSSES[name].fn(real, fake)
    assert LOSSES[name].fn(real + 7, fake + 7).d.item() == pytest.approx(d.item(), abs=1e-12)
    # G's cost is D's with data and samples in each other's place.
    assert LOSSES[name].fn(fake, real).d.item() == pytest.approx(g.item(), abs=1e-12)


@pytest.mark.parametrize("name", list(F_DIVERGENCES))
def test_an_f_gan_loss_is_its_activation_and_conjugate(name: str) -> None:
    member = F_DIVERGENCES[name]
    real, fake = logits(64, 13).double(), logits(64, 14).double()
    bound = member.activation(real).mean() - member.conjugate(member.activation(fake)).mean()
    of_g = -member.conjugate(member.activation(fake)).mean()
    d, g = LOSSES[name].fn(real, fake)
    # The two forms differ by algebra alone: float64 of numbers up to e^9.
    assert d.item() == pytest.approx(-bound.item(), rel=1e-11, abs=1e-11)
    assert g.item() == pytest.approx(of_g.item(), rel=1e-11, abs=1e-11)


def test_every_member_of_the_family_has_its_functions() -> None:
    assert set(F_DIVERGENCES) == {name for name in LOSSES if name.startswith("fgan_")}


@pytest.mark.parametrize("name", list(F_DIVERGENCES))
def test_conjugates_are_the_suprema_they_stand_for(name: str) -> None:
    member = F_DIVERGENCES[name]
    u = torch.logspace(-6, 4, 200_001, dtype=torch.float64)
    # These v are reached by f' at ratios inside the grid; Pearson's T is at least f'(0) = -2.
    for v in (-1.9, -0.5, 0.0, 0.5, 2.0):
        t = member.activation(torch.tensor(v, dtype=torch.float64))
        supremum = (u * t - member.f(u)).max().item()
        # Neighbours differ by 1.15e-4 of u, so the maximum is missed by 1e-8 of a curvature.
        assert member.conjugate(t).item() == pytest.approx(supremum, abs=1e-6), v


@pytest.mark.parametrize("name", list(F_DIVERGENCES))
def test_f_is_convex_and_zero_at_one(name: str) -> None:
    f = F_DIVERGENCES[name].f
    u = torch.linspace(0.01, 20, 4_000, dtype=torch.float64)
    assert (f(u[:-2]) + f(u[2:]) - 2 * f(u[1:-1]) > 0).all()
    level = -LN4 if name == "fgan_gan" else 0.0
    assert f(torch.ones((), dtype=torch.float64)).item() == pytest.approx(level, abs=1e-12)


def test_fgan_gan_is_minimax_and_fgan_js_is_it_moved_to_zero() -> None:
    real, fake = logits(64, 15).double(), logits(64, 16).double()
    d, g = minimax(real, fake)
    assert LOSSES["fgan_gan"].fn(real, fake) == (d, g)
    moved = [d.item() - LN4, g.item() + LN2]
    assert [c.item() for c in LOSSES["fgan_js"].fn(real, fake)] == pytest.approx(moved, abs=1e-12)


@pytest.mark.parametrize("name", ["fgan_kl", "fgan_reverse_kl", "fgan_hellinger"])
def test_exponential_members_are_finite_to_80_and_infinite_at_100(name: str) -> None:
    assert LOSSES[name].facts["finite_to"] == 80
    worst = []
    for far in (80.0, 100.0):
        batches = [torch.full((4096,), s * far, requires_grad=True) for s in (-1, 1)]
        d = LOSSES[name].fn(*batches).d
        found = torch.autograd.grad(d, batches)
        worst.append(all(x.isfinite().all() for x in (d, *found)))
    # e^80 times 4,096 is below float32's 3.4e38 (e^88.7); e^99 is not.
    assert worst == [True, False]


@pytest.mark.parametrize("name", [n for n in LOSSES if LOSSES[n].facts["finite_to"] != 80])
def test_the_others_are_finite_to_ten_thousand(name: str) -> None:
    assert LOSSES[name].facts["finite_to"] == 1e4


@pytest.mark.parametrize("name", list(LOSSES))
def test_each_cost_can_be_differentiated_without_the_other(name: str) -> None:
    real, fake = logits(8, 17).requires_grad_(), logits(8, 18).requires_grad_()
    for player in (0, 1):
        together, alone = LOSSES[name].fn(real, fake), LOSSES[name].fn(real, fake)[player]
        torch.autograd.grad(together[1 - player], (real, fake), allow_unused=True)
        found, expected = (
            torch.autograd.grad(cost, (real, fake), materialize_grads=True)
            for cost in (together[player], alone)
        )
        assert found[1].any()
        assert all(map(torch.equal, found, expected))


@pytest.mark.parametrize("name", list(LOSSES))
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
