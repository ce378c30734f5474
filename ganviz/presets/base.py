"""What a preset is, and the registry that holds them."""

from collections.abc import Callable

from ganviz.config import RunConfig
from ganviz.registry import Entry, Registry


class Preset(Entry[Callable[[], RunConfig]]):
    """A named run: `label` for the list, `lesson` for the reader, `config` to train."""

    @property
    def lesson(self) -> str:
        """What to look for, in a sentence or two: the docstring."""
        return " ".join(self.doc.split())

    @property
    def config(self) -> RunConfig:
        """The settings."""
        return self.fn()


PRESETS: Registry[Callable[[], RunConfig], Preset] = Registry("preset", Preset)
