"""Sentences that become words only where they are shown, in the language of whoever reads.

`_("{judge} lags by {lag}", judge=..., lag=...)` stands where the sentence stands. What it gives
knows no language: a thread that trains may make it, a store keep its template and values. `str` or
an f-string puts it into words by the gettext catalogue in `locale/`. Docstrings, labels and help of
registered things are messages too; they stay plain text, and `say` puts them into words.
"""

import gettext
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

SOURCE = "en"
"""The language that stands in the code."""

LOCALE = Path(__file__).with_name("locale")

DOMAIN = "ganviz"

CATALOGUES: dict[str, gettext.NullTranslations] = {SOURCE: gettext.NullTranslations()}
"""Every language that was spoken so far, or that was added by hand."""

_language: ContextVar[str] = ContextVar("language", default=SOURCE)


@dataclass(frozen=True)
class Message:
    """A sentence, or a part of one, and what stands in it.

    `str` and f-strings put it into words. Values may be messages; whatever else they are is
    formatted as the template says.

    >>> str(Message("{share:.0%} of {what}", {"share": 0.5, "what": Message("fakes")}))
    '50% of fakes'
    """

    template: str
    """English, with `{name}` for each value; braces mean nothing where there are no values."""
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    many: str = ""
    """The template for any number `n` but one; empty where words do not depend on a number."""

    def __str__(self) -> str:
        if self.many:
            template = _catalogue().ngettext(self.template, self.many, self.values["n"])
        else:
            template = _translated(self.template)
        return template.format_map(self.values) if self.values else template

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def to_json(self) -> dict[str, Any]:
        """Template and values as JSON: messages inside as objects, what JSON lacks as text."""
        kept = {name: _kept(value) for name, value in self.values.items()}
        many = {"many": self.many} if self.many else {}
        return {"template": self.template, "values": kept} | many

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Message":
        """The inverse of `to_json`."""
        values = {
            name: cls.from_json(value) if isinstance(value, Mapping) else value
            for name, value in kept["values"].items()
        }
        return cls(kept["template"], values, kept.get("many", ""))


Text = str | Message
"""What is shown: a message, or the text of a registered thing, which is English."""


def _(template: str, /, **values: Any) -> Message:
    """The message with that template, which the catalogue knows by it.

    >>> f"{_('{n:,} rows', n=1200)}"
    '1,200 rows'
    """
    return Message(template, values) if values else _without_values(template)


# A live page says hundreds of them a second, and a literal is the same one each time.
_without_values = lru_cache(maxsize=None)(Message)


def _n(one: str, many: str, /, n: int, **values: Any) -> Message:
    """The message for `n` of something, in languages with any number of plurals.

    >>> print(_n("{n:,} row", "{n:,} rows", 1), _n("{n:,} row", "{n:,} rows", 1200), sep="; ")
    1 row; 1,200 rows
    """
    return Message(one, {"n": n, **values}, many)


def say(text: Text) -> str:
    """`text` in words, in the language of whoever reads."""
    return str(text) if isinstance(text, Message) else _translated(text)


def said_by(error: BaseException) -> Text:
    """What an error says: its own `message`, or the one it was raised with, else its text.

    >>> str(said_by(ValueError(_("{n} rows", n=2)))), said_by(OSError(2, "No such file"))
    ('2 rows', '[Errno 2] No such file')
    """
    given = getattr(error, "message", error.args[0] if len(error.args) == 1 else None)
    return given if isinstance(given, Message) else str(error)


def joined(parts: Iterable[Text | None]) -> Text:
    """Whole sentences one after the other; those that are None or empty are left out.

    >>> str(joined([_("One."), None, _("Two.")]))
    'One. Two.'
    """
    said = [part for part in parts if part]
    return _paired(said, lambda first, rest: _("{first} {rest}", first=first, rest=rest))


def listed(parts: Iterable[Text]) -> Text:
    """Parts of a sentence as a list.

    >>> str(listed(["a", "b", "c"]))
    'a, b, c'
    """
    return _paired(list(parts), lambda first, rest: _("{first}, {rest}", first=first, rest=rest))


def _paired(parts: Sequence[Text], pair: Callable[[Text, Text], Text]) -> Text:
    """By halves, so that a thousand parts are ten messages deep."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    half = len(parts) // 2
    return pair(_paired(parts[:half], pair), _paired(parts[half:], pair))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside, words are in `language`; where the catalogue has none, they are English."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    """The language that is spoken."""
    return _language.get()


def _translated(template: str) -> str:
    # gettext has its own header under the empty text.
    return _catalogue().gettext(template) if template else template


def _catalogue() -> gettext.NullTranslations:
    spoken = _language.get()
    if spoken not in CATALOGUES:
        CATALOGUES[spoken] = gettext.translation(DOMAIN, LOCALE, [spoken], fallback=True)
    return CATALOGUES[spoken]


def _kept(value: Any) -> Any:
    if isinstance(value, Message):
        return value.to_json()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
