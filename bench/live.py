"""The live page: redraws a second, and what watching and measuring cost: `python -m bench.live`.

The server runs on one core, headless Chromium on another. The watched run, with the instruments
that a page has at first, and two in a `Session` that nobody looks at, with those instruments and
without any, take turns on the same core, and medians are compared: a shared machine changes its
speed from one minute to the next. A redraw counts when the numbers that a chart shows have changed.
Counted are the open charts that can change each time; those of the instruments go by these. One
whose numbers rest (a histogram, once D says one half of everything) is named instead. With
`--further 3` three runs that are over are drawn beside the watched one.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from statistics import median

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.browser.page import LIVE_CHARTS, TrainPage
from tests.browser.server import Server

SERVER_CORE, BROWSER_CORE = "0", 1
TURNS, TURN_SECONDS = 3, 10.0
ALWAYS_OPEN = {"value", "samples"}
EARLY, LATE = 2_000, 50_000

_HEADLESS = f"""
import sys
import time
from ganviz import PRESETS, Session
share = {{"share": float(given) for given in sys.argv[1:]}}
session = Session(PRESETS["healthy"].config.replace(steps=10_000_000), **share)
session.start()
while session.latest is None or session.latest.step < 500:
    time.sleep(0.05)
begin, start = session.latest.step, time.perf_counter()
time.sleep({TURN_SECONDS})
print((session.latest.step - begin) / (time.perf_counter() - start))
session.stop()
"""

_COUNT_REDRAWS = """() => {
  const listening = window.redraws !== undefined;
  window.redraws = {};
  for (const place of document.querySelectorAll('[data-chart]')) {
    const name = place.dataset.chart, plot = place.querySelector('.plot');
    window.redraws[name] = 0;
    if (listening || !plot.on) continue;
    let last = '';
    plot.on('plotly_afterplot', () => {
      const ends = t => [...(t.y ?? []).slice(-40), ...(t.z ?? []).slice(0, 9)];
      const shown = plot.data.map(ends).join();
      if (shown !== last) window.redraws[name] += 1;
      last = shown;
    });
  }
}"""

_HAS_DATA = """() => {
  const plot = document.querySelector('.st-key-chart_value .plot');
  return plot?.data?.length > 0 && plot.data[0].y.length > 0;
}"""


class Watched:
    """What was seen of a run that is watched and, in turns, of two that nobody looks at."""

    def __init__(self) -> None:
        self.redraws: list[float] = []
        self.at_rest: set[str] = set()
        self.watched: list[float] = []
        self.measured: list[float] = []
        self.bare: list[float] = []

    @property
    def share(self) -> float:
        """Rate of the watched run over that of one with neither a page nor instruments."""
        return median(self.watched) / median(self.bare)


def headless_rate(*share: float) -> float:
    """Iterations a second of the healthy preset in a process of its own, with nobody watching.

    Args:
        share: of its time that instruments may take; none: what a session has by itself.
    """
    command = ["taskset", "-c", SERVER_CORE, sys.executable, "-c", _HEADLESS, *map(str, share)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def counted_charts(tab: TrainPage) -> Sequence[str]:
    """Those in sight that can change with every redraw."""
    in_sight = ALWAYS_OPEN | set(tab.open_charts)
    return [chart for chart in LIVE_CHARTS if chart in in_sight]


def watch(tab: TrainPage, since: int) -> Watched:
    """Take turns from iteration `since` on; the watched run is paused during the others' turns."""
    tab.until(lambda: tab.iteration >= since, seconds=600)
    seen, charts = Watched(), counted_charts(tab)
    for _ in range(TURNS):
        tab.page.evaluate(_COUNT_REDRAWS)
        begin, start = tab.iteration, time.perf_counter()
        tab.page.wait_for_timeout(TURN_SECONDS * 1000)
        seconds = time.perf_counter() - start
        counts: dict[str, int] = tab.page.evaluate("() => window.redraws")
        seen.watched.append((tab.iteration - begin) / seconds)
        moving = {chart: counts[chart] for chart in charts if counts[chart]}
        seen.at_rest |= set(charts) - set(moving)
        seen.redraws.append(min(moving.values()) / seconds)
        tab.press("pause")
        tab.until_state("paused")
        seen.measured.append(headless_rate())
        seen.bare.append(headless_rate(0))
        tab.press("pause")
        tab.until_state("running")
    return seen


