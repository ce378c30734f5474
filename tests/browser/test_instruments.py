"""The instruments in a real browser: tabs, their share of the time, Measure, the table."""

import re
from functools import partial

import pytest

from ganviz import PRESETS
from tests.browser.conftest import NewTab
from tests.browser.page import CARDS, TrainPage

pytestmark = pytest.mark.browser

LONG = "?steps=10000000"


def opened_by(preset: str) -> list[str]:
    """The charts whose tabs a preset opens."""
    shows = PRESETS[preset].shows
    return [next((name for name in card if name in shows), card[0]) for card in CARDS]


def opens(tab: TrainPage, charts: list[str]) -> bool:
    """Whether exactly the tabs of these charts are open."""
    return tab.open_charts == charts


def other_than(chart: str) -> str:
    """A neighbour of a chart behind a tab."""
    card = next(card for card in CARDS if chart in card)
    return card[(card.index(chart) + 1) % len(card)]


def choose_preset(tab: TrainPage, preset: str) -> None:
    tab.choose("preset", PRESETS[preset].label)


def test_a_tab_stays_open_through_redraws_and_through_a_new_run(new_tab: NewTab) -> None:
    tab = new_tab(LONG)
    mine = [other_than(chart) for chart in tab.open_charts]
    for chart in mine:
        tab.open(chart)
    assert tab.open_charts == mine
    for chart in mine:
        assert tab.page.is_visible(f".st-key-chart_{chart} .plot .main-svg >> nth=0")
        assert tab.page.is_hidden(f".st-key-chart_{other_than(chart)}")
    tab.press("start")
    tab.until(lambda: tab.iteration > 30)
    seen, first = tab.iteration, tab.page.url
    tab.until(lambda: tab.iteration > seen + 30)
    assert tab.open_charts == mine
    tab.press("stop")
    tab.until_state("stopped")
    tab.press("start")
    tab.until(lambda: tab.page.url != first and tab.iteration > 5)
    assert tab.open_charts == mine


def test_a_panel_opens_at_once_with_its_chart_and_keeps_its_place(tab: TrainPage) -> None:
    tab.press("start")
    tab.until(lambda: tab.iteration > 50)
    tab.press("pause")
    tab.until_state("paused")
    box = tab.page.locator(".st-key-chart_histogram").bounding_box()
    tab.open("gradients")
    tab.until(lambda: len(tab.numbers("gradients")) > 50, seconds=20)
    assert tab.page.locator(".st-key-chart_gradients").bounding_box() == box
    plot = "document.querySelector('.st-key-chart_gradients .plot')"
    wider = f"{plot}._fullLayout.width - {plot}.clientWidth"
    assert abs(tab.page.evaluate(wider)) < 1


def test_tabs_are_reached_by_keys_and_named_for_screen_readers(tab: TrainPage) -> None:
    card = CARDS[1]
    tab.open(card[0])
    tab.page.focus(f"[data-tab={card[0]}]")
    for key, at in (("ArrowRight", 1), ("ArrowLeft", 0), ("ArrowLeft", -1), ("Home", 0)):
        tab.page.keyboard.press(key)
        assert tab.open_charts[1] == card[at]
        assert tab.page.evaluate("document.activeElement.dataset.tab") == card[at]
    panel = tab.page.get_by_role("tabpanel", name=re.compile("D\\(x\\)"))
    assert panel.count() == 1
    assert tab.page.get_by_role("tabpanel").count() == len(CARDS)


def test_a_preset_opens_the_charts_of_its_lesson_and_a_person_other_ones(tab: TrainPage) -> None:
    assert tab.open_charts == opened_by("healthy")
    telling = [name for name in PRESETS if opened_by(name) != opened_by("healthy")]
    for preset in [*telling[:2], "moons", "healthy"]:
        for chart in tab.open_charts:
            tab.open(other_than(chart))
        choose_preset(tab, preset)
        tab.until(partial(opens, tab, opened_by(preset)))


