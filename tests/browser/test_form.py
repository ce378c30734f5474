"""The form in a real browser: what is folded, left out, dropped in or wrong."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator

from ganviz import PRESETS
from ganviz.config.schema import REGISTRIES
from tests.browser.conftest import SLOWEST, NewTab
from tests.browser.page import TrainPage
from tests.browser.server import Server
from tests.stand_ins import write_numbers

pytestmark = pytest.mark.browser

EVERY_FIELD = "?optimizer=sgd&fourier=4&instance_noise=0.1&penalty=r1&penalty_schedule=cosine"


def test_the_fold_stays_open_while_its_label_changes(tab: TrainPage) -> None:
    label = tab.page.locator(".st-key-tricks summary")
    assert "all off" in label.inner_text()
    assert tab.page.is_hidden(".st-key-spectral_norm")
    tab.reveal("spectral_norm")
    tab.page.click(".st-key-spectral_norm label")
    tab.until(lambda: "1 on" in label.inner_text())
    tab.set_number("packing", 3)
    tab.until(lambda: "needs a correction" in label.inner_text())
    assert tab.page.is_visible(".st-key-packing")
    assert "Packing must divide the batch of 256, got 3" in tab.sidebar
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


def test_what_is_typed_is_kept_while_the_form_above_it_changes(new_tab: NewTab) -> None:
    for _ in range(2):
        tab = new_tab()
        tab.set_number("width", 16)  # takes the lesson away
        tab.set_number("batch_size", 0)  # brings a complaint
        tab.set_number("batch_size", 32)
        tab.set_number("steps", 40)
        tab.press("start")
        tab.until(lambda tab=tab: tab.run)  # type: ignore[misc]
        assert all(part in tab.page.url for part in ("width=16", "batch_size=32", "steps=40"))


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
def test_no_label_of_the_form_is_cut_or_wrapped(new_tab: NewTab, width: int) -> None:
    tab = new_tab(EVERY_FIELD, width=width)
    if width < 768:
        tab.open_sidebar()
    tab.open_folds()
    labels = tab.page.evaluate(
        """() => [...document.querySelectorAll('.stSidebar label p')].filter(e => e.offsetWidth)
            .map(e => [e.textContent, e.scrollWidth > e.clientWidth + 1, e.offsetHeight])"""
    )
    if width < 768:
        tab.close_sidebar()
    assert len(labels) > 30
    line = min(height for _, _, height in labels)
    assert [name for name, cut, height in labels if cut or height > 1.5 * line] == []


@pytest.fixture(scope="module")
def unfolded(browser: Browser, server: Server) -> Iterator[TrainPage]:
    """A page whose folds are open, to look at only."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(SLOWEST)
    tab = TrainPage(page, server.url)
    tab.open_folds()
    yield tab
    page.close()
    assert tab.errors == []


def test_no_choice_of_the_form_is_cut(unfolded: TrainPage) -> None:
    names = {key: [e.label for e in registry.values()] for key, registry in REGISTRIES.items()}
    names["preset"] = [preset.label for preset in PRESETS.values()]
    cut = unfolded.page.evaluate(
        """names => Object.entries(names).flatMap(([key, all]) => {
            const field = document.querySelector(`.st-key-${key} input`);
            const style = getComputedStyle(field);
            const pen = document.createElement('canvas').getContext('2d');
            pen.font = style.font;
            const room = field.clientWidth - parseFloat(style.paddingLeft)
              - parseFloat(style.paddingRight);
            return all.filter(name => pen.measureText(name).width > room);
        })""",
        names,
    )
    assert cut == []


def test_ten_knobs_stand_before_the_folds(tab: TrainPage) -> None:
    seen = tab.page.evaluate(
        """() => [...document.querySelectorAll('.stSidebar input')].filter(e => e.checkVisibility())
            .map(e => e.closest('[class*=st-key-]').className.match(/st-key-(\\S+)/)[1])"""
    )
    options = [f"dataset_options-{name}" for name in ("modes", "radius", "std")]
    knobs = ["loss", "penalty", "penalty_weight", "lr_d", "lr_g", "width", "batch_size"]
    assert seen == ["preset", "dataset", *options, *knobs, "steps", "seed", "instruments"]
    assert tab.page.locator(".stSidebar summary").all_inner_texts()
    assert "restarts" not in tab.sidebar


def test_only_what_is_live_is_marked_and_in_its_own_field(unfolded: TrainPage) -> None:
    marked = unfolded.page.evaluate(
        """() => [...document.querySelectorAll('.stSidebar .stMarkdownBadge')].map(badge => {
            const of = badge.closest('[class*=st-key-live_]');
            const field = of.querySelector('input').parentElement.getBoundingClientRect();
            const mark = badge.getBoundingClientRect();
            const inside = field.left < mark.left && mark.right < field.right
              && field.top < mark.top && mark.bottom < field.bottom;
            return [of.className.match(/st-key-live_(\\S+)/)[1], badge.textContent, inside];
        })"""
    )
    live = ("lr_d", "lr_g", "d_steps", "g_steps", "instruments")
    assert sorted(marked) == sorted([name, "live", True] for name in live)


