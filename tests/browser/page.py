"""The Train page as a person sees it: its buttons, its status line, its charts."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, TimeoutError, expect

CARDS = (
    ("terms", "losses", "gaps", "zigzag"),
    ("histogram", "saturation", "accuracy", "gradients"),
    ("quality", "shares", "precision_recall"),
)
"""Charts behind tabs; the first of each card is open on a page of the default preset."""

CHARTS = ("value", "samples", *(name for card in CARDS for name in card))
LIVE_CHARTS = ("value", "samples", "terms", "histogram")
"""Charts that are seen at first and that change with every redraw."""

BUTTONS = ("start", "pause", "step", "stop", "reset", "measure")

_NUMBERS = """name => {
  const plot = document.querySelector(`.st-key-chart_${name} .plot`);
  const one = v => v?.length === undefined ? v : flat(v);
  const flat = a => a == null ? [] : Array.from(a, one).flat();
  return (plot?.data ?? []).flatMap(t => [...flat(t.x), ...flat(t.y), ...flat(t.z)]);
}"""


class TrainPage:
    """Wraps a Playwright page that shows the app."""

    def __init__(self, page: Page, url: str | None = None) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        if url is not None:
            page.goto(url)
        self.ready()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def ready(self) -> None:
        """Wait until the board is drawn."""
        self.page.wait_for_selector(".st-key-chart_value .main-svg", state="attached")
        self.page.wait_for_selector(".st-key-start button")

    def press(self, button: str) -> None:
        self.page.click(f".st-key-{button} button")

    @property
    def status(self) -> str:
        return self.page.inner_text(".st-key-status")

    @property
    def state(self) -> str:
        """The first word of the status line: idle, running, paused, ..."""
        found = re.search(r"[a-z]+", self.status)
        assert found, self.status
        return found.group()

    @property
    def iteration(self) -> int:
        found = re.search(r"iteration ([\d,]+)", self.status)
        assert found, self.status
        return int(found.group(1).replace(",", ""))

    def numbers(self, chart: str) -> list[float]:
        """Every number that a chart shows."""
        shown: list[float] = self.page.evaluate(_NUMBERS, chart)
        return shown

    def open(self, chart: str) -> None:
        """Open the tab of a chart."""
        self.page.click(f"[data-tab={chart}]")

    @property
    def open_charts(self) -> list[str]:
        """The charts whose tabs are open."""
        shown: list[str] = self.page.evaluate(
            "() => [...document.querySelectorAll('[role=tab][aria-selected=true]')]"
            ".map(tab => tab.dataset.tab)"
        )
        return shown

    def caption(self, chart: str) -> str:
        """What stands under a chart, whether it is seen or not."""
        said: str | None = self.page.text_content(f".st-key-chart_{chart} .caption")
        return said or ""

    def until(self, condition: Callable[[], Any], seconds: float = 90) -> Any:
        """Wait until `condition()` is true, and give its value."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if value := condition():
                return value
            self.page.wait_for_timeout(50)
        raise AssertionError(f"not within {seconds} s; the status line says: {self.status!r}")

    def until_state(self, *states: str, seconds: float = 90) -> None:
        self.until(lambda: self.state in states, seconds)

    def at_rest(self) -> int:
        """The iteration of a paused run, once the page has shown it for a while."""
        for _ in range(30):
            seen = self.iteration
            self.page.wait_for_timeout(1500)
            if self.iteration == seen:
                return seen
        raise AssertionError(f"it never rests; the status line says: {self.status!r}")

    def set_number(self, key: str, value: float | str) -> None:
        """Type into a number's field and leave it."""
        self.reveal(key)
        field = self.field(key)
        field.fill(str(value))
        field.press("Enter")

    def choose(self, key: str, label: str) -> None:
        """Pick an entry of a select box by its text, and see it picked.

        A redraw may close the list before the click, or swap the entry under the mouse.
        """
        self.reveal(key)
        field = self.page.locator(f".st-key-{key} [role=combobox]")
        option = self.page.get_by_role("option", name=label, exact=True)
        for _ in range(5):
            field.click()
            try:
                option.click(timeout=15_000)
                expect(field).to_have_value(label, timeout=1_000)
                return
            except (TimeoutError, AssertionError):
                continue
        raise AssertionError(f"{key} does not offer {label!r}")

    def field(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{key} input").first

    def reveal(self, key: str) -> None:
        """Open the fold that a control is in, if it is in one."""
        fold = self.page.locator(".stSidebar details", has=self.page.locator(f".st-key-{key}"))
        if fold.count() and fold.get_attribute("open") is None:
            fold.locator("summary").click()
            self.page.wait_for_selector(f".st-key-{key}", state="visible")

    def open_folds(self) -> None:
        """Open the whole form."""
        folds = self.page.locator(".stSidebar details:not([open]) summary")
        while folds.count():
            folds.first.click()
            self.page.wait_for_timeout(100)

    def open_sidebar(self) -> None:
        """On a narrow screen: show the form."""
        self.page.click("[data-testid=stExpandSidebarButton]")

    def close_sidebar(self) -> None:
        """On a narrow screen: show what the form covers."""
        self.page.click("[data-testid=stSidebarCollapseButton] button")

    @property
    def run(self) -> str | None:
        """The run that the address names."""
        return parse_qs(urlsplit(self.page.url).query).get("run", [None])[0]

    @property
    def focused(self) -> str:
        """The key of what has the keyboard, or nothing."""
        key: str = self.page.evaluate(
            "() => document.activeElement.closest('[class*=st-key-]')?.className"
            ".match(/st-key-(\\S+)/)[1] ?? ''"
        )
        return key

    def upload(self, dataset: str, path: Path) -> None:
        self.page.wait_for_selector(f".st-key-upload_{dataset} input", state="attached")
        self.page.set_input_files(f".st-key-upload_{dataset} input[type=file]", path)

    @property
    def sidebar(self) -> str:
        """All text in the form."""
        return self.page.inner_text(".stSidebar")
