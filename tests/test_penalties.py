"""Gradient penalties on critics whose gradients are known."""

import pytest
import torch
from torch import Tensor, nn

from ganviz.penalties import Penalty, none, r1, r2

RNG = torch.Generator()
W = torch.tensor([3.0, -4.0, 12.0], dtype=torch.float64)


def points(n: int, seed: int, dim: int = 3) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(n, dim, generator=rng, dtype=torch.float64)


def linear(x: Tensor) -> Tensor:
    return x @ W + 5


def quadratic(x: Tensor) -> Tensor:
    """½|x|², whose gradient at x is x itself."""
    return x.square().flatten(1).sum(1) / 2


@pytest.mark.parametrize("penalty", [r1, r2])
@pytest.mark.parametrize("n", [1, 7, 256])
def test_a_linear_critic_costs_half_its_squared_slope(penalty: Penalty, n: int) -> None:
    # |(3, -4, 12)| = 13, so 169/2, whatever the batch; float64.
    cost = penalty(linear, points(n, 1), points(n, 2), RNG)
    assert cost.item() == pytest.approx(84.5, abs=1e-10)
    assert cost.shape == ()


def test_the_norm_is_of_each_sample_by_itself() -> None:
    real, fake = points(16, 3), points(16, 4)
    # The mean of the samples' own ½|x|²; a norm of the whole batch would be 16 times that.
    expected = real.square().sum(1).mean().item() / 2
    assert r1(quadratic, real, fake, RNG).item() == pytest.approx(expected, abs=1e-12)


def test_the_norm_of_an_image_runs_over_all_its_pixels() -> None:
    image = points(4, 5, dim=64).reshape(4, 1, 8, 8)
    expected = image.square().sum().item() / 4 / 2
    assert r1(quadratic, image, image, RNG).item() == pytest.approx(expected, abs=1e-12)


def test_r1_looks_at_data_alone_and_r2_at_fakes_alone() -> None:
    real, fake = points(8, 6), points(8, 7)
    at_real, at_fake = (x.square().sum(1).mean().item() / 2 for x in (real, fake))
    assert at_real != pytest.approx(at_fake, rel=1e-3)
    assert r1(quadratic, real, fake, RNG).item() == pytest.approx(at_real, abs=1e-12)
    assert r1(quadratic, real, 9 * fake, RNG).item() == pytest.approx(at_real, abs=1e-12)
    assert r2(quadratic, real, fake, RNG).item() == pytest.approx(at_fake, abs=1e-12)
    assert r2(quadratic, 9 * real, fake, RNG).item() == pytest.approx(at_fake, abs=1e-12)


@pytest.mark.parametrize("penalty", [r1, r2])
def test_a_constant_critic_costs_nothing(penalty: Penalty) -> None:
    assert penalty(lambda x: 0 * x.sum(1) + 3, points(8, 8), points(8, 9), RNG).item() == 0


def test_double_backward_gives_the_gradient_in_the_critics_own_weights() -> None:
    critic = nn.Linear(3, 1, dtype=torch.float64)
    cost = r1(lambda x: critic(x).reshape(-1), points(8, 10), points(8, 11), RNG)
    weight, bias = torch.autograd.grad(
        cost, (critic.weight, critic.bias), allow_unused=True, materialize_grads=True
    )
    # d(½|w|²)/dw = w, and the bias has no part in it.
    assert torch.allclose(weight, critic.weight, atol=1e-12)
    assert bias.item() == 0


def test_the_gradient_in_the_weights_is_that_of_finite_differences() -> None:
    real, fake = points(4, 12), points(4, 13)

    def cost(w: Tensor) -> Tensor:
        return r1(lambda x: (x @ w).tanh(), real, fake, RNG)

    # Central differences of float64 against autograd, PyTorch's own tolerances (1e-5 absolute).
    assert torch.autograd.gradcheck(cost, (W.clone().div_(10).requires_grad_(),))


@pytest.mark.parametrize("penalty", [r1, r2])
def test_no_gradient_reaches_the_batches(penalty: Penalty) -> None:
    real, fake = points(4, 14).requires_grad_(), points(4, 15).requires_grad_()
    w = W.clone().requires_grad_()
    cost = penalty(lambda x: (x @ w).tanh(), real, fake, RNG)
    found = torch.autograd.grad(cost, (w, real, fake), allow_unused=True)
    # Else G would be trained through D's penalty, or the caller's tensors be changed.
    assert [gradient is None for gradient in found] == [False, True, True]
    assert real.requires_grad
    assert real.is_leaf


def test_a_penalty_works_where_the_trainer_switched_gradients_off_for_the_fakes() -> None:
    with torch.no_grad():
        fake = 2 * points(4, 16)
    assert r2(quadratic, points(4, 17), fake, RNG).requires_grad is True


def test_no_penalty_is_zero_in_the_networks_precision() -> None:
    cost = none(linear, points(4, 18), points(4, 19), RNG)
    assert cost.item() == 0
    assert cost.shape == ()
    assert cost.dtype == torch.float64
