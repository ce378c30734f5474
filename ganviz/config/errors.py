"""What is wrong with a setting, and where it was given."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ganviz.registry import Option, did_you_mean


class ConfigError(ValueError):
    """A value that no run can have, as data and as a sentence.

    Args:
        field: where it was given; an option is `dataset_options.modes`.
        complaint: what is wrong with it: a sentence without its subject.
        values: of the settings that it is about, by name.
        mentions: other settings that the sentence names, one for each `{}` in it.

    >>> error = ConfigError("d_steps", "and {} are both 0", {"d_steps": 0}, ["g_steps"])
    >>> str(error)
    'd_steps and g_steps are both 0'
    >>> error.said({"d_steps": "Updates of D", "g_steps": "Updates of G"}.__getitem__)
    'Updates of D and Updates of G are both 0'
    """

    def __init__(
        self,
        field: str,
        complaint: str,
        values: Mapping[str, Any] | None = None,
        mentions: Sequence[str] = (),
    ) -> None:
        super().__init__(field, complaint, values, mentions)
        self.field, self._template, self._mentions = field, complaint, tuple(mentions)
        self.values: Mapping[str, Any] = dict(values or {})

    @property
    def complaint(self) -> str:
        """The sentence without its subject, other settings by their names."""
        return self._with(str)

    def said(self, name: Callable[[str], str]) -> str:
        """The whole sentence, each setting called what `name` makes of it, such as its label."""
        return f"{name(self.field)} {self._with(name)}"

    def __str__(self) -> str:
        return self.said(str)

    def _with(self, name: Callable[[str], str]) -> str:
        # Without mentions its braces are a person's own text.
        named = map(name, self._mentions)
        return self._template.format(*named) if self._mentions else self._template


def unknown(names: Iterable[str], known: Collection[str], prefix: str = "") -> None:
    """Check names against the known ones.

    Raises:
        ConfigError: at the first name that is not known; it suggests the nearest.
    """
    for name in names:
        if name not in known:
            hint = did_you_mean(str(name), list(known)) if known else "there are none"
            raise ConfigError(f"{prefix}{name}", f"is no known setting; {hint}")


def checked(name: str, spec: Option, value: Any) -> Any:
    """`value` as the setting `name` holds it.

    Raises:
        ConfigError: if it has another type or is out of range.
    """
    try:
        return spec.check(value)
    except ValueError as error:
        raise ConfigError(name, str(error), {name: value}) from None


def parsed(name: str, spec: Option, text: str) -> Any:
    """`checked`, of a value that was written as text.

    Raises:
        ConfigError: if it cannot be read, or is out of range.
    """
    try:
        return spec.parse(text)
    except ValueError as error:
        raise ConfigError(name, str(error), {name: text}) from None
