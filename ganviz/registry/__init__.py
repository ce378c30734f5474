"""Named, documented functions: the one mechanism behind losses, data, networks, charts, presets."""

from ganviz.registry.entries import Entry, Registry, key_of
from ganviz.registry.names import Mention, UnknownName, did_you_mean
from ganviz.registry.options import Bounds, Label, Option, no_number

__all__ = [
    "Bounds",
    "Entry",
    "Label",
    "Mention",
    "Option",
    "Registry",
    "UnknownName",
    "did_you_mean",
    "key_of",
    "no_number",
]
