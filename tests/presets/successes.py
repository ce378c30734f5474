"""Checks of `ganviz.presets.successes`."""

import math
from collections.abc import Iterator

import numpy as np
import torch

from ganviz import Trainer
from ganviz.datasets import DIGITS_TRAINING
from ganviz.datasets.digits import labelled_digits
from ganviz.levels import V_EQUILIBRIUM
from tests.presets.base import (
    WINDOW,
    Measured,
    check,
    distance_to_data,
    go_on,
    mean,
    near,
    peak,
    real_samples,
    score,
    slope,
    trained,
)


@check
def healthy(seed: int) -> Iterator[Measured]:
    trainer = trained("healthy", 2000, seed)
    yield Measured("peak of V", peak(trainer, "value"), low=V_EQUILIBRIUM + 0.12)
    # The whole run ends at -1.374; half of it is near already.
    yield near("V", mean(trainer, "value"), V_EQUILIBRIUM, 0.08)
    yield Measured("modes with 20 samples", score(trainer).captured_20, low=8)


@check
def ring(seed: int) -> Iterator[Measured]:
    # A quarter of the run, with its whole schedule; `bench/tables.py` runs all of it.
    found = score(trained("ring", 2500, seed, steps=2500))
    yield Measured("modes with 20 samples", found.captured_20, low=8)
    yield Measured("good samples", found.high_quality, low=0.6)


@check
def grid(seed: int) -> Iterator[Measured]:
    found = score(trained("grid", 3000, seed, steps=3000))
    yield Measured("modes seen", found.captured, low=23)
    yield Measured("good samples", found.high_quality, low=0.2)


@check
def gaussian(seed: int) -> Iterator[Measured]:
    trainer = trained("gaussian", 1200, seed)
    yield near("V", mean(trainer, "value"), V_EQUILIBRIUM, 0.02)
    samples = trainer.sample(4000)
    # N(0, 1): the error of a mean of 4,000 is .016, of a standard deviation .011.
    yield near("mean of the samples", samples.mean().item(), 0, 0.15)
    yield near("σ of the samples", samples.std().item(), 1, 0.2)
    surface = trainer.snapshot().surface
    assert surface is not None
    bulk = np.abs(surface.x) < 1.5
    off = float(np.abs(surface.discriminator[bulk] - 0.5).max())
    yield Measured("largest |D - 1/2| in the bulk", off, high=0.1)


@check
def mixture(seed: int) -> Iterator[Measured]:
    trainer = trained("mixture", 1500, seed)
    found = score(trainer, 3000)
    yield Measured("good samples", found.high_quality, low=0.8)
    yield Measured("reverse KL of the three", found.reverse_kl, high=0.2)
    # G is frozen early on and D trained to its best: it must then say p / (p + q).
    early = trained("mixture", 60, seed, ema=0.0)
    early.edit(g_steps=0)
    go_on(early, 800)
    yield Measured("D against p / (p + q)", _agreement_with_the_best_d(early), low=0.9)


def _agreement_with_the_best_d(trainer: Trainer) -> float:
    """The correlation of D with the best D for the present G, on a line."""
    surface, log_density = trainer.snapshot().surface, trainer.target.log_density
    assert surface is not None
    assert log_density is not None
    edges = np.linspace(-6, 6, 41)
    middles = (edges[1:] + edges[:-1]) / 2
    q, _ = np.histogram(trainer.sample(40_000)[:, 0], edges, density=True)
    p = log_density(torch.from_numpy(middles)[:, None]).exp().numpy()
    d = np.interp(middles, surface.x, surface.discriminator)
    seen = p + q > 0.02
    return float(np.corrcoef(d[seen], (p / (p + q))[seen])[0, 1])


@check
def moons(seed: int) -> Iterator[Measured]:
    trainer = trained("moons", 800, seed)
    yield near("V", mean(trainer, "value"), V_EQUILIBRIUM, 0.1)
    away = torch.cdist(trainer.sample(2000), real_samples(trainer, 4000)).min(1).values
    # Noise of σ = .05: real points are within .15 of others; only threads lie outside.
    threads = (away > 0.15).double().mean().item()
    yield Measured("share on threads", threads, low=0.0005, high=0.3)


@check
def spiral(seed: int) -> Iterator[Measured]:
    trainer = trained("spiral", 400, seed)
    yield near("V, coarse", mean(trainer, "value"), V_EQUILIBRIUM, 0.03)
    coarse = _off_the_arms(trainer)
    yield Measured("share off the arms, coarse", coarse, low=0.2)
    go_on(trainer, 1600)
    yield Measured("V, folding", peak(trainer, "value"), low=V_EQUILIBRIUM + 0.06)
    yield Measured("share off the arms, over that", _off_the_arms(trainer) / coarse, high=0.6)


