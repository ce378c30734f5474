"""The catalogue's template holds every message of the code, and nothing else."""

import ganviz
from tests.catalogue import REGISTRIES, TEMPLATE, template


def test_the_template_is_what_the_code_says() -> None:
    """Where this fails, run `make messages`."""
    assert TEMPLATE.read_text(encoding="utf-8") == template()


def test_the_template_holds_calls_labels_docstrings_and_help() -> None:
    kept = TEMPLATE.read_text(encoding="utf-8")
    loss = ganviz.LOSSES["hinge"]
    for text in (loss.label, loss.facts["reading"].split(",")[0], "{first} {rest}", "Mode σ"):
        assert text in kept


def test_every_registry_of_the_front_door_is_asked() -> None:
    public = [value for name, value in vars(ganviz).items() if name.isupper()]
    assert {id(registry) for registry in public} <= {id(registry) for registry in REGISTRIES}
