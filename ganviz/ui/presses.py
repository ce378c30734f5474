"""Presses of buttons: each acts once, and is answered. Why: docs/decisions/presses.md."""

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

REPEAT_SECONDS = 0.3
"""A press this soon after the last of the same button is the same press, delivered twice."""

ECHO_SECONDS = 0.25
"""So is one this soon after the page has shown the answer: on a slow machine it waited for that."""

ANSWER_SECONDS = 5.0
"""A page that has shown no answer by then may be pressed again."""

NOTICE_SECONDS = 5.0


class Press:
    """The last press of a button, what the form held, and when the page had shown the answer."""

    def __init__(self, made: float, values: Mapping[str, Any]) -> None:
        self.made, self.values = made, values
        self.shown: float | None = None

    def echoes(self, now: float, values: Mapping[str, Any]) -> bool:
        """Whether a press of the same button, `now` and with `values`, is this one once more.

        The two messages of one press follow each other within a millisecond: whoever changed
        the form in between has pressed again.
        """
        if values != self.values:
            return False
        if now - self.made < REPEAT_SECONDS:
            return True
        if self.shown is None:
            return now - self.made < ANSWER_SECONDS
        return now - self.shown < ECHO_SECONDS


def repeated(button: str, values: Mapping[str, Any]) -> bool:
    """Whether this press of `button` is the last one, delivered twice; notes the press.

    Args:
        button: its name.
        values: what the form holds, settled.
    """
    now = time.monotonic()
    presses: dict[str, Press] = st.session_state.setdefault("presses", {})
    last = presses.get(button)
    if last is not None and last.echoes(now, values):
        return True
    presses[button] = Press(now, values)
    return False


def are_shown() -> None:
    """Note that the page shows what all presses so far led to."""
    for press in st.session_state.get("presses", {}).values():
        if press.shown is None:
            press.shown = time.monotonic()


def answer(sentence: str | None) -> None:
    """What the last press led to, where it is not seen anyway; None clears it."""
    st.session_state["notice"] = sentence and (sentence, time.monotonic())


def notice() -> str | None:
    """The answer to the last press, for a few seconds."""
    given: tuple[str, float] | None = st.session_state.get("notice")
    return given[0] if given and time.monotonic() - given[1] < NOTICE_SECONDS else None
