"""Histories and snapshots against the simplest program that does the same."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

import ganviz
from ganviz import History, RunConfig, Snapshot, Target, Trainer
from ganviz.snapshot import CAPACITY, COLUMNS, DECIMATED, Array, Columns, frozen
from tests.own import layer


def rows(first: int, n: int) -> Array:
    """Rows of steps first, first + 1, ...; column j holds step + j / 100, so none can be mixed."""
    return np.arange(first, first + n)[:, None] + np.arange(len(COLUMNS)) / 100


def filled(n: int, capacity: int = CAPACITY, decimated: int = DECIMATED) -> History:
    history = History(capacity, decimated)
    history.append(rows(1, n))
    return history


def naive_thinning(n: int, most: int) -> list[int]:
    """Steps 1..n at the least power of two as stride that leaves a place for the last one."""
    stride = 1
    while len(range(1, n + 1, stride)) > most - 1:
        stride *= 2
    kept = list(range(1, n + 1, stride))
    return kept if kept[-1:] == [n] or not n else [*kept, n]


@pytest.mark.parametrize("n", [0, 1, 5, 9, 10])
def test_every_row_is_kept_up_to_capacity(n: int) -> None:
    history = filled(n, capacity=10)
    assert len(history) == n
    assert np.array_equal(history.to_pandas().to_numpy(), rows(1, n))  # the very numbers
    for j, name in enumerate(COLUMNS):
        assert np.array_equal(history[name], rows(1, n)[:, j]), name


def test_above_capacity_every_second_is_dropped() -> None:
    assert filled(11, 10)["step"].tolist() == [1, 3, 5, 7, 9, 10, 11]
    assert filled(10, 9)["step"].tolist() == [1, 3, 5, 7, 9, 10]
    assert np.array_equal(filled(10, 9).columns()["value"], [1.01, 3.01, 5.01, 7.01, 9.01, 10.01])


@pytest.mark.parametrize("capacity", [3, 4, 7, 10, 64])
def test_first_and_last_survive_any_number_of_drops(capacity: int) -> None:
    history = History(capacity, 5)
    for step in range(1, 500):
        history.append(rows(step, 1))
        kept = history["step"]
        assert len(kept) <= capacity
        assert (kept[0], kept[-1]) == (1, step)
        assert (np.diff(kept) > 0).all()
        assert np.array_equal(history.columns()["grad_norm_g"], kept + 0.14)  # rows stay whole


@pytest.mark.parametrize("most", [3, 4, 5, 8, 17])
def test_decimation_equals_the_naive_one(most: int) -> None:
    history = History(CAPACITY, most)
    assert history.decimate().rows == 0
    for step in range(1, 400):
        history.append(rows(step, 1))
        thin = history.decimate()
        assert thin["step"].tolist() == naive_thinning(step, most)
        assert thin.rows <= most
        assert np.array_equal(thin["value"], thin["step"] + 0.01)


def test_300_000_rows_leave_a_bounded_history() -> None:
    history = History()
    for first in range(1, 300_000, 1000):
        history.append(rows(first, 1000))
    steps = history["step"]
    # at row 262,145 the 262,144 become 131,072 and the last one
    assert len(steps) == 131_073 + 300_000 - 262_144 <= CAPACITY == 262_144
    assert (steps[0], steps[-1]) == (1, 300_000)
    assert (np.diff(steps) > 0).all()
    thin = history.decimate()
    assert 1000 <= thin.rows <= DECIMATED == 2000
    assert thin["step"].tolist() == naive_thinning(300_000, 2000)


@pytest.mark.parametrize("n", [0, 5, 9, 14, 30])
@pytest.mark.parametrize("step", [0, 1, 4, 9, 12, 100])
def test_truncation_forgets_later_rows_only(n: int, step: int) -> None:
    history = filled(n, capacity=10, decimated=5)
    kept = [s for s in history["step"].tolist() if s <= step]
    history.truncate(step)
    assert history["step"].tolist() == kept
    thin = history.decimate()["step"].tolist()
    assert thin[:1] == kept[:1]
    assert thin[-1:] == kept[-1:]
    assert len(thin) <= 5
    history.append(rows(step + 1, 3))
    assert history["step"].tolist()[-3:] == [step + 1, step + 2, step + 3]
    assert history.decimate()["step"][-1] == step + 3


def test_to_pandas_has_the_contracts_columns() -> None:
    frame = filled(3).to_pandas()
    assert tuple(frame.columns) == COLUMNS
    assert frame["step"].dtype == np.int64
    assert (frame.drop(columns="step").dtypes == np.float64).all()
    history = filled(3)
    frame = history.to_pandas()
    frame["value"] = 99.0
    frame.loc[0, "g_loss"] = 99.0
    assert np.array_equal(history.to_pandas().to_numpy(), rows(1, 3))  # a frame is a copy


def test_columns_are_a_read_only_mapping() -> None:
    history = filled(4)
    for columns in (history.columns(), history.decimate()):
        assert tuple(columns) == COLUMNS
        assert len(columns) == 15
        assert columns.rows == 4
        assert not isinstance(columns, dict)
        with pytest.raises(ValueError, match="read-only"):
            columns["value"][0] = 7
        with pytest.raises(KeyError, match="no column 'valeu'"):
            columns["valeu"]
        with pytest.raises(TypeError):
            columns["value"] = np.zeros(4)  # type: ignore[index]
        before = columns["step"].tolist()
        history.append(rows(5, 1))
        history.truncate(4)
        assert columns["step"].tolist() == before
    assert isinstance(history.columns(), Columns)


def test_frozen_is_a_read_only_float32_copy() -> None:
    for dtype in (np.float32, np.float64):
        source = np.arange(3, dtype=dtype)
        copy = frozen(source)
        source[0] = 9
        assert copy.dtype == np.float32
        assert copy.tolist() == [0, 1, 2]
        with pytest.raises(ValueError, match="read-only"):
            copy[0] = 1


@pytest.mark.parametrize("dataset", ["ring", "gaussian", "digits"])
def test_a_snapshot_cannot_be_changed(dataset: str) -> None:
    trainer = ganviz.train(RunConfig(dataset=dataset, width=8, batch_size=16, steps=3))
    snapshot = trainer.snapshot()
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.step = 4  # type: ignore[misc]
    arrays: list[NDArray[Any]] = [
        snapshot.real,
        snapshot.samples,
        snapshot.real_logits,
        snapshot.fake_logits,
    ]
    arrays += [snapshot.shown, snapshot.history["value"]]
    arrays += [a for a in snapshot.surface or () if a is not None]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    kept = [a.copy() for a in arrays]
    trainer.step()
    trainer.snapshot()
    assert all(np.array_equal(a, b) for a, b in zip(arrays, kept, strict=True))


def test_a_snapshot_tells_its_run() -> None:
    config = RunConfig(width=8, batch_size=16, steps=3).replace(dataset_options={"modes": 5})
    trainer = ganviz.train(config)
    snapshot = trainer.snapshot()
    assert isinstance(snapshot, Snapshot)
    assert RunConfig.from_json(snapshot.config_json) == config
    assert snapshot.config["dataset_options"] == {"modes": 5, "radius": 1.0, "std": 0.01}
    assert (snapshot.step, snapshot.history.rows, snapshot.events) == (3, 3, ())
    assert snapshot.value_source == "discriminator"
    n = len(snapshot.real)
    assert n <= 512
    assert snapshot.real.shape == snapshot.samples.shape == snapshot.shown.shape == (n, 2)
    assert snapshot.real_logits.shape == snapshot.fake_logits.shape == (n,)
    again = trainer.snapshot()
    assert np.array_equal(again.samples, snapshot.samples)  # the same noise every time


def test_the_surface_is_d_on_the_grid_in_data_units() -> None:
    target = Target(
        lambda n, rng: torch.randn(n, 2, generator=rng) * 3 + torch.tensor([100.0, -50.0]), 2
    )
    trainer = Trainer(RunConfig(width=8, batch_size=16, dtype="float64"), target=target)
    surface = trainer.snapshot().surface
    assert surface is not None
    assert surface.y is not None
    shift, scale = target.standardisation
    for i, j in ((0, 0), (3, 17), (39, 5)):
        point = torch.tensor([[surface.x[j], surface.y[i]]]).double()
        with torch.no_grad():
            expected = trainer.discriminator((point - shift) / scale).sigmoid().item()
        assert surface.discriminator[i, j] == pytest.approx(expected, abs=1e-6)  # float32 storage
    assert 80 < surface.x[0] < 100 < surface.x[-1] < 120  # 512 draws of σ 3, and a third to spare


def test_a_snapshot_carries_at_most_2_000_rows() -> None:
    trainer = ganviz.train(RunConfig(width=1, depth=1, batch_size=2, latent_dim=1, steps=2100))
    history = trainer.snapshot().history
    assert len(trainer.history) == 2100
    assert history["step"].tolist() == naive_thinning(2100, 2000)
    assert history.rows == 1051  # every second of 2,100, and the last


@pytest.mark.parametrize("sizes", [(2, 5), (5, 2)])
def test_too_small_a_history_is_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 3"):
        History(*sizes)


def test_what_is_looked_at_stays_where_modules_write_on_their_inputs() -> None:
    def writing(last: nn.Module) -> nn.Module:
        return nn.Sequential(nn.LeakyReLU(0.2, inplace=True), last)

    config = RunConfig(width=8, batch_size=16, latent_dim=3, g_steps=0)
    networks = {"generator": layer(3, 2), "discriminator": layer(2, 1)}
    trainer = Trainer(
        config,
        target=Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2),
        **{role: writing(network) for role, network in networks.items()},
    )
    first, second = trainer.snapshot(), trainer.snapshot()
    for name in ("samples", "real_logits", "fake_logits"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert first.surface is not None
    assert second.surface is not None
    assert np.array_equal(first.surface.discriminator, second.surface.discriminator)
