"""What every preset must keep to."""

import itertools

import pytest

import ganviz
from ganviz import CHARTS, PRESETS, RunConfig
from ganviz.ui.board import CARDS


@pytest.mark.parametrize("name", list(PRESETS))
def test_preset_can_be_built_written_and_read(name: str) -> None:
    config = PRESETS[name].config
    assert RunConfig.from_json(config.to_json()) == config
    assert RunConfig.from_query(config.to_query()) == config
    assert ganviz.Trainer(config).iteration == 0
    # A lesson says what to look for: a sentence at least, and a run that no other preset is.
    assert len(PRESETS[name].lesson.split()) >= 8
    assert [n for n in PRESETS if PRESETS[n].config == config] == [name]


@pytest.mark.parametrize("name", list(PRESETS))
def test_preset_opens_charts_behind_tabs_and_one_of_each_card(name: str) -> None:
    opened = [[chart for chart in card if chart in PRESETS[name].shows] for card in CARDS]
    assert max(map(len, opened)) == 1
    assert tuple(itertools.chain.from_iterable(opened)) == PRESETS[name].shows
    assert set(PRESETS[name].shows) <= set(CHARTS)
