"""RunConfig: everything that one run is made of, as plain values. An invalid one cannot exist."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlencode

from ganviz.config.errors import ConfigError, checked, parsed, unknown
from ganviz.config.fields import CUSTOM, Fields
from ganviz.config.schema import LIVE_FIELDS, OWNERS, REGISTRIES, settings
from ganviz.config.together import check_together
from ganviz.registry import Mention, Option, UnknownName
from ganviz.say import _, listed


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConfig(Fields):
    """Everything needed to reproduce one run, together with the edits made while it ran.

    Options are mappings where they are given and sorted pairs inside, with every default filled in,
    so that two ways to write the same settings are equal. Settings that make the same run share one
    `id`.

    Raises:
        ConfigError: on any value that is unknown, of the wrong type or out of range.

    >>> RunConfig(steps=0)
    Traceback (most recent call last):
    ...
    ganviz.config.errors.ConfigError: steps must be at least 1, got 0
    """

    def __post_init__(self) -> None:
        for name, spec in settings().items():
            if name in REGISTRIES:
                self._check_name(name)
            else:
                self._set(name, checked(name, spec, getattr(self, name)))
        for name, owner in OWNERS.items():
            self._set(name, self._filled_options(name, owner))
        check_together(self)

    def replace(self, **changes: Any) -> Self:
        """A copy with `changes`; a new dataset, network or loss starts from its own options."""
        unknown(changes, (*settings(), *OWNERS))
        for name, owner in OWNERS.items():
            if changes.get(owner, getattr(self, owner)) != getattr(self, owner):
                changes.setdefault(name, ())
        return replace(self, **changes)

    def edited(self, **changes: Any) -> Self:
        """`replace`, for what may change while a run goes on.

        Raises:
            ConfigError: if a field is not live, or its value is not valid.
        """
        unknown(changes, (*settings(), *OWNERS))
        for name in changes:
            if name not in LIVE_FIELDS:
                live = listed(map(Mention, LIVE_FIELDS))
                complaint = _("needs a restart; live are only {fields}", fields=live)
                raise ConfigError(name, complaint, {name: changes[name]})
        return self.replace(**changes)

    def options(self, owner: Literal["dataset", "network", "loss"]) -> dict[str, Any]:
        """The keyword arguments for the registered function that the field `owner` names."""
        return dict(getattr(self, f"{owner}_options"))

    @property
    def generator_depth(self) -> int:
        """Hidden layers of the generator."""
        return self.depth_g or self.depth

    @property
    def effective(self) -> Self:
        """The same run, with the default in every field that does nothing beside the others."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        for field in fields(self):
            needs, as_default = field.metadata["needs"], field.metadata["as_default"]
            if (needs and not needs(values)) or (as_default and as_default(values)):
                values[field.name] = field.default
        return type(self)(**values)

    @property
    def shows_average(self) -> bool:
        """Whether samples, histograms, gaps and quality are of the moving average of G."""
        return self.which_g == "averaged" and self.ema > 0

    @property
    def id(self) -> str:
        """Ten hexadecimal digits that name the run: what does nothing makes no other one."""
        return hashlib.blake2s(self.effective.to_json().encode(), digest_size=5).hexdigest()

    def to_json(self) -> str:
        """All fields as one JSON object, options as objects, keys sorted."""
        values = asdict(self) | {name: dict(getattr(self, name)) for name in OWNERS}
        return json.dumps(values, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`; fields that are not named have their defaults.

        Raises:
            ConfigError: if the text is no JSON object, or a field is unknown or not valid.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            complaint = _("is not JSON: {error}", error=str(error))
            raise ConfigError("config", complaint, {"config": text}) from None
        if not isinstance(values, dict):
            complaint = _("must be a JSON object, got {text!r}", text=text[:40])
            raise ConfigError("config", complaint, {"config": text})
        unknown(values, (*settings(), *OWNERS))
        return cls(**values)

    def to_query(self) -> str:
        """The fields that differ from their defaults, as the query of an address.

        >>> RunConfig(width=64, dataset_options={"modes": 12}).to_query()
        'width=64&dataset_options.modes=12'
        """
        plain = type(self)()
        pairs = [
            (name, getattr(self, name))
            for name in settings()
            if getattr(self, name) != getattr(plain, name)
        ]
        for name, owner in OWNERS.items():
            known = self.options_spec(owner)
            pairs += [
                (f"{name}.{option}", value)
                for option, value in getattr(self, name)
                if value != known[option].default
            ]
        return urlencode(pairs)

    @classmethod
    def from_query(cls, query: str) -> Self:
        """The inverse of `to_query`.

        Raises:
            ConfigError: if a key is unknown or given twice, or a value cannot be read.
        """
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        if query.removeprefix("?") and not pairs:
            complaint = _("must be name=value pairs, got {query!r}", query=query)
            raise ConfigError("query", complaint, {"query": query})
        return cls.from_settings(pairs)

    @classmethod
    def from_settings(cls, pairs: list[tuple[str, str]], base: Self | None = None) -> Self:
        """`base` (the defaults, if None) with `(name, text)` pairs; an option is `field.option`.

        Raises:
            ConfigError: if a name is unknown or given twice, or a value cannot be read.
        """
        texts: dict[str, str] = {}
        for name, text in pairs:
            if name in texts:
                raise ConfigError(name, _("is given twice"), {name: (texts[name], text)})
            texts[name] = text
        plain = {name: text for name, text in texts.items() if "." not in name}
        unknown(plain, settings())
        base = base or cls()
        changes = {name: parsed(name, settings()[name], text) for name, text in plain.items()}
        for name, text in texts.items():
            if "." in name:
                group, option = name.split(".", 1)
                if group in settings():
                    other = Mention(group)
                    complaint = _("is no known setting; {other} has no options", other=other)
                    raise ConfigError(name, complaint, {name: text})
                unknown([group], OWNERS)
                owner = OWNERS[group]
                chosen = changes.get(owner, getattr(base, owner))
                known = _options_of(owner, chosen)
                unknown([option], known, prefix=f"{group}.")
                kept = dict(getattr(base, group)) if chosen == getattr(base, owner) else {}
                given = changes.setdefault(group, kept)
                given[option] = parsed(name, known[option], text)
        return base.replace(**changes)

    def options_spec(self, owner: str) -> Mapping[str, Option]:
        """What the registered function that the field `owner` names may be given."""
        return _options_of(owner, getattr(self, owner))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _check_name(self, name: str) -> None:
        _options_of(name, getattr(self, name))

    def _filled_options(self, name: str, owner: str) -> tuple[tuple[str, Any], ...]:
        given = getattr(self, name)
        pairs = given.items() if isinstance(given, Mapping) else given
        if not isinstance(pairs, Collection) or not all(
            isinstance(pair, tuple) and len(pair) == 2 for pair in pairs
        ):
            complaint = _("must be a mapping, got {value}", value=repr(given))
            raise ConfigError(name, complaint, {name: given})
        given = dict(pairs)
        known = self.options_spec(owner)
        unknown(given, known, prefix=f"{name}.")
        values = {option: spec.default for option, spec in known.items()} | given
        return tuple(
            (option, checked(f"{name}.{option}", known[option], values[option]))
            for option in sorted(values)
        )


def _options_of(owner: str, name: str) -> Mapping[str, Option]:
    """The options of what is registered as `name` for the field `owner`.

    Raises:
        ConfigError: if nothing is.
    """
    if owner == "dataset" and name == CUSTOM:
        return {}
    try:
        return REGISTRIES[owner][name].options
    except UnknownName as error:
        complaint = _("is unknown: {error}", error=error.message)
        raise ConfigError(owner, complaint, {owner: name}) from None
