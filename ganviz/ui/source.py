"""Data from outside in the form: a place to drop a file, and what is known of it."""

import streamlit as st

from ganviz.datasets import DATASETS, upload_of
from ganviz.say import Text, _, joined, say
from ganviz.store import data
from ganviz.ui import text
from ganviz.ui.form import Form, option_key, put
from ganviz.ui.state import tab


def draw_upload(dataset: str) -> None:
    """A place to drop a file of one's own, for data that need one."""
    if (upload := upload_of(dataset)) is None:
        return
    st.file_uploader(
        say(upload.label),
        type=list(upload.types),
        max_upload_size=upload.megabytes,
        key=_upload_key(dataset),
        on_change=_uploaded,
        args=(dataset, option_key("dataset", upload.option)),
    )
    if complaint := tab().upload_failed:
        st.error(text.plain(complaint))


def _uploaded(dataset: str, key: str) -> None:
    """Put the hash of what was uploaded into the form; what was taken away leaves none there."""
    file = st.session_state[_upload_key(dataset)]
    tab().upload_failed = None
    if file is None:
        if data.is_kept(st.session_state[key]):
            put({key: ""})
        return
    try:
        put({key: data.keep(file.getbuffer(), file.name)})
    except OSError as error:
        tab().upload_failed = _("The upload could not be kept: {error}", error=data.why_not(error))


def _upload_key(dataset: str) -> str:
    return f"upload_{dataset}"


def draw_known(form: Form) -> None:
    """What is known of data from outside: why they cannot be used, or what was done to them."""
    look = form.look
    if look.reading:
        st.caption(str(text.READING))
    if look.error:
        upload = upload_of(form.values["dataset"])
        missing = upload is not None and not form.values["dataset_options"][upload.option].strip()
        (st.info if missing else st.error)(text.plain(look.error))
    said: list[Text] = [*look.notes]
    if look.scale:
        said.append(text.scaling(look.shift, look.scale))
    if download := DATASETS[form.values["dataset"]].facts.get("download"):
        said.append(_("The first use downloads up to {megabytes} MB.", megabytes=download))
    if said:
        st.caption(text.plain(joined(said)))
