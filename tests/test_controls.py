"""The form without a browser: everything registered is in it, and it keeps what it is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from ganviz.config import OWNERS, field_doc, field_metadata, settings
from ganviz.config.schema import REGISTRIES
from ganviz.datasets import DATASETS, shape_of
from ganviz.networks import NETWORKS
from ganviz.presets import PRESETS
from ganviz.ui import form, state, text
from tests.app_page import config_of, controls, opened, pick, press, status

LIVE = ("lr_d", "lr_g", "d_steps", "g_steps")

EVERYTHING_ON = (
    {"optimizer": "sgd"},
    {
        "penalty": "r1",
        "penalty_schedule": "cosine",
        "fourier": "4",
        "instance_noise": "0.1",
        "packing": "2",
    },
)
"""Addresses that between them bring every field into the form."""


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


def test_every_field_has_its_control_its_help_and_live_or_restarts() -> None:
    found: dict[str, Any] = {}
    for query in EVERYTHING_ON:
        app = opened(**query)
        assert not app.exception
        assert not app.sidebar.error
        found |= controls(app)
    for name in settings():
        assert field_doc(name) in found[name].help
        assert found[name].label == text.label(name, live=name in LIVE)
        assert ("live" if name in LIVE else "restarts") in found[name].label


def test_every_field_has_a_name_and_a_group_that_is_drawn() -> None:
    assert {"preset", *settings()} == set(text.LABELS)
    assert {field_metadata(name)["group"] for name in settings()} == set(text.GROUPS)


def test_every_choice_is_offered() -> None:
    found = controls(opened(**EVERYTHING_ON[0])) | controls(opened(**EVERYTHING_ON[1]))
    for name, spec in settings().items():
        if spec.choices and name != "device":
            assert found[name].options == [text.choice(choice) for choice in spec.choices]


@pytest.mark.parametrize("owner", ["dataset", "network", "loss", "penalty"])
def test_everything_registered_can_be_picked_with_its_options(owner: str) -> None:
    app = opened()
    for name, entry in REGISTRIES[owner].items():
        if owner == "network":
            images = entry.facts["complaint"]((2,), 1) is not None
            pick(app, "dataset", "digits" if images else "ring")
        pick(app, owner, name)
        assert not app.exception
        if owner in OWNERS.values():
            found = controls(app)
            for option, spec in entry.options.items():
                assert found[f"{owner}_options.{option}"].value == spec.default
        # Nothing is wrong but what a person has yet to give, or a latent size that depends on data.
        assert [e.value for e in app.sidebar.error if "latent_dim" not in e.value] == []
        needs_file = owner == "dataset" and entry.facts.get("needs") == "file"
        assert bool(app.sidebar.info) == needs_file


def test_only_networks_that_serve_the_data_are_offered() -> None:
    for dataset in ("ring", "digits", "csv", "images"):
        app = opened(dataset=dataset)
        offered = app.selectbox(key="network").options
        defaults = {n: spec.default for n, spec in DATASETS[dataset].options.items()}
        shape = shape_of(dataset, defaults) or (2,)
        able = [e for e in NETWORKS.values() if e.facts["complaint"](shape, 1) is None]
        assert offered == [entry.label for entry in able]


def test_address_keeps_a_network_for_images_that_are_yet_to_be_given() -> None:
    assert opened(dataset="images", network="dcgan").selectbox(key="network").value == "dcgan"


def test_the_label_that_a_late_browser_sends_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.session_state", held)
    form.load(PRESETS["moons"].config)
    held["network"] = NETWORKS["resmlp"].label
    form.settle()
    assert held["network"] == "resmlp"
    held["network"] = NETWORKS["conv"].label
    form.settle()
    assert held["network"] == "mlp"
    assert form.Form().config is not None


def test_fields_that_do_nothing_are_left_out() -> None:
    idle = {"momentum", "penalty_final", "fourier_scale", "noise_schedule", "probe"}
    assert idle.isdisjoint(controls(opened()))
    app = opened(loss="hinge", optimizer="sgd", penalty="none")
    assert {"penalty_weight", "beta1", "beta2", "label_smoothing"}.isdisjoint(controls(app))
    assert "fourier" not in controls(opened(dataset="digits", network="conv", batch_size="64"))


def test_a_field_that_is_left_out_keeps_its_value() -> None:
    app = opened(width="8")
    pick(app, "optimizer", "sgd")
    app.number_input(key="momentum").set_value(0.5).run()
    app.number_input(key="lr_g").set_value(0.01).run()
    pick(app, "optimizer", "adam")
    assert "momentum" not in controls(app)
    press(app, "step")
    assert config_of(app).momentum == 0.5
    assert config_of(app).optimizer == "adam"
    pick(app, "optimizer", "sgd")
    assert app.number_input(key="momentum").value == 0.5
    assert app.number_input(key="lr_g").value == 0.01


def test_a_preset_resets_the_fields_that_are_left_out_too() -> None:
    app = opened(optimizer="sgd", momentum="0.5", fourier="8", fourier_scale="3.0")
    app.number_input(key="fourier").set_value(0).run()
    pick(app, "preset", "moons")
    pick(app, "optimizer", "sgd")
    app.number_input(key="fourier").set_value(4).run()
    assert app.number_input(key="momentum").value == 0.0
    assert app.number_input(key="fourier_scale").value == 1.0


def test_a_preset_fills_every_field() -> None:
    app = opened(spectral_norm="true", grad_clip="2.0", update="simultaneous", packing="2")
    pick(app, "preset", "digits")
    app.session_state["presses"] = {}
    press(app, "step")
    assert config_of(app) == PRESETS["digits"].config


def test_the_fold_says_how_many_tricks_are_on_and_where_one_is_wrong() -> None:
    app = opened()
    assert [e.label for e in app.sidebar.expander] == ["**Tricks** · all off"]
    app.checkbox(key="spectral_norm").check().run()
    app.number_input(key="instance_noise").set_value(0.1).run()
    pick(app, "noise_schedule", "constant")
    assert [e.label for e in app.sidebar.expander] == ["**Tricks** · 2 on"]
    app.number_input(key="packing").set_value(3).run()
    assert "needs a correction" in app.sidebar.expander[0].label
    assert "packing must divide" in app.sidebar.expander[0].error[0].value


def test_a_wrong_value_stays_in_the_form_where_it_would_do_nothing() -> None:
    app = opened(label_smoothing="0.1")
    pick(app, "loss", "hinge")
    assert "label_smoothing needs a D that is a probability" in app.sidebar.error[0].value
    app.number_input(key="label_smoothing").set_value(0.0).run()
    assert not app.sidebar.error
    assert "label_smoothing" not in controls(app)


def test_table_is_a_text_area_and_names_its_wrong_line() -> None:
    app = opened(dataset="table")
    app.text_area(key="dataset_options.table").set_value("0, 1, 1\n0, 1, -2").run()
    assert "line 2" in app.sidebar.error[0].value
    press(app, "start")
    assert "line 2" in status(app)
    assert "iteration 0" in status(app)
