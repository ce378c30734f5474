"""The strip of a tab's runs: switched on and off, shown, continued, repeated, deleted."""

import time

import streamlit as st

from ganviz.runs import Run
from ganviz.say import Text, _, say
from ganviz.session import SHARE, Session
from ganviz.session.kept import begun, branched, continued
from ganviz.snapshot import LIVE
from ganviz.store import StoreError
from ganviz.store.retention import UNDO_SECONDS
from ganviz.ui import casting, kept, presses, showing, state, text
from ganviz.ui.form import load

FURTHER = (1, 2, 3, 5, 7)
"""Further seeds that one press may ask for."""

AGAIN_SECONDS = 1.0
"""A second press within that time is the first one, delivered twice."""


def draw() -> None:
    """Draw the strip; it has its place before there is a run, so that nothing moves for it."""
    mine = state.tab()
    names = casting.called(mine.strip)
    with st.container(horizontal=True, key="strip", gap="small", vertical_alignment="center"):
        with st.container(horizontal=True, key="runs", gap="small", width="content"):
            for run in mine.strip.values():
                _draw_chip(run, names[run.id])
            if _undoable(mine):
                st.button(str(text.UNDO), key="undo", on_click=_undo, type="tertiary")
            elif not mine.strip:
                st.caption(str(text.NO_RUNS))
        with st.container(horizontal=True, key="acts", gap="small", width="content"):
            _draw_acts(mine.run)


def _undoable(mine: "state.Tab") -> bool:
    return mine.deleted is not None and time.monotonic() - mine.deleted_at < UNDO_SECONDS


def _draw_chip(run: Run, name: Text) -> None:
    mine = state.tab()
    lead = run.id == mine.shown
    with st.container(horizontal=True, key=f"chip_{run.id}", gap=None, width="content"):
        key = f"run_{run.id}"
        st.session_state[key] = lead or run.id not in mine.off
        st.checkbox(
            say(_("{mark} {name}", mark=_mark(run), name=name)),
            key=key,
            on_change=_switch,
            args=(run.id,),
            disabled=lead,
        )
        if not lead:
            st.button(
                "",
                icon=":material/visibility:",
                key=f"show_{run.id}",
                help=str(text.SHOW_HELP),
                on_click=_show,
                args=(run.id,),
                type="tertiary",
            )
        st.button(
            "",
            icon=":material/close:",
            key=f"delete_{run.id}",
            help=str(text.DELETE_HELP),
            on_click=_delete,
            args=(run.id,),
            type="tertiary",
        )


def _mark(run: Run) -> str:
    """What it does, and its place in the queue, in a letter or two."""
    place = run.position if isinstance(run, Session) else None
    return text.MARKS[run.status] + ("" if place is None else str(place))


def _draw_acts(run: Run | None) -> None:
    """What can be done with the run that is shown."""
    more = run is not None and run.status == "finished"
    st.button(
        str(text.MORE if more else text.CONTINUE),
        key="continue",
        help=str(text.MORE_HELP if more else text.CONTINUE_HELP),
        on_click=_continue,
        disabled=run is None or kept.store() is None or run.status in ("idle", *LIVE),
    )
    st.button(
        str(text.SEEDS),
        key="seeds",
        help=str(text.SEEDS_HELP),
        on_click=_again,
        disabled=run is None,
    )
    st.selectbox(
        str(text.HOW_MANY_SEEDS),
        FURTHER,
        index=1,
        key="further",
        label_visibility="collapsed",
        width=72,
        disabled=run is None,
    )


def _switch(run: str) -> None:
    mine = state.tab()
    if st.session_state[f"run_{run}"]:
        mine.off.discard(run)
    else:
        mine.off.add(run)
    showing.name_shown()


def _show(run: str) -> None:
    mine = state.tab()
    if run not in mine.strip:
        return
    mine.shown = run
    mine.off.discard(run)
    shown = mine.strip[run]
    config = shown.current if isinstance(shown, Session) else showing.settings_of(shown)
    if config is not None:
        load(config)
    showing.name_shown()


def _delete(run: str) -> None:
    """Delete a run: it can be had back for a while."""
    mine = state.tab()
    gone = mine.strip.get(run)
    if gone is None:
        return
    if isinstance(gone, Session):
        gone.stop()
    if (why := _deleted(run)) is not None:
        presses.answer(why)
        return
    mine.take_away(run)
    mine.deleted, mine.deleted_at = gone, time.monotonic()
    showing.name_shown()


def _deleted(run: str) -> Text | None:
    """Delete a run from the store; why that could not be."""
    store = kept.store()
    if store is None:
        return None
    store.flush()
    try:
        store.delete(run)
    except StoreError as error:
        return error.message
    return None


def _undo() -> None:
    mine = state.tab()
    back, store = mine.deleted, kept.store()
    if back is None:
        return
    if store is not None:
        try:
            store.restore(back.id)
        except StoreError as error:
            presses.answer(error.message)
            return
    mine.deleted = None
    mine.add(back, shown=mine.shown is None)
    showing.name_shown()


def _continue() -> None:
    """Go on with a run; one that has finished goes on as a branch with twice the iterations."""
    store, old = kept.store(), state.tab().run
    if store is None or old is None or old.status in LIVE:
        return
    run = old.id
    store.flush()
    share = _share(old)
    try:
        if old.status == "finished":
            steps = 2 * int(store.run(run).steps)
            session = branched(store, run, share=share, places=kept.places(), steps=steps)
        else:
            session = continued(store, run, share=share, places=kept.places())
    except KeyError:
        presses.answer(text.NOT_KEPT)
        return
    except (StoreError, ValueError) as error:
        presses.answer(text.said_of(error))
        return
    load(session.current)
    state.tab().resumes = False
    showing.show(session)
    session.start()


def _again() -> None:
    """The same settings with further seeds, one run each, in the queue."""
    mine = state.tab()
    old = mine.run
    config = None if old is None else showing.settings_of(old)
    if old is None or config is None or time.monotonic() - mine.repeated < AGAIN_SECONDS:
        return
    mine.repeated = time.monotonic()
    used = {known.seed for known in casting.configs(mine.strip).values()}
    further = [seed for seed in range(config.seed + 1, config.seed + 200) if seed not in used]
    for seed in further[: st.session_state.get("further") or 2]:
        again = config.replace(seed=seed)
        session = begun(kept.store(), again, share=_share(old), places=kept.places())
        state.RUNS.add(session, state.viewer())
        mine.add(session, shown=False)
        session.start()
    showing.name_shown()


def _share(run: Run) -> float:
    """The share of its time that its instruments had."""
    if isinstance(run, Session):
        return run.share
    latest = run.latest
    return latest.readings.cost.limit if latest is not None else SHARE


def signature(mine: "state.Tab") -> tuple[object, ...]:
    """What the strip says: where it changes, it is drawn anew."""
    runs = ((run.id, _mark(run)) for run in mine.strip.values())
    return (*runs, mine.shown, _undoable(mine))
