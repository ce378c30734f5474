"""Edits while a run goes on, and iterations made in two halves: when each takes its place."""

from typing import Any

import pytest

import ganviz
from ganviz import ConfigError, Event, Trainer
from tests.test_determinism import same_bits
from tests.test_trainer import SMALL, assert_same, plain


def test_an_edit_takes_its_place_and_keeps_adams_moments() -> None:
    trainer = Trainer(SMALL)
    for t in range(30):
        if t == 10:
            trainer.edit(lr_d=5e-3, g_steps=2)
        if t == 20:
            trainer.edit(d_steps=2)
        trainer.step()
    assert_same(trainer, plain(SMALL, {10: {"lr_d": 5e-3, "g_steps": 2}, 20: {"d_steps": 2}})[0])
    expected = (Event(10, "lr_d", 5e-3), Event(10, "g_steps", 2), Event(20, "d_steps", 2))
    assert trainer.events == expected == trainer.snapshot().events
    assert trainer.config == SMALL  # what the run began with
    again = ganviz.train(SMALL, events=trainer.events)
    same_bits(again, trainer)
    assert again.events == trainer.events


def test_an_edit_within_an_iteration_waits_for_its_end() -> None:
    trainer = Trainer(SMALL)
    trainer.step()
    trainer.discriminator_step()
    assert trainer.edit(lr_g=0.5, g_steps=3) == trainer.events
    assert trainer.current == SMALL
    trainer.generator_step()
    assert trainer.current == SMALL.replace(lr_g=0.5, g_steps=3)
    assert [event.step for event in trainer.events] == [2, 2]  # in force after iteration 2
    trainer.step()
    rows, _ = plain(SMALL, {2: {"lr_g": 0.5, "g_steps": 3}})
    assert_same(trainer, rows[:3])


@pytest.mark.parametrize(
    "changes", [{"width": 9}, {"lr_d": 0.0}, {"lr_d": 0.5, "g_steps": -1}, {"lrd": 1e-3}], ids=str
)
def test_an_invalid_edit_changes_nothing(changes: dict[str, Any]) -> None:
    trainer = Trainer(SMALL)
    with pytest.raises(ConfigError, match=list(changes)[-1]):
        trainer.edit(**changes)
    assert trainer.events == ()
    assert trainer.current == SMALL
    assert trainer.edit(d_steps=0) == (Event(0, "d_steps", 0),)
    with pytest.raises(ConfigError, match="neither player"):
        trainer.edit(g_steps=0)
    assert len(trainer.events) == 1


def test_two_halves_are_a_step() -> None:
    halves, whole = Trainer(SMALL), Trainer(SMALL)
    for _ in range(5):
        halves.discriminator_step()
        assert (halves.phase, halves.iteration) == ("generator", whole.iteration)
        halves.generator_step()
        whole.step()
    halves.discriminator_step()
    halves.step()  # completes the iteration, no more
    whole.step()
    assert halves.iteration == whole.iteration == 6
    same_bits(halves, whole)


def test_halves_in_the_wrong_order_raise_and_change_nothing() -> None:
    trainer = Trainer(SMALL)
    with pytest.raises(RuntimeError, match="discriminator's half of iteration 1"):
        trainer.generator_step()
    trainer.discriminator_step()
    with pytest.raises(RuntimeError, match="generator's half of iteration 1"):
        trainer.discriminator_step()
    trainer.generator_step()
    assert_same(trainer, plain(SMALL)[0][:1])
