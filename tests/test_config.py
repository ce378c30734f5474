"""RunConfig: what it refuses, and that every way of writing it comes back the same."""

import dataclasses
import json
import math
from contextlib import nullcontext
from typing import Any

import pytest

from ganviz.config import (
    CUSTOM,
    LIVE_FIELDS,
    ConfigError,
    RunConfig,
    field_doc,
    field_metadata,
    settings,
)
from ganviz.losses import LOSSES
from ganviz.presets import PRESETS
from ganviz.registry import Option

FIELDS = [f.name for f in dataclasses.fields(RunConfig)]
GROUPS = ["data", "networks", "loss", "optimiser", "tricks", "run"]
OPTION_FIELDS = ("dataset_options", "network_options", "loss_options")

DIGITS = RunConfig(dataset="digits", network="conv", batch_size=64, width=32)
CONFIGS = {
    **{name: preset.config for name, preset in PRESETS.items()},
    "options": RunConfig(
        dataset="ring",
        dataset_options={"std": 0.1, "modes": 3},
        network_options={"activation": "tanh"},
    ),
    "frozen_d": RunConfig(d_steps=0, g_steps=3, latent="uniform", dtype="float64"),
    "awkward_numbers": RunConfig(lr_d=1e-17, lr_g=1 / 3, beta2=0.1 + 0.2, seed=2**31 - 1, ema=0),
    "tricks": RunConfig(
        optimizer="sgd",
        momentum=-0.3,
        update="simultaneous",
        instance_noise=0.5,
        noise_schedule="constant",
        penalty_schedule="geometric",
        packing=4,
        unroll=2,
        spectral_norm=True,
        minibatch_std=True,
        probe=False,
        compile=True,
    ),
    "conv": DIGITS,
    "custom": RunConfig(dataset=CUSTOM, steps=5),
}


def test_it_is_frozen_hashable_and_takes_keywords_alone() -> None:
    config = RunConfig()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.width = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        RunConfig("ring")  # type: ignore[call-arg]
    assert len({config, RunConfig(), RunConfig(width=64)}) == 2


def test_equal_settings_have_equal_ids() -> None:
    plain = RunConfig()
    written: dict[str, Any] = {
        **json.loads(plain.to_json()),
        "dataset_options": [("std", 0.01), ("radius", 1), ("modes", 8)],
        "penalty_weight": 0.1,
    }
    assert RunConfig(**written) == plain
    assert RunConfig(**written).id == plain.id
    assert hash(RunConfig(**written)) == hash(plain)
    assert RunConfig(penalty_weight=1).id == RunConfig(penalty_weight=1.0).id
    assert len(plain.id) == 10
    int(plain.id, 16)


def test_both_zeros_are_one_setting() -> None:
    minus, plus = RunConfig(penalty_weight=-0.0), RunConfig(penalty_weight=0.0)
    assert minus == plus
    assert minus.id == plus.id


def test_ids_tell_every_change_apart() -> None:
    ids = {config.id for config in CONFIGS.values()}
    ids |= {RunConfig(seed=seed).id for seed in range(100)}
    assert len(ids) == len(CONFIGS) + 100


SWITCHES = [name for name, spec in settings().items() if spec.type is bool]


def test_switches_are_no_numbers_and_have_no_ends() -> None:
    assert {"spectral_norm", "minibatch_std", "probe", "compile"} <= set(SWITCHES)
    for name in SWITCHES:
        spec = settings()[name]
        assert spec.bounds is None
        assert spec.choices == ()
        assert spec.default is getattr(RunConfig(), name)


def outside(spec: Option) -> list[Any]:
    wrong: list[Any] = [None, [], {}, b"1"]
    if spec.type is str:
        return [*wrong, 3, "", "nonsense"]
    if spec.type is bool:
        return [*wrong, 0, 1, 1.0, math.nan, "true", ""]
    wrong += [True, "1", math.nan, math.inf, -math.inf]
    assert spec.bounds is not None, f"{spec.name} has no bounds"
    low, high = spec.bounds.low, spec.bounds.high
    if spec.type is int:
        return [*wrong, int(low) - 1, int(high) + 1, low + 0.5]
    below = low if spec.bounds.open_low else math.nextafter(low, -math.inf)
    return [*wrong, below, math.nextafter(high, math.inf)]


@pytest.mark.parametrize("field", list(settings()))
def test_what_is_out_of_bounds_is_refused_by_name(field: str) -> None:
    for value in outside(settings()[field]):
        with pytest.raises(ConfigError) as caught:
            RunConfig(**{field: value})
        assert caught.value.field == field
        assert str(caught.value).startswith(f"{field} ")
        assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("field", [n for n, spec in settings().items() if spec.bounds])
