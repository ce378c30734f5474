"""What the instruments cost, in milliseconds on one thread: `python -m bench.instruments`.

V of the optimal discriminator from 20,000 samples, in one dimension and in two (wanted: below 60
ms), and a draw of the floors with 1,000 samples (of finite data fewer), whole and metric by metric.
A metric is charged with what it is the first to need, so those that share it show little. Medians
of several; the time is the processor's, so that other work on the machine counts little.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch

from ganviz import DATASETS
from ganviz.optimal import OptimalDiscriminator
from ganviz.quality import Evaluation, Reference, measured

SAMPLES = 20_000
DRAWN = 1_000
WANTED = {"optimal": 60.0, "floor": 60.0}
REPEATS = 15

OPTIMAL = ("gaussian", "mixture", "ring", "grid", "gaussian_spiral", "checkerboard")
FLOORS = ("mixture", "ring", "grid", "projected_ring", "moons", "digits")


def milliseconds(work: Callable[[], object]) -> float:
    """The median time of one call, the first one left out."""
    work()
    found = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return 1e3 * median(found)


def optimal(name: str) -> float:
    """Print a line on V(D*, G); gives milliseconds a measurement."""
    target = DATASETS[name].fn()
    start = time.process_time()
    best = OptimalDiscriminator(target)
    built = 1e3 * (time.process_time() - start)
    samples = target.sample(SAMPLES, torch.Generator().manual_seed(0))
    spent = milliseconds(lambda: best.measure(samples))
    print(f"{name:16} {target.dim}-D   {spent:6.1f} ms   built once in {built:.0f} ms")
    return spent


def floor(name: str) -> float:
    """Print lines on a draw of the floors; gives milliseconds a draw."""
    target = DATASETS[name].fn()
    reference = Reference(target, measured(target, DRAWN))
    metrics = reference.metrics
    spent = milliseconds(lambda: reference.floors.extend(metrics))
    print(f"{name:16} {spent:6.1f} ms a draw, of which")
    spans: dict[str, list[float]] = {metric: [] for metric in metrics}
    for number in range(REPEATS):
        drawn = target.sample(reference.n, torch.Generator().manual_seed(number))
        evaluation = Evaluation(drawn, reference)
        for metric in metrics:
            start = time.process_time()
            evaluation.measure(metric)
            spans[metric].append(time.process_time() - start)
    parts = {metric: 1e3 * median(found) for metric, found in spans.items()}
    print("  " + ", ".join(f"{metric} {ms:.1f}" for metric, ms in parts.items() if ms >= 0.05))
    return spent


def main() -> int:
    """Print the tables; gives 1 where one costs more than is wanted."""
    argparse.ArgumentParser(description=__doc__, prog="python -m bench.instruments").parse_args()
    torch.set_num_threads(1)
    print(f"V of the optimal discriminator from {SAMPLES:,} samples")
    slow = [name for name in OPTIMAL if optimal(name) > WANTED["optimal"]]
    print(f"\na draw of all floors with {DRAWN:,} samples")
    slow += [name for name in FLOORS if floor(name) > WANTED["floor"]]
    print(f"\nwanted: at most 60 ms each: {'MISSED by ' + ', '.join(slow) if slow else 'met'}")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
