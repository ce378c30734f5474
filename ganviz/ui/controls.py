"""The form as it is drawn, from the fields of `RunConfig` and the registries."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import streamlit as st
import torch

from ganviz.config import LIVE_FIELDS, OWNERS, field_metadata, settings
from ganviz.config.schema import REGISTRIES
from ganviz.datasets import DATASETS
from ganviz.presets import PRESETS
from ganviz.registry import Option
from ganviz.session import SHARE
from ganviz.ui import data, text
from ganviz.ui.form import WITH_OPTIONS, Form, choices, chosen, option_key, options, put, settle

FOLDED = ("tricks",)
"""Groups that are closed until a person opens them."""

TABLE_HEIGHT = 120

NARROW = 10
"""Letters of a choice that half the sidebar shows."""

MOST_PERCENT = 50
"""Of a run's time, for the instruments."""

OnEdit = Callable[[str], None]


def draw(form: Form, on_edit: OnEdit, on_limit: Callable[[], None]) -> None:
    """Draw the form in the sidebar.

    Args:
        form: what it holds at this moment.
        on_edit: called with the name of a live field after a person changed it.
        on_limit: called after a person changed the instruments' share.
    """
    with st.sidebar:
        st.selectbox(
            text.LABELS["preset"],
            list(PRESETS),
            key="preset",
            format_func=lambda name: PRESETS[name].label,
            on_change=settle,
            persist_state="session",
        )
        preset = PRESETS[chosen("preset")]
        edited = "" if form.config == preset.config else f" {text.PRESET_EDITED}"
        st.caption(preset.lesson + edited)
        for group, title in text.GROUPS.items():
            fields = _fields_of(group)
            if group in FOLDED:
                on = sum(map(form.is_on, fields))
                wrong = form.error is not None and form.error.field in fields
                # The key holds it open or closed, whatever its label says.
                with st.expander(text.fold(group, on, wrong=wrong), key=group, type="compact"):
                    _draw_fields(fields, form, on_edit)
            else:
                st.markdown(f"##### {title}")
                _draw_fields(fields, form, on_edit)
        st.markdown(f"##### {text.INSTRUMENTS}")
        st.number_input(
            f"{text.INSTRUMENTS_SHARE} {text.LIVE}",
            min_value=0,
            max_value=MOST_PERCENT,
            step=5,
            key="instruments",
            help=text.INSTRUMENTS_HELP,
            on_change=on_limit,
            persist_state="session",
        )


def load_share(live: Sequence[float]) -> None:
    """Put the instruments' share into its control: that of a live run, if there is one."""
    share = next(iter(live), SHARE)
    st.session_state["instruments"] = min(round(100 * share), MOST_PERCENT)


def share() -> float:
    """The share of a running run's time that its instruments may take; that of an emptied control
    is the usual one."""
    percent: int | None = st.session_state.get("instruments")
    return SHARE if percent is None else percent / 100


@cache
def _fields_of(group: str) -> tuple[str, ...]:
    return tuple(name for name in settings() if field_metadata(name)["group"] == group)


def _draw_fields(fields: Sequence[str], form: Form, on_edit: OnEdit) -> None:
    places = _Places()
    for name in fields:
        spec = settings()[name]
        if not form.matters(name):
            continue
        if name in REGISTRIES:
            with places.next(wide=True):
                _draw_choice(name, spec)
            _complain(form, name)
            if name in WITH_OPTIONS:
                _draw_options(name, form)
            if name == "dataset":
                _draw_source(form)
            continue
        with places.next(wide=_is_wide(spec)):
            live = name in LIVE_FIELDS
            changed = {"on_change": on_edit, "args": (name,)} if live else {}
            _draw_setting(name, name, spec, live=live, **changed)
        _complain(form, name)


class _Places:
    """Where controls go: some take the whole width, all else stands in pairs."""

    def __init__(self) -> None:
        self._free: list[Any] = []

    def next(self, *, wide: bool) -> Any:
        """The next place, a context; a wide one ends a begun pair."""
        if wide:
            self._free = []
            return st.container()
        if not self._free:
            self._free = list(st.columns(2, vertical_alignment="bottom"))
        return self._free.pop(0)


