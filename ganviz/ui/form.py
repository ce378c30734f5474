"""The state of the form. A control's key is its field's name; what is not drawn keeps its value."""

import time
from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from ganviz.config import LIVE_FIELDS, OWNERS, ConfigError, Data, RunConfig
from ganviz.config.schema import REGISTRIES, field_metadata, settings
from ganviz.config.together import check_shape, clash
from ganviz.networks import NETWORKS
from ganviz.presets import PRESETS
from ganviz.registry import Bounds, Option, Registry
from ganviz.say import Text, said_by, say, speaking
from ganviz.session import SHARE
from ganviz.ui import data, language, text
from ganviz.ui.state import Put, tab

DEFAULT_PRESET = "healthy"

ARRIVAL_SECONDS = 2.0
"""By then the browser shows, and sends back, what was put into a control."""

WITH_OPTIONS = tuple(OWNERS.values())

MOST_PERCENT = 50
"""Of a run's time, for the instruments."""

INSTRUMENTS = Option(
    "instruments",
    int,
    round(100 * SHARE),
    Bounds(0, MOST_PERCENT),
    (),
    text.INSTRUMENTS_HELP.template,
)
"""The control of the instruments' share of a run's time, in percent: no setting of a run."""

_CHOSEN: Mapping[str, Registry[Any, Any]] = {**REGISTRIES, "preset": PRESETS}
"""The fields that name an entry of a registry."""

_VECTORS = (2,)
"""Data whose shape only reading tells are rows of numbers."""


class Form:
    """What the form holds at this moment.

    `config` is None where a value cannot be; `errors` then says which, by control. `look` is what
    is known of the data.
    """

    def __init__(self) -> None:
        self.errors: dict[str, ConfigError] = {}
        self.values: dict[str, Any] = {name: self._read(name, s) for name, s in settings().items()}
        self.values |= {name: chosen(name) for name in REGISTRIES}
        for name, owner in OWNERS.items():
            spec = options(owner).items()
            self.values[name] = {o: self._read(option_key(owner, o), s) for o, s in spec}
        self.look = data.look(self.values["dataset"], self.values["dataset_options"])
        self.config = None if self.errors else self._config()
        self.share = self._share()

    @property
    def ready(self) -> RunConfig | None:
        """The settings that a run can be started with; None where `problem` says why not."""
        return None if self.problem else self.config

    @property
    def problem(self) -> Text:
        """Why no run can be started; empty where one can."""
        first = next(iter(self.errors.values()), None)
        return text.complaint(first) if first else self.look.error or ""

    def waiting(self, running: RunConfig) -> list[str]:
        """The fields in which a live run differs and that it will not take up."""
        if self.config is None:
            return []
        mine, its = self.config.effective, running.effective
        return [
            name
            for name in (*settings(), *OWNERS)
            if name not in LIVE_FIELDS and getattr(mine, name) != getattr(its, name)
        ]

    def matters(self, field: str) -> bool:
        """Whether the field does anything beside the others, or has to be corrected."""
        if field in self.errors:
            return True
        needs = field_metadata(field)["needs"]
        if needs is not None and not needs(self.values):
            return False
        on = self.values[field] != settings()[field].default
        known = Data(self.values["dataset"], self.look.shape)
        return on or clash(field, self.values, known) is None

    @staticmethod
    def is_part(field: str) -> bool:
        """Whether the field says more of another one."""
        return field_metadata(field)["needs"] is not None

    def unlike(self, other: RunConfig, fields: Collection[str] | None = None) -> list[str]:
        """The controls that do something here and hold something else than in `other`.

        Args:
            other: with what to compare.
            fields: of which fields, with their options; None: of all.
        """
        found = []
        for name in settings() if fields is None else fields:
            if self.matters(name) and self.values[name] != getattr(other, name):
                found.append(name)
            if name in WITH_OPTIONS:
                found += self._options_unlike(name, other)
        return found

    def _options_unlike(self, owner: str, other: RunConfig) -> list[str]:
        mine = self.values[owner]
        theirs = {name: spec.default for name, spec in options(owner).items()}
        if mine == getattr(other, owner):
            theirs = other.options(owner)  # type: ignore[arg-type]
        held = self.values[f"{owner}_options"]
        return [option_key(owner, name) for name in held if held[name] != theirs[name]]

    def _read(self, key: str, spec: Option) -> Any:
        """What a control holds; a number is read from what was typed."""
        held = st.session_state.get(key)
        if not is_number(spec) or not isinstance(held, str | None):
            return held
        try:
            return text.read(held or "", whole=spec.type is int)
        except ValueError as error:
            self.errors[key] = ConfigError(key, said_by(error), {key: held})
            return held

    def _share(self) -> float:
        """Of a run's time, for its instruments; the usual one where the control holds none."""
        percent = self._read(INSTRUMENTS.name, INSTRUMENTS)
        if INSTRUMENTS.name not in self.errors:
            try:
                return float(INSTRUMENTS.check(percent)) / 100
            except ValueError as error:
                complaint = said_by(error)
                self.errors[INSTRUMENTS.name] = ConfigError(INSTRUMENTS.name, complaint)
        return SHARE

    def _config(self) -> RunConfig | None:
        try:
            config = RunConfig(**self.values)
            if self.look.shape is not None:
                check_shape(config, self.look.shape, config.dataset)
        except ConfigError as error:
            self.errors[error.field] = error
            return None
        return config


