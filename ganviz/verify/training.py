"""Trained critics and generators, through the product's trainer, against the numbers of theory."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from ganviz.config import CUSTOM, RunConfig
from ganviz.losses import LOSSES
from ganviz.say import _
from ganviz.target import Target
from ganviz.trainer import Trainer
from ganviz.verify.base import CHECKS, CLOSED_FORM, QUADRATURE, Row
from ganviz.verify.divergences import BEST_FIT, MIXTURE, TABLE_3, mixture_log_density
from ganviz.verify.levels import AT_BEST
from ganviz.verify.quadrature import expected, line, normal_log_density, weights


def normal(n: int, rng: torch.Generator) -> Tensor:
    """`n` draws of N(0, 1), shape `(n, 1)`."""
    return torch.randn(n, 1, generator=rng)


def mixture(n: int, rng: torch.Generator) -> Tensor:
    """`n` draws of the f-GAN paper's mixture, shape `(n, 1)`."""
    (share, mean_1, std_1), (_, mean_2, std_2) = MIXTURE
    first, z = torch.rand(n, 1, generator=rng) < share, torch.randn(n, 1, generator=rng)
    return torch.where(first, mean_1 + std_1 * z, mean_2 + std_2 * z)


def game(target: Target, mu: float, sigma: float, **settings: Any) -> Trainer:
    """A run that has not begun: G(z) = μ + σz from `mu` and `sigma`, D an MLP on x as it is.

    Args:
        target: data on a line, with a shift of 0 and a scale of 1.
        mu: where G starts.
        sigma: as well.
        settings: `activation` of D's hidden layers, and fields of `RunConfig`.
    """
    options = {"mu": mu, "sigma": sigma, "activation": settings.pop("activation", "silu")}
    plain: dict[str, Any] = {
        "dataset": CUSTOM,
        "network": "affine",
        "network_options": options,
        "latent_dim": 1,
        "width": 32,
        "ema": 0.0,
        "probe": False,
    }
    return Trainer(RunConfig(**(plain | settings)), target=target)


def finished(trainer: Trainer) -> Trainer:
    """The same run, at its end."""
    for _step in range(trainer.config.steps):
        trainer.step()
    return trainer


def cost_of(trainer: Trainer, x: Tensor, log_p: Tensor, log_q: Tensor) -> float:
    """L_D of the trained critic in the limit of infinite batches, on the grid `x`."""
    with torch.no_grad():
        critic = trainer.discriminator(x[:, None].float()).reshape(-1).double()
    p, q = weights(log_p, x), weights(log_q, x)
    return expected(LOSSES[trainer.config.loss].fn, critic, p, critic, q).d.item()


def critic(loss: str, d: int, **settings: Any) -> Trainer:
    """A run that has not begun, in which D alone learns: N(0, 1) against N(d, 1)."""
    plain = {"g_steps": 0, "lr_d": 0.01, "beta1": 0.9, "beta2": 0.999, "steps": 500}
    target = Target(normal, 1, shift=0.0, scale=1.0)
    return game(target, float(d), 1.0, **(plain | {"loss": loss} | settings))


def critic_cost(run: Trainer, d: int) -> float:
    """L_D at the end of a run of `critic`."""
    x = line(-11.0, 11.0 + d, 0.05)
    log_p, log_q = normal_log_density(x, 0.0, 1.0), normal_log_density(x, float(d), 1.0)
    return cost_of(finished(run), x, log_p, log_q)


def critic_rows(d: int) -> Iterator[Row]:
    """Six losses, samples N(d, 1)."""
    for loss, levels in AT_BEST.items():
        settings: dict[str, Any] = {"batch_size": 4096}
        if loss == "hinge":
            # Its best critic is a step, which kinks come nearer to than smooth units.
            settings |= {"activation": "relu", "lr_d": 0.03, "beta2": 0.99}
        rare = loss == "fgan_kl" and d == 3
        if rare:
            # E[(p/q)²] is e^9: a few samples of each batch carry the whole second term.
            settings = {"batch_size": 8192, "steps": 2000, "width": 16}
        measured = critic_cost(critic(loss, d, **settings), d)
        claim = _("{loss}: trained critic's L_D, N(0, 1) against N({d}, 1)", loss=loss, d=d)
        yield Row(claim, QUADRATURE, levels[d - 1], measured, 0.02 if rare else 0.01)


