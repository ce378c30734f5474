"""One-dimensional samples: densities with D(x) as a curve."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import axis
from ganviz.charts.small_multiples import SmallPlot, around, numbered_modes, numbers
from ganviz.say import Message, _
from ganviz.snapshot import Floats, Snapshot

BARS = 60


def draw_densities(plot: SmallPlot, snapshot: Snapshot) -> None:
    """Data and fakes as curves over x, D(x) against the right-hand axis."""
    surface = snapshot.surface
    if surface is None:
        low, high = float(snapshot.real.min()), float(snapshot.real.max())
        ends = around(low, high, (high - low) / 3 or 1.0)
    else:
        ends = [float(surface.x[0]), float(surface.x[-1])]
    edges = np.linspace(ends[0], ends[1], BARS + 1)
    if surface is not None and surface.density is not None:
        data, name = (surface.x, surface.density), _("data: p(x)")
    else:
        data, name = _counted(snapshot.real, edges), _("data")
    fakes = _counted(snapshot.shown, edges)
    for (x, height), label, colour in (
        (data, name, palette.REAL),
        (fakes, _("fakes"), palette.FAKE),
    ):
        fill = {"fill": "tozeroy", "fillcolor": palette.faint(colour, 0.2)}
        plot.add(_curve(x, height, label, colour) | fill)
    top = _top(data[1], fakes[1])
    if modes := numbered_modes(snapshot):
        at = np.array(list(modes.values()), np.float32)[:, 0]
        heights = np.interp(at, *data).astype(np.float32)
        places = np.stack([at, heights], 1)
        numbered = numbers(list(modes), places, places.mean(0))
        plot.add(numbered | {"textposition": "top center", "marker": {"size": 4, "opacity": 0}})
    right: dict[str, Any] = {}
    if surface is not None:
        judged = _curve(surface.x, surface.discriminator, _("D(x), right"), palette.DISCRIMINATOR)
        plot.add(judged, right=True)
        right = {
            "range": [0, 1],
            "tickvals": [0, 0.5, 1],
            "showgrid": False,
            "zeroline": False,
        }
    room = {"include": [0, top], "clipmin": 0, "clipmax": top}
    plot.lay_out(axis("x", range=ends), axis(_("density"), autorangeoptions=room), **right)


def _top(data: Floats, fakes: Floats) -> float:
    """The height of the axis: room over the data, and as much more as the fakes' peak needs.

    It grows by a half at a time, so that it stands still while the fakes move.
    """
    top = 1.6 * max(float(np.nanmax(data)), 1e-6)
    while top < 1.05 * float(fakes.max()):
        top *= 1.5
    return top


def _curve(x: Floats, y: Floats, name: Message, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": name,
        "line": {"color": colour, "width": 2},
        "hovertemplate": "%{y:.3f}",
    }


def _counted(points: Floats, edges: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Middle and height of each bar of a histogram that integrates to the share in range."""
    counts, _ = np.histogram(points[np.isfinite(points)], edges)
    width = edges[1] - edges[0]
    heights = counts / (max(len(points), 1) * width)
    return ((edges[:-1] + edges[1:]) / 2).astype(np.float32), heights.astype(np.float32)
