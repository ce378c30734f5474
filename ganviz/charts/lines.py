"""Lines over iterations: what the charts of curves and of instruments have in common."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.charts.base import Drawing, Runs, axis
from ganviz.diagnosis import MEANS_OF
from ganviz.say import Text, _


def iterations(last: float | None, **settings: Any) -> dict[str, Any]:
    """The axis of iterations, from 0 to `last` at least; None where there is nothing."""
    if last is None:
        return axis(_("iteration"), range=[0, 100], **settings)
    # Axes are steered by `autorangeoptions`, never by a `range` that changes from frame to frame:
    # where the range in a new figure differs from the last, Plotly drops a reader's zoom.
    # Markers near the start do not stretch it below 0.
    room = {"include": [0, max(float(last), 10)], "clipmin": 0}
    return axis(_("iteration"), **({"tickformat": ",d", "autorangeoptions": room} | settings))


def iterations_of(runs: Runs, **settings: Any) -> dict[str, Any]:
    """The axis of the iterations that these runs have recorded."""
    rows = (s.history["step"][-1] for s in runs.values() if s.history.rows)
    return iterations(max(rows, default=0.0) if runs else None, **settings)


def single(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Half the bytes on the way to the browser; a screen shows fewer digits still."""
    with np.errstate(over="ignore"):  # beyond float32 is infinity, which no chart can show either
        return values.astype(np.float32)


def add_line(
    chart: Drawing,
    x: NDArray[np.float32],
    y: NDArray[np.float64],
    name: Text | None,
    colour: str,
    width: float,
    dash: str = "solid",
    **more: Any,
) -> None:
    """One line; without a name it shows neither in the legend nor under the pointer."""
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": single(y),
        "name": name or "",
        "line": {"color": colour, "width": width, "dash": dash},
        "showlegend": name is not None,
        "hovertemplate": "%{y:.4g}",
    }
    if name is None:
        trace["hoverinfo"] = "skip"
        del trace["hovertemplate"]
    chart.add(trace | more)


def centred_mean(values: NDArray[np.float64], window: int = MEANS_OF) -> NDArray[np.float64]:
    """Mean of each value and as many on either side, `window` in all, fewer at the ends.

    As it is centred, a straight trend is not shifted: what is measured once a second may fall far
    from one measurement to the next, and a trailing mean would show what has long gone.

    Args:
        values: shape `(n,)`, all finite.
        window: odd, at least 1.

    >>> centred_mean(np.array([1.0, 2.0, 3.0, 8.0]), 3).tolist()
    [1.0, 2.0, 4.333333333333333, 8.0]
    """
    at, apart = np.arange(len(values)), np.arange(-(window // 2), window // 2 + 1)
    reach = np.minimum(window // 2, np.minimum(at, at[::-1]))
    near = np.take(values, at[:, None] + apart, mode="clip")
    inside = np.abs(apart) <= reach[:, None]
    means: NDArray[np.float64] = np.where(inside, near, 0).sum(1) / (2 * reach + 1)
    return means


def robust(values: NDArray[np.float64], part: float = 0.02) -> tuple[float, float] | None:
    """The ends that hold all but `part` of the finite values on either side; None without any.

    >>> robust(np.array([np.nan]))
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    low, high = np.quantile(finite, [part, 1 - part])
    return float(low), float(high)
