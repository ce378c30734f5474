"""The form, generated from `RunConfig` and the registries. A control's key is its field's name."""

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
    for name in settings():
        st.session_state[name] = getattr(config, name)
    for owner in _WITH_OPTIONS:
        for option, value in config.options(owner).items():  # type: ignore[arg-type]
            st.session_state[_option_key(owner, option)] = value
    st.session_state["preset"] = preset or _preset_of(config)


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
            on_change=_load_preset,
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
        on_change=_start_options_anew,
        args=(name,),
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


def _load_preset() -> None:
    name = st.session_state["preset"]
    load(PRESETS[name].config, name)


def _start_options_anew(owner: str) -> None:
    """A new choice has its own options; data that the network cannot serve bring one that can."""
    if owner in _WITH_OPTIONS:
        for name, spec in _REGISTRIES[owner][st.session_state[owner]].options.items():
            st.session_state[_option_key(owner, name)] = spec.default
    if owner == "dataset" and st.session_state["network"] not in _choices("network"):
        st.session_state["network"] = _choices("network")[0]
        _start_options_anew("network")


def _preset_of(config: RunConfig) -> str:
    """The preset with these settings, or else the first on the same data."""
    exact = [name for name, preset in PRESETS.items() if preset.config == config]
    same = [name for name, preset in PRESETS.items() if preset.config.dataset == config.dataset]
    return (exact + same + [DEFAULT_PRESET])[0]
