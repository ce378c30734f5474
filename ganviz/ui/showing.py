"""Which runs a tab shows, said in its address and read from it."""

from functools import lru_cache
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ganviz.config import CUSTOM, ConfigError, RunConfig
from ganviz.runs import Run
from ganviz.say import Text, _
from ganviz.session import Session
from ganviz.ui import kept, text
from ganviz.ui.address import Settings
from ganviz.ui.state import RUNS, STRIP, Tab, tab, viewer


def show(session: Session) -> None:
    """Make `session` the run of this tab, the last ones beside it, and put it, with its settings,
    into the address."""
    mine = tab()
    RUNS.add(session, viewer())
    mine.add(session)
    name_shown()


def name_shown() -> None:
    """Put what is shown into the address."""
    mine, before = tab(), st.query_params.to_dict()
    if mine.run is None:
        _set_address({}, mine, before)
        return
    config = settings_of(mine.run)
    others = ",".join(run for run in mine.strip if run != mine.shown and run not in mine.off)
    query = dict(parse_qsl(config.to_query())) if config else {}
    _set_address({"run": mine.run.id} | ({"runs": others} if others else {}) | query, mine, before)


def settings_of(run: Run) -> RunConfig | None:
    """The settings that a run began with; None where they are of another version."""
    if isinstance(run, Session):
        return run.config
    return _settings(run.config_json)


@lru_cache(maxsize=256)
def _settings(text: str) -> RunConfig | None:
    try:
        return RunConfig.from_json(text)
    except ConfigError:
        return None


def clear() -> None:
    """Show no run."""
    mine, before = tab(), st.query_params.to_dict()
    mine.turn_to(None)
    _set_address({}, mine, before)


def _set_address(settings: Settings, mine: Tab, before: Settings) -> None:
    """Note it first: if what follows is cut short, `keep_address` says it."""
    mine.address.set(settings, before)
    st.query_params.from_dict(settings)


def navigated() -> bool:
    """Whether a person went to another address of this tab, as with Back or Forward."""
    context = get_script_run_ctx()
    by_history = context is not None and context.is_history_navigation
    return tab().address.left_for(st.query_params.to_dict(), by_history=by_history)


def keep_address() -> None:
    """Say a new address once more where the browser shows the one from before."""
    address = tab().address
    if address.is_lost(st.query_params.to_dict()) and not navigated():
        st.query_params.from_dict(address.settings)
        address.in_hand = True


def restore() -> RunConfig | None:
    """Turn to what the address asks for, note what is wrong with it, and give its settings."""
    pairs = [(k, v) for k in st.query_params for v in st.query_params.get_all(k)]
    mine = tab()
    mine.address.adopt(st.query_params.to_dict())
    given = dict(pairs)
    asked = given.get("run")
    run = found(asked) if asked else None
    beside = [found(other) for other in given.get("runs", "").split(",") if other]
    mine.turn_to(run, *(other for other in beside[-STRIP:] if other and run))
    mine.complaint = None
    if run is not None:
        for other in mine.strip:
            RUNS.watch(other, viewer())
        config = run.current if isinstance(run, Session) else _edited(run)
        if config is not None:
            return config
    elif asked:
        mine.complaint = _(
            "Run {run} is no longer here: it was deleted, or is kept on another machine.", run=asked
        )
    settings = [(k, v) for k, v in pairs if k not in ("run", "runs")]
    if not settings:
        return None
    try:
        config = RunConfig.from_settings(settings)
    except ConfigError as error:
        mine.complaint = _cannot_be(text.complaint(error))
        return None
    if config.dataset == CUSTOM:
        mine.complaint = _cannot_be(text.NOT_FROM_HERE)
        return None
    return config


def found(run: str) -> Run | None:
    """The run with that id: one that this process makes, else a kept one."""
    return RUNS.get(run) or kept.found(run)


def _edited(run: Run) -> RunConfig | None:
    """The settings that a kept run ended with, where they can be put into the form."""
    config = settings_of(run)
    if config is None or config.dataset == CUSTOM:
        return None
    try:
        return config.edited(**{event.field: event.value for event in run.events})
    except ConfigError:
        return config


def _cannot_be(complaint: Text) -> Text:
    return _(
        "The address holds a setting that cannot be: {complaint}. The defaults are shown instead.",
        complaint=complaint,
    )
