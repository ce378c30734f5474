"""Floors of finite data: from which rows, of how many samples, and what they then hold."""

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from bench.finite_floors import LAWS, floors_of, inside, pooled, table_of
from ganviz.config import RunConfig
from ganviz.datasets import DATASETS
from ganviz.instruments import measured as measure_everything
from ganviz.instruments.gaps import Gaps
from ganviz.instruments.quality import VECTORS, Quality, samples_of
from ganviz.quality import (
    Evaluation,
    Reference,
    evaluate,
    floor_of,
    measured,
    mode_shares,
    too_few,
)
from ganviz.quality.base import enough
from ganviz.quality.draws import floor_draw, reference_draw, rows_of, training
from ganviz.quality.floors import share_range, widened
from ganviz.target import Target
from ganviz.trainer import Trainer
from tests.stand_ins import rng, write_csv, write_images, write_numbers


def again(rows: Tensor) -> Callable[[int, torch.Generator], Tensor]:
    """Draws with repetition."""
    return lambda n, rng: rows[torch.randint(len(rows), (n,), generator=rng)]


def once(rows: Tensor) -> Callable[[int, torch.Generator], Tensor]:
    """Draws without repetition."""
    return lambda n, rng: rows[torch.randperm(len(rows), generator=rng)[:n]]


def counted(rows: Tensor) -> dict[bytes, int]:
    """Each different row, and how often it occurs."""
    found: dict[bytes, int] = {}
    for row in rows:
        key = row.numpy().tobytes()
        found[key] = found.get(key, 0) + 1
    return found


def normal(n: int, dim: int = 2, seed: int = 0) -> Tensor:
    return torch.randn(n, dim, generator=rng(seed))


# From which rows.


