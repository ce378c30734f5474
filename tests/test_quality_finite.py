"""Floors of finite data: from which rows they are taken, and of how many samples."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from bench.finite_floors import LAWS, table_of
from ganviz.config import RunConfig
from ganviz.datasets import DATASETS
from ganviz.instruments import Kit, Quality
from ganviz.instruments import measured as measure_everything
from ganviz.instruments.quality import VECTORS, samples_of
from ganviz.quality import Reference, evaluate, measured, too_few
from ganviz.quality.base import enough
from ganviz.quality.draws import floor_draw, reference_draw, rows_of, training
from ganviz.target import Target
from ganviz.trainer import Trainer
from tests.stand_ins import rng, write_images, write_numbers


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
    quality = Kit(trainer.lens()).of(Quality)
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
