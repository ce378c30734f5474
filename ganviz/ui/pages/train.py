"""The Train page: a form, six buttons, one line in words, and the live board."""

from collections.abc import Callable

import streamlit as st

from ganviz.config import LIVE_FIELDS, ConfigError
from ganviz.presets import PRESETS
from ganviz.say import Text, say
from ganviz.session import Session
from ganviz.ui import board, controls, follow, presses, state, text
from ganviz.ui.form import (
    DEFAULT_PRESET,
    INSTRUMENTS,
    Form,
    chosen,
    load,
    load_share,
    settle,
    typed,
)
from ganviz.ui.warmup import warm_up

# Seconds between two looks at a run, or at data that are being read; other states need none.
REFRESH = {"running": 0.105, "paused": 0.5}
READING = MEASURING = 0.5

START_KEYS = "Ctrl+Enter"

# Seconds that Start waits for a first snapshot, so that its own redraw shows data already.
FIRST_LOOK = 0.4


def main() -> None:
    """Draw the page."""
    if "preset" not in st.session_state or state.navigated():
        _turn_to_address()
    follow.take_over(_shown())
    form = Form()
    controls.draw(form, _edit, _limit, _restore)
    reading = form.look.reading
    cadence = _cadence(reading)
    st.fragment(_live, run_every=cadence)(cadence, reading)
    board.load_plotly()  # five megabytes: after all that can be used without them
    warm_up()


def _turn_to_address() -> None:
    """Show the run, or the settings, that the address names."""
    config, complaint = state.restore()
    st.session_state["complaint"] = complaint
    presses.answer(None)
    load(config or PRESETS[DEFAULT_PRESET].config)
    load_share(session.share for session in state.sessions().values())


def _shown() -> Session | None:
    """The run that this tab shows."""
    return next(iter(state.sessions().values()), None)


def _cadence(reading: bool) -> float | None:
    shown = state.sessions().values()
    looks = [REFRESH[session.status] for session in shown if session.live]
    looks += [MEASURING for s in shown if s.measuring is not None or state.just_ended(s)]
    # What a press was answered goes after a while, and a measurement that it began is followed.
    looks += [MEASURING] * (presses.notice() is not None)
    looks += [REFRESH["running"]] * state.address_is_new()
    return min(looks + [READING] * reading, default=None)


def _live(cadence: float | None, reading: bool) -> None:
    """What moves: draws the newest snapshot, and asks for a new cadence when that changes.

    Args:
        cadence: seconds between two calls.
        reading: whether the form shows that data are being read.
    """
    sessions, session = state.sessions(), _shown()
    if state.navigated() or follow.news(session):
        st.rerun()
    for shown in sessions.values():
        state.RUNS.watch(shown.id, state.viewer())
    with st.container(horizontal=True, key="status"):
        with st.container(key="now", gap=None):
            _draw_status(session)
        with st.container(key="controls", gap=None, width="content"):
            with st.container(horizontal=True, key="buttons", width="content"):
                _draw_buttons(session)
            with st.container(key="answers", gap=None):
                _draw_answers(session)
    snapshots = {name: s.latest for name, s in sessions.items() if s.latest is not None}
    ids = " ".join(sessions[name].id for name in snapshots)
    preset = chosen("preset")
    board.draw(
        snapshots,
        runs=ids,
        hint="" if sessions else text.IDLE_HINT,
        opening=board.Opening(preset, PRESETS[preset].shows),
        noticed=bool(session and session.notice),
    )
    presses.are_shown()
    state.keep_address()
    still = reading and Form().look.reading
    if (_cadence(still), still) != (cadence, reading):
        st.rerun()


def _draw_status(session: Session | None) -> None:
    """What the run does, and what is known of it."""
    if complaint := st.session_state.get("complaint"):
        st.error(text.plain(complaint))
    status, latest = (session.status, session.latest) if session else ("idle", None)
    step, rate = latest.step if latest else 0, session.rate if session else 0.0
    error = session.error if session else None
    st.markdown(text.headline(status, step, rate, error, _doing(session)))
    with st.container(key="verdict"):
        st.caption(text.meaning(latest, status))
    if session is not None and session.notice:
        with st.container(key="notice"):
            st.caption(text.plain(str(session.notice)))


def _doing(session: Session | None) -> str:
    """What a run that rests is being measured for; a running one says so under its charts."""
    if session is None or session.status == "running":
        return ""
    measuring, latest = session.measuring, session.latest
    if measuring is None or latest is None:
        return ""
    cost = latest.readings.cost
    return text.under_way(measuring, cost.progress if cost.busy == measuring else 0.0)


