"""One way to the end of a run, whatever happens, and what sinks hear of it."""

import math
from typing import Any

import numpy as np
import pytest
import torch

import ganviz
from ganviz import ConfigError, Diverged, RunConfig, Trainer
from ganviz.columns import Columns
from ganviz.runs import Sink
from ganviz.snapshot import Event, Snapshot, Status
from ganviz.work import End, run_to_end, train
from tests.sinks import Broken, Told
from tests.test_divergence import BadFrom, plain_target

CONFIG = RunConfig(width=8, batch_size=16, latent_dim=3, steps=100)


def bad_at(step: int, value: float | BaseException) -> Trainer:
    """Its D, asked twice an iteration, gives that value from `step` on, or raises it."""

    class Raising(BadFrom):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            made = super().forward(x)
            if isinstance(value, BaseException) and self.training and self.calls >= self.first:
                raise value
            return made

    number = math.nan if isinstance(value, BaseException) else value
    d = Raising(2, 1, 2 * step - 1, number)
    return Trainer(CONFIG, target=plain_target(), discriminator=d)


def test_a_finished_run_is_told_row_by_row_with_its_edits() -> None:
    sink, trainer = Told(), Trainer(CONFIG)
    sinks: list[Sink] = [sink]
    end = run_to_end(trainer, events=[Event(3, "lr_d", 0.1), Event(90, "g_steps", 2)], sinks=sinks)
    assert end == End("finished", None)
    assert sink.steps == list(range(1, 101))
    assert sink.events == [Event(3, "lr_d", 0.1), Event(90, "g_steps", 2)]
    assert sink.ends == [("finished", None)]
    (last,) = sink.snapshots
    assert (last.step, last.status) == (100, "finished")


def test_sinks_change_no_number() -> None:
    heard, alone = Trainer(CONFIG), ganviz.train(CONFIG)
    run_to_end(heard, sinks=[Told(), Told()])
    for name, column in alone.history.columns().items():
        assert np.array_equal(heard.history[name], column, equal_nan=True), name


def test_a_run_goes_on_where_it_is() -> None:
    trainer, sink = Trainer(CONFIG), Told()
    for _ in range(30):
        trainer.step()
    run_to_end(trainer, sinks=[sink])
    assert trainer.iteration == 100
    assert sink.steps == list(range(31, 101))
    assert run_to_end(trainer) == End("finished", None)
    assert trainer.iteration == 100


@pytest.mark.parametrize(
    ("value", "status", "kind"),
    [
        (math.nan, "diverged", Diverged),
        (RuntimeError("boom"), "failed", RuntimeError),
        (KeyboardInterrupt(), "stopped", KeyboardInterrupt),
    ],
    ids=["diverged", "failed", "interrupted"],
)
def test_whatever_ends_a_run_is_its_end(value: Any, status: Status, kind: type) -> None:
    trainer, sinks = bad_at(7, value), [Told(), Told()]
    end = run_to_end(trainer, sinks=sinks)
    assert end.status == status
    assert isinstance(end.error, kind)
    made = 7 if status == "diverged" else 6
    for sink in sinks:
        assert sink.steps == list(range(1, made + 1))
        assert [snapshot.status for snapshot in sink.snapshots] == [status]
        # An interrupt is no fault of the run.
        error = end.error if isinstance(end.error, Exception) else None
        assert sink.ends == [(status, error)]


@pytest.mark.parametrize("when", ["rows", "event", "snapshot", "end"])
def test_a_run_outlives_a_sink_that_fails_and_says_so(when: str) -> None:
    sinks = [Told(), Broken(when), Told()]
    end = run_to_end(Trainer(CONFIG), events=[Event(3, "lr_d", 0.1)], sinks=sinks)
    assert (end.status, end.error) == ("finished", None)
    assert [str(lost) for lost in end.lost] == [
        "Broken failed and is told nothing more of this run (the disk is full)."
    ]
    for sink in (sinks[0], sinks[2]):
        assert sink.steps == list(range(1, 101))
        assert sink.events == [Event(3, "lr_d", 0.1)]
        assert sink.ends == [("finished", None)]
    assert sinks[1].order[-1] == when  # it is told nothing more


