"""Precision, recall, density and coverage, against another implementation and known values."""

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from torch import Tensor

from ganviz.quality import Evaluation, Reference, neighbourhoods
from ganviz.quality.neighbours import Neighbourhoods
from ganviz.target import Target
from tests.stand_ins import rng


def whole_numbers(n: int, seed: int) -> Tensor:
    """Points of a coarse lattice, many of them equal, and most distances tied."""
    return torch.randint(6, (n, 2), generator=rng(seed)).double()


def normal(n: int, dim: int, seed: int) -> Tensor:
    return torch.randn(n, dim, generator=rng(seed), dtype=torch.float64)


SETS = [
    (normal(300, 2, 1), normal(300, 2, 2), 5),
    (normal(200, 64, 3), 0.8 * normal(250, 64, 4), 5),
    (normal(250, 3, 5), normal(100, 3, 6) + 1, 3),
    (1e4 + normal(200, 40, 7), 1e4 + 1.2 * normal(200, 40, 8), 1),
    (normal(150, 1, 9), normal(150, 1, 10), 10),
    (whole_numbers(150, 11), whole_numbers(120, 12), 5),
]


@pytest.mark.parametrize(("real", "fake", "k"), SETS)
def test_the_same_as_prdc(real: Tensor, fake: Tensor, k: int) -> None:
    ours = neighbourhoods(real, fake, k)._asdict()
    theirs = compute_prdc(real.numpy(), fake.numpy(), k)
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_metrics_are_those_of_the_function_and_of_the_first_thousand() -> None:
    target = Target(lambda n, rng: torch.randn(n, 3, generator=rng), 3)
    reference = Reference(target, 1200)
    samples = 0.7 * torch.randn(1200, 3, generator=rng(1))
    found = Evaluation(samples, reference)
    level = neighbourhoods(reference.real[:1000], samples[:1000])
    assert Neighbourhoods(*(found.measure(name) for name in Neighbourhoods._fields)) == level


def test_data_against_themselves() -> None:
    runs = [neighbourhoods(normal(1000, 2, k), normal(1000, 2, 50 + k)) for k in range(8)]
    precision, recall, density, coverage = np.mean(runs, 0)
    # Standard deviations of one run are 0.0025, 0.0025, 0.017 and 0.008: four of a mean of eight.
    assert precision == pytest.approx(0.997, abs=0.004)
    assert recall == pytest.approx(0.996, abs=0.004)
    assert density == pytest.approx(1.0, abs=0.025)
    assert coverage == pytest.approx(1 - 2**-5, abs=0.012)


def test_samples_elsewhere_read_nothing() -> None:
    real = normal(100, 2, 1)
    assert neighbourhoods(real, real + 1000) == (0.0, 0.0, 0.0, 0.0)


def test_a_copy_of_the_data_reads_everything() -> None:
    real = normal(100, 2, 1)
    precision, recall, density, coverage = neighbourhoods(real, real, 5)
    assert (precision, recall, coverage) == (1.0, 1.0, 1.0)
    # A point is in its own ball and, inside it, has four neighbours.
    assert density == 1.0


def test_a_collapsed_generator_may_be_precise_but_covers_nothing() -> None:
    real = normal(500, 2, 1)
    precision, recall, _, coverage = neighbourhoods(real, torch.zeros(500, 2))
    assert precision == 1.0
    assert recall == 0.0
    assert coverage < 0.05


def test_too_few_points_have_no_neighbours() -> None:
    with pytest.raises(ValueError, match="k = 5 neighbours need more points than 5 and 50"):
        neighbourhoods(torch.zeros(5, 2), torch.zeros(50, 2))
