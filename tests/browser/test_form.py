"""The form in a real browser: what is folded, left out, dropped in or wrong."""

from pathlib import Path

import pytest

from tests.browser.conftest import NewTab
from tests.browser.page import TrainPage
from tests.stand_ins import write_numbers

pytestmark = pytest.mark.browser


def test_the_fold_stays_open_while_its_label_changes(tab: TrainPage) -> None:
    label = tab.page.locator(".st-key-tricks summary")
    assert "all off" in label.inner_text()
    assert tab.page.is_hidden(".st-key-spectral_norm")
    tab.open_tricks()
    tab.page.click(".st-key-spectral_norm label")
    tab.until(lambda: "1 on" in label.inner_text())
    tab.set_number("packing", 3)
    tab.until(lambda: "needs a correction" in label.inner_text())
    assert tab.page.is_visible(".st-key-packing")
    assert "packing must divide the batch of 256, got 3" in tab.sidebar
    tab.set_number("packing", 2)
    tab.until(lambda: "2 on" in label.inner_text())
    assert tab.page.is_visible(".st-key-packing")
    tab.press("start")
    tab.until(lambda: "of the probe" in tab.page.inner_text(".st-key-chart_value .caption"))
    assert "spectral_norm=true" in tab.page.url.lower()


def test_a_field_that_is_left_out_keeps_its_value(tab: TrainPage) -> None:
    tab.choose("optimizer", "sgd")
    tab.page.wait_for_selector(".st-key-momentum")
    tab.set_number("momentum", 0.5)
    tab.choose("optimizer", "adam")
    tab.page.wait_for_selector(".st-key-momentum", state="detached")
    tab.page.wait_for_timeout(500)
    tab.choose("optimizer", "sgd")
    tab.page.wait_for_selector(".st-key-momentum")
    assert tab.field("momentum").input_value() == "0.5"
    tab.press("start")
    tab.until(lambda: "momentum=0.5" in tab.page.url)


def test_a_csv_is_dropped_in_corrected_and_trained_on(tab: TrainPage, tmp_path: Path) -> None:
    wrong = tmp_path / "words.csv"
    wrong.write_text("a,b\n" + "x,y\n" * 20)
    tab.choose("dataset", "Your CSV file")
    tab.upload("csv", wrong)
    tab.until(lambda: "words.csv has no column of numbers" in tab.sidebar)
    tab.press("start")
    tab.until(lambda: "words.csv has no column of numbers" in tab.status)
    assert tab.state == "idle"
    tab.upload("csv", Path(write_numbers(tmp_path)))
    tab.until(lambda: "The networks see (x − shift) / scale" in tab.sidebar)
    tab.press("start")
    tab.until(lambda: tab.iteration > 3 and len(tab.numbers("samples")) > 200)


def test_without_a_v_the_charts_say_so(new_tab: NewTab) -> None:
    tab = new_tab("?loss=wasserstein&probe=false&clip=0.01")
    tab.press("start")
    tab.until(lambda: tab.iteration > 3)
    tab.until(lambda: "the probe is off" in tab.page.inner_text(".st-key-chart_value .plot"))
    assert "No V here" in tab.status


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_no_label_of_the_form_is_cut(new_tab: NewTab, width: int) -> None:
    tab = new_tab("?optimizer=sgd&fourier=4&instance_noise=0.1", width=width)
    if width < 768:
        tab.page.click("[data-testid=stExpandSidebarButton]")
    tab.open_tricks()
    cut = tab.page.evaluate(
        """() => [...document.querySelectorAll('.stSidebar label p, .stSidebar h5')]
            .filter(e => e.offsetWidth && e.scrollWidth > e.clientWidth + 1)
            .map(e => e.textContent)"""
    )
    if width < 768:
        tab.page.click("[data-testid=stSidebarCollapseButton] button")
    assert cut == []
