"""The live board: one component that holds every chart, so that a redraw never mounts a new plot.

Streamlit's own chart element is a new one on each change of its figure: zoom and hover are lost and
the browser works twice as hard. This component calls `Plotly.react` on one div per chart instead.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import streamlit as st
from plotly.offline import get_plotlyjs

from ganviz.charts import CHARTS
from ganviz.snapshot import Snapshot
from ganviz.ui import text

TABBED = ("accuracy", "gradients")
"""Charts that share the last place on the board."""

_HERE = Path(__file__).parent


_PLOT = '<ul class="legend"></ul><div class="plot"></div><p class="caption"></p>'


def _card(name: str) -> str:
    return (
        f'<section class="card st-key-chart_{name}" data-chart="{name}">{_inside(name)}</section>'
    )


def _inside(name: str) -> str:
    return f"<h4>{text.TITLES[name]}</h4>{_PLOT}"


def _tabs() -> str:
    heads = "".join(
        f'<button role="tab" aria-selected="{str(i == 0).lower()}" data-tab="{name}">'
        f"{text.TITLES[name]}</button>"
        for i, name in enumerate(TABBED)
    )
    panels = "".join(
        f'<div role="tabpanel" class="panel st-key-chart_{name}" data-chart="{name}">{_PLOT}</div>'
        for name in TABBED
    )
    return f'<section class="card tabbed"><div role="tablist">{heads}</div>{panels}</section>'


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
        '<div class="ganviz-board"><p class="hint" hidden></p>'
        + "".join(_card(name) for name in CHARTS if name not in TABBED)
        + _tabs()
        + "</div>"
    ),
    css=(_HERE / "board.css").read_text(encoding="utf8"),
    js=(_HERE / "board.js").read_text(encoding="utf8"),
    isolate_styles=False,
)


def load_plotly() -> None:
    """Bring Plotly's code to the browser; once a page, outside the fragment."""
    _plotly(key="plotly")


def draw(snapshots: Mapping[str, Snapshot], runs: str, hint: str) -> None:
    """Show all charts of these runs, label to snapshot; none gives empty charts.

    Args:
        snapshots: what to show.
        runs: names what is shown; where it changes, charts forget a reader's zoom.
        hint: what to do first, written over the charts; or nothing.
    """
    _board(key="board", data=_payload(tuple(snapshots.items()), runs, hint))


@lru_cache(maxsize=4)
def _payload(labelled: tuple[tuple[str, Snapshot], ...], runs: str, hint: str) -> bytes:
    """All figures and captions as one JSON text. Bytes, as Streamlit hands those on unread."""
    snapshots = dict(labelled)
    figures = ",".join(f'"{name}":{CHARTS[name].fn(snapshots).to_json()}' for name in CHARTS)
    captions = json.dumps(text.captions(next(iter(snapshots.values()), None)))
    rest = f'"captions":{captions},"hint":{json.dumps(hint)},"runs":{json.dumps(runs)}'
    return f'{{"charts":{{{figures}}},{rest}}}'.encode()
