"""How samples are shared out among the modes or classes of the data."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np

from ganviz.charts import palette
from ganviz.charts.base import Drawing, Runs, axis, label_of, register
from ganviz.charts.quality import awaited
from ganviz.readings import Shares
from ganviz.say import _

LABELLED = 12
"""Bars up to which each has its label."""

LETTERS = 40
"""Letters of labels that stand beside each other in the narrowest card."""

STRIDES = (2, 5, 10, 20, 50, 100, 200, 500)
"""From one number that is written to the next, where not all have room."""

MOST = 1.1
"""Where the axis ends at most: a share is at most 1, and a note stands above its bar."""

PATTERNS = ("", "/", ".", "x", "-")
"""Bars of runs in one chart differ by pattern, as lines do by dash."""


@register("Modes and classes", title="Modes", readings_only=True)
def shares(runs: Runs) -> Drawing:
    """The share of samples on each mode, or in each class, beside the data's.

    The marker is the data's share, its bar 99 % of draws of the data of the same size. Samples
    inside it are pale: they cannot be told from data by their number. A mode that G dropped has no
    bar under its marker.

    Args:
        runs: id to snapshot; reads `readings.shares`.
    """
    chart = Drawing(runs, hovermode="closest", bargap=0.25)
    found = {run: s.readings.shares for run, s in runs.items() if s.readings.shares is not None}
    patterns = dict(zip(runs, cycle(PATTERNS)))
    for run, share in found.items():
        _add_bars(chart, run, share, patterns[run])
    # Runs on the same data have the same markers: once is enough.
    for share in {_of_data(share): share for share in found.values()}.values():
        _add_data(chart, share)
    highest = max(map(_highest, found.values()), default=0.0)
    most = max((len(share.labels) for share in found.values()), default=10)
    chart.layout["xaxis"] = _places(_common([share.labels for share in found.values()]), most)
    # Half steps of a digit: the axis stands still until the bars need another.
    step = 10 ** np.floor(np.log10(max(highest, 1e-3))) / 2
    top = min(float(np.ceil(1.1 * highest / step) * step), MOST) or 1.0
    room = {"include": [0, top], "clipmin": 0, "clipmax": top}
    limits: dict[str, Any] = {"autorangeoptions": room} if found else {"range": [0, top]}
    chart.layout["yaxis"] = axis(_("share"), tickformat=".1~%", nticks=6, **limits)
    measured = any(s.readings.quality.rows for s in runs.values())
    chart.awaits_readings(_("No modes or classes<br>are known") if measured else awaited(runs))
    return chart


def _add_bars(chart: Drawing, run: str, share: Shares, pattern: str) -> None:
    inside = (share.low <= share.fakes) & (share.fakes <= share.high)
    chart.add(
        {
            "type": "bar",
            "x": np.arange(len(share.labels), dtype=np.float32),
            "y": share.fakes,
            "name": label_of(run, _("fakes, pale where like data"), chart.runs),
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
        text = _("{n} of {modes} like data", n=inside.sum(), modes=len(inside))
        place = {"xref": "paper", "yref": "paper", "x": 1, "y": 1}
        chart.note(text, **place, xanchor="right", yanchor="top")


def _of_data(share: Shares) -> tuple[object, ...]:
    """What is drawn of the data."""
    return share.labels, *(a.tobytes() for a in (share.data, share.low, share.high))


def _add_data(chart: Drawing, share: Shares) -> None:
    many = len(share.labels) > LABELLED
    hover = _("{mode}: {share} in the data", mode="%{customdata}", share="%{y:.1%}")
    chart.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": np.arange(len(share.labels), dtype=np.float32),
            "y": share.data,
            "name": _("data, 99 % of draws"),
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
            "hovertemplate": str(hover),
        }
    )


def _highest(share: Shares) -> float:
    every = np.concatenate([share.fakes, share.data, share.high])
    return float(np.max(every[np.isfinite(every)], initial=0))


def _common(every: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The labels of all places, where runs agree on them; else none.

    >>> _common([("1", "2"), ("1", "2", "3")]), _common([("1", "2"), ("cat", "dog")])
    (('1', '2', '3'), ())
    """
    longest = max(every, key=len, default=())
    return longest if all(labels == longest[: len(labels)] for labels in every) else ()


def _places(labels: tuple[str, ...], most: int) -> dict[str, Any]:
    """The axis of modes: all labels if they are short, else some of the numbers."""
    letters = sum(len(label) + 1 for label in labels)
    every = 1 if len(labels) <= LABELLED and letters <= LETTERS else _stride(labels)
    places = range(len(labels)) if every == 1 else _multiples(labels, every)
    ticks = {"tickvals": list(places), "ticktext": [labels[k] for k in places]}
    title = _("mode or class") if every == 1 else _("{n} modes or classes", n=most)
    return axis(title, range=[-0.6, most - 0.4], showgrid=False, **ticks)


def _multiples(labels: tuple[str, ...], every: int) -> Sequence[int]:
    return [k for k, label in enumerate(labels) if every and int(label) % every == 0]


def _stride(labels: tuple[str, ...]) -> int:
    """How many numbers further the next one is written, for all to have room; 0 for names.

    >>> _stride(tuple(map(str, range(1, 26)))), _stride(("a long name", "another one"))
    (5, 0)
    """
    if not all(label.isdigit() for label in labels):
        return 0
    room = LETTERS // (len(str(len(labels))) + 2)
    return next((stride for stride in STRIDES if len(labels) <= room * stride), 0)
