"""How to read each chart: whose V it shows, of what, and whose samples."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ganviz.charts.lines import MEANS_OF
from ganviz.diagnosis import Gap, last_gap
from ganviz.digits import percent
from ganviz.say import Message, joined
from ganviz.snapshot import WHOSE, Snapshot
from ganviz.ui.text.instruments import instrument_captions
from ganviz.ui.text.sentences import no_value, why_no_probability

_GRADIENTS = "If G's falls to nothing while D is sure, G has nothing to learn from."

_OF_PLAYING = f" Of {WHOSE['playing']}."


def captions(snapshot: Snapshot | None) -> dict[str, str]:
    """How to read each chart, in a sentence or two.

    Args:
        snapshot: of the run that is shown; None before there is one.
    """
    shown = {"samples": _samples(snapshot), "losses": _losses(snapshot), "gradients": _GRADIENTS}
    if snapshot is None:
        return shown | instrument_captions(None, None) | _of_d({}, None)
    config, gap = snapshot.config, last_gap(snapshot.readings)
    none = no_value(config) if snapshot.value_source == "none" else None
    shown |= instrument_captions(snapshot, none)
    if none is not None:
        return shown | dict.fromkeys(("value", "terms", "histogram", "accuracy"), none)
    said = (_of_probe if snapshot.value_source == "probe" else _of_d)(config, gap)
    said["value"] += _on_which(snapshot, gap) + _conditions(config)
    said["histogram"] += f" Fakes of {snapshot.shown_g}." + _without_noise(config)
    for name in ("terms", "accuracy"):
        said[name] += _OF_PLAYING
    said["gradients"] = _GRADIENTS + _OF_PLAYING
    if snapshot.finite_step is not None:
        said["histogram"] += f" Of iteration {snapshot.finite_step:,}, the last finite one."
    return shown | said


def _losses(snapshot: Snapshot | None) -> str:
    if snapshot is None or not snapshot.facts:
        return "What each player minimises, penalties apart, beside its value at equilibrium."
    facts = snapshot.facts
    conditions = map(Message.from_json, facts["conditions"])
    return f"{facts['loss']}: {joined([Message(facts['reading']), *conditions])}"


def _three_lines(whose: str, gap: Gap, config: Mapping[str, Any]) -> str:
    """How to read V beside that of the best D and −ln 4."""
    best = "the optimal D" if gap.optimal else "a fresh D"
    means = f" Thick: means of {MEANS_OF} measurements." if gap.optimal else ""
    lines = f"V of {whose}, V of {best}, and −ln 4."
    if _averaged(config):
        lines += f" From the second down to −ln 4 is G's error; {whose}'s lag stands under Gaps."
    else:
        lines += f" From the first up to the second is {whose}'s lag; from there down, G's error."
    clean = " The best D's is of clean data." if config.get("instance_noise") else ""
    return lines + means + clean


def _on_which(snapshot: Snapshot, gap: Gap | None) -> str:
    """Which G the lines of V are of."""
    if gap and _averaged(snapshot.config):
        return f" V is on the G that plays, the other lines on {snapshot.shown_g}."
    return _OF_PLAYING


def _averaged(config: Mapping[str, Any]) -> bool:
    """Whether the best D is measured on another G than the one that plays."""
    return bool(config.get("ema")) and config["which_g"] == "averaged"


def _of_d(config: Mapping[str, Any], gap: Gap | None) -> dict[str, str]:
    value = (
        "D pushes V up towards 0, G pulls it down; −ln 4 means that D is guessing, "
        "not yet that G is good."
    )
    return {
        "value": _three_lines("the training D", gap, config) if gap else value,
        "terms": "V is their sum. D raises both; only the G term feels G.",
        "histogram": "Apart: D wins. On top of each other around ½: D cannot tell.",
        "accuracy": "Near 1 on both: D wins. Near ½ on both: D is guessing.",
    }


def _of_probe(config: Mapping[str, Any], gap: Gap | None) -> dict[str, str]:
    why = f"as {why_no_probability(config)}"
    value = (
        f"V is of the probe, a second D that only watches, {why}; −ln 4 means that it is guessing."
    )
    if gap:
        value = f"{_three_lines('the probe', gap, config)} A probe watches, {why}."
    return {
        "value": value,
        "terms": "The probe's V is their sum. It raises both; only the G term feels G.",
        "histogram": "Of the probe. Apart: it wins. On top of each other around ½: it cannot tell.",
        "accuracy": "Of the probe. Near 1 on both: it wins. Near ½ on both: it is guessing.",
    }


def _conditions(config: Mapping[str, Any]) -> str:
    """What V is of, where that is not plainly data and samples with labels of 1 and 0."""
    said = []
    if config.get("instance_noise"):
        said.append(" V is of noised data.")
    if config.get("label_smoothing"):
        said.append(" V is of hard labels.")
    return "".join(said)


def _without_noise(config: Mapping[str, Any]) -> str:
    return " Shown without the noise." if config.get("instance_noise") else ""


def _samples(snapshot: Snapshot | None) -> str:
    whose = "G" if snapshot is None else snapshot.shown_g
    if snapshot is not None and snapshot.finite_step is not None:
        return " ".join([*_last_finite(snapshot), *_samples_hint(snapshot)])
    return " ".join([f"Fakes are what {whose} makes now.", *_samples_hint(snapshot)])


def _last_finite(snapshot: Snapshot) -> list[str]:
    """Which fakes are shown of a run that has diverged, and how many have left the picture."""
    said = [
        f"Fakes of iteration {snapshot.finite_step:,}, the last finite ones, of {snapshot.shown_g}."
    ]
    if snapshot.real.ndim > 2:
        return said
    low, high = snapshot.real.min(0), snapshot.real.max(0)
    spare = (high - low).max() / 3
    outside = ((snapshot.shown < low - spare) | (snapshot.shown > high + spare)).any(1)
    if outside.any():
        farthest = float(np.abs(snapshot.shown[outside]).max())
        share = percent(outside.mean())
        said.append(f"{share} lie outside this picture, as far as {farthest:.1e}.")
    return said


def _samples_hint(snapshot: Snapshot | None) -> list[str]:
    if snapshot is None:
        return ["Blue ground: D says real; orange: fake."]
    shape, judged = snapshot.real.shape[1:], snapshot.surface is not None
    judge = "the probe" if snapshot.value_source == "probe" else "D"
    if len(shape) == 3:
        return ["They should become as varied as the data."]
    if shape == (1,):
        known = snapshot.surface is not None and snapshot.surface.density is not None
        goal = "They should fill p(x)" if known else "They should match the data"
        # The probe is told 1 and 0, whatever D is told.
        half = _agreed(snapshot.config) if judge == "D" else "½"
        where = f"{_curve(judge)} = {half}"
        return [f"{goal}; where {where} the two agree." if judged else f"{goal}."]
    if shape[0] > 2:
        return [f"Of {shape[0]} dimensions, the two in which the data spread most are shown."]
    return [f"Blue ground: {judge} says real; orange: fake."] if judged else []


def _agreed(config: Mapping[str, Any]) -> str:
    """What D says where fakes are as dense as data: ½, or half of what it is told of data."""
    smoothing = config.get("label_smoothing", 0)
    return f"{(1 - smoothing) / 2:.3g}" if smoothing else "½"


def _curve(judge: str) -> str:
    return "D(x)" if judge == "D" else f"{judge}'s D(x)"
