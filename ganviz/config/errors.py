"""What is wrong with a setting, and where it was given."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ganviz.registry import Mention, Option, did_you_mean
from ganviz.say import Message, Text, _, said_by


class ConfigError(ValueError):
    """A value that no run can have, as data and as a sentence.

    Args:
        field: where it was given; an option is `dataset_options.modes`.
        complaint: what is wrong with it: a sentence without its subject, a message wherever we are
            the ones who say it. Other settings that it names are `Mention`s among its values.
        values: of the settings that it is about, by name.

    >>> complaint = _("and {other} are both 0", other=Mention("g_steps"))
    >>> error = ConfigError("d_steps", complaint, {"d_steps": 0})
    >>> str(error)
    'd_steps and g_steps are both 0'
    >>> error.said({"d_steps": "Updates of D", "g_steps": "Updates of G"}.__getitem__)
    'Updates of D and Updates of G are both 0'
    """

    def __init__(
        self, field: str, complaint: Text, values: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(field, complaint, values)
        self.field, self._complaint = field, complaint
        self.values: Mapping[str, Any] = dict(values or {})

    @property
    def complaint(self) -> str:
        """The sentence without its subject, other settings by their names."""
        return str(self._complaint)

    @property
    def message(self) -> Message:
        """The whole sentence, settings by their names."""
        return self.sentence(str)

    def sentence(self, name: Callable[[str], Text]) -> Message:
        """The whole sentence, each setting called what `name` makes of it, such as its label."""
        complaint = _called(self._complaint, name)
        return _("{field} {complaint}", field=name(self.field), complaint=complaint)

    def said(self, name: Callable[[str], Text]) -> str:
        """`sentence` in words."""
        return str(self.sentence(name))

    def __str__(self) -> str:
        return str(self.message)


def _called(part: Any, name: Callable[[str], Text]) -> Any:
    """A part of a sentence with the mentions in it called what `name` makes of them."""
    if isinstance(part, Mention):
        return name(str(part))
    if isinstance(part, Message):
        return replace(part, values={key: _called(v, name) for key, v in part.values.items()})
    return part


def unknown(names: Iterable[str], known: Collection[str], prefix: str = "") -> None:
    """Check names against the known ones.

    Raises:
        ConfigError: at the first name that is not known; it suggests the nearest.
    """
    for name in names:
        if name not in known:
            if not known:
                raise ConfigError(f"{prefix}{name}", _("is no known setting; there are none"))
            hint = did_you_mean(str(name), list(known))
            raise ConfigError(f"{prefix}{name}", _("is no known setting; {hint}", hint=hint))


def checked(name: str, spec: Option, value: Any) -> Any:
    """`value` as the setting `name` holds it.

    Raises:
        ConfigError: if it has another type or is out of range.
    """
    try:
        return spec.check(value)
    except ValueError as error:
        raise ConfigError(name, said_by(error), {name: value}) from None


def parsed(name: str, spec: Option, text: str) -> Any:
    """`checked`, of a value that was written as text.

    Raises:
        ConfigError: if it cannot be read, or is out of range.
    """
    try:
        return spec.parse(text)
    except ValueError as error:
        raise ConfigError(name, said_by(error), {name: text}) from None
