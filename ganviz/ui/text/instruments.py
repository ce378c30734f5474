"""Words on what the instruments have read, and on what they cost."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ganviz.charts.lines import MEANS_OF, memorises
from ganviz.diagnosis import last_gap
from ganviz.digits import percent, signed, significant, whole
from ganviz.instruments.panel import FIRST_FRESH_SECONDS
from ganviz.losses import LOSSES
from ganviz.optimal import SAMPLES
from ganviz.readings import Readings
from ganviz.snapshot import WHOSE, Snapshot, Status
from ganviz.ui.text import words

APART = -0.05
"""V of a fresh D above which data and samples hardly overlap, in nats."""

APART_SHOWN = 0.1
"""Seconds apart that are worth a sentence."""


def cost(readings: Readings, status: Status) -> str:
    """What the instruments take, and the long measurement that is under way."""
    spent = readings.cost
    if not spent.limit:
        return words.SWITCHED_OFF
    if status == "running":
        said = words.COST.format(percent(spent.share), percent(spent.limit))
        if spent.apart >= APART_SHOWN:
            said = f"{said} {words.COST_APART.format(significant(spent.apart))}"
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
    """How to read the charts that show readings only.

    Args:
        snapshot: of the run that is shown; None before there is one.
        why_no_v: why the run has no V; None where it has one.
    """
    if snapshot is None:
        said = {name: caption(Readings(), {}, "G") for name, caption in _CAPTIONS.items()}
        return {name: f"{caption} {_first(name)}" for name, caption in said.items()}
    readings, config = snapshot.readings, snapshot.config
    empty = _empty(readings)
    said = {}
    for name, caption in _CAPTIONS.items():
        nothing, whose = empty[name] and not readings.cost.limit, snapshot.shown_g
        said[name] = words.INSTRUMENTS_OFF if nothing else caption(readings, config, whose)
        if empty[name] and not nothing and snapshot.status in ("idle", "running"):
            said[name] = f"{said[name]} {_first(name)}"
    if why_no_v is not None:
        said["zigzag"] = why_no_v
    for name in ("gaps", "quality"):
        if said[name] != words.INSTRUMENTS_OFF:
            said[name] = f"{said[name]} {cost(readings, snapshot.status)}"
    return said


def _first(name: str) -> str:
    """When a chart has something to show."""
    if name == "gaps":
        return words.FIRST_GAP.format(FIRST_FRESH_SECONDS)
    return words.FIRST_READING


def _empty(readings: Readings) -> Mapping[str, bool]:
    return {
        "gaps": last_gap(readings) is None,
        "zigzag": not readings.zigzag.rows,
        "saturation": readings.pulls is None,
        "quality": not readings.quality.rows,
        "shares": readings.shares is None and not readings.quality.rows,
        "precision_recall": not readings.quality.rows,
    }


_GAPS = "D's lag: best D minus V. G's error: best D plus ln 4, 0 where G is the data."


def _gaps(readings: Readings, config: Mapping[str, Any], whose: str) -> str:
    parts, gap = [f"{_GAPS} Both of {whose}."], last_gap(readings)
    if config.get("instance_noise"):
        parts.append("All without the noise.")
    if gap is not None and gap.optimal:
        parts.append(f"Optimal D from {SAMPLES:,} samples.")
    elif gap is not None:
        parts.append("A fresh D is a lower bound: the error is at least that.")
        if gap.best > APART:
            parts.append("Its V near 0: the two hardly overlap, as with images; quality says more.")
    if gap is not None and gap.optimal:
        parts.append(f"Points: single readings, bars 99 %; lines: means of {MEANS_OF}.")
    if memorised := _memorised(readings):
        parts.append(memorised)
    return " ".join(parts)


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
    return f"On held-out data V is {signed(kept)} lower: D knows some data by heart."


def _zigzag(readings: Readings, config: Mapping[str, Any], whose: str) -> str:
    return (
        f"V of the D and {WHOSE['playing']}, on the same x and z, three times an iteration: D's "
        "step lifts it, G's step lowers it. Where steps are far longer than the drift, the two "
        "undo each other."
    )


def _saturation(readings: Readings, config: Mapping[str, Any], whose: str) -> str:
    found = readings.pulls
    if found is None:
        return (
            f"How hard each fake of {WHOSE['playing']} is pulled, |∂L_G/∂logit|. All near 0: it "
            "has nothing to learn from."
        )
    return (
        f"How hard each fake of {WHOSE['playing']} is pulled: thick by this run's loss "
        f"({LOSSES[found.own].label}), thin by others at the same outputs of D. At the left end "
        "G learns nothing."
    )


def _quality(readings: Readings, config: Mapping[str, Any], whose: str) -> str:
    if readings.too_few:
        return words.TOO_FEW_ROWS.format(*map(whole, readings.too_few))
    if readings.quality.rows and not readings.floors:
        return words.FLOORS_FIRST
    return (
        f"Each metric of samples of {whose} and the band of 99 % of real draws: "
        "inside it, fakes are like real."
    )


def _shares(readings: Readings, config: Mapping[str, Any], whose: str) -> str:
    if readings.shares is None and readings.quality.rows:
        return "These data have neither known modes nor classes to count."
    return (
        "The share of each mode or class; band: 99 % of real draws. Below it a mode is being "
        f"dropped; above it, it takes from others. Counted on samples of {whose}."
    )


def _precision_recall(readings: Readings, config: Mapping[str, Any], whose: str) -> str:
    return (
        "Precision: the share of fakes that lie among data. Recall: the share of data that fakes "
        f"reach. Collapse loses recall, blur precision. Both of samples of {whose}."
    )


_CAPTIONS = {
    "gaps": _gaps,
    "zigzag": _zigzag,
    "saturation": _saturation,
    "quality": _quality,
    "shares": _shares,
    "precision_recall": _precision_recall,
}
