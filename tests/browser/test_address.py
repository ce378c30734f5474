"""What an address names is shown: Back, Forward, and two tabs on one run."""

import pytest

from tests.browser.conftest import NewTab
from tests.browser.page import TrainPage

pytestmark = pytest.mark.browser

LONG = "?steps=10000000"


def test_back_and_forward_show_the_run_that_the_address_names(tab: TrainPage) -> None:
    tab.set_number("width", 16)
    tab.set_number("steps", 40)
    tab.press("start")
    tab.until_state("finished")
    first = tab.run
    tab.set_number("width", 24)
    tab.set_number("steps", 70)
    tab.press("start")
    tab.until(lambda: tab.run not in (None, first))
    tab.until_state("finished")
    second = tab.run
    tab.until(lambda: tab.iteration == 70)

    def shows(run: str | None, iteration: int, width: str) -> bool:
        seen = tab.run, tab.iteration, tab.field("width").input_value()
        return seen == (run, iteration, width)

    tab.page.go_back()
    tab.until(lambda: shows(first, 40, "16"))
    tab.until(lambda: max(tab.numbers("value")) == 40)
    tab.page.go_back()
    tab.until(lambda: shows(None, 0, "64"))
    assert tab.state == "idle"
    tab.page.go_forward()
    tab.until(lambda: shows(first, 40, "16"))
    tab.page.go_forward()
    tab.until(lambda: shows(second, 70, "24"))
    tab.page.wait_for_timeout(2500)
    assert shows(second, 70, "24")


def test_back_from_a_run_that_goes_on_and_forward_to_it(new_tab: NewTab) -> None:
    tab = new_tab(LONG)
    tab.press("start")
    tab.until(lambda: tab.iteration > 50)
    run, seen = tab.run, tab.iteration
    tab.page.go_back()
    tab.until_state("idle")
    assert tab.iteration == 0
    tab.page.go_forward()
    tab.until(lambda: tab.state == "running" and tab.iteration > seen)
    assert tab.run == run
    tab.press("stop")
    tab.until_state("stopped")


def test_back_to_a_run_that_was_reset(tab: TrainPage) -> None:
    tab.set_number("steps", 40)
    tab.press("start")
    tab.until_state("finished")
    run = tab.run
    tab.press("reset")
    tab.until_state("idle")
    tab.until(lambda: tab.run is None)
    tab.page.wait_for_timeout(2500)  # by then the browser has said that it knows this address
    tab.page.go_back()
    tab.until_state("finished")
    assert (tab.run, tab.iteration) == (run, 40)


def test_two_tabs_on_one_run_show_the_values_in_force(new_tab: NewTab) -> None:
    one = new_tab(LONG)
    one.press("start")
    one.until(lambda: one.iteration > 5)
    two = new_tab("?" + one.page.url.split("?")[1])
    two.until(lambda: two.state == "running")
    one.set_number("lr_d", "0,0005")
    two.until(lambda: two.field("lr_d").input_value() == "0.0005")
    two.set_number("g_steps", 2)
    one.until(lambda: one.field("g_steps").input_value() == "2")
    two.set_number("instruments", 30)
    one.until(lambda: one.field("instruments").input_value() == "30")
    one.press("pause")
    two.until_state("paused")
    two.until(lambda: two.page.inner_text(".st-key-pause button") == "Resume")
    two.set_number("lr_d", 0.002)
    one.until(lambda: one.field("lr_d").input_value() == "0.002")
    two.press("pause")
    one.until_state("running")
    one.press("stop")
    two.until_state("stopped")
    assert [tab.field("lr_d").input_value() for tab in (one, two)] == ["0.002", "0.002"]


def test_a_live_edit_leaves_what_another_tab_prepares(new_tab: NewTab) -> None:
    one = new_tab(LONG)
    one.press("start")
    one.until(lambda: one.iteration > 5)
    two = new_tab("?" + one.page.url.split("?")[1])
    two.set_number("width", 24)
    two.until(lambda: "Width" in two.status)
    one.set_number("lr_g", 0.004)
    two.until(lambda: two.field("lr_g").input_value() == "0.004")
    assert two.field("width").input_value() == "24"
    assert "Width" in two.status
    one.press("stop")
    two.until_state("stopped")


def test_back_right_after_start_is_no_late_news(tab: TrainPage) -> None:
    """The browser has not yet said that it knows the newest address."""
    tab.set_number("steps", 40)
    tab.set_number("width", 8)
    tab.press("start")
    tab.until_state("finished")
    first = tab.run
    tab.page.wait_for_timeout(2500)
    tab.set_number("steps", 10_000_000)
    tab.press("start")
    tab.page.evaluate(
        """async first => {
          const run = () => new URLSearchParams(location.search).get("run");
          while (run() === first) await new Promise(requestAnimationFrame);
          history.back();
        }""",
        first,
    )
    tab.until(lambda: (tab.run, tab.state, tab.iteration) == (first, "finished", 40))
    tab.page.wait_for_timeout(2500)
    assert (tab.run, tab.state, tab.iteration) == (first, "finished", 40)
