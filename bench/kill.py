"""Runs that are killed, and disks that fail: what is lost, and how they go on.

`python -m bench.kill --times 50` kills a process with three runs in flight at random moments. Each
time the database must be whole and list every run; the rows that were not kept and the training
after the last keyframe are counted; and one of the runs, resumed to its end, must give the rows of
a run that was never cut off, bit for bit. `--disk full` and `--disk read-only` let the disk fail
in the middle instead, on a small file system of its own, and need root.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from ganviz import RunConfig, Store, Trainer, resume
from ganviz.resuming import rows_of
from ganviz.trainer import one_thread

RUNS = 3
CONFIG = {"width": 16, "depth": 2, "batch_size": 64, "steps": 200_000}
AFTER = 200
"""Iterations after the cut that are compared with a run that was never cut off."""

_TRAINING = """
import json, sys, time
from ganviz import RunConfig, Store
from ganviz.session.kept import begun
store = Store()
sessions = [begun(store, RunConfig(seed=k, **json.loads(sys.argv[1]))) for k in range(3)]
for session in sessions:
    session.start()
while True:
    steps = {s.id: (s.latest.step if s.latest else 0, s.status, time.time()) for s in sessions}
    print(json.dumps({"runs": steps, "trouble": str(store.notice or "")}), flush=True)
    time.sleep(0.05)
