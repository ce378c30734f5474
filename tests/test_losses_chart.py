"""The players' own losses: what is drawn, at which level, and what is said of it."""

from dataclasses import replace
from functools import cache
from math import log
from typing import Any

import numpy as np
import pytest
import torch

from ganviz import CHARTS, LOSSES, RunConfig, Trainer
from ganviz.columns import COLUMNS, Columns
from ganviz.snapshot import Event, Snapshot
from ganviz.trainer.facts import equilibrium
from ganviz.ui import text
from ganviz.ui.board import CARDS
from tests.instrumented import lines, notes

LN2, LN4 = log(2), log(4)


@cache
def trained(steps: int = 40, **changes: Any) -> Snapshot:
    """Of a tiny run."""
    trainer = Trainer(RunConfig(**({"width": 8, "depth": 1, "batch_size": 8} | changes)))
    for _ in range(steps):
        trainer.step()
    return trainer.snapshot()


def figure(*shown: Snapshot, **options: Any) -> Any:
    return CHARTS["losses"].fn({f"run {k}": one for k, one in enumerate(shown)}, **options)


def levels(plot: Any) -> dict[str, list[float]]:
    """Heights of the dashed levels, by axis."""
    found: dict[str, list[float]] = {"y": [], "y2": []}
    for shape in plot.layout.shapes:
        if shape.line.dash == "dash":
            found[shape.yref].append(shape.y0)
    return found


def with_columns(shown: Snapshot, **columns: Any) -> Snapshot:
    rows = np.stack([columns.get(name, shown.history[name]) for name in COLUMNS], 1)
    return replace(shown, history=Columns(rows))


# Values of D's cost and of G's where data and samples are alike: theory, section 2, and
# Nowozin et al. 2016, Table 2; a critic that may be shifted at will fixes none for G.
EQUILIBRIA: dict[str, tuple[float, float | None]] = {
    "non_saturating": (LN4, LN2),
    "minimax": (LN4, -LN2),
    "least_squares": (1 / 4, 1 / 8),
    "hinge": (2, None),
    "wasserstein": (0, None),
    "relativistic": (LN2, LN2),
    "relativistic_average": (LN4, LN4),
    "fgan_kl": (0, -1),
    "fgan_reverse_kl": (0, 1),
    "fgan_pearson": (0, 0),
    "fgan_hellinger": (0, 0),
    "fgan_js": (0, 0),
    "fgan_gan": (LN4, -LN2),
}


@pytest.mark.parametrize("loss", list(LOSSES))
def test_each_loss_has_its_own_level_name_and_sentence(loss: str) -> None:
    shown = trained(2, loss=loss)
    plot = figure(shown)
    d, g = EQUILIBRIA[loss]
    assert levels(plot) == {
        "y": pytest.approx([d]),
        "y2": pytest.approx([] if g is None else [g]),
    }
    assert LOSSES[loss].label in notes(plot)
    assert ("no level of its own" in notes(plot)) == (g is None)
    caption = text.captions(shown)["losses"]
    assert caption == f"{LOSSES[loss].label}: {LOSSES[loss].facts['reading']}"


def test_what_is_drawn_is_what_is_optimised_and_the_penalty_stands_apart() -> None:
    shown = trained(penalty="r1", penalty_weight=5.0)
    history, drawn = shown.history, lines(figure(shown, smooth=1))
    assert drawn["L_D"].y == pytest.approx(history["d_loss"], abs=1e-6)  # float32 of numbers near 1
    assert drawn["L_G"].y == pytest.approx(history["g_loss"], abs=1e-6)
    whole = history["d_loss"] + history["penalty"]
    assert drawn["L_D + penalty"].y == pytest.approx(whole, abs=1e-6)
    assert (drawn["L_D"].yaxis, drawn["L_G"].yaxis) == ("y", "y2")
    # D's cost is -V of the same logits, in another precision.
    assert drawn["L_D"].y == pytest.approx(-history["value"], abs=1e-5)
    assert "L_D + penalty" not in lines(figure(trained(penalty="none")))


def test_a_loss_that_is_drawn_is_a_mean_over_the_window() -> None:
    shown = trained()
    mean = lines(figure(shown, smooth=4))["L_G"].y
    assert mean[-1] == pytest.approx(shown.history["g_loss"][-4:].mean(), abs=1e-6)


