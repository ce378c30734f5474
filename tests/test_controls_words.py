"""What the form calls things: fields, choices and folds, and its complaints about them."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ganviz.config import field_doc, labels, settings
from ganviz.ui import state, text
from tests.app_page import controls, fill, opened, pick, press, status

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


def test_every_field_has_its_control_with_its_help_and_its_plain_name() -> None:
    found: dict[str, Any] = {}
    for query in EVERYTHING_ON:
        app = opened(**query)
        assert not app.exception
        assert not app.sidebar.error
        found |= controls(app)
    for name in settings():
        assert field_doc(name) in found[name].help
        assert found[name].label == labels()[name]
        assert (str(text.LIVE_HELP) in found[name].help) == (name in LIVE)


def test_every_choice_is_offered() -> None:
    found = controls(opened(**EVERYTHING_ON[0])) | controls(opened(**EVERYTHING_ON[1]))
    for name, spec in settings().items():
        if spec.choices and name != "device":
            assert found[name].options == [*spec.choice_labels.values()]


def heads(app: AppTest) -> dict[str, str]:
    """The heads of the folds: title to what they say beside it."""
    parts = [e.label.split(" · ", 1) for e in app.sidebar.expander]
    return {title.strip("*"): rest for title, rest in parts}


def test_folds_say_how_many_settings_are_not_the_default() -> None:
    app = opened(momentum="0.5", penalty_final="0.5")  # of no account under Adam without a penalty
    assert heads(app) == {
        "Networks": "as usual",
        "Tricks": "all off",
        "Optimiser": "as usual",
        "Run": "as usual",
    }
    fill(app, "depth", 3)
    pick(app, "network_options.activation", "relu")
    fill(app, "beta1", 0.9)
    pick(app, "penalty", "r1")
    pick(app, "penalty_schedule", "cosine")
    assert heads(app)["Networks"] == "2 changed"
    assert heads(app)["Optimiser"] == "1 changed"
    assert heads(app)["Loss"] == "2 changed"
    fill(app, "width", 8)
    assert heads(app)["Networks"] == "2 changed"  # width stands before the folds


def test_the_fold_says_how_many_tricks_are_on_and_where_one_is_wrong() -> None:
    app = opened()
    app.checkbox(key="spectral_norm").check().run()
    fill(app, "instance_noise", 0.1)
    pick(app, "noise_schedule", "constant")
    assert heads(app)["Tricks"] == "2 on"
    fill(app, "packing", 3)
    assert "needs a correction" in heads(app)["Tricks"]
    assert "needs a correction" not in heads(app)["Networks"]
    assert "Packing must divide" in app.sidebar.error[0].value
    fill(app, "packing", 1)
    fill(app, "depth", "")
    assert "needs a correction" in heads(app)["Networks"]


def test_messages_call_a_setting_what_its_label_calls_it() -> None:
    for query, field, value, sentence in (
        ({}, "lr_d", "7", "D learning rate must be at most 1, got 7"),
        ({}, "d_steps", "1.5", "D steps, k_D must be a whole number, got '1.5'"),
        ({"g_steps": "0"}, "d_steps", "0", "D steps, k_D and G steps, k_G are both 0"),
        ({}, "latent_dim", "0", "Latent size must be at least 1, got 0"),
        ({}, "dataset_options.std", "-1", "Mode σ must be"),
        ({}, "instruments", "80", "Instruments, % of the time must be at most 50, got 80"),
        (
            {"dataset": "digits", "network": "conv", "batch_size": "64"},
            "batch_size",
            "5000",
            "Batch",
        ),
    ):
        app = opened(**query)
        fill(app, field, value)
        (error,) = app.sidebar.error
        assert sentence in error.value
        assert field not in error.value
        press(app, "start")
        assert text.plain(sentence) in status(app)
        assert field not in status(app)
        assert "iteration 0" in status(app)
