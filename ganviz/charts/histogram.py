"""D(x) against D(G(z))."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import Drawing, Runs, axis, dash_of, label_of, register, valued

ZOOMS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Distances from ½ to which the axis may go: a few, so that it seldom changes."""


@register("D(x) against D(G(z))")
def histogram(runs: Runs, *, bins: int = 30) -> Drawing:
    """How D's verdicts on data and on fakes are spread, from 0 (surely fake) to 1 (surely real).

    Where all of them lie near ½ the axis goes no further than they do, and says so.

    Args:
        runs: label to snapshot; reads `real_logits` and `fake_logits`, each shape `(n,)`. Several
            runs are told apart by dash.
        bins: bars across the axis, at least 1.

    Raises:
        ValueError: if `bins` is below 1.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    judged = {
        run: [_probabilities(logits) for logits in (s.real_logits, s.fake_logits)]
        for run, s in valued(runs).items()
    }
    low, high = _ends([d for pair in judged.values() for d in pair])
    chart = Drawing(runs, xaxis=_across(low, high, drawn=bool(judged)))
    edges = np.linspace(low, high, bins + 1)
    highest = 0.0
    for run, (real, fake) in judged.items():
        dash = dash_of(run, runs)
        for probability, name, colour in (
            (real, "D(x): data", palette.REAL),
            (fake, "D(G(z)): fakes", palette.FAKE),
        ):
            shares = _shares(probability, edges)
            highest = max(highest, float(shares.max()))
            chart.add(
                {
                    "type": "scatter",
                    "mode": "lines",
                    # The last share again, so that the step of the last bin is drawn to its end.
                    "x": edges.astype(np.float32),
                    "y": np.append(shares, shares[-1:]).astype(np.float32),
                    "name": label_of(run, name, runs),
                    "line": {"shape": "hv", "color": colour, "width": 1.5, "dash": dash},
                    "fill": "tozeroy",
                    "fillcolor": palette.faint(colour, 0.3 / len(runs)),
                    "hovertemplate": "%{y:.1%}",
                }
            )
    # Tenths: the axis stands still while the bars move, until they need another tenth.
    top = float(np.ceil(max(highest, 0.05) * 10 + 0.2)) / 10
    room: dict[str, Any] = {"range": [0, top]}
    if valued(runs):
        room = {"autorangeoptions": {"include": [0, top], "clipmin": 0, "clipmax": top}}
    chart.layout["yaxis"] = axis("share of samples", tickformat=".0%", **room)
    if valued(runs) or not runs:
        chart.mark(x=0.5)
    chart.needs_value()
    return chart


def _probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # exp(+big) = inf gives the right probability, 0
        probability: NDArray[np.float64] = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return probability


def _ends(judged: list[NDArray[np.float64]]) -> tuple[float, float]:
    """The narrowest axis about ½ that holds all probabilities.

    >>> _ends([np.array([0.46, np.nan]), np.array([0.52])])
    (0.45, 0.55)
    """
    every = np.concatenate(judged) if judged else np.empty(0)
    finite = every[np.isfinite(every)]
    most = float(np.abs(finite - 0.5).max()) if len(finite) else ZOOMS[-1]
    zoom = next((zoom for zoom in ZOOMS if most <= zoom), ZOOMS[-1])
    return 0.5 - zoom, 0.5 + zoom


def _across(low: float, high: float, *, drawn: bool) -> dict[str, Any]:
    """The axis of D from `low` to `high`, which its title says if they are not 0 and 1."""
    near = f": all within {low:.2g} to {high:.2g}" if high < 1 else ""
    room = {"include": [low, high], "clipmin": low, "clipmax": high}
    limits: dict[str, Any] = {"autorangeoptions": room} if drawn else {"range": [low, high]}
    return axis(f"D, the probability of real{near}", **limits)


def _shares(probability: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of samples in each bin; NaN, which falls in none, lowers the sum."""
    counts, _ = np.histogram(probability[np.isfinite(probability)], edges)
    shares: NDArray[np.float64] = counts / max(len(probability), 1)
    return shares
