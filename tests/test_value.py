"""The heart: V, its terms and its error against references that share no code with it."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import BCEWithLogitsLoss

from ganviz.value import (
    batch_statistics,
    jsd_lower_bound,
    optimal_logits,
    value_standard_error,
    value_terms,
)

LN2, LN4 = math.log(2), math.log(4)

# Midpoints of 400,000 equal slices of probability: means over them are integrals over N(0, 1),
# for the integrands here to about 1e-5 (the two outermost slices), a tenth of every tolerance.
NORMAL = torch.special.ndtri((torch.arange(400_000, dtype=torch.float64) + 0.5) / 400_000)


def log_normal(x: Tensor, mean: float, std: float) -> Tensor:
    return -((x - mean) ** 2) / (2 * std**2) - math.log(std * math.sqrt(2 * math.pi))


def best_logits(x: Tensor, mean: float, std: float) -> Tensor:
    """The optimal D of data N(0, 1) and fakes N(mean, std²)."""
    return optimal_logits(log_normal(x, 0.0, 1.0), log_normal(x, mean, std))


def logits(n: int, seed: int, spread: float = 3.0) -> Tensor:
    return spread * torch.randn(n, generator=torch.Generator().manual_seed(seed))


def log_d(s: Tensor) -> NDArray[np.float64]:
    """ln sigmoid(s) in float64 by `logaddexp`, which the product does not use."""
    result: NDArray[np.float64] = -np.logaddexp(0.0, -s.double().numpy().reshape(-1))
    return result


@pytest.mark.parametrize("real_shape", [(64,), (64, 1)])
@pytest.mark.parametrize("fake_shape", [(48,), (48, 1)])
def test_terms_are_the_means_of_the_definition(
    real_shape: tuple[int, ...], fake_shape: tuple[int, ...]
) -> None:
    real, fake = logits(64, 1), logits(48, 2)
    terms = value_terms(real.reshape(real_shape), fake.reshape(fake_shape))
    expected = log_d(real).mean(), log_d(-fake).mean()
    # 1e-12: both sides are float64 means of about 50 numbers of size 1.
    assert terms.d_term.item() == pytest.approx(expected[0], abs=1e-12)
    assert terms.g_term.item() == pytest.approx(expected[1], abs=1e-12)
    assert terms.value.item() == pytest.approx(sum(expected), abs=1e-12)
    assert terms.value.shape == ()
    assert terms.value.dtype == torch.float64


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_moderate_logits_agree_with_probabilities(dtype: torch.dtype) -> None:
    real, fake = logits(32, 3).to(dtype), logits(32, 4).to(dtype)
    p, q = (1 / (1 + np.exp(-s.double().numpy())) for s in (real, fake))
    # The formula as Goodfellow et al. 2014 write it, in plain probabilities; 1e-6 as promised.
    expected = np.log(p).mean() + np.log(1 - q).mean()
    assert value_terms(real, fake).value.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [50.0, 800.0, 1e4])
def test_a_sure_discriminator_has_finite_values_and_gradients(
    dtype: torch.dtype, size: float
) -> None:
    real = torch.tensor([-size, size], dtype=dtype, requires_grad=True)
    fake = torch.tensor([-size, size], dtype=dtype, requires_grad=True)
    terms = value_terms(real, fake)
    for_real, for_fake = torch.autograd.grad(terms.value, (real, fake))
    # ln sigmoid(-s) = -s up to e^-50 = 2e-22: half the batch is wrong by s, half is right.
    assert terms.d_term.item() == pytest.approx(-size / 2, rel=1e-12)
    assert terms.g_term.item() == pytest.approx(-size / 2, rel=1e-12)
    # Slope of ln sigmoid is 1 far below 0 and 0 far above, over a batch of two; 1e-6 is float32's.
    assert for_real.tolist() == pytest.approx([0.5, 0.0], abs=1e-6)
    assert for_fake.tolist() == pytest.approx([0.0, -0.5], abs=1e-6)


def test_gradients_are_those_of_the_definition() -> None:
    real = logits(8, 5).double().requires_grad_()
    fake = logits(6, 6).double().requires_grad_()
    # Central differences of float64 against autograd, PyTorch's own tolerances (1e-5 absolute).
    assert torch.autograd.gradcheck(lambda r, f: value_terms(r, f).value, (real, fake))


@pytest.mark.parametrize("bad", [torch.zeros(()), torch.zeros(3, 2), torch.zeros(3, 1, 1)])
@pytest.mark.parametrize("function", [value_terms, value_standard_error])
def test_other_shapes_are_refused_by_name(function: Callable[..., object], bad: Tensor) -> None:
    good = torch.zeros(3)
    shape = str(tuple(bad.shape)).replace("(", r"\(").replace(")", r"\)")
    for name, args in (("real_logits", (bad, good)), ("fake_logits", (good, bad))):
        with pytest.raises(ValueError, match=rf"{name} must have shape .* got {shape}"):
            function(*args)


@pytest.mark.parametrize("empty", [torch.zeros(0), torch.zeros(0, 1)])
def test_an_empty_batch_is_refused_by_name(empty: Tensor) -> None:
    with pytest.raises(ValueError, match="real_logits is an empty batch"):
        value_terms(empty, torch.zeros(3))
    with pytest.raises(ValueError, match="fake_logits is an empty batch"):
        value_standard_error(torch.zeros(3), empty)


def test_standard_error_is_that_of_two_independent_means() -> None:
    real, fake = logits(40, 7), logits(30, 8)
    expected = math.sqrt(log_d(real).var(ddof=1) / 40 + log_d(-fake).var(ddof=1) / 30)
    # 1e-12: both sides are float64 on the same numbers.
    assert value_standard_error(real, fake).item() == pytest.approx(expected, abs=1e-12)
    columns = value_standard_error(real[:, None], fake[:, None]).item()
    assert columns == pytest.approx(expected, abs=1e-12)


def test_standard_error_needs_two_samples_of_each() -> None:
    assert value_standard_error(torch.zeros(1), torch.zeros(9)).isnan()
    assert value_standard_error(torch.zeros(9), torch.zeros(1)).isnan()
    assert value_standard_error(torch.zeros(2), torch.zeros(2)).item() == 0


# Exact errors of one batch of 512 at the optimal D of N(0, 1) against N(d, 1), by quadrature of the
# two variances; theory section 1, fact 10 calls them "about 0.03".
@pytest.mark.parametrize(("d", "exact"), [(1.0, 0.026403), (2.0, 0.035186), (3.0, 0.030214)])
def test_standard_error_tells_the_spread_of_v_over_batches(d: float, exact: float) -> None:
    rng = torch.Generator().manual_seed(9)
    batches, n = 4000, 512
    real = torch.randn(batches, n, generator=rng)
    fake = d + torch.randn(batches, n, generator=rng)
    # ln N(x; 0, 1) - ln N(x; d, 1) = d²/2 - dx.
    statistics = batch_statistics(d * d / 2 - d * real, d * d / 2 - d * fake)
    # The spread of 4,000 draws is itself known to 1/sqrt(2 * 4000) = 1.1 %; 5 % is over 4 of that.
    assert statistics.value.std().item() == pytest.approx(exact, rel=0.05)
    # One batch's estimate scatters by about 5 %, so the mean of 4,000 is within 1 %.
    assert statistics.value_se.mean().item() == pytest.approx(exact, rel=0.01)
    assert 0.025 < exact < 0.036


def test_batch_statistics_agree_with_the_functions_of_one_batch() -> None:
    real, fake = logits(5 * 16, 10).reshape(5, 16), logits(5 * 16, 11).reshape(5, 16)
    many = batch_statistics(real, fake)
    for i in range(5):
        terms = value_terms(real[i], fake[i])
        # 1e-14: the same float64 sums, which torch may only order differently.
        assert many.value[i].item() == pytest.approx(terms.value.item(), abs=1e-14)
        assert many.d_term[i].item() == pytest.approx(terms.d_term.item(), abs=1e-14)
        assert many.g_term[i].item() == pytest.approx(terms.g_term.item(), abs=1e-14)
        error = value_standard_error(real[i], fake[i]).item()
        assert many.value_se[i].item() == pytest.approx(error, abs=1e-14)
    assert all(column.shape == (5,) and column.dtype == torch.float64 for column in many)


def test_batch_statistics_of_a_batch_worked_by_hand() -> None:
    one = math.log(3)  # D = 3/4
    statistics = batch_statistics(torch.tensor([one, one, -one]), torch.tensor([one, -one]))
    # (3/4 + 3/4 + 1/4)/3 and (3/4 + 1/4)/2; 1e-7 is the float32 of ln 3.
    assert statistics.d_real.item() == pytest.approx(7 / 12, abs=1e-7)
    assert statistics.d_fake.item() == pytest.approx(1 / 2, abs=1e-7)
    assert statistics.acc_real.item() == pytest.approx(2 / 3, abs=1e-12)
    assert statistics.acc_fake.item() == pytest.approx(1 / 2, abs=1e-12)
    d_term = (2 * math.log(3 / 4) + math.log(1 / 4)) / 3
    g_term = (math.log(1 / 4) + math.log(3 / 4)) / 2
    assert statistics.d_term.item() == pytest.approx(d_term, abs=1e-7)
    assert statistics.g_term.item() == pytest.approx(g_term, abs=1e-7)


def test_an_undecided_discriminator_is_right_about_nothing() -> None:
    statistics = batch_statistics(torch.zeros(4), torch.zeros(4))
    assert statistics.acc_real.item() == statistics.acc_fake.item() == 0
    assert statistics.d_real.item() == statistics.d_fake.item() == 0.5


def test_optimal_logits_give_the_probability_of_real() -> None:
    p, q = torch.tensor([[0.2, 0.9], [1e-30, 0.5]]), torch.tensor([[0.6, 0.1], [1e-10, 0.5]])
    best = optimal_logits(p.log(), q.log())
    # D* = p/(p+q), Proposition 1 of Goodfellow et al. 2014; 1e-6 is float32's.
    assert best.shape == (2, 2)
    assert torch.allclose(best.sigmoid(), p / (p + q), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("value", "bound"), [(0.0, LN2), (-LN4, 0.0), (-2 * LN4, -LN2)])
def test_jsd_lower_bound(value: float, bound: float) -> None:
    # (V + ln 4)/2, worked by hand.
    assert jsd_lower_bound(value) == pytest.approx(bound, abs=1e-15)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [0.01, 1.0, 30.0])
def test_v_lies_below_its_supremum(seed: int, spread: float) -> None:
    rng = torch.Generator().manual_seed(seed)
    real, fake = (spread * torch.randn(64, generator=rng) for _ in range(2))
    d_term, g_term = value_terms(real, fake)
    # Fact 1: logarithms of probabilities below 1 are below 0, and so are their means.
    assert d_term.item() < 0
    assert g_term.item() < 0
    assert math.isfinite((d_term + g_term).item())


def test_v_rises_to_zero_as_d_becomes_right_and_never_reaches_it() -> None:
    sizes = (1.0, 5.0, 20.0, 100.0, 700.0)
    values = [value_terms(torch.full((4,), s), torch.full((4,), -s)).value.item() for s in sizes]
    # Fact 1: V -> 0 from below; at logits ±20 it is -2e^-20 = -4.1e-9.
    assert values == sorted(values)
    assert values[2] == pytest.approx(-2 * math.exp(-20), rel=1e-6)
    assert values[-1] < 0


def test_v_has_no_lower_bound() -> None:
    for size in (10.0, 1e3, 1e6):
        value = value_terms(torch.full((4,), -size), torch.full((4,), size)).value.item()
        # Fact 7: a D that is wrong with logits ±s has V = -2 ln(1 + e^s), -2s to 1e-4.
        assert value == pytest.approx(-2 * math.log1p(math.exp(-size)) - 2 * size, rel=1e-12)


@pytest.mark.parametrize("n_fake", [1, 7, 512])
def test_the_value_of_a_coin_is_the_same_for_any_generator(n_fake: int) -> None:
    terms = value_terms(torch.zeros(64), torch.zeros(n_fake, 1))
    # Facts 6 and 7: logits 0 are D = 1/2; -ln 4 and -ln 2 to float64.
    assert terms.value.item() == pytest.approx(-LN4, abs=1e-12)
    assert terms.d_term.item() == pytest.approx(-LN2, abs=1e-12)
    assert terms.g_term.item() == pytest.approx(-LN2, abs=1e-12)


def test_g_moves_the_second_term_alone() -> None:
    real, low, high = torch.ones(16), torch.full((16,), -2.0), torch.full((16,), 2.0)
    before, after = value_terms(real, low), value_terms(real, high)
    # Fact 3: fakes that D takes for real lower V, through the G term only.
    assert after.d_term.item() == before.d_term.item()
    assert after.value.item() < before.value.item()


@pytest.mark.parametrize(("d", "value"), [(1, -1.16345), (2, -0.71263), (3, -0.33274)])
def test_the_largest_v_of_two_gaussians(d: int, value: float) -> None:
    real, fake = best_logits(NORMAL, d, 1.0), best_logits(NORMAL + d, d, 1.0)
    best = value_terms(real, fake).value.item()
    # Theory section 1, table of V*(N(0, 1), N(d, 1)).
    assert best == pytest.approx(value, abs=1e-4)
    # Fact 6: no other D has a higher V. These are off by a shift, a factor, a bend.
    for worse in (
        value_terms(real + 0.3, fake + 0.3),
        value_terms(0.8 * real, 0.8 * fake),
        value_terms(real + 0.2 * NORMAL.sin(), fake + 0.2 * (NORMAL + d).sin()),
    ):
        assert worse.value.item() < best - 1e-3
        assert jsd_lower_bound(worse.value.item()) < jsd_lower_bound(best)


def test_the_largest_v_tells_the_jensen_shannon_divergence() -> None:
    x = torch.linspace(-14, 16, 30_001, dtype=torch.float64)
    log_p, log_q = log_normal(x, 0.0, 1.0), log_normal(x, 2.0, 0.7)
    middle = torch.logaddexp(log_p, log_q) - LN2
    halves = log_p.exp() * (log_p - middle) + log_q.exp() * (log_q - middle)
    jsd = halves.sum().item() / 2 * 1e-3
    fake = 2 + 0.7 * NORMAL
    best = value_terms(best_logits(NORMAL, 2.0, 0.7), best_logits(fake, 2.0, 0.7)).value.item()
    # Fact 6: max V = -ln 4 + 2 JSD, here with the JSD by its own definition on a grid.
    assert best == pytest.approx(-LN4 + 2 * jsd, abs=1e-4)
    assert jsd_lower_bound(best) == pytest.approx(jsd, abs=1e-4)


def test_the_usual_training_statistic_is_minus_half_of_v() -> None:
    rng = torch.Generator().manual_seed(0)
    real, fake = (4 * torch.randn(256, generator=rng) for _ in range(2))
    bce = BCEWithLogitsLoss()
    halves = (bce(real, torch.ones(256)) + bce(fake, torch.zeros(256))) / 2
    # Fact 9; 1e-6 is the float32 of the second implementation.
    assert halves.item() == pytest.approx(-value_terms(real, fake).value.item() / 2, abs=1e-6)


def test_one_sided_labels_move_the_best_d_off_one_half() -> None:
    bce = BCEWithLogitsLoss()
    constants = torch.linspace(-0.5, 0.5, 2_001, dtype=torch.float64)
    real, fake = torch.tensor([0.9, 0.0], dtype=torch.float64)
    costs = [bce(c, real).item() + bce(c, fake).item() for c in constants]
    best = constants[costs.index(min(costs))]
    # Fact 9: with label a = 0.9 at p = q, D* = a/2 = 0.45 (the scan's step in D is 1.2e-4) ...
    assert best.sigmoid().item() == pytest.approx(0.45, abs=1.5e-4)
    # ... and the hard-label V of that D is ln 0.45 + ln 0.55 = -1.3963.
    assert value_terms(best[None], best[None]).value.item() == pytest.approx(-1.3963, abs=1e-4)
