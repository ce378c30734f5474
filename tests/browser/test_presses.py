"""Every press acts once, whatever becomes of its message."""

import pytest

from tests.browser.conftest import NewTab
from tests.browser.page import BUTTONS, TrainPage

pytestmark = pytest.mark.browser

LONG = "?steps=10000000"

TWICE = """delay => {
  const send = WebSocket.prototype.send;
  let clicked = false;
  window.again = 0;
  window.addEventListener('click', () => { clicked = true; }, true);
  WebSocket.prototype.send = function (bytes) {
    send.call(this, bytes);
    if (!clicked) return;
    clicked = false;
    window.again += 1;
    setTimeout(() => send.call(this, bytes), delay);
  };
}"""
"""Sends the message of each click once more, as one that meets a timed redraw is sent."""

FAST = """async ([button, times, gap]) => {
  for (let i = 0; i < times; i++) {
    document.querySelector(`.st-key-${button} button`).click();
    await new Promise(done => setTimeout(done, gap));
  }
}"""


def idle(tab: TrainPage) -> list[str]:
    """The buttons that cannot be pressed."""
    return [name for name in BUTTONS if tab.page.is_disabled(f".st-key-{name} button")]


def test_any_order_is_safe(tab: TrainPage) -> None:
    assert idle(tab) == ["pause", "stop"]
    for button in ("reset", "measure", "reset"):
        tab.press(button)
        tab.page.wait_for_timeout(350)
    assert tab.state == "idle"
    tab.press("measure")
    tab.until(lambda: "press Start first" in tab.status)
    tab.press("step")
    tab.until(lambda: (tab.state, tab.iteration) == ("paused", 1))
    tab.press("start")
    tab.until_state("running")
    tab.page.wait_for_timeout(350)
    tab.press("start")
    tab.page.wait_for_timeout(500)
    assert tab.state == "running"
    tab.press("step")
    tab.until_state("paused")
    tab.press("stop")
    tab.until(lambda: idle(tab) == ["pause", "step", "stop"])
    assert tab.state == "stopped"
    tab.press("start")
    tab.until_state("running")
    tab.until(lambda: idle(tab) == [])


def test_a_run_that_ends_by_itself_cannot_be_paused_or_stopped(new_tab: NewTab) -> None:
    tab = new_tab("?steps=300&width=8")
    tab.press("start")
    tab.until(lambda: tab.state == "finished" and idle(tab) == ["pause", "step", "stop"])
    assert tab.iteration == 300


def test_twenty_pauses_in_a_row(new_tab: NewTab) -> None:
    tab = new_tab("?steps=10000000")
    tab.press("start")
    tab.until(lambda: tab.iteration > 0)
    for _ in range(10):
        tab.press("pause")
        tab.until_state("paused")
        tab.page.wait_for_timeout(400)
        assert tab.state == "paused"
        tab.press("pause")
        tab.until_state("running")
        tab.page.wait_for_timeout(400)
        assert tab.state == "running"


@pytest.mark.parametrize("delay", [1, 20])
def test_a_press_whose_message_comes_twice_acts_once(new_tab: NewTab, delay: int) -> None:
    tab = new_tab(LONG)
    tab.page.evaluate(TWICE, delay)
    tab.press("start")
    tab.until(lambda: tab.state == "running" and tab.iteration > 0)
    run = tab.run
    for state in ("paused", "running", "paused"):
        tab.press("pause")
        tab.until_state(state)
        tab.page.wait_for_timeout(delay + 600)
        assert tab.state == state
    rest = tab.at_rest()
    for n in (1, 2):
        tab.press("step")
        tab.until(lambda n=n: tab.iteration == rest + n)  # type: ignore[misc]
        tab.page.wait_for_timeout(delay + 600)
        assert tab.iteration == rest + n
    assert tab.page.evaluate("window.again") == 6
    assert tab.run == run


def test_presses_faster_than_the_page_answers_all_act(new_tab: NewTab) -> None:
    tab = new_tab(LONG)
    tab.press("start")
    tab.until(lambda: tab.state == "running" and tab.iteration > 0)
    for gap in (0, 30):
        tab.page.evaluate(FAST, ["pause", 3, gap])
        tab.until_state("paused")
        rest = tab.at_rest()
        tab.page.evaluate(FAST, ["step", 3, gap])
        tab.until(lambda rest=rest: tab.iteration == rest + 3)  # type: ignore[misc]
        assert tab.at_rest() == rest + 3
        tab.page.evaluate(FAST, ["pause", 2, gap])
        assert tab.at_rest() >= rest + 3
        assert tab.state == "paused"
        tab.page.evaluate(FAST, ["pause", 1, gap])
        tab.until_state("running")


def test_a_press_by_keys_is_one_like_any_other(new_tab: NewTab) -> None:
    tab = new_tab(LONG)
    tab.page.evaluate(TWICE, 1)
    tab.page.locator("body").press("Control+Enter")
    tab.until(lambda: tab.state == "running" and tab.iteration > 0)
    tab.page.wait_for_timeout(600)
    assert "already going" not in tab.status
    for key, state in (("Enter", "paused"), ("Space", "running"), ("Enter", "paused")):
        tab.page.focus(".st-key-pause button")
        tab.page.keyboard.press(key)
        tab.until_state(state)
        tab.page.wait_for_timeout(600)
        assert tab.state == state
    tab.page.reload()
    tab.ready()
    tab.until_state("paused")
    tab.press("pause")
    tab.until_state("running")
