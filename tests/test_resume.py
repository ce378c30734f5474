"""A run that goes on is, bit for bit, one that was never cut off."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganviz
from ganviz import ConfigError, Event, RunConfig, Session, Store, StoreError, Trainer
from ganviz.resuming import resume, rows_of
from ganviz.session.kept import begun, branched, continued
from ganviz.store import KeptRun
from ganviz.trainer.keyframes import Keyframes, keyframe_of, state_of_keyframe
from tests.test_divergence import BadFrom
from tests.test_store import kept

CONFIG = RunConfig(width=8, depth=1, batch_size=16, steps=300, ema=0.9)
EVENTS = (Event(50, "lr_d", 0.01), Event(120, "d_steps", 2), Event(120, "lr_g", 0.02))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "runs.db")
    yield store
    store.close()


@pytest.fixture
def whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> KeptRun:
    """A finished run with edits and several keyframes."""
    monkeypatch.setattr("ganviz.work.LOOK_SECONDS", 0.0)
    monkeypatch.setattr("ganviz.trainer.keyframes.EVERY_SECONDS", 0.02)
    monkeypatch.setattr("ganviz.trainer.keyframes.MOST_SHARE", 1.0)
    monkeypatch.setattr("ganviz.store.retention.KEYFRAME_SECONDS", 0.0)
    monkeypatch.setattr("ganviz.store.retention.KEYFRAMES", 10**9)
    monkeypatch.setattr("ganviz.store.writer.FLUSH_SECONDS", 0.01)
    ganviz.train(CONFIG, events=EVENTS, store=store)
    (run,) = store.runs()
    assert len(run.keyframes) > 3
    return run


def ended(session: Session) -> None:
    while session.live:
        time.sleep(0.01)


@pytest.mark.parametrize("step", [0, 1, 49, 50, 51, 119, 120, 121, 200, 300])
def test_any_step_is_restored_and_goes_on_bit_for_bit(whole: KeptRun, step: int) -> None:
    trainer = resume(whole, step)
    assert trainer.iteration == step
    assert np.array_equal(rows_of(trainer), whole.rows(step), equal_nan=True)
    assert trainer.events == tuple(e for e in EVENTS if e.step <= step)
    for event in EVENTS:
        if event.step > step:
            while trainer.iteration < event.step:
                trainer.step()
            trainer.edit(**{event.field: event.value})
    while trainer.iteration < 300:
        trainer.step()
    assert np.array_equal(rows_of(trainer), whole.rows(), equal_nan=True)


def test_the_last_step_is_the_default(whole: KeptRun) -> None:
    assert resume(whole).iteration == 300
    for step in (-1, 301):
        with pytest.raises(ValueError, match=rf"step must be in \[0, 300\], got {step}"):
            resume(whole, step)


def test_without_keyframes_it_begins_anew(store: Store, whole: KeptRun) -> None:
    with store._database.write() as connection:
        connection.execute("DELETE FROM keyframes")
    run = store.run(whole.id)
    assert run.keyframes == ()
    assert np.array_equal(rows_of(resume(run, 130)), whole.rows(130), equal_nan=True)


def test_changes_branch_there_with_the_history_from_the_start(whole: KeptRun) -> None:
    branch = resume(whole, 130, loss="minimax", lr_d=0.5)
    assert branch.iteration == 130
    assert np.array_equal(rows_of(branch), whole.rows(130), equal_nan=True)
    assert branch.config.loss == "minimax"
    assert branch.events[-1] == Event(130, "lr_d", 0.5)
    with pytest.raises(ConfigError, match="cannot change in a branch"):
        resume(whole, 130, width=4)


def test_parts_of_the_callers_own_must_be_given_again(store: Store) -> None:
    trainer = Trainer(CONFIG, discriminator=BadFrom(2, 1, 10**9, 0.0))
    for _ in range(5):
        trainer.step()
    run = store.run(kept(store, trainer, own=True))
    with pytest.raises(ValueError, match="had data or networks of your own: pass them again"):
        resume(run)
    with pytest.raises(StoreError, match="data or networks of your own, which are not kept"):
        continued(store, run.id)


def test_a_keyframe_is_the_state(store: Store) -> None:
    trainer = Trainer(CONFIG.replace(optimizer="sgd", momentum=0.5, probe=True, loss="hinge"))
    for _ in range(7):
        trainer.step()
    run = store.run(kept(store, trainer))
    state, back = trainer.state(), state_of_keyframe(run.keyframe(7))
    assert back.rest == state.rest
    assert set(back.tensors) == set(state.tensors)
    for name, tensor in state.tensors.items():
        assert back.tensors[name].dtype == tensor.dtype
        assert bool((back.tensors[name] == tensor).all()), name
    with pytest.raises(KeyError):
        run.keyframe(6)


def test_keyframes_come_by_the_clock_and_never_twice_of_one_step() -> None:
    told: list[Any] = []

    class Taker:
        take_keyframes = True

        def keyframe(self, keyframe: Any) -> None:
            told.append(keyframe.step)

    now = [0.0]
    trainer = Trainer(CONFIG)
    keyframes = Keyframes(trainer, Taker(), clock=lambda: now[0])  # type: ignore[arg-type]
    for second in range(1, 21):
        now[0] = float(second)
        trainer.step()
        keyframes.by_the_clock()
    keyframes.take()
    keyframes.take()
    assert told == [5, 10, 15, 20]
    assert keyframes.steps == (5, 10, 15, 20)


def test_a_stopped_session_continues_under_its_id(store: Store) -> None:
    session = begun(store, CONFIG.replace(steps=4000))
    session.edit(lr_d=0.01)
    session.start()
    assert session.wait(20)
    session.edit(lr_g=0.02)
    time.sleep(0.3)
    session.stop()
    store.flush()
    cut = store.run(session.id)
    assert (cut.status, cut.steps) == ("stopped", 4000)
    again = continued(store, session.id)
    assert again.id == session.id
    assert again.current.lr_g == 0.02
    again.start()
    ended(again)
    store.flush()
    run = store.run(session.id)
    assert run.status == "finished"
    assert run.events == session.events
    alone = ganviz.train(CONFIG.replace(steps=4000), events=run.events)
    assert np.array_equal(run.rows(), rows_of(alone), equal_nan=True)
    assert again.latest is not None
    assert again.latest.history["step"][0] == 1  # from the run's start
    assert again.latest.clock["seconds"][-1] > cut.seconds


def test_a_branch_is_a_run_of_its_own(store: Store, whole: KeptRun) -> None:
    branch = branched(store, whole.id, 130, lr_d=0.5, steps=320)
    branch.start()
    ended(branch)
    store.flush()
    run = store.run(branch.id)
    assert branch.error is None
    assert (run.parent, run.branched_at, run.status, run.step) == (whole.id, 130, "finished", 320)
    assert np.array_equal(run.rows(130), whole.rows(130), equal_nan=True)
    assert run.events == (*EVENTS, Event(130, "lr_d", 0.5))
    assert store.run(whole.id).step == 300  # as it was
    again = resume(run, 320)
    assert np.array_equal(rows_of(again), run.rows(), equal_nan=True)


@pytest.mark.parametrize(
    ("status", "said"),
    [("finished", "has finished: a branch"), ("diverged", "diverged at iteration 20, and would")],
)
def test_what_cannot_go_on_says_why(store: Store, status: Any, said: str) -> None:
    trainer = Trainer(CONFIG)
    for _ in range(20):
        trainer.step()
    run = kept(store, trainer)
    with store._database.write() as connection:
        connection.execute("UPDATE runs SET status = ?", (status,))
    with pytest.raises(StoreError, match=said):
        continued(store, run)
    with pytest.raises(KeyError):
        continued(store, "nobody")


def test_a_diverged_run_is_taken_up_before_that(store: Store) -> None:
    trainer = Trainer(CONFIG)
    for _ in range(20):
        trainer.step()
    run = kept(store, trainer)
    for _ in range(10):
        trainer.step()
    keeper = store.take_over(run)
    keeper.rows(trainer.history.columns())
    keeper.end("diverged", None)
    store.flush()
    found = store.run(run)
    assert (found.step, found.status) == (30, "diverged")
    assert resume(found).iteration == 20


def test_keyframe_of_copies() -> None:
    trainer = Trainer(CONFIG)
    keyframe = keyframe_of(trainer.state(), 0)
    name = next(iter(keyframe.tensors))
    before = keyframe.tensors[name].copy()
    trainer.step()
    assert np.array_equal(keyframe.tensors[name], before)
