"""Floors of finite data: what they hold, and what lies outside them still."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from bench.finite_floors import LAWS, floors_of, inside, pooled, table_of
from ganviz.datasets import DATASETS
from ganviz.quality import Evaluation, Reference, evaluate, floor_of, mode_shares
from ganviz.quality.floors import share_range, widened
from ganviz.target import Target
from tests.stand_ins import rng, write_csv
from tests.test_quality_finite import normal, once

# What the floors hold.


@pytest.mark.parametrize("n", [50, 200])
def test_a_mean_of_rows_is_off_by_as_much_as_the_widened_floor_says(n: int) -> None:
    rows, random = 400, np.random.default_rng(0)
    hits: dict[bool, list[bool]] = {True: [], False: []}
    for _ in range(400):
        table = random.normal(size=rows)
        means = np.array([random.permutation(table)[:n].mean() for _ in range(100)])
        plain = floor_of(means)
        for wide, floor in ((True, widened(plain, n, rows)), (False, plain)):
            hits[wide].append(floor.contains(float(random.normal(scale=n**-0.5))))
    # 99 % and a little more by the tolerance; a standard deviation of 0.005.
    assert np.mean(hits[True]) >= 0.975
    # Without it the floor is too narrow by √((1 + f) / (1 - f)): 1.73 for a half.
    assert n == 50 or np.mean(hits[False]) < 0.93


def test_a_share_that_was_counted_on_few_data_has_a_wider_range() -> None:
    shares = np.array([0.5, 0.3, 0.2])
    exact, few = share_range(50, shares, None), share_range(50, shares, 400)
    assert (few[0] <= exact[0]).all()
    assert (few[1] >= exact[1]).all()
    random, inside_range = np.random.default_rng(1), []
    for _ in range(2_000):
        counts = random.multinomial(60, shares)
        low, high = share_range(60, counts / 60, 60)
        new = random.multinomial(60, shares) / 60
        inside_range.append((low <= new) & (new <= high))
    # Of a share counted on as many data the difference is √2 wider than binomial noise, which
    # would hold 93 %.
    assert np.mean(inside_range) >= 0.98


def test_what_no_row_has_may_be_rare() -> None:
    # All of N rows have it. By the rule of Jeffreys one of n new ones lacks it with a probability
    # of about ln(1 + n / N) / 2 = 0.06, and two do with one of 0.004.
    (low,), (high,) = share_range(20, np.array([1.0]), 160)
    assert (low, high) == (0.95, 1.0)
    # Every training row lies among those that are measured against, which reach farther.
    seen, kept = 0.1 * normal(160), normal(40, seed=1)
    target = Target(once(seen), 2, size=160, held_out=once(kept), held_out_size=40)
    floors = Reference(target, 20).floors
    floors.complete(["precision"], 40)
    assert floors.of("precision") == (1.0, 0.95, 1.0, 40)


def test_modes_of_a_table_are_counted_on_its_rows() -> None:
    centres = torch.tensor([[0.0, 0.0], [6.0, 0.0]])
    which = torch.arange(400) % 4 == 0
    rows = torch.where(which[:, None], centres[1], centres[0]) + 0.3 * normal(400)
    target = Target(once(rows), 2, size=400, modes=centres, mode_std=0.3)
    shares = mode_shares(rows[:40], target)
    assert shares.data == pytest.approx([0.75, 0.25], abs=0.05)
    found = evaluate(rows[:40], target)
    for name in ("modes", "high_quality", "reverse_kl"):
        value, low, high = found[name]
        assert low <= value <= high, name


CHECKED = ("correlated", "skewed", "clustered", "rounded")


@pytest.mark.parametrize("name", CHECKED)
def test_fresh_samples_of_the_law_lie_inside_the_floors_of_its_tables(name: str) -> None:
    # The full check is `python -m bench.finite_floors`; this is a part of it.
    tables = {200: 16, 400: 12, 2_000: 4}
    rates = [
        inside(LAWS[name], rows, tables=count, fresh=8, draws=60) for rows, count in tables.items()
    ]
    assert pooled(rates)[0] >= 0.95, rates
    assert min(np.mean([rate[metric] for rate in rates]) for metric in rates[0]) >= 0.9, rates


@pytest.mark.parametrize("rule", ["repeated", "all"])
def test_the_check_tells_floors_of_rows_that_repeat_or_hold_the_whole_table(rule: str) -> None:
    rates = inside(LAWS["correlated"], 200, tables=3, fresh=4, draws=20, rule=rule)
    assert min(rates.values()) < 0.9, rates


def test_images_of_few_files_keep_their_floors() -> None:
    rates = inside(LAWS["images"], 200, tables=5, fresh=8, draws=60)
    assert {"frechet", "kid", "nearest_training", "coverage"} <= set(rates)
    assert pooled([rates])[0] >= 0.95, rates
    assert min(rates.values()) >= 0.85, rates


# What lies outside still.


@cache
def floored(rows: int) -> tuple[Reference, dict[str, tuple[float, float]]]:
    target = table_of(LAWS["clustered"], rows, rng(rows))
    reference, floors = floors_of(target, 60)
    return reference, {name: (floor.low, floor.high) for name, floor in floors.items()}


def outside(samples: Callable[[int, torch.Generator], Tensor], rows: int) -> set[str]:
    """The metrics that tell ten of ten draws of samples from data."""
    reference, floors = floored(rows)
    found = set(floors)
    for seed in range(10):
        evaluation = Evaluation(samples(reference.n, rng(seed)), reference)
        found -= {n for n, (low, high) in floors.items() if low <= evaluation.measure(n) <= high}
    return found


def of_one_cluster(n: int, rng: torch.Generator) -> Tensor:
    return torch.tensor([5.0, 0.0]) + 0.3 * torch.randn(n, 2, generator=rng)


def without_a_cluster(n: int, rng: torch.Generator) -> Tensor:
    every = LAWS["clustered"](2 * n, rng)
    return every[(every - 2.5).norm(dim=1) > 1.5][:n]


def shifted(by: float) -> Callable[[int, torch.Generator], Tensor]:
    return lambda n, rng: LAWS["clustered"](n, rng) + by


def test_a_collapsed_generator_lies_outside_the_floors_of_four_hundred_rows() -> None:
    telling = {"sliced_w1", "sliced_w2", "exact_w2", "energy_distance", "mmd", "coverage", "recall"}
    assert telling <= outside(of_one_cluster, 400)
    assert "precision" in outside(shifted(1.0), 400)
    assert {"sliced_w1", "coverage", "recall"} <= outside(shifted(3.0), 400)


def test_two_thousand_rows_tell_a_missing_cluster_and_a_small_shift() -> None:
    # One cluster of five: recall reads 0.8 where its floor begins at 0.93.
    assert "recall" in outside(without_a_cluster, 2_000)
    assert {"precision", "recall", "density", "coverage"} <= outside(shifted(0.5), 2_000)
    noise = outside(lambda n, rng: 2.5 + 2.2 * torch.randn(n, 2, generator=rng), 2_000)
    assert {"precision", "density", "coverage", "energy_distance"} <= noise


def test_equal_numbers_have_a_floor_too(tmp_path: Path) -> None:
    file = write_csv(tmp_path, "x\n" + "".join(f"{k % 5}\n" for k in range(400)))
    target = DATASETS["csv"].fn(file=file)
    samples = torch.randint(5, (400, 1), generator=rng(3)).float()
    for name, (value, low, high) in evaluate(samples, target).items():
        assert low <= value <= high, name
