"""Words that depend on a field, a form or a snapshot."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ganviz.config import ConfigError, Group, labels
from ganviz.diagnosis import NOISE, SMALL, Gap, last_gap, like_real
from ganviz.digits import signed
from ganviz.levels import V_EQUILIBRIUM
from ganviz.losses import LOSSES
from ganviz.say import Message, Text, _, listed, said_by
from ganviz.snapshot import WHOSE, Snapshot, Status
from ganviz.trainer import Diverged
from ganviz.ui.text import words
from ganviz.ui.text.gaps import who_is_behind

FEW = 3
"""Settings that a sentence names one by one."""

LATELY = 0.95
"""Part of a run from which on a measurement is of its present."""


def name(field: str) -> Text:
    """What a field or an option is called: the label of its control; in quotes what is none.

    >>> str(name("lr_d")), str(name("dataset_options.std")), name("widht")
    ('D learning rate', 'Mode σ', "'widht'")
    """
    if field in words.CONTROLS:
        return words.CONTROLS[field]
    return Message(labels()[field]) if field in labels() else repr(field)


def complaint(error: ConfigError) -> Message:
    """What is wrong with a setting, which is called as its control is."""
    return error.sentence(name)


def fold(group: Group, changed: int, *, wrong: bool) -> Message:
    """The head of a group that can be closed: how many of its settings are not the default."""
    label = Message(group.label)
    if changed:
        on = _("**{group}** · {n} on", group=label, n=changed)
        head = on if group.tricks else _("**{group}** · {n} changed", group=label, n=changed)
    else:
        off = _("**{group}** · all off", group=label)
        head = off if group.tricks else _("**{group}** · as usual", group=label)
    return _("{head} · :red[needs a correction]", head=head) if wrong else head


def edited(fields: Sequence[str]) -> Message:
    """That a preset's lesson need not hold, as these of its settings were changed."""
    named = [name(field) for field in fields[:FEW]]
    if more := len(fields) - len(named):
        named.append(_("{n} more", n=more))
    return _("**Edited:** {fields}. The lesson need not hold now.", fields=listed(named))


def plain(sentence: Text) -> str:
    """The words of `sentence`, which may quote a person's file or text, as plain ones in Markdown.

    >>> plain("no column is called '*a*'; did you mean '$a'?")
    "no column is called '\\\\*a\\\\*'; did you mean '\\\\$a'?"
    """
    return re.sub(r"([\\`*\[\]<>$~#|]|:(?=[a-z])|(?<!\w)_|_(?!\w))", r"\\\1", str(sentence))


def waiting(fields: Sequence[str]) -> Message:
    """That settings were changed which the live run does not follow."""
    named = listed(name(field) for field in fields)
    return _("Waits for a restart: {fields}. Press **Start** to begin anew with it.", fields=named)


def scaling(shift: Sequence[float], scale: Sequence[float]) -> str:
    """How the networks see data: one number, or one for each column."""
    if not any(shift) and set(scale) == {1.0}:
        return words.UNSCALED
    return words.SCALED.format(_numbers(shift), _numbers(scale))


def headline(
    status: Status, step: int, rate: float, error: Exception | None, doing: str = ""
) -> str:
    """Status, iteration and speed in one line; what is being measured; what went wrong."""
    parts = [f"{words.MARKS[status]} **{status}**", f"iteration {step:,}"]
    if status == "running" and rate:
        parts.append(f"{rate:,.0f}/s")
    if doing:
        parts.append(doing)
    if error is not None:
        parts.append(plain(_of_error(error)))
    return " · ".join(parts)


def _of_error(error: Exception) -> Text:
    if isinstance(error, Diverged):
        return error.what  # the line names the iteration already
    return complaint(error) if isinstance(error, ConfigError) else said_by(error)


def meaning(snapshot: Snapshot | None, status: Status) -> str:
    """What is known of the run now: V, who is behind, how many metrics are like real; and what is
    not known yet, as V alone says nothing of how good G is."""
    if status == "failed":
        return words.FAILED
    if snapshot is None or not snapshot.history.rows:
        return words.GETTING_READY if status == "running" else words.IDLE_MEANING
    if status == "diverged":
        return words.DIVERGED
    gap = last_gap(snapshot.readings)
    parts = [_of_v(snapshot, gap)]
    if gap is None:
        parts.append(_not_known(snapshot, status))
    if quality := snapshot.quality:
        parts.append(words.METRICS_INSIDE.format(like_real(quality), len(quality)))
    return " ".join(parts)


