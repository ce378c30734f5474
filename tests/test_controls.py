"""The form without a browser: everything registered is in it, and it keeps what it is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from ganviz.config import OWNERS, field_metadata, settings
from ganviz.config.schema import REGISTRIES
from ganviz.datasets import DATASETS, shape_of
from ganviz.networks import NETWORKS
from ganviz.presets import PRESETS
from ganviz.ui import form, state
from tests.app_page import (
    config_of,
    controls,
    fill,
    opened,
    pick,
    press,
    said,
    session_of,
    status,
    tab_of,
)

DIGITS = {"dataset": "digits", "network": "conv", "batch_size": "64"}


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


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
                assert found[f"{owner}_options.{option}"].value == form.as_held(spec.default)
        # Nothing is wrong but what a person has yet to give, or a latent size that depends on data.
        assert [e.value for e in app.sidebar.error if "Latent size" not in e.value] == []
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
    fill(app, "momentum", 0.5)
    fill(app, "lr_g", 0.01)
    pick(app, "optimizer", "adam")
    assert "momentum" not in controls(app)
    press(app, "step")
    assert config_of(app).momentum == 0.5
    assert config_of(app).optimizer == "adam"
    pick(app, "optimizer", "sgd")
    assert app.text_input(key="momentum").value == "0.5"
    assert app.text_input(key="lr_g").value == "0.01"


def test_a_preset_resets_the_fields_that_are_left_out_too() -> None:
    app = opened(optimizer="sgd", momentum="0.5", fourier="8", fourier_scale="3.0")
    fill(app, "fourier", 0)
    pick(app, "preset", "moons")
    pick(app, "optimizer", "sgd")
    fill(app, "fourier", 4)
    assert app.text_input(key="momentum").value == "0"
    assert app.text_input(key="fourier_scale").value == "1"


def test_a_preset_fills_every_field() -> None:
    app = opened(spectral_norm="true", grad_clip="2.0", update="simultaneous", packing="2")
    pick(app, "preset", "digits")
    press(app, "step")
    assert config_of(app) == PRESETS["digits"].config


def test_ten_knobs_come_first_and_the_rest_is_folded() -> None:
    places = [field_metadata(name)["first"] for name in settings()]
    assert sorted(filter(None, places)) == list(range(1, 11))
    app = opened(penalty="r1", optimizer="sgd")
    folded = {str(w.key) for e in app.sidebar.expander for w in [*e.text_input, *e.selectbox]}
    first = {name for name in settings() if field_metadata(name)["first"]}
    assert folded.isdisjoint(first | {"preset", "instruments", "dataset_options.modes"})
    assert {"depth", "network", "network_options.activation", "momentum", "d_steps"} <= folded


def test_a_wrong_value_stays_in_the_form_where_it_would_do_nothing() -> None:
    app = opened(label_smoothing="0.1")
    pick(app, "loss", "hinge")
    assert "Label smoothing needs a D that is a probability" in app.sidebar.error[0].value
    fill(app, "label_smoothing", 0.0)
    assert not app.sidebar.error
    assert "label_smoothing" not in controls(app)


def test_table_is_a_text_area_and_names_its_wrong_line() -> None:
    app = opened(dataset="table")
    app.text_area(key="dataset_options.table").set_value("0, 1, 1\n0, 1, -2").run()
    assert "line 2" in app.sidebar.error[0].value
    press(app, "start")
    assert "line 2" in status(app)
    assert "iteration 0" in status(app)


def test_restore_preset_brings_back_its_settings_and_the_lesson_says_where_it_ends() -> None:
    app = opened()
    lesson = PRESETS["healthy"].lesson
    assert lesson in said(app)
    assert app.button(key="restore_preset").disabled
    fill(app, "seed", 7)
    assert not app.button(key="restore_preset").disabled
    assert "Edited" not in said(app)
    fill(app, "dataset_options.modes", 5)
    fill(app, "steps", "x")
    assert "**Edited:** Modes, Iterations. The lesson need not hold now." in said(app)
    app.button(key="restore_preset").click().run()
    assert app.button(key="restore_preset").disabled
    assert not app.sidebar.error
    assert "Edited" not in said(app)
    for field in ("width", "depth", "lr_d"):
        fill(app, field, 1)
    pick(app, "loss", "hinge")
    assert "Width, Depth, Loss, 1 more." in said(app)
    pick(app, "preset", "moons")
    pick(app, "optimizer", "sgd")
    fill(app, "momentum", 0.5)
    assert not app.button(key="restore_preset").disabled
    pick(app, "optimizer", "adam")  # under which momentum does nothing
    assert "Edited" not in said(app)
    assert app.button(key="restore_preset").disabled


def test_restore_preset_reaches_a_run_that_waits_for_nothing_else() -> None:
    app = opened()
    press(app, "step")
    session = session_of(app)
    fill(app, "lr_d", "0,004")
    assert session.current.lr_d == 0.004
    app.button(key="restore_preset").click().run()
    assert session.current.lr_d == PRESETS["healthy"].config.lr_d
    assert app.text_input(key="lr_d").value == "0.001"
    fill(app, "width", 8)
    press(app, "start")
    other = session_of(app)
    fill(app, "lr_d", 0.005)
    app.button(key="restore_preset").click().run()
    assert other.current.lr_d == 0.005  # this is no run of the preset


def test_what_another_tab_changes_is_shown_and_what_is_typed_here_stays() -> None:
    app = opened(width="8", steps="10000000")
    press(app, "step")
    session = session_of(app)
    fill(app, "width", 16)
    session.edit(lr_d=0.004, g_steps=2)
    session.limit(0.3)
    app.run()
    shown = {key: app.text_input(key=key).value for key in ("lr_d", "g_steps", "instruments")}
    assert shown == {"lr_d": "0.004", "g_steps": "2", "instruments": "30"}
    assert app.text_input(key="width").value == "16"
    fill(app, "lr_d", "7")  # no run takes this up, and nobody else changed it
    app.run()
    assert app.text_input(key="lr_d").value == "7"


def test_back_and_forward_show_the_run_that_the_address_names() -> None:
    app = opened(width="8", steps="10000000")
    at_first = dict(app.query_params)
    press(app, "step")
    one, first = session_of(app), dict(app.query_params)
    app.run()
    fill(app, "width", 16)
    press(app, "start")
    two, second = session_of(app), dict(app.query_params)
    assert one is not two
    app.run()
    for address, session, beside, width in (
        (first, one, [], "8"),
        (at_first, None, [], "8"),
        (second, two, [one], "16"),
        (first, one, [], "8"),
    ):
        app.query_params = dict(address)
        app.run()
        assert list(tab_of(app).runs.values()) == [*beside, *([session] if session else [])]
        assert tab_of(app).session is session
        assert app.text_input(key="width").value == width
        assert dict(app.query_params) == address
    app.query_params = {"run": "gone1234", "width": "24"}
    app.run()
    assert "Run gone1234 is no longer here" in app.error[0].value
    assert app.text_input(key="width").value == "24"
    app.query_params = dict(second)
    app.run()
    assert not app.error


def test_a_late_browser_does_not_take_back_what_another_tab_changed() -> None:
    app = opened(width="8", steps="10000000")
    press(app, "step")
    session = session_of(app)
    session.limit(0.3)
    app.run()
    assert app.text_input(key="instruments").value == "30"
    fill(app, "instruments", 15)  # what the browser still says, within two seconds
    assert session.share == 0.3


def test_a_change_here_is_noted_without_what_another_tab_changed_meanwhile() -> None:
    app = opened(width="8", steps="10000000")
    press(app, "step")
    session = session_of(app)
    session.edit(lr_d=0.004)
    fill(app, "lr_g", 0.002)
    assert (session.current.lr_d, session.current.lr_g) == (0.004, 0.002)
    assert app.text_input(key="lr_d").value == "0.004"
