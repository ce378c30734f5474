"""Runs that last, in a browser: two curves, what the change did, restart, undo, seeds as a band."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import SLOWEST
from tests.browser.page import TrainPage
from tests.browser.server import Server

pytestmark = pytest.mark.browser

QUICK = "?dataset=gaussian&width=16&steps=400"

_LINES = """name => {
  const plot = document.querySelector(`.st-key-chart_${name} .js-plotly-plot, ` +
                                      `.st-key-chart_${name} .plot`);
  return (plot?.data ?? []).map(t => ({
    name: t.name, meta: t.meta ?? {}, n: t.y?.length ?? 0, fill: t.fill ?? "", shown: t.showlegend
  }));
}"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def pages(browser: Browser) -> Iterator[Any]:
    opened: list[TrainPage] = []

    def open_page(url: str) -> TrainPage:
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        context.set_default_timeout(SLOWEST)
        opened.append(TrainPage(context.new_page(), url))
        return opened[-1]

    yield open_page
    for tab in opened:
        tab.page.context.close()
    # Streamlit first asks below the page's own path, and a killed server answers nothing.
    expected = ("404", "ERR_CONNECTION", "ERR_INCOMPLETE")
    errors = [error for tab in opened for error in tab.errors]
    assert [error for error in errors if not any(part in error for part in expected)] == []


def lines(page: Page, chart: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(_LINES, chart)
    return found


def curves_of_v(tab: TrainPage) -> set[str]:
    """The runs whose V is drawn."""
    return {
        line["meta"]["run"]
        for line in lines(tab.page, "value")
        if line["meta"].get("part") == "value" and "run" in line["meta"] and line["n"] > 1
    }


def two_runs(tab: TrainPage) -> tuple[str, str]:
    tab.press("start")
    tab.until_state("finished")
    tab.until(lambda: "measur" not in tab.status)
    one = tab.run
    tab.set_number("lr_d", "0.004")
    tab.page.wait_for_timeout(500)
    tab.press("start")
    tab.until(lambda: tab.run not in (None, one))
    tab.until_state("finished")
    tab.until(lambda: len(curves_of_v(tab)) == 2)
    two = tab.run
    assert one
    assert two
    return one, two


def test_two_runs_side_by_side_through_a_restart_a_second_tab_and_undo(
    pages: Any, home: Path
) -> None:
    server = Server(home=home)
    tab = pages(f"{server.url}/{QUICK}")
    one, two = two_runs(tab)
    assert curves_of_v(tab) == {one, two}
    assert "lr D .001" in [line["name"] for line in lines(tab.page, "value")]
    said = tab.until(
        lambda: "→" in (text := tab.page.inner_text(".st-key-outcome")) and text, seconds=60
    )
    assert said.startswith("lr D .004: G's error ")
    assert "One seed each" in said
    assert tab.page.locator(f".st-key-run_{one}").count() == 1
    query = tab.page.url.partition("?")[2]
    tab.page.wait_for_timeout(2000)  # what a run has told in its last second may be lost
    tab.page.goto("about:blank")
    server.kill()
    again = Server(home=home)
    for _ in range(2):  # a reload, and a second tab
        other = pages(f"{again.url}/?{query}")
        other.until(lambda other=other: curves_of_v(other) == {one, two})
        assert other.state == "finished"
    other.page.click(f".st-key-delete_{one} button")
    other.until(lambda: curves_of_v(other) == {two})
    other.page.click(".st-key-undo button")
    other.until(lambda: curves_of_v(other) == {one, two})
    other.page.click(f".st-key-run_{one} label")
    other.until(lambda: curves_of_v(other) == {two})
    for page in (tab, other):
        page.page.goto("about:blank")
    output = again.stop()
    assert "Traceback" not in output, output


def test_a_killed_server_s_run_is_interrupted_and_continues(pages: Any, home: Path) -> None:
    server = Server(home=home)
    tab = pages(f"{server.url}/?dataset=gaussian&width=16&steps=1000000")
    tab.press("start")
    tab.until(lambda: tab.iteration > 300)
    tab.page.wait_for_timeout(1500)
    query = tab.page.url.partition("?")[2]
    tab.page.goto("about:blank")
    server.kill()
    again = Server(home=home)
    other = pages(f"{again.url}/?{query}")
    other.until_state("interrupted")
    step = other.iteration
    assert step > 0
    other.page.click(".st-key-continue button")
    other.until_state("running")
    other.until(lambda: other.iteration > step)
    assert other.run == tab.run or other.run in query
    other.press("stop")
    other.until_state("stopped")
    other.page.goto("about:blank")
    assert "Traceback" not in again.stop()


def test_three_seeds_are_a_band_and_are_compared(pages: Any, home: Path) -> None:
    server = Server(home=home)
    tab = pages(f"{server.url}/{QUICK}")
    tab.press("start")
    tab.until_state("finished")
    tab.page.click(".st-key-seeds button")

    def banded() -> bool:
        return any(len(line["meta"].get("runs", ())) == 3 for line in lines(tab.page, "value"))

    tab.until(banded, seconds=120)
    assert any(line["fill"] == "toself" for line in lines(tab.page, "value"))
    assert tab.run
    every = [tab.run, *tab.page.url.partition("runs=")[2].partition("&")[0].split("%2C")]
    assert len(every) == 3
    tab.page.goto(f"{server.url}/compare?runs={','.join(every)}")
    tab.page.wait_for_selector(".st-key-chart_losses .js-plotly-plot")
    tab.page.click(".st-key-group_by [role=combobox]")
    tab.page.get_by_role("option", name="all but the seed").click()
    tab.until(banded, seconds=60)
    assert tab.page.locator(".st-key-compare_table").count() == 1
    assert tab.page.locator(".st-key-x_axis").count() == 1
    tab.page.click(".st-key-delete_runs button")
    tab.page.wait_for_selector(".st-key-undo button")
    tab.page.click(".st-key-undo button")
    tab.page.get_by_role("link", name="Train").first.click()
    tab.ready()
    tab.page.goto("about:blank")
    assert "Traceback" not in server.stop()
