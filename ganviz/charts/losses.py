"""What each player minimises, as its loss has it."""

from dataclasses import dataclass

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
)
from ganviz.charts.lines import add_line, iterations_of, robust, single
from ganviz.charts.smoothing import trailing_mean
from ganviz.digits import compact
from ganviz.say import Message, Text, _, listed
from ganviz.snapshot import Snapshot


@dataclass(frozen=True)
class _Player:
    """The row of one player: D's is the upper one."""

    column: str
    fact: str
    name: Message
    still: Message
    """That it is frozen."""
    colour: str
    y: str
    domain: tuple[float, float]


D = _Player(
    "d_loss",
    "equilibrium",
    _("L_D"),
    _("D is not updated"),
    palette.DISCRIMINATOR,
    "y",
    (0.54, 1.0),
)
G = _Player(
    "g_loss",
    "equilibrium_g",
    _("L_G"),
    _("G is not updated"),
    palette.GENERATOR,
    "y2",
    (0.0, 0.46),
)


@register("The players' own losses", title="Losses", over_iterations=True)
def losses(runs: Runs, *, smooth: int = 25) -> Drawing:
    """L_D above and L_G below, as the players minimise them, each with the loss's equilibrium.

    The dashed level is what a player's loss reads where samples are like data and D can only guess;
    losses that fix none, as their critic may be moved by a constant, have no level for G. Penalties
    are no part of L_D: where there are some, a thin line shows L_D with them, which is what D
    minimises. Thick lines are trailing means.

    Args:
        runs: id to snapshot; reads `history` columns `step`, `d_loss`, `g_loss` and `penalty`,
            and of `facts` `loss`, `equilibrium` and `equilibrium_g`.
        smooth: window of the trailing mean in recorded points, at least 1.

    Raises:
        ValueError: if `smooth` is below 1.
    """
    x = iterations_of(runs, anchor=G.y)
    chart = Drawing(runs, events=True, xaxis=x, hoversubplots="axis")
    begun = any(s.history.rows for s in runs.values())
    for player in (D, G):
        seen: list[NDArray[np.float64]] = []
        for run, snapshot in runs.items():
            seen += _add_losses(chart, run, snapshot, player, smooth)
        levels = _levels(runs, player)
        _add_levels(chart, levels, player, seen)
        if begun and not any(np.isfinite(values).any() for values in seen):
            _note(chart, player, player.still)
        ends = _ends(seen, [level for level in levels if level is not None])
        room = {"include": ends, "clipmin": ends[0], "clipmax": ends[1]}
        settings = {"domain": player.domain, "nticks": 5, "autorangeoptions": room}
        name = player.y.replace("y", "yaxis")
        chart.layout[name] = axis(player.name, **settings)
    if not runs:
        chart.layout |= {name: {"visible": False} for name in ("xaxis", "yaxis", "yaxis2")}
    return chart


def _add_losses(
    chart: Drawing, run: str, snapshot: Snapshot, player: _Player, smooth: int
) -> list[NDArray[np.float64]]:
    """Draw one player's lines of one run; returns what they show."""
    raw = snapshot.history[player.column]
    keep = thinned(len(raw))
    x, dash = single(snapshot.history["step"][keep]), dash_of(run, chart.runs)
    mean = trailing_mean(raw, smooth)
    where = {"yaxis": player.y}
    shown = [raw]
    if len(chart.runs) == 1:
        add_line(chart, x, raw[keep], None, palette.faint(player.colour, 0.3), 1, **where)
    name = label_of(run, player.name, chart.runs)
    add_line(chart, x, mean[keep], name, player.colour, 2, dash, **where)
    added = snapshot.history["penalty"]
    if player is D and np.any(added[np.isfinite(added)]):
        whole = trailing_mean(raw + added, smooth)
        name = label_of(run, _("L_D + penalty"), chart.runs)
        add_line(chart, x, whole[keep], name, palette.PENALISED, 1.2, dash, **where)
        shown.append(whole)
    return shown


def _levels(runs: Runs, player: _Player) -> dict[float | None, Text]:
    """Equilibrium to the labels of the losses that have it."""
    found: dict[float | None, list[str]] = {}
    for snapshot in runs.values():
        if facts := snapshot.facts:
            labels = found.setdefault(facts[player.fact], [])
            labels += [facts["loss"]] * (facts["loss"] not in labels)
    return {level: listed(map(Message, labels)) for level, labels in found.items()}


def _add_levels(
    chart: Drawing,
    levels: dict[float | None, Text],
    player: _Player,
    seen: list[NDArray[np.float64]],
) -> None:
    """A line for each equilibrium, with its name on the side that the curve leaves free."""
    every = np.concatenate(seen) if seen else np.empty(0)
    finite = every[np.isfinite(every)]
    middle = float(np.median(finite)) if len(finite) else 0.0
    for level, losses in levels.items():
        if level is None:
            _note(chart, player, _("{losses}: no level of its own", losses=losses))
            continue
        chart.mark(y=level, yref=player.y)
        side = "bottom" if middle <= level else "top"
        text = _("{losses} at equilibrium: {value}", losses=losses, value=compact(level))
        chart.note(text, xref="paper", x=1, y=level, yref=player.y, xanchor="right", yanchor=side)


def _note(chart: Drawing, player: _Player, text: Message) -> None:
    """Write `text` into the upper right corner of a player's row."""
    place = {"xref": "paper", "x": 1, "yref": f"{player.y} domain", "y": 1}
    chart.note(text, **place, xanchor="right", yanchor="top")


def _ends(seen: list[NDArray[np.float64]], levels: list[float]) -> list[float]:
    """All levels and 96 % of the values, with room for a name, in half steps of a digit.

    >>> _ends([np.array([1.5, 1.7])], [2.0])
    [1.35, 2.15]
    """
    found = robust(np.concatenate(seen)) if seen else None
    inside = [*levels, *(found or ())] or [0.0, 1.0]
    low, high = min(inside), max(inside)
    spare = 0.25 * (high - low) or 0.1 * abs(high) or 0.5
    step = 10.0 ** np.round(np.log10(spare)) / 2
    ends = step * np.floor((low - spare) / step), step * np.ceil((high + spare) / step)
    return [float(f"{end:.12g}") for end in ends]