def test_names_are_plain_words(unfolded: TrainPage) -> None:
    names = unfolded.page.evaluate(
        "() => [...document.querySelectorAll('[aria-label]')].map(e => e.ariaLabel)"
    )
    assert {"Dataset", "D learning rate", "Help for Width", "Spectral norm"} <= set(names)
    assert [name for name in names if re.search(r"[\[\]*`$]|:\w+\[", name)] == []
    for name in ("Start", "Pause", "Step", "Stop", "Reset", "Measure"):
        assert unfolded.page.get_by_role("button", name=name, exact=True).count() == 1


@pytest.mark.parametrize("width", [1400, 390])
def test_start_is_within_ten_tabs_of_the_top(new_tab: NewTab, width: int) -> None:
    tab = new_tab(width=width)
    for _ in range(10):
        tab.page.keyboard.press("Tab")
        if tab.focused == "start":
            break
    assert tab.focused == "start"
    tab.page.keyboard.press("Enter")
    tab.until(lambda: tab.iteration > 0)


def test_the_keys_of_start_take_what_is_being_typed(tab: TrainPage) -> None:
    field = tab.field("width")
    field.fill("48")
    field.press("Control+Enter")
    tab.until(lambda: tab.iteration > 0)
    tab.until(lambda: "width=48" in tab.page.url)
    first = tab.run
    tab.page.locator("body").press("Control+Enter")
    tab.until(lambda: "This run is already going" in tab.status)
    assert tab.run == first


COMMAS = [
    ("lr_d", "0,001", "0.001"),
    ("lr_g", ",0005", "0.0005"),
    ("penalty_weight", "2,5", "2.5"),
    ("beta1", "0,9", "0.9"),
    ("dataset_options-std", "0,02", "0.02"),
    ("steps", "1 000 000", "1000000"),
]


def test_a_typed_comma_is_a_comma(tab: TrainPage) -> None:
    for name, keys, shown in COMMAS:
        tab.reveal(name)
        field = type_into(tab, name, keys)
        tab.until(lambda field=field, shown=shown: field.input_value() == shown)  # type: ignore[misc]
        assert tab.page.locator(".stSidebar [role=alert]").count() == 0


NONE = [
    ("lr_d", "1,000", "D learning rate is not clear, got '1,000': write 1 or 1000"),
    ("steps", "8.000", "Iterations is not clear, got '8.000': write 8 or 8000"),
    ("width", "1,5", "Width must be a whole number, got '1,5'"),
    ("instruments", "1,5", "Instruments, % of the time must be a whole number, got '1,5'"),
    ("batch_size", "", "Batch size is empty: give a whole number"),
]


def test_a_number_that_is_none_starts_nothing_and_stays(tab: TrainPage) -> None:
    alert = tab.page.locator(".stSidebar [role=alert]")
    for name, keys, sentence in NONE:
        before = tab.field(name).input_value()
        field = type_into(tab, name, keys)
        tab.until(lambda: alert.count() == 1)
        assert alert.inner_text().strip() == sentence
        tab.press("start")
        tab.until(lambda sentence=sentence: sentence in tab.status)  # type: ignore[misc]
        assert tab.state == "idle"
        assert field.input_value() == keys
        type_into(tab, name, before)
        tab.until(lambda: alert.count() == 0)


def type_into(tab: TrainPage, name: str, keys: str) -> Locator:
    """Key by key, and leave the field."""
    field = tab.field(name)
    field.fill("")
    field.press_sequentially(keys)
    field.press("Tab")
    return field


def test_restore_preset_undoes_edits_and_the_lesson_says_where_it_ends(tab: TrainPage) -> None:
    restore = tab.page.locator(".st-key-restore_preset button")
    assert restore.is_disabled()
    tab.set_number("seed", 3)
    tab.until(restore.is_enabled)
    assert "need not hold" not in tab.sidebar
    tab.set_number("width", 16)
    tab.choose("loss", "Hinge")
    tab.until(lambda: "Edited: Width, Loss. The lesson need not hold now." in tab.sidebar)
    tab.press("restore_preset")
    tab.until(restore.is_disabled)
    tab.until(lambda: "need not hold" not in tab.sidebar)
    before = {"width": "64", "seed": "0", "loss": "Non-saturating"}
    tab.until(lambda: {key: tab.field(key).input_value() for key in before} == before)
