"""The two gaps: which player is behind, and by how much."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import CHARTS, Drawing, Runs, axis, dash_of, label_of, thinned
from ganviz.charts.lines import add_line, iterations, memorises, robust, single
from ganviz.columns import Columns
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import best_value, unseen_value

NO_OVERLAP = -V_EQUILIBRIUM
"""G's error at its largest, 2 ln 2: no fake lies where data do."""

NORMAL_99 = 2.576
"""Standard errors on either side of a mean that hold 99 % of a normal distribution."""

FLOOR = palette.faint(palette.REAL, 0.22)


@CHARTS.register("D's lag and G's error")
def gaps(runs: Runs) -> go.Figure:
    """How far D is behind the best D, and how far G's samples are from the data, in nats.

    D's lag is V(D*, G) − V(D, G), G's error V(D*, G) + ln 4 = 2 JSD(data‖samples), from 0 to
    2 ln 2, D* being the optimal D where the density is known, else a freshly fitted one, whose V is
    a lower bound. The band is what G's error reads on real data; bars are 99 % ranges of a fresh
    D's. V on training data minus V on held-out data is drawn where it is more than noise.

    Args:
        runs: label to snapshot; reads `readings.gaps` and `readings.error_floor`.
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
            chart.explain("G's error on real data, 99 %", FLOOR)
    chart.mark(y=0)
    chart.level(NO_OVERLAP, "2 ln 2: no overlap", under=False)  # curves come from below
    chart.layout["yaxis"] = _nats(seen)
    chart.awaits_readings()
    return chart.figure()


def _add_gaps(chart: Drawing, run: str, table: Columns) -> list[NDArray[np.float64]]:
    """Draw one run's lines; returns what they show."""
    best, fresh = best_value(table), ~np.isfinite(table["optimal"])
    none = np.zeros(table.rows)
    lines = [
        ("D's lag", best - unseen_value(table), palette.DISCRIMINATOR, 2.0, none),
        (
            "G's error (2·JSD)",
            best - V_EQUILIBRIUM,
            palette.GENERATOR,
            2.5,
            np.where(fresh, NORMAL_99 * table["fresh_se"], 0),
        ),
    ]
    if memorises(table):
        apart = table["value"] - table["held_out"]
        lines.append(("memorised by D", apart, palette.HELD_OUT, 1.2, none))
    shown = []
    for name, values, colour, width, bars in lines:
        measured = np.flatnonzero(np.isfinite(values))
        if not len(measured):
            continue
        keep = measured[thinned(len(measured))]
        more: dict[str, Any] = {}
        if fresh.all():
            more = {"mode": "lines+markers", "marker": {"size": 5, "color": colour}}
        if bars[keep].any():
            look = {"color": palette.faint(colour, 0.6), "thickness": 1, "width": 2}
            more["error_y"] = {"type": "data", "array": single(bars[keep])} | look
        x, label = single(table["step"][keep]), label_of(run, name, chart.runs)
        add_line(chart, x, values[keep], label, colour, width, dash_of(run, chart.runs), **more)
        shown.append(values[keep])
    return shown


def _nats(seen: list[NDArray[np.float64]]) -> dict[str, Any]:
    """From 0, or what noise takes below it, past 2 ln 2 and 98 % of what is shown."""
    if not seen:
        return axis("nats", nticks=6, range=[-0.05, 1.5])
    low, high = robust(np.concatenate(seen)) or (0.0, 0.0)
    tenths = [min(np.floor(10 * low), -0.5) / 10, max(np.ceil(10 * high + 1), 15) / 10]
    ends = [float(end) for end in tenths]
    room = {"include": ends, "clipmin": ends[0], "clipmax": ends[1]}
    return axis("nats", nticks=6, autorangeoptions=room)