def load_share(share: float = SHARE) -> None:
    """Put the instruments' share into its control."""
    put({INSTRUMENTS.name: percent(share)})


def percent(share: float) -> int:
    """A share of a run's time as the control shows it; one from outside may be above its range."""
    return min(round(100 * share), MOST_PERCENT)


def load(config: RunConfig, preset: str | None = None) -> None:
    """Put `config` into the form. Call it before the form is drawn."""
    values = {name: getattr(config, name) for name in settings()}
    for owner in WITH_OPTIONS:
        options = config.options(owner)  # type: ignore[arg-type]
        values |= {option_key(owner, name): value for name, value in options.items()}
    put(values | {"preset": preset or _preset_of(config)})
    _serve_the_data()
    tab().settled = _picked()


def settle() -> None:
    """Let what was picked bring what belongs to it; a second call finds nothing to do.

    A press may reach us together with a pick, and before it; or so soon after a pick that the
    browser still sends the values from before. A press must find the form that the pick made.
    """
    _put_back(_arriving())
    before, now = tab().settled, _picked()
    st.session_state.update({name: n for name, n in now.items() if st.session_state[name] != n})
    if now["preset"] != before["preset"]:
        load(PRESETS[now["preset"]].config, now["preset"])
        return
    for owner in WITH_OPTIONS:
        if now[owner] != before[owner]:
            _start_options_anew(owner)
    _serve_the_data()
    tab().settled = _picked()


def is_number(spec: Option) -> bool:
    """Whether it is typed as a number."""
    return spec.type in (int, float)


def as_held(value: Any) -> Any:
    """A value as its control holds it: numbers are text."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return text.written(value) if number else value


def heed(field: str) -> bool:
    """Whether a person has changed the field; a value from before ours that comes late goes."""
    _put_back([field])
    return st.session_state[field] not in _arriving().get(field, ())


def _put_back(fields: Collection[str]) -> None:
    """Where the browser still says what a control held before ours came, let it hold ours."""
    for name, (old, new) in _arriving().items():
        held = chosen(name) if name in _CHOSEN else st.session_state.get(name)
        if name in fields and held == old:
            st.session_state[name] = new


def put(values: Mapping[str, Any]) -> None:
    """Set controls, and remember for a moment what they held: the browser may still say so."""
    values = {key: as_held(value) for key, value in values.items()}
    old = {key: st.session_state.get(key) for key in values}
    moved = {key: (old[key], new) for key, new in values.items() if old[key] != new}
    tab().put = Put(time.monotonic(), {**_arriving(), **moved})
    for key, value in values.items():
        st.session_state[key] = value


def choices(field: str) -> list[str]:
    """What a registered field may be; of the networks, those that can serve the chosen data."""
    if field != "network":
        return list(REGISTRIES[field])
    owned = {name: st.session_state[option_key("dataset", name)] for name in options("dataset")}
    shape = data.look(chosen("dataset"), owned).shape or _VECTORS
    return [n for n, entry in NETWORKS.items() if entry.facts["complaint"](shape, 1) is None]


def chosen(field: str) -> str:
    """The registered name that a field holds.

    A browser that is late sends the label of a choice, and Streamlit knows that label only as long
    as the choice is offered; else it hands on the label.
    """
    value: str = st.session_state[field]
    known = _CHOSEN[field]
    if value in known:
        return value
    with speaking(language.spoken()):
        called = (name for name, entry in known.items() if say(entry.label) == value)
        return next(called, next(iter(known)))


def options(owner: str) -> Mapping[str, Option]:
    """The options of what the field `owner` names now."""
    return REGISTRIES[owner][chosen(owner)].options


def option_key(owner: str, option: str) -> str:
    """The key of an option's control."""
    return f"{owner}_options.{option}"


def _picked() -> dict[str, str]:
    return {name: chosen(name) for name in ("preset", *WITH_OPTIONS)}


def _arriving() -> Mapping[str, tuple[Any, Any]]:
    """Controls that were set so lately that the browser may not show it: key to (old, new)."""
    since, moved = tab().put
    return moved if time.monotonic() - since < ARRIVAL_SECONDS else {}


def _start_options_anew(owner: str) -> None:
    """A new choice has its own options."""
    put({option_key(owner, name): spec.default for name, spec in options(owner).items()})


def _serve_the_data() -> None:
    """Data that the network cannot serve bring one that can."""
    able = choices("network")
    if chosen("network") not in able:
        put({"network": able[0]})
        _start_options_anew("network")


def _preset_of(config: RunConfig) -> str:
    """The preset with these settings, or else the first on the same data."""
    exact = [name for name, preset in PRESETS.items() if preset.config == config]
    same = [name for name, preset in PRESETS.items() if preset.config.dataset == config.dataset]
    return (exact + same + [DEFAULT_PRESET])[0]
