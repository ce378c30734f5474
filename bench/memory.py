"""Memory of the server after 200,000 iterations against that after 2,000: `python -m bench.memory`.

A watched run of the ring preset with small networks, which reach 200,000 iterations sooner; what
could grow (history, snapshots, figures) does not depend on their size.
"""

from functools import partial

import psutil
from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.browser.page import TrainPage
from tests.browser.server import Server

EARLY, LATE = 2_000, 200_000


def reached(tab: TrainPage, iteration: int) -> bool:
    """Whether the page shows that iteration or a later one."""
    return tab.iteration >= iteration


def main() -> None:
    """Print both sizes, their difference and ratio."""
    server = Server()
    process = psutil.Process(server.process.pid)
    megabytes = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        tab = TrainPage(browser.new_page(), f"{server.url}/?steps=1000000&width=8&batch_size=64")
        tab.press("start")
        for at in (EARLY, LATE):
            tab.until(partial(reached, tab, at), seconds=1200)
            megabytes[at] = process.memory_info().rss / 2**20
        browser.close()
    server.stop()
    grown = megabytes[LATE] - megabytes[EARLY]
    print(f"after {EARLY:,}: {megabytes[EARLY]:.0f} MB, after {LATE:,}: {megabytes[LATE]:.0f} MB")
    ratio = megabytes[LATE] / megabytes[EARLY]
    print(f"difference {grown:.0f} MB (wanted: at most 100), ratio {ratio:.3f}")


if __name__ == "__main__":
    main()