def test_two_tabs_have_their_own_open_charts(new_tab: NewTab) -> None:
    one = new_tab(LONG)
    one.press("start")
    one.until(lambda: one.iteration > 5)
    two = new_tab("?" + one.page.url.split("?")[1])
    before = two.open_charts
    one.open("zigzag")
    two.until(lambda: two.state == "running" and two.iteration > 20)
    assert two.open_charts == before
    assert one.open_charts[0] == "zigzag"


def test_readings_come_and_say_who_is_behind_and_what_they_cost(new_tab: NewTab) -> None:
    tab = new_tab(LONG)
    tab.press("start")
    tab.until(lambda: "G's error is" in tab.status)
    tab.until(lambda: "V of the optimal D" in tab.caption("value"))
    tab.until(lambda: re.search(r"took \d+ % of the time \(limit 15 %\)", tab.caption("gaps")))
    tab.set_number("instruments", 0)
    tab.until(lambda: "these are their last readings" in tab.caption("gaps"))
    tab.open("gaps")
    tab.page.wait_for_timeout(1500)
    rest, seen = tab.numbers("gaps"), tab.iteration
    tab.until(lambda: tab.iteration > seen + 300)
    assert tab.numbers("gaps") == rest
    tab.set_number("instruments", 30)
    tab.until(lambda: "(limit 30 %)" in tab.caption("gaps"))
    tab.until(lambda: tab.numbers("gaps") != rest)


def test_without_instruments_nothing_is_read_and_the_page_says_why(tab: TrainPage) -> None:
    tab.set_number("instruments", 0)
    tab.press("start")
    tab.until(lambda: tab.iteration > 200)
    for chart in ("gaps", "zigzag", "saturation", "quality", "shares", "precision_recall"):
        assert "The instruments are off" in tab.caption(chart)
    assert "G's error" not in tab.status
    tab.press("measure")
    tab.until(lambda: "The instruments are off" in tab.status)


def test_measure_after_the_end_brings_a_fresh_value_and_the_table(new_tab: NewTab) -> None:
    tab = new_tab("?steps=200&width=16&depth=1&dataset=gaussian&latent_dim=1")
    tab.press("measure")
    tab.until(lambda: "No run to measure" in tab.status)
    tab.set_number("instruments", 0)
    tab.press("start")
    tab.until_state("finished")
    assert "The instruments are off" in tab.page.inner_text(".numbers summary")
    tab.set_number("instruments", 15)
    tab.press("measure")
    tab.until(lambda: "fitting a fresh D" in tab.status, seconds=60)
    tab.until(lambda: "V of a fresh D" in tab.page.inner_text(".st-key-chart_value .legend"), 240)
    tab.until(lambda: "like real" in tab.page.inner_text(".numbers summary"), 240)
    assert "at iteration 200" in tab.page.inner_text(".numbers summary")
    assert not tab.page.is_visible(".numbers table")
    tab.page.click(".numbers summary")
    tab.until(lambda: tab.page.is_visible(".numbers table"))
    rows = tab.page.locator(".numbers tbody tr").all_inner_texts()
    assert any(row.startswith("JSD") for row in rows)
    assert all(row.endswith(("like real", "outside")) for row in rows)


def test_a_run_that_ends_is_measured_without_being_asked(new_tab: NewTab) -> None:
    tab = new_tab("?steps=200&width=16&depth=1&dataset=gaussian&latent_dim=1")
    tab.press("start")
    tab.until_state("finished")
    tab.until(lambda: "V of a fresh D" in tab.page.inner_text(".st-key-chart_value .legend"), 240)
    tab.until(lambda: "like real" in tab.page.inner_text(".numbers summary"), 240)
    assert "at iteration 200" in tab.page.inner_text(".numbers summary")
    assert tab.state == "finished"


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_no_title_of_a_tab_is_cut(new_tab: NewTab, width: int) -> None:
    tab = new_tab(width=width)
    cut = tab.page.evaluate(
        """() => [...document.querySelectorAll('[role=tablist]')]
            .filter(list => list.scrollWidth > list.clientWidth + 1).map(list => list.innerText)"""
    )
    assert cut == []
