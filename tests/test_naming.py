"""Runs named by what differs, grouped by what they share."""

import pytest

from ganviz import RunConfig
from ganviz.config.naming import (
    SEEDS,
    differences,
    flat,
    grouped,
    named,
    short,
    told_apart,
    without_seed,
)
from ganviz.config.schema import settings

A = RunConfig(penalty="none")


def names(lead: str | None = None, **configs: RunConfig) -> dict[str, str]:
    return {run: str(name) for run, name in named(configs, lead).items()}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"lr_d": 2e-3}, "lr D .002"),
        ({"penalty": "r1", "penalty_weight": 0.1}, "R1 .1"),
        ({"penalty": "wgan_gp", "penalty_weight": 10.0}, "WGAN-GP 10"),
        ({"loss": "hinge"}, "Hinge"),
        ({"dataset": "grid"}, "Grid of Gaussians"),
        ({"seed": 3}, "seed 3"),
        ({"width": 64, "d_steps": 2}, "width 64, D steps 2"),
        ({"spectral_norm": True}, "Spectral norm on"),
        ({"dataset_options": {"modes": 12}}, "Modes 12"),
        ({"lr_d": 1e-5}, "lr D 1e-05"),
        (
            {"width": 7, "depth": 5, "lr_d": 0.1, "lr_g": 0.2, "seed": 9},
            "width 7, depth 5, lr D .1, +2",
        ),
    ],
)
def test_a_run_is_named_by_what_differs_from_the_lead(
    changes: dict[str, object], name: str
) -> None:
    called = names("a", a=A, b=A.replace(**changes))
    assert called["b"].split(", ")[: len(name.split(", "))] == name.split(", ")


def test_alike_runs_are_told_apart() -> None:
    b = A.replace(lr_d=2e-3)
    assert names("a", a=A, b=A, c=b, d=b) == {
        "a": "lr D .001",
        "b": "same settings",
        "c": "lr D .002",
        "d": "lr D .002 (2)",
    }
    assert names(a=A, b=b) == {"a": "lr D .001", "b": "lr D .002"}
    assert names(a=A) == {"a": "same settings"}


def test_names_that_a_person_gave_twice_are_told_apart() -> None:
    def told(lead: str | None) -> list[str]:
        return [str(name) for name in told_apart(dict.fromkeys("abc", "mine"), lead).values()]

    assert told(None) == ["mine", "mine (2)", "mine (3)"]
    assert told("b") == ["mine", "mine", "mine (2)"]


def test_what_tells_runs_apart_is_in_their_names() -> None:
    b = A.replace(width=7, depth=5, lr_d=0.1, lr_g=0.2)
    assert names(a=A, b=b, c=b.replace(seed=1), d=b.replace(seed=2))["c"].startswith("seed 1, ")
    assert names("a", a=A, b=b.replace(seed=3), c=b.replace(seed=1))["c"].startswith("seed 1, ")
    assert names("a", a=A, b=b)["b"] == "width 7, depth 5, lr D .1, +1"


def test_no_penalty_is_a_name_too() -> None:
    b = A.replace(penalty="r1", penalty_weight=0.5)
    assert names(a=A, b=b) == {"a": "no penalty", "b": "R1 .5"}
    assert names(b=b, c=b.replace(penalty_weight=5.0)) == {"b": "R1 .5", "c": "R1 5"}


def test_what_does_nothing_is_no_difference() -> None:
    assert differences({"a": A, "b": A.replace(momentum=0.5)}) == {}  # Adam has no momentum
    assert differences({"a": A}) == {}


def test_options_of_other_data_are_none() -> None:
    found = differences({"a": A, "b": A.replace(dataset="moons")})
    assert found["dataset"] == {"a": A.dataset, "b": "moons"}
    assert any(values["b"] is None for values in found.values())


def test_every_setting_is_in_the_flat_form_in_its_order() -> None:
    order = [name for name in flat(A) if "." not in name]
    assert order == list(settings())


def test_groups() -> None:
    configs = {"a": A, "b": A.replace(seed=1), "c": A.replace(lr_d=0.1, seed=1)}
    assert grouped(configs, SEEDS) == {"a": ("a", "b"), "c": ("c",)}
    assert grouped(configs, "seed") == {"a": ("a",), "b": ("b", "c")}
    assert grouped(configs, "loss") == {"a": ("a", "b", "c")}
    assert without_seed(configs["b"]) == A


def test_numbers_are_short() -> None:
    assert [short(v) for v in (0.1, -0.25, 10.0, 1e-5, 3, False, "cosine", None)] == [
        ".1",
        "-.25",
        "10",
        "1e-05",
        "3",
        "off",
        "cosine",
        "None",
    ]