def test_a_last_look_that_fails_is_how_the_run_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, sink, failure = Trainer(CONFIG), Told(), RuntimeError("no look")

    def fails() -> Snapshot:
        raise failure

    monkeypatch.setattr(trainer, "snapshot", fails)
    assert run_to_end(trainer, sinks=[sink]) == End("failed", failure)
    assert sink.ends == [("failed", failure)]


def test_a_last_look_that_fails_too_does_not_hide_what_ended_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failure = RuntimeError("boom")
    trainer, sink = bad_at(7, failure), Told()

    def fails() -> Snapshot:
        raise RuntimeError("no look")

    monkeypatch.setattr(trainer, "snapshot", fails)
    assert run_to_end(trainer, sinks=[sink]) == End("failed", failure)
    assert sink.ends == [("failed", failure)]


def test_a_last_look_that_is_interrupted_leaves_no_sink_without_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer, sink = bad_at(7, KeyboardInterrupt()), Told()

    def interrupted() -> Snapshot:
        raise KeyboardInterrupt

    monkeypatch.setattr(trainer, "snapshot", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_to_end(trainer, sinks=[sink])
    assert sink.steps == list(range(1, 7))
    assert sink.ends == [("stopped", None)]


def test_the_last_look_is_at_one_thread_too(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, look, threads = Trainer(CONFIG.replace(steps=1)), Trainer.snapshot, list[int]()

    def looked() -> Snapshot:
        threads.append(torch.get_num_threads())
        return look(trainer)

    monkeypatch.setattr(trainer, "snapshot", looked)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        run_to_end(trainer, sinks=[Told()])
        assert (threads, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(before)


def test_a_sink_is_told_nothing_of_what_comes_after_the_end() -> None:
    trainer, first, second = bad_at(7, RuntimeError("boom")), Told(), Told()
    run_to_end(trainer, sinks=[first])
    told = list(first.order)
    raising: Any = trainer.discriminator
    raising.first = 10**9  # it raises no more
    run_to_end(trainer, sinks=[second])
    assert first.order == told
    assert second.steps[0] == 7
    assert second.steps[-1] == 100


def test_an_interrupt_while_rows_are_told_tells_each_sink_all_of_them_once() -> None:
    class Interrupted(Told):
        def rows(self, rows: Columns) -> None:
            if not self.order:
                self._note("interrupted")
                raise KeyboardInterrupt
            super().rows(rows)

    trainer, sinks = Trainer(CONFIG), [Told(), Interrupted(), Told()]
    end = run_to_end(trainer, sinks=sinks)
    assert end.status == "stopped"
    for sink in sinks:
        assert sink.steps == list(range(1, 64))  # the first block
        assert sink.ends == [("stopped", None)]
    assert trainer.history["step"].tolist() == list(range(1, 64))


def test_an_edit_that_is_not_valid_is_an_end_too() -> None:
    end = run_to_end(Trainer(CONFIG), events=[Event(3, "width", 4)])
    assert end.status == "failed"
    assert isinstance(end.error, ConfigError)


def test_train_raises_what_ended_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="width"):
        train(CONFIG, events=[Event(3, "width", 4)])
    for value, kind in ((math.nan, Diverged), (KeyboardInterrupt(), KeyboardInterrupt)):
        trainer = bad_at(4, value)
        monkeypatch.setattr("ganviz.work.Trainer", lambda _, trainer=trainer: trainer)
        with pytest.raises(kind):
            train(CONFIG)


def test_a_bar_shows_where_the_run_is(capsys: pytest.CaptureFixture[str]) -> None:
    trainer = Trainer(CONFIG)
    for _ in range(30):
        trainer.step()
    run_to_end(trainer, progress=True)
    assert "100/100" in capsys.readouterr().err
