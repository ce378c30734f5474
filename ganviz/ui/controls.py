"""The form, generated from `RunConfig` and the registries. A control's key is its field's name."""

import time
from collections.abc import Callable
from typing import Any

import streamlit as st
import torch

from ganviz.config import (
    LIVE_FIELDS,
    ConfigError,
    RunConfig,
    field_metadata,
    settings,
)
from ganviz.datasets import DATASETS
from ganviz.losses import LOSSES
from ganviz.networks import NETWORKS
from ganviz.penalties import PENALTIES
from ganviz.presets import PRESETS
from ganviz.registry import Entry, Option, Registry
from ganviz.ui import text

_REGISTRIES: dict[str, Registry[Any, Entry[Any]]] = {
    "dataset": DATASETS,
    "network": NETWORKS,
    "loss": LOSSES,
    "penalty": PENALTIES,
}
_WITH_OPTIONS = ("dataset", "network", "loss")
DEFAULT_PRESET = "ring"

ARRIVAL_SECONDS = 2.0
"""By then the browser shows, and sends back, what was put into a control."""


class Form:
    """What the form holds: `config` if it is valid, else `error`."""

    def __init__(self) -> None:
        self.config: RunConfig | None = None
        self.error: ConfigError | None = None
        try:
            self.config = RunConfig(**_values())
        except ConfigError as error:
            self.error = error

    def waiting(self, running: RunConfig) -> list[str]:
        """The fields in which a live run differs and that it will not take up."""
        if self.config is None:
            return []
        fields = [*settings(), *(f"{owner}_options" for owner in _WITH_OPTIONS)]
        return [
            name
            for name in fields
            if name not in LIVE_FIELDS and getattr(self.config, name) != getattr(running, name)
        ]


def load(config: RunConfig, preset: str | None = None) -> None:
    """Put `config` into the form. Call it before the form is drawn."""
    values = {name: getattr(config, name) for name in settings()}
    for owner in _WITH_OPTIONS:
        options = config.options(owner)  # type: ignore[arg-type]
        values |= {_option_key(owner, name): value for name, value in options.items()}
    _put(values | {"preset": preset or _preset_of(config)})
    st.session_state["settled"] = _picked()


def settle() -> None:
    """Let what was picked bring what belongs to it; a second call finds nothing to do.

    A press may reach us together with a pick, and before it; or so soon after a pick that the
    browser still sends the values from before. A press must find the form that the pick made.
    """
    for name, (old, new) in _arriving().items():
        if st.session_state[name] == old:
            st.session_state[name] = new
    before: dict[str, str] = st.session_state["settled"]
    now = _picked()
    if now["preset"] != before["preset"]:
        load(PRESETS[now["preset"]].config, now["preset"])
        return
    for owner in _WITH_OPTIONS:
        if now[owner] != before[owner]:
            _start_options_anew(owner)
    st.session_state["settled"] = _picked()


def typed(field: str) -> bool:
    """Whether the value of the field is a person's, not one of ours on its way to the browser."""
    return st.session_state[field] not in _arriving().get(field, ())


def _picked() -> dict[str, str]:
    return {name: st.session_state[name] for name in ("preset", *_WITH_OPTIONS)}


def _put(values: dict[str, Any]) -> None:
    """Set controls, and remember for a moment what they held: the browser may still say so."""
    old = {key: st.session_state.get(key) for key in values}
    moved = {key: (old[key], new) for key, new in values.items() if old[key] != new}
    st.session_state["put"] = (time.monotonic(), _arriving() | moved)
    for key, value in values.items():
        st.session_state[key] = value


def _arriving() -> dict[str, tuple[Any, Any]]:
    """Controls that were set so lately that the browser may not show it: key to (old, new)."""
    since, moved = st.session_state.get("put", (-ARRIVAL_SECONDS, {}))
    return moved if time.monotonic() - since < ARRIVAL_SECONDS else {}


def draw(form: Form, on_edit: Callable[[str], None]) -> None:
    """Draw the form in the sidebar.

    Args:
        form: what it holds at this moment.
        on_edit: called with the name of a live field after a person changed it.
    """
    with st.sidebar:
        st.selectbox(
            text.LABELS["preset"],
            list(PRESETS),
            key="preset",
            format_func=lambda name: PRESETS[name].label,
            on_change=settle,
        )
        preset = PRESETS[st.session_state["preset"]]
        edited = "" if form.config == preset.config else f" {text.PRESET_EDITED}"
        st.caption(preset.lesson + edited)
        for group, title in text.GROUPS.items():
            st.markdown(f"##### {title}")
            fields = [name for name in settings() if field_metadata(name)["group"] == group]
            _draw_group(fields, form, on_edit)


