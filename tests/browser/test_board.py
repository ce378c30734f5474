"""The board keeps to the window, whatever the window does."""

from functools import partial

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import NewTab
from tests.browser.page import TrainPage
from tests.browser.server import Server

pytestmark = pytest.mark.browser

FITS = """() => [...document.querySelectorAll('[data-chart]:not([data-open=false]) .plot')]
  .every(plot => plot.data && plot._fullLayout.width === plot.clientWidth
    && plot._fullLayout.height === plot.clientHeight
    && plot.querySelector('.main-svg').clientWidth === plot.clientWidth)"""

CUT = """() => [...document.querySelectorAll('[data-chart]:not([data-open=false]) .plot')]
  .flatMap(plot => [...plot.querySelectorAll('.xtick text, .ytick text')].filter(text => {
    const place = text.getBoundingClientRect(), card = plot.getBoundingClientRect();
    return place.left < card.left - 1 || place.right > card.right + 1;
  }).map(text => text.textContent))"""

OVERLAPS = """() => {
  const place = text => [text.textContent, text.getBoundingClientRect()];
  const meet = ([, a], [, b]) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 2 && b.top < a.bottom - 2;
  return [...document.querySelectorAll('[data-chart]:not([data-open=false]) .plot')]
    .flatMap(plot => {
      const texts = [...plot.querySelectorAll('.ytick text, .y2tick text, .ytitle, .y2title')];
      const at = texts.filter(text => text.textContent).map(place);
      return at.flatMap((a, i) => at.slice(i + 1).filter(b => meet(a, b)).map(b => [a[0], b[0]]));
    });
}"""
"""Pairs of words at an upright axis of which one lies on the other."""


def test_charts_of_a_run_at_rest_fill_their_places_after_any_change(new_tab: NewTab) -> None:
    tab = new_tab("?steps=60&width=8")
    tab.press("start")
    tab.until_state("finished")
    tab.until(lambda: tab.page.evaluate(FITS))
    for waits in (0, 10, 30, 60, 100, 150, 200, 300):
        # A change of theme redraws everything; the window changes while that is under way.
        for width, scheme in ((390, "dark"), (1400, "light")):
            tab.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            tab.page.wait_for_timeout(waits)
            tab.page.set_viewport_size({"width": width, "height": 900})
        tab.until(lambda: tab.page.evaluate(FITS), seconds=15)
    # A chart behind a tab is drawn for the new place when it is opened.
    tab.open("accuracy")
    tab.until(lambda: tab.page.evaluate(FITS), seconds=15)
    tab.page.wait_for_timeout(500)
    assert tab.page.evaluate(FITS)  # and nothing moves it away again


def test_charts_of_a_running_run_follow_the_window(new_tab: NewTab) -> None:
    tab = new_tab("?steps=10000000")
    tab.press("start")
    tab.until(lambda: tab.iteration > 0)
    for width in (800, 1400, 390):
        seen = tab.iteration
        tab.page.set_viewport_size({"width": width, "height": 900})
        tab.until(lambda: tab.page.evaluate(FITS), seconds=15)
        assert tab.state == "running"
        tab.until(partial(moved_on, tab, seen))


def moved_on(tab: TrainPage, seen: int) -> bool:
    return tab.iteration > seen


def test_no_number_of_an_axis_is_cut_at_the_end_of_a_run(new_tab: NewTab) -> None:
    """The last iteration is a round number, at the very end of its axis."""
    tab = new_tab("?steps=1000&width=8")
    tab.press("start")
    tab.until_state("finished")
    assert tab.iteration == 1000
    tab.open("terms")
    for width in (1400, 390):
        tab.page.set_viewport_size({"width": width, "height": 900})
        tab.until(lambda: tab.page.evaluate(FITS), seconds=15)
        tab.until(lambda: "1,000" in (tab.page.text_content(".st-key-chart_terms .plot") or ""))
        assert tab.page.evaluate(CUT) == []


def test_the_numbers_of_a_run_that_diverged_lie_on_nothing(new_tab: NewTab) -> None:
    """They reach 1e+17: wide labels, and gradient norms over twenty powers of ten."""
    tab = new_tab("?lr_d=1.0&lr_g=1.0&depth=8&width=64")
    tab.press("start")
    tab.until_state("diverged")
    for width in (1400, 390):
        tab.page.set_viewport_size({"width": width, "height": 900})
        for left, middle in (
            ("terms", "histogram"),
            ("losses", "gradients"),
            ("zigzag", "accuracy"),
        ):
            tab.open(left)
            tab.open(middle)
            tab.until(lambda: tab.page.evaluate(FITS), seconds=15)
            assert tab.page.evaluate(OVERLAPS) == []


def test_plotly_comes_once_and_stays(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    sizes: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda f: sizes.append(len(f))))
    tab = TrainPage(page, f"{server.url}/?steps=10000000")
    assert max(sizes) > 1e6
    tab.press("start")
    tab.until(lambda: tab.iteration > 100)
    sizes.clear()
    for width in (16, 24, 32):
        tab.set_number("width", width)  # draws the whole page
        tab.until(lambda: "Waits for a restart: Width" in tab.status)
        tab.until(partial(moved_on, tab, tab.iteration))
    assert 0 < max(sizes) < 1e6
    tab.press("reset")
    page.close()
    assert tab.errors == []


def test_messages_that_overtake_one_another_do_not_empty_the_board(new_tab: NewTab) -> None:
    """A browser that was busy for a while takes several at once."""
    tab = new_tab("?steps=10000000")
    tab.press("start")
    # A new run empties the board once: its own first chart has to be there.
    tab.until(lambda: tab.iteration > 100 and max(tab.numbers("value"), default=0) > 100)
    tab.page.evaluate(
        """() => {
          const purge = Plotly.purge;
          window.emptied = 0;
          Plotly.purge = (plot) => { window.emptied += 1; return purge(plot); };
        }"""
    )
    for _ in range(15):
        tab.page.evaluate("() => { const until = Date.now() + 400; while (Date.now() < until); }")
        tab.page.wait_for_timeout(150)
    assert tab.page.evaluate("window.emptied") == 0
    tab.until(partial(moved_on, tab, tab.iteration))
