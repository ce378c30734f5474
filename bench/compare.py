"""The Compare page with many runs: `python -m bench.compare`.

A thousand runs of 10,000 rows are put into a new store. Then a browser opens the page, until the
table stands; twenty runs are found and picked, until all charts show them; and the page is opened
with them in its address.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from ganviz import RunConfig, Store, Trainer
from ganviz.columns import COLUMNS, Columns
from ganviz.store import born
from ganviz.store.packing import to_arrow
from ganviz.store.parts import add_run, run_parts
from tests.browser.conftest import FLAGS, chromium
from tests.browser.server import Server

RUNS, ROWS, OVERLAID, BATCHES = 1000, 10_000, 20, 15
CONFIG = RunConfig(width=16, depth=1, batch_size=32, steps=ROWS)

TAG = "twenty"

_DRAWN = f"""() => {{
  const plots = [...document.querySelectorAll('.js-plotly-plot')];
  const lines = plots[0]?.data?.filter(trace => trace.meta?.part === "value") ?? [];
  return plots.length >= 7 && plots.every(plot => plot.querySelector('.main-svg'))
    && lines.length === {OVERLAID};
}}"""


def fill(home: Path) -> None:
    """A thousand runs, as long ones are kept."""
    store = Store(home / "ganviz.db")
    trainer = Trainer(CONFIG)
    for _ in range(50):
        trainer.step()
    keeper = store.keep(born("pattern0", CONFIG.to_json(), versions={}))
    keeper.rows(trainer.history.columns())
    keeper.snapshot(trainer.snapshot())
    keeper.end("finished", None)
    store.flush()
    with store._database.read() as connection:
        row, parts = run_parts(connection, "pattern0")
    rng = np.random.default_rng(0)
    for k in range(RUNS):
        rows = rng.normal(size=(ROWS, len(COLUMNS))).cumsum(0) / 100
        rows[:, 0] = np.arange(1, ROWS + 1)
        bodies = tuple(to_arrow(part) for part in np.array_split(rows, BATCHES))
        moments = ((ROWS, 20.0, parts.moments[-1][2]),)
        changed = row | {
            "id": f"run{k:05}",
            "label": f"run{k:05}",
            "config": CONFIG.replace(seed=k % 5, lr_d=0.001 * (1 + k % 7)).to_json(),
            "step": ROWS,
            "rows": ROWS,
        }
        with store._database.write() as connection:
            add_run(
                connection,
                changed,
                type(parts)(bodies, (), moments, (), parts.given, parts.readings),
            )
    store.close()


def seconds_to_pick(page: Page) -> float:
    """From a click that picks all found runs until every chart shows them."""
    page.fill(".st-key-search input", TAG)
    page.press(".st-key-search input", "Enter")
    page.wait_for_timeout(2000)
    table = page.locator(".st-key-compare_table canvas").first.bounding_box()
    assert table
    began = time.perf_counter()
    page.mouse.click(table["x"] + 17, table["y"] + 17)
    page.wait_for_function(_DRAWN)
    return time.perf_counter() - began


def main() -> None:
    """Print the times, beside what is wanted."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        fill(home)
        began = time.perf_counter()
        store = Store(home / "ganviz.db")
        listed = len(store.runs())
        print(f"list of {listed} runs: {time.perf_counter() - began:.2f} s", flush=True)
        began = time.perf_counter()
        for run in store.runs()[:OVERLAID]:
            assert isinstance(run.latest.history, Columns)  # type: ignore[union-attr]
        print(f"newest moments of {OVERLAID}: {time.perf_counter() - began:.2f} s", flush=True)
        ids = [f"run{k:05}" for k in range(0, 7 * OVERLAID, 7)]
        store.tag(ids, TAG)
        store.close()
        server = Server(home=home)
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{server.url}/compare")
        page.wait_for_selector(".st-key-compare_table canvas")
        for _ in range(4):
            began = time.perf_counter()
            page.goto(f"{server.url}/compare")
            page.wait_for_selector(".st-key-compare_table canvas")
            opened = time.perf_counter() - began
            picked = seconds_to_pick(page)
            began = time.perf_counter()
            page.goto(f"{server.url}/compare?runs={','.join(ids)}")
            page.wait_for_function(_DRAWN)
            direct = time.perf_counter() - began
            print(
                f"opens in {opened:.2f} s (wanted < 2); {OVERLAID} are overlaid {picked:.2f} s "
                f"after they are picked (wanted < 1); by address in {direct:.2f} s in all",
                flush=True,
            )
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
