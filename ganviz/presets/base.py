"""What a preset is, and the registry that holds them.

Fact, where the lesson needs one: `shows`, the charts behind tabs that are open at first.
"""

from collections.abc import Callable, Iterator

from ganviz.config import RunConfig
from ganviz.registry import Entry, Registry


class Preset(Entry[Callable[[], RunConfig]]):
    """A named run: `label` for the list, `lesson` for the reader, `config` to train."""

    @property
    def lesson(self) -> str:
        """What to look for, in a sentence or two: the docstring."""
        return " ".join(self.doc.split())

    def texts(self) -> Iterator[str]:
        """Its words: label and lesson."""
        yield from (self.label, self.lesson)

    @property
    def config(self) -> RunConfig:
        """The settings."""
        return self.fn()

    @property
    def shows(self) -> tuple[str, ...]:
        """The charts, of those behind tabs, that the lesson is read from: open at first."""
        charts: tuple[str, ...] = self.facts.get("shows", ())
        return charts


PRESETS: Registry[Callable[[], RunConfig], Preset] = Registry("preset", Preset)
