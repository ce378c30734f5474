"""Settings that do nothing: they make no other run, so they make no other id."""

from typing import Any

import numpy as np
import pytest

import ganviz
from ganviz import RunConfig
from ganviz.config import LIVE_FIELDS, OWNERS, field_metadata, settings

SMALL = RunConfig(width=8, depth=1, batch_size=8, steps=5, latent_dim=2)

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], Any]] = {
    "depth_g": ({"network": "affine"}, {}, 3),
    "penalty_weight": ({}, {"penalty": "r1"}, 7.0),
    "penalty_schedule": ({}, {"penalty": "r1"}, "cosine"),
    "penalty_final": ({"penalty": "r1"}, {"penalty": "r1", "penalty_schedule": "cosine"}, 0.5),
    "beta1": ({"optimizer": "sgd", "loss": "hinge"}, {}, 0.9),
    "beta2": ({"optimizer": "sgd", "loss": "hinge"}, {"optimizer": "rmsprop"}, 0.5),
    "momentum": ({"optimizer": "rmsprop"}, {"optimizer": "sgd"}, 0.5),
    "fourier_scale": ({}, {"fourier": 2}, 3.0),
    "noise_schedule": ({}, {"instance_noise": 0.3}, "constant"),
    "probe": ({}, {"loss": "hinge"}, False),
    "which_g": ({"ema": 0.0}, {"ema": 0.9}, "playing"),
}
"""Of each field with a rule: settings beside which it is idle, others where it acts, a value."""

AS_DEFAULT: dict[str, tuple[dict[str, Any], Any]] = {
    "depth_g": ({"depth": 2}, 2),
    "penalty": ({"penalty_weight": 0.0}, "wgan_gp"),
    "penalty_schedule": ({"penalty": "r1", "penalty_final": 1.0}, "cosine"),
}
"""Values that do what the default does, beside other settings."""


def rows(config: RunConfig) -> Any:
    trainer = ganviz.train(config)
    return trainer.history.to_pandas().to_numpy(), trainer.snapshot()


def same_run(one: RunConfig, other: RunConfig) -> bool:
    (left, shown), (right, shown_too) = rows(one), rows(other)
    return (
        np.array_equal(left, right, equal_nan=True)
        and np.array_equal(shown.samples, shown_too.samples)
        and np.array_equal(shown.real_logits, shown_too.real_logits)
    )


def test_every_rule_has_a_case() -> None:
    named = {n: field_metadata(n) for n in (*settings(), *OWNERS)}
    assert set(CASES) == {n for n, m in named.items() if m["needs"]}
    assert set(AS_DEFAULT) == {n for n, m in named.items() if m["as_default"]}
    assert set(CASES).isdisjoint(LIVE_FIELDS)


@pytest.mark.parametrize("field", list(CASES))
def test_an_idle_field_changes_neither_the_id_nor_a_bit(field: str) -> None:
    beside, elsewhere, value = CASES[field]
    idle, acting = SMALL.replace(**beside), SMALL.replace(**elsewhere)
    assert value != settings()[field].default
    assert idle.replace(**{field: value}) != idle
    assert idle.replace(**{field: value}).id == idle.id
    assert same_run(idle.replace(**{field: value}), idle)
    assert acting.replace(**{field: value}).id != acting.id
    # Which G is shown is a matter of the page alone: the history is the same with either.
    assert same_run(acting.replace(**{field: value}), acting) == (field == "which_g")


@pytest.mark.parametrize("field", list(AS_DEFAULT))
def test_a_value_that_does_what_the_default_does_has_its_id(field: str) -> None:
    beside, value = AS_DEFAULT[field]
    plain = SMALL.replace(**beside)
    assert plain.replace(**{field: value}).id == plain.id
    assert same_run(plain.replace(**{field: value}), plain)


def test_what_is_idle_because_of_another_idle_field_is_idle() -> None:
    beside = {"penalty": "r1", "penalty_final": 1.0}
    assert SMALL.replace(**beside, penalty_schedule="cosine").id == SMALL.replace(penalty="r1").id
    unweighted = SMALL.replace(penalty="wgan_gp", penalty_weight=0.0, penalty_schedule="cosine")
    assert unweighted.id == SMALL.id


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else value / 2 or 0.1


def test_every_other_field_always_counts() -> None:
    changes: dict[str, Any] = {"dataset": "grid", "network": "resmlp", "loss": "hinge"}
    changes |= {"latent": "uniform", "optimizer": "sgd", "lr_schedule": "linear"}
    changes |= {"update": "simultaneous", "device": "cuda", "dtype": "float64", "penalty": "r1"}
    changes |= {"packing": 2}
    ids = {SMALL.id}
    counted = [name for name in settings() if not field_metadata(name)["needs"]]
    for name in counted:
        value = changes[name] if name in changes else another(getattr(SMALL, name))
        ids.add(SMALL.replace(**{name: value}).id)
    assert len(ids) == len(counted) + 1


def test_settings_stay_as_they_were_given() -> None:
    config = SMALL.replace(optimizer="sgd", beta1=0.9)
    assert RunConfig.from_json(config.to_json()) == config
    assert config.beta1 == 0.9
    assert config.effective.beta1 == 0.5
    assert config.effective == config.effective.effective
