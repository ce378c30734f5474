"""Every setting and everything registered has words of its own, stated where it is registered."""

from typing import Annotated, Any, Literal

import pytest

from ganviz import CHARTS, DATASETS, LOSSES, METRICS, NETWORKS, PENALTIES, PRESETS
from ganviz.config import GROUPS, OWNERS, field_doc, field_metadata, labels, settings
from ganviz.config.schema import REGISTRIES
from ganviz.registry import Label, Option
from ganviz.verify.base import CHECKS

REGISTERED: tuple[Any, ...] = (
    LOSSES,
    PENALTIES,
    DATASETS,
    NETWORKS,
    METRICS,
    CHARTS,
    PRESETS,
    CHECKS,
)

FIELDS = (*settings(), *OWNERS)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_a_label_a_help_and_a_group(field: str) -> None:
    assert labels()[field]
    assert "_" not in labels()[field].replace("k_", "")
    assert field_doc(field)
    assert field_metadata(field)["group"] in GROUPS
    if field not in OWNERS:
        assert (settings()[field].label, settings()[field].help) == (
            labels()[field],
            field_doc(field),
        )


def test_no_two_fields_of_a_group_are_called_the_same() -> None:
    called = [(field_metadata(field)["group"], labels()[field]) for field in FIELDS]
    assert len(set(called)) == len(called)


def test_every_group_has_a_label_and_fields() -> None:
    assert {field_metadata(field)["group"] for field in FIELDS} == set(GROUPS)
    assert all(group.label for group in GROUPS.values())
    assert len({group.label for group in GROUPS.values()}) == len(GROUPS)


@pytest.mark.parametrize("registry", REGISTERED, ids=lambda registry: registry.kind)
def test_everything_registered_has_a_label_a_docstring_and_options_with_both(registry: Any) -> None:
    assert registry.kind
    for entry in registry.values():
        assert entry.label
        assert entry.doc
        for option in entry.options.values():
            assert option.label
            assert option.help
            assert list(option.choice_labels) == list(option.choices)
            assert all(option.choice_labels.values())


@pytest.mark.parametrize("group", list(OWNERS))
def test_an_option_is_called_the_same_whatever_takes_it(group: str) -> None:
    entries = REGISTRIES[OWNERS[group]].values()
    for entry in entries:
        for name, option in entry.options.items():
            assert labels()[f"{group}.{name}"] == option.label, entry.name
            called = [other.label for other in entry.options.values()]
            assert called.count(option.label) == 1


def test_a_label_stands_in_the_annotation_with_those_of_choices() -> None:
    tone = Annotated[Literal["warm", "very_cold"], Label("Tone", {"warm": "Like summer"})]
    option = Option.of("tone_of", tone, "warm", "")
    assert option.label == "Tone"
    assert option.choice_labels == {"warm": "Like summer", "very_cold": "very cold"}
    bare = Option.of("tone_of", Literal["warm", "very_cold"], "warm", "")
    assert bare.label == "Tone of"
    assert bare.choice_labels == {"warm": "warm", "very_cold": "very cold"}
    assert Option.of("tone_of", bool, True, "", Label("Loud")).label == "Loud"
