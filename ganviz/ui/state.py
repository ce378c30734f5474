"""The runs of this process, and which of them this tab shows."""

import math
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ganviz.config import CUSTOM, ConfigError, RunConfig
from ganviz.session import Session
from ganviz.session.lobby import Runs
from ganviz.ui import text

ADDRESS_SECONDS = 2.0
"""By then the browser shows a new address, and says so."""

LINGER_SECONDS = 3.0
"""So long the page looks on after a run: the measurement of its end may yet have to begin."""


def _connected(viewer: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(viewer)


RUNS = Runs(_connected)


def viewer() -> str:
    """The id of this tab."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def sessions() -> Mapping[str, Session]:
    """The runs that this tab shows, label to session."""
    found = {label: RUNS.get(run) for label, run in st.session_state.get("runs", {}).items()}
    return {label: session for label, session in found.items() if session is not None}


def show(session: Session) -> None:
    """Make `session` the run of this tab and put it, with its settings, into the address."""
    RUNS.add(session, viewer())
    _turn_to(session)
    _set_address({"run": session.id} | dict(parse_qsl(session.config.to_query())))


def clear() -> None:
    """Show no run."""
    _turn_to(None)
    _set_address({})


def _turn_to(session: Session | None) -> None:
    """Let this tab show `session` only; what it showed before is no longer watched by it."""
    shown = {} if session is None else {"run": session.id}
    for run in st.session_state.get("runs", {}).values():
        if run not in shown.values():
            RUNS.leave(run, viewer())
    st.session_state["runs"] = shown


def _set_address(settings: Mapping[str, str]) -> None:
    st.session_state["address"] = (time.monotonic(), settings)
    st.session_state["address_before"] = st.query_params.to_dict()
    st.session_state["address_in_hand"] = True
    st.query_params.from_dict(settings)


def address_is_new() -> bool:
    """Whether the browser may not have heard of its address yet.

    Streamlit drops what a redraw says that the next message cuts short.
    """
    since: float = st.session_state["address"][0]
    unheard = st.session_state["address_before"] is not None
    return unheard and time.monotonic() - since < ADDRESS_SECONDS


def navigated() -> bool:
    """Whether a person went to another address of this tab, as with Back or Forward.

    An address from before the last one that we set is no sign of it, as long as the browser has
    not said that it knows ours. In the redraw that sets one, we only hear ourselves.
    """
    if st.session_state["address_in_hand"]:
        return False
    _, settings = st.session_state["address"]
    now = st.query_params.to_dict()
    if _same(now, settings):
        st.session_state["address_before"] = None
        return False
    before = st.session_state["address_before"]
    return before is None or not (now == before or address_is_new())


def _same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two addresses name the same run, or the same settings and none."""
    return one == other or one.get("run", "") == other.get("run")


def keep_address() -> None:
    """Say a new address once more where the browser shows the one from before; ends a redraw."""
    st.session_state["address_in_hand"] = False
    _, settings = st.session_state["address"]
    if not _same(st.query_params.to_dict(), settings) and not navigated():
        st.query_params.from_dict(settings)


def restore() -> tuple[RunConfig | None, str | None]:
    """Turn to what the address asks for: gives its settings, and a complaint about it."""
    pairs = [(k, v) for k in st.query_params for v in st.query_params.get_all(k)]
    st.session_state["address"] = (-math.inf, st.query_params.to_dict())
    st.session_state["address_before"] = None
    st.session_state["address_in_hand"] = False
    run = next((v for k, v in pairs if k == "run"), None)
    session = RUNS.get(run) if run else None
    _turn_to(session)
    if session is not None:
        RUNS.watch(session.id, viewer())
        return session.current, None
    gone = text.RUN_GONE.format(run) if run else None
    settings = [(k, v) for k, v in pairs if k != "run"]
    if not settings:
        return None, gone
    try:
        config = RunConfig.from_settings(settings)
    except ConfigError as error:
        return None, text.BAD_ADDRESS.format(f"{text.complaint(error)}.")
    if config.dataset == CUSTOM:
        return None, text.BAD_ADDRESS.format(text.NOT_FROM_HERE)
    return config, gone


def just_ended(session: Session) -> bool:
    """Whether this tab has seen only now that the run is over."""
    ends: dict[str, float] = st.session_state.setdefault("ends", {})
    if session.live or session.status == "idle":
        ends.pop(session.id, None)
        return False
    return time.monotonic() - ends.setdefault(session.id, time.monotonic()) < LINGER_SECONDS
