"""What a tab shows and knows, and the runs of this process that it may show."""

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ganviz.config import RunConfig
from ganviz.runs import Run
from ganviz.say import Text
from ganviz.session import Session
from ganviz.session.lobby import Runs
from ganviz.snapshot import LIVE
from ganviz.store import KeptRun
from ganviz.ui import kept
from ganviz.ui.address import Address

KEY = "tab"
"""Under which a tab's state is kept."""

STRIP = 8
"""Runs that a tab holds at most, unless more of them go on."""

LOOK_SECONDS = 1.0
"""Between two looks at runs that another process makes."""

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


class Left(NamedTuple):
    """The form as it was when it was drawn last."""

    config: RunConfig
    preset: str


@dataclass
class Tab:
    """What one tab of the browser shows, was told and has said. Controls keep their own values."""

    strip: dict[str, Run] = field(default_factory=dict)
    """The last runs that it has shown, by id, oldest first."""
    off: set[str] = field(default_factory=set)
    """Those of them that are switched off."""
    shown: str | None = None
    """The one of them that samples, histograms, table, words and buttons speak of."""
    deleted: Run | None = None
    """What was deleted last, as long as it can be had back."""
    deleted_at: float = -math.inf
    repeated: float = -math.inf
    """When further seeds were asked for last."""
    looked: float = -math.inf
    """When runs that others make were last looked up."""
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
    left: Left | None = None
    upload_failed: Text | None = None
    ends: dict[str, float] = field(default_factory=dict)
    """By id: when this tab first saw that a run is over."""

    @property
    def runs(self) -> dict[str, Run]:
        """What its charts show, by id."""
        return {i: r for i, r in self.strip.items() if i == self.shown or i not in self.off}

    @property
    def run(self) -> Run | None:
        """The run that is spoken of."""
        return None if self.shown is None else self.strip[self.shown]

    @property
    def session(self) -> Session | None:
        """The run that is spoken of, where it can be told to do something."""
        return self.run if isinstance(self.run, Session) else None

    def turn_to(self, run: Run | None, *others: Run) -> None:
        """Show `run`, with `others` beside it, and nothing else; None: nothing."""
        kept = {other.id: other for other in (*others, *([run] if run else []))}
        for other in self.strip:
            if other not in kept:
                RUNS.leave(other, viewer())
        self.strip, self.off = kept, self.off & set(kept)
        self.shown = None if run is None else run.id

    def add(self, run: Run, *, shown: bool = True) -> None:
        """Show `run` beside those before; of too many, the oldest that is over goes."""
        self.strip.pop(run.id, None)
        self.strip[run.id] = run
        self.off.discard(run.id)
        if shown or self.shown is None:
            self.shown = run.id
        over = [i for i, r in self.strip.items() if _is_over(r) and i != self.shown]
        for old in over[: max(0, len(self.strip) - STRIP)]:
            self.take_away(old)

    def take_away(self, run: str) -> None:
        """Show a run no more."""
        self.strip.pop(run, None)
        self.off.discard(run)
        RUNS.leave(run, viewer())
        if self.shown == run:
            self.shown = next(reversed(self.strip), None)

    def look(self) -> None:
        """Note at the beginning of a redraw what the browser and the runs have come to."""
        self.address.hear(st.query_params.to_dict())
        self._look_up()
        for run in self.strip.values():
            if _is_over(run):
                self.ends.setdefault(run.id, time.monotonic())
            else:
                RUNS.watch(run.id, viewer())
                self.ends.pop(run.id, None)

    def _look_up(self) -> None:
        """See how runs are that another process makes."""
        now = time.monotonic()
        if now - self.looked < LOOK_SECONDS:
            return
        self.looked = now
        for run in list(self.strip.values()):
            if isinstance(run, KeptRun) and run.status in LIVE:
                self.strip[run.id] = kept.found(run.id) or run

    def just_ended(self, run: Run) -> bool:
        """Whether this tab has seen only now that the run is over."""
        now = time.monotonic()
        return _is_over(run) and now - self.ends.get(run.id, now) < LINGER_SECONDS


def _is_over(run: Run) -> bool:
    return run.status not in ("idle", *LIVE)


def tab() -> Tab:
    """Of the browser whose redraw or press this is."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Tab()
    kept: Tab = st.session_state[KEY]
    return kept
