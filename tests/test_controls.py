"""The form without a browser: everything registered is in it, and it keeps what it is told."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ganviz.config import OWNERS, field_doc, field_metadata, settings
from ganviz.config.schema import REGISTRIES
from ganviz.datasets import DATASETS, shape_of
from ganviz.networks import NETWORKS
from ganviz.presets import PRESETS
from ganviz.ui import data, state, text
from tests.app_page import opened, press, status
from tests.stand_ins import write_csv, write_images, write_numbers

LIVE = ("lr_d", "lr_g", "d_steps", "g_steps")

EVERYTHING_ON = (
    {"optimizer": "sgd"},
    {"penalty": "r1", "penalty_schedule": "cosine", "fourier": "4", "instance_noise": "0.1"},
)
"""Addresses that between them bring every field into the form."""

MISSING = "no file is chosen"


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


def controls(app: AppTest) -> dict[str, Any]:
    """Everything that can be set, by key."""
    kinds = (app.number_input, app.selectbox, app.checkbox, app.text_input, app.text_area)
    return {str(widget.key): widget for kind in kinds for widget in kind}


def pick(app: AppTest, key: str, value: str) -> AppTest:
    return app.selectbox(key=key).set_value(value).run()


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader(key="upload_csv").set_value((name, content, "text/csv"))
    return app.run()


def said(app: AppTest) -> str:
    """The small print in the sidebar."""
    return "\n".join(caption.value for caption in app.sidebar.caption)


def config_of(app: AppTest) -> Any:
    session = state.RUNS.get(app.session_state["runs"]["run"])
    assert session is not None
    return session.config


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


def test_fields_that_do_nothing_are_left_out() -> None:
    idle = {"momentum", "penalty_final", "fourier_scale", "noise_schedule"}
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


def test_uploaded_csv_is_looked_at_and_trained_on(tmp_path: Path) -> None:
    app = opened(dataset="csv", width="8", steps="5")
    assert MISSING in app.sidebar.info[0].value
    content = Path(write_numbers(tmp_path)).read_bytes() + b"3.0,\n"
    upload(app, "../my data.csv", content)
    path = Path(str(app.text_input(key="dataset_options.file").value))
    assert path.name == "my_data.csv"
    assert path.read_bytes() == content
    assert not app.sidebar.info
    assert "1 of 201 rows have a missing value" in said(app)
    assert "scale (" in said(app)
    press(app, "start")
    assert config_of(app).options("dataset")["file"] == str(path)
    app.file_uploader(key="upload_csv").set_value(None).run()
    assert app.text_input(key="dataset_options.file").value == ""
    assert MISSING in app.sidebar.info[0].value


def test_csv_with_an_error_says_so_beside_the_form_and_starts_nothing() -> None:
    app = upload(opened(dataset="csv"), "words.csv", b"a,b\nx,*y*\n" * 20)
    (error,) = app.sidebar.error
    assert "words.csv has no column of numbers" in error.value
    press(app, "start")
    assert "need a correction first: words.csv has no column of numbers" in status(app)
    assert "iteration 0" in status(app)
    assert "runs" not in app.session_state or not app.session_state["runs"]


def test_columns_and_standardisation_of_a_csv(tmp_path: Path) -> None:
    app = opened(**{"dataset": "csv", "dataset_options.file": write_numbers(tmp_path)})
    app.text_input(key="dataset_options.columns").set_value("z").run()
    assert "no column is called 'z'" in app.sidebar.error[0].value
    app.text_input(key="dataset_options.columns").set_value("y").run()
    assert "with shift −203.6 and scale 27.33" in said(app)
    pick(app, "dataset_options.standardise", "no")
    assert "as they are" in said(app)


def test_what_only_reading_tells_is_checked_before_start(tmp_path: Path) -> None:
    file = write_numbers(tmp_path)
    app = opened(**{"dataset": "csv", "dataset_options.file": file, "network": "affine"})
    assert "latent_dim must be 2, got 8" in app.sidebar.error[0].value
    app.number_input(key="latent_dim").set_value(2).run()
    assert not app.sidebar.error


def test_images_say_what_was_left_out(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", count=12)
    (tmp_path / "images" / "bad_one.png").write_text("no image")
    app = opened(**{"dataset": "images", "dataset_options.path": folder})
    assert "1 left out" in said(app)
    assert not app.sidebar.error


def test_a_long_read_goes_on_beside_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, read = threading.Event(), data._read

    def slow(dataset: str, options: dict[str, Any]) -> data.Look:
        assert go.wait(30)
        return read(dataset, options)

    monkeypatch.setattr(data, "_read", slow)
    monkeypatch.setattr(data, "PATIENCE", 0.0)
    app = opened(**{"dataset": "csv", "dataset_options.file": write_csv(tmp_path, "a\nb\n")})
    assert "Reading the data" in said(app)
    go.set()
    deadline = time.monotonic() + 30
    while "Reading the data" in said(app.run()):
        assert time.monotonic() < deadline
    assert "no column of numbers" in app.sidebar.error[0].value


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    options = {"file": write_csv(tmp_path, "a\nb\n"), "columns": "", "standardise": "no"}
    assert data.look("csv", options).error
    write_numbers(tmp_path)
    assert data.look("csv", options).shape == (2,)


def test_uploads_are_kept_once_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    path = data.keep("a b.csv", memoryview(b"one"))
    assert data.keep("a b.csv", memoryview(b"one")) == path
    assert data.keep("a b.csv", memoryview(b"two")) != path
    assert data.kept(path)
    assert not data.kept("/elsewhere/a.csv")
    assert Path(data.keep("..\\..\\.x|y.TSV", memoryview(b"one"))).name == "x_y.TSV"
    monkeypatch.setattr(data, "KEPT_BYTES", 2)
    with pytest.raises(OSError, match="fill their space"):
        data.keep("c.csv", memoryview(b"three"))


def test_an_upload_that_cannot_be_kept_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "KEPT_BYTES", 0)
    app = upload(opened(dataset="csv"), "d.csv", b"x\n1\n")
    assert "fill their space" in app.sidebar.error[0].value
    assert app.text_input(key="dataset_options.file").value == ""


def test_every_dataset_that_needs_a_file_has_an_uploader() -> None:
    needing = {name for name, entry in DATASETS.items() if entry.facts.get("needs") == "file"}
    assert needing == set(data.UPLOADS) == set(text.UPLOADS)
    for name, known in data.UPLOADS.items():
        assert known.option in DATASETS[name].options


def test_a_download_is_announced() -> None:
    assert "downloads up to 130 MB" in said(opened(dataset="mnist"))
