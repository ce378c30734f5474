"""Named, documented functions: the one mechanism behind losses, data, networks, charts, presets."""

import difflib
import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral, Real
from types import MappingProxyType
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

F = TypeVar("F", bound=Callable[..., Any])
E = TypeVar("E", bound="Entry[Any]")

_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


class UnknownName(KeyError):
    """A name that a registry does not hold. Its text names the nearest one and lists them all."""

    def __init__(self, kind: str, name: object, known: list[str]) -> None:
        super().__init__(name)
        self.kind, self.name, self.known = kind, name, known

    def __str__(self) -> str:
        return f"no {self.kind} is called {self.name!r}; {did_you_mean(str(self.name), self.known)}"


def did_you_mean(name: str, known: list[str]) -> str:
    """The end of a sentence about an unknown name: the nearest known one, then all of them.

    >>> did_you_mean("minmax", ["minimax", "hinge"])
    "did you mean 'minimax'? Known: minimax, hinge"
    """
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known: {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range that a number may take; `log` says that it is best varied by factors."""

    low: float
    high: float
    open_low: bool = False
    log: bool = False

    def complaint(self, value: float) -> str | None:
        """Why `value` is outside, or None.

        >>> Bounds(1, 8).complaint(0)
        'must be at least 1, got 0'
        """
        if self.open_low and value <= self.low:
            return f"must be above {_shown(self.low)}, got {_shown(value)}"
        if value < self.low:
            return f"must be at least {_shown(self.low)}, got {_shown(value)}"
        if value > self.high:
            return f"must be at most {_shown(self.high)}, got {_shown(value)}"
        return None


@dataclass(frozen=True, slots=True)
class Option:
    """One keyword that a person may set: its type, default, range or choices, and its help."""

    name: str
    type: type
    default: Any
    bounds: Bounds | None
    choices: tuple[str, ...]
    help: str

    @classmethod
    def of(cls, name: str, annotation: Any, default: Any, help: str) -> "Option":
        """From an annotation: `Annotated[int, Bounds(1, 8)]`, `Literal["a", "b"]`, or a type."""
        bounds = None
        if get_origin(annotation) is Annotated:
            annotation, *extra = get_args(annotation)
            bounds = next((e for e in extra if isinstance(e, Bounds)), None)
        choices: tuple[str, ...] = ()
        if get_origin(annotation) is Literal:
            choices, annotation = get_args(annotation), str
        return cls(name, annotation, default, bounds, choices, help)

    def check(self, value: Any) -> Any:
        """`value` as this option's type.

        Raises:
            ValueError: if it has another type or is out of range; the text has no subject, so
                that the caller can name the place: "must be at least 1, got 0".
        """
        if self.type is str:
            if not isinstance(value, str):
                raise ValueError(f"must be text, got {value!r}")
            if self.choices and value not in self.choices:
                hint = did_you_mean(value, list(self.choices))
                raise ValueError(f"is {value!r}, which is not a choice; {hint}")
            return value
        if self.type is bool:
            if not isinstance(value, bool):
                raise ValueError(f"must be true or false, got {value!r}")
            return value
        return self._number(value)

    def parse(self, text: str) -> Any:
        """`check` of a value that was written as text, as in an address or on a command line."""
        if self.type is str:
            return self.check(text)
        if self.type is bool:
            return self._truth(text)
        try:
            value = self.type(text)
        except ValueError:
            kind = "a whole number" if self.type is int else "a number"
            raise ValueError(f"must be {kind}, got {text[:40]!r}") from None
        return self.check(value)

    @staticmethod
    def _truth(text: str) -> bool:
        if text.lower() not in _TRUTHS:
            raise ValueError(f"must be true or false, got {text[:40]!r}")
        return _TRUTHS[text.lower()]

    def _number(self, value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise ValueError(f"must be a number, got {value!r}")
        if self.type is int and not isinstance(value, Integral):
            raise ValueError(f"must be a whole number, got {value!r}")
        number = int(value) if isinstance(value, Integral) else float(value)
        if isinstance(number, float) and not math.isfinite(number):
            raise ValueError(f"must be finite, got {value!r}")
        if self.bounds and (complaint := self.bounds.complaint(number)):
            raise ValueError(complaint)
        # Adding zero turns -0.0, which equals 0.0 but prints otherwise, into 0.0.
        return number if self.type is int else float(number) + 0.0


@dataclass(frozen=True)
class Entry(Generic[F]):
    """One registered function; `facts` is what tests and forms need to know of it."""

    name: str
    label: str
    fn: F
    facts: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def doc(self) -> str:
        """The whole docstring, dedented."""
        return inspect.getdoc(self.fn) or ""

    @property
    def summary(self) -> str:
        """The docstring's first sentence, on one line."""
        return " ".join(self.doc.split("\n\n")[0].split())

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
    ... def hello() -> str:
    ...     "Says hello."
    ...     return "hello"
    >>> GREETINGS["helo"]
    Traceback (most recent call last):
    ...
    ganviz.registry.UnknownName: no greeting is called 'helo'; did you mean 'hello'? Known: hello
    """

    def __init__(self, kind: str, entry: type[E] = Entry) -> None:  # type: ignore[assignment]
        # mypy cannot give a type variable a default; every registry without `entry` holds Entry.
        self.kind = kind
        self._entry = entry
        self._entries: dict[str, E] = {}

    def register(self, label: str, **facts: Any) -> Callable[[F], F]:
        """A decorator: the function's name becomes the key.

        Raises:
            ValueError: if the name is taken or the function has no docstring.
        """

        def add(fn: F) -> F:
            name = getattr(fn, "__name__", "").rstrip("_")
            if name in self._entries:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            if not inspect.getdoc(fn):
                raise ValueError(f"{self.kind} {name!r} needs a docstring: it is what people read")
            self._entries[name] = self._entry(name, label, fn, MappingProxyType(facts))
            return fn

        return add

    def __getitem__(self, name: str) -> E:
        try:
            return self._entries[name]
        except (KeyError, TypeError):
            raise UnknownName(self.kind, name, list(self._entries)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _shown(value: float) -> str:
    """All digits of a whole number, ten of another; 7.0 is 7."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"


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