def _draw_group(fields: list[str], form: Form, on_edit: Callable[[str], None]) -> None:
    """Choices take the whole width, numbers stand in pairs."""
    pair: list[Any] = []
    for name in fields:
        spec = settings()[name]
        if name in _REGISTRIES:
            pair = []
            _draw_choice(name, _choices(name), spec, _REGISTRIES[name])
            _complain(form, name)
            if name in _WITH_OPTIONS:
                _draw_options(name, form)
            continue
        if not pair:
            pair = list(st.columns(2, vertical_alignment="bottom"))
        with pair.pop(0):
            live = name in LIVE_FIELDS
            changed = {"on_change": on_edit, "args": (name,)} if live else {}
            _draw_setting(name, name, spec, live=live, **changed)
        _complain(form, name)


def _draw_options(owner: str, form: Form) -> None:
    options = _REGISTRIES[owner][st.session_state[owner]].options
    columns: list[Any] = []
    for name, spec in options.items():
        if not columns:
            columns = list(st.columns(2, vertical_alignment="bottom"))
        with columns.pop(0):
            _draw_setting(_option_key(owner, name), f"{owner}_options.{name}", spec, live=False)
    for name in options:
        _complain(form, f"{owner}_options.{name}")


def _draw_setting(key: str, field: str, spec: Option, *, live: bool, **changed: Any) -> None:
    label = text.label(field, live=live)
    if spec.choices:
        options = [c for c in spec.choices if c != "cuda" or torch.cuda.is_available()]
        st.selectbox(label, options, key=key, help=spec.help, **changed)
    elif spec.type is int:
        st.number_input(label, key=key, step=1, help=spec.help, **changed)
    else:
        log = spec.bounds is not None and spec.bounds.log
        step = 1e-4 if log and spec.default < 0.1 else 0.05
        st.number_input(label, key=key, step=step, format="%.5g", help=spec.help, **changed)


def _draw_choice(
    name: str, options: list[str], spec: Option, registry: Registry[Any, Entry[Any]]
) -> None:
    st.selectbox(
        text.label(name, live=False),
        options,
        key=name,
        format_func=lambda key: registry[key].label,
        help=f"{spec.help} {registry[st.session_state[name]].summary}",
        on_change=settle,
    )


def _choices(name: str) -> list[str]:
    """What the field may be; of the networks, those that can serve the chosen data."""
    if name != "network":
        return list(_REGISTRIES[name])
    shape = DATASETS[st.session_state["dataset"]].facts["shape"]
    return [n for n, entry in NETWORKS.items() if entry.facts["complaint"](shape, 1) is None]


def _complain(form: Form, field: str) -> None:
    if form.error is not None and form.error.field == field:
        st.error(str(form.error))


def _values() -> dict[str, Any]:
    values: dict[str, Any] = {name: st.session_state[name] for name in settings()}
    for owner in _WITH_OPTIONS:
        options = _REGISTRIES[owner][values[owner]].options
        values[f"{owner}_options"] = {
            name: st.session_state[_option_key(owner, name)] for name in options
        }
    return values


def _option_key(owner: str, option: str) -> str:
    return f"{owner}_options.{option}"


def _start_options_anew(owner: str) -> None:
    """A new choice has its own options; data that the network cannot serve bring one that can."""
    options = _REGISTRIES[owner][st.session_state[owner]].options
    _put({_option_key(owner, name): spec.default for name, spec in options.items()})
    if owner == "dataset" and st.session_state["network"] not in _choices("network"):
        _put({"network": _choices("network")[0]})
        _start_options_anew("network")


def _preset_of(config: RunConfig) -> str:
    """The preset with these settings, or else the first on the same data."""
    exact = [name for name, preset in PRESETS.items() if preset.config == config]
    same = [name for name, preset in PRESETS.items() if preset.config.dataset == config.dataset]
    return (exact + same + [DEFAULT_PRESET])[0]
