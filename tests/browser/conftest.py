"""A browser, a server, and fresh tabs for each test."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.page import TrainPage
from tests.browser.server import Server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

SLOWEST = 60_000
"""Milliseconds that a step may take where other work has most of the machine."""

NewTab = Callable[..., TrainPage]


def chromium() -> str:
    """Chromium's path; without one, tests skip with the remedy, and in CI they fail."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    remedy = "no Chromium found: install it (Debian: apt-get install chromium) to run these tests"
    if os.environ.get("CI"):
        pytest.fail(remedy)
    pytest.skip(remedy)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(browser: Browser) -> Iterator[Server]:
    server = Server()
    yield server
    output = server.stop()
    assert "Traceback" not in output, output


@pytest.fixture
def new_tab(browser: Browser, server: Server) -> Iterator[NewTab]:
    """Opens the app in a tab; afterwards its runs are stopped and its console must be clean."""
    tabs: list[TrainPage] = []

    def open_tab(query: str = "", width: int = 1400, height: int = 900) -> TrainPage:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(SLOWEST)
        tabs.append(TrainPage(context.new_page(), f"{server.url}/{query}"))
        return tabs[-1]

    yield open_tab
    errors = [error for tab in tabs for error in tab.errors]
    for tab in tabs:
        tab.press("reset")
        tab.page.wait_for_timeout(300)
        tab.page.context.close()
    assert errors == []


@pytest.fixture
def tab(new_tab: NewTab) -> TrainPage:
    return new_tab()
