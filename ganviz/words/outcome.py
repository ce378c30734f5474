"""Did it help? In one line, with numbers and floors."""

import math

import numpy as np

from ganviz.diagnosis.outcome import ERROR, Measure, Outcome
from ganviz.digits import compact
from ganviz.say import Message, Text, _, joined, listed

UNMEASURED = _("Did it help? That is known once both are measured: press Measure, or wait.")
OTHER_DATA = _("Other data: there is nothing to compare.")
OTHER_BEST = _(
    "Not comparable: of one the optimal D is known, of the other only a fresh one, a lower bound."
)


def outcome_said(outcome: Outcome, name: Text) -> Text:
    """What a change did.

    Args:
        outcome: of `diagnosis.compared`.
        name: what was changed, as the runs are named.
    """
    if outcome.unknown == "other_data":
        return OTHER_DATA
    if outcome.unknown == "diverged":
        return _("{name}: it diverged at iteration {step:,}.", name=name, step=outcome.step)
    if outcome.unknown == "other_best":
        return OTHER_BEST
    if outcome.measure is None:
        return UNMEASURED
    measure = outcome.measure
    parts: list[Text | None] = [
        _("{name}: {said}.", name=name, said=_said(measure)),
        _seeds(measure),
        _against(outcome),
        _("Both at iteration {step:,}.", step=outcome.step) if outcome.partly else None,
    ]
    return joined(parts)


def _said(measure: Measure) -> Text:
    what = _("G's error") if measure.name == ERROR else Message(measure.label)
    numbers = _(
        "{what} {before} → {after}, {floor}",
        what=what,
        before=_mean(measure.before),
        after=_mean(measure.after),
        floor=_floor(measure),
    )
    match measure.change:
        case "better":
            return _("{numbers}: better", numbers=numbers)
        case "worse":
            return _("{numbers}: worse", numbers=numbers)
        case "like_real":
            return _("{numbers}: both are like real data, no difference is seen", numbers=numbers)
        case _:
            return _(
                "{numbers}: no difference beyond the noise ({noise})",
                numbers=numbers,
                noise=short(measure.doubt),
            )


def _floor(measure: Measure) -> Text:
    if not math.isfinite(measure.low + measure.high):
        return _("noise {noise}", noise=short(measure.noise))
    if measure.best == "low":
        return _("real data ≤ {high}", high=short(measure.high))
    if measure.best == "high":
        return _("real data ≥ {low}", low=short(measure.low))
    return _("real data {low} to {high}", low=short(measure.low), high=short(measure.high))


def _seeds(measure: Measure) -> Text | None:
    """How sure it is."""
    before, after = len(measure.before), len(measure.after)
    if before == after == 1:
        return _("One seed each: another may say otherwise.")
    if min(before, after) == 1:
        return _("{before} against {after} seeds.", before=before, after=after)
    chance = measure.chance
    assert chance is not None
    return _(
        "{before} against {after} seeds: chance alone does as much in {percent:.0%} of all ways to "
        "share them out (at the least {least:.0%}).",
        before=before,
        after=after,
        percent=chance,
        least=_least(before, after),
    )


def _least(before: int, after: int) -> float:
    """The smallest chance that a permutation test of so many values can give, both ways."""
    ways = math.comb(before + after, before)
    return (2 if before == after else 1) / ways


def _against(outcome: Outcome) -> Text | None:
    if not outcome.against:
        return None
    said = listed(
        _(
            "{what} {before} → {after}",
            what=Message(measure.label),
            before=_mean(measure.before),
            after=_mean(measure.after),
        )
        for measure in outcome.against[:2]
    )
    return _("But {said}.", said=said)


def _mean(values: tuple[float, ...]) -> str:
    if len(values) == 1:
        return short(values[0])
    spread = float(np.std(values, ddof=1))
    return f"{short(float(np.mean(values)))} ± {short(spread)}"


def short(value: float) -> str:
    """Two significant digits, without a zero before the point.

    >>> short(0.2134), short(-0.004), short(12.0), short(1.386)
    ('.21', '−.004', '12', '1.4')
    """
    written = compact(value, 2)
    return written.replace("0.", ".", 1) if written.lstrip("−").startswith("0.") else written
