"""The generated samples, beside the data and over D's surface."""

from typing import Any

import numpy as np

from ganviz.charts import palette
from ganviz.charts.base import Drawing, Runs, axis, register, thinned
from ganviz.charts.densities import draw_densities
from ganviz.charts.mosaic import mosaic, picture
from ganviz.charts.small_multiples import SmallPlot, around, numbered_modes, numbers
from ganviz.say import Message, Text, _
from ganviz.snapshot import Floats, Snapshot, Surface

DATA_POINTS, FAKE_POINTS = 100, 160
"""Points that are drawn: each costs a browser without a GPU some 30 µs at every redraw."""

ALIKE = 5
"""Axes share a scale where one extent of the data is at most this many times the other's."""

NARROWEST = 0.02
"""D's distance from ½ that the strongest colour stands for at least: less is no verdict."""

BEYOND = 0.05
"""The part of the ground that may lie beyond the ends of the colours."""

WITHOUT_AXES = {"l": 8, "r": 8, "t": 8, "b": 8}
AXIS_AT_RIGHT = {"l": 52, "r": 40, "t": 8, "b": 36}

OPACITIES = ((0.0, 0.0), (0.25, 0.22), (1.0, 0.45))
"""How strong the ground is by D's distance from ½, both from 0 to 1: steep where D hesitates, so
that this is seen beside places where it is sure."""

# Each half keeps its hue down to nothing: what shines through is the page, light or dark.
_VERDICTS = (
    *(((1 - apart) / 2, palette.faint(palette.FAKE, alpha)) for apart, alpha in OPACITIES[::-1]),
    *(((1 + apart) / 2, palette.faint(palette.REAL, alpha)) for apart, alpha in OPACITIES),
)


