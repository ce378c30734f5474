"""What every registered dataset must keep to."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sklearn.datasets
import torch
from torch import Tensor

from ganviz import DATASETS
from ganviz.datasets import shape_of, size_of
from ganviz.datasets.openml import fetched
from ganviz.target import Target
from tests.stand_ins import OPTIONS, fetch_stand_in, rng

MADE_HERE = [name for name in DATASETS if "needs" not in DATASETS[name].facts]
MakeTarget = Callable[[str], Target]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeTarget]:
    """Makes a dataset by name; small files and a stand-in serve those that need something."""
    options: dict[str, dict[str, Any]] = {}

    def one(name: str) -> Target:
        if name not in options:
            options[name] = OPTIONS[name](tmp_path) if name in OPTIONS else {}
        target: Target = DATASETS[name].fn(**options[name])
        assert shape_of(name, options[name]) in (target.shape, None)
        return target

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch_stand_in)
    yield one
    fetched.forget()


@pytest.mark.parametrize("name", list(DATASETS))
def test_dataset_draws_are_finite_and_repeatable_and_touch_nothing_else(
    name: str, make: MakeTarget
) -> None:
    before = torch.get_rng_state()
    target = make(name)
    draws = target.sample(100, rng(1))
    assert tuple(draws.shape) == (100, *target.shape)
    assert draws.dtype == torch.float32
    assert draws.isfinite().all()
    assert torch.equal(draws, make(name).sample(100, rng(1)))
    assert not torch.equal(draws, target.sample(100, rng(2)))
    assert target.draw_held_out(100, rng(1)).shape == draws.shape
    assert target.standardisation[0].isfinite().all()
    assert all(str(note).endswith(".") for note in target.notes)
    assert torch.equal(torch.get_rng_state(), before)


def knowing(fact: str) -> list[str]:
    return [name for name in MADE_HERE if getattr(DATASETS[name].fn(), fact) is not None]


PLANAR = [name for name in knowing("log_density") if math.prod(DATASETS[name].fn().shape) <= 2]


@pytest.mark.parametrize("name", PLANAR)
def test_dataset_density_integrates_to_one(name: str) -> None:
    target = DATASETS[name].fn()
    assert target.log_density is not None
    points = target.sample(2000, rng()) if target.modes is None else target.modes
    low, high = points.amin(0).tolist(), points.amax(0).tolist()
    # Steps of one σ sum a Gaussian to 2 exp(-2π²) = 5e-9 of its integral (Poisson summation); with
    # no σ stated, the draws are covered by 400 steps and half their extent to spare.
    step: float = max(b - a for a, b in zip(low, high, strict=True)) / 400
    spare, known = 200 * step, target.mode_std is not None
    if target.mode_std is not None:
        sigma = torch.as_tensor(target.mode_std)
        step, spare = sigma.min().item(), 8 * sigma.max().item()
    ends = [(a - spare, b + spare + step) for a, b in zip(low, high, strict=True)]
    lines = [torch.arange(a, b, step, dtype=torch.float64) for a, b in ends]
    grid = torch.cartesian_prod(*lines).reshape(-1, len(lines))
    if not known:
        # The corners of all cells would lie on a straight edge together; points drawn in them not.
        grid += step * torch.rand(grid.shape, generator=rng(), dtype=torch.float64)
    parts = [grid[i : i + 20_000] for i in range(0, len(grid), 20_000)]
    total = sum(target.log_density(part).exp().sum().item() for part in parts)
    assert total * step ** len(lines) == pytest.approx(1, abs=1e-6 if known else 1e-3)
    assert target.log_density(target.sample(7, rng())).shape == (7,)


@pytest.mark.parametrize("name", knowing("modes"))
def test_dataset_modes_lie_on_it(name: str) -> None:
    target = DATASETS[name].fn()
    assert target.modes is not None
    assert target.mode_std is not None
    assert target.log_density
    at_modes = target.log_density(target.modes)
    top = target.log_density(target.sample(20_000, rng())).max().item()
    # 20,000 draws come close to the peak; one nat leaves room for modes of unequal weight.
    assert at_modes.min().item() > top - 1
    sigma = torch.as_tensor(target.mode_std).reshape(-1, 1)
    for axis in torch.eye(target.modes.shape[1]):
        # One σ off a Gaussian's centre costs half a nat; other modes may give a little back.
        assert (target.log_density(target.modes + sigma * axis) < at_modes - 0.4).all()
        assert (target.log_density(target.modes - sigma * axis) < at_modes - 0.4).all()


@pytest.mark.parametrize("name", [name for name in DATASETS if size_of(name, {})])
def test_finite_dataset_keeps_its_held_out_samples_apart_for_good(
    name: str, make: MakeTarget
) -> None:
    def rows(draws: Tensor) -> set[int]:
        return {hash(row.numpy().tobytes()) for row in draws}

    size, target, again = size_of(name, {}), make(name), make(name)
    assert size
    training = rows(target.sample(size, rng(1)))
    with pytest.raises(ValueError, match="asked for 1000000") as caught:
        target.draw_held_out(1_000_000, rng())
    kept = int(str(caught.value).split()[-1])
    held_out = rows(target.draw_held_out(kept, rng(2)))
    assert (len(training), len(held_out)) == (size, kept)
    assert (target.size, target.held_out_size) == (size, kept)
    assert kept >= 100
    assert training.isdisjoint(held_out)
    assert held_out == rows(again.draw_held_out(kept, rng(3)))
    assert training == rows(again.sample(size, rng(4)))