def seconds_to_data(page: Page) -> float:
    """From the click on Start to the first drawn data."""
    start = time.perf_counter()
    page.click(".st-key-start button")
    page.wait_for_function(_HAS_DATA, polling="raf")
    return time.perf_counter() - start


def seconds_to_page(context: BrowserContext) -> tuple[Server, TrainPage, float, float]:
    """From `streamlit run` to a page whose Start can be pressed, and to its empty charts."""
    start = time.perf_counter()
    server = Server("taskset", "-c", SERVER_CORE)
    page = context.new_page()
    page.goto(f"{server.url}/?steps=100000")
    page.wait_for_selector(".st-key-start button")
    usable = time.perf_counter() - start
    page.wait_for_selector(".st-key-chart_value .main-svg")
    drawn = time.perf_counter() - start
    return server, TrainPage(page), usable, drawn


def report(at: int, seen: Watched) -> None:
    """Print what was seen from iteration `at` on."""
    print(f"{f'redraws a second, slowest chart, from {at:,}':58} {median(seen.redraws):8.1f}  >= 8")
    if seen.at_rest:
        print(f"  (the numbers of {', '.join(seen.at_rest)} did not change at all)")
    print(f"{f'iterations a second, watched, from {at:,}':58} {median(seen.watched):8.0f}")
    print(f"{'iterations a second, headless, then':58} {median(seen.measured):8.0f}")
    print(f"{'iterations a second, headless, no instruments, then':58} {median(seen.bare):8.0f}")
    print(f"{f'watched / headless, no instruments, from {at:,}':58} {seen.share:8.2f}  >= 0.78")


def with_further(tab: TrainPage, further: int) -> None:
    """Let so many runs of other settings end first: they are drawn pale beside the watched one."""
    for k in range(further):
        tab.set_number("steps", "2000")
        tab.set_number("lr_d", f"{0.001 * (k + 2):g}")
        tab.page.wait_for_timeout(600)
        tab.press("start")
        tab.until(lambda: tab.state == "running")
        tab.until_state("finished", seconds=300)
        tab.until(lambda: "measur" not in tab.status, seconds=300)
    if further:
        tab.set_number("steps", "10000000")
        tab.set_number("lr_d", "0.001")
        tab.page.wait_for_timeout(600)


def main() -> None:
    """Print each figure beside what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--further", type=int, default=0, help="runs that are drawn beside it")
    further = parser.parse_args().further
    os.sched_setaffinity(0, {BROWSER_CORE})  # the browser inherits it
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium(),
            args=list(FLAGS),
            viewport={"width": 1400, "height": 900},
        )
        first_server, *_ = seconds_to_page(context)
        first_server.stop()
        server, tab, usable, drawn = seconds_to_page(context)
        tab.page.wait_for_timeout(3000)
        first = seconds_to_data(tab.page)
        tab.press("reset")
        tab.until_state("idle")
        tab.page.wait_for_timeout(500)
        with_further(tab, further)
        later = seconds_to_data(tab.page)
        early = watch(tab, EARLY)
        late = watch(tab, LATE)
        context.close()
        server.stop()
    print(f"{'figure':58} {'seen':>8}  wanted")
    print(f"{'streamlit run to a usable page, browser warm (s)':58} {usable:8.2f}  < 5")
    print(f"{'streamlit run to drawn empty charts (s)':58} {drawn:8.2f}")
    print(f"{'Start to first data, first time (s)':58} {first:8.2f}  < 1")
    print(f"{'Start to first data, later (s)':58} {later:8.2f}  < 1")
    for at, seen in ((EARLY, early), (LATE, late)):
        report(at, seen)
    print(f"{'share late / share early':58} {late.share / early.share:8.2f}  about 1")


if __name__ == "__main__":
    main()
