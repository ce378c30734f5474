"""The live board: one component that holds every chart, so that a redraw never mounts a new plot.

Streamlit's own chart element is a new one on each change of its figure: zoom and hover are lost and
the browser works twice as hard. This component calls `Plotly.react` on one div per chart instead.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from plotly.offline import get_plotlyjs

from ganviz.charts import CHARTS
from ganviz.say import say
from ganviz.snapshot import Snapshot
from ganviz.ui import text
from ganviz.ui.figures import Figures

FIXED = ("value", "samples")
"""Charts with a place of their own, the upper row."""

CARDS = (
    ("terms", "losses", "gaps", "zigzag"),
    ("histogram", "saturation", "accuracy", "gradients"),
    ("quality", "shares", "precision_recall"),
)
"""The lower row: charts that share a place, behind tabs; the first is open unless a preset says
otherwise."""

_HERE = Path(__file__).parent

_PLOT = '<ul class="legend"></ul><div class="plot"></div><p class="caption"></p>'


def _title(name: str) -> str:
    return say(CHARTS[name].facts["title"])


def _fixed(name: str) -> str:
    return (
        f'<section class="card st-key-chart_{name}" data-chart="{name}">'
        f"<h4>{_title(name)}</h4>{_PLOT}</section>"
    )


def _tabbed(names: Sequence[str]) -> str:
    heads = "".join(
        f'<button type="button" role="tab" id="tab_{name}" aria-controls="panel_{name}" '
        f'data-tab="{name}">{_title(name)}</button>'
        for name in names
    )
    panels = "".join(
        f'<div role="tabpanel" id="panel_{name}" aria-labelledby="tab_{name}" '
        f'class="panel st-key-chart_{name}" data-chart="{name}">{_PLOT}</div>'
        for name in names
    )
    return f'<section class="card tabbed"><div role="tablist">{heads}</div>{panels}</section>'


def _table() -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in text.NUMBERS_HEAD)
    return (
        f'<details class="numbers st-key-numbers"><summary><b>{text.NUMBERS}</b> '
        '<span class="verdict"></span></summary>'
        f"<table><thead><tr>{heads}</tr></thead><tbody></tbody></table></details>"
    )


# Plotly's code travels with every message of the component that holds it: this one is drawn outside
# the fragment, so it is sent once.
_plotly = st.components.v2.component(
    "ganviz_plotly",
    js=get_plotlyjs() + "\nexport default function () {}",
    isolate_styles=False,
)

_board = st.components.v2.component(
    "ganviz_board",
    html=(
        '<div class="ganviz-board"><p class="hint" hidden></p><div class="charts">'
        + "".join(map(_fixed, FIXED))
        + "".join(map(_tabbed, CARDS))
        + f"</div>{_table()}</div>"
    ),
    css=(_HERE / "board.css").read_text(encoding="utf8"),
    js=(_HERE / "board.js").read_text(encoding="utf8"),
    isolate_styles=False,
)

_figures = Figures()


class Opening(NamedTuple):
    """Which tabs a preset opens."""

    preset: str
    """Where it changes, its charts are opened; between changes, tabs are as a person left them."""
    charts: tuple[str, ...]
    """A card that holds none of them opens its first."""


def load_plotly() -> None:
    """Bring Plotly's code to the browser; once a page, outside the fragment."""
    _plotly(key="plotly")


def draw(
    snapshots: Mapping[str, Snapshot], runs: str, hint: str, opening: Opening, *, noticed: bool
) -> None:
    """Show all charts of these runs, id to snapshot; none gives empty charts.

    Args:
        snapshots: what to show.
        runs: names what is shown; where it changes, charts forget a reader's zoom.
        hint: what to do first, written over the charts; or nothing.
        opening: which tabs are open until a person picks others.
        noticed: a notice takes a line of the room above.
    """
    payload = _payload(tuple(snapshots.items()), runs, hint, opening, noticed)
    _board(key="board", data=payload)


@lru_cache(maxsize=4)
def _payload(
    labelled: tuple[tuple[str, Snapshot], ...],
    runs: str,
    hint: str,
    opening: Opening,
    noticed: bool,
) -> bytes:
    """All figures and words as one JSON text. Bytes, as Streamlit hands those on unread."""
    snapshots = dict(labelled)
    first = next(iter(snapshots.values()), None)
    names = (*FIXED, *(name for card in CARDS for name in card))
    figures = ",".join(f'"{name}":{_figures.of(name, snapshots)}' for name in names)
    rest = {
        "captions": text.captions(first),
        "numbers": {"verdict": text.verdict(first), "rows": text.numbers(first)},
        "preset": opening.preset,
        "open": opening.charts,
        "hint": hint,
        "noticed": noticed,
        "runs": runs,
    }
    return f'{{"charts":{{{figures}}},{json.dumps(rest)[1:]}'.encode()