@CHECKS.register("Trained critics, d = 2", quick=True)
def trained_critics() -> Iterator[Row]:
    """A critic that is trained on samples alone reaches the value that its loss has in theory."""
    yield from critic_rows(2)


@CHECKS.register("Trained critics, d = 1 and 3", quick=False)
def more_trained_critics() -> Iterator[Row]:
    """The same for samples that are nearer to the data, and farther."""
    for d in (1, 3):
        yield from critic_rows(d)


@CHECKS.register("What WGAN-GP measures", quick=True)
def wgan_gp_gap() -> Iterator[Row]:
    """The best penalised critic of a shift by d has slope 1 + d/2λ, so its gap is not W1 = d.

    The penalty sees the slope's size alone, so a critic that starts with the slope's other sign
    may stay there: its best slope is then 1 - d/2λ, the wrong way.
    """
    d, weight = 2, 10.0
    claims = {
        1: _("E D(x) - E D(G(z)) of a critic sloped the right way, d = 2, λ = 10"),
        -1: _("E D(x) - E D(G(z)) of a critic sloped the wrong way, d = 2, λ = 10"),
    }
    for sign, claim in claims.items():
        starts = (_penalised_critic(d, weight, seed) for seed in range(20))
        gap = -critic_cost(next(run for run in starts if _slope(run, d) == sign), d)
        level = sign * d * (1 + sign * d / (2 * weight))
        yield Row(claim, CLOSED_FORM, level, gap, 0.05 * abs(level))


def _penalised_critic(d: int, weight: float, seed: int) -> Trainer:
    settings: dict[str, Any] = {"activation": "leaky_relu", "batch_size": 1024, "beta2": 0.99}
    penalty: dict[str, Any] = {"penalty": "wgan_gp", "penalty_weight": weight}
    return critic("wasserstein", d, seed=seed, **settings, **penalty)


def _slope(run: Trainer, d: int) -> int:
    """1 where D is higher at the data's centre than at that of the samples, else -1."""
    with torch.no_grad():
        at_data, at_samples = run.discriminator(torch.tensor([[0.0], [float(d)]])).reshape(-1)
    return 1 if at_data > at_samples else -1


@CHECKS.register("f-GAN fits of one Gaussian to a mixture", quick=True)
def trained_fits() -> Iterator[Row]:
    """Training ends at the Gaussian that each divergence prefers, and measures its D_f."""
    for loss in BEST_FIT:
        yield from fit_rows(loss, seed=0)


@CHECKS.register("f-GAN fits, other seeds", quick=False)
def more_trained_fits() -> Iterator[Row]:
    """The same from two other seeds."""
    for loss in BEST_FIT:
        for seed in (1, 2):
            yield from fit_rows(loss, seed)


def fit_rows(loss: str, seed: int) -> Iterator[Row]:
    """One game on the paper's mixture, G starting from N(0, 3²)."""
    target = Target(mixture, 1, shift=0.0, scale=1.0)
    rates = {"lr_d": 0.01, "lr_g": 0.01}
    run = game(target, 0.0, 3.0, loss=loss, seed=seed, steps=2000, batch_size=2048, **rates)
    # The noise is symmetric: G may as well scale it by -σ.
    mu, sigma = (p.item() for p in finished(run).generator.parameters())
    sigma = abs(sigma)
    x = line(-14.0, 16.0, 0.02)
    found = -cost_of(run, x, mixture_log_density(x), normal_log_density(x, mu, sigma))
    divergence, mean, std = BEST_FIT[loss]
    claims = [
        (_("{loss}: trained μ (seed {seed})", loss=loss, seed=seed), mean, mu, 0.05),
        (_("{loss}: trained σ (seed {seed})", loss=loss, seed=seed), std, sigma, 0.05),
        (
            _("{loss}: D_f by the trained critic (seed {seed})", loss=loss, seed=seed),
            divergence,
            found,
            0.01,
        ),
    ]
    for claim, printed, measured, tolerance in claims:
        yield Row(claim, TABLE_3, printed, measured, tolerance)
