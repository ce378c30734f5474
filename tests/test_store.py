"""The store: what is kept of a run comes back as it was, and goes when it is deleted."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganviz
from ganviz import Event, RunConfig, Session, Snapshot, Store, StoreError, Trainer
from ganviz.columns import COLUMNS, Columns
from ganviz.resuming import rows_of
from ganviz.session.kept import begun
from ganviz.snapshot import CLOCK, History, decimated
from ganviz.store import born, retention
from ganviz.store.packing import from_arrow, pack, to_arrow, unpack
from ganviz.trainer.keyframes import keyframe_of
from tests.instrumented import full

CONFIG = RunConfig(width=8, depth=1, batch_size=16, steps=300)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs.db")
    yield store
    store.close()


def trained(steps: int = 40, **settings: object) -> Trainer:
    trainer = Trainer(CONFIG.replace(**settings))
    for _ in range(steps):
        trainer.step()
    return trainer


def kept(store: Store, trainer: Trainer, run: str = "aaaa1111", **more: Any) -> str:
    """Keep a run as it is now, its rows, a moment and a keyframe."""
    keeper = store.keep(born(run, trainer.config.to_json(), versions={"ganviz": "0"}, **more))
    keeper.rows(trainer.history.columns())
    keeper.snapshot(replace(trainer.snapshot(), status="paused", run=run, label=run))
    keeper.keyframe(keyframe_of(trainer.state(), trainer.iteration))
    keeper.end("stopped", None)
    assert store.flush()
    return run


def same(one: Snapshot, other: Snapshot) -> None:
    """Every array and every reading of two moments."""
    for name in ("real_logits", "fake_logits", "samples", "samples_ema", "real"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.surface is not None
    assert other.surface is not None
    for part in ("x", "y", "discriminator", "density"):
        assert np.array_equal(getattr(one.surface, part), getattr(other.surface, part)), part
    for table in ("gaps", "zigzag", "quality"):
        mine, its = getattr(one.readings, table), getattr(other.readings, table)
        assert list(mine) == list(its), table
        for column in mine:
            assert np.array_equal(mine[column], its[column], equal_nan=True), (table, column)
    assert dict(one.readings.floors) == dict(other.readings.floors)
    assert one.readings.error_floor == other.readings.error_floor
    pulls, its_pulls = one.readings.pulls, other.readings.pulls
    assert pulls is not None
    assert its_pulls is not None
    assert (pulls.own, pulls.starved) == (its_pulls.own, its_pulls.starved)
    assert all(np.array_equal(pulls.of[name], its_pulls.of[name]) for name in pulls.of)
    assert one.readings.shares is not None
    assert other.readings.shares is not None
    assert one.readings.shares.labels == other.readings.shares.labels
    for mine_, its_ in zip(one.readings.shares[1:], other.readings.shares[1:], strict=True):
        assert np.array_equal(mine_, its_)
    for column in CLOCK:
        assert np.array_equal(one.clock[column], other.clock[column])
    assert (one.step, one.events, one.value_source) == (
        other.step,
        other.events,
        other.value_source,
    )
    assert dict(one.facts) == dict(other.facts)


def test_a_moment_comes_back_whole(store: Store) -> None:
    trainer = trained(ema=0.9)
    clock = Columns(np.array([[20.0, 0.5], [40.0, 1.25]]), CLOCK)
    snapshot = replace(trainer.snapshot(), status="paused", readings=full(), clock=clock)
    snapshot = replace(snapshot, step=2000)  # by when all readings had been taken
    keeper = store.keep(born("aaaa1111", CONFIG.to_json(), versions={}))
    keeper.rows(trainer.history.columns())
    keeper.snapshot(snapshot)
    assert store.flush()
    latest = store.run("aaaa1111").at(2000)
    same(latest, snapshot)
    assert np.array_equal(latest.history["value"], snapshot.history["value"])
    assert latest.run == "aaaa1111"


def test_rows_events_and_what_is_known_of_a_run_come_back(store: Store) -> None:
    trainer = trained(20)
    (event,) = trainer.edit(lr_d=0.01)
    for _ in range(5):
        trainer.step()
    keeper = store.keep(
        born("cccc3333", trainer.config.to_json(), versions={"torch": "2"}, label="mine")
    )
    keeper.rows(trainer.history.columns())
    keeper.event(event)
    keeper.end("failed", OSError("the data are gone"))
    store.flush()
    run = store.run("cccc3333")
    assert np.array_equal(run.rows(), rows_of(trainer), equal_nan=True)
    assert np.array_equal(run.rows(7), rows_of(trainer)[:7], equal_nan=True)
    assert run.events == (Event(20, "lr_d", 0.01),)
    assert (run.label, run.status, run.step, run.steps) == ("mine", "failed", 25, 300)
    assert (run.versions, str(run.error)) == ({"torch": "2"}, "the data are gone")
    assert run.latest is None


def test_runs_are_listed_newest_first(store: Store) -> None:
    for k in range(3):
        kept(store, trained(3), f"run{k}")
    assert [run.id for run in store.runs()] == ["run2", "run1", "run0"]


def test_a_session_is_kept_as_it_goes_on(store: Store) -> None:
    session = begun(store, CONFIG.replace(steps=100_000))
    session.start()
    assert session.wait(20)
    time.sleep(1.3)
    run = store.run(session.id)
    assert run.status == "running"
    assert run.step > 0
    behind = session.latest.step - run.step  # type: ignore[union-attr]
    session.stop()
    store.flush()
    run = store.run(session.id)
    assert behind < run.step  # half a second of some hundred iterations a second
    assert (run.status, run.step) == ("stopped", session.latest.step)  # type: ignore[union-attr]
    assert run.keyframes[-1] == run.step
    assert run.verdict
    assert run.seconds > 1


def test_train_keeps_its_run_and_its_plan(store: Store) -> None:
    trainer = ganviz.train(CONFIG, events=[Event(100, "lr_g", 0.01)], store=store)
    (run,) = store.runs()
    assert run.status == "finished"
    assert run.plan == run.events == (Event(100, "lr_g", 0.01),)
    assert np.array_equal(run.rows(), rows_of(trainer), equal_nan=True)
    assert run.keyframes == (300,)


def test_deleted_runs_come_back_until_they_are_purged(store: Store, tmp_path: Path) -> None:
    for k in range(8):
        kept(store, trained(60, width=64), f"run{k}")
    ids = [run.id for run in store.runs()]
    assert store.delete(ids[1:]) == ids[1:]
    assert [run.id for run in store.runs()] == ids[:1]
    assert ids[1] not in store
    store.restore(ids[1])
    assert {run.id for run in store.runs()} == set(ids[:2])
    assert store.purge() == 0  # the undo time is not over
    store._database.shrink()  # so that all of it stands in the file itself
    before = (tmp_path / "runs.db").stat().st_size
    assert store.purge(older=0.0) == 6
    assert (tmp_path / "runs.db").stat().st_size < before / 2
    store.restore(ids[3])
    assert len(store.runs()) == 2


def test_a_live_run_is_not_deleted(store: Store) -> None:
    session = begun(store, CONFIG)
    session.step(5)
    assert session.wait(20)
    store.flush()
    with pytest.raises(StoreError, match="is being made: stop it first"):
        store.delete(session.id)
    session.stop()
    store.flush()
    store.delete(session.id)


def test_what_is_deleted_elsewhere_is_kept_no_more(tmp_path: Path) -> None:
    mine, other = Store(tmp_path / "a.db"), Store(tmp_path / "a.db")
    session = begun(mine, CONFIG.replace(steps=100_000))
    session.start()
    assert session.wait(20)
    mine.flush()
    with other._database.write() as connection:
        connection.execute("DELETE FROM runs")
    time.sleep(0.3)
    mine.flush()
    assert mine.runs() == []
    session.stop()
    assert mine.flush()
    mine.close()
    other.close()


def test_names_tags_and_notes(store: Store) -> None:
    run = kept(store, trained(3))
    store.rename(run, "  with R1 ")
    store.tag([run], "b", "a", " a ")
    store.annotate(run, "line one\nline two")
    found = store.run(run)
    assert (found.label, found.tags, found.notes) == ("with R1", ("a", "b"), "line one\nline two")
    store.rename(run, "")
    assert store.run(run).label == run


def test_the_oldest_untagged_runs_are_offered(store: Store) -> None:
    for k in range(4):
        kept(store, trained(5), f"run{k}")
    store.tag("run0", "dear")
    size = store.size("run1")
    assert [run.id for run in store.oldest(size + 1)] == ["run1", "run2"]
    assert [run.id for run in store.oldest(10**12)] == ["run1", "run2", "run3"]
    assert store.oldest(0) == []
    assert store.budget == 2 * 1024**3
    store.budget = 10**6
    assert store.budget == 10**6
    assert 0 < store.used < 10**6


def test_rows_beyond_the_limit_are_thinned(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganviz.store.writer.ROWS", 100)
    keeper = store.keep(born("aaaa1111", CONFIG.to_json(), versions={}))
    rows = np.zeros((130, len(COLUMNS)))
    rows[:, 0] = np.arange(1, 131)
    for part in (rows[:60], rows[60:101], rows[101:]):
        keeper.rows(Columns(part.copy()))
        store.flush()
    steps = store.run("aaaa1111").rows()[:, 0].tolist()
    assert steps == [*range(1, 102, 2), *range(102, 131)]


def test_moments_and_keyframes_keep_their_budget(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOMENT_BYTES", 200_000)
    monkeypatch.setattr(retention, "KEYFRAME_BYTES", 100_000)
    trainer = trained(1)
    keeper = store.keep(born("aaaa1111", CONFIG.to_json(), versions={}))
    for k in range(1, 40):
        clock = Columns(np.array([[k, 10.0 * k]]), CLOCK)
        keeper.snapshot(replace(trainer.snapshot(), status="paused", step=k, clock=clock))
        keeper.keyframe(keyframe_of(trainer.state(), k))
        store.flush()
    run = store.run("aaaa1111")
    assert run.moments[0] == run.keyframes[0] == 1
    assert run.moments[-1] == run.keyframes[-1] == 39
    assert 3 < len(run.moments) < 39
    assert store.size(run.id) < 400_000


@pytest.mark.parametrize(
    ("seconds", "last", "expected"),
    [(3.0, None, True), (3.0, 2.5, False), (3.5, 2.5, True), (3200.0, 3110.0, False)],
)
def test_moments_come_ever_further_apart(
    seconds: float, last: float | None, expected: bool
) -> None:
    assert retention.stays("moments", seconds, last) is expected


def test_packed_arrays_and_arrow_rows_are_exact() -> None:
    arrays: dict[str, Any] = {
        "a": np.array([[1.5, np.nan], [np.inf, -0.0]], np.float32),
        "b": np.array(7, np.int64),
        "c": np.empty((0, 3)),
    }
    back, rest = unpack(pack(arrays, {"x": [1, float("inf")]}))
    assert rest == {"x": [1, float("inf")]}
    for name, array in arrays.items():
        assert back[name].tobytes() == array.tobytes()
        assert (back[name].shape, back[name].dtype) == (array.shape, array.dtype)
    rows = np.random.default_rng(0).normal(size=(50, len(COLUMNS)))
    rows[:, 0], rows[3, 4] = np.arange(50), np.nan
    assert from_arrow(to_arrow(rows)).tobytes() == rows.tobytes()
    for broken in (b"", b"nothing of the kind", pack(arrays)[:40]):
        with pytest.raises(ValueError, match="no packed arrays"):
            unpack(broken)
        with pytest.raises(ValueError, match="no Arrow stream"):
            from_arrow(broken)


@pytest.mark.parametrize("n", [0, 1, 2, 1999, 2000, 2001, 5000, 7999])
def test_rows_are_decimated_as_a_history_decimates_them(n: int) -> None:
    rows = np.random.default_rng(n).normal(size=(n, len(COLUMNS)))
    rows[:, 0] = np.arange(1, n + 1)
    history = History()
    history.append(rows)
    mine, its = decimated(rows), history.decimate()
    assert all(np.array_equal(mine[name], its[name]) for name in COLUMNS)


def test_a_session_without_a_store_is_a_session() -> None:
    session = begun(None, CONFIG)
    assert isinstance(session, Session)
    session.stop()
