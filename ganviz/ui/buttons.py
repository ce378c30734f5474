"""The six buttons: what they are called, when they could do nothing, and what they do."""

from collections.abc import Callable, Mapping

import streamlit as st

from ganviz.config import RunConfig
from ganviz.instruments import INSTRUMENTS
from ganviz.say import Text, _
from ganviz.session import Session
from ganviz.session.kept import begun
from ganviz.ui import kept, presses, showing, state, text
from ganviz.ui.form import Form, settle

FIRST_LOOK = 0.4
"""Seconds that Start waits for a first snapshot, so that its own redraw shows data already."""

Act = Callable[[Session | None], Text | None]
"""What a button does to the run that is shown; the answer where it could do nothing."""


def draw(session: Session | None) -> None:
    """Draw the buttons of this run."""
    state.tab().resumes = session is not None and session.status == "paused"
    idle = _idle(session)
    for name in ACTS:
        resumes = name == "pause" and state.tab().resumes
        st.button(
            str(text.RESUME if resumes else text.BUTTONS[name]),
            key=name,
            type="primary" if name == "start" else "secondary",
            help=str(text.MEASURE_HELP) if name == "measure" else None,
            disabled=name in idle,
            on_click=press_due,
            args=(name,),
        )


def press_due(name: str | None = None) -> None:
    """Act on all presses that were not acted on, of which that of `name` has come now.

    A redraw of the whole page that is wanted meanwhile ends this at any look at Streamlit's state.
    There is none between an act and the note of it: what was cut short is due again.
    """
    mine = state.tab()
    with mine.acting:
        due = presses.due(name)
        if due:
            settle()
        for number, button in due:
            said = ACTS[button](mine.session)
            mine.acted = number
            presses.answer(said)


def _idle(session: Session | None) -> tuple[str, ...]:
    """Those that could do nothing: Step begins a run where there is none, and nothing moves one
    that has ended."""
    if session is None:
        return ("pause", "stop")
    return () if session.live else ("pause", "step", "stop")


def _start(session: Session | None) -> Text | None:
    mine, form = state.tab(), Form()
    if form.ready is None:
        return _correct(form)
    if session is not None and session.live:
        if not form.waiting(session.current):
            if session.status != "paused":
                return text.RUNS_ALREADY
            mine.resumes = False
            session.resume()
            return None
        session.stop()
    _begin(form.ready, form.share, Session.start)
    return None


def _pause_or_resume(session: Session | None) -> Text | None:
    """What the button says. Pressed again before it says otherwise, it takes back what it did."""
    if session is None or not session.live:
        return text.NOTHING_RUNS
    tab = state.tab()
    if tab.resumes:
        session.resume()
    else:
        session.pause()
    tab.resumes = not tab.resumes
    return None


def _step(session: Session | None) -> Text | None:
    if session is not None and session.status != "idle":  # as one whose Step was cut short
        if not session.live:
            return text.NOTHING_RUNS
        session.step()
        return None
    form = Form()
    if form.ready is None:
        return _correct(form)
    _begin(form.ready, form.share, Session.step)
    return None


def _stop(session: Session | None) -> Text | None:
    if session is None or not session.live:
        return text.NOTHING_RUNS
    session.stop()
    return None


def _reset(session: Session | None) -> Text | None:
    if session is not None:
        session.stop()
    state.tab().complaint = None
    showing.clear()
    return None


def _measure(session: Session | None) -> Text | None:
    if session is None or session.latest is None:
        return text.NOTHING_TO_MEASURE
    if session.status in text.NOT_MEASURABLE:
        return text.NOT_MEASURABLE[session.status]
    if not session.share:
        return text.INSTRUMENTS_OFF
    if (name := session.measuring) is not None:
        return _(
            "Already measuring: {what}. The charts follow.", what=INSTRUMENTS[name].doing.inside
        )
    session.measure()
    return text.MEASURING_NOW


def _correct(form: Form) -> Text:
    return _("The settings on the left need a correction first: {problem}", problem=form.problem)


def _begin(config: RunConfig, share: float, begin: Callable[[Session], None]) -> None:
    state.tab().complaint = None
    state.tab().resumes = False
    session = begun(kept.store(), config, share=share, places=kept.places())
    showing.show(session)
    begin(session)
    session.wait(FIRST_LOOK)


ACTS: Mapping[str, Act] = {
    "start": _start,
    "pause": _pause_or_resume,
    "step": _step,
    "stop": _stop,
    "reset": _reset,
    "measure": _measure,
}
"""By the key of the button, from left to right."""

NUMBERED = {"names": tuple(ACTS), "keys": "start"}
"""Whose presses the browser numbers, and which of them Ctrl + Enter presses."""
