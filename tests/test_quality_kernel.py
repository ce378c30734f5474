"""MMD² and energy distance, against closed forms."""

import math

import pytest
import torch
from torch import Tensor

from ganviz.quality import Evaluation, Reference, mmd_squared
from ganviz.target import Target
from tests.stand_ins import rng


def normal(n: int, dim: int, seed: int) -> Tensor:
    return torch.randn(n, dim, generator=rng(seed))


@pytest.mark.parametrize(("width", "dim", "d"), [(1, 2, 1), (1, 2, 0), (3, 2, 2), (6, 40, 3)])
def test_mmd_of_a_shift(width: float, dim: int, d: float) -> None:
    spread = width**2 + 2
    level = 2 * (width**2 / spread) ** (dim / 2) * (1 - math.exp(-(d**2) / (2 * spread)))
    shift = torch.full((dim,), d / dim**0.5)
    found = [
        mmd_squared(normal(500, dim, k), normal(600, dim, 50 + k) + shift, width) for k in range(8)
    ]
    # One scatters by 0.012 at most, the mean of eight by 0.004.
    assert sum(found) / 8 == pytest.approx(level, abs=0.015)


def test_mmd_is_the_definition() -> None:
    x, y = normal(5, 2, 1).double(), normal(4, 2, 2).double()

    def k(a: Tensor, b: Tensor) -> float:
        return math.exp(-(a - b).square().sum().item() / (2 * 0.7**2))

    own = [sum(k(a, b) for a in s for b in s if a is not b) for s in (list(x), list(y))]
    across = sum(k(a, b) for a in x for b in y)
    level = own[0] / 20 + own[1] / 12 - 2 * across / 20
    # The kernel is calculated in float32.
    assert mmd_squared(x, y, 0.7) == pytest.approx(level, abs=1e-6)


def reference(target: Target, n: int = 400) -> Reference:
    return Reference(target, n)


GAUSSIAN = Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2)


def test_the_metrics_kernel_is_as_wide_as_the_data() -> None:
    at = reference(GAUSSIAN)
    samples = normal(400, 2, 3) + 1
    width = torch.pdist(at.real.double()).quantile(0.5).item()
    # The median distance of two points of N(0, I) in the plane is 2 √(ln 2) = 1.665.
    assert width == pytest.approx(2 * math.log(2) ** 0.5, abs=0.1)
    level = mmd_squared(at.real, samples, width)
    assert Evaluation(samples, at).measure("mmd") == pytest.approx(level, abs=1e-5)


def test_units_do_not_matter_to_mmd_and_scale_the_energy_distance() -> None:
    large = Target(lambda n, rng: 1000 * torch.randn(n, 2, generator=rng), 2)
    samples = normal(400, 2, 3) + 1
    one, other = (
        Evaluation(samples, reference(GAUSSIAN)),
        Evaluation(1000 * samples, reference(large)),
    )
    assert other.measure("mmd") == pytest.approx(one.measure("mmd"), abs=1e-5)
    level = 1000 * one.measure("energy_distance")
    assert other.measure("energy_distance") == pytest.approx(level, rel=1e-5)


def test_data_that_are_mostly_one_point_have_a_kernel_still() -> None:
    target = Target(lambda n, rng: (torch.rand(n, 1, generator=rng) < 0.1).float(), 1)
    found = Evaluation(torch.ones(400, 1), reference(target)).measure("mmd")
    assert 0.5 < found < 2
    constant = Target(lambda n, rng: torch.zeros(n, 1), 1, shift=0.0, scale=1.0)
    assert Evaluation(torch.zeros(400, 1), reference(constant)).measure("mmd") == 0


def test_energy_distance_of_normal_numbers() -> None:
    line = Target(lambda n, rng: torch.randn(n, 1, generator=rng), 1)
    d, n = 1.5, 1000
    found = []
    for k in range(6):
        at = Evaluation(normal(n, 1, 100 + k) + d, Reference(line, n))
        found.append(at.measure("energy_distance"))
    # |x - y| of N(d, 2) has the mean 2/√π e^(-d²/4) + d erf(d/2).
    apart = 2 / math.pi**0.5 * math.exp(-(d**2) / 4) + d * math.erf(d / 2)
    assert sum(found) / 6 == pytest.approx(2 * apart - 4 / math.pi**0.5, abs=0.08)