def _draw_choice(name: str, spec: Option) -> None:
    registry = REGISTRIES[name]
    st.selectbox(
        text.label(name, live=False),
        choices(name),
        key=name,
        format_func=lambda key: registry[key].label,
        help=f"{spec.help} {registry[chosen(name)].summary}",
        on_change=settle,
        persist_state="session",
    )


def _draw_options(owner: str, form: Form) -> None:
    if owner == "dataset":
        _draw_upload(chosen(owner))
    places = _Places()
    for name, spec in options(owner).items():
        field = option_key(owner, name)
        with places.next(wide=_is_wide(spec)):
            _draw_setting(field, field, spec, live=False)
    for name in options(owner):
        _complain(form, option_key(owner, name))
    _complain(form, next(field for field, owned in OWNERS.items() if owned == owner))


def _is_free_text(spec: Option) -> bool:
    return spec.type is str and not spec.choices


def _is_wide(spec: Option) -> bool:
    return (
        _is_free_text(spec) or spec.type is bool or max(map(len, spec.choices), default=0) > NARROW
    )


def _draw_setting(key: str, field: str, spec: Option, *, live: bool, **changed: Any) -> None:
    common = {"key": key, "help": spec.help, "persist_state": "session"} | changed
    label = text.label(field, live=live)
    if spec.type is bool:
        st.checkbox(label, **common)
    elif spec.choices:
        able = [c for c in spec.choices if c != "cuda" or torch.cuda.is_available()]
        st.selectbox(label, able, format_func=text.choice, **common)
    elif _is_free_text(spec) and "\n" in spec.default:
        st.text_area(label, height=TABLE_HEIGHT, **common)
    elif _is_free_text(spec):
        st.text_input(label, **common)
    elif spec.type is int:
        st.number_input(label, step=1, **common)
    else:
        log = spec.bounds is not None and spec.bounds.log
        step = 1e-4 if log and spec.default < 0.1 else 0.05
        st.number_input(label, step=step, format="%.5g", **common)


def _draw_upload(dataset: str) -> None:
    """A place to drop a file of one's own, for data that need one."""
    upload = data.UPLOADS.get(dataset)
    if upload is None:
        return
    st.file_uploader(
        text.UPLOADS[dataset],
        type=list(upload.types),
        max_upload_size=upload.megabytes,
        key=_upload_key(dataset),
        on_change=_uploaded,
        args=(dataset,),
    )
    if complaint := st.session_state.get("upload_failed"):
        st.error(text.plain(complaint))


def _uploaded(dataset: str) -> None:
    """Put the path of what was uploaded into the form; what was taken away leaves none there."""
    key = option_key("dataset", data.UPLOADS[dataset].option)
    file = st.session_state[_upload_key(dataset)]
    st.session_state["upload_failed"] = None
    if file is None:
        if data.kept(st.session_state[key]):
            put({key: ""})
        return
    try:
        put({key: data.keep(file.name, file.getbuffer())})
    except OSError as error:
        st.session_state["upload_failed"] = text.UPLOAD_FAILED.format(error)


def _upload_key(dataset: str) -> str:
    return f"upload_{dataset}"


def _draw_source(form: Form) -> None:
    """What is known of data from outside: why they cannot be used, or what was done to them."""
    look = form.look
    if look.reading:
        st.caption(text.READING)
    if look.error:
        upload = data.UPLOADS[form.values["dataset"]]
        missing = not form.values["dataset_options"][upload.option].strip()
        (st.info if missing else st.error)(text.plain(look.error))
    said = [text.plain(note) for note in look.notes]
    if look.scale:
        said.append(text.scaling(look.shift, look.scale))
    if download := DATASETS[form.values["dataset"]].facts.get("download"):
        said.append(text.DOWNLOADS.format(download))
    if said:
        st.caption(" ".join(said))


def _complain(form: Form, field: str) -> None:
    if form.error is not None and form.error.field == field:
        st.error(text.plain(str(form.error)))
