"""What all charts share: registry, empty figure, thinning, reference lines, marks of edits."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import reduce, wraps
from typing import Any

import numpy as np
import pandas as pd  # noqa: F401 (else Plotly trips over one that another thread is importing)
import plotly.graph_objects as go
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.registry import Entry, Registry
from ganviz.say import Message, Text, _, say
from ganviz.snapshot import Snapshot

Runs = Mapping[str, Snapshot]
"""Id to snapshot, of all runs that a chart shows."""

Chart = Callable[..., go.Figure]

CHARTS: Registry[Chart, Entry[Chart]] = Registry("chart", says=("title",))
"""Facts of an entry: `draws`, the function that gives its `Drawing`; `title`, what a card or a tab
with it is called; `readings_only`, whether it draws readings, and edits, and nothing else;
`over_iterations`, whether it is of the course of a run, so that others may be drawn beside it."""

POINTS = 180
"""Points of a line at most: a browser without a GPU draws two such lines in about 9 ms."""

NO_VALUE = _("No V: D gives no probability of one sample,<br>and the probe is off.")

NOT_MEASURED = _("Not measured yet")


class Drawing:
    """A figure in the making: traces, shapes and annotations as plain dicts.

    Plotly's own figure costs several times what drawing does, its checks as much again, and a live
    page makes fifty a second: the page takes `to_json`, everybody else the figure, and the checks
    run in the tests, on every chart.

    Args:
        runs: whose edits are marked if `events`.
        events: draw a vertical line at every edit, with what was changed to what.
        layout: what differs from the common layout.
    """

    def __init__(self, runs: Runs, *, events: bool = False, **layout: Any) -> None:
        self.runs = runs
        self.layout = layout
        self.traces: list[dict[str, Any]] = []
        """What is drawn, the lowest first."""
        self._shapes: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        if events:
            self._add_events()

    def figure(self) -> go.Figure:
        """The finished figure."""
        return go.Figure(data=self.traces, layout=self._whole_layout(), _validate=False)

    def to_json(self) -> str:
        """`figure().to_json()`, without the figure: a fifth of the time, which a live page feels.

        Arrays of numbers travel in base64, as Plotly's own do.

        Raises:
            ValueError: if a number outside of an array is not finite: JSON has no word for it.
        """
        whole = {"data": self.traces, "layout": self._whole_layout()}
        return json.dumps(whole, default=_packed, allow_nan=False)

    def _whole_layout(self) -> dict[str, Any]:
        """All of the layout. The constant `uirevision` keeps a reader's zoom through redraws."""
        base: dict[str, Any] = {
            "template": {},
            "uirevision": "ganviz",
            "margin": {"l": 52, "r": 20, "t": 8, "b": 36},
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
            "hovermode": "x unified",
            "font": {"size": 12},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "shapes": [_without("run", shape) for shape in self._shapes],
            "annotations": [_without("run", note) for note in self._annotations],
        }
        layout = base | self.layout
        return layout | {name: _settled(layout[name]) for name in self._empty_axes(layout)}

    def _empty_axes(self, layout: Mapping[str, Any]) -> list[str]:
        """The axes along which no trace has a place for anything."""
        used = set()
        for trace in self.traces:
            if trace["type"] not in ("scatter", "bar") or _drawn(trace):
                used |= {trace.get("xaxis", "x"), trace.get("yaxis", "y")}
        names = [name for name in layout if name.startswith(("xaxis", "yaxis"))]
        return [name for name in names if name.replace("axis", "") not in used]

    def add(self, trace: dict[str, Any]) -> None:
        """Draw one trace over the others; its name, if it has one, is a text."""
        if trace.get("name"):
            trace = trace | {"name": say(trace["name"])}
        self.traces.append(trace)

    def note(self, text: Text, **where: Any) -> None:
        """Write `text` where Plotly's annotation keywords say."""
        font = {"size": 11, "color": palette.REFERENCE} | where.pop("font", {})
        self._annotations.append({"text": say(text), "showarrow": False, "font": font} | where)

    def needs_value(self) -> None:
        """Say why there is nothing to see, if no run has a V."""
        if self.runs and not valued(self.runs):
            place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.75}
            self.note(NO_VALUE, **place, xanchor="center", yanchor="middle", font={"size": 13})

    def awaits_readings(self, text: Text = NOT_MEASURED) -> None:
        """Say what will come, if nothing is drawn: `text`, or that the instruments are off."""
        if self.runs and not self.traces:
            if not any(snapshot.readings.cost.limit for snapshot in self.runs.values()):
                text = _("Instruments are off")
            place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
            self.note(text, **place, xanchor="center", yanchor="middle", font={"size": 13})

    def band(self, low: float, high: float, colour: str, **where: Any) -> None:
        """Shade from `low` to `high` along y, across the plot or as Plotly's shape keywords say."""
        if np.isfinite([low, high]).all():
            ends = {"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": low, "y1": high}
            # Its outline keeps a band of no height in sight.
            outline = {"width": 1.5, "color": colour}
            look = {"fillcolor": colour, "line": outline, "layer": "below"}
            self._shapes.append({"type": "rect"} | look | ends | where)

    def explain(self, name: Text, colour: str) -> None:
        """An entry in the legend for what is drawn as shapes, which have none of their own."""
        place = {"type": "scatter", "mode": "lines", "x": [None], "y": [None], "hoverinfo": "skip"}
        fill = {"fill": "toself", "fillcolor": colour, "line": {"width": 0}}
        self.add(place | fill | {"name": name})

    def mark(
        self, *, x: float | None = None, y: float | None = None, dash: str = "dash", **where: Any
    ) -> None:
        """A reference line at `x` or at `y`, across the plot or as Plotly's shape keywords say."""
        line = {"color": palette.REFERENCE, "width": 1, "dash": dash}
        if x is None:
            ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y}
        else:
            ends = {"yref": "paper", "y0": 0, "y1": 1, "x0": x, "x1": x}
        self._shapes.append({"type": "line", "line": line, "layer": "below"} | ends | where)

    def level(self, y: float, text: Text, *, under: bool = True) -> None:
        """A horizontal reference line with its name at the right end, under or over it."""
        self.mark(y=y)
        side = "top" if under else "bottom"
        self.note(text, xref="paper", x=1, y=y, xanchor="right", yanchor=side)

    def move(self, place: Callable[[str, float], float]) -> None:
        """Put the marks of edits where `place`, of a run and an iteration, says."""
        for mark in (*self._shapes, *self._annotations):
            if "run" in mark:
                for end in ("x", "x0", "x1"):
                    if end in mark:
                        mark[end] = place(mark["run"], mark[end])

    def _add_events(self) -> None:
        for run, snapshot in self.runs.items():
            edits: dict[int, list[Message]] = {}
            for event in snapshot.events:
                said = _("{field} {value:g}", field=event.field, value=event.value)
                edits.setdefault(event.step, []).append(said)
            for step, texts in edits.items():
                self.mark(x=step, dash="dot", run=run)
                place = {"yref": "paper", "y": 1, "x": step, "xanchor": "left", "yanchor": "top"}
                place["run"] = run
                self.note(label_of(run, stacked(texts), self.runs), **place, font={"size": 10})


