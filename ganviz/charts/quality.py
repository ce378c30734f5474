"""Quality over time, each metric with its noise floor."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganviz.charts import palette
from ganviz.charts.base import Drawing, Runs, axis, dash_of, label_of, register, thinned
from ganviz.charts.lines import add_line, iterations, robust, single
from ganviz.readings import Readings

PANELS = 6
"""Metrics shown at most: as many as a card has room for."""

ORDER = (
    "jsd",
    "coverage",
    "precision",
    "reverse_kl",
    "modes",
    "high_quality",
    "sliced_w2",
    "energy_distance",
    "frechet",
    "kid",
    "class_kl",
    "nearest_training",
    "recall",
)
"""Which metrics come first where none are named."""

SHORT = {
    "jsd": "JSD, nats",
    "two_jsd": "2·JSD, nats",
    "kl_data": "KL(p‖q), nats",
    "kl_fakes": "KL(q‖p), nats",
    "modes_20": "modes, 20 each",
    "reverse_kl": "reverse KL, nats",
    "high_quality": "high quality",
    "sliced_w1": "sliced W1",
    "sliced_w2": "sliced W2",
    "exact_w2": "exact W2",
    "mmd": "MMD²",
    "frechet": "Fréchet",
    "kid": "KID",
    "class_kl": "class KL, nats",
    "class_entropy": "class entropy",
    "nearest_training": "nearest training",
}
"""Titles of panels; of the other metrics it is the name, with spaces."""

FLOOR = palette.faint(palette.REAL, 0.25)


@register("Quality over time")
def quality(runs: Runs, *, metrics: str = "") -> Drawing:
    """Up to six metrics of the samples over iterations, each in its own units.

    The band across each is its floor: 99 % of what real data read in the samples' place. A value
    inside it cannot be told from that of real data, which the title says.

    Args:
        runs: label to snapshot; reads `readings.quality` and `readings.floors`. A metric without a
            floor is not shown.
        metrics: names, separated by commas, of which the first six that there are are shown in
            that order; none: those that tell most.
    """
    chart = Drawing(runs, margin={"l": 34, "r": 8, "t": 4, "b": 34}, hovermode="x")
    wanted = [name.strip() for name in metrics.split(",")] if metrics else _order(runs)
    readings = [snapshot.readings for snapshot in runs.values()]
    shown = [m for m in wanted if any(has_floor(m, each) for each in readings)][:PANELS]
    unnamed = set(runs)
    for place, metric in enumerate(shown):
        _add_panel(chart, metric, _Panel(place, len(shown)), unnamed)
    if shown:
        chart.explain("99 % of real data", FLOOR)
    else:
        chart.layout |= {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    chart.awaits_readings(awaited(runs))
    return chart


def awaited(runs: Runs) -> str:
    """What metrics will be drawn where none is yet, or why none ever will."""
    readings = [snapshot.readings for snapshot in runs.values()]
    if few := next((each.too_few for each in readings if each.too_few), None):
        return "Too few rows for a floor<br>({:,} rows; needs {:,})".format(*few)
    waiting = any(each.quality.rows for each in readings)
    return "Floors are being measured" if waiting else "Not measured yet"


@dataclass(frozen=True)
class _Panel:
    """The place of one metric: up to three beside each other, and two rows.

    Those above each other share their axis of iterations: every further axis costs a millisecond.
    """

    place: int
    places: int

    @property
    def columns(self) -> int:
        return min(self.places, 2 if self.places == 4 else 3)

    @property
    def column(self) -> int:
        return self.place % self.columns

    @property
    def lowest(self) -> bool:
        return self.place + self.columns >= self.places

    @property
    def x(self) -> str:
        return f"x{self.column + 1}" if self.column else "x"

    @property
    def y(self) -> str:
        return f"y{self.place + 1}" if self.place else "y"

    @property
    def across(self) -> list[float]:
        gap = 0.11 if self.columns == 3 else 0.08
        width = (1 - gap * (self.columns - 1)) / self.columns
        return [self.column * (width + gap), self.column * (width + gap) + width]

    @property
    def down(self) -> list[float]:
        rows = -(-self.places // self.columns)
        top = 1 - self.place // self.columns / rows
        return [top - 1 / rows, top - (0.36 if rows > 1 else 0.18) / rows]


def _order(runs: Runs) -> list[str]:
    """The known metrics in their order, then the others as they come."""
    every = [metric for snapshot in runs.values() for metric in snapshot.readings.floors]
    return [*ORDER, *dict.fromkeys(metric for metric in every if metric not in ORDER)]


def has_floor(metric: str, readings: Readings) -> bool:
    """Whether there is both a floor and a value to show beside it."""
    floor = readings.floors.get(metric)
    if floor is None or metric not in readings.quality or not np.isfinite(floor.low + floor.high):
        return False
    return bool(np.isfinite(readings.quality[metric]).any())


def _add_panel(chart: Drawing, metric: str, panel: _Panel, unnamed: set[str]) -> None:
    """Draw a metric of all runs; those that are `unnamed` still get their entry in the legend."""
    ends: list[float] = []
    for run, snapshot in chart.runs.items():
        readings = snapshot.readings
        if not has_floor(metric, readings):
            continue
        values, floor = readings.quality[metric], readings.floors[metric]
        measured = np.flatnonzero(np.isfinite(values))
        keep = measured[thinned(len(measured))]
        steps, name = single(readings.quality["step"][keep]), label_of(run, "fakes", chart.runs)
        where = {"xaxis": panel.x, "yaxis": panel.y, "showlegend": run in unnamed}
        unnamed.discard(run)
        dash = dash_of(run, chart.runs)
        add_line(chart, steps, values[keep], name, palette.FAKE, 2, dash, **where)
        if len(keep) == 1:
            chart.add(_dot(steps, values[keep]) | where | {"showlegend": False})
        chart.band(floor.low, floor.high, FLOOR, xref=f"{panel.x} domain", yref=panel.y)
        ends += [floor.low, floor.high, float(values[keep][-1]), *(robust(values[keep]) or ())]
        for step in {event.step for event in snapshot.events}:
            chart.mark(x=step, dash="dot", xref=panel.x, yref=f"{panel.y} domain")
    _lay_out(chart, panel, min(ends), max(ends))
    _entitle(chart, metric, panel)


def _dot(x: Any, y: Any) -> dict[str, Any]:
    """One measurement, which is no line yet."""
    look = {"mode": "markers", "marker": {"color": palette.FAKE, "size": 6}, "cliponaxis": False}
    return {"type": "scatter", "x": x, "y": single(y), "hoverinfo": "skip"} | look


def _lay_out(chart: Drawing, panel: _Panel, low: float, high: float) -> None:
    """Give a panel its axes, with room around what it shows, from `low` to `high`."""
    tables = [snapshot.readings.quality for snapshot in chart.runs.values()]
    last = max(float(table["step"][-1]) for table in tables if table.rows)
    spare = 0.06 * (high - low) or 0.05 * abs(high) or 0.05
    ends = [low - spare, high + spare]
    room = {"include": ends, "clipmin": ends[0], "clipmax": ends[1]}
    small: dict[str, Any] = {"tickfont": {"size": 9}, "nticks": 4}
    at_y = {"anchor": panel.x, "domain": panel.down, "exponentformat": "e"}  # not 600µ
    chart.layout[panel.y.replace("y", "yaxis")] = axis("", autorangeoptions=room, **small | at_y)
    if panel.lowest:
        at_x = {"anchor": panel.y, "domain": panel.across, "tickformat": "~s"}
        at_x |= {"matches": "x"} if panel.column else {}
        across = iterations(last, **small | at_x)
        middle = panel.column == (panel.columns - 1) // 2
        across["title"] = {"text": "iteration" if middle else "", "font": {"size": 11}}
        chart.layout[panel.x.replace("x", "xaxis")] = across


def _entitle(chart: Drawing, metric: str, panel: _Panel) -> None:
    """The metric's name over its panel; of a single run also what it reads, and if like real."""
    title = SHORT.get(metric, metric.replace("_", " "))
    if len(chart.runs) == 1:
        (snapshot,) = chart.runs.values()
        values, floor = snapshot.readings.quality[metric], snapshot.readings.floors[metric]
        latest = float(values[np.isfinite(values)][-1])
        like = " · like real" if floor.contains(latest) else ""
        title += f"<br><b>{latest:.3g}</b>{like}".replace("-", "−")
    # To the left over the tick labels, for a narrow card's last column to hold it.
    place = {"xref": f"{panel.x} domain", "yref": f"{panel.y} domain", "xshift": -18, "yshift": 3}
    ends = {"x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "align": "left"}
    chart.note(title, **place | ends, font={"size": 10})
