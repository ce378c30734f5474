"""The Train page: a form, six buttons, one line in words, and the live board."""

import streamlit as st

from ganviz.config import LIVE_FIELDS, ConfigError
from ganviz.presets import PRESETS
from ganviz.runs import Run
from ganviz.say import Text, _, joined, say, speaking
from ganviz.session import Session
from ganviz.snapshot import LIVE
from ganviz.ui import (
    between,
    board,
    buttons,
    casting,
    controls,
    follow,
    kept,
    language,
    presses,
    showing,
    state,
    strip,
    text,
)
from ganviz.ui.form import (
    DEFAULT_PRESET,
    INSTRUMENTS,
    Form,
    chosen,
    heed,
    load,
    load_share,
    settle,
)
from ganviz.ui.warmup import warm_up

# Seconds between two looks at a run, or at data that are being read; other states need none.
REFRESH = {"running": 0.105, "paused": 0.5, "queued": 0.5}
READING = MEASURING = 0.5


def main() -> None:
    """Draw the page."""
    tab = state.tab()
    tab.look()
    presses.begin()
    came_back = between.arrived("train")
    if came_back and "run" not in st.query_params:
        _come_back(tab)
    elif came_back or "preset" not in st.session_state or showing.navigated():
        _turn_to_address()
    buttons.press_due()  # one that was cut short by this redraw
    follow.take_over(tab.session)
    form = Form()
    if form.config is not None:
        tab.left = state.Left(form.config, chosen("preset"))
    with speaking(language.spoken()):
        controls.draw(form, _edit, _limit, _restore)
        strip.draw()
    reading = form.look.reading
    cadence = _cadence(reading)
    st.fragment(_live, run_every=cadence)(cadence, reading, strip.signature(tab))
    board.load_plotly()  # five megabytes: after all that can be used without them
    warm_up()


def _turn_to_address() -> None:
    """Show the run, or the settings, that the address names."""
    config = showing.restore()
    presses.answer(None)
    load(config or PRESETS[DEFAULT_PRESET].config)
    session = state.tab().session
    if session is None:
        load_share()
    else:
        load_share(session.share)


def _come_back(tab: state.Tab) -> None:
    """Show what was shown before the tab turned to another page, which keeps no control's value."""
    if tab.left is None:
        _turn_to_address()
        return
    load(*tab.left)
    load_share(*([tab.session.share] if tab.session else []))
    showing.name_shown()


def _cadence(reading: bool) -> float | None:
    tab = state.tab()
    looks = [REFRESH[now] for run in tab.runs.values() if (now := run.status) in REFRESH]
    looks += [MEASURING for run in tab.runs.values() if _is_measured(run) or tab.just_ended(run)]
    looks += [MEASURING for run in tab.strip.values() if run.status in LIVE]
    # What a press was answered goes after a while, and a measurement that it began is followed.
    looks += [MEASURING] * (presses.answered() is not None)
    looks += [REFRESH["running"]] * tab.address.is_new
    return min(looks + [READING] * reading, default=None)


def _is_measured(run: Run) -> bool:
    return isinstance(run, Session) and run.measuring is not None


def _live(cadence: float | None, reading: bool, drawn: tuple[object, ...]) -> None:
    """What moves: draws the newest snapshot, and asks for a new cadence when that changes.

    Args:
        cadence: seconds between two calls.
        reading: whether the form shows that data are being read.
        drawn: what the strip shows.
    """
    tab = state.tab()
    tab.look()
    if showing.navigated() or follow.news(tab.session) or strip.signature(tab) != drawn:
        st.rerun()
    with speaking(language.spoken()):
        _draw_moving(tab)
    showing.keep_address()
    still = reading and Form().look.reading
    if (_cadence(still), still) != (cadence, reading):
        st.rerun()
    tab.address.in_hand = False  # the next redraw begins with what the browser says


def _draw_moving(tab: state.Tab) -> None:
    session = tab.session
    with st.container(key="outcome"):
        _draw_outcome(tab)
    with st.container(horizontal=True, key="status"):
        with st.container(key="now", gap=None):
            _draw_status(tab)
        with st.container(key="controls", gap=None, width="content"):
            with st.container(horizontal=True, key="buttons", width="content"):
                buttons.draw(session)
            with st.container(key="answers", gap=None):
                _draw_answers(session)
    preset = chosen("preset")
    board.draw(
        {run.id: run.latest for run in tab.runs.values() if run.latest is not None},
        shown=tab.run.latest if tab.run else None,
        hint=None if tab.runs else text.IDLE_HINT,
        opening=board.Opening(preset, PRESETS[preset].shows),
        cast=casting.cast(tab),
        buttons=buttons.NUMBERED,
        pressed=buttons.press_due,
        noticed=bool(_notice(session)),
    )


def _draw_outcome(tab: state.Tab) -> None:
    """What a change did, or how that is learned, in a line that is always there."""
    hint = text.ONE_RUN if len(tab.strip) == 1 else text.BLANK
    st.caption(text.plain(casting.outcome(tab) or hint))


def _draw_status(tab: state.Tab) -> None:
    """What the run does, and what is known of it."""
    session = tab.session
    if tab.complaint:
        st.error(text.plain(tab.complaint))
    status, latest = (tab.run.status, tab.run.latest) if tab.run else ("idle", None)
    step, rate = latest.step if latest else 0, session.rate if session else 0.0
    error = session.error if session else None
    st.markdown(text.headline(status, step, rate, error, _doing(session)))
    with st.container(key="verdict"):
        st.caption(text.meaning(latest, status))
    if notice := _notice(session):
        with st.container(key="notice"):
            st.caption(text.plain(notice))


def _notice(session: Session | None) -> Text:
    """What is known of how the run is made, measured and kept."""
    lost = kept.lost(session.id) if session else None
    return joined((session.notice if session else None, lost, kept.trouble()))


def _doing(session: Session | None) -> str:
    """What a run that rests is being measured for; a running one says so under its charts. Of one
    that waits to train, its place."""
    if session is not None and session.position is not None:
        return say(_("place {n} of {all}", n=session.position, all=kept.places().waiting))
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
    if answer := presses.answered():
        st.caption(text.plain(answer))


def _edit(field: str) -> None:
    """A live control was changed: the run follows; what cannot be is said beside the control."""
    session = state.tab().session
    if not heed(field) or session is None:
        return
    form = Form()
    if field not in form.errors:
        _apply(session, field, form.values[field])


def _apply(session: Session, field: str, value: int | float) -> None:
    try:
        if getattr(session.current, field) != value:
            session.edit(**{field: value})
    except ConfigError as error:
        presses.answer(text.complaint(error))
    follow.note(session, field)


def _limit() -> None:
    """The instruments' share was changed: the run that is shown follows at once."""
    session, field = state.tab().session, INSTRUMENTS.name
    if not heed(field) or session is None:
        return
    form = Form()
    if field not in form.errors:
        session.limit(form.share)
        follow.note(session, field)


def _restore() -> None:
    """The preset's settings are wanted back; a run that waits for nothing else follows."""
    settle()
    load(PRESETS[chosen("preset")].config, chosen("preset"))
    session, form = state.tab().session, Form()
    if session is None or not session.live or form.waiting(session.current):
        return
    for field in LIVE_FIELDS:
        _apply(session, field, form.values[field])


main()
