"""Gradient penalties on critics whose gradients are known."""

import math

import pytest
import torch
from torch import Tensor, nn

from ganviz import RunConfig, Trainer
from ganviz.penalties import Penalty, dragan, none, r1, r1_r2, r2, wgan_gp

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


@pytest.mark.parametrize("penalty", [r1, r2, r1_r2])
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


@pytest.mark.parametrize("penalty", [r1, r2, r1_r2, wgan_gp, dragan])
def test_the_batches_are_left_as_they_were(penalty: Penalty) -> None:
    real, fake = points(4, 14), points(4, 15)
    before = real.clone(), fake.clone()
    w = W.clone().requires_grad_()
    assert penalty(lambda x: (x @ w).tanh(), real, fake, RNG).requires_grad
    assert not real.requires_grad
    assert not fake.requires_grad
    assert torch.equal(real, before[0])
    assert torch.equal(fake, before[1])


@pytest.mark.parametrize("penalty", [r1, r2, r1_r2])
def test_a_critic_that_has_judged_a_batch_is_asked_about_that_batch(penalty: Penalty) -> None:
    real, fake = (points(4, seed).requires_grad_() for seed in (14, 15))
    asked: list[Tensor] = []

    def critic(x: Tensor) -> Tensor:
        asked.append(x)
        return (x @ W).tanh()

    penalty(critic, real, fake, RNG)
    # So its known outputs can be given, and D need not judge twice.
    assert all(x is real or x is fake for x in asked)


def test_a_penalty_works_where_the_trainer_switched_gradients_off_for_the_fakes() -> None:
    with torch.no_grad():
        fake = 2 * points(4, 16)
    assert r2(quadratic, points(4, 17), fake, RNG).requires_grad is True


def test_no_penalty_is_zero_in_the_networks_precision() -> None:
    cost = none(linear, points(4, 18), points(4, 19), RNG)
    assert cost.item() == 0
    assert cost.shape == ()
    assert cost.dtype == torch.float64


def test_r1_r2_is_the_sum_of_both() -> None:
    real, fake = points(8, 20), points(5, 21)
    cost = r1_r2(quadratic, real, fake, RNG).item()
    separate = r1(quadratic, real, fake, RNG) + r2(quadratic, real, fake, RNG)
    # Batches of 8 and 5: a mean over all 13 would weigh them otherwise. float64.
    assert cost == pytest.approx(separate.item(), abs=1e-12)


@pytest.mark.parametrize("penalty", [wgan_gp, dragan])
@pytest.mark.parametrize(("scale", "cost"), [(1, 144), (0, 1), (1 / 13, 0), (2 / 13, 1)])
def test_a_linear_critic_costs_its_squared_distance_from_slope_1(
    penalty: Penalty, scale: float, cost: float
) -> None:
    # |W| = 13, and (13 - 1)² = 144: the weight lambda has no factor ½ in it. float64.
    found = penalty(lambda x: scale * linear(x), points(7, 22), points(7, 23), RNG)
    assert found.item() == pytest.approx(cost, abs=1e-10)
    assert found.shape == ()


def asked_points(penalty: Penalty, real: Tensor, fake: Tensor, seed: int) -> Tensor:
    asked: list[Tensor] = []

    def critic(x: Tensor) -> Tensor:
        asked.append(x.detach())
        return x.flatten(1).sum(1)

    penalty(critic, real, fake, torch.Generator().manual_seed(seed))
    return asked[0]


def test_wgan_gp_asks_between_the_pairs_with_one_share_for_each() -> None:
    real, fake = points(500, 24, dim=6).reshape(500, 1, 2, 3), torch.zeros(500, 1, 2, 3)
    share = (asked_points(wgan_gp, real, fake.double(), 1) / real).flatten(1)
    # All six numbers of a sample have the same share, each sample its own, uniform on (0, 1):
    # mean ½ and standard deviation 1/√12; 0.05 is four standard errors of 500.
    assert (share - share[:, :1]).abs().max().item() < 1e-12
    assert len(set(share[:, 0].tolist())) == 500
    assert 0 <= share.min() < 0.02
    assert 0.98 < share.max() <= 1
    assert share[:, 0].mean().item() == pytest.approx(0.5, abs=0.05)
    assert share[:, 0].std().item() == pytest.approx(1 / math.sqrt(12), abs=0.05)


def test_dragan_asks_in_a_cloud_around_the_data() -> None:
    real, fake = 4 * points(500, 25), points(500, 26)
    noise = asked_points(dragan, real, fake, 2) - real
    half = real.std(correction=0).item() / 2
    # Uniform on ± half a standard deviation of all 1,500 numbers, whose mean is 0 to within
    # four standard errors, and whose standard deviation is half / √3.
    assert noise.abs().max().item() == pytest.approx(half, rel=0.01)
    assert noise.mean().item() == pytest.approx(0, abs=4 * half / math.sqrt(3 * 1500))
    assert noise.std().item() == pytest.approx(half / math.sqrt(3), rel=0.05)
    assert torch.equal(asked_points(dragan, real, 9 * fake, 2) - real, noise)


@pytest.mark.parametrize("penalty", [wgan_gp, dragan])
def test_the_noise_comes_from_the_generator_given(penalty: Penalty) -> None:
    real, fake = points(8, 27), points(8, 28)
    first, again, other = (asked_points(penalty, real, fake, seed) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("penalty", [r1_r2, wgan_gp, dragan])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_slope_of_zero_gives_no_nan(penalty: Penalty, dtype: torch.dtype) -> None:
    real, fake = points(6, 29).to(dtype), points(6, 30).to(dtype)
    w = torch.zeros(3, dtype=dtype, requires_grad=True)
    cost = penalty(lambda x: x @ w, real, fake, RNG)
    (first,) = torch.autograd.grad(cost, w, create_graph=True)
    assert torch.equal(first, torch.zeros_like(first))
    # Once more, as consensus optimisation does.
    (second,) = torch.autograd.grad((first - 1).square().sum(), w)
    assert second.isfinite().all()


def test_one_dead_sample_spoils_nothing() -> None:
    real = torch.tensor([[-1.0], [2.0]], dtype=torch.float64)
    w = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    cost = wgan_gp(lambda x: (w * x).relu().sum(1), real, real, RNG)
    (slope,) = torch.autograd.grad(cost, w)
    # Slopes 0 and 3: ((0 - 1)² + (3 - 1)²) / 2, and its derivative (0 + 2 (3 - 1)) / 2.
    assert cost.item() == pytest.approx(2.5, abs=1e-12)
    assert slope.item() == pytest.approx(2.0, abs=1e-12)


@pytest.mark.parametrize("penalty", [r1_r2, wgan_gp, dragan])
def test_the_new_gradients_are_those_of_finite_differences(penalty: Penalty) -> None:
    real, fake = points(4, 31), points(4, 32)

    def cost(w: Tensor) -> Tensor:
        rng = torch.Generator().manual_seed(5)
        return penalty(lambda x: (x @ w).tanh(), real, fake, rng)

    # Central differences of float64 against autograd, PyTorch's own tolerances (1e-5 absolute).
    assert torch.autograd.gradcheck(cost, (W.clone().div_(10).requires_grad_(),))


@pytest.mark.parametrize("penalty", ["wgan_gp", "dragan"])
def test_a_penalty_without_weight_draws_nothing(penalty: str) -> None:
    trainer = Trainer(RunConfig(width=8, batch_size=16, penalty=penalty, penalty_weight=0.0))
    before = trainer.state().tensors["streams.noise"]
    trainer.step()
    assert torch.equal(trainer.state().tensors["streams.noise"], before)
