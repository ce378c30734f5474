"""`Trainer.step()` with everything recorded, against plain loops: `python -m bench.throughput`.

One thread each; short stretches take turns, and the medians are compared, so that a busy machine
slows all alike. `bench/loops.py` has the loops. The compiled iteration is compared with the careful
loop and its compile time printed; the probe, with the same run without it.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch

from bench.loops import Step, careful, textbook, textbook_r1_r2
from ganviz import RunConfig, Trainer

STRETCH = 40
ROUNDS = 50

MLP = RunConfig(width=64, latent_dim=2)
CONV = RunConfig(dataset="digits", network="conv", width=32, latent_dim=32, batch_size=64)

CASES: dict[str, tuple[RunConfig, Callable[[RunConfig], Step], float]] = {
    "MLP 2-64-64 / textbook": (MLP, textbook, 1.15),
    "MLP 2-128-128 / textbook": (MLP.replace(width=128), textbook, 1.15),
    "conv pair on digits / textbook": (CONV, textbook, 1.0),
    "R1+R2, 2-64-64 / textbook R1+R2": (MLP.replace(penalty="r1_r2"), textbook_r1_r2, 1.0),
    "2-64-64 / careful": (MLP, careful, 0.0),
    "compiled, 2-64-64 / careful": (MLP.replace(compile=True), careful, 1.7),
    "hinge with the probe / without": (
        MLP.replace(loss="hinge"),
        lambda config: Trainer(config.replace(probe=False)).step,
        0.6,
    ),
}


def measure(steps: dict[str, Step]) -> dict[str, float]:
    """Iterations a second of each, from alternating stretches."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for i in range(ROUNDS + 3):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(STRETCH):
                step()
            if i >= 3:
                seconds[name].append(time.perf_counter() - start)
    return {name: STRETCH / median(found) for name, found in seconds.items()}


def main() -> None:
    """Print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.throughput")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    only = parser.parse_args().only
    torch.set_num_threads(1)
    print(f"{'case':34} {'loop/s':>8} {'ganviz/s':>9} {'ratio':>6} {'wanted':>7}")
    for name, (config, loop, wanted) in CASES.items():
        if only not in name:
            continue
        trainer = Trainer(config)
        start = time.perf_counter()
        trainer.step()
        first = time.perf_counter() - start
        rates = measure({"loop": loop(config), "ganviz": trainer.step})
        ratio = rates["ganviz"] / rates["loop"]
        print(f"{name:34} {rates['loop']:8.0f} {rates['ganviz']:9.0f} {ratio:6.2f} {wanted:7.2f}")
        if config.compile:
            print(f"  compiling and the first iteration: {first:.1f} s; {trainer.notice or ''}")


if __name__ == "__main__":
    main()
