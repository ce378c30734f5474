"""How samples are shared out among the modes or classes of the data."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from ganviz.charts import palette
from ganviz.charts.base import CHARTS, Drawing, Runs, axis, label_of
from ganviz.charts.quality import awaited
from ganviz.readings import Shares

LABELLED = 12
"""Bars up to which each has its label."""

LETTERS = 40
"""Letters of labels that stand beside each other in the narrowest card."""

PATTERNS = ("", "/", ".", "x", "-")
"""Bars of runs in one chart differ by pattern, as lines do by dash."""


@CHARTS.register("Modes and classes")
def shares(runs: Runs) -> go.Figure:
    """The share of samples on each mode, or in each class, beside the data's.

    The marker is the data's share, its bar 99 % of draws of the data of the same size. Samples
    inside it are pale: they cannot be told from data by their number. A mode that G dropped has no
    bar under its marker.

    Args:
        runs: label to snapshot; reads `readings.shares`.
    """
    chart = Drawing(runs, hovermode="closest", bargap=0.25)
    found = {run: s.readings.shares for run, s in runs.items() if s.readings.shares is not None}
    highest, drawn = 0.0, set()
    for i, (run, share) in enumerate(found.items()):
        _add_bars(chart, run, share, PATTERNS[i % len(PATTERNS)])
        highest = max(highest, _highest(share))
    for share in found.values():
        # Runs on the same data have the same markers: once is enough.
        if share.labels not in drawn:
            _add_data(chart, share)
        drawn.add(share.labels)
    most = max((len(share.labels) for share in found.values()), default=10)
    first = next(iter(found.values()), None)
    chart.layout["xaxis"] = _places(() if first is None else first.labels, most)
    # Half steps of a digit: the axis stands still until the bars need another.
    step = 10 ** np.floor(np.log10(max(highest, 1e-3))) / 2
    top = float(np.ceil(1.1 * highest / step) * step) or 1.0
    room = {"include": [0, top], "clipmin": 0, "clipmax": top}
    limits: dict[str, Any] = {"autorangeoptions": room} if found else {"range": [0, top]}
    chart.layout["yaxis"] = axis("share", tickformat=".1~%", nticks=6, **limits)
    measured = any(s.readings.quality.rows for s in runs.values())
    chart.awaits_readings("No modes or classes<br>are known" if measured else awaited(runs))
    return chart.figure()


def _add_bars(chart: Drawing, run: str, share: Shares, pattern: str) -> None:
    inside = (share.low <= share.fakes) & (share.fakes <= share.high)
    chart.add(
        {
            "type": "bar",
            "x": np.arange(len(share.labels), dtype=np.float32),
            "y": share.fakes,
            "name": label_of(run, "fakes, pale where like data", chart.runs),
            "marker": {
                "color": palette.FAKE,
                "opacity": np.where(inside, 0.5, 1).astype(np.float32),
                "pattern": {"shape": pattern},
            },
            "customdata": list(share.labels),
            "hovertemplate": "%{customdata}: %{y:.1%}",
        }
    )
    if len(chart.runs) == 1:
        text = f"{inside.sum()} of {len(inside)} like data"
        place = {"xref": "paper", "yref": "paper", "x": 1, "y": 1}
        chart.note(text, **place, xanchor="right", yanchor="top")


def _add_data(chart: Drawing, share: Shares) -> None:
    many = len(share.labels) > LABELLED
    chart.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": np.arange(len(share.labels), dtype=np.float32),
            "y": share.data,
            "name": "data, 99 % of draws",
            "marker": {"color": palette.REAL, "size": 4 if many else 7},
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": share.high - share.data,
                "arrayminus": share.data - share.low,
                "color": palette.REAL,
                "thickness": 1.5,
                "width": 0 if many else 4,
            },
            "customdata": list(share.labels),
            "hovertemplate": "%{customdata}: %{y:.1%} in the data",
        }
    )


def _highest(share: Shares) -> float:
    every = np.concatenate([share.fakes, share.data, share.high])
    return float(np.max(every[np.isfinite(every)], initial=0))


def _places(labels: tuple[str, ...], most: int) -> dict[str, Any]:
    """The axis of modes: with their labels if those are few and short."""
    written = len(labels) <= LABELLED and sum(len(label) + 1 for label in labels) <= LETTERS
    texts = list(labels) if written else []
    ticks = {"tickvals": list(range(len(texts))), "ticktext": texts}
    title = "mode or class" if written or not labels else f"{most} modes or classes"
    return axis(title, range=[-0.6, most - 0.4], showgrid=False, **ticks)