@register("Samples", title="Samples")
def samples(runs: Runs) -> Drawing:
    """What G makes, beside the data, with D's verdict on every place: blue real, orange fake.

    Two-dimensional data are points over D's surface; one-dimensional data are densities with D(x)
    as a curve; images are a mosaic of fakes beside one of data; longer vectors are points on the
    two principal axes of the data. The colours are strongest where D is furthest from ½, which the
    axis says in numbers. Few modes are numbered as in the chart of shares. Several runs stand side
    by side.

    Args:
        runs: id to snapshot; reads `samples_ema` (or `samples`), `real`, `surface` and, of
            `facts`, `modes`.
    """
    chart = Drawing(runs, hovermode="closest")
    if not runs:
        chart.layout |= {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    shapes = [snapshot.real.shape[1:] for snapshot in runs.values()]
    if shapes and all(len(shape) == 3 for shape in shapes):
        chart.layout["margin"] = WITHOUT_AXES
    elif (1,) in shapes:
        chart.layout["margin"] = AXIS_AT_RIGHT
    for i, (run, snapshot) in enumerate(runs.items()):
        plot = SmallPlot(chart, i, len(runs), run)
        if len(shapes[i]) == 3:
            _draw_images(plot, snapshot)
        elif shapes[i] == (1,):
            draw_densities(plot, snapshot)
        else:
            _draw_points(plot, snapshot)
    return chart


def _draw_points(plot: SmallPlot, snapshot: Snapshot) -> None:
    ground = _draw_ground(plot, snapshot.surface)
    modes = numbered_modes(snapshot)
    (real, shown, centres), titles = _in_the_plane(
        snapshot.real,
        snapshot.shown,
        np.array(list(modes.values()), np.float32).reshape(-1, snapshot.real.shape[1]),
    )
    # Wide and pale beneath, small and strong above: each stays visible where both are.
    for points, count, name, marker in (
        (real, DATA_POINTS, _("data"), {"color": palette.REAL, "size": 9, "opacity": 0.45}),
        (shown, FAKE_POINTS, _("fakes"), {"color": palette.FAKE, "size": 4, "opacity": 0.85}),
    ):
        keep = thinned(len(points), count)
        places = {"type": "scatter", "mode": "markers", "x": points[keep, 0], "y": points[keep, 1]}
        plot.add(places | {"name": name, "marker": marker, "hoverinfo": "skip"})
    if modes:
        plot.add(numbers(list(modes), centres, real.mean(0)))
    _lay_out_plane(plot, real, titles[0] or ground, titles[1])


def _draw_ground(plot: SmallPlot, surface: Surface | None) -> Text:
    """D's verdict on every place of the plane; gives what its colours mean."""
    if surface is None or surface.y is None:
        return ""
    ends, said = _ground(surface.discriminator)
    plot.add(
        {
            "type": "heatmap",
            "x": surface.x,
            "y": surface.y,
            "z": surface.discriminator,
            "zmin": ends[0],
            "zmax": ends[1],
            "zsmooth": "fast",
            "colorscale": _VERDICTS,
            "showscale": False,
            "hovertemplate": "D = %{z:.3f}<extra></extra>",
        }
    )
    return said


def _lay_out_plane(plot: SmallPlot, real: Floats, across: Text, up: Text) -> None:
    """Data fix the ends of the axes: a range that no fake can stretch does not jump."""
    low, high = real.min(0), real.max(0)
    extent = high - low
    alike = extent.max() <= ALIKE * extent.min()
    most = extent.max() / 3 or 1.0
    spare = np.where((extent > 0) & (not alike), extent / 3, most)
    x, y = (around(*ends) for ends in zip(low, high, spare, strict=True))
    square = {"scaleanchor": plot.x} if alike else {}
    inside: dict[str, Any] = {"constrain": "domain", "ticks": ""}
    plot.lay_out(axis(across, range=x, **inside), axis(up, range=y, **inside, **square))


def _ground(judged: Floats) -> tuple[tuple[float, float], Message]:
    """Between which values of D the ground is coloured, in whole hundredths about ½, and in words.

    >>> ends, said = _ground(np.array([[0.48, 0.527]], np.float32))
    >>> ends, str(said)
    ((0.47, 0.53), 'ground: D from 0.47 to 0.53')
    """
    apart = np.abs(judged[np.isfinite(judged)].astype(np.float64) - 0.5)
    most = np.quantile(apart, 1 - BEYOND) if len(apart) else 0.5
    # float32 has seven digits: .53 is three hundredths from ½, not a trace more.
    in_hundredths = 100 * np.round([most, apart.max(initial=0)], 6)
    hundredths = int(np.clip(np.ceil(in_hundredths[0]), 100 * NARROWEST, 50))
    low, high = (50 - hundredths) / 100, (50 + hundredths) / 100
    if in_hundredths[1] > hundredths:
        return (low, high), _("ground: D from ≤ {low:.2g} to ≥ {high:.2g}", low=low, high=high)
    return (low, high), _("ground: D from {low:.2g} to {high:.2g}", low=low, high=high)


def _in_the_plane(*clouds: Floats) -> tuple[list[Floats], tuple[Text, Text]]:
    """Points in two dimensions, with names of the axes.

    Those of more dimensions are carried onto the first two principal axes of the first cloud.
    """
    real = clouds[0]
    if real.shape[1] == 2:
        return list(clouds), ("", "")
    centred = real.astype(np.float64) - real.mean(0)
    __, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, :-3:-1]
    # A principal axis has no direction of its own: its largest entry is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), [0, 1]])
    with np.errstate(invalid="ignore"):  # infinity minus infinity: such a fake has no place
        plane = [(points @ axes).astype(np.float32) for points in clouds]
    return plane, (_("first principal axis"), _("second"))


def _draw_images(plot: SmallPlot, snapshot: Snapshot) -> None:
    low, high = float(snapshot.real.min()), float(snapshot.real.max())
    mosaics = mosaic(snapshot.shown), mosaic(snapshot.real)
    height, width = mosaics[0].shape[:2]
    step = width + width // 12 + 1
    names = ((_("fakes"), palette.FAKE), (_("data"), palette.REAL))
    for i, (tiles, (name, colour)) in enumerate(zip(mosaics, names, strict=True)):
        plot.add(picture(tiles, low, high) | {"x0": i * step, "y0": 0, "hoverinfo": "skip"})
        plot.chart.note(
            name,
            x=i * step + width / 2,
            y=-1,
            xref=plot.x,
            yref=plot.y,
            yanchor="bottom",
            font={"color": colour, "size": 12},
        )
    hidden = {"visible": False, "constrain": "domain"}
    plot.lay_out(
        hidden | {"range": [-1, step + width]},
        hidden | {"range": [height + 1, -0.085 * height], "scaleanchor": plot.x},
    )
