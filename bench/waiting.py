"""What a press and a page wait for while five runs train: `python -m bench.waiting`.

Twelve tabs look at five runs that train (a) as sessions in threads of the process that draws their
charts, (b) the same, where threads take turns sooner than Python lets them by itself, (c) in a
process each, which sends its snapshots and stands back behind the server by `--nice`.

A stand-in for the server draws: a thread for each tab builds every chart of its run's newest
snapshot, again and again, no more often than a page asks, with what a page remembers of charts that
rest; the rest of an answer is a loop of Python for as long as that takes. A press waits until its
tab's thread is free, as on a page. (a), (b) and (c) take turns; the others' runs rest meanwhile.

Printed are, for each: seconds from a press of Pause until the run rests, and until its tab has
drawn that; seconds that an answer of the page takes; iterations a second of all runs together; and
what a first snapshot and memory cost.
"""

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np

from bench.apart import LOOK_SECONDS, Apart, register, started
from ganviz import CHARTS, Snapshot
from ganviz.ui.figures import Figures

RUNS, TABS = 5, 12

REFRESH_SECONDS = 0.105
"""Between two looks of a page at a running run."""

ANSWER_SECONDS = 0.02
"""Of a processor, for all of an answer but charts: a page that is answered eight times a second
takes a fifth of a core (`bench/live.py`), and of these 25 ms, charts take 5."""

SWITCH_SECONDS = 0.0005
"""How soon threads take turns in (b); Python's own is 0.005."""

TURNS, SETTLE_SECONDS, COUNT_SECONDS, PRESS_SECONDS = 3, 1.0, 2.0, 7.0
BETWEEN_SECONDS = 0.3
"""From an answer to the next press."""


class Watched(Protocol):
    """A run as the server sees it."""

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot."""

    def pause(self) -> None:
        """Rest."""

    def resume(self) -> None:
        """Go on."""

    def stop(self) -> None:
        """End."""


class Tab:
    """A tab's thread in the server: it draws all charts of a run again and again."""

    def __init__(self, run: Watched, figures: Figures) -> None:
        self.run, self._figures = run, figures
        self.answers: list[float] = []
        """Seconds that each answer took."""
        self.shown: Snapshot | None = None
        self._press, self._pressed, self._closed = "", threading.Event(), False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def press(self, command: str) -> None:
        """A press arrives."""
        self._press = command
        self._pressed.set()

    def close(self) -> None:
        """No further answer."""
        self._closed = True
        self._pressed.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._closed:
            began = time.perf_counter()
            if self._pressed.is_set():
                self._pressed.clear()
                getattr(self.run, self._press)()
            if (latest := self.run.latest) is not None and latest is not self.shown:
                for name in CHARTS:
                    self._figures.of(name, {"run": latest})
                end = time.thread_time() + ANSWER_SECONDS
                while time.thread_time() < end:
                    sum(range(100))
                self.answers.append(time.perf_counter() - began)
                self.shown = latest
            self._pressed.wait(max(REFRESH_SECONDS - (time.perf_counter() - began), 0))


class Seen:
    """What was measured of one kind of runs."""

    def __init__(self) -> None:
        self.rest: list[float] = []
        self.drawn: list[float] = []
        self.answers: list[float] = []
        self.rates: list[float] = []


def steps(runs: Sequence[Watched]) -> int:
    """Iterations of all of them so far."""
    return sum(run.latest.step for run in runs if run.latest is not None)


def turn(runs: Sequence[Watched], seen: Seen) -> None:
    """Let them run for a while under twelve tabs, and press Pause and Resume again and again."""
    for run in runs:
        run.resume()
    with opened(runs) as tabs:
        time.sleep(SETTLE_SECONDS)
        begin, start = steps(runs), time.perf_counter()
        time.sleep(COUNT_SECONDS)
        seen.rates.append((steps(runs) - begin) / (time.perf_counter() - start))
        end, k = time.perf_counter() + PRESS_SECONDS, 0
        while time.perf_counter() < end:
            rest, drawn = pressed(tabs[k % TABS])
            seen.rest.append(rest)
            seen.drawn.append(drawn)
            tabs[k % TABS].press("resume")
            k += 1
            time.sleep(BETWEEN_SECONDS)
        seen.answers += [seconds for tab in tabs for seconds in tab.answers]
    for run in runs:
        run.pause()
    for run in runs:
        while not rests(run.latest):
            time.sleep(LOOK_SECONDS)


