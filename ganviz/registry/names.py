"""Names in sentences: those that a registry does not hold, and those of settings."""

import difflib
from typing import Any

from ganviz.say import Message, _, listed


class Mention(str):
    """The name of a setting in a sentence about another one: `ConfigError` can say its label."""


class UnknownName(KeyError):
    """A name that a registry does not hold. Its text names the nearest one and lists them all."""

    def __init__(self, kind: str, name: object, known: list[str]) -> None:
        super().__init__(name)
        self.kind, self.name, self.known = kind, name, known

    @property
    def message(self) -> Message:
        """The text."""
        kind, hint = Message(self.kind), did_you_mean(str(self.name), self.known)
        return _("no {kind} is called {name}; {hint}", kind=kind, name=repr(self.name), hint=hint)

    def __str__(self) -> str:
        return str(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kind, self.name, self.known)


def did_you_mean(name: str, known: list[str]) -> Message:
    """The end of a sentence about an unknown name: the nearest known one, then all of them.

    >>> str(did_you_mean("minmax", ["minimax", "hinge"]))
    "did you mean 'minimax'? Known: minimax, hinge"
    """
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return _("did you mean {near!r}? Known: {known}", near=near[0], known=listed(known))
    return _("Known: {known}", known=listed(known))
