"""The board keeps to the window, whatever the window does."""

from functools import partial

from tests.browser.conftest import NewTab
from tests.browser.page import TrainPage

FITS = """() => [...document.querySelectorAll('[data-chart]:not([data-open=false]) .plot')]
  .every(plot => plot.data && plot._fullLayout.width === plot.clientWidth
    && plot._fullLayout.height === plot.clientHeight
    && plot.querySelector('.main-svg').clientWidth === plot.clientWidth)"""

CUT = """() => [...document.querySelectorAll('[data-chart]:not([data-open=false]) .plot')]
  .flatMap(plot => [...plot.querySelectorAll('.xtick text, .ytick text')].filter(text => {
    const place = text.getBoundingClientRect(), card = plot.getBoundingClientRect();
    return place.left < card.left - 1 || place.right > card.right + 1;
  }).map(text => text.textContent))"""


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
    tab = new_tab("?steps=4000&width=8")
    tab.press("start")
    tab.until_state("finished")
    assert tab.iteration == 4000
    tab.open("terms")
    for width in (1400, 390):
        tab.page.set_viewport_size({"width": width, "height": 900})
        tab.until(lambda: tab.page.evaluate(FITS), seconds=15)
        tab.until(lambda: "4,000" in (tab.page.text_content(".st-key-chart_terms .plot") or ""))
        assert tab.page.evaluate(CUT) == []


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
    for _ in range(25):
        tab.page.evaluate("() => { const until = Date.now() + 400; while (Date.now() < until); }")
        tab.page.wait_for_timeout(150)
    assert tab.page.evaluate("window.emptied") == 0
