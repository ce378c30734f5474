"""The form as it is drawn, from the fields of `RunConfig` and the registries."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st
import torch

from ganviz.config import GROUPS, LIVE_FIELDS, RunConfig, field_metadata, settings
from ganviz.config.schema import REGISTRIES
from ganviz.presets import PRESETS
from ganviz.registry import Option
from ganviz.say import Message, joined, say
from ganviz.ui import source, text
from ganviz.ui.form import (
    INSTRUMENTS,
    WITH_OPTIONS,
    Form,
    as_held,
    choices,
    chosen,
    is_number,
    option_key,
    options,
    settle,
)

TABLE_HEIGHT = 120

NARROW = 10
"""Letters of a choice that half the sidebar shows."""

ASIDE = tuple(name for name in settings() if field_metadata(name)["aside"])

DEFAULTS = RunConfig()

STYLE = Path(__file__).parent / "form.css"

OnEdit = Callable[[str], None]


def draw(
    form: Form, on_edit: OnEdit, on_limit: Callable[[], None], on_restore: Callable[[], None]
) -> None:
    """Draw the form in the sidebar.

    Args:
        form: what it holds at this moment.
        on_edit: called with the name of a live field after a person changed it.
        on_limit: called after a person changed the instruments' share.
        on_restore: called when the preset's settings are wanted back.
    """
    st.html(STYLE)
    with st.sidebar:
        _draw_preset(form, on_restore)
        _draw_fields(_first(), form, on_edit)
        for group in GROUPS:
            if fields := [name for name in _folded(group) if form.matters(name)]:
                _draw_fold(group, fields, form, on_edit)
        _draw_setting(INSTRUMENTS.name, INSTRUMENTS, on_limit)
        _complain(form, INSTRUMENTS.name)


def _draw_preset(form: Form, on_restore: Callable[[], None]) -> None:
    st.selectbox(
        str(text.name("preset")),
        list(PRESETS),
        key="preset",
        format_func=lambda name: say(PRESETS[name].label),
        on_change=settle,
        persist_state="session",
    )
    preset = PRESETS[chosen("preset")]
    changed = form.unlike(preset.config)
    with st.container(gap=None, key="lesson"):
        st.caption(say(preset.lesson))
        if matter := [field for field in changed if field not in ASIDE]:
            st.caption(str(text.edited(matter)))
    st.button(
        str(text.RESTORE),
        key="restore_preset",
        type="tertiary",
        icon=":material/undo:",
        disabled=not changed,
        on_click=on_restore,
    )


@cache
def _first() -> tuple[str, ...]:
    places = {name: field_metadata(name)["first"] for name in settings()}
    return tuple(sorted(filter(places.get, places), key=places.__getitem__))


@cache
def _folded(group: str) -> tuple[str, ...]:
    return tuple(
        name
        for name in settings()
        if field_metadata(name)["group"] == group and name not in _first()
    )


def _draw_fold(group: str, fields: Sequence[str], form: Form, on_edit: OnEdit) -> None:
    differ = form.unlike(DEFAULTS, fields)
    if GROUPS[group].tricks:
        differ = [name for name in differ if not form.is_part(name)]
    wrong = any(name.split(".")[0].removesuffix("_options") in fields for name in form.errors)
    # The key holds it open or closed, whatever its label says; the loss is a control already.
    key = f"fold_{group}" if group in settings() else group
    head = str(text.fold(GROUPS[group], len(differ), wrong=wrong))
    with st.expander(head, key=key, type="compact"):
        _draw_fields(fields, form, on_edit)


def _draw_fields(fields: Sequence[str], form: Form, on_edit: OnEdit) -> None:
    places, choice = _Places(), ""
    for name in fields:
        if name in REGISTRIES:
            places, choice = _Places(), name
        elif choice and not name.startswith(f"{choice}_"):
            places, choice = _Places(), ""  # what belongs to a choice stands alone with it
        if not form.matters(name):
            continue
        if name in REGISTRIES:
            with places.next(wide=True):
                _draw_choice(name, form)
            continue
        with places.next(wide=_is_wide(settings()[name])):
            live = partial(on_edit, name) if name in LIVE_FIELDS else None
            _draw_setting(name, settings()[name], live)
        with places.row:
            _complain(form, name)


class _Places:
    """Where controls go: some take the whole width, all else stands in pairs.

    Whatever comes or goes in here or in a row, what stands below keeps its place in the page: else
    the browser makes it anew, and drops what is being typed there.
    """

    def __init__(self) -> None:
        self._box = st.container()
        self._free: list[Any] = []
        self.row = self._box
        """The row of the last place: what is said of a control stands under it."""

    def next(self, *, wide: bool) -> Any:
        """The next place, a context; a wide one ends a begun pair."""
        if wide or not self._free:
            self.row = self._box.container()
            self._free = []
        if wide:
            return self.row
        if not self._free:
            self._free = list(self.row.columns(2, gap="xsmall", vertical_alignment="bottom"))
        return self._free.pop(0)


def _draw_choice(name: str, form: Form) -> None:
    registry = REGISTRIES[name]
    st.selectbox(
        str(text.name(name)),
        choices(name),
        key=name,
        format_func=lambda key: say(registry[key].label),
        help=str(joined([Message(settings()[name].help), Message(registry[chosen(name)].summary)])),
        on_change=settle,
        persist_state="session",
    )
    _complain(form, name)
    if name in WITH_OPTIONS:
        _draw_options(name, form)
    if name == "dataset":
        source.draw_known(form)


def _draw_options(owner: str, form: Form) -> None:
    if owner == "dataset":
        source.draw_upload(chosen(owner))
    places = _Places()
    for name, spec in options(owner).items():
        field = option_key(owner, name)
        with places.next(wide=_is_wide(spec)):
            _draw_setting(field, spec)
        with places.row:
            _complain(form, field)
    _complain(form, f"{owner}_options")


def _is_wide(spec: Option) -> bool:
    if spec.choices:
        return max(map(len, spec.choices)) > NARROW
    return spec.type in (bool, str)


def _draw_setting(key: str, spec: Option, live: Callable[[], None] | None = None) -> None:
    """Draw a control; of a `live` one, that it is and what it calls."""
    if live is None:
        _draw_control(key, spec, say(spec.help))
        return
    # A badge in the label would be part of what the control is called, Markdown and all.
    with st.container(key=f"live_{key}"):
        help = joined([Message(spec.help), text.LIVE_HELP])
        _draw_control(key, spec, str(help), live)
        st.badge(str(text.LIVE), color="green")


def _draw_control(
    key: str, spec: Option, help: str, on_change: Callable[[], None] | None = None
) -> None:
    label = str(text.name(key))
    common: dict[str, Any] = {"key": key, "help": help, "persist_state": "session"}
    if is_number(spec):
        # No number field: those of browsers drop a decimal comma without a word.
        if (held := as_held(st.session_state[key])) != st.session_state[key]:
            st.session_state[key] = held
        typed = partial(_typed, key, spec, on_change)
        st.text_input(label, autocomplete="off", on_change=typed, **common)
        return
    common["on_change"] = on_change
    if spec.type is bool:
        st.checkbox(label, **common)
    elif spec.choices:
        able = [c for c in spec.choices if c != "cuda" or torch.cuda.is_available()]
        st.selectbox(label, able, format_func=lambda c: say(spec.choice_labels[c]), **common)
    elif "\n" in spec.default:
        st.text_area(label, height=TABLE_HEIGHT, **common)
    else:
        st.text_input(label, **common)


def _typed(key: str, spec: Option, then: Callable[[], None] | None) -> None:
    """Show how a number was understood, and go on with `then`."""
    with suppress(ValueError):  # it stays as it is, and the form complains
        number = text.read(st.session_state[key], whole=spec.type is int)
        st.session_state[key] = text.written(number)
    if then is not None:
        then()


def _complain(form: Form, field: str) -> None:
    if field in form.errors:
        st.error(text.plain(text.complaint(form.errors[field])))
