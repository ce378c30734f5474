"""Charts over iterations: V, its terms, accuracies, gradient norms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import (
    Drawing,
    Runs,
    axis,
    dash_of,
    label_of,
    register,
    thinned,
    valued,
)
from ganviz.charts.lines import (
    add_line,
    centred_mean,
    iterations_of,
    robust,
    single,
)
from ganviz.charts.smoothing import trailing_mean
from ganviz.columns import Columns
from ganviz.diagnosis import MEANS_OF, memorises
from ganviz.levels import TERM_EQUILIBRIUM, V_EQUILIBRIUM, V_SUPREMUM
from ganviz.say import Message, _

FEW = 12
"""Measurements up to which each is marked: a line between two that lie far apart is a guess."""

BAND_ERRORS = 2
"""Half the height of the noise band, in standard errors of V."""


@register("Value function V(D, G)", title="V(D, G), the value function", over_iterations=True)
def value(runs: Runs, *, smooth: int = 25) -> Drawing:
    """V(D, G) against iterations, with its supremum 0 and its equilibrium −ln 4.

    The thin line is V of each recorded batch, the thick one its trailing mean, the band the mean
    ± 2 standard errors of one batch: wiggles inside it are the luck of the draw. Above it, V of the
    best D that is known, thin as it was measured and thick as a mean of five: the distance between
    the two is D's lag, that of the upper one from −ln 4 is G's error. V of D on held-out data is
    drawn where D knows its training data by heart.

    Args:
        runs: id to snapshot; reads `history` columns `step`, `value` and `value_se`, and of
            `readings.gaps` `optimal`, `fresh` and `held_out`, all in nats. No runs, or no rows,
            give an empty plot.
        smooth: window of the trailing mean in recorded points, at least 1.

    Raises:
        ValueError: if `smooth` is below 1.
    """
    chart = Drawing(
        runs,
        events=True,
        xaxis=iterations_of(valued(runs)),
        yaxis=_nats(valued(runs), ("value",), V_EQUILIBRIUM, _of_other_ds(valued(runs))),
    )
    for run, snapshot in valued(runs).items():
        v, se = snapshot.history["value"], snapshot.history["value_se"]
        mean = trailing_mean(v, smooth)
        keep = thinned(len(v))
        x = single(snapshot.history["step"][keep])
        of_v: dict[str, Any] = {"meta": {"run": run, "part": "value"}}
        if len(runs) == 1 and len(keep):
            edge = np.where(np.isfinite(se[keep]), BAND_ERRORS * se[keep], np.nan)
            _add_band(chart, x, single(mean[keep] - edge), single(mean[keep] + edge))
            pale = palette.faint(palette.VALUE, 0.45)
            add_line(chart, x, v[keep], _("V of one batch"), pale, 1, **of_v)
        name, dash = label_of(run, _("V, trailing mean"), runs), dash_of(run, runs)
        add_line(chart, x, mean[keep], name, palette.VALUE, 2.5, dash, **of_v)
        _add_other_ds(chart, run, snapshot.readings.gaps)
    chart.level(V_SUPREMUM, _("0: D always right"), under=False)  # V comes from below
    chart.level(V_EQUILIBRIUM, _("−ln 4: D at ½"))
    chart.needs_value()
    return chart


def _of_other_ds(runs: Runs) -> NDArray[np.float64]:
    """All V that is not of the training D: it is shown whole, however low it lies."""
    tables = [snapshot.readings.gaps for snapshot in runs.values()]
    parts = [t[column] for t in tables for column in ("optimal", "fresh")]
    parts += [t["held_out"] for t in tables if memorises(t)]
    return np.concatenate(parts) if parts else np.empty(0)


def _add_other_ds(chart: Drawing, run: str, gaps: Columns) -> None:
    """V of the optimal D and of fresh ones; V of the training D on data that it never saw."""
    _add_measured(chart, run, gaps, "optimal", _("V of the optimal D"), palette.BEST_D)
    if memorises(gaps):
        _add_measured(chart, run, gaps, "held_out", _("V on held-out data"), palette.HELD_OUT)
    fitted = np.flatnonzero(np.isfinite(gaps["fresh"]))
    if len(fitted):
        # One is fitted now and then: its marks are measurements, a line only leads the eye.
        known = np.isfinite(gaps["optimal"]).any()
        mark = {"size": 5, "color": palette.BEST_D}
        rare = {"mode": "markers" if known else "lines+markers", "marker": mark}
        keep, name = fitted[thinned(len(fitted))], label_of(run, _("V of a fresh D"), chart.runs)
        x, dash = single(gaps["step"][keep]), dash_of(run, chart.runs)
        add_line(chart, x, gaps["fresh"][keep], name, palette.BEST_D, 1.5, dash, **rare)


def _add_measured(
    chart: Drawing, run: str, gaps: Columns, column: str, name: Message, colour: str
) -> None:
    """What is measured often: thin as it is, thick as a mean."""
    measured = np.flatnonzero(np.isfinite(gaps[column]))
    if not len(measured):
        return
    keep = thinned(len(measured))
    values, x = gaps[column][measured], single(gaps["step"][measured[keep]])
    name, dash = label_of(run, name, chart.runs), dash_of(run, chart.runs)
    if len(measured) == 1:  # which is no line yet
        look = {"mode": "markers", "marker": {"size": 5, "color": colour}}
        add_line(chart, x, values, name, colour, 1, dash, **look)
        return
    # Pale by its opacity: the legend shows the colour itself, which the mean has too.
    pale: dict[str, Any] = {"opacity": 0.45}
    if len(measured) <= FEW:
        pale |= {"mode": "lines+markers", "marker": {"size": 5, "color": colour}}
    add_line(chart, x, values[keep], name, colour, 1, dash, **pale)
    means, mean = centred_mean(values)[keep], _("{name}, mean of {n}", name=name, n=MEANS_OF)
    add_line(chart, x, means, mean, colour, 2, dash, showlegend=False)


@register("D term and G term", title="D and G terms", over_iterations=True)
def terms(runs: Runs, *, smooth: int = 25) -> Drawing:
    """The two halves of V: E ln D(x) and E ln(1 − D(G(z))), each −ln 2 where D is at one half.

    Args:
        runs: id to snapshot; reads `history` columns `step`, `d_term` and `g_term`.
        smooth: window of the trailing mean in recorded points, at least 1.

    Raises:
        ValueError: if `smooth` is below 1.
    """
    y = _nats(valued(runs), ("d_term", "g_term"), TERM_EQUILIBRIUM)
    chart = Drawing(runs, events=True, xaxis=iterations_of(valued(runs)), yaxis=y)
    lines = {
        "d_term": (_("D term: ln D(x)"), palette.DISCRIMINATOR),
        "g_term": (_("G term: ln(1 − D(G(z)))"), palette.GENERATOR),
    }
    _add_columns(chart, valued(runs), lines, smooth)
    chart.level(TERM_EQUILIBRIUM, "−ln 2")
    chart.needs_value()
    return chart


@register("D's accuracy", title="Accuracy", over_iterations=True)
def accuracy(runs: Runs, *, smooth: int = 25) -> Drawing:
    """The share of data that D calls real and of fakes that it calls fake; one half is a coin.

    Args:
        runs: id to snapshot; reads `history` columns `step`, `acc_real` and `acc_fake`.
        smooth: window of the trailing mean in recorded points, at least 1.

    Raises:
        ValueError: if `smooth` is below 1.
    """
    y = axis(_("share right"), range=[-0.03, 1.03])
    chart = Drawing(runs, events=True, xaxis=iterations_of(valued(runs)), yaxis=y)
    lines = {"acc_real": (_("on data"), palette.REAL), "acc_fake": (_("on fakes"), palette.FAKE)}
    _add_columns(chart, valued(runs), lines, smooth)
    chart.level(0.5, _("½: a coin"))
    chart.needs_value()
    return chart


@register("Gradient norms", title="Gradients", over_iterations=True)
def gradients(runs: Runs, *, smooth: int = 25) -> Drawing:
    """The length of each player's last gradient, on a log axis: how hard each is pushed.

    Args:
        runs: id to snapshot; reads `history` columns `step`, `grad_norm_d` and `grad_norm_g`.
        smooth: window of the trailing mean in recorded points, at least 1.

    Raises:
        ValueError: if `smooth` is below 1.
    """
    y = axis(_("norm"), type="log", exponentformat="power", **_decades(runs))
    chart = Drawing(runs, events=True, xaxis=iterations_of(runs), yaxis=y)
    lines = {
        "grad_norm_d": (_("D's gradient"), palette.DISCRIMINATOR),
        "grad_norm_g": (_("G's gradient"), palette.GENERATOR),
    }
    _add_columns(chart, runs, lines, smooth)
    return chart


def _add_columns(
    chart: Drawing, runs: Runs, lines: dict[str, tuple[Message, str]], smooth: int
) -> None:
    """Each named column of each run: raw and thin where there is one run, its mean and thick."""
    for run, snapshot in runs.items():
        keep = thinned(snapshot.history.rows)
        x = single(snapshot.history["step"][keep])
        dash = dash_of(run, chart.runs)
        for column, (name, colour) in lines.items():
            raw = snapshot.history[column]
            mean = trailing_mean(raw, smooth)[keep]
            if len(chart.runs) == 1:
                add_line(chart, x, raw[keep], None, palette.faint(colour, 0.3), 1)
            add_line(chart, x, mean, label_of(run, name, chart.runs), colour, 2, dash)


def _add_band(
    chart: Drawing, x: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32]
) -> None:
    chart.add(
        {
            "type": "scatter",
            "mode": "lines",
            "x": np.concatenate([x, x[::-1]]),
            "y": np.concatenate([high, low[::-1]]),
            "name": _("± {n} standard errors", n=BAND_ERRORS),
            "fill": "toself",
            "fillcolor": palette.faint(palette.VALUE, 0.18),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
    )


def _decades(runs: Runs) -> dict[str, Any]:
    """Ticks at whole powers of ten, eight at most: norms span twenty before a run diverges."""
    columns = ("grad_norm_d", "grad_norm_g")
    norms = np.concatenate([[], *(s.history[c] for s in runs.values() for c in columns)])
    norms = norms[np.isfinite(norms) & (norms > 0)]
    if not norms.size:
        return {"dtick": 1, "range": [-4, 1]}
    return {"dtick": max(1, int(np.ceil(np.ptp(np.log10(norms)) / 8)))}


def _nats(
    runs: Runs, columns: tuple[str, ...], level: float, whole: NDArray[np.float64] | None = None
) -> dict[str, Any]:
    """From just above 0 down past `level` and 98 % of the values: one spike flattens nothing.

    Above 0 is room for that line's name. Of `whole`, though, nothing is cut off.
    """
    if not runs:
        return axis(_("nats"), range=[1.2 * level, -0.1 * level])
    seen = robust(np.concatenate([s.history[c] for s in runs.values() for c in columns]))
    low = level if seen is None else seen[0]
    if whole is not None:
        low = min(low, float(np.min(whole[np.isfinite(whole)], initial=low)))
    bottom = min(1.2 * level, float(np.floor(low * 5 - 0.5)) / 5)
    ends = [bottom, -bottom / 12]
    room = {"include": ends, "clipmin": ends[0], "clipmax": ends[1]}
    return axis(_("nats"), autorangeoptions=room)
