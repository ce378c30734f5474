"""The live board: places for charts, and what is built of them."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ganviz import RunConfig, Trainer
from ganviz.charts import CHARTS
from ganviz.readings import Readings
from ganviz.ui import board, figures
from tests.browser import page
from tests.instrumented import READINGS_ONLY


def test_every_chart_has_one_place_on_the_board() -> None:
    places = [*board.FIXED, *(name for card in board.CARDS for name in card)]
    assert sorted(places) == sorted(CHARTS)
    assert board.CARDS == page.CARDS


def test_charts_of_readings_are_built_once_for_each_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[str] = []
    registered = dict(CHARTS)

    def counted(name: str) -> SimpleNamespace:
        def draws(runs: Any) -> Any:
            built.append(name)
            return registered[name].facts["draws"](runs)

        return SimpleNamespace(facts={**registered[name].facts, "draws": draws})

    monkeypatch.setattr(figures, "CHARTS", {name: counted(name) for name in registered})
    trainer = Trainer(RunConfig(width=8, batch_size=8))
    trainer.step()
    once = trainer.snapshot()
    trainer.step()
    later = replace(trainer.snapshot(), readings=once.readings)
    other = replace(later, readings=Readings())
    drawn = figures.Figures()
    for shown in (once, later, other):
        for name in registered:
            drawn.of(name, {"run": shown})
    assert built.count("value") == 3
    assert {built.count(name) for name in READINGS_ONLY} == {2}
