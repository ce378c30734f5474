"""What a person may set: its type, its range or choices, and its words."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Annotated, Any, Literal, get_args, get_origin

from ganviz.registry.names import did_you_mean
from ganviz.say import Message, _

_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range that a number may take; `log` says that it is best varied by factors."""

    low: float
    high: float
    open_low: bool = False
    log: bool = False

    def complaint(self, value: float) -> Message | None:
        """Why `value` is outside, or None.

        >>> str(Bounds(1, 8).complaint(0))
        'must be at least 1, got 0'
        """
        low, high = self.low, self.high
        if self.open_low and value <= low:
            return _("must be above {low}, got {value}", low=_shown(low), value=_shown(value))
        if value < low:
            return _("must be at least {low}, got {value}", low=_shown(low), value=_shown(value))
        if value > high:
            return _("must be at most {high}, got {value}", high=_shown(high), value=_shown(value))
        return None


@dataclass(frozen=True, slots=True)
class Label:
    """In an option's annotation: what it is called, and its choices where names will not do.

    Without one, an option is called by its keyword, and a choice by its name with spaces.
    """

    text: str
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Option:
    """One keyword that a person may set: its type, default, range or choices, and its words."""

    name: str
    type: type
    default: Any
    bounds: Bounds | None
    choices: tuple[str, ...]
    help: str
    label: str = ""
    """What it is called; by its keyword where nothing is stated."""
    choice_labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Of every choice; those that are not stated are called by their name with spaces."""

    def __post_init__(self) -> None:
        named = {choice: choice.replace("_", " ") for choice in self.choices}
        object.__setattr__(self, "choice_labels", named | dict(self.choice_labels))
        object.__setattr__(self, "label", self.label or self.name.replace("_", " ").capitalize())

    @classmethod
    def of(
        cls, name: str, annotation: Any, default: Any, help: str, label: Label | None = None
    ) -> "Option":
        """From an annotation: `Annotated[int, Bounds(1, 8)]`, `Literal["a", "b"]`, or a type.

        A `Label` stands among what annotates, where it is not given apart.
        """
        bounds = None
        if get_origin(annotation) is Annotated:
            annotation, *extra = get_args(annotation)
            bounds = next((e for e in extra if isinstance(e, Bounds)), None)
            label = label or next((e for e in extra if isinstance(e, Label)), None)
        choices: tuple[str, ...] = ()
        if get_origin(annotation) is Literal:
            choices, annotation = get_args(annotation), str
        stated = label or Label("")
        return cls(name, annotation, default, bounds, choices, help, stated.text, stated.choices)

    def texts(self) -> Iterator[str]:
        """Its words: label, help, and those of its choices."""
        yield from (self.label, self.help, *self.choice_labels.values())

    def check(self, value: Any) -> Any:
        """`value` as this option's type.

        Raises:
            ValueError: if it has another type or is out of range; its message has no subject, so
                that the caller can name the place: "must be at least 1, got 0".
        """
        if self.type is str:
            if not isinstance(value, str):
                raise ValueError(_("must be text, got {value}", value=repr(value)))
            if self.choices and value not in self.choices:
                hint, got = did_you_mean(value, list(self.choices)), repr(value)
                raise ValueError(
                    _("is {value}, which is not a choice; {hint}", value=got, hint=hint)
                )
            return value
        if self.type is bool:
            if not isinstance(value, bool):
                raise ValueError(_("must be true or false, got {value}", value=repr(value)))
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
            raise ValueError(no_number(text[:40], whole=self.type is int)) from None
        return self.check(value)

    @staticmethod
    def _truth(text: str) -> bool:
        if text.lower() not in _TRUTHS:
            raise ValueError(_("must be true or false, got {value}", value=repr(text[:40])))
        return _TRUTHS[text.lower()]

    def _number(self, value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise ValueError(no_number(value))
        if self.type is int and not isinstance(value, Integral):
            raise ValueError(no_number(value, whole=True))
        number = int(value) if isinstance(value, Integral) else float(value)
        if isinstance(number, float) and not math.isfinite(number):
            raise ValueError(_("must be finite, got {value}", value=repr(value)))
        if self.bounds and (complaint := self.bounds.complaint(number)):
            raise ValueError(complaint)
        # Adding zero turns -0.0, which equals 0.0 but prints otherwise, into 0.0.
        return number if self.type is int else float(number) + 0.0


def no_number(value: Any, *, whole: bool = False) -> Message:
    """That `value` is no number, or no whole one where that is wanted: without a subject."""
    if whole:
        return _("must be a whole number, got {value}", value=repr(value))
    return _("must be a number, got {value}", value=repr(value))


def _shown(value: float) -> str:
    """All digits of a whole number, ten of another; 7.0 is 7."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