def _off_the_arms(trainer: Trainer) -> float:
    """The share of samples more than three σ from any of 2,000 points of data."""
    away = torch.cdist(trainer.sample(1000), real_samples(trainer, 2000)).min(1).values
    return (away > 0.1).double().mean().item()


@check
def digits(seed: int) -> Iterator[Measured]:
    trainer = trained("digits", 300, seed)
    fall = peak(trainer, "value") - mean(trainer, "value")
    yield Measured("fall of V from its peak", fall, low=0.02)
    # Real pixels are mostly black or white; mud is grey.
    contrast = trainer.sample(500).std() / real_samples(trainer, 300).std()
    yield Measured("contrast over that of data", contrast.item(), low=0.7)


@check
def stacked_digits(seed: int) -> Iterator[Measured]:
    trainer = trained("stacked_digits", 300, seed)
    # 500 images of the data have about 390 different triples.
    yield Measured("different triples in 500", _triples(trainer), low=60)
    contrast = trainer.sample(500).std() / real_samples(trainer, 300).std()
    yield Measured("contrast over that of data", contrast.item(), low=0.7)


def _triples(trainer: Trainer) -> int:
    """Different triples of classes among 500 samples, each digit named by its nearest one."""
    images, labels = (part[:DIGITS_TRAINING] for part in labelled_digits())
    each = trainer.sample(500).flatten(0, 1).flatten(1)
    classes = labels[torch.cdist(each, images.flatten(1)).argmin(1)].reshape(-1, 3)
    return len({tuple(triple) for triple in classes.tolist()})


@check
def relativistic(seed: int) -> Iterator[Measured]:
    trainer = trained("relativistic", 800, seed)
    found = score(trainer)
    yield Measured("modes captured of 16", found.captured, low=15)
    yield Measured("reverse KL of the sixteen", found.reverse_kl, high=0.25)
    share = trainer.history["d_loss"] / math.log(2)
    dip = float(np.convolve(share, np.full(20, 0.05), "valid").min())
    yield Measured("lowest L_D over ln 2", dip, high=0.92)
    yield Measured("L_D over ln 2", float(share[-WINDOW:].mean()), low=0.93, high=1.0)


@check
def wgan_gp(seed: int) -> Iterator[Measured]:
    trainer = trained("wgan_gp", 400, seed)
    gap = -trainer.history["d_loss"]
    highest = float(np.convolve(gap, np.full(20, 0.05), "valid").max())
    yield Measured("highest gap", highest, low=0.5)
    yield Measured("gap at the end over the highest", float(gap[-100:].mean()) / highest, high=0.3)
    yield near("mean slope", slope(trainer).mean().item(), 1, 0.25)
    yield Measured("distance to data", distance_to_data(trainer), high=0.13)


@check
def hinge(seed: int) -> Iterator[Measured]:
    trainer = trained("hinge", 800, seed)
    yield near("L_D", mean(trainer, "d_loss"), 2, 0.03)
    yield near("V of the probe", mean(trainer, "value"), V_EQUILIBRIUM, 0.03)
    samples = trainer.sample(4000)
    yield near("mean of the samples", samples.mean().item(), 0, 0.15)
    yield near("σ of the samples", samples.std().item(), 1, 0.15)


@check
def fgan_kl(seed: int) -> Iterator[Measured]:
    trainer = trained("fgan_kl", 1200, seed)
    samples = trainer.sample(20_000)
    # The KL fit has the data's own moments: (-2 + 2 * 2) / 3, and a variance of
    # (.16 + (8 / 3)²) / 3 + 2 (.36 + (4 / 3)²) / 3 = 3.849.
    yield near("mean of the samples", samples.mean().item(), 2 / 3, 0.12)
    yield near("σ of the samples", samples.std().item(), 1.962, 0.12)


@check
def fgan_reverse_kl(seed: int) -> Iterator[Measured]:
    trainer = trained("fgan_reverse_kl", 1200, seed)
    samples = trainer.sample(20_000)
    # Far from the other bump, the larger one itself.
    yield near("mean of the samples", samples.mean().item(), 2, 0.1)
    yield near("σ of the samples", samples.std().item(), 0.6, 0.1)
    # All mass on a bump of weight 2/3.
    yield near("gap over ln 1.5", -mean(trainer, "d_loss") / math.log(1.5), 1, 0.1)
