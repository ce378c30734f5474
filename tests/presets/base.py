"""What a check of a lesson is, and what several of them measure."""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ganviz import PRESETS, RunConfig, Trainer
from ganviz.instruments import fit_fresh
from ganviz.quality import ModeScore, mode_score
from ganviz.trainer import one_thread

Floats = npt.NDArray[np.float64]

WINDOW = 100
"""Rows that a mean of the history takes, unless it is told otherwise."""


class Measured(NamedTuple):
    """One number of a trained preset, and the range in which the lesson has come true."""

    what: str
    value: float
    low: float = -math.inf
    high: float = math.inf

    @property
    def holds(self) -> bool:
        """Whether it is in its range; NaN never is.

        >>> Measured("modes", 3, high=2).holds
        False
        """
        return self.low <= self.value <= self.high

    def __str__(self) -> str:
        return f"{self.what}: {self.value:.4g}, wanted {self.wanted}"

    @property
    def wanted(self) -> str:
        """The range in words."""
        if self.low == -math.inf:
            return f"at most {self.high:.4g}"
        if self.high == math.inf:
            return f"at least {self.low:.4g}"
        return f"{self.low:.4g} to {self.high:.4g}"


Check = Callable[[int], Iterator[Measured]]
"""A seed to what was measured."""

CHECKS: dict[str, Check] = {}
"""By the name of the preset."""


def check(fn: Check) -> Check:
    """Register the check of the preset that has the function's name."""
    CHECKS[fn.__name__] = fn
    return fn


def near(what: str, value: float, expected: float, within: float) -> Measured:
    """A number that theory knows."""
    return Measured(what, value, expected - within, expected + within)


def run(config: RunConfig, iterations: int) -> Trainer:
    """A trainer of `config` after so many iterations."""
    trainer = Trainer(config)
    go_on(trainer, iterations)
    return trainer


def go_on(trainer: Trainer, iterations: int) -> None:
    """That many more iterations."""
    with one_thread():
        for _ in range(iterations):
            trainer.step()


def trained(preset: str, iterations: int, seed: int = 0, **changes: Any) -> Trainer:
    """The preset after so many iterations, with `changes` to its settings."""
    return run(PRESETS[preset].config.replace(seed=seed, **changes), iterations)


def mean(trainer: Trainer, column: str, end: int | None = None, rows: int = WINDOW) -> float:
    """Mean of the last `rows` rows before row `end`."""
    return float(np.mean(trainer.history[column][:end][-rows:]))


def peak(trainer: Trainer, column: str, rows: int = WINDOW) -> float:
    """The largest mean over `rows` rows in a row."""
    values = trainer.history[column]
    return float(np.convolve(values, np.full(rows, 1 / rows), "valid").max())


def real_samples(trainer: Trainer, n: int) -> Tensor:
    """Data that training did not see, in their own units."""
    return trainer.target.draw_held_out(n, torch.Generator().manual_seed(5))


def score(trainer: Trainer, n: int = 2500) -> ModeScore:
    """Samples against the modes."""
    target = trainer.target
    assert target.modes is not None
    assert target.mode_std is not None
    return mode_score(trainer.sample(n), target.modes, target.mode_std)


def modes_in_use(trainer: Trainer) -> float:
    """K e^-KL of the histogram of nearest modes: 1 if all samples are nearest to one mode, K if
    they are shared out evenly."""
    assert trainer.target.modes is not None
    return len(trainer.target.modes) * math.exp(-score(trainer).reverse_kl)


def distance_to_data(trainer: Trainer, n: int = 1000) -> float:
    """Mean distance from a sample to the nearest of 2,000 points of data."""
    real = real_samples(trainer, 2000)
    return torch.cdist(trainer.sample(n), real).min(1).values.mean().item()


def value_of_fresh_d(trainer: Trainer) -> float:
    """V of a discriminator that is trained anew, and unhindered, against the frozen generator."""
    with one_thread():
        return fit_fresh(trainer.lens(), torch.Generator().manual_seed(7)).value


def slope(trainer: Trainer, n: int = 500) -> Tensor:
    """D's slope, in standardised units, on the lines between data and samples, shape `(n,)`."""
    shift, scale = trainer.target.standardisation
    share = torch.rand(n, 1, generator=torch.Generator().manual_seed(6))
    points = torch.lerp(trainer.sample(n), real_samples(trainer, n), share)
    points = ((points - shift) / scale).float().requires_grad_()
    (gradient,) = torch.autograd.grad(trainer.discriminator(points).sum(), points)
    norms: Tensor = gradient.norm(dim=1)
    return norms


class Path(NamedTuple):
    """Where an affine generator with one μ and one σ has been, one entry an iteration."""

    mu: Floats
    sigma: Floats
    """Its size: the sign of σ turns the noise over and leaves the samples as they are."""

    def part(self, first: float, last: float = 1.0) -> "Path":
        """From one share of the way to another."""
        n = len(self.mu)
        kept = slice(round(first * n), round(last * n))
        return Path(self.mu[kept], self.sigma[kept])

    @property
    def crossings(self) -> int:
        """How often μ changed its sign."""
        return int(np.count_nonzero(np.diff(np.sign(self.mu))))


def followed(preset: str, iterations: int, seed: int, **changes: Any) -> tuple[Trainer, Path]:
    """The preset after so many iterations, and the way that its generator took."""
    trainer = trained(preset, 0, seed, **changes)
    mu, sigma = (trainer.generator.get_parameter(name) for name in ("mu", "sigma"))
    way = np.empty((iterations, 2))
    with one_thread():
        for row in way:
            trainer.step()
            row[:] = mu.item(), sigma.item()
    return trainer, Path(way[:, 0], np.abs(way[:, 1]))


def swing_of_value(trainer: Trainer, rows: int) -> float:
    """Standard deviation of V over the last `rows` rows, in means of 20 against the batches'
    noise (of which about 0.01 is left)."""
    values = trainer.history["value"][-rows:]
    return float(values[: rows // 20 * 20].reshape(-1, 20).mean(1).std())
