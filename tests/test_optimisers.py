"""The rules of the optimisers against torch's and against loops, alone and in a game."""

import itertools
import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ganviz import RunConfig
from ganviz.trainer.optimisers import SGD, Adam, Moments, Optimiser, OptimisticAdam, RMSProp

Float = torch.float64
RULES: dict[str, Any] = {
    "adam": Adam(0.5, 0.99),
    "adam without momentum": Adam(0.0, 0.9),
    "optimistic adam": OptimisticAdam(0.5, 0.99),
    "sgd": SGD(0.0),
    "sgd with momentum": SGD(0.9),
    "sgd with negative momentum": SGD(-0.3),
    "rmsprop": RMSProp(0.95),
}
UPDATES = 25


def problem() -> Iterator[tuple[Tensor, float]]:
    """Gradients of 1e-9 to 1e3, one of them exactly 0 everywhere, and rates that change."""
    rng = torch.Generator().manual_seed(3)
    for t in range(UPDATES):
        sizes = 10.0 ** torch.linspace(-9, 3, 40, dtype=Float)
        gradient = torch.randn(40, generator=rng, dtype=Float) * sizes
        yield gradient * (t != 4), 1e-2 * (1 + math.cos(0.3 * t))


def start() -> Tensor:
    return torch.randn(40, generator=torch.Generator().manual_seed(4), dtype=Float)


def by_torch(make: Callable[[list[Tensor]], torch.optim.Optimizer]) -> Tensor:
    x = start()
    optimiser = make([x])
    for gradient, lr in problem():
        x.grad = gradient
        optimiser.param_groups[0]["lr"] = lr
        optimiser.step()
    return x


def by_momentum(mu: float) -> Tensor:
    x, velocity = start(), torch.zeros(40, dtype=Float)
    for gradient, lr in problem():
        velocity = mu * velocity + gradient
        x = x - lr * velocity
    return x


def by_optimistic_adam(beta1: float, beta2: float) -> Tensor:
    """Algorithm 1 of Daskalakis et al. 2018, line by line, with the present rate on both terms."""
    x, m, v, before = (start(), *(torch.zeros(40, dtype=Float) for _ in range(3)))
    for t, (gradient, lr) in enumerate(problem(), start=1):
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        now = m_hat / (v_hat.sqrt() + 1e-8)
        x = x - 2 * lr * now + lr * before
        before = now
    return x


EXPECTED: dict[str, Callable[[], Tensor]] = {
    "adam": lambda: by_torch(lambda p: torch.optim.Adam(p, betas=(0.5, 0.99))),
    "adam without momentum": lambda: by_torch(lambda p: torch.optim.Adam(p, betas=(0.0, 0.9))),
    "optimistic adam": lambda: by_optimistic_adam(0.5, 0.99),
    "sgd": lambda: by_torch(lambda p: torch.optim.SGD(p)),
    "sgd with momentum": lambda: by_torch(lambda p: torch.optim.SGD(p, momentum=0.9)),
    "sgd with negative momentum": lambda: by_momentum(-0.3),
    "rmsprop": lambda: by_torch(lambda p: torch.optim.RMSprop(p, alpha=0.95)),
}


def by_the_rule(name: str) -> Tensor:
    """The pure rule, and nothing written in place."""
    rule, x = RULES[name], start()
    state: Moments = tuple(torch.zeros_like(x) for _ in range(rule.slots))
    count = torch.zeros(())
    for gradient, lr in problem():
        kept = [s.clone() for s in (gradient, *state)]
        count = count + 1
        delta, after = rule(gradient, state, count, lr)
        assert all(torch.equal(a, b) for a, b in zip((gradient, *state), kept, strict=True))
        x, state = x - delta, after
    return x


def in_place(name: str) -> Tensor:
    """As eager training does it: Adam by the fused kernel, the others by their rule."""
    x = start()
    optimiser = Optimiser(RULES[name], x)
    for gradient, lr in problem():
        optimiser.step(x, gradient, lr)
    assert optimiser.count.item() == UPDATES
    return x


@pytest.mark.parametrize("way", [by_the_rule, in_place], ids=["rule", "in place"])
@pytest.mark.parametrize("name", list(RULES))
def test_an_optimiser_is_the_published_one(name: str, way: Callable[[str], Tensor]) -> None:
    # 25 updates of float64 rounding, 1e-16 each; SGD's x reaches 1e3
    torch.testing.assert_close(way(name), EXPECTED[name](), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float32, Float])
def test_fused_adam_is_the_rule(dtype: torch.dtype) -> None:
    fused, pure = (Optimiser(Adam(0.5, 0.99), torch.zeros(40, dtype=dtype)) for _ in range(2))
    x, y = start().to(dtype), start().to(dtype)
    for gradient, lr in problem():
        fused.step(x, gradient.to(dtype), lr)
        pure.count += 1
        delta, state = pure.rule(gradient.to(dtype), pure.state, pure.count, lr)
        y -= delta
        pure.replace(state)
    # 25 updates' rounding of 6e-8 or 1e-16; a moment that was not corrected differs by 1
    rtol = 1e-5 if dtype == torch.float32 else 1e-12
    torch.testing.assert_close(x, y, rtol=rtol, atol=rtol)
    for mine, its in zip(fused.state, pure.state, strict=True):
        torch.testing.assert_close(mine, its, rtol=rtol, atol=0.0)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"beta1": 0.1, "beta2": 0.8}, Adam(0.1, 0.8)),
        ({"optimizer": "optimistic_adam", "beta1": 0.1}, OptimisticAdam(0.1, 0.99)),
        ({"optimizer": "sgd"}, SGD(0.0)),
        ({"optimizer": "sgd", "momentum": -0.3}, SGD(-0.3)),
        ({"optimizer": "rmsprop", "beta2": 0.8}, RMSProp(0.8)),
    ],
)
def test_the_config_names_the_rule(changes: dict[str, Any], rule: Any) -> None:
    made = Optimiser.of(RunConfig(**changes), torch.zeros(3))
    assert type(made.rule) is type(rule)
    assert made.rule == rule


