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
from tests.test_divergence import BadFrom, plain_target

CONFIG = RunConfig(width=8, batch_size=16, latent_dim=3, steps=100)


class Heard:
    """A sink that remembers, and raises where it is told to."""

    def __init__(self, fails: str = "") -> None:
        self.steps: list[int] = []
        self.snapshots: list[Snapshot] = []
        self.events: list[Event] = []
        self.ends: list[tuple[Status, Exception | None]] = []
        self.fails = fails

    def rows(self, rows: Columns) -> None:
        self.steps += rows["step"].astype(int).tolist()
        self._fail("rows")

    def snapshot(self, snapshot: Snapshot) -> None:
        self._fail("snapshot")
        self.snapshots.append(snapshot)

    def event(self, event: Event) -> None:
        self._fail("event")
        self.events.append(event)

    def end(self, status: Status, error: Exception | None) -> None:
        self.ends.append((status, error))
        self._fail("end")

    def _fail(self, when: str) -> None:
        if self.fails == when:
            raise OSError(f"no room for {when}")


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
    sink, trainer = Heard(), Trainer(CONFIG)
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
    run_to_end(heard, sinks=[Heard(), Heard()])
    for name, column in alone.history.columns().items():
        assert np.array_equal(heard.history[name], column, equal_nan=True), name


def test_a_run_goes_on_where_it_is() -> None:
    trainer, sink = Trainer(CONFIG), Heard()
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
    trainer, sinks = bad_at(7, value), [Heard(), Heard()]
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
def test_a_sink_that_fails_ends_the_run_and_the_others_hear_of_it(when: str) -> None:
    sinks = [Heard(), Heard(when), Heard()]
    end = run_to_end(Trainer(CONFIG), events=[Event(3, "lr_d", 0.1)], sinks=sinks)
    assert end.status == "failed"
    assert str(end.error) == f"no room for {when}"
    for sink in sinks:
        assert len(sink.ends) == 1
    told = "finished" if when == "end" else "failed"
    assert sinks[0].ends[0][0] == told


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
