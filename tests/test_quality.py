"""Measuring samples: `evaluate`, what metrics share, and floors that hold what they promise."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

import ganviz
from ganviz import DATASETS, METRICS
from ganviz.quality import (
    DRAWS,
    FEWEST_DRAWS,
    Evaluation,
    Reference,
    evaluate,
    floor_of,
    reference_for,
)
from ganviz.quality.base import distances
from ganviz.quality.evaluation import checked_samples
from ganviz.readings import Floor
from ganviz.registry import UnknownName
from ganviz.target import Target
from tests.stand_ins import draws, modes_of, rng

N = 1000

QUICK = ["sliced_w1", "modes", "high_quality"]


@cache
def ring() -> Target:
    return DATASETS["ring"].fn()


def all_but_one(seed: int) -> Tensor:
    """Samples of a generator that is perfect on 7 of the 8 modes and never makes the first."""
    samples = draws(ring(), 2 * N, seed)
    return samples[torch.cdist(samples, modes_of(ring())).argmin(1) != 0][:N]


# Floors.


def test_real_data_lie_inside_every_floor_and_seven_modes_of_eight_outside() -> None:
    reference = reference_for(ring(), N)
    names = reference.metrics
    reference.floors.complete(names)
    floors = {name: reference.floors.of(name) for name in names}
    inside, outside = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    telling = ["jsd", "two_jsd", "coverage", "modes", "reverse_kl"]
    for seed in range(100):
        real = Evaluation(draws(ring(), N, 7000 + seed), reference)
        lacking = Evaluation(all_but_one(7000 + seed), reference)
        for name, floor in floors.items():
            assert floor
            inside[name] += floor.contains(real.measure(name))
            if name in telling:
                outside[name] += not floor.contains(lacking.measure(name))
    assert {name: count for name, count in inside.items() if count < 97} == {}
    assert {name: outside[name] for name in telling} == dict.fromkeys(telling, 100)


@pytest.mark.parametrize("shape", ["normal", "skewed"])
@pytest.mark.parametrize("n", [FEWEST_DRAWS, DRAWS])
def test_a_floor_holds_ninety_nine_percent_of_what_follows(n: int, shape: str) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, n)) if shape == "normal" else rng.chisquare(7, size=(200, n))
    further = rng.normal(size=20_000) if shape == "normal" else rng.chisquare(7, size=20_000)
    found = [floor_of(row) for row in values]
    held = [np.mean((further >= f.low) & (further <= f.high)) for f in found]
    # A floor of 20 skewed draws is the only one that does not reach it in the mean.
    assert np.mean(held) >= (0.99 if shape == "normal" or n == DRAWS else 0.98)
    if shape == "normal":
        assert np.mean(np.array(held) >= 0.99) >= 0.9
    assert all(f.draws == n and f.low < f.mean < f.high for f in found)


def test_a_floor_of_equal_values_is_that_value() -> None:
    assert floor_of(np.full(30, 8.0)) == Floor(8.0, 8.0, 8.0, 30)


def test_floors_are_the_same_whoever_takes_them_and_in_what_order() -> None:
    one, other = (Reference(ring(), 50) for _ in range(2))
    for name in QUICK:
        one.floors.complete([name], FEWEST_DRAWS)
    for _ in range(FEWEST_DRAWS):
        other.floors.extend(["high_quality"])
    other.floors.complete(QUICK, FEWEST_DRAWS)
    for name in QUICK:
        assert one.floors.of(name) == other.floors.of(name)
        assert one.floors.draws(name) == FEWEST_DRAWS


def test_a_floor_needs_some_draws_and_ends_at_a_number_of_them() -> None:
    reference = Reference(ring(), 20)
    reference.floors.complete(["modes"], FEWEST_DRAWS - 1)
    assert reference.floors.of("modes") is None
    reference.floors.extend(["modes"])
    assert reference.floors.of("modes")
    reference.floors.complete(["modes"])
    reference.floors.extend(["modes"])
    assert reference.floors.draws("modes") == DRAWS


def test_no_floor_reaches_beyond_what_the_metric_can_be() -> None:
    reference = Reference(ring(), 100)
    bounded = {name for name in reference.metrics if "within" in METRICS[name].facts}
    reference.floors.complete(bounded, FEWEST_DRAWS)
    for name in bounded:
        least, most = METRICS[name].facts["within"](ring())
        floor = reference.floors.of(name)
        assert floor
        assert least <= floor.low <= floor.high <= most
    assert {"high_quality", "reverse_kl", "modes_20", "coverage"} <= bounded


# What metrics share.


def test_what_is_shared_is_calculated_once() -> None:
    asked: list[object] = []

    def calculate(it: object) -> int:
        asked.append(it)
        return len(asked)

    reference = Reference(ring(), 20)
    evaluation = Evaluation(draws(ring(), 20), reference)
    found = [holder.once("this", calculate) for holder in (reference, evaluation) * 2]
    assert found == [1, 2, 1, 2]
    assert asked == [reference, evaluation]


def test_what_is_shared_may_ask_for_what_is_shared() -> None:
    reference = Reference(ring(), 20)
    assert reference.once("outer", lambda it: it.once("inner", lambda _: 3)) == 3


def test_distances_are_exact_where_dimensions_are_few_and_near_it_where_they_are_many() -> None:
    for dim, error in ((2, 1e-12), (8, 1e-12), (200, 1e-6)):
        x = 1e3 + torch.randn(60, dim, generator=rng(1), dtype=torch.float64)
        y = 1e3 + torch.randn(50, dim, generator=rng(2), dtype=torch.float64)
        level = (x[:, None] - y).square().sum(-1).sqrt()
        assert (distances(x, y) - level).abs().max() < error


def test_the_reference_is_held_out_and_always_the_same() -> None:
    def held_out(n: int, rng: torch.Generator) -> Tensor:
        return 5 + torch.randn(n, 1, generator=rng)

    target = Target(lambda n, rng: torch.randn(n, 1, generator=rng), 1, held_out=held_out)
    one, other = (Reference(target, 500) for _ in range(2))
    assert torch.equal(one.real, other.real)
    assert one.real.mean().item() == pytest.approx(5, abs=0.2)
    few = Reference(Target(target.sample, 1, held_out=held_out, held_out_size=40), 500)
    assert len(few.real) == 40


# evaluate.


def test_evaluate_gives_each_value_between_the_ends_of_its_floor() -> None:
    before = torch.get_rng_state()
    found = ganviz.evaluate(draws(ring(), 60, 3), ring(), metrics=QUICK)
    assert list(found) == QUICK
    for name, (value, low, high) in found.items():
        assert low <= value <= high, name
    assert found["modes"][0] == 8
    assert torch.equal(torch.get_rng_state(), before)
    assert found == evaluate(draws(ring(), 60, 3).double(), ring(), metrics=iter(QUICK))


def test_evaluate_takes_arrays_even_those_that_cannot_be_written() -> None:
    samples = draws(ring(), 60, 3).numpy()
    samples.flags.writeable = False
    found = evaluate(samples, ring(), metrics=["modes"])
    assert found == evaluate(torch.tensor(samples), ring(), metrics=["modes"])


def test_evaluate_measures_all_that_are_defined_on_the_target() -> None:
    line = Target(lambda n, rng: torch.randn(n, 1, generator=rng), 1)
    found = evaluate(torch.zeros(20, 1), line)
    assert set(found) == {name for name in METRICS if METRICS[name].facts["applies"](line)}
    assert {"coverage", "mmd", "exact_w2"} <= set(found)
    assert {"jsd", "modes", "frechet"}.isdisjoint(found)


@pytest.mark.parametrize(
    ("samples", "metrics", "complaint"),
    [
        (torch.zeros(20, 3), None, r"samples must have shape \('n', 2\), got \(20, 3\)"),
        (torch.zeros(20), None, "samples must have shape"),
        (torch.full((20, 2), math.nan), None, "samples must be finite"),
        (torch.zeros(9, 2), None, "at least 10 samples are needed to measure them, got 9"),
        (torch.zeros(20, 2), ["frechet"], "the metric 'frechet' is not defined on this target"),
    ],
)
def test_what_cannot_be_evaluated(
    samples: Tensor, metrics: list[str] | None, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        evaluate(samples, ring(), metrics=metrics)


def test_an_unknown_metric_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'coverage'"):
        evaluate(torch.zeros(20, 2), ring(), metrics=["covrage"])


def test_samples_that_are_not_finite_have_no_value() -> None:
    samples = draws(ring(), 50)
    samples[3, 0] = math.inf
    evaluation = Evaluation(samples, Reference(ring(), 50))
    assert all(math.isnan(evaluation.measure(name)) for name in evaluation.reference.metrics)
    with pytest.raises(ValueError, match="must be finite"):
        checked_samples(samples, ring())


def test_few_held_out_data_measure_nothing() -> None:
    few = Target(lambda n, rng: torch.zeros(n, 2), 2, held_out_size=2, shift=0.0, scale=1.0)
    assert Reference(few, 20).metrics == []
