"""Wasserstein distances, against closed forms and other implementations."""

import numpy as np
import ot
import pytest
import scipy.stats
import torch
from torch import Tensor

from ganviz.quality import Evaluation, Reference, exact_distance, sliced_distance
from ganviz.quality.transport import MOVED, _directions
from ganviz.target import Target
from tests.stand_ins import rng


def normal(n: int, dim: int, seed: int = 0) -> Tensor:
    return torch.randn(n, dim, generator=rng(seed), dtype=torch.float64)


@pytest.mark.parametrize("dim", [1, 2, 3, 7, 64, 100])
def test_sliced_w2_of_a_shift_is_d_over_the_root_of_the_dimensions(dim: int) -> None:
    x, shift = normal(200, dim), torch.zeros(dim)
    shift[0] = 3.0
    assert sliced_distance(x, x + shift, 2) == pytest.approx(3 / dim**0.5, rel=1e-9)


def test_sliced_w1_of_a_shift_is_the_mean_of_its_sizes() -> None:
    x = normal(200, 2)
    # The mean of |cos| over the circle is 2 / π; 64 directions come near it.
    found = sliced_distance(x, x + torch.tensor([3.0, 0.0]), 1)
    assert found == pytest.approx(6 / np.pi, rel=0.03)


@pytest.mark.parametrize(("m", "n"), [(50, 50), (50, 80), (80, 50), (7, 64)])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_on_a_line_both_are_the_exact_distance(m: int, n: int, order: int) -> None:
    x, y = normal(m, 1, 1), 2 * normal(n, 1, 2) + 1
    exact = float(ot.wasserstein_1d(x.numpy()[:, 0], y.numpy()[:, 0], p=order)) ** (1 / order)
    assert sliced_distance(x, y, order) == pytest.approx(exact, rel=1e-9)
    assert exact_distance(x, y, order) == pytest.approx(exact, rel=1e-9)
    if order == 1:
        level = scipy.stats.wasserstein_distance(x.numpy()[:, 0], y.numpy()[:, 0])
        assert exact == pytest.approx(level, rel=1e-9)


@pytest.mark.parametrize("order", [1, 2])
def test_sliced_distances_are_those_of_another_library(order: int) -> None:
    x, y = normal(300, 5, 1), 0.5 * normal(200, 5, 2) + 1
    lines = _directions(5).T
    level = ot.sliced_wasserstein_distance(x.numpy(), y.numpy(), projections=lines, p=order)
    assert sliced_distance(x, y, order) == pytest.approx(level, rel=1e-9)


def test_directions_are_whole_orthonormal_frames() -> None:
    for dim in (2, 3, 64, 100):
        lines = _directions(dim)
        assert len(lines) >= 64
        frames = lines.reshape(-1, dim, dim)
        assert frames @ frames.transpose(0, 2, 1) == pytest.approx(
            np.broadcast_to(np.eye(dim), frames.shape), abs=1e-12
        )


@pytest.mark.parametrize("order", [1, 2])
def test_exact_distance_of_a_shift_is_its_length(order: int) -> None:
    x = normal(300, 2)
    y = x[torch.randperm(300, generator=rng(1))] + torch.tensor([3.0, 4.0])
    assert exact_distance(x, y, order) == pytest.approx(5, rel=1e-9)


def test_exact_distance_splits_points_where_sizes_differ() -> None:
    x, y = torch.tensor([[0.0], [3.0]]), torch.tensor([[0.0], [0.0], [3.0]])
    # A third of the half at 3 stays short by the 1/6 that goes to 0.
    assert exact_distance(x, y, 1) == pytest.approx(3 / 6)
    assert exact_distance(x, y, 2) == pytest.approx((9 / 6) ** 0.5)


def test_metrics_are_those_of_the_functions() -> None:
    target = Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2)
    reference = Reference(target, 1200)
    samples = 1 + torch.randn(1200, 2, generator=rng(1))
    found, real = Evaluation(samples, reference), reference.real
    assert found.measure("sliced_w1") == sliced_distance(real, samples, 1)
    assert found.measure("sliced_w2") == sliced_distance(real, samples, 2)
    level = exact_distance(real[:MOVED], samples[:MOVED], 2)
    assert found.measure("exact_w2") == pytest.approx(level, rel=1e-12)
