"""The state of the form. A control's key is its field's name; what is not drawn keeps its value."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from ganviz.config import LIVE_FIELDS, OWNERS, ConfigError, RunConfig, field_metadata, settings
from ganviz.config.schema import REGISTRIES
from ganviz.config.together import check_shape
from ganviz.losses import LOSSES
from ganviz.networks import NETWORKS
from ganviz.presets import PRESETS
from ganviz.registry import Option, Registry
from ganviz.ui import data

DEFAULT_PRESET = "healthy"

ARRIVAL_SECONDS = 2.0
"""By then the browser shows, and sends back, what was put into a control."""

WITH_OPTIONS = tuple(OWNERS.values())

_CHOSEN: Mapping[str, Registry[Any, Any]] = {**REGISTRIES, "preset": PRESETS}
"""The fields that name an entry of a registry."""

_VECTORS = (2,)
"""Data whose shape only reading tells are rows of numbers."""


class Form:
    """What the form holds at this moment.

    `config` is None where a value cannot be; `error` then says which. `look` is what is known of
    the data.
    """

    def __init__(self) -> None:
        self.values = _values()
        self.look = data.look(self.values["dataset"], self.values["dataset_options"])
        self.config: RunConfig | None = None
        self.error: ConfigError | None = None
        try:
            config = RunConfig(**self.values)
            if self.look.shape is not None:
                check_shape(config, self.look.shape, config.dataset)
            self.config = config
        except ConfigError as error:
            self.error = error

    @property
    def problem(self) -> str | None:
        """Why no run can be started, or None."""
        return str(self.error) if self.error else self.look.error

    def waiting(self, running: RunConfig) -> list[str]:
        """The fields in which a live run differs and that it will not take up."""
        if self.config is None:
            return []
        return [
            name
            for name in (*settings(), *OWNERS)
            if name not in LIVE_FIELDS and getattr(self.config, name) != getattr(running, name)
        ]

    def matters(self, field: str) -> bool:
        """Whether the field does anything beside the others, or has to be corrected."""
        if self.error is not None and self.error.field == field:
            return True
        needs, suited = field_metadata(field)["needs"], _SUITED.get(field)
        return (needs is None or needs(self.values)) and (
            suited is None or suited(self) or self.is_on(field)
        )

    def is_on(self, field: str) -> bool:
        """Whether the field has another value than its default, and is no part of another one."""
        part = field_metadata(field)["needs"] is not None
        return not part and bool(self.values[field] != settings()[field].default)


_SUITED: Mapping[str, Callable[[Form], bool]] = {
    "fourier": lambda form: len(form.look.shape or _VECTORS) == 1,
    "label_smoothing": lambda form: LOSSES[form.values["loss"]].facts["critic"] == "logit",
}
"""Fields that some data or losses exclude."""


def load(config: RunConfig, preset: str | None = None) -> None:
    """Put `config` into the form. Call it before the form is drawn."""
    values = {name: getattr(config, name) for name in settings()}
    for owner in WITH_OPTIONS:
        options = config.options(owner)  # type: ignore[arg-type]
        values |= {option_key(owner, name): value for name, value in options.items()}
    put(values | {"preset": preset or _preset_of(config)})
    _serve_the_data()
    st.session_state["settled"] = _picked()


def settle() -> None:
    """Let what was picked bring what belongs to it; a second call finds nothing to do.

    A press may reach us together with a pick, and before it; or so soon after a pick that the
    browser still sends the values from before. A press must find the form that the pick made.
    """
    for name, (old, new) in _arriving().items():
        if (chosen(name) if name in _CHOSEN else st.session_state.get(name)) == old:
            st.session_state[name] = new
    before: dict[str, str] = st.session_state["settled"]
    now = _picked()
    st.session_state.update({name: n for name, n in now.items() if st.session_state[name] != n})
    if now["preset"] != before["preset"]:
        load(PRESETS[now["preset"]].config, now["preset"])
        return
    for owner in WITH_OPTIONS:
        if now[owner] != before[owner]:
            _start_options_anew(owner)
    _serve_the_data()
    st.session_state["settled"] = _picked()


def typed(field: str) -> bool:
    """Whether the value of the field is a person's, not one of ours on its way to the browser."""
    return st.session_state[field] not in _arriving().get(field, ())


def put(values: Mapping[str, Any]) -> None:
    """Set controls, and remember for a moment what they held: the browser may still say so."""
    old = {key: st.session_state.get(key) for key in values}
    moved = {key: (old[key], new) for key, new in values.items() if old[key] != new}
    st.session_state["put"] = (time.monotonic(), _arriving() | moved)
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
    return next((name for name, entry in known.items() if entry.label == value), next(iter(known)))


def options(owner: str) -> Mapping[str, Option]:
    """The options of what the field `owner` names now."""
    return REGISTRIES[owner][chosen(owner)].options


def option_key(owner: str, option: str) -> str:
    """The key of an option's control."""
    return f"{owner}_options.{option}"


def _picked() -> dict[str, str]:
    return {name: chosen(name) for name in ("preset", *WITH_OPTIONS)}


def _arriving() -> dict[str, tuple[Any, Any]]:
    """Controls that were set so lately that the browser may not show it: key to (old, new)."""
    since, moved = st.session_state.get("put", (-ARRIVAL_SECONDS, {}))
    return moved if time.monotonic() - since < ARRIVAL_SECONDS else {}


def _values() -> dict[str, Any]:
    values: dict[str, Any] = {name: st.session_state[name] for name in settings()}
    values |= {name: chosen(name) for name in REGISTRIES}
    for name, owner in OWNERS.items():
        values[name] = {o: st.session_state[option_key(owner, o)] for o in options(owner)}
    return values


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
