"""What is asked for is measured, of one moment; the run does not notice, nor what has failed."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch

import ganviz
from ganviz import DATASETS, INSTRUMENTS, Target, Trainer
from ganviz.instruments import Gaps, Kit, Panel, Quality, Zigzag
from ganviz.readings import Readings
from ganviz.say import say
from tests.measuring import CONFIG, Clock, finish
from tests.pseudo import pseudo, unwrapped


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
    assert readings.cost.seconds["fresh"] > 0
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
    def broken(self: Quality, step: int) -> Iterator[float]:
        yield 0.5
        raise OSError("no such density")

    monkeypatch.setattr(Quality, "measure", broken)
    panel = Panel(Trainer(CONFIG).lens(), 0.15)
    assert panel.notice is None
    panel.ask()
    finish(panel, 0)
    assert str(panel.notice) == "Instruments that failed and are off: quality (no such density)"
    assert panel.readings(now=True).gaps.rows == 1
    panel.ask()
    finish(panel, 1)
    assert panel.readings(now=True).gaps.rows == 2


def test_every_word_on_an_instrument_is_in_the_catalogue() -> None:
    ring = DATASETS["ring"].fn()
    few = Target(ring.sample, 2, held_out=ring.sample, held_out_size=19)
    panel = Panel(Trainer(CONFIG, target=few).lens(), 0.15)
    panel.ask()
    finish(panel, 0)
    notice = panel.notice
    assert str(notice) == (
        "Instruments that failed and are off: fresh D (19 samples are held out, and a fresh D "
        "needs 20)"
    )
    with pseudo():
        words = [str(notice)]
        for entry in INSTRUMENTS.values():
            words += [say(entry.label), *(map(str, entry.doing) if "doing" in entry.needs else ())]
        assert unwrapped(" ".join(words)) == []


def test_a_light_measurement_keeps_nobody_waiting() -> None:
    panel = Panel(Trainer(CONFIG).lens(), 0.15)
    panel.ask(light=True)
    assert panel.asked
    assert panel.busy is None
    panel.ask()
    assert panel.busy is not None
    assert panel.busy.name == "fresh"


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
    assert str(panel.notice) == "Instruments that failed and are off: all of them (64 at most)"
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
    assert str(panel.notice) == "Instruments that failed and are off: zig-zag (no ruler)"
    panel.ask(light=True)
    finish(panel, 3)
    assert panel.readings(now=True).gaps.rows == 1


def test_of_many_steps_the_last_are_watched_as_many_as_a_watcher_keeps() -> None:
    trainer = Trainer(CONFIG)
    panel, burst = Panel(trainer.lens(), 0.15), INSTRUMENTS["zigzag"].burst
    for left in (burst + 2, burst + 1, burst, burst - 1):
        panel.watch(trainer.iteration, left)
        trainer.step()
        panel.after(trainer.iteration)
    assert panel.readings(now=True).zigzag["step"].tolist() == [3, 4]


def test_a_light_measurement_does_not_hide_a_full_one() -> None:
    panel = Panel(Trainer(CONFIG).lens(), 0.15)
    panel.ask()
    panel.ask(light=True)
    assert panel.busy is not None


def test_one_moment_is_measured_once() -> None:
    trainer = Trainer(CONFIG)
    gaps = Kit(trainer.lens()).of(Gaps)
    slices = [len(list(gaps.measure(step))) for step in (3, 3, 4)]
    assert slices[0] == slices[2] > slices[1] == 0
    assert gaps.rows["step"].tolist() == [3, 4]
    assert gaps.error(3) == gaps.rows["optimal"][0] - ganviz.levels.V_EQUILIBRIUM
    assert math.isnan(gaps.error(5))


def test_a_moment_that_is_measured_again_has_one_row_of_quality() -> None:
    quality = Kit(Trainer(CONFIG).lens()).of(Quality)
    for step in (4, 0, 4, 0):
        assert list(quality.measure(step))
    assert quality.rows(quality.floors)["step"].tolist() == [0, 4]


@pytest.mark.parametrize("now", [True, False])
def test_a_rewind_ends_what_is_under_way_and_forgets_what_was_later(now: bool) -> None:
    trainer = Trainer(CONFIG)
    panel = Panel(trainer.lens(), 0.15, Clock())
    for step in (1, 2):
        panel.watch(trainer.iteration)
        trainer.step()
        panel.after(step)
        panel.ask(light=True)
        finish(panel, step)
    assert panel.readings(now=True).gaps["step"].tolist() == [1, 2]
    panel.ask()
    panel.work(2)
    panel.rewind(1)
    assert not panel.asked
    assert panel.busy is None
    readings = panel.readings(now=now)
    assert readings.gaps["step"].tolist() == readings.zigzag["step"].tolist() == [1]
    assert readings.pulls is None
    panel.ask()
    finish(panel, 1)
    assert panel.readings(now=True).gaps["step"].tolist() == [1]


def test_a_panel_that_has_not_begun_has_nothing_to_forget() -> None:
    panel = Panel(Trainer(CONFIG).lens(), 0.15)
    panel.rewind(0)
    assert panel.readings(now=True).gaps.rows == 0
