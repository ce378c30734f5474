"""What is wrong with a setting, and where it was given."""

from collections.abc import Collection, Iterable
from typing import Any

from ganviz.registry import Option, did_you_mean


class ConfigError(ValueError):
    """A value that no run can have. `field` says where it was given."""

    def __init__(self, field: str, complaint: str) -> None:
        super().__init__(f"{field} {complaint}")
        self.field = field


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
        raise ConfigError(name, str(error)) from None


def parsed(name: str, spec: Option, text: str) -> Any:
    """`checked`, of a value that was written as text.

    Raises:
        ConfigError: if it cannot be read, or is out of range.
    """
    try:
        return spec.parse(text)
    except ValueError as error:
        raise ConfigError(name, str(error)) from None
