"""Whatever comes of what a person gave is refused in messages, which any language can say."""

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ganviz import CHARTS, DATASETS, LOSSES, METRICS, NETWORKS, PENALTIES, PRESETS
from ganviz.config import CUSTOM, OWNERS, ConfigError, RunConfig, labels, settings
from ganviz.config.schema import REGISTRIES
from ganviz.config.together import check_shape
from ganviz.registry import Option, UnknownName
from ganviz.say import Message, Text, said_by
from ganviz.ui.text.numerals import read
from ganviz.verify.base import CHECKS
from tests.pseudo import pseudo, unwrapped
from tests.test_config import outside

Attempt = Callable[[], Any]


def given(**fields: Any) -> Attempt:
    return lambda: RunConfig(**fields)


def written(*pairs: tuple[str, str]) -> Attempt:
    return lambda: RunConfig.from_settings(list(pairs))


def of_fields() -> Iterator[tuple[str, Attempt]]:
    for name, spec in settings().items():
        for value in outside(spec):
            yield f"{name}={value!r}", given(**{name: value})
        for text in ("", "nonsense"):
            yield f"{name}={text!r}, written", written((name, text))
    for group in OWNERS:
        yield group, given(**{group: "nonsense"})


def of_options() -> Iterator[tuple[str, Attempt]]:
    for group, owner in OWNERS.items():
        for name, entry in REGISTRIES[owner].items():
            for option, spec in entry.options.items():
                for value in wrong(spec):
                    fields = {owner: name, group: {option: value}}
                    yield f"{name}.{option}={value!r}", given(**fields)
                if spec.type is not str or spec.choices:
                    pairs = ((owner, name), (f"{group}.{option}", "nonsense"))
                    yield f"{name}.{option}, written", written(*pairs)


def wrong(spec: Option) -> list[Any]:
    """Of a text of one's own, any text will do."""
    return [None, 3] if spec.type is str and not spec.choices else outside(spec)


DIGITS: dict[str, Any] = {"dataset": "digits", "network": "conv", "batch_size": 64}

TOGETHER: dict[str, Attempt] = {
    "nobody learns": given(d_steps=0, g_steps=0),
    "packing": given(packing=3),
    "smoothing": given(label_smoothing=0.1, loss="hinge"),
    "smoothing of data of one's own": given(label_smoothing=0.1, loss="hinge", dataset=CUSTOM),
    "batch": given(**DIGITS | {"batch_size": 2000}),
    "no images": given(network="conv"),
    "no squares": lambda: check_shape(
        RunConfig(**DIGITS | {"network": "dcgan"}), (1, 8, 16), Message("this target")
    ),
    "depth": given(**DIGITS, depth=4),
    "depth of G": given(**DIGITS, depth_g=4),
    "length of z": given(network="affine"),
    "frequencies": given(**DIGITS | {"network": "mlp"}, fourier=8),
}

UNKNOWN: dict[str, Attempt] = {
    "field": lambda: RunConfig().replace(widht=3),
    "nothing like it": lambda: RunConfig().replace(xyzxyz=3),
    "option": given(dataset_options={"mode": 3}),
    "option of what has none": given(loss_options={"a": 1}),
    "group": written(("datset_options.modes", "3")),
    "options of a plain field": written(("d_steps.a", "3")),
    "restart": lambda: RunConfig().edited(steps=3),
    "twice": written(("width", "3"), ("width", "4")),
    "query": lambda: RunConfig.from_query("&"),
    "no pair": lambda: RunConfig.from_query("nonsense"),
    "no JSON": lambda: RunConfig.from_json("{"),
    "deep JSON": lambda: RunConfig.from_json(100_000 * "["),
    "no object": lambda: RunConfig.from_json("[]"),
}

ATTEMPTS = {**dict(of_fields()), **dict(of_options()), **TOGETHER, **UNKNOWN}

NAMES = {name for registry in REGISTRIES.values() for name in registry}
OPTIONS = [
    spec
    for registry in REGISTRIES.values()
    for e in registry.values()
    for spec in e.options.values()
]
NAMES |= {name for spec in (*OPTIONS, *settings().values()) for name in (spec.name, *spec.choices)}


def refused(attempt: Attempt) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        attempt()
    return caught.value


def called(field: str) -> Text:
    return Message(labels()[field]) if field in labels() else field


def bare(text: str, *given: object) -> set[str]:
    """The words that stand in `text` and come neither from the catalogue nor from a person."""
    theirs = {word for value in (*NAMES, *given) for word in unwrapped(repr(value))}
    return set(unwrapped(text)) - theirs


@pytest.mark.parametrize("case", list(ATTEMPTS))
def test_a_complaint_is_made_of_messages_labels_and_names(case: str) -> None:
    error = refused(ATTEMPTS[case])
    theirs: list[object] = [*error.values.items(), error.field, *OWNERS]
    if case.endswith("JSON"):
        theirs.append(json_says(error.values["config"]))
    plain = str(error)
    with pseudo():
        said, wrapped = error.said(called), str(error)
    assert bare(said, *theirs) == bare(wrapped, *theirs) == set()
    if error.field in labels():
        assert said.startswith("⟦")
        assert f"⟧{error.field}⟦" not in f"⟧{said}"
    assert wrapped.replace("⟦", "").replace("⟧", "") == plain
    assert plain == f"{error.field} {error.complaint}"
    assert isinstance(error.complaint, str)


def json_says(text: str) -> str:
    with pytest.raises((ValueError, RecursionError)) as caught:
        json.loads(text)
    return str(caught.value)


@pytest.mark.parametrize("case", ["steps=0", "dataset='nonsense'", *TOGETHER, *UNKNOWN])
def test_a_complaint_can_be_copied_and_sent_to_another_process(case: str) -> None:
    error = refused(ATTEMPTS[case])
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (str(again), again.said(called)) == (str(error), error.said(called))
        assert (again.field, str(again.values)) == (error.field, str(error.values))


def test_settings_that_a_sentence_mentions_are_called_by_their_labels() -> None:
    with pseudo():
        assert refused(TOGETHER["nobody learns"]).said(called) == (
            "⟦D steps, k_D⟧⟦ ⟧⟦and ⟧⟦G steps, k_G⟧⟦ are both 0, so neither player would learn⟧"
        )
        assert "⟦Latent size⟧⟦ must be ⟧2" in refused(TOGETHER["length of z"]).said(called)
        live = refused(UNKNOWN["restart"]).said(called)
    assert all(f"⟦{labels()[name]}⟧" in live for name in ("lr_d", "lr_g", "d_steps", "g_steps"))


@pytest.mark.parametrize(
    "registry",
    [LOSSES, PENALTIES, DATASETS, NETWORKS, METRICS, CHARTS, PRESETS, CHECKS],
    ids=lambda registry: registry.kind,
)
@pytest.mark.parametrize("near", [True, False])
def test_an_unknown_name_is_said_in_messages_and_names(registry: Any, near: bool) -> None:
    name = f"{next(iter(registry))}x" if near else "?"
    with pytest.raises(UnknownName) as caught:
        registry[name]
    error = caught.value
    with pseudo():
        assert bare(str(error), name, *registry) == set()
        assert ("did you mean" in str(error)) == near
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert said_by(error) == error.message


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("typed", ["", "nonsense", "1,000", "12,345", "1e400x"])
def test_why_a_number_cannot_be_read_is_a_message(typed: str, whole: bool) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read(typed, whole=whole)
    assert isinstance(said_by(caught.value), Message)
    with pseudo():
        assert bare(str(caught.value), typed) == set()
