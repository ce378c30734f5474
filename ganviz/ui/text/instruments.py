"""Words on what the instruments have read, and on what they cost."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ganviz.charts.lines import memorises
from ganviz.instruments.gaps import SAMPLES
from ganviz.losses import LOSSES
from ganviz.readings import Readings
from ganviz.snapshot import Snapshot, Status
from ganviz.ui.text import words
from ganviz.ui.text.digits import percent, signed, significant, whole
from ganviz.ui.text.gaps import last_gap

APART = -0.05
"""V of a fresh D above which data and samples hardly overlap, in nats."""

READINGS_CHARTS = ("gaps", "zigzag", "saturation", "quality", "shares", "precision_recall")
"""The charts that show readings and nothing else."""


def cost(readings: Readings, status: Status) -> str:
    """What the instruments take, and the long measurement that is under way."""
    spent = readings.cost
    if not spent.limit:
        return words.SWITCHED_OFF
    if status == "running":
        said = words.COST.format(percent(spent.share), percent(spent.limit))
    else:  # the limit is of a running run's time
        said = words.COST_AT_REST.format(significant(sum(spent.seconds.values())))
    if spent.busy is None:
        return said
    more = under_way(spent.busy, spent.progress)
    return f"{said} {more[0].upper()}{more[1:]}."


def under_way(instrument: str, progress: float) -> str:
    """What an instrument does, and how far it is."""
    return f"{doing(instrument)}, {percent(progress)}"


def doing(instrument: str) -> str:
    """What an instrument does."""
    return words.BUSY.get(instrument, f"measuring {instrument}")


def instrument_captions(snapshot: Snapshot | None, why_no_v: str | None) -> dict[str, str]:
    """How to read the charts of `READINGS_CHARTS`.

    Args:
        snapshot: of the run that is shown; None before there is one.
        why_no_v: why the run has no V; None where it has one.
    """
    if snapshot is None:
        return {name: caption(Readings(), {}) for name, caption in _CAPTIONS.items()}
    readings, config = snapshot.readings, snapshot.config
    empty = _empty(readings)
    said = {}
    for name, caption in _CAPTIONS.items():
        nothing = empty[name] and not readings.cost.limit
        said[name] = words.INSTRUMENTS_OFF if nothing else caption(readings, config)
    if why_no_v is not None:
        said["zigzag"] = why_no_v
    for name in ("gaps", "quality"):
        if said[name] != words.INSTRUMENTS_OFF:
            said[name] = f"{said[name]} {cost(readings, snapshot.status)}"
    return said


def _empty(readings: Readings) -> Mapping[str, bool]:
    return {
        "gaps": not readings.gaps.rows,
        "zigzag": not readings.zigzag.rows,
        "saturation": readings.pulls is None,
        "quality": not readings.quality.rows,
        "shares": readings.shares is None and not readings.quality.rows,
        "precision_recall": not readings.quality.rows,
    }


_GAPS = "D's lag: best D minus V. G's error: best D plus ln 4, 0 where G is the data."


def _gaps(readings: Readings, config: Mapping[str, Any]) -> str:
    parts, gap = [_GAPS], last_gap(readings)
    if config.get("instance_noise"):
        parts.append("All without the noise.")
    if gap is not None and gap.optimal:
        parts.append(f"Optimal D from {SAMPLES:,} samples{_of_playing(config)}.")
    elif gap is not None:
        parts.append(
            f"A fresh D is a lower bound: the error is at least that{_of_playing(config)}."
        )
        if gap.best > APART:
            parts.append("Near 0 the two hardly overlap, as images seldom do; quality says more.")
    if memorised := _memorised(readings):
        parts.append(memorised)
    return " ".join(parts)


def _of_playing(config: Mapping[str, Any]) -> str:
    return " of the G that plays" if config.get("ema") else ""


def _memorised(readings: Readings) -> str | None:
    """That D knows the training data by heart, where that is beyond noise."""
    gaps = readings.gaps
    measured = np.flatnonzero(np.isfinite(gaps["value"] - gaps["held_out"]))
    if not len(measured):
        return None
    last = measured[-1]
    kept = float(gaps["value"][last] - gaps["held_out"][last])
    if kept <= 0 or not memorises(gaps):
        return None
    return f"On held-out data V is {signed(kept)} lower: D knows its data by heart."


def _zigzag(readings: Readings, config: Mapping[str, Any]) -> str:
    return (
        "V on the same x and z, three times an iteration: D's step lifts it, G's step lowers it. "
        "Steps far longer than the drift: the two undo each other."
    )


def _saturation(readings: Readings, config: Mapping[str, Any]) -> str:
    found = readings.pulls
    if found is None:
        return (
            "How hard each fake is pulled, |∂L_G/∂logit|. All near 0: G has nothing to learn from."
        )
    return (
        f"How hard each fake is pulled: thick by this run's loss ({LOSSES[found.own].label}), thin "
        "by others at the same outputs of D. At the left end G learns nothing."
    )


def _quality(readings: Readings, config: Mapping[str, Any]) -> str:
    if readings.too_few:
        return words.TOO_FEW_ROWS.format(*map(whole, readings.too_few))
    if readings.quality.rows and not readings.floors:
        return words.FLOORS_FIRST
    return (
        f"Each metric {_of_whose(config)} and the band of 99 % of real draws: "
        "inside it, fakes are like real."
    )


def _of_whose(config: Mapping[str, Any]) -> str:
    return "of the EMA's samples" if config.get("ema") else "of G's samples"


def _shares(readings: Readings, config: Mapping[str, Any]) -> str:
    if readings.shares is None and readings.quality.rows:
        return "These data have neither known modes nor classes to count."
    return (
        "The share of each mode or class; band: 99 % of real draws. Below it a mode is being "
        f"dropped; above it, it takes from others. Counted {_of_whose(config)}."
    )


def _precision_recall(readings: Readings, config: Mapping[str, Any]) -> str:
    return (
        "Precision: the share of fakes that lie among data. Recall: the share of data that fakes "
        f"reach. Collapse loses recall, blur precision. Both {_of_whose(config)}."
    )


_CAPTIONS = {
    "gaps": _gaps,
    "zigzag": _zigzag,
    "saturation": _saturation,
    "quality": _quality,
    "shares": _shares,
    "precision_recall": _precision_recall,
}
