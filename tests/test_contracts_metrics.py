"""What every registered metric must keep to."""

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest
import torch

from bench.finite_floors import table_of
from ganviz import DATASETS, METRICS
from ganviz.quality import Evaluation, Reference, measured
from ganviz.quality.draws import floor_draw
from ganviz.target import Target
from tests.stand_ins import rng


@pytest.mark.parametrize("entry", METRICS.values(), ids=lambda entry: entry.name)
def test_metric_is_documented_with_formula_and_source(entry: Any) -> None:
    assert entry.doc.count("$$") >= 2
    assert "arXiv" in entry.doc
    assert entry.facts["best"] in {"low", "high", "floor"}
    assert len(entry.label) <= 40
    # A third of a card holds that many letters of its small type.
    assert 0 < len(entry.facts["short"]) <= 16


def test_metrics_have_places_of_their_own() -> None:
    places = [entry.facts["place"] for entry in METRICS.values() if "place" in entry.facts]
    assert len(set(places)) == len(places) > 0
    assert min(places) > 0


MEASURED: dict[str, Callable[[], Target]] = {
    "ring": DATASETS["ring"].fn,
    **{f"{dim}-D": partial(DATASETS["projected_ring"].fn, dim=dim) for dim in (8, 32, 128)},
    "200 rows": lambda: table_of(DATASETS["ring"].fn().sample, 200, rng(3)),
    "digits": DATASETS["digits"].fn,
}

MEASURABLE = [
    (data, name)
    for data, make in MEASURED.items()
    for name, entry in METRICS.items()
    if entry.facts["applies"](make())
    and (data != "digits" or not entry.facts["applies"](DATASETS["ring"].fn()))
]


@cache
def measured_against(data: str) -> Reference:
    """200 samples of a dataset at a time, or as many as it has floors for, of 40 draws."""
    target = MEASURED[data]()
    reference = Reference(target, measured(target, 200))
    reference.floors.complete(reference.metrics, 40)
    return reference


def test_every_metric_is_defined_on_something() -> None:
    assert {name for _, name in MEASURABLE} == set(METRICS)


@pytest.mark.parametrize(("data", "name"), MEASURABLE)
def test_metric_holds_data_inside_its_floor_and_a_collapsed_generator_far_outside(
    data: str, name: str
) -> None:
    before, entry = torch.get_rng_state(), METRICS[name]
    reference = measured_against(data)
    target, n, floor = reference.target, reference.n, reference.floors.of(name)
    assert floor
    draw = floor_draw(entry.facts.get("floor_draws", "training"), target, n, 1000)
    assert floor.contains(Evaluation(draw, reference).measure(name))
    # A generator that ignores z, and emits the mean of the data at all times; 20 samples, which is
    # what 200 rows have floors for, tell one that emits a single point of the data.
    made, far = target.sample(target.size or 1000, rng()), 1 / 2
    centre = made.mean(0, keepdim=True)
    if data == "200 rows" and name not in ("precision", "density"):
        centre, far = made[:1], 1 / 5
    collapsed = Evaluation(centre.expand(n, *target.shape), reference).measure(name)
    assert math.isfinite(collapsed)
    width = floor.high - floor.low
    assert max(floor.low - collapsed, collapsed - floor.high) > max(far * width, 1e-6)
    assert torch.equal(torch.get_rng_state(), before)