def with_state(rule: Any, at: float) -> tuple[Tensor, Moments]:
    """A gradient and a state full of `at`, all asking for derivatives."""
    gradient = torch.full((3,), at, dtype=Float, requires_grad=True)
    state = tuple(torch.full((3,), at, dtype=Float, requires_grad=True) for _ in range(rule.slots))
    return gradient, state


@pytest.mark.parametrize("name", list(RULES))
@pytest.mark.parametrize("count", [1.0, 7.0])
def test_derivatives_are_finite_where_all_is_zero(name: str, count: float) -> None:
    rule = RULES[name]
    gradient, state = with_state(rule, 0.0)
    delta, after = rule(gradient, state, torch.tensor(count), 0.1)
    found = torch.autograd.grad(
        delta.sum() + sum(s.sum() for s in after),
        (gradient, *state),
        create_graph=True,
        materialize_grads=True,
    )
    assert all(d.isfinite().all() for d in found)
    again = torch.autograd.grad(
        sum(d.sum() for d in found) + 0 * gradient.sum(), (gradient, *state), allow_unused=True
    )
    assert all(d is None or d.isfinite().all() for d in again)


@pytest.mark.parametrize("name", list(RULES))
def test_derivatives_are_those_of_finite_differences(name: str) -> None:
    rule = RULES[name]
    gradient, state = with_state(rule, 0.7)

    def updated(gradient: Tensor, *state: Tensor) -> Any:
        delta, after = rule(gradient, state, torch.tensor(3.0), 0.1)
        return (delta, *after)

    # central differences of step 1e-6: errors of about 1e-10, to gradcheck's 1e-5
    assert torch.autograd.gradcheck(updated, (gradient, *state))


@pytest.mark.parametrize("name", list(RULES))
def test_a_state_continues_bit_for_bit(name: str) -> None:
    x = start()
    first = Optimiser(RULES[name], x)
    updates = list(problem())
    for gradient, lr in updates[:9]:
        first.step(x, gradient, lr)
    state = first.tensors()
    y, kept = x.clone(), deepcopy(state)
    second = Optimiser(RULES[name], y)
    second.load(state)
    for gradient, lr in updates[9:]:
        first.step(x, gradient, lr)
        second.step(y, gradient, lr)
    assert torch.equal(x, y)
    assert second.count.item() == UPDATES
    for place, tensor in kept.items():
        assert torch.equal(state[place], tensor)  # a copy: it did not go on with either


def duel(rule: Any, h: float, steps: int, *, alternating: bool = False) -> list[float]:
    """Distances from the equilibrium of min over x, max over y of xy, from (1, 1)."""
    x, y = torch.ones(1, dtype=Float), torch.ones(1, dtype=Float)
    of_x, of_y = Optimiser(rule, x), Optimiser(rule, y)
    distances = [math.hypot(1, 1)]
    for _ in range(steps):
        before = x.clone()
        of_x.step(x, y.clone(), h)
        of_y.step(y, -(x if alternating else before), h)
        distances.append(math.hypot(x.item(), y.item()))
    return distances


def growth(h: float, mu: float, *, alternating: bool) -> float:
    """The largest factor a step of the same recurrence, as a matrix over (x, y, v_x, v_y)."""
    x, y, v_x, v_y = np.eye(4)
    v_x = y + mu * v_x
    after = x - h * v_x
    v_y = mu * v_y - (after if alternating else x)
    return float(abs(np.linalg.eigvals(np.stack([after, y - h * v_y, v_x, v_y]))).max())


@pytest.mark.parametrize("h", [0.02, 0.2, 1.0])
def test_plain_descent_spirals_out_by_the_root_of_1_plus_h_squared(h: float) -> None:
    distances = duel(SGD(0.0), h, 50)
    for before, after in itertools.pairwise(distances):
        assert after / before == pytest.approx(math.sqrt(1 + h * h), rel=1e-12)  # float64


@pytest.mark.parametrize("mu", [-0.5, -0.3, 0.5])
@pytest.mark.parametrize("alternating", [True, False], ids=["alternating", "simultaneous"])
def test_negative_momentum_converges_where_players_alternate(mu: float, alternating: bool) -> None:
    """Gidel et al. 2019: alternating, it converges with mu = -1/2; simultaneous, with none."""
    factor = growth(0.5, mu, alternating=alternating)
    assert (factor < 1) == (alternating and mu < 0)
    distances = duel(SGD(mu), 0.5, 400, alternating=alternating)
    # 300 steps wipe out the start and the phase of the rotation to about (2 ln 2) / 300 = 5e-3
    assert (distances[400] / distances[100]) ** (1 / 300) == pytest.approx(factor, rel=5e-3)


def test_optimism_ends_the_cycle_that_adam_stays_in() -> None:
    """Daskalakis et al. 2018: the last iterate converges. Players move at once."""
    adam = duel(Adam(0.0, 0.999), 0.02, 3000)
    optimistic = duel(OptimisticAdam(0.0, 0.999), 0.02, 3000)
    # found: 1.40 and .023; Adam settles where the mean square of its gradients does
    assert min(adam[1000:]) > 0.5
    assert optimistic[-1] < 0.05 * adam[-1]
