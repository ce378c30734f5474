"""Floors of finite data: `python -m bench.finite_floors [--tables 100] [--laws correlated ...]`.

For each law, tables of 200, 400 and 2,000 rows are drawn, a fifth of each held out as of a file;
then fresh samples of the same law are measured against each table's floors. Printed: the share
inside, over all metrics and of the one that fares worst. `--rule` measures in the ways that are not
taken: "repeated", as many samples as of endless data, the floor's draws with repetition; "all", as
many as the table has training rows, the draws without repetition; "unwidened", an eighth of these,
floors as the draws leave them.
"""

import argparse
from collections.abc import Iterable, Mapping
from statistics import fmean

import numpy as np
import torch
from torch import Tensor

from ganviz.instruments.quality import IMAGES, VECTORS
from ganviz.quality import METRICS, Evaluation, Reference, floor_of, measured
from ganviz.quality.draws import training
from ganviz.readings import Floor
from ganviz.target import Sampler, Target
from ganviz.trainer import one_thread

ROWS = (200, 400, 2_000)

DRAWS = 300

RULES = ("taken", "repeated", "all", "unwidened")

Rates = dict[str, float]
"""Metric to the share of fresh samples inside its floor."""


def correlated(n: int, rng: torch.Generator) -> Tensor:
    """Normal in the plane, with a correlation of 0.8."""
    return torch.randn(n, 2, generator=rng) @ torch.tensor([[1.0, 0.8], [0.0, 0.6]])


def skewed(n: int, rng: torch.Generator) -> Tensor:
    """Log-normal on a line."""
    return torch.randn(n, 1, generator=rng).exp()


def heavy(n: int, rng: torch.Generator) -> Tensor:
    """Student's t of three degrees of freedom in the plane: its fourth moment is infinite."""
    spread = torch.randn(n, 3, generator=rng).square().mean(1, keepdim=True).sqrt()
    return torch.randn(n, 2, generator=rng) / spread


def clustered(n: int, rng: torch.Generator) -> Tensor:
    """Five Gaussians in the plane."""
    centres = torch.tensor([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [5.0, 5.0], [2.5, 2.5]])
    return centres[torch.randint(5, (n,), generator=rng)] + 0.3 * torch.randn(n, 2, generator=rng)


def rounded(n: int, rng: torch.Generator) -> Tensor:
    """Normal in the plane with σ = 2, in whole numbers: many rows are equal."""
    return (2 * torch.randn(n, 2, generator=rng)).round()


def many_dimensions(n: int, rng: torch.Generator) -> Tensor:
    """Normal in 32 dimensions."""
    return torch.randn(n, 32, generator=rng)


def images(n: int, rng: torch.Generator) -> Tensor:
    """Grey images of 8×8 with one bright blob somewhere."""
    line = torch.arange(8.0)
    x, y = (7 * torch.rand(n, 1, generator=rng) for _ in range(2))
    across, down = (torch.exp(-((line - place) ** 2) / 4) for place in (x, y))
    return down[:, None, :, None] * across[:, None, None, :]


LAWS: Mapping[str, Sampler] = {
    law.__name__: law
    for law in (correlated, skewed, heavy, clustered, rounded, many_dimensions, images)
}


def table_of(law: Sampler, rows: int, rng: torch.Generator) -> Target:
    """A table of so many rows, as a file gives it: a fifth held out, training with repetition."""
    every = law(rows, rng)
    seen, kept = every[: rows * 4 // 5], every[rows * 4 // 5 :]

    def some(of: Tensor) -> Sampler:
        return lambda n, rng: of[torch.randperm(len(of), generator=rng)[:n]]

    return Target(
        lambda n, rng: seen[torch.randint(len(seen), (n,), generator=rng)],
        every.shape[1] if every.ndim == 2 else (every.shape[1], every.shape[2], every.shape[3]),
        held_out=some(kept),
        size=len(seen),
        distinct=some(seen),
        held_out_size=len(kept),
    )


def floors_of(
    target: Target, draws: int, rule: str = "taken"
) -> tuple[Reference, dict[str, Floor]]:
    """What samples are measured against, and the floors of all metrics by a rule."""
    assert target.size is not None
    usual = VECTORS if len(target.shape) == 1 else IMAGES
    n = {"repeated": usual, "all": target.size}.get(rule, measured(target, usual))
    reference = Reference(target, n)
    if rule == "taken":
        reference.floors.complete(reference.metrics, draws)
        taken = {name: reference.floors.of(name) for name in reference.metrics}
        return reference, {name: floor for name, floor in taken.items() if floor}
    values: dict[str, list[float]] = {
        name: []
        for name in reference.metrics
        if METRICS[name].facts.get("floor_draws", "training") == "training"
    }
    for k in range(draws):
        rng = torch.Generator().manual_seed(k)
        draw = target.sample(n, rng) if rule == "repeated" else training(target, n, rng)
        evaluation = Evaluation(draw, reference)
        for name, found in values.items():
            found.append(evaluation.measure(name))
    return reference, {name: floor_of(np.array(found)) for name, found in values.items()}


def inside(
    law: Sampler, rows: int, *, tables: int, fresh: int = 1, draws: int = DRAWS, rule: str = "taken"
) -> Rates:
    """How often fresh samples of a law lie in the floors of tables of so many rows, by metric."""
    found: dict[str, list[bool]] = {}
    for number in range(tables):
        rng = torch.Generator().manual_seed(10_000 * rows + number)
        reference, floors = floors_of(table_of(law, rows, rng), draws, rule)
        for _ in range(fresh):
            evaluation = Evaluation(law(reference.n, rng), reference)
            for name, floor in floors.items():
                value = evaluation.measure(name)
                found.setdefault(name, []).append(floor.contains(value))
    return {name: fmean(hits) for name, hits in found.items()}


def pooled(rates: Iterable[Rates]) -> tuple[float, str]:
    """The share inside over all metrics and tables, and the metric that fares worst in words."""
    rates = list(rates)
    names = [name for name in METRICS if name in rates[0]]
    means = {name: fmean(rate[name] for rate in rates) for name in names}
    worst = min(means, key=lambda name: means[name])
    return fmean(means.values()), f"{worst} {means[worst]:.3f}"


def main() -> None:
    """Print a line for each law and number of rows, and one for each law."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--laws", nargs="+", choices=list(LAWS), default=list(LAWS))
    parser.add_argument("--rule", choices=RULES, default="taken")
    args = parser.parse_args()
    for name in args.laws:
        for rows in args.rows:
            with one_thread():
                rates = inside(LAWS[name], rows, tables=args.tables, rule=args.rule)
            share, worst = pooled([rates])
            print(f"{name:16} {rows:5} rows  inside {share:.3f}  worst {worst}", flush=True)


if __name__ == "__main__":
    main()
