"""Runs with instruments: full, sparse and empty readings for the tests of what is shown."""

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz import CHARTS, RunConfig, Trainer
from ganviz.columns import Columns
from ganviz.readings import GAPS, ZIGZAG, Cost, Floor, Pulls, Readings, Shares
from ganviz.snapshot import Snapshot, frozen

METRICS = ("recall", "nearest_training", "coverage", "modes", "jsd", "precision", "sliced_w2")
"""In an order that is not the charts' own."""

READINGS_ONLY = tuple(name for name in CHARTS if CHARTS[name].facts["readings_only"])

COST = Cost(limit=0.15, share=0.12, seconds=MappingProxyType({"quality": 3.0}))


def table(names: tuple[str, ...], **columns: Any) -> Columns:
    """Columns by name, each a number or of shape `(n,)`; NaN where none is given."""
    given = np.broadcast_arrays(*(np.asarray(c, float) for c in columns.values()))
    rows = dict(zip(columns, given, strict=True))
    nothing = np.full(given[0].shape, np.nan)
    return Columns(np.stack([rows.get(name, nothing) for name in names], 1), names)


def gaps(**columns: Any) -> Columns:
    """Measurements of the two gaps."""
    return table(GAPS, **columns)


def full(n: int = 40, modes: int = 8, seed: int = 0) -> Readings:
    """Everything measured: D lags, G comes nearer to the data, half of the modes are missing."""
    rng = np.random.default_rng(seed)
    step = 50.0 * np.arange(1, n + 1)
    optimal = -1.386 + 1.2 * np.exp(-step / 1000)
    value = optimal - 0.3 * np.exp(-step / 2000) + 0.02 * rng.normal(size=n)
    fresh = np.where(np.arange(n) % 10 == 5, optimal - 0.02, np.nan)
    quality = {
        metric: 1 - np.exp(-step / 800) + 0.01 * rng.normal(size=n) for metric in METRICS
    } | {"modes": np.minimum(8, step // 200), "jsd": 0.6 * np.exp(-step / 500)}
    floors = dict.fromkeys(METRICS, Floor(0.96, 0.93, 0.99, 200))
    floors |= {"recall": Floor(0.9, 0.85, 0.95, 200), "modes": Floor(8, 8, 8, 200)}
    floors |= {"jsd": Floor(0.0, -0.004, 0.012, 200)}
    wiggle = 0.05 * rng.random((3, 12))
    parts = np.full(modes, 1 / modes)
    made = np.where(np.arange(modes) % 2, parts * (1 + 0.1 * rng.normal(size=modes)), 0)
    return Readings(
        gaps=gaps(
            step=step,
            value=value,
            value_se=0.02,
            held_out=value - 0.2 * (step > 1000),
            memorised_se=0.02,
            optimal=optimal,
            fresh=fresh,
            fresh_se=0.02,
        ),
        error_floor=Floor(0.002, -0.01, 0.02, 200),
        zigzag=table(
            ZIGZAG,
            step=np.arange(1988, 2000),
            before=-1.3 - wiggle[0],
            after_d=-1.2 + wiggle[1],
            after_g=-1.35 - wiggle[2],
            fake_before=0.3 + wiggle[0],
            fake_after=0.25 + wiggle[1],
        ),
        pulls=_pulls(rng.normal(-3, 2, 2000)),
        quality=table(("step", *METRICS), step=step, **quality),
        floors=MappingProxyType(floors),
        samples=1_000,
        shares=Shares(
            labels=tuple(map(str, range(modes))),
            data=frozen(parts),
            fakes=frozen(made),
            low=frozen(0.8 * parts),
            high=frozen(1.2 * parts),
        ),
        cost=COST,
    )


def _pulls(logits: NDArray[np.float64]) -> Pulls:
    down, up = (1 / (1 + np.exp(sign * logits)) for sign in (1, -1))
    slopes = {"minimax": up, "non_saturating": down, "hinge": np.ones(2000)}
    slopes |= {"wasserstein": np.ones(2000), "least_squares": np.abs(logits - 1)}
    kept = MappingProxyType({name: frozen(slope) for name, slope in slopes.items()})
    return Pulls(own="minimax", of=kept, starved=0.137)


def sparse() -> Readings:
    """The first measurements only, with NaN among them and infinities."""
    nan, inf = np.nan, np.inf
    whole = full(3)
    assert whole.shares is not None
    return replace(
        whole,
        gaps=gaps(step=[10, 20, 30], value=[nan, -1.4, -inf], fresh=[-1, nan, -0.9], fresh_se=nan),
        error_floor=None,
        zigzag=table(ZIGZAG, step=[3, 7, 8], before=[-1.4, nan, inf], after_d=[-1.3, -1.3, -1]),
        quality=table(("step", "jsd", "recall", "precision"), step=[5, 6, 7], jsd=[nan, 0.3, inf]),
        floors=MappingProxyType({"jsd": Floor(nan, nan, nan, 0)}),
        pulls=Pulls(
            own="hinge",
            of=MappingProxyType({"hinge": frozen(np.array([0, nan, inf]))}),
            starved=nan,
        ),
        shares=whole.shares._replace(fakes=frozen(np.full(8, nan))),
    )


def watched(snapshot: Snapshot, readings: Readings) -> Snapshot:
    """The snapshot with what its instruments have read."""
    return replace(snapshot, readings=readings)


@cache
def plain() -> Snapshot:
    """A run of three iterations without instruments."""
    trainer = Trainer(RunConfig(width=4, depth=1, batch_size=8))
    for _ in range(3):
        trainer.step()
    return trainer.snapshot()


def figure(chart: str, *readings: Readings, **options: Any) -> Any:
    """A chart of one run for each of the readings: "run 0", "run 1" and so on."""
    runs = {f"run {k}": watched(plain(), each) for k, each in enumerate(readings)}
    return CHARTS[chart].fn(runs, **options)


def lines(plot: Any) -> dict[str, Any]:
    """Traces by name, those in the legend."""
    return {
        trace.name: trace for trace in plot.data if trace.name and trace.showlegend is not False
    }


def notes(plot: Any) -> str:
    """All that is written into the plot."""
    return "\n".join(note.text for note in plot.layout.annotations)


def rectangles(plot: Any) -> list[tuple[float, float]]:
    """Bands, by their ends along y."""
    return [(shape.y0, shape.y1) for shape in plot.layout.shapes if shape.type == "rect"]
