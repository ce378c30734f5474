"""The live board: one component that holds every chart, so that a redraw never mounts a new plot.

Streamlit's own chart element is a new one on each change of its figure: zoom and hover are lost and
the browser works twice as hard. This component calls `Plotly.react` on one div per chart instead.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from plotly.offline import get_plotlyjs

from ganviz.charts import CHARTS
from ganviz.charts.cast import Cast
from ganviz.say import Text, language, say
from ganviz.snapshot import Snapshot
from ganviz.ui import text
from ganviz.ui.figures import ALIKE, Figures, cast_key
from ganviz.ui.presses import NUMBERED_BY

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

# No word stands in the page itself: all come with what is drawn, in the reader's language.
_PLOT = '<ul class="legend"></ul><div class="plot"></div><p class="caption"></p>'


def _fixed(name: str) -> str:
    return (
        f'<section class="card st-key-chart_{name}" data-chart="{name}">'
        f'<h4 data-title="{name}"></h4>{_PLOT}</section>'
    )


def _tabbed(names: Sequence[str]) -> str:
    heads = "".join(
        f'<button type="button" role="tab" id="tab_{name}" aria-controls="panel_{name}" '
        f'data-tab="{name}" data-title="{name}"></button>'
        for name in names
    )
    panels = "".join(
        f'<div role="tabpanel" id="panel_{name}" aria-labelledby="tab_{name}" '
        f'class="panel st-key-chart_{name}" data-chart="{name}">{_PLOT}</div>'
        for name in names
    )
    return f'<section class="card tabbed"><div role="tablist">{heads}</div>{panels}</section>'


_TABLE = (
    '<details class="numbers st-key-numbers"><summary><b></b> <span class="verdict"></span>'
    "</summary><table><thead><tr></tr></thead><tbody></tbody></table></details>"
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
        + f"</div>{_TABLE}</div>"
    ),
    css=(_HERE / "board.css").read_text(encoding="utf8"),
    # One module, as a component has one. It numbers presses because it lives where the buttons do:
    # another one's message would not be theirs.
    js="\n".join(
        (_HERE / f"{part}.js").read_text(encoding="utf8") for part in ("presses", "board")
    ),
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
    snapshots: Mapping[str, Snapshot],
    shown: Snapshot | None,
    hint: Text | None,
    opening: Opening,
    *,
    cast: Cast = ALIKE,
    buttons: Mapping[str, Any],
    pressed: Callable[[], None],
    noticed: bool,
) -> None:
    """Show all charts of these runs, id to snapshot; none gives empty charts.

    Args:
        snapshots: what to show, by the run's id; where another one leads, charts forget a
            reader's zoom.
        shown: of the run that captions and the table speak of.
        hint: what to do first, written over the charts; or None.
        opening: which tabs are open until a person picks others.
        cast: the part that each run plays.
        buttons: whose presses are numbered, as `presses.js` takes it.
        pressed: called when presses were numbered; `presses.due` gives them.
        noticed: a notice takes a line of the room above.
    """
    given = json.dumps(buttons)
    figures = _Cast(cast, cast_key(cast))
    by_id = tuple(snapshots.items())
    payload = _payload(by_id, shown, hint, opening, figures, given, noticed, language())
    _board(key=NUMBERED_BY, data=payload, on_presses_change=pressed)


@dataclass(frozen=True)
class _Cast:
    """A cast that can be looked up by what it changes."""

    cast: Cast = field(compare=False)
    key: tuple[Any, ...]


@lru_cache(maxsize=4)
def _payload(
    by_id: tuple[tuple[str, Snapshot], ...],
    shown: Snapshot | None,
    hint: Text | None,
    opening: Opening,
    casting: _Cast,
    buttons: str,
    noticed: bool,
    spoken: str,
) -> bytes:
    """All figures and words as one JSON text. Bytes, as Streamlit hands those on unread.

    `spoken` is their language: another one makes another payload.
    """
    snapshots = dict(by_id)
    names = (*FIXED, *(name for card in CARDS for name in card))
    figures = ",".join(f'"{name}":{_figures.of(name, snapshots, casting.cast)}' for name in names)
    rest = {
        "titles": {name: say(CHARTS[name].facts["title"]) for name in names},
        "captions": text.captions(shown, pale=len(snapshots) > 1),
        "numbers": {
            "title": str(text.NUMBERS),
            "head": [str(head) for head in text.NUMBERS_HEAD],
            "verdict": text.verdict(shown),
            "rows": text.numbers(shown),
        },
        "preset": opening.preset,
        "open": opening.charts,
        "hint": str(hint or ""),
        "noticed": noticed,
        "runs": casting.cast.lead or " ".join(snapshots),
    }
    return f'{{"charts":{{{figures}}},"buttons":{buttons},{json.dumps(rest)[1:]}'.encode()
