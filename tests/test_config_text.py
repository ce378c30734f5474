"""RunConfig as text: JSON, the query of an address and name=value pairs, there and back."""

import json
from typing import Any

import pytest

from ganviz.config import ConfigError, RunConfig
from tests.test_config import CONFIGS, FIELDS, OPTION_FIELDS, SWITCHES


@pytest.mark.parametrize("name", list(CONFIGS))
def test_json_round_trip(name: str) -> None:
    config = CONFIGS[name]
    again = RunConfig.from_json(config.to_json())
    assert again == config
    assert again.to_json() == config.to_json()
    values = json.loads(config.to_json())
    assert list(values) == sorted(FIELDS)
    assert all(isinstance(values[field], dict) for field in OPTION_FIELDS)


@pytest.mark.parametrize("name", list(CONFIGS))
def test_query_round_trip(name: str) -> None:
    config = CONFIGS[name]
    assert RunConfig.from_query(config.to_query()) == config
    assert RunConfig.from_query("?" + config.to_query()) == config


def test_the_query_names_only_what_differs() -> None:
    assert RunConfig().to_query() == ""
    assert RunConfig.from_query("") == RunConfig()
    config = RunConfig(dataset="grid", dataset_options={"side": 3})
    assert config.to_query() == "dataset=grid&dataset_options.side=3"


def test_fields_that_json_leaves_out_have_their_defaults() -> None:
    assert RunConfig.from_json("{}") == RunConfig()
    assert RunConfig.from_json('{"width": 7}') == RunConfig(width=7)


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", [True, False])
def test_switches_come_back_as_switches(name: str, value: bool) -> None:
    changes: dict[str, Any] = {name: value}
    config = RunConfig(**changes)
    assert f'"{name}": {str(value).lower()}' in config.to_json()
    for again in (RunConfig.from_json(config.to_json()), RunConfig.from_query(config.to_query())):
        assert getattr(again, name) is value
        assert again.id == config.id
    # an address may be typed by hand
    for text in {True: ("true", "True", "1"), False: ("false", "False", "0")}[value]:
        assert RunConfig.from_query(f"{name}={text}") == config


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("nonsense", "nonsense", "no known setting"),
        ("&", "query", "must be name=value pairs"),
        ("width=64&nonsense", "nonsense", "no known setting"),
        ("width=", "width", "must be a whole number, got ''"),
        ("width=abc", "width", "must be a whole number, got 'abc'"),
        ("width=2.5", "width", "must be a whole number"),
        ("lr_d=nan", "lr_d", "must be finite"),
        ("width=64&width=64", "width", "is given twice"),
        ("widht=64", "widht", "did you mean 'width'"),
        ("dataset=ringg", "dataset", "did you mean 'ring'"),
        ("dataset_options=3", "dataset_options", "no known setting"),
        ("dataset_options.mode=3", "dataset_options.mode", "did you mean 'modes'"),
        ("dataset_options.modes=x", "dataset_options.modes", "must be a whole number"),
        ("dataset=grid&dataset_options.modes=3", "dataset_options.modes", "no known setting"),
        ("datset_options.modes=3", "datset_options", "did you mean 'dataset_options'"),
        ("dataset_options.=3", "dataset_options.", "no known setting"),
        ("d_steps=0&g_steps=0", "d_steps", "neither player"),
        ("probe=yes", "probe", "must be true or false, got 'yes'"),
        ("probe=", "probe", "must be true or false, got ''"),
        ("packing=3", "packing", "must divide the batch"),
        ("width=1" + 400 * "0", "width", "must be"),
    ],
)
def test_a_broken_query_is_refused_by_name(query: str, field: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        RunConfig.from_query(query)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "config"),
        ("{", "config"),
        ("[]", "config"),
        ("null", "config"),
        ('{"widht": 3}', "widht"),
        ('{"width": null}', "width"),
        ('{"width": 1e400}', "width"),
        ('{"lr_d": NaN}', "lr_d"),
        ('{"probe": 0}', "probe"),
        ('{"probe": "false"}', "probe"),
        ('{"probe": null}', "probe"),
        ('{"label_smoothing": 0.1, "loss": "wasserstein"}', "label_smoothing"),
        ('{"dataset": ["ring"]}', "dataset"),
        ('{"dataset_options": null}', "dataset_options"),
        ('{"dataset_options": {"modes": true}}', "dataset_options.modes"),
        ('{"lr_d": 1' + 400 * "0" + "}", "lr_d"),
        ('{"lr_d": 1' + 5000 * "0" + "}", "config"),
        (100_000 * "[", "config"),
    ],
    ids=lambda case: case[:40] or "empty",
)
def test_broken_json_is_refused_by_name(text: str, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_json(text)
    assert caught.value.field == field


def test_settings_build_on_a_base() -> None:
    pairs = [("width", "16"), ("dataset_options.modes", "4")]
    config = RunConfig.from_settings(pairs, base=CONFIGS["options"])
    assert config == CONFIGS["options"].replace(
        width=16, dataset_options={"modes": 4, "radius": 1.0, "std": 0.1}
    )