def test_the_bounds_themselves_are_allowed(field: str) -> None:
    bounds = settings()[field].bounds
    assert bounds is not None
    kind = settings()[field].type
    low = math.nextafter(bounds.low, math.inf) if bounds.open_low else bounds.low
    for value in (kind(low), kind(bounds.high)):
        assert getattr(RunConfig(**{field: value}), field) == value


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"steps": 0}, "steps", "must be at least 1, got 0"),
        ({"lr_d": 0}, "lr_d", "must be above 0, got 0"),
        ({"loss": "minmax"}, "loss", "did you mean 'minimax'"),
        ({"dataset": "rings"}, "dataset", "did you mean 'ring'"),
        ({"network": "cnv"}, "network", "did you mean 'conv'"),
        ({"penalty": "noone"}, "penalty", "did you mean 'none'"),
        ({"latent": "norml"}, "latent", "did you mean 'normal'"),
        ({"dataset_options": 3}, "dataset_options", "must be a mapping, got 3"),
        ({"dataset_options": "ring"}, "dataset_options", "must be a mapping"),
        ({"dataset_options": {"mode": 3}}, "dataset_options.mode", "did you mean 'modes'"),
        ({"dataset_options": {"modes": 0}}, "dataset_options.modes", "must be at least 1, got 0"),
        ({"dataset_options": {1: 0}}, "dataset_options.1", "no known setting"),
        ({"loss_options": {"a": 1}}, "loss_options.a", "no known setting; there are none"),
        ({"network_options": {"activation": "rel"}}, "network_options.activation", "'relu'"),
        ({"d_steps": 0, "g_steps": 0}, "d_steps", "neither player would learn"),
        ({"dataset": "digits", "batch_size": 1438}, "batch_size", "only 1,437 samples"),
        ({"network": "conv"}, "network", "cannot serve ring: conv is for images"),
        ({"dataset": "digits", "network": "conv", "depth": 4}, "depth", "at most 3 times"),
        ({"dataset": "digits", "network": "conv", "depth_g": 4}, "depth_g", "at most 3 times"),
        ({"dataset": CUSTOM, "dataset_options": {"modes": 3}}, "dataset_options.modes", "no known"),
        (
            {"dataset": "table", "dataset_options": {"table": "0, 1, -2"}},
            "dataset_options.table",
            "sigma must be above 0, got -2",
        ),
        ({"probe": 1}, "probe", "must be true or false, got 1"),
        ({"optimizer": "sdg"}, "optimizer", "did you mean 'sgd'"),
        ({"packing": 3}, "packing", "must divide the batch of 256, got 3"),
        ({"packing": 16, "batch_size": 8}, "packing", "must divide the batch of 8, got 16"),
        ({"label_smoothing": 0.1, "loss": "hinge"}, "label_smoothing", "which hinge has not"),
        ({"dataset": "digits", "fourier": 8}, "fourier", "is for vectors, and digits has images"),
        ({"network": "affine"}, "latent_dim", "cannot serve ring: affine .* must be 2, got 8"),
    ],
)
def test_what_no_run_can_have_names_its_field(
    wrong: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        RunConfig(**wrong)
    assert caught.value.field == field


def test_one_player_may_be_frozen_and_the_largest_batch_taken() -> None:
    assert RunConfig(d_steps=0).g_steps == 1
    assert RunConfig(g_steps=0).d_steps == 1
    assert DIGITS.replace(batch_size=1437).batch_size == 1437


def test_what_depends_on_another_field_is_checked_after_every_change() -> None:
    packed = RunConfig(packing=16, batch_size=32)
    with pytest.raises(ConfigError, match="packing must divide the batch of 40"):
        packed.replace(batch_size=40)
    smoothed = RunConfig(label_smoothing=0.1)
    with pytest.raises(ConfigError, match="label_smoothing needs a D that is a probability"):
        smoothed.replace(loss="relativistic")
    for loss, entry in LOSSES.items():
        allowed = entry.facts["critic"] == "logit"
        with nullcontext() if allowed else pytest.raises(ConfigError, match=loss):
            assert smoothed.replace(loss=loss).label_smoothing == 0.1
    assert RunConfig(network="affine", latent_dim=2).latent_dim == 2


def test_a_new_choice_starts_from_its_own_options() -> None:
    ring = CONFIGS["options"]
    assert ring.replace(dataset="grid") == RunConfig(
        dataset="grid", network_options=ring.network_options
    )
    assert ring.replace(dataset="ring", width=9).options("dataset") == ring.options("dataset")
    kept = ring.replace(dataset="mixture", dataset_options={"modes": 5})
    assert kept.options("dataset") == {"modes": 5, "spacing": 4.0, "std": 0.5}
    assert ring.options("dataset") == {"modes": 3, "radius": 1.0, "std": 0.1}


def test_replace_suggests_the_nearest_field() -> None:
    with pytest.raises(ConfigError, match=r"widht is no known setting; did you mean 'width'"):
        RunConfig().replace(widht=3)


def test_edited_takes_live_fields_alone() -> None:
    assert LIVE_FIELDS == ("lr_d", "lr_g", "d_steps", "g_steps")
    for field in LIVE_FIELDS:
        value = settings()[field].type(1)
        assert RunConfig().edited(**{field: value}) == RunConfig(**{field: value})
    for field in set(FIELDS) - set(LIVE_FIELDS):
        with pytest.raises(ConfigError, match="needs a restart; live are only lr_d") as caught:
            RunConfig().edited(**{field: getattr(RunConfig(), field)})
        assert caught.value.field == field
    with pytest.raises(ConfigError, match="did you mean 'lr_d'"):
        RunConfig().edited(lr_dd=0.1)
    with pytest.raises(ConfigError, match="lr_d must be at most 1"):
        RunConfig().edited(lr_d=2)
    with pytest.raises(ConfigError, match="neither player"):
        RunConfig(g_steps=0).edited(d_steps=0)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_documented_and_in_a_group(field: str) -> None:
    assert field_doc(field).endswith(".")
    assert field_metadata(field)["group"] in GROUPS
    assert isinstance(field_metadata(field)["live"], bool)
    if field not in OPTION_FIELDS:
        assert settings()[field].help == field_doc(field)
