"""D(x) against D(G(z))."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts import palette
from ganviz.charts.base import Drawing, Runs, axis, dash_of, label_of, register, valued
from ganviz.charts.steps import shares_of, steps
from ganviz.say import _

ZOOMS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Distances from ½ to which the axis may go: a few, so that it seldom changes."""

Floats = NDArray[np.float64]


@register("D(x) against D(G(z))", title="D(x), D(G(z))")
def histogram(runs: Runs, *, bins: int = 30) -> Drawing:
    """How D's verdicts on data and on fakes are spread, from 0 (surely fake) to 1 (surely real).

    Where all of them lie near ½ the axis goes no further than they do, and says so.

    Args:
        runs: id to snapshot; reads `real_logits` and `fake_logits`, each shape `(n,)`. Several
            runs are told apart by dash.
        bins: bars across the axis, at least 1.

    Raises:
        ValueError: if `bins` is below 1.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    judged = {
        run: (_probabilities(s.real_logits), _probabilities(s.fake_logits))
        for run, s in valued(runs).items()
    }
    low, high = _ends([d for pair in judged.values() for d in pair])
    chart = Drawing(runs, xaxis=_across(low, high, drawn=bool(judged)))
    edges = np.linspace(low, high, bins + 1)
    seen = [_add_shares(chart, run, edges, *pair) for run, pair in judged.items()]
    # Tenths: the axis stands still while the bars move, until they need another tenth.
    top = float(np.ceil(max([0.05, *seen]) * 10 + 0.2)) / 10
    room: dict[str, Any] = {"range": [0, top]}
    if valued(runs):
        room = {"autorangeoptions": {"include": [0, top], "clipmin": 0, "clipmax": top}}
    chart.layout["yaxis"] = axis(_("share of samples"), tickformat=".0%", **room)
    if valued(runs) or not runs:
        chart.mark(x=0.5)
    chart.needs_value()
    return chart


def _add_shares(chart: Drawing, run: str, edges: Floats, real: Floats, fake: Floats) -> float:
    """Draw the verdicts of one run; gives the largest share."""
    highest = 0.0
    for probability, name, colour in (
        (real, _("D(x): data"), palette.REAL),
        (fake, _("D(G(z)): fakes"), palette.FAKE),
    ):
        shares = shares_of(probability, edges)
        highest = max(highest, float(shares.max()))
        label, dash = label_of(run, name, chart.runs), dash_of(run, chart.runs)
        line = steps(edges, shares, label, colour, width=1.5, dash=dash)
        faint = palette.faint(colour, 0.3 / len(chart.runs))
        chart.add(line | {"fill": "tozeroy", "fillcolor": faint})
    return highest


def _probabilities(logits: NDArray[np.float32]) -> Floats:
    with np.errstate(over="ignore"):  # exp(+big) = inf gives the right probability, 0
        probability: Floats = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return probability


def _ends(judged: list[Floats]) -> tuple[float, float]:
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
    title = _("D, the probability of real")
    if high < 1:
        title = _(
            "D, the probability of real: all within {low:.2g} to {high:.2g}", low=low, high=high
        )
    room = {"include": [low, high], "clipmin": low, "clipmax": high}
    limits: dict[str, Any] = {"autorangeoptions": room} if drawn else {"range": [low, high]}
    return axis(title, **limits)
