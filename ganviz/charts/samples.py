"""The generated samples, beside the data and over D's surface."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import CHARTS, Drawing, Runs, axis, thinned
from ganviz.charts.mosaic import mosaic, picture
from ganviz.snapshot import Floats, Snapshot

SHOWN_POINTS = 250
BARS = 60

ALIKE = 5
"""Axes share a scale where one extent of the data is at most this many times the other's."""

_VERDICTS = (
    (0.0, palette.faint(palette.FAKE, 0.4)),
    (0.5, palette.faint(palette.REFERENCE, 0.0)),
    (1.0, palette.faint(palette.REAL, 0.4)),
)


@CHARTS.register("Samples")
def samples(runs: Runs) -> go.Figure:
    """What G makes, beside the data, with D's verdict on every place: blue real, orange fake.

    Two-dimensional data are points over D's surface; one-dimensional data are densities with D(x)
    as a curve; images are a mosaic of fakes beside one of data; longer vectors are points on the
    two principal axes of the data. Several runs stand side by side.

    Args:
        runs: label to snapshot; reads `samples_ema` (or `samples`), `real` and `surface`.
    """
    chart = Drawing(runs, hovermode="closest")
    if not runs:
        chart.layout |= {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    for i, (run, snapshot) in enumerate(runs.items()):
        panel = _Panel(chart, i, len(runs), run)
        shape = snapshot.real.shape[1:]
        if len(shape) == 3:
            _draw_images(panel, snapshot)
        elif shape == (1,):
            _draw_densities(panel, snapshot)
        else:
            _draw_points(panel, snapshot)
    return chart.figure()


@dataclass(frozen=True)
class _Panel:
    """The place of one run: its share of the width and its own x, y and right-hand axes."""

    chart: Drawing
    place: int
    places: int
    run: str

    @property
    def x(self) -> str:
        return self._numbered("x", self.place + 1)

    @property
    def y(self) -> str:
        return self._numbered("y", 2 * self.place + 1)

    @property
    def right(self) -> str:
        return self._numbered("y", 2 * self.place + 2)

    @property
    def domain(self) -> list[float]:
        gap = 0.06 if self.place else 0.0
        return [self.place / self.places + gap, (self.place + 1) / self.places]

    def add(self, trace: dict[str, Any], *, right: bool = False) -> None:
        """Draw `trace` here; its name gets the run's label where there are several."""
        if "name" in trace and self.places > 1:
            trace["name"] = f"{self.run} · {trace['name']}"
        self.chart.add(trace | {"xaxis": self.x, "yaxis": self.right if right else self.y})

    def lay_out(self, x: dict[str, Any], y: dict[str, Any], **right: Any) -> None:
        layout = {
            self.x.replace("x", "xaxis"): x | {"domain": self.domain, "anchor": self.y},
            self.y.replace("y", "yaxis"): y | {"anchor": self.x},
        }
        if right:
            place = {"overlaying": self.y, "anchor": self.x, "side": "right"}
            layout[self.right.replace("y", "yaxis")] = right | place
        self.chart.layout |= layout

    @staticmethod
    def _numbered(letter: str, number: int) -> str:
        return letter if number == 1 else f"{letter}{number}"


def _draw_points(panel: _Panel, snapshot: Snapshot) -> None:
    surface = snapshot.surface
    if surface is not None and surface.y is not None:
        panel.add(
            {
                "type": "heatmap",
                "x": surface.x,
                "y": surface.y,
                "z": surface.discriminator,
                "zmin": 0,
                "zmax": 1,
                "zsmooth": "fast",
                "colorscale": _VERDICTS,
                "showscale": False,
                "hovertemplate": "D = %{z:.2f}<extra></extra>",
            }
        )
    real, shown, titles = _in_the_plane(snapshot.real, snapshot.shown)
    # Wide and pale beneath, small and strong above: each stays visible where both are.
    for points, name, marker in (
        (real, "data", {"color": palette.REAL, "size": 9, "opacity": 0.45}),
        (shown, "fakes", {"color": palette.FAKE, "size": 4, "opacity": 0.85}),
    ):
        keep = thinned(len(points), SHOWN_POINTS)
        panel.add(
            {
                "type": "scatter",
                "mode": "markers",
                "x": points[keep, 0],
                "y": points[keep, 1],
                "name": name,
                "marker": marker,
                "hoverinfo": "skip",
            }
        )
    # Data fix the ends of the axes: a range that no fake can stretch does not jump.
    low, high = real.min(0), real.max(0)
    extent = high - low
    alike = extent.max() <= ALIKE * extent.min()
    most = extent.max() / 3 or 1.0
    spare = np.where((extent > 0) & (not alike), extent / 3, most)
    x, y = (_around(*ends) for ends in zip(low, high, spare, strict=True))
    square = {"scaleanchor": panel.x} if alike else {}
    panel.lay_out(
        axis(titles[0], range=x, constrain="domain"),
        axis(titles[1], range=y, constrain="domain", **square),
    )


def _in_the_plane(real: Floats, shown: Floats) -> tuple[Floats, Floats, tuple[str, str]]:
    """Data and fakes in two dimensions, with names of the axes.

    Those of more dimensions are carried onto the data's first two principal axes.
    """
    if real.shape[1] == 2:
        return real, shown, ("", "")
    centred = real.astype(np.float64) - real.mean(0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, :-3:-1]
    # A principal axis has no direction of its own: its largest entry is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), [0, 1]])
    with np.errstate(invalid="ignore"):  # infinity minus infinity: such a fake has no place
        plane = [(points @ axes).astype(np.float32) for points in (real, shown)]
    return plane[0], plane[1], ("first principal axis", "second")


def _draw_densities(panel: _Panel, snapshot: Snapshot) -> None:
    surface = snapshot.surface
    if surface is None:
        low, high = float(snapshot.real.min()), float(snapshot.real.max())
        ends = _around(low, high, (high - low) / 3 or 1.0)
    else:
        ends = [float(surface.x[0]), float(surface.x[-1])]
    edges = np.linspace(ends[0], ends[1], BARS + 1)
    if surface is not None and surface.density is not None:
        data, name = (surface.x, surface.density), "data: p(x)"
    else:
        data, name = _counted(snapshot.real, edges), "data"
    for (x, height), label, colour in (
        (data, name, palette.REAL),
        (_counted(snapshot.shown, edges), "fakes", palette.FAKE),
    ):
        fill = {"fill": "tozeroy", "fillcolor": palette.faint(colour, 0.2)}
        panel.add(_curve(x, height, label, colour) | fill)
    peak = max(float(np.nanmax(data[1])), 1e-6)
    right: dict[str, Any] = {}
    if surface is not None:
        judged = _curve(surface.x, surface.discriminator, "D(x), right", palette.DISCRIMINATOR)
        panel.add(judged, right=True)
        right = {
            "range": [0, 1],
            "tickvals": [0, 0.5, 1],
            "showgrid": False,
            "zeroline": False,
        }
    panel.lay_out(axis("x", range=ends), axis("density", range=[0, 1.6 * peak]), **right)
    panel.chart.layout["margin"] = {"l": 52, "r": 40, "t": 8, "b": 36}


def _curve(x: Floats, y: Floats, name: str, colour: str) -> dict[str, Any]:
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


def _draw_images(panel: _Panel, snapshot: Snapshot) -> None:
    low, high = float(snapshot.real.min()), float(snapshot.real.max())
    mosaics = mosaic(snapshot.shown), mosaic(snapshot.real)
    height, width = mosaics[0].shape[:2]
    step = width + width // 12 + 1
    names = (("fakes", palette.FAKE), ("data", palette.REAL))
    for i, (tiles, (name, colour)) in enumerate(zip(mosaics, names, strict=True)):
        panel.add(picture(tiles, low, high) | {"x0": i * step, "y0": 0, "hoverinfo": "skip"})
        panel.chart.note(
            name,
            x=i * step + width / 2,
            y=-1,
            xref=panel.x,
            yref=panel.y,
            yanchor="bottom",
            font={"color": colour, "size": 12},
        )
    hidden = {"visible": False, "constrain": "domain"}
    panel.lay_out(
        hidden | {"range": [-1, step + width]},
        hidden | {"range": [height + 1, -0.085 * height], "scaleanchor": panel.x},
    )
    panel.chart.layout["margin"] = {"l": 8, "r": 8, "t": 8, "b": 8}


def _around(low: float, high: float, spare: float) -> list[float]:
    return [float(low - spare), float(high + spare)]