@pytest.mark.parametrize("loss", ["non_saturating", "minimax", "fgan_js", "fgan_gan"])
@pytest.mark.parametrize("smoothing", [0.1, 0.2, 0.5])
def test_smoothed_labels_move_the_levels(loss: str, smoothing: float) -> None:
    config = RunConfig(loss=loss, label_smoothing=smoothing)
    objectives = Trainer(config)._game.objectives
    # The least of D's cost over constants, by brute force on the game's own cost.
    constants = torch.linspace(-3, 1, 40_001, dtype=torch.float64)
    costs = []
    for c in constants[::10]:
        objective = objectives.of_batch((c.repeat(2), c.repeat(2)))
        costs.append((objective.d.item(), objective.g.item()))
    least, of_g = min(costs)
    d, g = equilibrium(config)
    # Steps of 0.001 miss the minimum by 0.0005² at most, G's cost by 0.0005.
    assert d == pytest.approx(least, abs=1e-6)
    assert g == pytest.approx(of_g, abs=1e-3)
    # Theory, section 1: D* is (1 - s) / 2 at p = q; -V with labels of 1 - s is two entropies.
    part = (1 - smoothing) / 2
    two_entropies = -2 * (part * log(part) + (1 - part) * log(1 - part))
    assert d - LOSSES[loss].facts["equilibrium"] == pytest.approx(two_entropies - LN4, abs=1e-12)
    caption = text.captions(trained(1, loss=loss, label_smoothing=smoothing))["losses"]
    assert f"{d:.4g}".replace("-", "−") in caption


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"instance_noise": 0.1}, "Both are of noised data and samples."),
        ({"unroll": 3}, "L_G is taken against a D that is 3 steps ahead."),
        ({"consensus": 0.5}, "What consensus adds to both is not in them."),
    ],
)
def test_what_a_trick_does_to_the_numbers_is_said(changes: Any, sentence: str) -> None:
    assert sentence in text.captions(trained(1, **changes))["losses"]
    assert sentence not in text.captions(trained(1))["losses"]


@pytest.mark.parametrize(("changes", "player"), [({"d_steps": 0}, "D"), ({"g_steps": 0}, "G")])
def test_a_frozen_player_has_no_loss_and_its_row_says_so(changes: Any, player: str) -> None:
    plot = figure(trained(**changes))
    assert f"{player} is not updated" in notes(plot)
    assert not np.isfinite(np.array(lines(plot)[f"L_{player}"].y)).any()
    own = plot.layout.yaxis if player == "D" else plot.layout.yaxis2
    level = EQUILIBRIA["non_saturating"]["DG".index(player)]
    assert level is not None
    assert own.range[0] < level < own.range[1]


def test_a_spike_or_the_last_numbers_of_a_diverged_run_flatten_nothing() -> None:
    shown = trained(200)
    loss = shown.history["d_loss"].copy()
    loss[50], loss[-1] = 1e6, np.nan
    plot = figure(with_columns(shown, d_loss=loss))
    room = plot.layout.yaxis.autorangeoptions
    assert room.clipmax < 10
    assert room.clipmin < LN4 < room.clipmax
    assert np.isnan(lines(plot)["L_D"].y[-1])


@pytest.mark.parametrize(("values", "level"), [((1.2, 1.3), LN4), ((-2668, -2600), 0.0)])
def test_the_level_is_in_sight_and_has_room_for_its_name(
    values: tuple[float, float], level: float
) -> None:
    loss = "wasserstein" if level == 0 else "non_saturating"
    shown = trained(loss=loss, penalty="none")
    n = shown.history.rows
    plot = figure(with_columns(shown, d_loss=np.linspace(*values, n)))
    room = plot.layout.yaxis.autorangeoptions
    assert room.clipmin < min(values)
    # A name is 13 of the 80 pixels that a row is high; the curve comes from below.
    assert (room.clipmax - level) / (room.clipmax - room.clipmin) > 13 / 80
    (name,) = (note for note in plot.layout.annotations if note.yref == "y")
    assert name.text.endswith(f"at equilibrium: {level:.4g}")
    assert (name.y, name.yanchor) == (pytest.approx(level), "bottom")


def test_several_runs_share_levels_and_name_their_losses() -> None:
    runs = trained(), trained(loss="hinge"), trained(loss="minimax"), trained(seed=1)
    plot = figure(*runs)
    assert levels(plot) == {"y": pytest.approx([LN4, 2]), "y2": pytest.approx([LN2, -LN2])}
    assert "Non-saturating, Minimax at equilibrium: 1.386" in notes(plot)
    assert "Hinge: no level of its own" in notes(plot)
    shown = lines(plot)
    assert [shown[f"run {k} · L_D"].line.dash for k in range(2)] == ["solid", "dash"]


def test_edits_are_marked_in_both_rows() -> None:
    edited = replace(trained(), events=(Event(20, "lr_d", 0.1),))
    (mark,) = (shape for shape in figure(edited).layout.shapes if shape.line.dash == "dot")
    assert (mark.x0, mark.yref) == (20, "paper")


def test_the_losses_are_in_the_lower_row() -> None:
    assert any("losses" in card for card in CARDS)
    assert CHARTS["losses"].facts["title"] == "Losses"
