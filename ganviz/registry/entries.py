"""Named, documented functions and what is known of them."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_type_hints

from ganviz.registry.names import UnknownName
from ganviz.registry.options import Option

F = TypeVar("F", bound=Callable[..., Any])
E = TypeVar("E", bound="Entry[Any]")


@dataclass(frozen=True)
class Entry(Generic[F]):
    """One registered function; `facts` is what tests and forms need to know of it."""

    name: str
    label: str
    fn: F
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs(self) -> tuple[str, ...]:
        """Facts that have to be stated where it is registered."""
        return ()

    @cached_property
    def doc(self) -> str:
        """The whole docstring, dedented."""
        return inspect.getdoc(self.fn) or ""

    @property
    def summary(self) -> str:
        """The docstring's first sentence, on one line."""
        return " ".join(self.doc.split("\n\n")[0].split())

    def texts(self) -> Iterator[str]:
        """Its words: label, summary, and those of its options."""
        yield from (self.label, self.summary)
        for option in self.options.values():
            yield from option.texts()

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """The function's keyword-only arguments, in order; help comes from its `Args:` section."""
        hints = get_type_hints(self.fn, include_extras=True)
        help_of = _argument_help(self.doc)
        return MappingProxyType(
            {
                p.name: Option.of(p.name, hints[p.name], p.default, help_of.get(p.name, ""))
                for p in inspect.signature(self.fn).parameters.values()
                if p.kind is inspect.Parameter.KEYWORD_ONLY
            }
        )


class Registry(Mapping[str, E], Generic[F, E]):
    """Functions by name, in the order in which they were registered.

    >>> GREETINGS: Registry[Callable[[], str], Entry[Callable[[], str]]] = Registry("greeting")
    >>> @GREETINGS.register("Hello")
    ... def hi() -> str:
    ...     "Says hello."
    ...     return "hello"
    >>> GREETINGS["hy"]
    Traceback (most recent call last):
    ...
    ganviz.registry.names.UnknownName: no greeting is called 'hy'; did you mean 'hi'? Known: hi

    Args:
        kind: what an entry is, in a word.
        entry: the class of its entries.
        says: the facts that are words.
    """

    def __init__(
        self,
        kind: str,
        entry: type[E] = Entry,  # type: ignore[assignment]  # a type variable has no default
        says: tuple[str, ...] = (),
    ) -> None:
        self.kind, self.says = kind, says
        self._entry = entry
        self._entries: dict[str, E] = {}

    def register(self, label: str, **facts: Any) -> Callable[[F], F]:
        """A decorator: the function's name becomes the key, see `key_of`.

        Raises:
            ValueError: if the name is taken, or the function has no docstring of its own, or a fact
                is missing.
        """

        def add(fn: F) -> F:
            name = key_of(fn)
            if name in self._entries:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            if not fn.__doc__:
                raise ValueError(f"{self.kind} {name!r} needs a docstring: it is what people read")
            entry = self._entry(name, label, fn, MappingProxyType(facts))
            if missing := [fact for fact in entry.needs if fact not in facts]:
                raise ValueError(f"{self.kind} {name!r} needs its facts: {', '.join(missing)}")
            self._entries[name] = entry
            return fn

        return add

    def texts(self) -> Iterator[str]:
        """All that a person may read of the entries: what the catalogue has to know."""
        for entry in self.values():
            yield from entry.texts()
            yield from (entry.facts[fact] for fact in self.says if fact in entry.facts)

    def __getitem__(self, name: str) -> E:
        try:
            return self._entries[name]
        except (KeyError, TypeError):
            raise UnknownName(self.kind, name, list(self._entries)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def key_of(fn: Callable[..., Any]) -> str:
    """What a registered function is called by: its name, without the underscore that keeps it apart
    from Python's own; of a class, in small letters.

    >>> key_of(dict)
    'dict'
    """
    name: str = fn.__name__.rstrip("_")
    return name.lower() if isinstance(fn, type) else name


def _argument_help(doc: str) -> dict[str, str]:
    """The `Args:` section of a docstring, argument by argument, each on one line."""
    section = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n)+)", doc, re.MULTILINE)
    if not section:
        return {}
    found: dict[str, str] = {}
    name = ""
    for line in section.group(1).splitlines():
        if start := re.match(r"    (\w+): (.*)", line):
            name = start.group(1)
            found[name] = start.group(2)
        elif name and line.strip():
            found[name] += " " + line.strip()
    return found
