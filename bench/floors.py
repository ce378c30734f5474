"""The noise floors that come with the package: `python -m bench.floors [--write]`.

Takes the floor of every metric on each registered dataset that needs nothing from outside, with its
default options and for as many samples as a live run measures, and that of G's error by the optimal
discriminator. Prints how far each lies from the shipped one, in widths of the floor; with --write,
replaces the shipped ones.
"""

import argparse
import json

from ganviz.datasets import DATASETS
from ganviz.instruments.gaps import Best
from ganviz.instruments.quality import samples_of
from ganviz.optimal import SAMPLES, why_not
from ganviz.quality import DRAWS, Reference
from ganviz.quality.shipped import FILE, shipped_floors
from ganviz.readings import Floor
from ganviz.trainer import one_thread

Floors = dict[str, dict[str, Floor]]
"""Number of samples, as text, to metric to floor."""


def floors_of(dataset: str) -> Floors:
    """All floors of a dataset with its default options."""
    target = DATASETS[dataset].fn()
    n = samples_of(target)
    reference = Reference(target, n)
    reference.floors.complete(reference.metrics)
    found = {name: reference.floors.of(name) for name in reference.metrics}
    floors: Floors = {str(n): {name: floor for name, floor in found.items() if floor}}
    if why_not(target) is None:
        best = Best(target, None)
        while best.draws < DRAWS:
            best.extend()
        assert best.floor is not None
        floors[str(SAMPLES)] = {"two_jsd": best.floor}
    return floors


def shift(new: Floor, old: Floor | None) -> float:
    """How far the ends have moved, over the width of the new floor; 1 where it has none."""
    if old is None:
        return float("inf")
    moved = max(abs(new.low - old.low), abs(new.high - old.high))
    width = new.high - new.low
    return moved / width if moved and width else float(bool(moved))


def main() -> None:
    """Take the floors, compare them, and write them where that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help=f"replace {FILE.name}")
    write = parser.parse_args().write
    taken: dict[str, Floors] = {}
    for dataset, entry in DATASETS.items():
        if "needs" in entry.facts:
            continue
        with one_thread():
            taken[dataset] = floors_of(dataset)
        for n, floors in taken[dataset].items():
            moved = {m: shift(f, shipped_floors(dataset, int(n)).get(m)) for m, f in floors.items()}
            worst = max(moved, key=lambda metric: moved[metric])
            most = f"{worst} {moved[worst]:.3f}"
            print(f"{dataset:18} n = {n:>6}  {len(floors):2} floors  most moved: {most}")
    if write:
        FILE.write_text(json.dumps(taken, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
