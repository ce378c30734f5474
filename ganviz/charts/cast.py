"""Several runs in one chart: one of them in full and others pale, or all alike; seeds as a band."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from ganviz.charts import palette
from ganviz.charts.along import X_TITLES, Along, along
from ganviz.charts.base import CHARTS, Drawing, Runs
from ganviz.charts.main_lines import Alone, Floats, Line, Trace, alone, places_of, spread
from ganviz.say import Text, _n, say
from ganviz.snapshot import Snapshot

PALE, GROUP = 0.45, 0.75
"""Opacity of the line of another run, and of the mean of a group, beside a lead."""

SAYS_WHO = "value"
"""The chart whose legend says which line is whose, for all charts: the others lack the room."""


@dataclass(frozen=True, kw_only=True)
class Cast:
    """What part each run plays in the charts over iterations."""

    lead: str | None = None
    """The run that is drawn as if it were alone; the others are pale. None: all are alike, each in
    a colour of its own, and the parts of a chart are told apart by dash."""
    names: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))
    """What a run or a group is called; without a name its label."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Name of a group to its runs, which are one mean line with a band from the lowest to the
    highest, where all of them have been."""
    x: Along = "iteration"
    """What lies along the horizontal axis."""

    def called(self, who: str, snapshot: Snapshot) -> Text:
        """What a run is called."""
        return self.names.get(who) or snapshot.label or who


def draw(name: str, runs: Runs, cast: Cast) -> Drawing:
    """The chart `name` of these runs.

    Charts that show a moment, and not a course of time, show the lead alone.

    Args:
        name: of the registry.
        runs: id to snapshot.
        cast: the part of each.
    """
    facts = CHARTS[name].facts
    lead = cast.lead if cast.lead in runs else None
    shown = runs if lead is None else {lead: runs[lead]}
    drawing: Drawing = facts["draws"](shown)
    if not facts["over_iterations"] or (len(runs) < 2 and cast.x == "iteration"):
        return drawing
    grouped = {run for ids in cast.groups.values() if len(ids) > 1 for run in ids}
    needed = [run for run in runs if run != lead or run in grouped]
    own = {run: alone(name, run, runs[run], cast.x) for run in needed}
    if lead is None:
        _draw_alike(drawing, runs, own, cast, named=name == SAYS_WHO)
    else:
        drawing.traces = [_moved(trace, runs[lead], cast.x) for trace in drawing.traces]
        _draw_pale(drawing, runs, own, cast, named=name == SAYS_WHO)
    _make_room(drawing, own.values())
    if cast.x != "iteration":
        _lay_along(drawing, runs, cast.x)
    return drawing


def _draw_pale(
    drawing: Drawing, runs: Runs, own: Mapping[str, Alone], cast: Cast, *, named: bool
) -> None:
    """Draw the others beneath the lead, each with a dash of its own, `named` in the legend."""
    places = places_of(drawing.traces)
    beneath: list[Trace] = []
    for number, (who, ids) in enumerate(_players(runs, cast)):
        if ids == [cast.lead]:  # which is drawn in full
            continue
        title, group = _title(who, ids, runs, cast), len(ids) > 1
        for k, stroke in enumerate(_strokes(ids, own)):
            look = {"width": 1.8 if group else 1.4, "dash": _dash(number + 1)}
            traces = stroke.traces(stroke.colour, look, title)
            traces[-1] |= {"opacity": GROUP if group else PALE, "showlegend": named and not k}
            beneath += _placed(traces, stroke, places)
    drawing.traces = [*beneath, *drawing.traces]


def _draw_alike(
    drawing: Drawing, runs: Runs, own: Mapping[str, Alone], cast: Cast, *, named: bool
) -> None:
    """Draw all runs alike, `named` in the legend, in the place of what the chart draws of them."""
    places = places_of(drawing.traces)
    drawn = [trace for trace in drawing.traces if _explains(trace)]
    every: dict[str, None] = {}
    for number, (who, ids) in enumerate(_players(runs, cast)):
        colour, turn = palette.RUNS[number % len(palette.RUNS)], number // len(palette.RUNS)
        title, strokes = _title(who, ids, runs, cast), _strokes(ids, own)
        every |= dict.fromkeys(stroke.name for stroke in strokes)
        for k, stroke in enumerate(strokes):
            look = {"width": 1.6, "dash": _dash(list(every).index(stroke.name) + turn)}
            traces = stroke.traces(colour, look, title)
            traces[-1] |= {"showlegend": named and not k}
            drawn += _placed(traces, stroke, places)
    drawing.traces = [*drawn, *(_key(part, k) for k, part in enumerate(every) if len(every) > 1)]


def _key(part: str, place: int) -> Trace:
    """An entry in the legend that says what a dash stands for."""
    line = {"color": palette.REFERENCE, "width": 1.6, "dash": _dash(place)}
    base: Trace = {"type": "scatter", "mode": "lines", "x": [None], "y": [None]}
    return base | {"name": part, "line": line, "hoverinfo": "skip"}


@dataclass(frozen=True)
class _Stroke:
    """A line of one run, or of several with a band."""

    line: Line
    colour: str
    meta: Mapping[str, Any]
    low: Floats | None = None
    high: Floats | None = None

    @property
    def name(self) -> str:
        return self.line.name

    def traces(self, colour: str, look: Mapping[str, Any], title: Text) -> list[Trace]:
        """The band, if there is one, and the line."""
        x = self.line.x.astype(np.float32)
        where = {k: self.line.trace[k] for k in ("xaxis", "yaxis") if k in self.line.trace}
        base: Trace = {"type": "scatter", "mode": "lines"} | where
        bands: list[Trace] = []
        if self.low is not None and self.high is not None:
            edge = np.concatenate([self.high, self.low[::-1]]).astype(np.float32)
            fill = {"fill": "toself", "fillcolor": palette.faint(colour, 0.18)}
            hidden = {"line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
            bands = [base | {"x": np.concatenate([x, x[::-1]]), "y": edge} | fill | hidden]
        lone = {"mode": "lines+markers", "marker": {"size": 5, "color": colour}}
        line: Trace = (
            base
            | (lone if len(x) == 1 else {})
            | {
                "x": x,
                "y": self.line.y.astype(np.float32),
                "name": say(title),
                "line": {"color": colour} | dict(look),
                "hovertemplate": "%{y:.4g}",
            }
        )
        return [*bands, line | ({"meta": dict(self.meta)} if self.meta else {})]


def _strokes(ids: Sequence[str], own: Mapping[str, Alone]) -> list[_Stroke]:
    """The lines of a run; or of several, each part that all of them have."""
    if len(ids) == 1:
        lines = own[ids[0]].lines
        return [_Stroke(ln, ln.trace["line"]["color"], ln.trace.get("meta", {})) for ln in lines]
    found = []
    for first in own[ids[0]].lines:
        same = [line for run in ids for line in own[run].lines if line.part == first.part]
        x, low, mean, high = spread([(line.x, line.y) for line in same])
        if len(same) < len(ids) or not len(x):
            continue
        meta = dict(first.trace.get("meta", {}))
        if "run" in meta:
            meta = {"runs": list(ids), "part": meta["part"]}
        line = Line(first.part, first.name, first.trace, x, mean)
        found.append(_Stroke(line, first.trace["line"]["color"], meta, low, high))
    return found


def _players(runs: Runs, cast: Cast) -> Iterable[tuple[str, list[str]]]:
    """Who is drawn as one: groups of two or more, then each run that is in none."""
    grouped: set[str] = set()
    for group, ids in cast.groups.items():
        here = [run for run in ids if run in runs]
        if len(here) > 1:
            yield group, here
            grouped |= set(here)
    yield from ((run, [run]) for run in runs if run not in grouped)


def _title(who: str, ids: Sequence[str], runs: Runs, cast: Cast) -> Text:
    if len(ids) == 1:
        return cast.called(ids[0], runs[ids[0]])
    return _n(
        "{run}: {n} run",
        "{run}: {n} runs",
        len(ids),
        run=cast.names.get(who) or who,
    )


def _placed(
    traces: Sequence[Trace], stroke: _Stroke, places: Mapping[str, Trace]
) -> Iterable[Trace]:
    """Traces in the small plot of their metric; none, where the chart has no plot of it."""
    if "metric" not in stroke.line.trace.get("meta", {}):
        return traces
    if stroke.line.part not in places:
        return []
    return [trace | places[stroke.line.part] for trace in traces]


def _explains(trace: Trace) -> bool:
    """Whether it is only an entry in the legend."""
    return list(trace.get("x", ())) == [None]


def _dash(place: int) -> str:
    return palette.DASHES[place % len(palette.DASHES)]


def _moved(trace: Trace, snapshot: Snapshot, x: Along) -> Trace:
    """A trace along another axis."""
    if x == "iteration" or _explains(trace):
        return trace
    return trace | {"x": along(snapshot, np.asarray(trace["x"], dtype=np.float64), x)}


def _make_room(drawing: Drawing, runs: Iterable[Alone]) -> None:
    """Let each axis hold what any of the runs needs."""
    rooms = [run.rooms for run in runs]
    for axis, settings in drawing.layout.items():
        ends = [*(room[axis] for room in rooms if axis in room)]
        if not axis.startswith(("xaxis", "yaxis")) or not ends:
            continue
        before = settings.get("autorangeoptions", {})
        ends += [before["include"]] if before else []
        low, high = min(low for low, _high in ends), max(high for _low, high in ends)
        clips = {"clipmin": low, "clipmax": high} if "clipmax" in before or not before else {}
        room = before | {"include": [low, high]} | clips
        kept = {key: value for key, value in settings.items() if key != "range"}
        drawing.layout[axis] = kept | {"autorangeoptions": room}


def _lay_along(drawing: Drawing, runs: Runs, x: Along) -> None:
    """Give the horizontal axes their name and room, and marks of edits their places."""
    ends = [float(along(s, np.array([float(s.step)]), x)[0]) for s in runs.values()]
    last = max((end for end in ends if np.isfinite(end)), default=1.0)
    room = {"include": [0, max(last, 1e-9)], "clipmin": 0}
    for axis, settings in drawing.layout.items():
        if axis.startswith("xaxis") and settings.get("title", {}).get("text"):
            title = settings["title"] | {"text": say(X_TITLES[x])}
            drawing.layout[axis] = settings | {"title": title}
        if axis.startswith("xaxis"):
            changed = {"autorangeoptions": room, "uirevision": x, "tickformat": "~s"}
            kept = {k: v for k, v in drawing.layout[axis].items() if k != "range"}
            drawing.layout[axis] = kept | changed
    drawing.move(lambda run, step: float(along(runs[run], np.array([float(step)]), x)[0]))
