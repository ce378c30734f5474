"""What can be done with kept runs: named, tagged, deleted; and the room that all of them take."""

import time
from collections.abc import Sequence

import streamlit as st

from ganviz.say import Text, _, _n, say
from ganviz.store import KeptRun, Store, StoreError
from ganviz.store.retention import KEYFRAME_BYTES, UNDO_SECONDS
from ganviz.ui import between, kept, text
from ganviz.ui.text import compare as words

DELETED = "deleted_runs"
"""Under which the ids of what was deleted last are kept, with the time."""

GB = 1024**3


def acts(store: Store, picked: Sequence[KeptRun]) -> None:
    """What can be done with the picked runs."""
    with st.container(horizontal=True, key="manage", vertical_alignment="bottom"):
        if picked:
            _draw_edit(store, picked)
            if st.button(str(words.OPEN), key="open"):
                between.train([run.id for run in reversed(picked)][-8:])
            st.button(
                str(words.DELETE),
                key="delete_runs",
                on_click=_delete,
                args=(store, [run.id for run in picked]),
            )
        undo(store)
    if said := st.session_state.pop("manage_said", None):
        st.error(text.plain(said))


def undo(store: Store) -> None:
    """The button that has deleted runs back, as long as it can."""
    ids, at = st.session_state.get(DELETED, ((), 0.0))
    if ids and time.monotonic() - at < UNDO_SECONDS:
        st.button(
            str(text.UNDO),
            key="undo",
            help=str(words.DELETED),
            on_click=_restore,
            args=(store, ids),
        )


def _draw_edit(store: Store, picked: Sequence[KeptRun]) -> None:
    """Name and notes of one run, tags of all that are picked."""
    one = picked[0] if len(picked) == 1 else None
    with st.popover(say(_("Name, tags, notes")), key="edit"), st.form("edit_runs", border=False):
        if one is not None:
            label = "" if one.label == one.id else one.label
            st.text_input(str(words.RENAME), value=label, key=f"name_{one.id}", max_chars=80)
        shared = set.intersection(*(set(run.tags) for run in picked))
        tags = ", ".join(sorted(shared))
        key = "_".join(run.id for run in picked)
        st.text_input(str(words.TAGS), value=tags, key=f"tags_{key}", max_chars=200)
        if one is not None:
            st.text_area(str(words.NOTES), value=one.notes, key=f"notes_{one.id}")
        st.form_submit_button(
            str(words.SAVE), on_click=_save, args=(store, [run.id for run in picked], shared)
        )


def _save(store: Store, ids: list[str], shared: set[str]) -> None:
    given = st.session_state
    typed = {tag.strip() for tag in given[f"tags_{'_'.join(ids)}"].split(",") if tag.strip()}
    try:
        for run in ids:
            own = set(store.run(run).tags) - shared
            store.tag(run, *(own | typed))
        if len(ids) == 1:
            store.rename(ids[0], given[f"name_{ids[0]}"])
            store.annotate(ids[0], given[f"notes_{ids[0]}"])
    except (KeyError, StoreError) as error:
        given["manage_said"] = text.said_of(error)


def _delete(store: Store, ids: list[str]) -> None:
    try:
        st.session_state[DELETED] = (tuple(store.delete(ids)), time.monotonic())
    except StoreError as error:
        st.session_state["manage_said"] = error.message


def _restore(store: Store, ids: tuple[str, ...]) -> None:
    try:
        store.restore(ids)
        st.session_state.pop(DELETED, None)
    except StoreError as error:
        st.session_state["manage_said"] = error.message


def storage(store: Store, every: Sequence[KeptRun]) -> None:
    """The room that kept runs take, its limit, and how many runs train at once."""
    used, budget = store.used, store.budget
    over = used > budget
    with st.expander(say(_head(len(every), used, budget)), expanded=over, key="storage"):
        keyframes = KEYFRAME_BYTES // 1024**2
        st.caption(
            say(
                _(
                    "In {path}. Of a run are kept: up to a million rows, then every second; "
                    "moments and states ever further apart, of states up to {keyframes} MB.",
                    path=text.plain(str(store.path)),
                    keyframes=keyframes,
                )
            )
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _draw_number("at_once", words.AT_ONCE, words.AT_ONCE_HELP, str(kept.places().most))
            _draw_number("budget", words.BUDGET, words.BUDGET_HELP, f"{budget / GB:g}")
            st.button(str(words.SAVE), key="save_storage", on_click=_save_storage, args=(store,))
        if over:
            _offer(store, used - budget)


def _draw_number(key: str, label: Text, said: Text, value: str) -> None:
    st.text_input(str(label), value=value, key=key, help=str(said), width=220)


def _head(runs: int, used: int, budget: int) -> Text:
    said = _n("{n} run is kept", "{n:,} runs are kept", runs)
    return _(
        "{runs}: {used:,.0f} MB of {budget:,.1f} GB",
        runs=said,
        used=used / 1024**2,
        budget=budget / GB,
    )


def _save_storage(store: Store) -> None:
    given = st.session_state
    try:
        most = text.read(given["at_once"], whole=True)
        budget = text.read(given["budget"], whole=False)
        if most < 1:
            raise ValueError(_("at least one run has to train at a time"))
        if budget <= 0:
            raise ValueError(_("kept runs need some room"))
        kept.places().most = int(most)
        store.set(kept.PLACES, int(most))
        store.budget = int(budget * GB)
    except (ValueError, StoreError) as error:
        given["manage_said"] = text.said_of(error)


def _offer(store: Store, size: int) -> None:
    """Offer the oldest runs for deletion: nothing goes by itself."""
    oldest = store.oldest(size)
    st.warning(
        say(
            _n(
                "Kept runs take more room than they may. The oldest untagged run could go.",
                "Kept runs take more room than they may. The {n:,} oldest untagged runs could go.",
                len(oldest),
            )
        )
    )
    ids = [run.id for run in oldest]
    st.button(str(words.DELETE), key="delete_oldest", on_click=_delete, args=(store, ids))
