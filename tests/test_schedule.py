"""What changes over a run by itself, as formulas and in what the trainer does."""

import math
from typing import Any

import pytest
import torch
from torch.nn.utils import parameters_to_vector

from ganviz import RunConfig, Trainer
from ganviz.trainer.schedule import rates
from tests.test_tricks import BASE, STILL


@pytest.mark.parametrize(
    ("schedule", "start", "middle", "end"),
    [("constant", 1, 1, 1), ("linear", 1, 0.5, 0), ("cosine", 1, 0.5, 0)],
)
def test_rates_of_learning(schedule: str, start: float, middle: float, end: float) -> None:
    config = RunConfig(lr_schedule=schedule, lr_d=0.2, lr_g=0.3, steps=80)  # type: ignore[arg-type]
    for iteration, share in ((0, start), (40, middle), (80, end), (200, end)):
        now = rates(config, iteration)
        assert now.lr_d == pytest.approx(0.2 * share, rel=1e-12, abs=1e-16)
        assert now.lr_g == pytest.approx(0.3 * share, rel=1e-12, abs=1e-16)
    quarter = {"constant": 1, "linear": 0.75, "cosine": (1 + math.sqrt(0.5)) / 2}[schedule]
    assert rates(config, 20).lr_d == pytest.approx(0.2 * quarter, rel=1e-12)


PENALTY: dict[str, list[float]] = {
    "constant": [1, 1, 1],
    "cosine": [1, 0.04 + 0.96 / 2, 0.04],
    "geometric": [1, 0.2, 0.04],
}
"""Shares of the weight at the start, half way and at the end, for a final share of .04."""


@pytest.mark.parametrize("schedule", list(PENALTY))
def test_weights_of_the_penalty(schedule: str) -> None:
    config = RunConfig(penalty_schedule=schedule, penalty_weight=3.0, penalty_final=0.04, steps=80)  # type: ignore[arg-type]
    found = [rates(config, iteration).penalty for iteration in (0, 40, 80, 200)]
    start, middle, end = (3.0 * share for share in PENALTY[schedule])
    assert found == pytest.approx([start, middle, end, end], rel=1e-12)


@pytest.mark.parametrize(
    ("schedule", "shares"), [("linear", [1, 0.5, 0, 0]), ("constant", [1, 1, 1, 1])]
)
def test_standard_deviations_of_the_noise(schedule: str, shares: list[float]) -> None:
    config = RunConfig(noise_schedule=schedule, instance_noise=0.4, steps=80)  # type: ignore[arg-type]
    found = [rates(config, iteration).noise for iteration in (0, 40, 80, 200)]
    assert found == pytest.approx([0.4 * share for share in shares], abs=1e-16)


@pytest.mark.parametrize("schedule", ["cosine", "geometric"])
def test_the_penalty_in_the_record_follows_its_schedule(schedule: str) -> None:
    changes: dict[str, Any] = {"penalty": "r1", "penalty_weight": 3.0, "penalty_final": 0.04}
    runs = [
        Trainer(BASE.replace(penalty_schedule=name, steps=4, **changes, **STILL))
        for name in (schedule, "constant")
    ]
    for trainer in runs:
        for _ in range(6):  # two more than the run is long
            trainer.step()
    now, whole = (trainer.history["penalty"] for trainer in runs)
    assert (whole > 0).all()
    start, middle, end = PENALTY[schedule]
    shares = (now / whole)[[0, 2, 4, 5]]  # the weights stand still: nothing else differs
    assert shares.tolist() == pytest.approx([start, middle, end, end], rel=1e-9)


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
@pytest.mark.parametrize("who", ["discriminator", "generator"])
def test_an_update_is_as_long_as_its_rate_says(schedule: str, who: str) -> None:
    trainer = Trainer(BASE.replace(lr_schedule=schedule, steps=8, lr_d=0.02, lr_g=0.03))
    base = {"discriminator": 0.02, "generator": 0.03}[who]
    left = {
        "constant": [1.0] * 9,
        "linear": [1 - t / 8 for t in range(9)],
        "cosine": [(1 + math.cos(math.pi * t / 8)) / 2 for t in range(9)],
    }[schedule]
    for share in left:
        before = parameters_to_vector(getattr(trainer, who).parameters()).detach().clone()
        trainer.step()
        after = parameters_to_vector(getattr(trainer, who).parameters()).detach()
        norm = trainer.history[f"grad_norm_{who[0]}"][-1]
        length = torch.linalg.vector_norm(after - before).item()
        assert length == pytest.approx(norm * base * share, rel=1e-9, abs=1e-15)  # float64
