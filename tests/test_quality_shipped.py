"""The floors that come with the package are complete, and those of the metrics as they are now."""

import pytest

from ganviz.datasets import DATASETS
from ganviz.instruments.quality import VECTORS, samples_of
from ganviz.optimal import SAMPLES, why_not
from ganviz.quality import DRAWS, METRICS, Evaluation, reference_for
from ganviz.quality.draws import floor_draw
from ganviz.quality.shipped import shipped_floors

SHIPPED = [name for name, entry in DATASETS.items() if "needs" not in entry.facts]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_metric_of_every_dataset_has_a_floor(name: str) -> None:
    target = DATASETS[name].fn()
    n = samples_of(target)
    floors = shipped_floors(name, n)
    assert set(floors) == set(reference_for(target, n).metrics)
    for floor in floors.values():
        assert floor.draws == DRAWS
        assert floor.low <= floor.mean <= floor.high
    error = shipped_floors(name, SAMPLES)
    assert set(error) == (set() if why_not(target) else {"two_jsd"})


@pytest.mark.parametrize("name", ["ring", "mixture", "moons", "digits"])
def test_new_draws_of_the_data_lie_inside(name: str) -> None:
    target = DATASETS[name].fn()
    n = samples_of(target)
    reference, floors = reference_for(target, n), shipped_floors(name, n)
    outside = []
    for number in range(5000, 5004):
        draws = {
            kind: Evaluation(floor_draw(kind, target, n, number), reference)
            for kind in ("training", "held_out")
        }
        for metric, floor in floors.items():
            kind = METRICS[metric].facts.get("floor_draws", "training")
            if not floor.contains(draws[kind].measure(metric)):
                outside.append((metric, number))
    # Four draws of at most 17 metrics, each outside once in a hundred: four or more happen once in
    # two hundred such tests, and a metric that has changed is outside in most draws.
    assert len(outside) < 4, outside


def test_data_without_floors_have_none() -> None:
    assert dict(shipped_floors("csv", VECTORS)) == {}
    assert dict(shipped_floors("ring", 17)) == {}
