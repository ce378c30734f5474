"""The instruments take no more than their share, never move the run, and fail by themselves."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch

import ganviz
from ganviz import RunConfig, Target, Trainer
from ganviz.instruments import Panel
from ganviz.instruments.gaps import Gaps
from ganviz.instruments.zigzag import Zigzag
from ganviz.readings import Readings

CONFIG = RunConfig(width=16, batch_size=32, latent_dim=3, steps=200)


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def finish(panel: Panel, step: int) -> None:
    for _ in range(100_000):
        if not panel.asked:
            return
        panel.work(step)
    raise AssertionError("it never ends")


def costing(monkeypatch: pytest.MonkeyPatch, clock: Clock, seconds: float) -> None:
    """Every slice of the gaps costs so much; nothing else costs anything."""

    def measure(self: Gaps, step: int) -> Iterator[float]:
        for k in range(4):
            clock.now += seconds
            yield k / 4
        self.add(step=step)

    monkeypatch.setattr(Gaps, "measure", measure)
    monkeypatch.setattr(Zigzag, "begin", lambda self, step: None)
    for name in ("saturation.Saturation", "quality.Quality", "quality.FloorDraws"):
        monkeypatch.setattr(f"ganviz.instruments.{name}.measure", lambda self, step: iter(()))
    monkeypatch.setattr("ganviz.instruments.gaps.FreshGap.measure", lambda self, step: iter(()))
    monkeypatch.setattr("ganviz.instruments.quality.FloorDraws.complete", True)


@pytest.mark.parametrize("share", [0.05, 0.15, 0.5])
def test_they_take_their_share_of_the_time_and_no_more(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    costing(monkeypatch, clock, 0.02)
    panel = Panel(Trainer(CONFIG).lens(), share, clock)
    spent = 0.0
    for step in range(60_000):
        clock.now += 0.001
        before = clock.now
        panel.spend(step)
        spent += clock.now - before
    # The gaps are measured once a second, four slices of 0.02 s: they want 0.08 of the time.
    wanted = min(share, 0.08 / 1.0)
    assert spent / clock.now == pytest.approx(wanted, rel=0.15)
    assert panel.readings().cost.limit == share
    assert panel.readings().cost.share == pytest.approx(wanted, abs=0.06)
    assert panel.readings().cost.seconds["V and the optimal D"] == pytest.approx(spent, abs=0.1)


def test_switched_off_they_are_not_even_built() -> None:
    panel = Panel(Trainer(CONFIG).lens(), 0.0)
    panel.rest()
    for step in range(10):
        panel.watch(step)
        panel.spend(step)
        panel.after(step)
        panel.ask()
    assert panel._slots == []
    assert not panel.asked
    readings = panel.readings(now=True)
    assert readings.gaps.rows == readings.zigzag.rows == readings.quality.rows == 0
    assert readings.cost.limit == 0
    assert readings.cost.next is None
    assert dict(readings.latest_quality) == {}


def measured(trainer: Trainer) -> Readings:
    panel = Panel(trainer.lens(), 0.15)
    panel.watch(trainer.iteration)
    trainer.step()
    panel.after(trainer.iteration)
    panel.ask()
    finish(panel, trainer.iteration)
    return panel.readings(now=True)


def test_everything_that_is_asked_for_is_measured() -> None:
    readings = measured(Trainer(CONFIG))
    assert np.isfinite(readings.gaps["optimal"]).all()
    assert np.isfinite(readings.gaps["fresh"]).all()
    assert readings.zigzag["step"].tolist() == [1]
    assert readings.pulls is not None
    assert readings.error_floor is not None
    assert set(readings.floors) == set(readings.quality) - {"step"}
    assert {"jsd", "coverage", "modes"} <= set(readings.floors)
    for name in readings.floors:
        assert math.isfinite(readings.quality[name][-1]), name
    assert readings.shares is not None
    assert readings.shares.labels == tuple("12345678")
    assert readings.cost.seconds["fresh D"] > 0
    assert readings.cost.busy is None


def test_readings_depend_on_seed_and_iteration_alone() -> None:
    one, two = measured(Trainer(CONFIG)), measured(Trainer(CONFIG))
    other = measured(Trainer(CONFIG.replace(seed=1)))
    for columns in ("gaps", "zigzag", "quality"):
        left, right = getattr(one, columns), getattr(two, columns)
        for name in left:
            assert np.array_equal(left[name], right[name], equal_nan=True), name
    assert one.gaps["fresh"].tolist() != other.gaps["fresh"].tolist()


def test_the_run_does_not_notice() -> None:
    trainer = Trainer(CONFIG)
    panel = Panel(trainer.lens(), 0.9)
    panel.rest()
    for _ in itertools.repeat(None, 60):
        trainer.step()
        panel.after(trainer.iteration)
        panel.spend(trainer.iteration)
    panel.ask()
    finish(panel, trainer.iteration)
    while trainer.iteration < CONFIG.steps:
        trainer.step()
    plain = ganviz.train(CONFIG).history.to_pandas()
    assert panel.readings(now=True).gaps.rows > 0
    assert trainer.history.to_pandas().equals(plain)


def test_a_request_is_about_this_moment() -> None:
    trainer = Trainer(CONFIG)
    panel = Panel(trainer.lens(), 0.15)
    panel.ask()
    for _ in range(30):
        panel.work(trainer.iteration)
    trainer.step()
    panel.ask()
    finish(panel, trainer.iteration)
    gaps = panel.readings(now=True).gaps
    assert gaps["step"][np.isfinite(gaps["fresh"])].tolist() == [1]


def test_readings_stay_the_same_object_until_they_are_new() -> None:
    clock = Clock()
    panel = Panel(Trainer(CONFIG).lens(), 0.15, clock)
    first = panel.readings(now=True)
    assert panel.readings(now=True) is first
    panel.ask(light=True)
    finish(panel, 0)
    assert panel.readings() is first  # a run that goes on is read once a second
    second = panel.readings(now=True)
    assert second.gaps.rows == 1
    assert panel.readings(now=True) is second
    clock.now += 1.5
    assert panel.readings() is not second


def test_one_that_fails_is_off_and_says_so_while_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(self: Gaps, step: int) -> Iterator[float]:
        yield 0.5
        raise OSError("no such density")

    monkeypatch.setattr("ganviz.instruments.quality.Quality.measure", broken)
    panel = Panel(Trainer(CONFIG).lens(), 0.15)
    assert panel.notice is None
    panel.ask()
    finish(panel, 0)
    assert panel.notice == "Instruments that failed and are off: quality (no such density)"
    assert panel.readings(now=True).gaps.rows == 1
    panel.ask()
    finish(panel, 1)
    assert panel.readings(now=True).gaps.rows == 2


def test_a_light_measurement_keeps_nobody_waiting() -> None:
    panel = Panel(Trainer(CONFIG).lens(), 0.15)
    panel.ask(light=True)
    assert panel.asked
    assert panel.busy is None
    panel.ask()
    assert panel.busy is not None
    assert panel.busy.instrument.name == "fresh D"


def test_data_that_give_no_more_than_a_batch_switch_the_instruments_off() -> None:
    def sample(n: int, rng: torch.Generator) -> torch.Tensor:
        if n > 64:
            raise OSError("64 at most")
        return torch.randn(n, 2, generator=rng)

    trainer = Trainer(CONFIG, target=Target(sample, 2, shift=0.0, scale=1.0))
    panel = Panel(trainer.lens(), 0.5)
    panel.watch(0)
    for step in range(5):
        trainer.step()
        panel.after(step)
        panel.spend(step)
    panel.ask()
    assert not panel.asked
    assert panel.notice == "Instruments that failed and are off: all of them (64 at most)"
    assert panel.readings(now=True).gaps.rows == 0


def test_a_zigzag_that_fails_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Zigzag, step: int) -> None:
        raise OSError("no ruler")

    monkeypatch.setattr(Zigzag, "note", broken)
    trainer = Trainer(CONFIG)
    panel = Panel(trainer.lens(), 0.15)
    for step in range(3):
        panel.watch(step)
        trainer.step()
        panel.after(step)
    assert panel.notice == "Instruments that failed and are off: zig-zag (no ruler)"
    panel.ask(light=True)
    finish(panel, 3)
    assert panel.readings(now=True).gaps.rows == 1


def test_a_light_measurement_does_not_hide_a_full_one() -> None:
    panel = Panel(Trainer(CONFIG).lens(), 0.15)
    panel.ask()
    panel.ask(light=True)
    assert panel.busy is not None


def test_what_was_measured_at_rest_is_not_charged_to_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    costing(monkeypatch, clock, 2.0)
    panel = Panel(Trainer(CONFIG).lens(), 0.15, clock)
    panel.ask()
    finish(panel, 0)
    clock.now += 60
    panel.rest()
    rows = panel.readings(now=True).gaps.rows
    for step in range(1, 100):
        clock.now += 0.01
        panel.spend(step)
    # Four slices of two seconds at rest are nobody's: the next measurement begins at once.
    assert panel._slots[0].started > 60
    assert rows == 1


def test_when_the_next_error_comes_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    costing(monkeypatch, clock, 0.001)
    panel = Panel(Trainer(CONFIG).lens(), 0.5, clock)
    assert panel.readings(now=True).cost.next == 5.0  # not built: at most so long
    for step in range(100):
        clock.now += 0.05
        panel.spend(step)
    cost = panel.readings(now=True).cost
    assert cost.next is not None
    assert 0 <= cost.next <= 1  # V of the optimal D, once a second
    panel.share = 0.0
    assert panel.readings(now=True).cost.next is None


def test_where_no_density_is_known_a_fresh_d_is_waited_for() -> None:
    clock = Clock()
    panel = Panel(Trainer(CONFIG.replace(dataset="moons")).lens(), 0.5, clock)
    clock.now = 1.0
    panel.spend(1)
    clock.now = 3.0
    # The first is due five seconds after the instruments were built.
    assert panel.readings().cost.next == pytest.approx(3.0, abs=0.01)
    panel.ask()
    assert panel.readings(now=True).cost.next == 0.0
    panel.drop()
    assert panel.readings(now=True).cost.busy is None


def test_one_moment_is_measured_once() -> None:
    trainer = Trainer(CONFIG)
    gaps = Gaps(trainer.lens())
    slices = [len(list(gaps.measure(step))) for step in (3, 3, 4)]
    assert slices[0] == slices[2] > slices[1] == 0
    assert gaps.rows["step"].tolist() == [3, 4]
    assert gaps.error(3) == gaps.rows["optimal"][0] - ganviz.levels.V_EQUILIBRIUM
    assert math.isnan(gaps.error(5))
