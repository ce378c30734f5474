"""What sinks of a session are told: every row once, snapshots, edits, the end; and failures."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

import ganviz
from ganviz import Diverged, RunConfig, Session, Snapshot, Target, Trainer
from ganviz.columns import COLUMNS
from ganviz.runs import Sink
from ganviz.snapshot import History
from tests.sinks import Broken, Told
from tests.test_divergence import BadFrom
from tests.test_session import CONFIG, LONG, Gate, ended, latest, until


def whole(told: Told, rows: int) -> None:
    """Every row up to `rows` once, oldest first, and the end once, after the last row."""
    assert told.steps == list(range(1, rows + 1))
    assert len(told.ends) == 1
    assert "rows" not in told.order[told.order.index("end") :]


def test_a_sink_is_told_the_run_as_it_is() -> None:
    told = Told()
    sink: Sink = told
    session = Session(CONFIG, sinks=[sink], label="told")
    session.start()
    last = ended(session)
    whole(told, 200)
    expected = ganviz.train(CONFIG).history
    for name in COLUMNS:
        assert np.array_equal(told.column(name), expected[name], equal_nan=True), name
    assert told.ends == [("finished", None)]
    assert told.snapshots[-1] is last
    assert {(snapshot.run, snapshot.label) for snapshot in told.snapshots} == {(session.id, "told")}
    # what is measured after the end comes as snapshots, each of which is news
    assert told.order[told.order.index("end") :].count("snapshot") >= 1
    assert len({id(snapshot.readings) for snapshot in told.snapshots}) > 1
    assert told.threads == {f"run-{session.id}"}
    assert session.notice is None


def test_rows_come_once_across_pauses_steps_edits_and_a_stop() -> None:
    told = Told()
    session = Session(LONG, sinks=[told])
    session.edit(lr_d=2e-3)
    session.step(3)
    until(lambda: latest(session).step == 3 and latest(session).status == "paused")
    assert told.steps == [1, 2, 3]
    session.edit(lr_g=5e-4, d_steps=2)
    until(lambda: len(told.events) == 3)
    session.step(70)
    until(lambda: latest(session).step == 73 and latest(session).status == "paused")
    session.resume()
    until(lambda: latest(session).step > 100)
    session.pause()
    session.resume()
    session.stop()
    last = ended(session)
    whole(told, last.step)
    assert told.ends == [("stopped", None)]
    assert tuple(told.events) == last.events == session.events
    session.measure()
    session.stop()
    ended(session)
    whole(told, last.step)  # measuring after the end is no second end


def test_a_diverged_run_tells_its_last_row_too() -> None:
    told = Told()
    bad = BadFrom(2, 1, 2 * 30 + 1, float("nan"))
    session = Session(LONG, target=Gate(0).target, discriminator=bad, sinks=[told])
    session.start()
    ended(session)
    whole(told, 31)
    ((status, error),) = told.ends
    assert status == "diverged"
    assert isinstance(error, Diverged)
    assert told.snapshots[-1].status == "diverged"


def test_a_failed_run_tells_all_that_it_has() -> None:
    draws = [0]

    def sample(n: int, rng: torch.Generator) -> Tensor:
        draws[0] += n == CONFIG.batch_size
        if draws[0] == 9:
            raise OSError("the disk is gone")
        return torch.randn(n, 2, generator=rng)

    told, target = Told(), Target(sample, 2, shift=0.0, scale=1.0)
    # By this clock nothing is shown after the first iteration.
    session = Session(LONG, target=target, clock=lambda: 0.0, sinks=[told])
    session.start()
    last = ended(session)
    whole(told, 8)
    ((status, error),) = told.ends
    assert (status, repr(error)) == ("failed", "OSError('the disk is gone')")
    assert [(s.step, s.status) for s in told.snapshots] == [(1, "running"), (8, "failed")]
    assert told.snapshots[-1] is last
    assert told.order[-3:] == ["rows", "snapshot", "end"]
    assert (last.run, last.history["step"].tolist()) == (session.id, list(range(1, 9)))


def test_of_a_failed_run_that_cannot_be_looked_at_again_the_newest_moment_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look = Trainer.snapshot

    def once(trainer: Trainer) -> Snapshot:
        if trainer.iteration > 1:
            raise MemoryError("no room")
        return look(trainer)

    monkeypatch.setattr(Trainer, "snapshot", once)
    told = Told()
    session = Session(CONFIG, share=0, clock=lambda: 0.0, sinks=[told])
    session.start()
    last = ended(session)
    whole(told, 200)
    assert told.ends == [("failed", session.error)]
    assert repr(session.error) == "MemoryError('no room')"
    assert (last.step, last.status) == (1, "failed")
    assert told.order[-2:] == ["snapshot", "end"]


def test_a_run_that_cannot_be_built_tells_its_end() -> None:
    told = Told()
    session = Session(CONFIG.replace(dataset="custom"), sinks=[told])
    session.start()
    until(lambda: told.order)
    assert told.order == ["end"]
    assert told.ends == [("failed", session.error)]


def test_every_row_is_told_although_the_history_drops_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def small(*_: object) -> History:
        return History(capacity=50, decimated=10)

    monkeypatch.setattr("ganviz.trainer.trainer.History", small)
    told = Told()
    session = Session(CONFIG.replace(steps=300), share=0, sinks=[told])
    session.start()
    assert ended(session).history.rows <= 11
    whole(told, 300)


@pytest.mark.parametrize("of", ["rows", "snapshot", "event", "end"])
def test_a_sink_that_raises_is_off_and_named_and_the_run_goes_on(of: str) -> None:
    broken, told = Broken(of), Told()
    session = Session(CONFIG, share=0, sinks=[broken, told])
    session.edit(lr_d=2e-3)
    session.start()
    last = ended(session)
    assert (session.status, session.error, last.step) == ("finished", None, 200)
    assert broken.order.count(of) == 1
    assert broken.order[-1] == of  # it is told nothing more
    whole(told, 200)
    assert str(session.notice) == (
        "Broken failed and is told nothing more of this run (the disk is full)."
    )


def test_a_sink_may_command_its_run() -> None:
    class Stopping(Told):
        stop: Callable[[], None]

        def snapshot(self, snapshot: Snapshot) -> None:
            super().snapshot(snapshot)
            if snapshot.step:
                self.stop()

    told = Stopping()
    session = Session(LONG.replace(steps=10_000), sinks=[told])
    told.stop = session.stop
    session.start()
    assert ended(session).status == "stopped"
    whole(told, latest(session).step)


def test_words_of_a_broken_sink_wait_for_whoever_reads() -> None:
    session = Session(RunConfig(width=8, steps=2), share=0, sinks=[Broken("end")])
    session.start()
    ended(session)
    until(lambda: session.notice)
    assert not isinstance(session.notice, str)
