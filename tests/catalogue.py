"""The template of the catalogue, from all that is said in the code: `python -m tests.catalogue`.

Messages stand in `_("…")`. What registered things say of themselves (labels, docstrings, help) is
in no call; the registries are asked for it.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

import ganviz
from ganviz import say
from ganviz.config import OWNERS, field_doc, labels, settings
from ganviz.registry import Registry

REGISTRIES: tuple[Registry[Any, Any], ...] = (
    ganviz.LOSSES,
    ganviz.PENALTIES,
    ganviz.DATASETS,
    ganviz.NETWORKS,
    ganviz.METRICS,
    ganviz.CHARTS,
    ganviz.INSTRUMENTS,
    ganviz.PRESETS,
)

PACKAGE = Path(ganviz.__file__).parent

TEMPLATE = say.LOCALE / f"{say.DOMAIN}.pot"


def template() -> str:
    """What `locale/ganviz.pot` should hold: every message once, sorted, without places in the code,
    which would move with each edit."""
    catalogue = Catalog(project="ganviz", charset="utf-8")
    for message in (*_called(), *filter(_has_letters, _registered())):
        catalogue.add(message)
    text = io.BytesIO()
    write_po(text, catalogue, omit_header=True, no_location=True, sort_output=True, width=100)
    return text.getvalue().decode()


def _called() -> Iterator[str | tuple[str, ...]]:
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords={"_": None, "_n": (1, 2)})
    for _, _, message, _, _ in found:
        yield message


def _registered() -> Iterator[str]:
    """Labels, docstrings and help; a choice may be a number, which is no word."""
    for registry in REGISTRIES:
        yield from registry.texts()
    for field in (*settings(), *OWNERS):
        yield from (labels()[field], field_doc(field))
    for option in settings().values():
        yield from option.texts()


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


if __name__ == "__main__":
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_text(template(), encoding="utf-8")
