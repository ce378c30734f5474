"""Quality over time, each metric with its noise floor."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganviz.charts import palette
from ganviz.charts.base import (
    NOT_MEASURED,
    Drawing,
    Runs,
    axis,
    dash_of,
    label_of,
    register,
    stacked,
    thinned,
)
from ganviz.charts.lines import add_line, iterations, robust, single
from ganviz.digits import compact
from ganviz.readings import Readings
from ganviz.say import Message, _

MOST = 6
"""Metrics shown at most: as many as a card has room for."""

FLOOR = palette.faint(palette.REAL, 0.25)


@register("Quality over time", title="Quality", readings_only=True, over_iterations=True)
def quality(runs: Runs, *, metrics: str = "") -> Drawing:
    """Up to six metrics of the samples over iterations, each in its own units.

    The band across each is its floor: 99 % of what real data read in the samples' place. A value
    inside it cannot be told from that of real data, which the title says.

    Args:
        runs: id to snapshot; reads `readings.quality` and `readings.floors` and, of `facts`,
            `metrics`. A metric without a floor is not shown.
        metrics: names, separated by commas, of which the first six that there are are shown in
            that order; none: those that tell most.
    """
    chart = Drawing(runs, margin={"l": 34, "r": 8, "t": 4, "b": 34}, hovermode="x")
    wanted = [name.strip() for name in metrics.split(",")] if metrics else _order(runs)
    readings = [snapshot.readings for snapshot in runs.values()]
    shown = [m for m in wanted if any(has_floor(m, each) for each in readings)][:MOST]
    unnamed, known = set(runs), _known(runs)
    for place, metric in enumerate(shown):
        plot = _SmallPlot(place, len(shown))
        _add_plot(chart, metric, plot, unnamed)
        short = known.get(metric, {}).get("short") or metric.replace("_", " ")
        _entitle(chart, metric, Message(short), plot)
    if shown:
        chart.explain(_("99 % of real data"), FLOOR)
    else:
        chart.layout |= {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    chart.awaits_readings(awaited(runs))
    return chart


def awaited(runs: Runs) -> Message:
    """What metrics will be drawn where none is yet, or why none ever will."""
    lacking = {run: s.readings.too_few for run, s in runs.items() if s.readings.too_few}
    if lacking and len(lacking) == len(runs):
        return stacked([label_of(run, _too_few(*few), runs) for run, few in lacking.items()])
    waiting = any(snapshot.readings.quality.rows for snapshot in runs.values())
    return _("Floors are being measured") if waiting else NOT_MEASURED


def _too_few(rows: int, needed: int) -> Message:
    return _(
        "Too few rows for a floor<br>({rows:,} rows; needs {needed:,})", rows=rows, needed=needed
    )


@dataclass(frozen=True)
class _SmallPlot:
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
    """The metrics that have a place in their order, then the others as they come."""
    every = dict.fromkeys(m for snapshot in runs.values() for m in snapshot.readings.floors)
    known = _known(runs)

    def place(metric: str) -> float:
        found: int | None = known.get(metric, {}).get("place")
        return math.inf if found is None else found

    return sorted(every, key=place)


def _known(runs: Runs) -> dict[str, Any]:
    """What is known of metrics, by name."""
    known: dict[str, Any] = {}
    for snapshot in runs.values():
        known |= snapshot.facts.get("metrics", {})
    return known


def has_floor(metric: str, readings: Readings) -> bool:
    """Whether there is both a floor and a value to show beside it."""
    floor = readings.floors.get(metric)
    if floor is None or metric not in readings.quality or not np.isfinite(floor.low + floor.high):
        return False
    return bool(np.isfinite(readings.quality[metric]).any())


def _add_plot(chart: Drawing, metric: str, plot: _SmallPlot, unnamed: set[str]) -> None:
    """Draw a metric of all runs; those that are `unnamed` still get their entry in the legend."""
    ends: list[float] = []
    bands: set[tuple[float, float]] = set()
    for run, snapshot in chart.runs.items():
        readings = snapshot.readings
        if not has_floor(metric, readings):
            continue
        values, floor = readings.quality[metric], readings.floors[metric]
        measured = np.flatnonzero(np.isfinite(values))
        keep = measured[thinned(len(measured))]
        steps, name = single(readings.quality["step"][keep]), label_of(run, _("fakes"), chart.runs)
        where: dict[str, Any] = {"xaxis": plot.x, "yaxis": plot.y, "showlegend": run in unnamed}
        where["meta"] = {"metric": metric}
        unnamed.discard(run)
        dash = dash_of(run, chart.runs)
        add_line(chart, steps, values[keep], name, palette.FAKE, 2, dash, **where)
        if len(keep) == 1:
            chart.add(_dot(steps, values[keep]) | where | {"showlegend": False})
        if (floor.low, floor.high) not in bands:
            chart.band(floor.low, floor.high, FLOOR, xref=f"{plot.x} domain", yref=plot.y)
            bands.add((floor.low, floor.high))
        ends += [floor.low, floor.high, float(values[keep][-1]), *(robust(values[keep]) or ())]
        for step in {event.step for event in snapshot.events}:
            chart.mark(x=step, dash="dot", xref=plot.x, yref=f"{plot.y} domain")
    _lay_out(chart, plot, min(ends), max(ends))


def _dot(x: Any, y: Any) -> dict[str, Any]:
    """One measurement, which is no line yet."""
    look = {"mode": "markers", "marker": {"color": palette.FAKE, "size": 6}, "cliponaxis": False}
    return {"type": "scatter", "x": x, "y": single(y), "hoverinfo": "skip"} | look


def _lay_out(chart: Drawing, plot: _SmallPlot, low: float, high: float) -> None:
    """Give a small plot its axes, with room around what it shows, from `low` to `high`."""
    tables = [snapshot.readings.quality for snapshot in chart.runs.values()]
    last = max(float(table["step"][-1]) for table in tables if table.rows)
    spare = 0.06 * (high - low) or 0.05 * abs(high) or 0.05
    ends = [low - spare, high + spare]
    room = {"include": ends, "clipmin": ends[0], "clipmax": ends[1]}
    small: dict[str, Any] = {"tickfont": {"size": 9}, "nticks": 4}
    at_y = {"anchor": plot.x, "domain": plot.down}
    chart.layout[plot.y.replace("y", "yaxis")] = axis("", autorangeoptions=room, **small | at_y)
    if plot.lowest:
        at_x = {"anchor": plot.y, "domain": plot.across, "tickformat": "~s"}
        at_x |= {"matches": "x"} if plot.column else {}
        across = iterations(last, **small | at_x)
        middle = plot.column == (plot.columns - 1) // 2
        across["title"] = {"text": across["title"]["text"] if middle else "", "font": {"size": 11}}
        chart.layout[plot.x.replace("x", "xaxis")] = across


def _entitle(chart: Drawing, metric: str, title: Message, plot: _SmallPlot) -> None:
    """The metric's title over its plot; of a single run also what it reads, and if like real."""
    if len(chart.runs) == 1:
        (snapshot,) = chart.runs.values()
        values, floor = snapshot.readings.quality[metric], snapshot.readings.floors[metric]
        latest = float(values[np.isfinite(values)][-1])
        value = compact(latest, 3)
        if floor.contains(latest):
            title = _("{metric}<br><b>{value}</b> · like real", metric=title, value=value)
        else:
            title = _("{metric}<br><b>{value}</b>", metric=title, value=value)
    # To the left over the tick labels, for a narrow card's last column to hold it.
    place = {"xref": f"{plot.x} domain", "yref": f"{plot.y} domain", "xshift": -18, "yshift": 3}
    ends = {"x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "align": "left"}
    chart.note(title, **place | ends, font={"size": 10})
