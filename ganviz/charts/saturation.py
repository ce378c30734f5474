"""How hard each fake is pulled, and by which loss it would be pulled harder."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import Drawing, Runs, axis, dash_of, label_of, register, stacked
from ganviz.charts.steps import shares_of, steps
from ganviz.digits import percent
from ganviz.readings import Floats, Pulls
from ganviz.say import Message, _, listed
from ganviz.snapshot import Snapshot

LOWEST, HIGHEST, BINS = -4, 1, 30
"""Powers of ten between which slopes are counted, and in how many bins."""

POWERS = np.linspace(LOWEST, HIGHEST, BINS + 1)
EDGES = np.logspace(LOWEST, HIGHEST, BINS + 1)

TICKS = ("≤10⁻⁴", "10⁻³", "10⁻²", "0.1", "1", "≥10")


@register("Saturation", title="Saturation", readings_only=True)
def saturation(runs: Runs) -> Drawing:
    """The share of fakes by |∂L_G/∂logit| times the batch size: how hard D's verdict pulls each.

    Left is a fake that hardly learns: its loss is saturated. Thin lines say what other losses would
    give on the same outputs of D; those that give the same are one line. The end bins also hold
    what lies beyond them.

    Args:
        runs: id to snapshot; reads `readings.pulls` and, of `facts`, `losses`. Of several runs each
            one's own loss alone is shown.
    """
    chart = Drawing(runs, hovermode="closest")
    found = {run: s.readings.pulls for run, s in runs.items() if s.readings.pulls is not None}
    highest, notes = 0.0, []
    for run, pulls in found.items():
        if len(runs) == 1:
            _add_others(chart, runs[run], pulls)
        shares = counted(pulls.of[pulls.own])
        highest = max(highest, float(shares.max()))
        own = label_of(run, _("{loss} (this run)", loss=_name(runs[run], pulls.own)), runs)
        fill = {"fill": "tozeroy", "fillcolor": palette.faint(palette.GENERATOR, 0.3 / len(runs))}
        line = steps(EDGES, shares, own, palette.GENERATOR, width=2.5, dash=dash_of(run, runs))
        chart.add(line | fill)
        if np.isfinite(pulls.starved):
            starved = _("{share} of fakes", share=percent(pulls.starved))
            notes.append(label_of(run, starved, runs))
    if notes:
        text = _("{fakes}<br>get less than 1 % of<br>the non-saturating pull", fakes=stacked(notes))
        # Starved fakes pile up at the left end, and most losses pull by about 1, near the right.
        place = {"xref": "paper", "yref": "paper", "x": 0.42, "y": 1}
        chart.note(text, **place, xanchor="center", yanchor="top", align="center")
    _lay_out(chart, highest, bool(found))
    chart.awaits_readings()
    return chart


def counted(slopes: Floats) -> NDArray[np.float64]:
    """The share of slopes in each bin; NaN, which falls in none, lowers the sum.

    >>> shares = counted(np.array([0, 1e-9, 1, 50], np.float32))
    >>> float(shares[0]), float(shares[-1]), float(shares.sum())
    (0.5, 0.25, 1.0)
    """
    with np.errstate(divide="ignore"):  # a slope of 0 belongs in the lowest bin
        powers = np.log10(slopes.astype(np.float64))
    return shares_of(np.clip(powers, LOWEST, HIGHEST), POWERS)


def _add_others(chart: Drawing, snapshot: Snapshot, pulls: Pulls) -> None:
    """A thin line for each other loss; one for all that give every fake the same pull."""
    alike: dict[bytes, list[str]] = {}
    for loss, slopes in pulls.of.items():
        if loss != pulls.own:
            alike.setdefault(slopes.tobytes(), []).append(loss)
    for losses in alike.values():
        name = listed(_name(snapshot, loss) for loss in losses)
        colour = palette.LOSSES.get(losses[0], palette.REFERENCE)
        chart.add(steps(EDGES, counted(pulls.of[losses[0]]), name, colour, width=1.2, dash="solid"))


def _lay_out(chart: Drawing, highest: float, drawn: bool) -> None:
    """The run's own loss decides the height; a line that leaves it is cut off."""
    top = float(np.ceil(max(highest, 0.15) * 10 + 0.5)) / 10
    room = {"include": [0, top], "clipmin": 0, "clipmax": top}
    limits: dict[str, Any] = {"autorangeoptions": room} if drawn else {"range": [0, top]}
    chart.layout["yaxis"] = axis(_("share of fakes"), tickformat=".0%", nticks=6, **limits)
    powers = range(LOWEST, HIGHEST + 1)
    ticks = {"tickvals": [10.0**power for power in powers], "ticktext": list(TICKS)}
    ends = {"type": "log", "range": [LOWEST - 0.2, HIGHEST + 0.2]}
    chart.layout["xaxis"] = axis(_("|∂L of G / ∂logit| × batch size"), **ends, **ticks)


def _name(snapshot: Snapshot, loss: str) -> Message:
    return Message(snapshot.facts.get("losses", {}).get(loss, loss))
