"""Small plots of one run each, side by side in one figure, and the numbers of a run's modes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganviz.charts.base import Drawing, label_of
from ganviz.snapshot import Floats, Snapshot

NUMBERED = 30
"""Modes up to which each has its number, as in the chart of shares."""


@dataclass(frozen=True)
class SmallPlot:
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
        """Draw `trace` here; its name, a message, gets the run's label where there are several."""
        place: dict[str, Any] = {"xaxis": self.x, "yaxis": self.right if right else self.y}
        if "name" in trace:
            place["name"] = label_of(self.run, trace["name"], self.chart.runs)
        self.chart.add(trace | place)

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


def numbered_modes(snapshot: Snapshot) -> dict[str, list[float]]:
    """Label to centre, where there are several, and few enough to be told apart."""
    modes: dict[str, list[float]] = snapshot.facts.get("modes", {})
    return modes if 1 < len(modes) <= NUMBERED else {}


def numbers(labels: list[str], centres: Floats, middle: Floats) -> dict[str, Any]:
    """The modes' labels, each beside its mode: outside of a ring, else all on the same side."""
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": centres[:, 0],
        "y": centres[:, 1],
        "text": labels,
        "textposition": _sides(centres - middle),
        "textfont": {"size": 11, "weight": "bold"},
        # Plotly keeps text clear of its marker: one that nobody sees holds it off the points.
        "marker": {"size": 14, "opacity": 0},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _sides(outwards: Floats) -> list[str]:
    """Where the text of modes stands that lie at `outwards` from the middle, shape `(n, 2)`.

    >>> _sides(np.array([[1, 0], [0, -1], [-0.7, 0.7]]))
    ['middle right', 'bottom center', 'top left']
    >>> _sides(np.array([[1, 0], [0, 0]]))
    ['top right', 'top right']
    """
    apart = np.linalg.norm(outwards, axis=1)
    if apart.min() < 0.5 * apart.max():
        return ["top right"] * len(outwards)
    sides = np.where(np.abs(outwards) < 0.35 * apart[:, None], 0, np.sign(outwards)).astype(int)
    across, along = {-1: "left", 0: "center", 1: "right"}, {-1: "bottom", 0: "middle", 1: "top"}
    return [f"{along[y]} {across[x]}" for x, y in sides.tolist()]


def around(low: float, high: float, spare: float) -> list[float]:
    """The ends of an axis with `spare` on either side."""
    return [float(low - spare), float(high + spare)]
