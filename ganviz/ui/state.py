"""What a tab shows and knows, and the runs of this process that it may show."""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ganviz.config import CUSTOM, ConfigError, RunConfig
from ganviz.runs import Run
from ganviz.say import Text, _
from ganviz.session import Session
from ganviz.session.lobby import Runs
from ganviz.ui import text
from ganviz.ui.address import Address, Settings

KEY = "tab"
"""Under which a tab's state is kept."""

LINGER_SECONDS = 3.0
"""So long the page looks on after a run: the measurement of its end may yet have to begin."""


def _connected(viewer: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(viewer)


RUNS = Runs(_connected)


def viewer() -> str:
    """The id of this tab."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


class Put(NamedTuple):
    """Values that were put into controls, which the browser may yet have to show."""

    since: float
    """When, on the monotonic clock."""
    moved: Mapping[str, tuple[Any, Any]]
    """Key of a control to what it held before and holds since."""


class InForce(NamedTuple):
    """Live settings of a run as this tab last noted them."""

    run: str
    values: Mapping[str, Any]


class Answer(NamedTuple):
    """What the last press led to, where it is not seen anyway."""

    said: Text
    since: float
    """When, on the monotonic clock."""


@dataclass
class Tab:
    """What one tab of the browser shows, was told and has said. Controls keep their own values."""

    runs: dict[str, Run] = field(default_factory=dict)
    """What its charts show, by id; a run itself says what it is called."""
    shown: str | None = None
    """The one of them that samples, histograms, table, words and buttons speak of."""
    address: Address = field(default_factory=Address)
    complaint: Text | None = None
    """What is wrong with the address."""
    answer: Answer | None = None
    acted: int | None = None
    """The number of the last press that was acted on; None before the page is drawn."""
    acting: threading.Lock = field(default_factory=threading.Lock)
    """Two messages may be looked at in two threads at once."""
    resumes: bool = False
    """Whether the button Pause stands there as Resume."""
    put: Put = Put(-math.inf, {})
    settled: Mapping[str, str] = field(default_factory=dict)
    """What was picked when the form last took up what belongs to it."""
    in_force: InForce | None = None
    upload_failed: Text | None = None
    ends: dict[str, float] = field(default_factory=dict)
    """By id: when this tab first saw that a run is over."""

    @property
    def run(self) -> Run | None:
        """The run that is spoken of."""
        return None if self.shown is None else self.runs[self.shown]

    @property
    def session(self) -> Session | None:
        """The run that is spoken of, where it can be told to do something."""
        return self.run if isinstance(self.run, Session) else None

    def turn_to(self, run: Run | None) -> None:
        """Show `run` only; what was shown before is no longer watched by this tab."""
        for other in self.runs.values():
            if other is not run:
                RUNS.leave(other.id, viewer())
        self.runs = {} if run is None else {run.id: run}
        self.shown = None if run is None else run.id

    def look(self) -> None:
        """Note at the beginning of a redraw what the browser and the runs have come to."""
        self.address.hear(st.query_params.to_dict())
        for run in self.runs.values():
            if _is_over(run):
                self.ends.setdefault(run.id, time.monotonic())
            else:
                RUNS.watch(run.id, viewer())
                self.ends.pop(run.id, None)

    def just_ended(self, run: Run) -> bool:
        """Whether this tab has seen only now that the run is over."""
        now = time.monotonic()
        return _is_over(run) and now - self.ends.get(run.id, now) < LINGER_SECONDS


def _is_over(run: Run) -> bool:
    return run.status not in ("idle", "running", "paused")


def tab() -> Tab:
    """Of the browser whose redraw or press this is."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Tab()
    kept: Tab = st.session_state[KEY]
    return kept


def show(session: Session) -> None:
    """Make `session` the run of this tab and put it, with its settings, into the address."""
    mine, before = tab(), st.query_params.to_dict()
    RUNS.add(session, viewer())
    mine.turn_to(session)
    _set_address({"run": session.id} | dict(parse_qsl(session.config.to_query())), mine, before)


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
    run = next((v for k, v in pairs if k == "run"), None)
    session = RUNS.get(run) if run else None
    mine.turn_to(session)
    mine.complaint = None
    if session is not None:
        RUNS.watch(session.id, viewer())
        return session.current
    if run:
        mine.complaint = _(
            "Run {run} is no longer here: the server was restarted, or the run was let go.", run=run
        )
    settings = [(k, v) for k, v in pairs if k != "run"]
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


def _cannot_be(complaint: Text) -> Text:
    return _(
        "The address holds a setting that cannot be: {complaint}. The defaults are shown instead.",
        complaint=complaint,
    )
