"""What every preset promises, at three seeds: `python -m bench.presets [NAME ...] [--seeds 3]`.

The checks are those of the tests, which run at one seed. A number out of its range is starred.
"""

import argparse
import time

from ganviz import PRESETS
from tests.presets import CHECKS, Measured


def measure(name: str, seed: int) -> tuple[dict[str, Measured], float]:
    """What the preset's check measures, by its description, and the processor seconds it took."""
    start = time.process_time()
    found = {measured.what: measured for measured in CHECKS[name](seed)}
    return found, time.process_time() - start


def main() -> None:
    """Print a block of lines a preset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="presets; all, unless named")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    if unknown := set(given.names) - set(CHECKS):
        parser.error(f"no check of {', '.join(sorted(unknown))}; known: {', '.join(CHECKS)}")
    missed = 0
    for name in given.names or (name for name in PRESETS if name in CHECKS):
        runs = [measure(name, seed) for seed in range(given.seeds)]
        print(f"{name} ({', '.join(f'{seconds:.1f}' for _, seconds in runs)} s)")
        for what in runs[0][0]:
            all_seeds = [found[what] for found, _ in runs]
            missed += sum(not m.holds for m in all_seeds)
            values = " ".join(f"{m.value:9.4g}{' ' if m.holds else '*'}" for m in all_seeds)
            print(f"  {what:42} {values}  {all_seeds[0].wanted}", flush=True)
    print(f"{missed} out of range")


if __name__ == "__main__":
    main()
