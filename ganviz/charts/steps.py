"""How numbers are spread over bins, drawn as a line of steps."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganviz.say import Text


def shares_of(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of values in each bin; what is not finite falls in none, and lowers the sum.

    >>> shares_of(np.array([0.1, 0.6, 0.7, np.nan]), np.array([0.0, 0.5, 1.0])).tolist()
    [0.25, 0.5]
    """
    counts, _ = np.histogram(values[np.isfinite(values)], edges)
    shares: NDArray[np.float64] = counts / max(len(values), 1)
    return shares


def steps(
    edges: NDArray[np.float64], shares: NDArray[np.float64], name: Text, colour: str, **line: Any
) -> dict[str, Any]:
    """The trace of shares between `edges`, one more than there are shares.

    Args:
        edges: ascending, shape `(n + 1,)`.
        shares: shape `(n,)`.
        name: in the legend.
        colour: of the line.
        line: what else Plotly's `line` takes.
    """
    return {
        "type": "scatter",
        "mode": "lines",
        "x": edges.astype(np.float32),
        # The last share again, so that the step of the last bin is drawn to its end.
        "y": np.append(shares, shares[-1:]).astype(np.float32),
        "name": name,
        "line": {"shape": "hv", "color": colour} | line,
        "hovertemplate": "%{y:.1%}",
    }
