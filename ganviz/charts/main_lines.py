"""What a chart of one run is of, taken out of it, to be drawn among other runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts.along import Along, along
from ganviz.charts.base import CHARTS, thinned
from ganviz.say import language
from ganviz.snapshot import Snapshot

Floats = NDArray[np.float64]
Trace = dict[str, Any]

POINTS = 90
"""Points of a line among others at most."""

MAIN = 1.9
"""Lines at least so wide are what a chart is of; thinner ones are single readings beneath them."""


@dataclass(frozen=True)
class Line:
    """A line of one run, ready to be drawn among others."""

    part: str
    """What it is of: the same part of other runs is the same thing."""
    name: str
    """What it is called where the run is alone."""
    trace: Mapping[str, Any]
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Alone:
    """A run's chart, as it is without others."""

    lines: tuple[Line, ...]
    rooms: Mapping[str, Sequence[float]]
    """Axis to the ends that it holds at least."""


def alone(name: str, run: str, snapshot: Snapshot, x: Along = "iteration") -> Alone:
    """The main lines of the chart `name` of a run, along `x`, and the room that they need."""
    found = _alone(name, run, snapshot, language())
    lines = tuple(replace(line, x=along(snapshot, line.x, x)) for line in found.lines)
    return replace(found, lines=lines)


# A run that is over is drawn at each redraw of the one that goes on; its snapshot stays the same.
@lru_cache(maxsize=256)
def _alone(name: str, run: str, snapshot: Snapshot, spoken: str) -> Alone:
    drawing = CHARTS[name].facts["draws"]({run: snapshot})
    rooms = {
        axis: settings["autorangeoptions"]["include"]
        for axis, settings in drawing.layout.items()
        if axis.startswith(("xaxis", "yaxis")) and "autorangeoptions" in settings
    }
    return Alone(tuple(map(_line, filter(_is_main, drawing.traces))), rooms)


def _is_main(trace: Trace) -> bool:
    if trace["type"] != "scatter" or trace.get("hoverinfo") == "skip" or "fill" in trace:
        return False
    return trace.get("mode") != "markers" and bool(trace["line"]["width"] >= MAIN)


def _line(trace: Trace) -> Line:
    x, y = (np.asarray(trace[axis], dtype=np.float64) for axis in ("x", "y"))
    keep = thinned(len(x), POINTS)
    return Line(part_of(trace), trace["name"], trace, x[keep], y[keep])


def part_of(trace: Trace) -> str:
    """What a trace is of."""
    metric = trace.get("meta", {}).get("metric")
    return metric or f"{trace.get('yaxis', 'y')} {trace['name']}"


def places_of(traces: Sequence[Trace]) -> dict[str, Trace]:
    """Where each metric has its small plot: part to axes."""
    return {
        part_of(trace): {axis: trace[axis] for axis in ("xaxis", "yaxis")}
        for trace in traces
        if "metric" in trace.get("meta", {})
    }


def spread(lines: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats, Floats, Floats]:
    """x, lowest, mean and highest of several lines, where all of them have been.

    Each is interpolated on the places of all; where one is NaN, so are the three.

    >>> x, low, mean, high = spread([
    ...     (np.array([0.0, 2.0]), np.array([0.0, 2.0])),
    ...     (np.array([0.0, 1.0, 3.0]), np.array([2.0, 2.0, 2.0])),
    ... ])
    >>> x.tolist(), low.tolist(), mean.tolist(), high.tolist()
    ([0.0, 1.0, 2.0], [0.0, 1.0, 2.0], [1.0, 1.5, 2.0], [2.0, 2.0, 2.0])
    """
    known = [(x[np.isfinite(x)], y[np.isfinite(x)]) for x, y in lines]
    if any(not len(x) for x, _y in known):
        nothing: Floats = np.empty(0)
        return nothing, nothing, nothing, nothing
    start, end = max(x[0] for x, _y in known), min(x[-1] for x, _y in known)
    places = np.unique(np.concatenate([x for x, _y in known]))
    places = places[(places >= start) & (places <= end)]
    places = places[thinned(len(places), POINTS)]
    values = np.stack([np.interp(places, x, y) for x, y in known])
    return places, values.min(0), values.mean(0), values.max(0)
