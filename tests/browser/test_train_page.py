"""The Train page in a real browser, pressed as people press."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import NewTab
from tests.browser.page import BUTTONS, CHARTS, TrainPage
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def test_every_chart_moves(tab: TrainPage) -> None:
    assert (tab.state, tab.iteration) == ("idle", 0)
    assert "Press Start" in tab.page.inner_text(".ganviz-board .hint")
    tab.set_number("instruments", 50)
    tab.press("start")
    tab.until(lambda: tab.iteration > 10)
    for chart in CHARTS:
        if chart not in tab.open_charts and chart not in ("value", "samples"):
            tab.open(chart)
        before = tab.numbers(chart)
        tab.until(lambda chart=chart, before=before: tab.numbers(chart) != before)  # type: ignore[misc]
    assert tab.page.is_hidden(".ganviz-board .hint")


def test_pause_step_resume_stop_reset(new_tab: NewTab) -> None:
    tab = new_tab("?steps=10000000")
    tab.press("start")
    tab.until(lambda: tab.state == "running" and tab.iteration > 0)
    tab.press("pause")
    tab.until_state("paused")
    rest = tab.at_rest()
    tab.press("step")
    tab.until(lambda: tab.iteration > rest)
    assert tab.at_rest() == rest + 1
    tab.press("pause")
    tab.until(lambda: tab.state == "running" and tab.iteration > rest + 1)
    tab.press("stop")
    tab.until_state("stopped")
    tab.until(lambda: len(tab.numbers("value")) > 100)
    tab.press("reset")
    tab.until_state("idle")
    assert tab.iteration == 0
    tab.until(lambda: tab.run is None)


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_nothing_moves_whatever_is_said(new_tab: NewTab, width: int) -> None:
    tab = new_tab("?steps=10000000&width=8", width=width)

    def places() -> dict[str, object]:
        where = [f".st-key-{name} button >> visible=true" for name in BUTTONS]
        keys = [*where, ".st-key-verdict", ".st-key-chart_value"]
        boxes = {key: tab.page.locator(key).bounding_box() for key in keys}
        return {k: (round(b["x"]), round(b["y"])) for k, b in boxes.items() if b}

    before = places()
    tab.page.locator(".st-key-measure button >> visible=true").click()
    tab.until(lambda: "No run to measure" in tab.status)
    assert places() == before
    assert "Press Start" in tab.page.inner_text(".st-key-verdict")
    tab.press("start")
    tab.until(lambda: "G's error is" in tab.page.inner_text(".st-key-verdict"))
    assert places() == before
    tab.press("start")
    tab.until(lambda: "already going" in tab.status)
    assert places() == before
    tab.until(lambda: "metrics like real" in tab.page.inner_text(".st-key-verdict"))
    assert places() == before


def test_zoom_survives_redraws(tab: TrainPage) -> None:
    tab.press("start")
    tab.until(lambda: tab.iteration > 50)
    drag = tab.page.locator(".st-key-chart_value .nsewdrag").first
    box = drag.bounding_box()
    assert box
    left, top = box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"]
    tab.page.mouse.move(left, top)
    tab.page.mouse.down()
    tab.page.mouse.move(left + 0.4 * box["width"], top + 0.3 * box["height"], steps=5)
    tab.page.mouse.up()
    ranges = "document.querySelector('.st-key-chart_value .plot').layout.xaxis.range.slice()"
    zoomed = tab.page.evaluate(ranges)
    assert zoomed[0] > 0
    seen = tab.iteration
    tab.until(lambda: tab.iteration > seen + 100)
    assert tab.page.evaluate(ranges) == zoomed
    # Nor is it lost where the chart gets another size, as by a caption of one more line.
    tab.page.set_viewport_size({"width": 1300, "height": 1000})
    seen = tab.iteration
    tab.until(lambda: tab.iteration > seen + 100)
    assert tab.page.evaluate(ranges) == zoomed
    tab.page.set_viewport_size({"width": 1400, "height": 900})
    tab.page.wait_for_timeout(1000)
    # A double click gives the whole run back, as it is by then.
    tab.page.mouse.dblclick(left, top)
    tab.until(lambda: tab.page.evaluate(ranges)[1] > seen + 50)
    assert tab.page.evaluate(ranges)[0] == 0


def test_a_second_run_starts_with_fresh_axes(tab: TrainPage) -> None:
    ends = "document.querySelector('.st-key-chart_value .plot')?._fullLayout?.xaxis.range[1] ?? 0"
    for preset in ("Ring: a healthy game", "Digits: real images", "Two moons"):
        before = tab.page.url
        tab.choose("preset", preset)
        tab.press("start")
        tab.until(lambda before=before: tab.page.url != before)  # type: ignore[misc]
        tab.until(lambda: tab.state == "running" and tab.iteration > 30)
        tab.until(lambda: 0.5 < tab.page.evaluate(ends) / tab.iteration < 1.5)
        assert tab.state == "running"


def test_reload_finds_the_run(tab: TrainPage) -> None:
    tab.set_number("width", 48)
    tab.press("start")
    tab.until(lambda: tab.iteration > 20)
    assert "run=" in tab.page.url
    before = tab.iteration
    tab.page.reload()
    tab.ready()
    assert tab.state == "running"
    assert tab.iteration >= before
    assert tab.field("width").input_value() == "48"


def test_two_tabs_are_two_runs_unless_they_share_an_address(new_tab: NewTab) -> None:
    one, two = new_tab("?steps=10000000"), new_tab()
    one.press("start")
    one.until(lambda: one.iteration > 5)
    assert two.state == "idle"
    two.press("step")
    two.until(lambda: (two.state, two.iteration) == ("paused", 1))
    three = new_tab("?" + one.page.url.split("?")[1])
    three.until(lambda: three.state == "running" and three.iteration > 5)
    three.press("pause")
    three.until_state("paused")
    one.until_state("paused")
    assert (two.state, two.iteration) == ("paused", 1)


def test_live_edit_marks_the_curves(tab: TrainPage) -> None:
    tab.press("start")
    tab.until(lambda: tab.iteration > 20)
    tab.set_number("lr_d", 0.0005)
    notes = (
        "document.querySelector('.st-key-chart_value .plot').layout.annotations.map(a => a.text)"
    )
    tab.until(lambda: "lr_d 0.0005" in tab.page.evaluate(notes))
    tab.set_number("g_steps", 0)
    tab.until(lambda: "g_steps 0" in tab.page.evaluate(notes))
    assert tab.state == "running"


def test_other_edits_wait_for_a_restart_and_say_so(tab: TrainPage) -> None:
    tab.press("start")
    tab.until(lambda: tab.iteration > 50)
    first = tab.page.url
    tab.set_number("width", 32)
    tab.until(lambda: "Waits for a restart: Width" in tab.status)
    assert tab.state == "running"
    tab.press("start")
    tab.until(lambda: tab.page.url != first and tab.state == "running")
    assert "width=32" in tab.page.url


BAD = [
    ("steps", 0, "Iterations must be at least 1, got 0"),
    ("lr_d", 7, "D learning rate must be at most 1, got 7"),
    ("width", -3, "Width must be at least 1, got -3"),
]


def test_bad_values_are_named_where_they_are(tab: TrainPage) -> None:
    tab.press("start")
    tab.until(lambda: tab.iteration > 0)
    alert = tab.page.locator(".stSidebar [role=alert]")
    sentence = ""
    for field, value, sentence in BAD:
        before = tab.field(field).input_value()
        tab.set_number(field, value)
        tab.until(lambda: alert.count() == 1)
        assert alert.inner_text().strip() == sentence
        assert tab.state == "running"
        if (field, value, sentence) != BAD[-1]:
            tab.set_number(field, before)
            tab.until(lambda: alert.count() == 0)
    tab.press("stop")
    tab.until_state("stopped")
    curves = tab.until(lambda: len(tab.numbers("value")))
    tab.press("start")
    tab.until(lambda: sentence in tab.page.inner_text("body"))
    assert tab.state == "stopped"
    assert len(tab.numbers("value")) >= curves


def test_both_players_frozen_and_a_batch_above_the_digits(tab: TrainPage) -> None:
    tab.set_number("d_steps", 0)
    tab.set_number("g_steps", 0)
    tab.until(lambda: "neither player would learn" in tab.page.inner_text(".stSidebar"))
    tab.set_number("d_steps", 1)
    tab.choose("preset", "Digits: real images")
    tab.until(lambda: tab.field("batch_size").input_value() == "64")
    tab.set_number("batch_size", 2000)
    tab.until(lambda: "digits has only 1,437 samples" in tab.page.inner_text(".stSidebar"))
    tab.press("start")
    tab.until(lambda: "digits has only 1,437 samples" in tab.status)
    assert tab.state == "idle"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?width=abc", "Width must be a whole number, got 'abc'"),
        ("?loss=minmax", "did you mean 'minimax'?"),
        ("?run=gone1234", "Run gone1234 is no longer here"),
        ("?%%%=&=", "The address holds a setting that cannot be"),
    ],
)
def test_broken_addresses_are_explained(new_tab: NewTab, query: str, words: str) -> None:
    tab = new_tab(query)
    assert words in tab.status
    tab.press("start")
    tab.until(lambda: tab.state == "running" and tab.iteration > 0)


@pytest.mark.parametrize(
    "preset", ["Digits: real images", "One Gaussian: D and densities as curves"]
)
def test_images_and_lines_are_drawn(tab: TrainPage, preset: str) -> None:
    tab.choose("preset", preset)
    tab.press("start")
    tab.until(lambda: tab.iteration > 3 and len(tab.numbers("samples")) > 200)
    assert tab.state == "running"


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_layout(new_tab: NewTab, width: int) -> None:
    tab = new_tab(width=width)
    boxes = {c: tab.page.locator(f".st-key-chart_{c}").bounding_box() for c in CHARTS}
    sizes = {c: box["width"] * box["height"] for c, box in boxes.items() if box}
    assert max(sizes, key=lambda c: sizes[c]) == "value"
    page = "document.querySelector('.stMain')"
    assert tab.page.evaluate(f"{page}.scrollWidth - {page}.clientWidth") == 0
    if width == 1400:
        assert tab.page.evaluate(f"{page}.scrollHeight - {page}.clientHeight") == 0
    keys = [*BUTTONS, "preset", "instruments", "status", "verdict", "which_g", "numbers"]
    once = [*keys, *(f"chart_{c}" for c in CHARTS)]
    assert {key: tab.page.locator(f".st-key-{key}").count() for key in once} == dict.fromkeys(
        once, 1
    )


def test_interrupt_with_an_open_tab_ends_with_zero(browser: Browser) -> None:
    server = Server()
    page = browser.new_page()
    try:
        tab = TrainPage(page, server.url)
        tab.press("start")
        tab.until(lambda: tab.iteration > 20)
        code, output = server.interrupt()
    finally:
        server.stop()
        page.close()
    assert code == 0, output
    assert "Traceback" not in output, output
