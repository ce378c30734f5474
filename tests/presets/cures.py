"""Checks of `ganviz.presets.cures`: what `failures` shows is gone."""

from collections.abc import Iterator

import numpy as np

from ganviz.levels import V_EQUILIBRIUM
from tests.presets.base import (
    Measured,
    check,
    distance_to_data,
    followed,
    go_on,
    mean,
    modes_in_use,
    near,
    slope,
    swing_of_value,
    trained,
)


@check
def r1(seed: int) -> Iterator[Measured]:
    yield from _stilled("r1", seed)


@check
def instance_noise(seed: int) -> Iterator[Measured]:
    yield from _stilled("instance_noise", seed)


@check
def consensus(seed: int) -> Iterator[Measured]:
    yield from _stilled("consensus", seed)


def _stilled(preset: str, seed: int) -> Iterator[Measured]:
    """The oscillation preset has a swing of μ of 1.9, of V of 0.3, and a σ of 0.1."""
    trainer, path = followed(preset, 1000, seed)
    late = path.part(0.75)
    yield Measured("swing of μ", float(late.mu.std()), high=0.3)
    yield Measured("swing of V", swing_of_value(trainer, 240), high=0.02)
    yield near("V", mean(trainer, "value"), V_EQUILIBRIUM, 0.03)
    yield near("μ", float(late.mu.mean()), 0, 0.25)
    yield near("σ", float(late.sigma.mean()), 1, 0.35)


@check
def optimistic(seed: int) -> Iterator[Measured]:
    swings = []
    for optimizer in ("optimistic_adam", "adam"):
        _, path = followed("optimistic", 900, seed, optimizer=optimizer)
        swings.append(float(path.part(0.4).mu.std()))
    yield Measured("swing of μ", swings[0], high=0.2)
    yield Measured("over that of plain Adam", swings[0] / swings[1], high=0.8)


@check
def averaging(seed: int) -> Iterator[Measured]:
    trainer, path = followed("averaging", 1300, seed)
    means, stds = [], []
    for _ in range(25):
        go_on(trainer, 20)
        samples = trainer.sample(4000)
        means.append(samples.mean().item())
        stds.append(samples.std().item())
    late = path.part(0.5)
    yield Measured("swing of G's σ", float(late.sigma.std()), low=0.1)
    yield Measured("swing of the average's σ", float(np.std(stds)), high=0.08)
    yield near("mean of the samples", float(np.mean(means)), 0, 0.1)
    yield near("σ of the samples", float(np.mean(stds)), 1, 0.15)


@check
def packing(seed: int) -> Iterator[Measured]:
    trainer = trained("packing", 800, seed)
    yield Measured("modes in use of 8", modes_in_use(trainer), low=6.5)


@check
def unrolling(seed: int) -> Iterator[Measured]:
    trainer = trained("unrolling", 200, seed)
    yield Measured("modes in use of 8", modes_in_use(trainer), low=6.5)


@check
def spectral_norm(seed: int) -> Iterator[Measured]:
    trainer = trained("spectral_norm", 1200, seed)
    yield near("V", mean(trainer, "value"), V_EQUILIBRIUM, 0.05)
    yield Measured("largest slope", slope(trainer).max().item(), high=1.05)
    yield Measured("modes in use of 8", modes_in_use(trainer), low=6.5)


@check
def least_squares(seed: int) -> Iterator[Measured]:
    trainer = trained("least_squares", 50, seed)
    before = distance_to_data(trainer)
    go_on(trainer, 500)
    # Minimax leaves less than 0.001 of it by then.
    yield Measured("G's gradient", mean(trainer, "grad_norm_g"), low=0.02)
    moved = distance_to_data(trainer) / before
    yield Measured("distance to data, over that before", moved, high=0.97)


@check
def label_smoothing(seed: int) -> Iterator[Measured]:
    trainer = trained("label_smoothing", 1000, seed)
    # D = .8 p / (p + q) = .4, and ln .4 + ln .6 = -1.4271.
    yield near("D(x)", mean(trainer, "d_real"), 0.4, 0.01)
    yield near("D(G(z))", mean(trainer, "d_fake"), 0.4, 0.01)
    yield near("V", mean(trainer, "value"), -1.4271, 0.01)
