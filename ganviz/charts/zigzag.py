"""What each player's step does to V, iteration by iteration."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import Drawing, Runs, axis, dash_of, label_of, register
from ganviz.charts.lines import single
from ganviz.columns import Columns
from ganviz.digits import whole
from ganviz.say import _, say

SHOWN = 12
"""Iterations shown at most."""

STEPS = (-0.3, 0.0, 0.3)
"""Where before D's step, after it and after G's step lie around the place of an iteration."""

MARGIN = {"l": 74, "r": 20, "t": 8, "b": 36}
"""Wider at the left: V at rest differs in the fifth digit, and the numbers show it."""

BEFORE, AFTER_D, AFTER_G = _("before D's step"), _("after D's step"), _("after G's step")


@register("Within the iteration", title="Zig-zag", readings_only=True)
def zigzag(runs: Runs) -> Drawing:
    """V before D's step, after it and after G's step, on the same data and noise each time.

    D's steps lift V, G's steps pull it down; the grey lines lead to the next iteration's data.
    Below, mean D(G(z)) of the same fakes before D's step and after it. Iterations that do not
    follow one another are not joined.

    Args:
        runs: id to snapshot; reads `readings.zigzag`, of which the last 12 rows are shown.
    """
    lower = axis("D(G(z))", domain=[0, 0.3], nticks=3, autorangeoptions={"include": 0})
    upper = axis(_("V, nats"), domain=[0.4, 1], anchor="x", nticks=5)
    chart = Drawing(runs, hovermode="closest", margin=MARGIN, yaxis=lower, yaxis2=upper)
    ends, ticks = [0.0, 1.0], dict[str, Any](showticklabels=False)
    for run, snapshot in runs.items():
        table = snapshot.readings.zigzag
        if table.rows:
            steps = table["step"][-SHOWN:]
            places = _places(steps)
            ends = [min(ends[0], places[0]), max(ends[1], places[-1])]
            _add_values(chart, run, table, places)
            _add_fakes(chart, run, table, places)
            if len(runs) == 1:
                ticks = _ticks(steps, places)
    room = {"include": [ends[0] - 0.5, ends[1] + 0.5]}
    title = _("iteration") if len(runs) < 2 else _("the last iterations")
    chart.layout["xaxis"] = axis(title, anchor="y", showgrid=False, autorangeoptions=room, **ticks)
    if not any(snapshot.readings.zigzag.rows for snapshot in runs.values()):
        chart.layout |= {key: {"visible": False} for key in ("xaxis", "yaxis", "yaxis2")}
    chart.awaits_readings()
    return chart


def _places(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the iterations stand: one apart, and further where some are left out between.

    >>> _places(np.array([7, 8, 100])).tolist()
    [0.0, 1.0, 2.7]
    """
    apart = np.where(np.diff(steps) == 1, 1.0, 1.7)
    return np.concatenate([[0.0], np.cumsum(apart)])


def _ticks(steps: NDArray[np.float64], places: NDArray[np.float64]) -> dict[str, Any]:
    """The numbers of at most four iterations, of the first of a burst before others."""
    first = np.flatnonzero(np.diff(steps, prepend=-np.inf) != 1)
    named = first if len(first) > 1 else np.arange(len(steps))
    named = named[:: -(-len(named) // 4)]
    texts = [whole(steps[k]) for k in named]
    return {"tickvals": [float(places[k]) for k in named], "ticktext": texts}


def _add_values(chart: Drawing, run: str, table: Columns, places: NDArray[np.float64]) -> None:
    v = np.stack([table[name][-SHOWN:] for name in ("before", "after_d", "after_g")], 1)
    x, steps = places[:, None] + STEPS, table["step"][-SHOWN:]
    joined = np.diff(steps) == 1
    link = {"color": palette.faint(palette.REFERENCE, 0.6), "width": 1}
    across = {"hoverinfo": "skip", "showlegend": False, "mode": "lines", "line": link}
    # From the last state of one iteration to the first of the next.
    ends = np.stack([x[:-1, 2], x[1:, 0]], 1)[joined], np.stack([v[:-1, 2], v[1:, 0]], 1)[joined]
    chart.add(_segments(*ends) | across | {"name": ""})
    said = _(
        "iteration {step}, {moment}: V = {value}",
        step="%{customdata:,d}",
        moment="%{text}",
        value="%{y:.4f}",
    )
    for name, colour, at, moments in (
        (_("D's step"), palette.DISCRIMINATOR, [0, 1], (BEFORE, AFTER_D)),
        (_("G's step"), palette.GENERATOR, [1, 2], (AFTER_D, AFTER_G)),
    ):
        look = {
            "mode": "lines+markers",
            "line": {"color": colour, "width": 2.5, "dash": dash_of(run, chart.runs)},
            "marker": {"color": colour, "size": 4},
            "name": label_of(run, name, chart.runs),
        }
        piece = [*map(say, moments), ""]
        hover = {
            "customdata": single(np.repeat(steps, len(piece))),
            "text": piece * len(steps),
            "hovertemplate": f"{said}<extra></extra>",
        }
        chart.add(_segments(x[:, at], v[:, at]) | look | hover)


def _segments(x: NDArray[np.float64], y: NDArray[np.float64]) -> dict[str, Any]:
    """Separate pieces of line in the upper row; `x` and `y` have the shape `(pieces, points)`."""
    gap = np.full((len(x), 1), np.nan)
    ends = {"x": single(np.hstack([x, gap]).ravel()), "y": single(np.hstack([y, gap]).ravel())}
    return {"type": "scatter", "yaxis": "y2"} | ends


def _add_fakes(chart: Drawing, run: str, table: Columns, places: NDArray[np.float64]) -> None:
    """Mean D(G(z)) at the moments that it is of, broken where iterations are left out."""
    steps = table["step"][-SHOWN:]
    breaks = np.flatnonzero(np.diff(steps) != 1) + 1
    said = np.insert(steps, breaks, np.nan)
    for column, name, alpha, shift in (
        ("fake_before", _("D(G(z)) {moment}", moment=BEFORE), 0.4, STEPS[0]),
        ("fake_after", _("after it"), 1, STEPS[1]),
    ):
        colour, place = palette.faint(palette.FAKE, alpha), "%{customdata:,d}"
        hover = _("iteration {step}, {name}: {value}", step=place, name=name, value="%{y:.3f}")
        chart.add(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": single(np.insert(places + shift, breaks, np.nan)),
                "y": single(np.insert(table[column][-SHOWN:], breaks, np.nan)),
                "name": label_of(run, name, chart.runs),
                "line": {"color": colour, "width": 1.5, "dash": dash_of(run, chart.runs)},
                "marker": {"color": colour, "size": 4},
                "customdata": single(said),
                "hovertemplate": f"{hover}<extra></extra>",
            }
        )
