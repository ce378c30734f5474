"""Checks of `ganviz.presets.failures`: the failure occurs."""

from collections.abc import Iterator

import numpy as np
import torch

from ganviz import Diverged, Trainer
from ganviz.levels import V_EQUILIBRIUM
from ganviz.optimal import OptimalDiscriminator
from tests.presets.base import (
    Floats,
    Measured,
    check,
    distance_to_data,
    followed,
    go_on,
    mean,
    modes_in_use,
    near,
    score,
    slope,
    swing_of_value,
    trained,
    value_of_fresh_d,
)


@check
def unregularised(seed: int) -> Iterator[Measured]:
    trainer = trained("unregularised", 700, seed)
    with_r1 = trained("unregularised", 700, seed, penalty="r1")
    value = mean(trainer, "value")
    yield Measured("V above -ln 4", value - V_EQUILIBRIUM, low=0.2)
    yield Measured("V above that with R1", value - mean(with_r1, "value"), low=0.1)
    yield Measured("modes captured of 8", score(trainer).captured, low=8)


@check
def mode_collapse(seed: int) -> Iterator[Measured]:
    trainer = trained("mode_collapse", 900, seed)
    yield Measured("modes in use of 8", modes_in_use(trainer), high=4)
    yield near("V", mean(trainer, "value", rows=300), V_EQUILIBRIUM, 0.05)
    trainer.edit(g_steps=0)
    go_on(trainer, 500)
    yield Measured("V, G frozen", mean(trainer, "value"), low=-0.9)


@check
def collapsed_grid(seed: int) -> Iterator[Measured]:
    trainer = trained("collapsed_grid", 3000, seed)
    yield near("V", mean(trainer, "value", rows=300), V_EQUILIBRIUM, 0.02)
    best = OptimalDiscriminator(trainer.target).measure(trainer.sample(10_000)).value
    yield Measured("V of the best D", best, low=-0.3)
    yield Measured("V of a fresh D", value_of_fresh_d(trainer), low=-0.3)
    yield Measured("modes captured of 25", score(trainer).captured, high=12)
    yield Measured("modes in use of 25", modes_in_use(trainer), high=12)


@check
def saturation(seed: int) -> Iterator[Measured]:
    minimax = trained("saturation", 50, seed)
    before = distance_to_data(minimax)
    go_on(minimax, 200)
    yield Measured("V", mean(minimax, "value"), low=-0.01)
    yield near("distance to data, over that before", distance_to_data(minimax) / before, 1, 0.02)
    other = trained("saturation", 250, seed, loss="non_saturating")
    starved, fed = (mean(t, "grad_norm_g") for t in (minimax, other))
    yield Measured("G's gradient over the non-saturating one", starved / fed, high=1e-3)


@check
def oscillation(seed: int) -> Iterator[Measured]:
    trainer, path = followed("oscillation", 1600, seed)
    late = path.part(0.5)
    yield Measured("swing of μ", float(late.mu.std()), low=1.0)
    yield Measured("crossings of the centre", late.crossings, low=4)
    decay = path.part(0.75).mu.std() / path.part(0.25, 0.5).mu.std()
    yield Measured("last swing over an earlier one", float(decay), low=0.6)
    yield Measured("σ", float(late.sigma.mean()), high=0.3)
    yield Measured("swing of V", swing_of_value(trainer, 800), low=0.15)


@check
def divergence(seed: int) -> Iterator[Measured]:
    trainer = trained("divergence", 0, seed)
    yield Measured("iteration at which it stops", _end(trainer, 2500), low=300, high=2000)
    norms = trainer.history["grad_norm_g"][:-1]
    yield Measured("G's gradient a dozen iterations before", norms[-12], high=100)
    yield Measured("G's gradient in the end", norms[-1], low=1e3)
    last = trainer.snapshot()
    assert last.finite_step is not None
    yield Measured("iterations since what is shown", last.step - last.finite_step, 1, 2)
    radius = np.abs(last.real).max()
    yield Measured("distance of the last finite samples", np.abs(last.samples).max() / radius, 100)
    lurches = _positions(trained("divergence", 0, seed), 250)
    yield Measured("lurch of the samples' mean", float(lurches.std(0).max()), low=0.2)
    yield Measured("samples near the data until then", float(np.abs(lurches).max()), high=10)
    calm = trained("divergence", 0, seed, lr_d=0.03, lr_g=0.03)
    yield Measured("iterations at a tenth of the rate", _end(calm, 1500), low=1500)


def _positions(trainer: Trainer, most: int) -> Floats:
    """The mean of the samples after every tenth iteration."""
    way = []
    for _ in range(most // 10):
        go_on(trainer, 10)
        way.append(trainer.sample(200, torch.Generator().manual_seed(0)).mean(0).numpy())
    return np.stack(way)


def _end(trainer: Trainer, most: int) -> int:
    """The iteration at which a run diverges, or `most`."""
    try:
        go_on(trainer, most)
    except Diverged as stopped:
        return stopped.step
    return most


@check
def weak_d(seed: int) -> Iterator[Measured]:
    trainer = trained("weak_d", 1000, seed)
    yield near("V", mean(trainer, "value"), V_EQUILIBRIUM, 0.02)
    yield near("V at iteration 500", mean(trainer, "value", 500), V_EQUILIBRIUM, 0.03)
    yield Measured("good samples", score(trainer).high_quality, high=0.08)
    yield Measured("V of a fresh D", value_of_fresh_d(trainer), low=-0.3)


@check
def clipping(seed: int) -> Iterator[Measured]:
    trainer = trained("clipping", 500, seed)
    bound = trainer.config.clip
    piled = []
    for _ in range(10):
        go_on(trainer, 10)
        weights = torch.cat([p.detach().flatten() for p in trainer.discriminator.parameters()])
        piled.append((weights.abs() > 0.9 * bound).double().mean().item())
    yield Measured("weights within a tenth of the bound", sum(piled) / len(piled), low=0.25)
    yield Measured("mean slope", slope(trainer).mean().item(), high=0.01)
    yield Measured("gap", -mean(trainer, "d_loss"), high=0.01)
    yield Measured("V of the probe", mean(trainer, "value"), low=-0.9)
