"""How to read each chart: whose V it shows, of what, and whose samples."""

from collections.abc import Mapping
from typing import Any

from ganviz.snapshot import Snapshot
from ganviz.ui.text.sentences import no_value, why_no_probability

_GRADIENTS = "If G's falls to nothing while D is sure, G has nothing to learn from."


def captions(snapshot: Snapshot | None) -> dict[str, str]:
    """How to read each chart, in a sentence or two.

    Args:
        snapshot: of the run that is shown; None before there is one.
    """
    shown = {"samples": _samples(snapshot), "gradients": _GRADIENTS}
    if snapshot is None:
        return shown | _of_d({})
    config = snapshot.config
    if snapshot.value_source == "none":
        return shown | dict.fromkeys(("value", "terms", "histogram", "accuracy"), no_value(config))
    if snapshot.value_source == "probe":
        return shown | _of_probe(config)
    return shown | _of_d(config)


def _of_d(config: Mapping[str, Any]) -> dict[str, str]:
    return {
        "value": (
            "D pushes V up towards 0, G pulls it down; −ln 4 means that D is guessing, "
            f"not yet that G is good.{_conditions(config)}"
        ),
        "terms": "V is their sum. D raises both; only the G term feels G.",
        "histogram": (
            "Apart: D wins. On top of each other around ½: D cannot tell." + _without_noise(config)
        ),
        "accuracy": "Near 1 on both: D wins. Near ½ on both: D is guessing.",
    }


def _of_probe(config: Mapping[str, Any]) -> dict[str, str]:
    return {
        "value": (
            f"V is of the probe, a second D that only watches, as {why_no_probability(config)}; "
            f"−ln 4 means that it is guessing.{_conditions(config)}"
        ),
        "terms": "The probe's V is their sum. It raises both; only the G term feels G.",
        "histogram": (
            "Of the probe. Apart: it wins. On top of each other around ½: it cannot tell."
            + _without_noise(config)
        ),
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
    if snapshot is None or snapshot.samples_ema is None:
        made = "Fakes are what G makes now."
    else:
        made = "Fakes come from the moving average (EMA) of G's weights."
    return " ".join([made, *_samples_hint(snapshot)])


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
        return [f"{goal}; where {_curve(judge)} = ½ the two agree." if judged else f"{goal}."]
    if shape[0] > 2:
        return [f"Of {shape[0]} dimensions, the two in which the data spread most are shown."]
    return [f"Blue ground: {judge} says real; orange: fake."] if judged else []


def _curve(judge: str) -> str:
    return "D(x)" if judge == "D" else f"{judge}'s D(x)"
