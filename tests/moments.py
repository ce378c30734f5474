"""Moments of a tiny run with one measurement: for the tests of what is said of a run."""

import math
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from ganviz import RunConfig, Trainer
from ganviz.columns import Columns
from ganviz.readings import GAPS, Floor, Readings
from ganviz.snapshot import Snapshot

FLOOR = Floor(-0.001, -0.004, 0.003, 200)


@cache
def snapshot(**changes: Any) -> Snapshot:
    """Of a tiny run after three iterations."""
    trainer = Trainer(RunConfig(**({"width": 8, "depth": 1, "batch_size": 8} | changes)))
    for _ in range(3):
        trainer.step()
    return trainer.snapshot()


def gaps(**row: float) -> Columns:
    """One measurement at iteration 3, NaN where nothing is given."""
    filled = {"step": 3.0, "value_se": 0.015, "fresh_se": 0.015} | row
    return Columns(np.array([[filled.get(name, np.nan) for name in GAPS]]), GAPS)


def measured(floor: Floor | None = FLOOR, shown: Snapshot | None = None, **row: float) -> Snapshot:
    return replace(shown or snapshot(), readings=Readings(gaps=gaps(**row), error_floor=floor))


def read(**quality: tuple[float, float, float]) -> Readings:
    """Metrics with a value and the ends of a floor, measured at iteration 3."""
    row = np.array([[3.0, *(value for value, _, _ in quality.values())]])
    floors = {name: Floor(math.nan, low, high, 200) for name, (_, low, high) in quality.items()}
    table = Columns(row, ("step", *quality))
    return Readings(quality=table, floors=MappingProxyType(floors), samples=1000)