TABLES: dict[str, Callable[[Path], Target]] = {
    "csv": lambda folder: DATASETS["csv"].fn(file=write_numbers(folder, 400)),
    "images": lambda folder: DATASETS["images"].fn(path=write_images(folder / "i", 200), size="8"),
    "digits": lambda folder: DATASETS["digits"].fn(),
    "nothing held out": lambda folder: Target(once(normal(400)), 2, size=400),
    "nothing held out, with repetition": lambda folder: Target(again(normal(400)), 2, size=400),
    "with repetition": lambda folder: Target(
        again(normal(400)), 2, size=400, held_out=once(normal(60, seed=1)), held_out_size=60
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_draw_holds_no_row_twice_and_none_that_is_measured_against(
    name: str, tmp_path: Path
) -> None:
    target = TABLES[name](tmp_path)
    n = samples_of(target)
    against, drawn = rows_of(target)
    assert against
    assert drawn
    assert 8 * n <= drawn
    reference = counted(reference_draw(target, n))
    assert len(reference) == against
    seen: set[bytes] = set()
    for number in range(60):
        draw = counted(floor_draw("training", target, n, number))
        assert len(draw) == n
        assert draw.keys().isdisjoint(reference)
        seen |= draw.keys()
    # 60 draws of an eighth miss one row of 3,000.
    assert 0.99 * drawn < len(seen) <= drawn
    assert counted(floor_draw("training", target, n, 7)) == counted(
        floor_draw("training", target, n, 7)
    )


@pytest.mark.parametrize("sampler", [once, again])
def test_rows_that_are_equal_count_as_often_as_there_are(
    sampler: Callable[[Tensor], Callable[[int, torch.Generator], Tensor]],
) -> None:
    rows = torch.arange(200.0).sqrt().floor()[:, None]
    target = Target(sampler(rows), 1, size=200, held_out=once(normal(40, 1)), held_out_size=40)
    # All but the last few of a table that is known from draws with repetition.
    found = training(target, 190, rng(1)).long().flatten()
    counts, level = (torch.bincount(x, minlength=15) for x in (found, rows.long().flatten()))
    assert (counts - level).abs().max() <= 5
    assert (counts <= level + 2).all()


def test_more_rows_than_there_are_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="asked for 81 different rows of 80"):
        training(Target(once(normal(100)), 2, size=100), 81, rng())


# Of how many samples.


def csv_of(folder: Path, rows: int) -> Target:
    return DATASETS["csv"].fn(file=write_numbers(folder, rows))


@pytest.mark.parametrize(
    ("rows", "n"), [(100, 10), (200, 20), (400, 40), (2_000, 200), (20_000, 1_000)]
)
def test_an_eighth_of_the_training_rows_is_measured_at_most(
    rows: int, n: int, tmp_path: Path
) -> None:
    target = csv_of(tmp_path, rows)
    assert too_few(target) is None
    assert samples_of(target) == measured(target, VECTORS) == n
    assert measured(target, 10) == 10
    assert Reference(target, n).floors.possible


def test_of_endless_data_all_samples_are_measured() -> None:
    ring = DATASETS["ring"].fn()
    assert (samples_of(ring), measured(ring, 5_000), too_few(ring)) == (1_000, 5_000, None)
    assert len(Reference(ring, 300).real) == 300


@pytest.mark.parametrize(
    ("sizes", "lack"),
    [
        ((49, None), (49, 98)),
        ((79, None), (79, 99)),
        ((99, None), None),
        ((64, 16), (80, 100)),
        ((79, 19), (98, 100)),
        ((80, 20), None),
        ((800, 5), (805, 1_610)),
        ((None, 9), (9, 10)),
        ((None, 10), None),
    ],
)
def test_too_few_rows_are_said_with_how_many_it_takes(
    sizes: tuple[int | None, int | None], lack: tuple[int, int] | None
) -> None:
    size, kept = sizes
    held_out = None if kept is None else once(normal(kept))
    target = Target(once(normal(size or 50)), 2, size=size, held_out=held_out, held_out_size=kept)
    assert too_few(target) == lack
    if lack is None:
        assert enough(target)
        assert measured(target, 500) >= 10


def test_few_rows_have_values_and_no_floors() -> None:
    target = Target(once(normal(90)), 2, size=90)
    found = evaluate(normal(50, seed=3), target)
    assert {"precision", "coverage", "sliced_w1"} <= set(found)
    for name, (value, low, high) in found.items():
        assert math.isfinite(value), name
        assert math.isnan(low), name
        assert math.isnan(high), name
    floors = Reference(target, 20).floors
    assert not floors.possible
    assert floors.of("precision") is None
    with pytest.raises(ValueError, match="too few rows"):
        floors.complete(["precision"])


def test_a_run_on_few_rows_says_so(tmp_path: Path) -> None:
    config = RunConfig(
        dataset="csv",
        dataset_options={"file": write_numbers(tmp_path, 60)},
        width=8,
        batch_size=16,
        latent_dim=2,
    )
    readings = measure_everything(Trainer(config).lens(), 0).readings(now=True)
    assert readings.too_few == (60, 100)
    assert not readings.floors
    assert not readings.quality.rows


def test_a_run_says_how_many_samples_it_measures(tmp_path: Path) -> None:
    trainer = Trainer(
        RunConfig(width=8, batch_size=16, latent_dim=2),
        target=csv_of(tmp_path, 400),
    )
    quality = Quality(trainer.lens(), Gaps(trainer.lens()))
    assert quality.too_few is None
    assert quality.reference.n == 40
    for _ in quality.measure(0):
        pass
    assert len(quality.metrics) == len(set(quality.metrics)) >= 9


def test_evaluate_takes_as_many_of_the_samples_as_there_are_floors_for() -> None:
    table = table_of(LAWS["correlated"], 400, rng(4))
    few = ["sliced_w1", "coverage"]
    samples = LAWS["correlated"](1_000, rng(5))
    ordered = samples[samples[:, 0].argsort()]
    for given in (samples, samples[:40], ordered):
        found = evaluate(given, table, metrics=few)
        # The first of the ordered ones would all lie on one side.
        for name, (value, low, high) in found.items():
            assert low <= value <= high, name
    assert evaluate(samples, table, metrics=few) == evaluate(samples, table, metrics=few)


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