@contextmanager
def opened(runs: Sequence[Watched]) -> Iterator[list[Tab]]:
    """Tabs on the runs in turn."""
    figures = Figures()
    tabs = [Tab(runs[k % len(runs)], figures) for k in range(TABS)]
    yield tabs
    for tab in tabs:
        tab.close()


def pressed(tab: Tab) -> tuple[float, float]:
    """Seconds from a press of Pause until the run rests, and until the tab has drawn that."""
    begin = time.perf_counter()
    tab.press("pause")
    while not rests(tab.run.latest):
        time.sleep(0.002)
    rest = time.perf_counter() - begin
    while not rests(tab.shown):
        time.sleep(0.002)
    return rest, time.perf_counter() - begin


def rests(snapshot: Snapshot | None) -> bool:
    """Whether it is of a run that rests."""
    return snapshot is not None and snapshot.status == "paused"


def first_snapshot(run: Watched) -> float:
    """Seconds until it is there; the run is paused then."""
    begin = time.perf_counter()
    while run.latest is None:
        time.sleep(0.002)
    run.pause()
    return time.perf_counter() - begin


def megabytes(pid: int | str) -> float:
    """What a process has in memory and shares with no other."""
    status = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    kept = [line.split() for line in status.splitlines() if line.startswith("Private_")]
    return sum(int(line[1]) for line in kept) / 1024


def report(name: str, kinds: Sequence[Sequence[float]]) -> None:
    """Print the median and the 95th percentile of each kind."""
    cells = ""
    for percent in (50, 95):
        cells += "   " + "".join(f"{np.percentile(values, percent):10.2f}" for values in kinds)
    print(f"{name:36}{cells}   n = {', '.join(str(len(values)) for values in kinds)}")


def main() -> None:
    """Print each figure of threads, of threads that take turns sooner, and of processes."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.waiting")
    parser.add_argument("--nice", type=int, default=10, help="of the processes that train")
    nice = parser.parse_args().nice
    register()
    before, begin = megabytes("self"), time.perf_counter()
    sessions = [started()]
    here = first_snapshot(sessions[0])
    sessions += [started() for _ in range(RUNS - 1)]
    processes = [Apart(nice)]
    for session in sessions:
        first_snapshot(session)
    apart = first_snapshot(processes[0])
    processes += [Apart(nice) for _ in range(RUNS - 1)]
    for process in processes:
        first_snapshot(process)
    threads, sooner, spawned = Seen(), Seen(), Seen()
    usual = sys.getswitchinterval()
    for _ in range(TURNS):
        turn(sessions, threads)
        sys.setswitchinterval(SWITCH_SECONDS)
        turn(sessions, sooner)
        sys.setswitchinterval(usual)
        turn(processes, spawned)
    memory = (megabytes("self") - before) / RUNS, sum(megabytes(p.pid) for p in processes) / RUNS
    kinds = threads, sooner, spawned
    heads = "".join(f"{name:>10}" for name in ("threads", "sooner", "processes"))
    print(f"{'':36}{'median':>33}{'95th percentile':>33}\n{'':36}   {heads}   {heads}")
    report("Pause until the run rests (s)", [seen.rest for seen in kinds])
    report("Pause until its tab has drawn it (s)", [seen.drawn for seen in kinds])
    report("an answer of the page (s)", [seen.answers for seen in kinds])
    report("iterations a second, all runs", [seen.rates for seen in kinds])
    print(f"{'the first snapshot of a run (s)':36}   {here:10.2f}{'':10}{apart:10.2f}")
    print(f"{'memory of a run (MiB)':36}   {memory[0]:10.0f}{'':10}{memory[1]:10.0f}")
    print(f"{time.perf_counter() - begin:.0f} s in all")
    runs: list[Watched] = [*sessions, *processes]
    for run in runs:
        run.stop()


if __name__ == "__main__":
    main()