def _of_v(snapshot: Snapshot, gap: Gap | None) -> str:
    """V, beside that of the best D where there is one."""
    on = _on(snapshot, snapshot.shown_g)
    but = f" But {on}{who_is_behind(snapshot, gap)}" if gap else ""
    if snapshot.value_source == "none":
        return no_value(snapshot.config) + but
    v = _recent(snapshot)
    if not math.isfinite(v):
        return words.NOT_FINITE + but
    if gap is not None and math.isfinite(gap.value):
        return _measured(snapshot, gap)
    se, who = float(snapshot.history["value_se"][-1]), _judge(snapshot)
    on = _on(snapshot, WHOSE["playing"])
    reading = f"{on}V{_of_whom(snapshot)} = {signed(v)}: {_reading(v, se, who)}"
    return _sentence(reading) + but


def _not_known(snapshot: Snapshot, status: Status) -> str:
    """That how good G is is not measured yet, and when it will be."""
    cost = snapshot.readings.cost
    if not cost.limit:
        return words.NEVER_MEASURED
    if cost.busy is not None:
        return words.MEASURED_NOW
    if status != "running" or cost.next is None:
        return words.MEASURED_ON_REQUEST
    when = f"next in {math.ceil(cost.next)} s" if cost.next else "due now"
    return words.MEASURED_NEXT.format(when)


def _measured(snapshot: Snapshot, gap: Gap) -> str:
    """V as it was measured together with that of the best D, and who is behind.

    The optimal D is measured about once a second; a fresh one so seldom that it is said when.
    """
    lately = gap.optimal or gap.step >= LATELY * snapshot.step
    when = "" if lately else f"at iteration {gap.step:,}, "
    above = gap.value - V_EQUILIBRIUM
    if abs(above) <= max(NOISE * gap.noise, 0.06):
        place = ", at −ln 4"
    else:
        place = ", below −ln 4" if above < 0 else ""
    but = ", yet" if place and gap.error > SMALL and gap.lags else ";"
    v = f"V{_of_whom(snapshot)} = {signed(gap.value)}"
    on = _on(snapshot, snapshot.shown_g)
    return _sentence(f"{when}{on}{v}{place}{but} {who_is_behind(snapshot, gap)}")


def _on(snapshot: Snapshot, whose: str) -> str:
    """On which G something was measured, where there are two."""
    return f"on {whose}, " if snapshot.config["ema"] else ""


def _sentence(said: str) -> str:
    return said[0].upper() + said[1:]


def no_value(config: Mapping[str, Any]) -> str:
    """Why a run has no V."""
    return words.NO_VALUE.format(why_no_probability(config))


def why_no_probability(config: Mapping[str, Any]) -> str:
    """What keeps D's output from being the probability that one sample is real."""
    if config["packing"] > 1:
        return words.PACKED.format(config["packing"])
    return words.BATCHED if LOSSES[config["loss"]].facts["critic"] == "logit" else words.CRITIC


def _reading(v: float, se: float, who: str) -> str:
    """What V says of D. Of G it says nothing: D may be too weak to see how bad G is."""
    if v > -0.35:
        return f"{who} tells real from fake almost every time."
    if v > -1.1:
        return f"{who} tells real from fake often."
    if v > V_EQUILIBRIUM + max(2 * se, 0.03):
        return f"{who} has a small edge."
    if v > V_EQUILIBRIUM - max(3 * se, 0.06):
        return f"at −ln 4, {who} is guessing, which says nothing of G."
    return f"below −ln 4, {who} does worse than a coin on these batches."


def _judge(snapshot: Snapshot) -> str:
    return "the probe" if snapshot.value_source == "probe" else "D"


def _of_whom(snapshot: Snapshot) -> str:
    return " (of the probe)" if snapshot.value_source == "probe" else ""


def _recent(snapshot: Snapshot) -> float:
    v = snapshot.history["value"]
    return float(np.mean(v[-max(1, min(50, len(v) // 4)) :]))


def _numbers(values: Sequence[float]) -> str:
    shown = [f"{v:.4g}".replace("-", "−") for v in values]
    return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"