def _draw_answers(session: Session | None) -> None:
    """What waits for a restart, and the answer to the last press: below the buttons, where neither
    displaces what is known of the run."""
    if session is not None and session.live and (fields := Form().waiting(session.current)):
        st.caption(str(text.waiting(fields)))
    if notice := presses.notice():
        st.caption(notice)


def _draw_buttons(session: Session | None) -> None:
    paused = session is not None and session.status == "paused"
    idle = _idle_buttons(session)
    for name, action in (
        ("start", _start),
        ("pause", _resume if paused else _pause),
        ("step", _step),
        ("stop", _stop),
        ("reset", _reset),
        ("measure", _measure),
    ):
        st.button(
            text.BUTTONS["resume" if name == "pause" and paused else name],
            key=name,
            type="primary" if name == "start" else "secondary",
            help=text.MEASURE_HELP if name == "measure" else None,
            disabled=name in idle,
            shortcut=START_KEYS if name == "start" else None,
            on_click=_press,
            args=(name, action),
        )


def _idle_buttons(session: Session | None) -> tuple[str, ...]:
    """Those that could do nothing: Step begins a run where there is none, and nothing moves one
    that has ended."""
    if session is None:
        return ("pause", "stop")
    return () if session.live else ("pause", "step", "stop")


def _press(name: str, action: Callable[[Session | None], str | None]) -> None:
    """Act once on a press; an action gives the sentence to show where it could do nothing."""
    settle()
    if presses.repeated(name, Form().values):
        return
    presses.answer(action(_shown()))


def _start(session: Session | None) -> str | None:
    form = Form()
    if form.problem:
        return _correct(form.problem)
    if session is not None and session.live:
        if not form.waiting(session.current):
            if session.status == "running":
                return text.RUNS_ALREADY
            session.resume()
            return None
        session.stop()
    session = _begin(form)
    session.start()
    session.wait(FIRST_LOOK)
    return None


def _pause(session: Session | None) -> str | None:
    if session is None or not session.live:
        return text.NOTHING_RUNS
    session.pause()
    return None


def _resume(session: Session | None) -> str | None:
    if session is None or not session.live:
        return text.NOTHING_RUNS
    session.resume()
    return None


def _step(session: Session | None) -> str | None:
    if session is not None and session.live:
        session.step()
        return None
    if session is not None:
        return text.NOTHING_RUNS
    form = Form()
    if form.problem:
        return _correct(form.problem)
    session = _begin(form)
    session.step()
    session.wait(FIRST_LOOK)
    return None


def _stop(session: Session | None) -> str | None:
    if session is None or not session.live:
        return text.NOTHING_RUNS
    session.stop()
    return None


def _reset(session: Session | None) -> str | None:
    if session is not None:
        session.stop()
    st.session_state["complaint"] = None
    state.clear()
    return None


def _measure(session: Session | None) -> str | None:
    if session is None or session.latest is None:
        return text.NOTHING_TO_MEASURE
    if session.status in ("diverged", "failed"):
        return text.NOT_MEASURABLE.format(session.status)
    if not session.share:
        return say(text.INSTRUMENTS_OFF)
    if (name := session.measuring) is not None:
        return text.MEASURES_ALREADY.format(text.doing(name))
    session.measure()
    return text.MEASURING_NOW


def _correct(problem: Text) -> str:
    return text.FIX_FORM.format(text.plain(problem))


def _begin(form: Form) -> Session:
    assert form.config is not None
    st.session_state["complaint"] = None
    session = Session(form.config, share=form.share)
    state.show(session)
    return session


def _edit(field: str) -> None:
    """A live control was changed: the run follows; what cannot be is said beside the control."""
    form = Form()
    if not typed(field) or field in form.errors:
        return
    for session in state.sessions().values():
        _apply(session, field, form.values[field])


def _apply(session: Session, field: str, value: int | float) -> None:
    try:
        if getattr(session.current, field) != value:
            session.edit(**{field: value})
    except ConfigError as error:
        presses.answer(text.plain(text.complaint(error)))
    follow.note(session)


def _limit() -> None:
    """The instruments' share was changed: runs that are shown follow at once."""
    form = Form()
    if INSTRUMENTS.name in form.errors:
        return
    for session in state.sessions().values():
        session.limit(form.share)
        follow.note(session)


def _restore() -> None:
    """The preset's settings are wanted back; a run that waits for nothing else follows."""
    settle()
    load(PRESETS[chosen("preset")].config, chosen("preset"))
    session, form = _shown(), Form()
    if session is None or not session.live or form.waiting(session.current):
        return
    for field in LIVE_FIELDS:
        _apply(session, field, form.values[field])


main()
