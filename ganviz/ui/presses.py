"""Presses of buttons: each acts once, and is answered. Why: docs/decisions/presses.md."""

import time
from collections.abc import Sequence

import streamlit as st

from ganviz.say import Text
from ganviz.ui.state import Answer, tab

ANSWER_SECONDS = 5.0
"""So long the answer to a press is shown."""

NUMBERED_BY = "board"
"""The key of the component whose script numbers the presses."""


def due(button: str | None = None) -> list[tuple[int | None, str]]:
    """The presses that are still to be acted on, in their order: number and button.

    Whoever acts on one notes its number in `Tab.acted`. Then one that comes twice is due once, and
    one whose message was lost is due with the next. Where nothing numbers presses, each is due.

    Args:
        button: the one of which a press has come; None where only numbers have.
    """
    acted, made = tab().acted, _made()
    if acted is None or not made:
        return [] if button is None else [(acted, button)]
    return [(number, name) for number, name in made if number > acted]


def begin() -> None:
    """Note where the numbers stand when a page is first drawn, as after a restart of the server."""
    mine, made = tab(), _made()
    if mine.acted is None:
        mine.acted = made[-1][0] if made else 0


def answer(said: Text | None) -> None:
    """What the last press led to, where it is not seen anyway; None clears it."""
    tab().answer = None if said is None else Answer(said, time.monotonic())


def answered() -> Text | None:
    """The answer to the last press, for a few seconds."""
    given = tab().answer
    return given.said if given and time.monotonic() - given.since < ANSWER_SECONDS else None


def _made() -> Sequence[tuple[int, str]]:
    """The last presses that the browser has numbered: number and button, oldest first."""
    held = st.session_state.get(NUMBERED_BY) or {}
    return held.get("presses") or ()
