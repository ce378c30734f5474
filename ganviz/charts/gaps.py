"""The two gaps: which player is behind, and by how much."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import (
    Drawing,
    Runs,
    axis,
    dash_of,
    label_of,
    register,
    thinned,
)
from ganviz.charts.lines import (
    add_line,
    centred_mean,
    iterations,
    robust,
    single,
)
from ganviz.columns import Columns
from ganviz.diagnosis import MEANS_OF, memorises
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import best_value, unseen_value
from ganviz.say import Message, _

NO_OVERLAP = -V_EQUILIBRIUM
"""G's error at its largest, 2 ln 2: no fake lies where data do."""

NORMAL_99 = 2.576
"""Standard errors on either side of a mean that hold 99 % of a normal distribution."""

POINTS = 60
"""Single measurements shown at most, as each has a bar."""

LAG = _("D's lag")

FLOOR = palette.faint(palette.REAL, 0.22)


@register("D's lag and G's error", title="Gaps", readings_only=True, over_iterations=True)
def gaps(runs: Runs) -> Drawing:
    """How far D is behind the best D, and how far G's samples are from the data, in nats.

    D's lag is V(D*, G) − V(D, G), G's error V(D*, G) + ln 4 = 2 JSD(data‖samples), from 0 to
    2 ln 2, D* being the optimal D where the density is known, else a freshly fitted one, whose V is
    a lower bound. The band is what G's error reads on real data. Pale points are single
    measurements, bars their 99 % ranges, and lines the means of five about each (of fewer at the
    ends); fresh Ds are few, and joined as they are. V on training data minus V on held-out data is
    drawn where it is more than noise.

    Args:
        runs: id to snapshot; reads `readings.gaps` and `readings.error_floor`.
    """
    tables = [snapshot.readings.gaps for snapshot in runs.values()]
    last = max((float(t["step"][-1]) for t in tables if t.rows), default=None)
    chart = Drawing(runs, events=last is not None, xaxis=iterations(last))
    seen: list[NDArray[np.float64]] = []
    for run, snapshot in runs.items():
        seen += _add_gaps(chart, run, snapshot.readings.gaps)
    floors = {s.readings.error_floor for s in runs.values() if s.readings.error_floor is not None}
    if seen:
        for floor in floors:
            chart.band(floor.low, floor.high, FLOOR)
        if floors:
            chart.explain(_("G's error on real data, 99 %"), FLOOR)
    chart.mark(y=0)
    chart.level(NO_OVERLAP, _("2 ln 2: no overlap"), under=False)  # curves come from below
    chart.layout["yaxis"] = _nats(seen)
    chart.awaits_readings()
    return chart


@dataclass(frozen=True)
class _Line:
    """One of the distances, measured at some moments."""

    name: Message
    values: NDArray[np.float64]
    error: NDArray[np.float64]
    """Its standard error; 0 or NaN where it has next to none, or none that is known."""
    colour: str
    width: float


def _add_gaps(chart: Drawing, run: str, table: Columns) -> list[NDArray[np.float64]]:
    """Draw one run's lines; returns what they show."""
    shown = []
    for line in _lines(table):
        measured = np.flatnonzero(np.isfinite(line.values))
        if len(measured):
            fitted = not np.isfinite(table["optimal"]).any()
            alone = fitted or len(measured) == 1
            _add_points(chart, run, table["step"], line, measured, joined=alone)
            if not fitted:
                _add_mean(chart, run, table["step"], line, measured)
            shown.append(line.values[measured])
    return shown


def _lines(table: Columns) -> list[_Line]:
    best, fresh = best_value(table), ~np.isfinite(table["optimal"])
    of_best = np.where(fresh, np.nan_to_num(table["fresh_se"]), 0)
    of_lag = np.hypot(of_best, np.nan_to_num(table["value_se"]))
    lag, error = best - unseen_value(table), best - V_EQUILIBRIUM
    lines = [
        _Line(LAG, lag, of_lag, palette.DISCRIMINATOR, 2.0),
        _Line(_("G's error (2·JSD)"), error, of_best, palette.GENERATOR, 2.5),
    ]
    if memorises(table):
        apart = table["value"] - table["held_out"]
        of_apart = np.nan_to_num(table["memorised_se"])
        lines.append(_Line(_("memorised by D"), apart, of_apart, palette.HELD_OUT, 1.2))
    return lines


def _add_points(
    chart: Drawing,
    run: str,
    steps: NDArray[np.float64],
    line: _Line,
    measured: NDArray[np.intp],
    *,
    joined: bool,
) -> None:
    """Each measurement with its 99 % range: pale, but where few are `joined` by a line."""
    keep = measured[thinned(len(measured), POINTS)]
    colour = line.colour if joined else palette.faint(line.colour, 0.35)
    more: dict[str, Any] = {
        "mode": "lines+markers" if joined else "markers",
        "marker": {"size": 5 if joined else 4, "color": colour},
    }
    if len(keep) == 1:
        # At the last iteration the axis would cut it; D's is a ring, as G's may lie on it.
        ring = {"size": 11, "symbol": "circle-open"} if line.name is LAG else {"size": 6}
        more |= {"cliponaxis": False, "marker": {"color": colour} | ring}
    bars = NORMAL_99 * line.error[keep]
    if bars.any():
        look = {"color": palette.faint(line.colour, 0.6 if joined else 0.25), "thickness": 1}
        more["error_y"] = {"type": "data", "array": single(bars), "width": 2} | look
    x, label = single(steps[keep]), label_of(run, line.name, chart.runs)
    dash = dash_of(run, chart.runs)
    add_line(chart, x, line.values[keep], label, line.colour, line.width, dash, **more)


def _add_mean(
    chart: Drawing, run: str, steps: NDArray[np.float64], line: _Line, measured: NDArray[np.intp]
) -> None:
    """The mean of the measurements, which the eye may follow."""
    mean = centred_mean(line.values[measured])
    keep = thinned(len(measured))
    x, dash = single(steps[measured[keep]]), dash_of(run, chart.runs)
    name = _("{name}, mean of {n}", name=line.name, n=MEANS_OF)
    label = label_of(run, name, chart.runs)
    add_line(chart, x, mean[keep], label, line.colour, line.width, dash, showlegend=False)


def _nats(seen: list[NDArray[np.float64]]) -> dict[str, Any]:
    """From 0, or what noise takes below it, past 2 ln 2 and 98 % of what is shown."""
    if not seen:
        return axis(_("nats"), nticks=6, range=[-0.05, 1.5])
    low, high = robust(np.concatenate(seen)) or (0.0, 0.0)
    tenths = [min(np.floor(10 * low), -0.5) / 10, max(np.ceil(10 * high + 1), 15) / 10]
    ends = [float(end) for end in tenths]
    room = {"include": ends, "clipmin": ends[0], "clipmax": ends[1]}
    return axis(_("nats"), nticks=6, autorangeoptions=room)
