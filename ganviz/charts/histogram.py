"""D(x) against D(G(z))."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import CHARTS, Drawing, Runs, axis, dash_of, label_of, valued


@CHARTS.register("D(x) against D(G(z))")
def histogram(runs: Runs, *, bins: int = 30) -> go.Figure:
    """How D's verdicts on data and on fakes are spread, from 0 (surely fake) to 1 (surely real).

    Args:
        runs: label to snapshot; reads `real_logits` and `fake_logits`, each shape `(n,)`. Several
            runs are told apart by dash.
        bins: bars between 0 and 1, at least 1.

    Raises:
        ValueError: if `bins` is below 1.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    chart = Drawing(runs, xaxis=axis("D, the probability of real", range=[0, 1]))
    edges = np.linspace(0, 1, bins + 1)
    highest = 0.0
    for run, snapshot in valued(runs).items():
        dash = dash_of(run, runs)
        for logits, name, colour in (
            (snapshot.real_logits, "D(x): data", palette.REAL),
            (snapshot.fake_logits, "D(G(z)): fakes", palette.FAKE),
        ):
            shares = _shares(logits, edges)
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
    return chart.figure()


def _shares(logits: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of samples in each bin; NaN, which falls in none, lowers the sum."""
    with np.errstate(over="ignore"):  # exp(+big) = inf gives the right probability, 0
        probability = 1 / (1 + np.exp(-logits.astype(np.float64)))
    counts, _ = np.histogram(probability[np.isfinite(probability)], edges)
    shares: NDArray[np.float64] = counts / max(len(logits), 1)
    return shares
