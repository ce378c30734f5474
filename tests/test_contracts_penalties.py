"""What every registered penalty must keep to."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ganviz import PENALTIES
from tests.stand_ins import rng


def slope(direction: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda x: x.flatten(1) @ direction


REAL_PENALTIES = [name for name in PENALTIES if name != "none"]
E1 = torch.eye(64, dtype=torch.float64)[0]


def batch(n: int, seed: int) -> Tensor:
    return torch.randn(n, 1, 8, 8, generator=rng(seed), dtype=torch.float64)


@pytest.mark.parametrize("name", REAL_PENALTIES)
def test_penalty_is_zero_on_its_ideal_critic_alone(name: str) -> None:
    real, fake = batch(8, 3), batch(8, 4)
    costs = [PENALTIES[name].fn(slope(k * E1), real, fake, rng()).item() for k in (0, 1, 5)]
    # The ideal slope is 0 (R1, R2) or 1 (gradient norm at one): float64 of either.
    assert min(costs) == pytest.approx(0, abs=1e-12)
    assert sorted(costs)[1] > 0.1


@pytest.mark.parametrize("name", REAL_PENALTIES)
def test_penalty_takes_one_norm_for_each_sample(name: str) -> None:
    def cost(n: int, direction: Tensor) -> float:
        return PENALTIES[name].fn(slope(direction), batch(n, 5), batch(n, 6), rng()).item()

    spread = torch.ones(64, dtype=torch.float64) / 8
    # A slope of 3 at every sample costs the same for one sample as for 32 (a norm over the batch
    # would not), and along one pixel as along all 64 (a norm for each pixel would not).
    assert cost(32, 3 * E1) == pytest.approx(cost(1, 3 * E1), rel=1e-9)
    assert cost(32, 3 * spread) == pytest.approx(cost(32, 3 * E1), rel=1e-9)


@pytest.mark.parametrize("name", REAL_PENALTIES)
def test_penalty_trains_the_critic_by_double_backward(name: str) -> None:
    before, w = torch.get_rng_state(), (E1 + 0.1).requires_grad_()
    cost = PENALTIES[name].fn(lambda x: slope(w)(x).tanh(), batch(4, 7), batch(4, 8), rng())
    (found,) = torch.autograd.grad(cost, w)
    assert found.isfinite().all()
    assert found.any()
    assert torch.equal(torch.get_rng_state(), before)
