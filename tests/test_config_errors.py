"""ConfigError: the field, its values and the complaint as data; the sentence is made of these."""

import pickle
from typing import Any

import pytest

from ganviz.config import ConfigError, RunConfig

LABELS = {
    "d_steps": "Updates of D",
    "g_steps": "Updates of G",
    "latent_dim": "Length of z",
    "packing": "Samples together",
    "dataset_options": "Options of the data",
    "steps": "Iterations",
}


def called(field: str) -> str:
    return LABELS.get(field, field)


@pytest.mark.parametrize(
    ("wrong", "complaint", "values", "said"),
    [
        (
            {"steps": 0},
            "must be at least 1, got 0",
            {"steps": 0},
            "Iterations must be at least 1, got 0",
        ),
        (
            {"d_steps": 0, "g_steps": 0},
            "and g_steps are both 0, so neither player would learn",
            {"d_steps": 0, "g_steps": 0},
            "Updates of D and Updates of G are both 0, so neither player would learn",
        ),
        (
            {"packing": 3},
            "must divide the batch of 256, got 3",
            {"packing": 3, "batch_size": 256},
            "Samples together must divide the batch of 256, got 3",
        ),
        (
            {"network": "affine"},
            "cannot serve ring: affine scales z entry by entry, so latent_dim must be 2, got 8",
            {"latent_dim": 8, "network": "affine"},
            "Length of z cannot serve ring: affine scales z entry by entry, so Length of z must be "
            "2, got 8",
        ),
        (
            # braces in a person's own text are theirs
            {"latent": "{} {0} {latent}"},
            "is '{} {0} {latent}', which is not a choice; Known: normal, uniform",
            {"latent": "{} {0} {latent}"},
            "latent is '{} {0} {latent}', which is not a choice; Known: normal, uniform",
        ),
        (
            {"dataset_options": {"modes": 0}},
            "must be at least 1, got 0",
            {"dataset_options.modes": 0},
            "dataset_options.modes must be at least 1, got 0",
        ),
    ],
)
def test_an_error_is_data_first(
    wrong: dict[str, Any], complaint: str, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig(**wrong)
    error = caught.value
    assert (error.complaint, error.values, error.said(called)) == (complaint, values, said)
    assert str(error) == f"{error.field} {complaint}"
    again = pickle.loads(pickle.dumps(error))  # as between processes
    assert (str(again), again.field, again.values) == (str(error), error.field, error.values)


def test_text_that_cannot_be_read_is_a_value_too() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_query("width=0,001")
    assert caught.value.values == {"width": "0,001"}
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_query("width=64&width=65")
    assert caught.value.values == {"width": ("64", "65")}
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_query("d_steps.a=1")
    assert caught.value.said(called) == (
        "d_steps.a is no known setting; Updates of D has no options"
    )


def test_an_edit_that_needs_a_restart_names_what_is_live_by_label() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig().edited(steps=3)
    assert caught.value.said(called) == (
        "Iterations needs a restart; live are only lr_d, lr_g, Updates of D, Updates of G"
    )
    assert caught.value.values == {"steps": 3}
