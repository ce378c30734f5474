"""The live board: places for charts, and what is built of them."""

import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from plotly.offline import get_plotlyjs

from ganviz import RunConfig, Trainer
from ganviz.charts import CHARTS, cast
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

    charts = {name: counted(name) for name in registered}
    for module in (figures, cast):
        monkeypatch.setattr(module, "CHARTS", charts)
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


def test_the_browser_keeps_plotly_s_code_for_good_and_nothing_else() -> None:
    """What it lets go of by count, and the server then refers to, ends the connection."""
    kept = tomllib.loads(
        (Path(__file__).parents[1] / ".streamlit/config.toml").read_text(encoding="utf8")
    )["global"]
    board_of_several_runs = 500_000
    assert board_of_several_runs < kept["minCachedMessageSize"] < len(get_plotlyjs())
    redraws_a_day = 10 * 60 * 60 * 24
    assert 1000 * redraws_a_day < kept["maxCachedMessageAge"] < 2**31
