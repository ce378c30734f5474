r"""The Dirac-GAN: data at 0, one sample at θ, D(x) = ψx. All of the game in two numbers.

Its continuous-time field at the equilibrium has known eigenvalues, and 500 steps of plain descent
a known end. Both are read off the product's own trainer, in float64, with constant data, where a
batch has no noise. The signs are those of the loss registry: D raises ψx on data, so that the
paper's start (θ, ψ) = (1, 1) is (1, -1) here.

Source: Mescheder, Geiger & Nowozin 2018, [arXiv:1801.04406](https://arxiv.org/abs/1801.04406);
consensus, Mescheder, Nowozin & Geiger 2017, [arXiv:1705.10461](https://arxiv.org/abs/1705.10461).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import grad, jacrev

from ganviz.config import RunConfig
from ganviz.losses import LOSSES, Objective
from ganviz.say import Text, _
from ganviz.target import Target
from ganviz.trainer import Trainer
from ganviz.verify.base import CHECKS, Row
from ganviz.verify.quadrature import expected, line, normal_log_density, weights

PAPER = "Mescheder et al. 2018, arXiv:1801.04406"
RECALCULATED = _("recurrence of the field")
RATE = 0.2
STEPS = 500

Settings = Mapping[str, Any]


class Point(nn.Module):
    """G(z) = θ, whatever z is."""

    def __init__(self, theta: float) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([theta], dtype=torch.float64))

    def forward(self, z: Tensor) -> Tensor:
        """`(n, 1)` to `(n, 1)`."""
        return self.theta.expand(len(z), 1)


class Slope(nn.Module):
    """D(x) = ψx."""

    def __init__(self, psi: float) -> None:
        super().__init__()
        self.psi = nn.Parameter(torch.tensor([psi], dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        """`(n, 1)` to `(n, 1)`."""
        return self.psi * x


class DiracGan:
    """The game from (θ, ψ), as the product plays it."""

    def __init__(self, settings: Settings, theta: float, psi: float) -> None:
        plain: dict[str, Any] = {
            "optimizer": "sgd",
            "lr_d": RATE,
            "lr_g": RATE,
            "lr_schedule": "constant",
            "update": "simultaneous",
            "dtype": "float64",
            "batch_size": 2,
            "latent_dim": 1,
            "ema": 0.0,
            "probe": False,
            "steps": STEPS,
        }
        data = Target(lambda n, rng: torch.zeros(n, 1), 1, shift=0.0, scale=1.0)
        self._g, self._d = Point(theta), Slope(psi)
        config = RunConfig(**(plain | dict(settings)))
        self._trainer = Trainer(config, target=data, generator=self._g, discriminator=self._d)

    def step(self) -> None:
        """One iteration."""
        self._trainer.step()

    @property
    def place(self) -> tuple[float, float]:
        """(θ, ψ)."""
        return self._g.theta.item(), self._d.psi.item()


def distances(settings: Settings) -> list[float]:
    """The distance r from the equilibrium after each of 500 steps from (1, -1)."""
    game = DiracGan(settings, 1.0, -1.0)
    found = []
    for _step in range(STEPS):
        game.step()
        found.append(math.hypot(*game.place))
    return found


def eigenvalues(settings: Settings) -> list[complex]:
    """Of the field's Jacobian at (0, 0), by central differences of single steps."""
    far = 1e-3
    columns = []
    for theta, psi in ((far, 0.0), (0.0, far)):
        ends = []
        for sign in (1, -1):
            game = DiracGan(settings, sign * theta, sign * psi)
            game.step()
            ends.append(torch.tensor(game.place, dtype=torch.float64))
        start = torch.tensor((2 * theta, 2 * psi), dtype=torch.float64)
        columns.append((ends[0] - ends[1] - start) / (2 * far * RATE))
    return _eigenvalues(torch.stack(columns, 1))


def noisy_eigenvalues(sigma: float) -> list[complex]:
    """Of the expected field of minimax under instance noise σ, by quadrature."""
    noise = line(-10.0, 10.0, 0.1)
    p = weights(normal_log_density(noise, 0.0, 1.0), noise)

    def costs(theta: Tensor, psi: Tensor) -> Objective:
        fake = psi * (theta + sigma * noise)
        return expected(LOSSES["minimax"].fn, psi * sigma * noise, p, fake, p)

    def field(at: Tensor) -> Tensor:
        theta, psi = at
        down_theta = grad(lambda theta: costs(theta, psi).g)(theta)
        down_psi = grad(lambda psi: costs(theta, psi).d)(psi)
        return -torch.stack([down_theta, down_psi])

    return _eigenvalues(jacrev(field)(torch.zeros(2, dtype=torch.float64)))


def _eigenvalues(jacobian: Tensor) -> list[complex]:
    values = torch.linalg.eigvals(jacobian).tolist()
    return sorted(values, key=lambda value: (value.real, value.imag))


def _penalised(name: str, gamma: float) -> dict[str, Any]:
    return {"loss": "minimax", "penalty": name, "penalty_weight": gamma}


