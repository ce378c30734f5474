"""What a snapshot says of its run: JSON, enough for all that is shown, and true."""

import json
from dataclasses import replace
from typing import Any

import pytest
import torch

from ganviz import DATASETS, LOSSES, METRICS, RunConfig, Target, Trainer
from ganviz.say import Message
from ganviz.trainer import facts
from ganviz.trainer.facts import equilibrium
from tests.pseudo import pseudo, unwrapped
from tests.stand_ins import modes_of

TINY: dict[str, Any] = {"width": 4, "depth": 1, "latent_dim": 2, "batch_size": 8}


def facts_of(**changes: Any) -> dict[str, Any]:
    return dict(Trainer(RunConfig(**(TINY | changes))).snapshot().facts)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_facts_are_json_and_come_back_as_they_were(loss: str) -> None:
    found = facts_of(loss=loss)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["losses"][loss] == found["loss"] == LOSSES[loss].label
    assert (found["equilibrium"], found["equilibrium_g"]) == equilibrium(RunConfig(loss=loss))


def test_facts_say_what_may_be_read_of_the_run() -> None:
    found = facts_of()
    assert found["samples"] == {"optimal": 20_000}
    assert found["part_of_error"] == {"jsd": 0.5, "two_jsd": 1.0}
    assert set(found["metrics"]) == set(METRICS)
    jsd = {"label": "JSD", "best": "low", "short": "JSD, nats", "place": 1}
    assert found["metrics"]["jsd"] == jsd
    assert found["metrics"]["density"]["place"] is None


def test_modes_are_those_of_the_data() -> None:
    modes = modes_of(DATASETS["ring"].fn())
    assert list(facts_of()["modes"]) == [str(k) for k in range(1, 9)]
    assert list(facts_of()["modes"].values()) == modes.tolist()
    assert "modes" not in facts_of(dataset="moons")


def test_facts_ask_nothing_of_the_data() -> None:
    """A caller's data may draw from the global random state: what looks at them moves it."""

    def asked(*_: Any) -> torch.Tensor:
        raise AssertionError("the data were asked")

    target = Target(asked, 2, log_density=asked)
    assert facts.facts_of(RunConfig(**TINY), target, alone=True)["loss"] == "Non-saturating"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"loss": "fgan_js"}, None),
        ({"packing": 2}, "D judges 2 samples together"),
        ({"packing": 2, "loss": "hinge"}, "D judges 2 samples together"),
        ({"loss": "hinge"}, "this critic is no probability"),
        ({"minibatch_std": True}, "D sees the whole batch"),
    ],
)
def test_facts_say_why_d_gives_no_probability(changes: Any, why: str | None) -> None:
    trainer = Trainer(RunConfig(**(TINY | changes)))
    said = trainer.snapshot().facts["no_probability"]
    assert (said and str(Message.from_json(said))) == why
    assert (said is None) == (trainer.value_source == "discriminator")


def test_what_tricks_do_to_the_losses_is_kept_as_messages() -> None:
    changes: dict[str, Any] = {
        "label_smoothing": 0.1,
        "instance_noise": 0.1,
        "unroll": 3,
        "consensus": 0.5,
    }
    kept = json.loads(json.dumps(facts_of(**changes)["conditions"]))
    messages = [Message.from_json(said) for said in kept]
    d, g = equilibrium(RunConfig(**changes))
    assert str(messages[0]) == (
        f"Labels of 0.9 add 0.1 times D's mean logit on data to L_D: the levels are {d:.4g} and "
        f"{g:.4g}."
    )
    assert [str(message) for message in messages[1:]] == [
        "Both are of noised data and samples.",
        "L_G is taken against a D that is 3 steps ahead.",
        "What consensus adds to both is not in them.",
    ]
    with pseudo():
        assert unwrapped(" ".join(map(str, messages))) == []


def test_facts_are_one_object_for_all_moments_of_a_run() -> None:
    trainer = Trainer(RunConfig(**TINY))
    first = trainer.snapshot()
    trainer.step()
    assert trainer.snapshot().facts is first.facts
    with pytest.raises(TypeError):
        replace(first).facts["loss"] = ""  # type: ignore[index]