"""


class Training:
    """A process with three runs in flight."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TRAINING, json.dumps(CONFIG)],
            env=os.environ | {"GANVIZ_HOME": str(home), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.seen: dict[str, list[tuple[float, int]]] = {}

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says of its runs, until it is dead."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not line.endswith("\n"):
                return  # cut in the middle
            told = json.loads(line)
            for run, (step, _status, at) in told["runs"].items():
                self.seen.setdefault(run, []).append((at, step))
            yield told

    def until(self, seconds: float) -> None:
        """Listen for so long, once all runs train."""
        began: float | None = None
        for told in self.lines():
            if began is None and all(step for step, _status, _at in told["runs"].values()):
                began = time.monotonic()
            if began is not None and time.monotonic() - began > seconds:
                return

    def kill(self) -> float:
        """As a power cut would; gives when."""
        at = time.time()
        self.process.send_signal(signal.SIGKILL)
        for _told in self.lines():
            pass
        self.process.wait()
        return at

    def seconds_lost(self, run: str, step: int, killed: float) -> float:
        """How long before the kill the run stood at `step`."""
        later = [at for at, seen in self.seen[run] if seen > step]
        return max(0.0, killed - later[0]) if later else 0.0


def whole(home: Path) -> bool:
    """Whether the database passes SQLite's own check."""
    with sqlite3.connect(home / "ganviz.db") as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    return bool(found == "ok")


def goes_on_alike(home: Path, run: str) -> bool:
    """Whether the run, resumed, gives the rows of one that was never cut off, bit for bit."""
    os.environ["GANVIZ_HOME"] = str(home)
    store = Store()
    kept = store.run(run)
    trainer = resume(kept)
    for _ in range(AFTER):
        trainer.step()
    config = RunConfig.from_json(kept.config_json)
    other = train_to(config, trainer.iteration)
    same = np.array_equal(rows_of(trainer), other, equal_nan=True)
    recorded = kept.rows()
    same = same and np.array_equal(recorded, other[: len(recorded)], equal_nan=True)
    store.close()
    return bool(same)


def train_to(config: RunConfig, steps: int) -> Any:
    """The rows of an uninterrupted run up to iteration `steps`."""

    trainer = Trainer(config)
    with one_thread():
        for _ in range(steps):
            trainer.step()
    return rows_of(trainer)


def one_kill(rng: random.Random) -> dict[str, float]:
    """One process, killed; what was lost."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        training = Training(home)
        training.until(rng.uniform(0.0, 12.0))
        killed = training.kill()
        assert whole(home), "integrity_check"
        os.environ["GANVIZ_HOME"] = folder
        store = Store()
        runs = {run.id: run for run in store.runs()}
        assert set(runs) == set(training.seen), "a run is not listed"
        assert all(run.status == "interrupted" for run in runs.values())
        rows = max(training.seconds_lost(i, run.step, killed) for i, run in runs.items())
        state = max(
            training.seconds_lost(i, max(run.keyframes, default=0), killed)
            for i, run in runs.items()
        )
        store.close()
        assert goes_on_alike(home, rng.choice(sorted(runs))), "other rows"
        return {"rows": rows, "state": state}


def kills(times: int, seed: int) -> None:
    """Kill so often, and print the worst."""
    rng, worst = random.Random(seed), {"rows": 0.0, "state": 0.0}
    for n in range(times):
        lost = one_kill(rng)
        worst = {name: max(worst[name], lost[name]) for name in worst}
        print(f"{n + 1:3}  rows {lost['rows']:.2f} s  state {lost['state']:.2f} s", flush=True)
    print(
        f"worst of {times}: rows {worst['rows']:.2f} s (wanted <= 1), "
        f"state {worst['state']:.2f} s (wanted <= 10); all whole, listed, bit for bit alike"
    )


DISK_BYTES = 48 * 1024**2
"""Room for the rows of a few seconds, and soon full."""


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own, which can fail."""
    with tempfile.TemporaryDirectory() as folder:
        image, home = Path(folder) / "image", Path(folder) / "home"
        with image.open("wb") as file:
            file.truncate(DISK_BYTES)
        home.mkdir()
        subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
        try:
            mount(image, home)
            yield home
        finally:
            subprocess.run(["umount", "-l", str(home)], check=True)


def mount(image: Path, home: Path) -> None:
    """Mount a file system that turns read-only when it meets an error."""
    options = "loop,errors=remount-ro"
    subprocess.run(["mount", "-o", options, str(image), str(home)], check=True)


def fill(home: Path) -> None:
    """Leave no byte free."""
    with suppress(OSError), (home / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(b"0" * 1024)


def turn_read_only(home: Path) -> None:
    """Let the file system meet an error: what is open for writing is so no more."""
    subprocess.run(["sync", "-f", str(home)], check=True)
    found = subprocess.run(
        ["findmnt", "-no", "SOURCE", str(home)], check=True, capture_output=True, text=True
    )
    device = Path(found.stdout.strip()).name
    Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("bench", encoding="ascii")


def goes_on_and_says(training: Training) -> str:
    """What is said of the store while the runs train on for five seconds."""
    said, began, first, step = "", time.monotonic(), None, 0
    for told in training.lines():
        step = min(step for step, _status, _at in told["runs"].values())
        first = step if first is None else first
        said = told["trouble"] or said
        if time.monotonic() - began > 5:
            break
    assert first is not None, "nothing is told of the runs"
    assert step > first + 100, "training stopped"
    assert said, "nothing was said"
    return said


def one_failing_disk(kind: str) -> None:
    """Let the disk fail under three runs, and look at what was kept."""
    with small_disk() as home:
        training = Training(home)
        training.until(3.0)
        (fill if kind == "full" else turn_read_only)(home)
        at = time.time()
        said = goes_on_and_says(training)
        if kind == "full":  # a file system that met an error stays read-only
            (home / "filler").unlink()
            training.until(4.0)
            at = training.kill()
        else:
            training.kill()
            subprocess.run(["umount", str(home)], check=True)
            mount(home.parent / "image", home)
        assert whole(home), "integrity_check"
        os.environ["GANVIZ_HOME"] = str(home)
        store = Store()
        runs = {run.id: run for run in store.runs()}
        assert set(runs) == set(training.seen), "a run is not listed"
        rows = max(training.seconds_lost(i, run.step, at) for i, run in runs.items())
        store.close()
        assert goes_on_alike(home, sorted(runs)[0]), "other rows"
        print(f"{kind}: trains on, says {said!r}; then whole, rows lost {rows:.2f} s", flush=True)


def main() -> None:
    """Kill, or let the disk fail."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--disk", choices=("full", "read-only"))
    given = parser.parse_args()
    if given.disk is None:
        kills(given.times, given.seed)
        return
    for _ in range(given.times):
        one_failing_disk(given.disk)


if __name__ == "__main__":
    main()