def _without(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != name}


def _drawn(trace: Mapping[str, Any]) -> bool:
    """Whether a line, a bar or a marker has a point with both coordinates."""
    x, y = (np.asarray(trace[name], dtype=np.float64) for name in ("x", "y"))
    return bool(np.isfinite(x + y).any()) if len(x) == len(y) else bool(len(x))


def _settled(settings: Mapping[str, Any]) -> dict[str, Any]:
    """An axis on which nothing lies: from end to end of its room, as Plotly knows none but −1 to 6.

    >>> _settled({"autorangeoptions": {"include": [0, 10], "clipmax": 10}})
    {'range': [0.0, 10.0]}
    """
    rest = {key: value for key, value in settings.items() if key != "autorangeoptions"}
    if "range" in rest or "autorangeoptions" not in settings:
        return rest
    low, high = np.min(ends := settings["autorangeoptions"]["include"]), np.max(ends)
    return rest | {"range": [float(low), float(high if high > low else low + 1)]}


def register(
    label: str, *, title: str, readings_only: bool = False, over_iterations: bool = False
) -> Callable[[Callable[..., Drawing]], Chart]:
    """A decorator that registers what draws a chart, as a function that gives the figure.

    The other arguments become facts of the entry, see `CHARTS`.
    """
    facts = {
        "title": title,
        "readings_only": readings_only,
        "over_iterations": over_iterations,
    }

    def add(draws: Callable[..., Drawing]) -> Chart:
        @wraps(draws)
        def chart(runs: Runs, **options: Any) -> go.Figure:
            return draws(runs, **options).figure()

        return CHARTS.register(label, draws=draws, **facts)(chart)

    return add


def _packed(value: Any) -> Any:
    """An array or a number of numpy's as JSON can hold it; floating ones as Plotly packs them."""
    if isinstance(value, np.ndarray) and value.size and value.dtype in (np.float32, np.float64):
        packed = {"dtype": value.dtype.str[1:], "bdata": b64encode(value.tobytes()).decode()}
        return packed | ({"shape": ", ".join(map(str, value.shape))} if value.ndim > 1 else {})
    return value.tolist()


def axis(title: Text, **settings: Any) -> dict[str, Any]:
    """An axis with its title, a light grid and no zero line; `settings` come last."""
    grid = {
        "gridcolor": "rgba(128,128,128,0.18)",
        "zeroline": False,
        "showspikes": False,
        # Plotly would measure every label at each redraw, to hide one that leaves the figure.
        "ticklabeloverflow": "allow",
        # Small numbers are no 600µ, and those before a divergence, 1e+17, push the title aside.
        "exponentformat": "e",
        "automargin": "left",
    }
    return {"title": {"text": say(title), "standoff": 6}, **grid, **settings}


def thinned(n: int, most: int = POINTS) -> NDArray[np.intp]:
    """Indices of at most `most` of `n` points, evenly spread, the first and the last among them.

    >>> thinned(5, 3).tolist(), thinned(2, 3).tolist()
    ([0, 2, 4], [0, 1])
    """
    if n <= most:
        return np.arange(n)
    return np.linspace(0, n - 1, most).round().astype(np.intp)


def valued(runs: Runs) -> Runs:
    """The runs that have a V: all but those whose critic is no probability and has no probe."""
    return {run: s for run, s in runs.items() if s.value_source != "none"}


def dash_of(run: str, runs: Runs) -> str:
    """The dash of a run's lines, the same in every chart."""
    return palette.DASHES[list(runs).index(run) % len(palette.DASHES)]


def label_of(run: str, name: Message, runs: Runs) -> Message:
    """A legend's text: with the run's label where there are several."""
    if len(runs) == 1:
        return name
    return _("{run} · {name}", run=runs[run].label or run, name=name)


def stacked(lines: Sequence[Message]) -> Message:
    """Texts below one another, at least one."""
    return reduce(lambda above, below: _("{above}<br>{below}", above=above, below=below), lines)
