"""Status, iteration and speed of a run in one line."""

from collections.abc import Iterable
from functools import reduce

from ganviz.say import Message, Text, _
from ganviz.snapshot import Status

STATUS: dict[Status, Message] = {
    "idle": _("○ **idle**"),
    "queued": _("◷ **queued**"),
    "running": _("● **running**"),
    "paused": _("❙❙ **paused**"),
    "finished": _("✓ **finished**"),
    "diverged": _("✕ **diverged**"),
    "failed": _("✕ **failed**"),
    "stopped": _("■ **stopped**"),
    "interrupted": _("⚡ **interrupted**"),
}


def headline(
    status: Status, step: int, rate: float, error: Text | None = None, doing: Text = ""
) -> Text:
    """Status, iteration and speed in one line; what is being measured; what went wrong.

    Args:
        status: of the run.
        step: completed iterations.
        rate: iterations a second.
        error: what ended the run, in words.
        doing: what is measured of a run that rests.
    """
    parts: list[Text | None] = [STATUS[status], _("iteration {step:,}", step=step)]
    if status == "running" and rate:
        parts.append(_("{rate:,.0f}/s", rate=rate))
    return _apart([*parts, doing, error])


def _apart(parts: Iterable[Text | None]) -> Text:
    """Parts of a line that stand for themselves; those that are None or empty are left out."""
    said = [part for part in parts if part]
    return reduce(lambda first, rest: _("{first} · {rest}", first=first, rest=rest), said)
