"""What everything in `INSTRUMENTS` must keep to: register a new one and it is tested here."""

import time
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from ganviz import DATASETS, INSTRUMENTS, RunConfig, Session, Trainer
from ganviz.columns import Columns
from ganviz.instruments import Instrument, Kit, Meter, Panel, Quality, Watcher
from ganviz.instruments.budget import SAVED_SECONDS
from ganviz.readings import Doing, Readings
from ganviz.say import _
from ganviz.trainer import one_thread
from tests.measuring import finish

VECTORS = RunConfig(width=16, batch_size=32, latent_dim=3, steps=12)
IMAGES = RunConfig(dataset="digits", network="conv", width=4, batch_size=16, steps=4, ema=0.9)

every_one = pytest.mark.parametrize("name", list(INSTRUMENTS))

METERS = [name for name, entry in INSTRUMENTS.items() if "doing" in entry.needs]

OF_DATA = {"floors", "error_floor"}
"""Readings that are of the data, not of a moment: no rewind takes them back."""

digits = cache(DATASETS["digits"].fn)


@pytest.fixture(autouse=True)
def short_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested here does not depend on how long a fresh D is fitted, nor on how many draws a
    floor is shown from."""
    monkeypatch.setattr("ganviz.instruments.fresh.MOST_UPDATES", 200)
    for place in ("instruments.floors", "instruments.gaps", "quality.base"):
        monkeypatch.setattr(f"ganviz.{place}.FEWEST_DRAWS", 3)


def run(name: str, config: RunConfig) -> Trainer:
    """A run to measure; for the floors, of data of which none are shipped."""
    if name != "floors":
        return Trainer(config)
    if config.dataset == "digits":
        return Trainer(config.replace(dataset="custom"), target=digits())
    return Trainer(config.replace(dataset_options={"modes": 7}))


def built(name: str, trainer: Trainer) -> Instrument:
    return Kit(trainer.lens()).of(INSTRUMENTS[name].fn)


def measured_now(meter: Instrument, trainer: Trainer) -> None:
    assert isinstance(meter, Meter)
    slices = list(meter.measure(trainer.iteration))
    assert slices
    assert all(0 <= done <= 1 for done in slices)


def read_next(instrument: Instrument, trainer: Trainer) -> None:
    """The next iteration, and what the instrument reads of it."""
    if isinstance(instrument, Watcher):
        instrument.begin(trainer.iteration, 1)
        trainer.step()
        instrument.note(trainer.iteration)
        assert not instrument.watching
    else:
        trainer.step()
        measured_now(instrument, trainer)


def plain(value: Any) -> Any:
    """Arrays and tables as something that can be compared, NaN and all."""
    if isinstance(value, Columns):
        return {name: plain(column) for name, column in value.items()}
    if isinstance(value, np.ndarray):
        return repr(value.tolist())
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if hasattr(value, "of") and hasattr(value, "own"):
        return {name: plain(slopes) for name, slopes in value.of.items()}
    return repr(value)


def said(instrument: Instrument) -> dict[str, Any]:
    """What it alone adds to the readings."""
    found, empty = instrument.add_to(Readings()), Readings()
    pairs = ((field.name, getattr(found, field.name)) for field in fields(Readings))
    return {name: plain(v) for name, v in pairs if plain(v) != plain(getattr(empty, name))}


def steps_of(instrument: Instrument) -> list[float]:
    readings = instrument.add_to(Readings())
    tables = (readings.gaps, readings.zigzag, readings.quality)
    return [step for table in tables for step in table["step"].tolist()]


@every_one
def test_it_says_what_it_is_and_when_it_is_due(name: str) -> None:
    entry = INSTRUMENTS[name]
    kind = entry.fn
    assert isinstance(kind, type)
    assert issubclass(kind, Instrument)
    assert issubclass(kind, Meter) != issubclass(kind, Watcher)
    assert kind.name == name
    assert entry.every >= 0
    assert entry.first >= 0
    assert not (entry.long and entry.light)
    instrument = built(name, Trainer(VECTORS))
    if isinstance(instrument, Meter):
        inside, begins = str(entry.doing.inside), str(entry.doing.begins)
        assert begins == inside[0].upper() + inside[1:]
        assert instrument.pace(entry.every) >= entry.every


@every_one
@pytest.mark.parametrize("config", [VECTORS, IMAGES], ids=["vectors", "images"])
def test_it_leaves_the_history_as_it_is(name: str, config: RunConfig) -> None:
    before, trainer, plain = torch.get_rng_state(), run(name, config), run(name, config)
    instrument = built(name, trainer)
    with one_thread():  # as `train` does: bits of images depend on it
        while trainer.iteration < config.steps:
            if trainer.iteration % 8 == 0:
                read_next(instrument, trainer)
            else:
                trainer.step()
            plain.step()
    assert trainer.history.to_pandas().equals(plain.history.to_pandas())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", METERS)  # a watcher has one look at a time: the panel weighs it
@pytest.mark.parametrize("config", [VECTORS, IMAGES], ids=["vectors", "images"])
def test_the_run_stands_still_for_no_longer_than_is_saved_up(name: str, config: RunConfig) -> None:
    trainer = run(name, config)
    instrument = built(name, trainer)
    assert isinstance(instrument, Meter)
    spans: list[float] = []
    with one_thread():
        if name == "fresh":  # what it needs is built once
            next(instrument.measure(0))
        else:
            measured_now(instrument, trainer)
        trainer.step()
        slices, more = instrument.measure(1), True
        while more:
            began = time.thread_time()
            more = next(slices, None) is not None
            spans.append(time.thread_time() - began)
    assert len(spans) > 1
    assert max(spans) < SAVED_SECONDS


@every_one
def test_what_it_reads_depends_on_seed_and_iteration_alone(name: str) -> None:
    often, once = run(name, VECTORS), run(name, VECTORS)
    one, two = built(name, often), built(name, once)
    read_next(one, often)
    read_next(one, often)
    once.step()
    read_next(two, once)
    found, expected = said(one), said(two)
    assert set(found) == set(expected)
    left, right = one.add_to(Readings()), two.add_to(Readings())
    for table in ("gaps", "zigzag", "quality"):
        there = getattr(left, table)
        for column, values in getattr(right, table).items():
            np.testing.assert_array_equal(there[column][there["step"] == 2], values)
    for thing in ("pulls", "shares", "floors", "error_floor"):
        assert found.get(thing) == expected.get(thing), thing


def test_what_a_new_one_must_say_is_asked_for_where_it_is_registered() -> None:
    class Trail_(Quality):
        """What was left behind."""

    assert Trail_.name == "trail"  # as it would be called
    with pytest.raises(ValueError, match="instrument 'trail' needs its facts: every, doing"):
        INSTRUMENTS.register("trail")(Trail_)
    assert "trail" not in INSTRUMENTS


def test_streams_are_told_apart_by_seed_iteration_and_name() -> None:
    lens, other = Trainer(VECTORS).lens(), Trainer(VECTORS.replace(seed=1)).lens()
    seeds = [
        a.rng(step, name).initial_seed()
        for a in (lens, other)
        for step in (0, 1, 10, 11)
        for name in INSTRUMENTS
    ]
    assert len(set(seeds)) == len(seeds)
    assert lens.rng(1, "gaps").initial_seed() == lens.rng(1, "gaps").initial_seed()
    # In every process, on every machine.
    assert lens.rng(7, "gaps").initial_seed() == 2143549844246291389


@every_one
def test_it_forgets_what_comes_after_a_rewind(name: str) -> None:
    trainer = run(name, VECTORS)
    instrument = built(name, trainer)
    read_next(instrument, trainer)
    first = said(instrument)
    assert first
    read_next(instrument, trainer)
    both = said(instrument)
    instrument.rewind(2)
    assert said(instrument) == both
    instrument.rewind(1)
    assert all(step <= 1 for step in steps_of(instrument))
    kept = said(instrument)
    # What there is of the last moment alone is gone; what there is of each is what it was.
    assert kept == {thing: (both if thing in OF_DATA else first)[thing] for thing in kept}
    assert set(first) - set(kept) <= {"pulls", "shares"}
    instrument.rewind(0)
    assert steps_of(instrument) == []
    if isinstance(instrument, Meter):
        measured_now(instrument, trainer)
        assert set(said(instrument)) == set(first)


@every_one
def test_a_rewind_before_anything_was_read_is_nothing(name: str) -> None:
    instrument = built(name, run(name, VECTORS))
    before = said(instrument)
    instrument.rewind(0)
    assert said(instrument) == before


def test_a_watcher_does_not_watch_on_after_a_rewind() -> None:
    trainer = Trainer(VECTORS)
    for name, entry in INSTRUMENTS.items():
        watcher = built(name, trainer)
        if isinstance(watcher, Watcher):
            watcher.begin(0, entry.burst)
            assert watcher.watching
            watcher.rewind(0)
            assert not watcher.watching


def test_a_new_one_is_measured_without_a_word_in_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(INSTRUMENTS, "_entries", dict(INSTRUMENTS._entries))
    doing = Doing(_("taking the temperature"), _("Taking the temperature"))

    @INSTRUMENTS.register("thermometer", every=0.5, light=True, doing=doing)
    class Thermometer(Meter):
        """How warm it is."""

        def measure(self, step: int) -> Iterator[float]:
            yield float(torch.rand((), generator=self._rng(step)))

        def add_to(self, readings: Readings) -> Readings:
            return replace(readings, samples=451)

        def rewind(self, step: int) -> None:
            pass

    assert Thermometer.name == "thermometer" == list(INSTRUMENTS)[-1]
    panel = Panel(Trainer(VECTORS).lens(), 0.15)
    panel.ask(light=True)
    finish(panel, 0)
    readings = panel.readings(now=True)
    assert readings.cost.seconds["thermometer"] > 0
    assert readings.samples == 451
    panel.ask()
    assert panel.readings(now=True).cost.busy == "fresh"


@pytest.mark.parametrize("turned", [False, True])
def test_what_takes_longest_is_waited_for_in_whatever_order_they_are_listed(
    turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = list(INSTRUMENTS._entries.items())
    monkeypatch.setattr(INSTRUMENTS, "_entries", dict(entries[::-1] if turned else entries))
    panel = Panel(Trainer(VECTORS).lens(), 0.15)
    panel.ask()
    cost, session = panel.readings(now=True).cost, Session(VECTORS)
    assert (cost.busy, cost.doing) == ("fresh", INSTRUMENTS["fresh"].doing)
    session.start()
    session.measure()
    assert session.measuring == "fresh"
    session.stop()


def test_when_the_error_comes_depends_on_nobody_who_does_not_tell_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(INSTRUMENTS, "_entries", dict(INSTRUMENTS._entries))
    doing = INSTRUMENTS["quality"].doing
    INSTRUMENTS.register("late", every=600.0, first=600.0, doing=doing)(Late)
    assert Panel(Trainer(VECTORS).lens(), 0.15).readings(now=True).cost.next == 5.0


class Late(Quality):
    """Measured for the first time after ten minutes."""
