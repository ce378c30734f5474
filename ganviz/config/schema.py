"""What the fields may be and what is said of them, for checks, forms and docs."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import Field, fields
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints

from ganviz.config.fields import Fields
from ganviz.datasets import DATASETS
from ganviz.losses import LOSSES
from ganviz.networks import NETWORKS
from ganviz.penalties import PENALTIES
from ganviz.registry import Entry, Label, Option, Registry

REGISTRIES: Mapping[str, Registry[Any, Entry[Any]]] = MappingProxyType(
    {"dataset": DATASETS, "network": NETWORKS, "loss": LOSSES, "penalty": PENALTIES}
)
"""The fields that name a registered function."""

OWNERS: Mapping[str, str] = MappingProxyType(
    {f"{name}_options": name for name in ("dataset", "network", "loss")}
)
"""Each field of options, with the field whose function takes them."""

LIVE_FIELDS = tuple(f.name for f in fields(Fields) if f.metadata["live"])
"""The fields that `Trainer.edit` takes."""


@cache
def settings() -> dict[str, Option]:
    """Every field of `RunConfig` but the options, and what it may be."""
    hints = get_type_hints(Fields, include_extras=True)
    return {
        f.name: Option.of(
            f.name, hints[f.name], f.default, field_doc(f.name), Label(f.metadata["label"])
        )
        for f in fields(Fields)
        if f.name not in OWNERS
    }


@cache
def labels() -> Mapping[str, str]:
    """What each field, and each option of anything registered, is called.

    >>> labels()["lr_d"], labels()["dataset_options.std"], labels()["network_options.activation"]
    ('D learning rate', 'Mode σ', 'Activation')
    """
    found = {f.name: str(f.metadata["label"]) for f in fields(Fields)}
    for group, owner in OWNERS.items():
        for entry in REGISTRIES[owner].values():
            found |= {f"{group}.{name}": spec.label for name, spec in entry.options.items()}
    return MappingProxyType(found)


@cache
def _field_docs() -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(Fields))).body[0]
    assert isinstance(body, ast.ClassDef)
    docs: dict[str, str] = {}
    for statement, after in zip(body.body, body.body[1:], strict=False):
        match statement, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=text)):
                docs[name] = inspect.cleandoc(str(text))
    return docs


def field_doc(name: str) -> str:
    """The docstring under a field of `RunConfig`: its help wherever it is shown."""
    return _field_docs()[name]


def field_metadata(name: str) -> Mapping[str, Any]:
    """What `setting` was told of a field, by the names of its arguments."""
    return _found()[name].metadata


@cache
def _found() -> Mapping[str, Field[Any]]:
    return {field.name: field for field in fields(Fields)}