def _damped(gamma: float) -> complex:
    """The upper eigenvalue of R1 or R2, -γ/2 + √(γ²/4 - ¼)."""
    root = complex(gamma**2 / 4 - 0.25) ** 0.5
    return -gamma / 2 + root


FIELDS: tuple[tuple[Text, dict[str, Any], complex], ...] = (
    ("minimax", {"loss": "minimax"}, 0.5j),
    ("non_saturating", {"loss": "non_saturating"}, 0.5j),
    ("relativistic", {"loss": "relativistic"}, 0.5j),
    (_("wasserstein, clip 1"), {"loss": "wasserstein", "clip": 1.0}, 1j),
    (_("R1, γ = 0.3"), _penalised("r1", 0.3), _damped(0.3)),
    (_("R2, γ = 0.3"), _penalised("r2", 0.3), _damped(0.3)),
    (_("R1, γ = 1 (critical)"), _penalised("r1", 1.0), _damped(1.0)),
    (_("R1 + R2, γ = 0.15"), _penalised("r1_r2", 0.15), _damped(0.3)),
    (_("consensus, γ = 1"), {"loss": "minimax", "consensus": 1.0}, -0.25 + 0.5j),
)
"""Method, settings, and the eigenvalue with the largest imaginary part."""


@CHECKS.register("Dirac-GAN: eigenvalues", quick=True)
def dirac_eigenvalues() -> Iterator[Row]:
    """Whether a method spirals in, circles or leaves shows in the field at the equilibrium."""
    found: list[tuple[Text, complex, list[complex]]]
    found = [(name, level, eigenvalues(settings)) for name, settings, level in FIELDS]
    root = complex(1 / 16 - 0.25) ** 0.5
    noisy = _("minimax, instance noise σ = 1 (expected)")
    found.append((noisy, -0.25 + root, noisy_eigenvalues(1.0)))
    for name, level, values in found:
        # The two are conjugate, or equal: the sum and the larger imaginary part say all.
        real, imaginary = sum(v.real for v in values) / 2, max(v.imag for v in values)
        yield Row(_("{method}: real part", method=name), PAPER, level.real, real, 1e-4)
        yield Row(_("{method}: imaginary part", method=name), PAPER, level.imag, imaginary, 1e-4)


WGAN_GP = {"loss": "wasserstein", "penalty": "wgan_gp", "penalty_weight": 0.35}

ENDS: tuple[tuple[Text, dict[str, Any], str, str], ...] = (
    ("minimax", {"loss": "minimax"}, "3.097", "1.4126"),
    ("non_saturating", {"loss": "non_saturating"}, ".640", ".27063"),
    # D(0) = 0, so a pair is softplus(±ψθ): the non-saturating game.
    ("relativistic", {"loss": "relativistic"}, ".640", ".27063"),
    (_("WGAN-GP, λ = 0.35"), WGAN_GP, "1.80", "1.2801"),
    (_("R1, γ = 0.3"), _penalised("r1", 0.3), "2.64e-6", "2.3827e-7"),
    (_("R2, γ = 0.3"), _penalised("r2", 0.3), "2.64e-6", "2.3827e-7"),
    (_("consensus, γ = 1"), {"loss": "minimax", "consensus": 1.0}, "2.6e-10", "1.7902e-11"),
)
"""Method, settings, and r after 500 steps, simultaneous and alternating, with the digits known."""


@CHECKS.register("Dirac-GAN: where 500 steps end", quick=True)
def dirac_ends() -> Iterator[Row]:
    """r after 500 steps of plain descent at a rate of 0.2: out, in, or round and round."""
    for name, settings, *levels in ENDS:
        for update, digits in zip(("simultaneous", "alternating"), levels, strict=True):
            yield end_row(name, {**settings, "update": update}, digits)
    settled = distances({"loss": "wasserstein", "clip": 1.0})[100:]
    claim = _("wasserstein, clip 1, simultaneous: least r of steps 101 to 500")
    yield Row(claim, RECALCULATED, 1.0, min(settled), 0.005)
    claim = _("wasserstein, clip 1, simultaneous: largest r of steps 101 to 500")
    yield Row(claim, RECALCULATED, 1.27, max(settled), 0.005)


def end_row(name: Text, settings: Settings, digits: str) -> Row:
    """r after 500 steps against a number that is known to `digits`."""
    level = float(digits)
    update, n = settings["update"], STEPS
    claim = _("{method}, {update}: r after {n} steps", method=name, update=update, n=n)
    tolerance = max(1e-3 * level, half_of_the_last_digit(digits))
    return Row(claim, RECALCULATED, level, distances(settings)[-1], tolerance)


def half_of_the_last_digit(digits: str) -> float:
    """How far a rounded number may be from the true one.

    >>> half_of_the_last_digit("1.80")
    0.005
    """
    mantissa, _, exponent = digits.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(f"5e{int(exponent or 0) - decimals - 1}")
