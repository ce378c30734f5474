"""The values that V and the losses have in closed form."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from ganviz.datasets import DATASETS
from ganviz.levels import V_EQUILIBRIUM, value_with_dropped_modes
from ganviz.losses import LOSSES, Objective
from ganviz.say import _
from ganviz.value import optimal_logits, value_terms
from ganviz.verify.base import CHECKS, CLOSED_FORM, QUADRATURE, Row
from ganviz.verify.quadrature import expected, line, normal_log_density, weights

LN2, LN4 = math.log(2), math.log(4)

AT_ZERO = {
    "non_saturating": (LN4, LN2),
    "minimax": (LN4, -LN2),
    "least_squares": (0.5, 0.5),
    "hinge": (2.0, 0.0),
    "wasserstein": (0.0, 0.0),
    "relativistic": (LN2, LN2),
    "relativistic_average": (LN4, LN4),
    "fgan_kl": (1 / math.e, -1 / math.e),
    "fgan_reverse_kl": (0.0, 1.0),
    "fgan_pearson": (0.0, 0.0),
    "fgan_hellinger": (0.0, 0.0),
    "fgan_js": (0.0, 0.0),
    "fgan_gan": (LN4, -LN2),
}
"""What D and G minimise where the critic's output is 0 everywhere."""


@CHECKS.register("Losses where the critic says nothing", quick=True)
def at_zero() -> Iterator[Row]:
    """Critic outputs of 0 give each loss a value that is known exactly."""
    zero = torch.zeros(64, dtype=torch.float64)
    for name, entry in LOSSES.items():
        for player, level, cost in zip("DG", AT_ZERO[name], entry.fn(zero, zero), strict=True):
            claim = _("{loss}: L_{player} at outputs of 0", loss=name, player=player)
            yield Row(claim, CLOSED_FORM, level, cost.item(), 1e-12)
    half = LOSSES["least_squares"].fn(zero + 0.5, zero + 0.5).d.item()
    yield Row(_("least_squares: L_D at D = 1/2"), CLOSED_FORM, 0.25, half, 1e-12)
    terms = value_terms(zero, zero)
    source = _("Goodfellow et al. 2014, Theorem 1")
    yield Row(_("V at D = 1/2: -ln 4"), source, V_EQUILIBRIUM, terms.value.item(), 1e-12)
    yield Row(_("D term at D = 1/2: -ln 2"), source, -LN2, terms.d_term.item(), 1e-12)
    yield Row(_("G term at D = 1/2: -ln 2"), source, -LN2, terms.g_term.item(), 1e-12)


AT_CONSTANT = {
    "non_saturating": (0.0, 0.5),
    "minimax": (0.0, 0.5),
    "least_squares": (0.5, 0.5),
    "hinge": (0.0, 1.0),
    "wasserstein": (0.0, 1.0),
    "relativistic": (0.0, 0.5),
    "relativistic_average": (0.0, 1.0),
    "fgan_kl": (1.0, 1.0),
    "fgan_reverse_kl": (0.0, 1.0),
    "fgan_pearson": (0.0, 1.0),
    "fgan_hellinger": (0.0, 1.0),
    "fgan_js": (0.0, 0.5),
    "fgan_gan": (0.0, 0.5),
}
"""The best constant output (any, where the cost is flat), and the size of all slopes there."""


@CHECKS.register("What the players pull at where samples equal data", quick=True)
def at_constant() -> Iterator[Row]:
    """At the best constant D raises data as hard as it lowers samples, and G raises those."""
    for name, entry in LOSSES.items():
        best, size = AT_CONSTANT[name]
        level = torch.full((64,), best, dtype=torch.float64)
        real, fake = level.clone().requires_grad_(), level.clone().requires_grad_()
        d, g = entry.fn(real, fake)
        yield Row(
            _("{loss}: L_D there", loss=name),
            CLOSED_FORM,
            entry.facts["equilibrium"],
            d.item(),
            1e-12,
        )
        down = [-s.sum().item() for s in torch.autograd.grad(d, (real, fake))]
        up = -torch.autograd.grad(g, fake)[0].sum().item()
        pulls = (
            (_("{loss}: pull of D at data", loss=name), size, down[0]),
            (_("{loss}: pull of D at samples", loss=name), -size, down[1]),
            (_("{loss}: pull of G", loss=name), size, up),
        )
        for claim, pull, found in pulls:
            yield Row(claim, CLOSED_FORM, pull, found, 1e-12)


AT_BEST = {
    "minimax": (1.16345, 0.71263, 0.33274),
    "least_squares": (0.1990, 0.1124, 0.0493),
    "hinge": (1.2342, 0.6346, 0.2672),
    "relativistic": (0.4918, 0.1931, 0.0456),
    "fgan_kl": (-0.5, -2.0, -4.5),
    "fgan_hellinger": (-0.2350, -0.7869, -1.3507),
}
"""The least L_D for data N(0, 1) and samples N(d, 1), d = 1, 2, 3."""


def best_critic(name: str, log_ratio: Tensor) -> Tensor:
    """The output that minimises L_D of `name`, from ln(p / q)."""
    if name == "least_squares":
        return log_ratio.sigmoid()
    if name == "hinge":
        return log_ratio.sign()
    if name == "fgan_kl":
        return 1 + log_ratio
    return log_ratio / 2 if name == "fgan_hellinger" else log_ratio


@CHECKS.register("Losses at the best critic", quick=True)
def at_best() -> Iterator[Row]:
    """With data N(0, 1) and samples N(d, 1) the best critic is known, and so is its cost."""
    for name, levels in AT_BEST.items():
        for d, level in zip((1, 2, 3), levels, strict=True):
            cost = _costs_at_best(name, d).d.item()
            claim = _("{loss}: least L_D, N(0, 1) against N({d}, 1)", loss=name, d=d)
            yield Row(claim, QUADRATURE, level, cost, 1e-5 if name == "minimax" else 1e-4)
    for d in (1, 2, 3):
        both = sum(_costs_at_best(name, d).g.item() for name in ("minimax", "non_saturating"))
        claim = _("both L_G add up to KL(q‖p), N(0, 1) against N({d}, 1)", d=d)
        yield Row(claim, CLOSED_FORM, d**2 / 2, both, 1e-9)


def _costs_at_best(name: str, d: int) -> Objective:
    # The grid is symmetric about d / 2, where the hinge's best critic jumps.
    x = line(-11.0, 11.0 + d, 0.02)
    log_p, log_q = normal_log_density(x, 0.0, 1.0), normal_log_density(x, float(d), 1.0)
    critic = best_critic(name, optimal_logits(log_p, log_q))
    return expected(LOSSES[name].fn, critic, weights(log_p, x), critic, weights(log_q, x))


DROPPED = (-0.3924, -0.6255, -0.8057, -0.9548, -1.0827, -1.1951, -1.2955, -1.3863)
"""The largest V, where G is perfect on m = 1 ... 8 of 8 modes."""


@CHECKS.register("V where modes are dropped", quick=True)
def dropped_modes() -> Iterator[Row]:
    """G perfect on m of K modes: the largest V is (m/K) ln(m/(m+K)) + ln(K/(K+m))."""
    target, n, rng = DATASETS["ring"].fn(modes=8), 100_000, torch.Generator().manual_seed(0)
    real = target.sample(n, rng)
    centres, std = target.mixture[0], float(target.mixture[1])
    for m, level in enumerate(DROPPED, start=1):
        part = centres[torch.randint(m, (n,), generator=rng)]
        fake = part + std * torch.randn(n, 2, generator=rng)
        logits = [_best_logits(x, centres, m, std) for x in (real, fake)]
        formula = value_with_dropped_modes(m, 8)
        measured = value_terms(*logits).value.item()
        yield Row(_("V's formula, {m} of 8 modes", m=m), QUADRATURE, level, formula, 5e-5)
        claim = _("V of the best D on samples, {m} of 8 modes", m=m)
        yield Row(claim, CLOSED_FORM, level, measured, 0.01)
        pairs = LOSSES["relativistic"].fn(*logits).d.item()
        claim = _("relativistic: least L_D, {m} of 8 modes", m=m)
        yield Row(claim, CLOSED_FORM, m / 8 * LN2, pairs, 0.01)


def _best_logits(x: Tensor, modes: Tensor, covered: int, std: float) -> Tensor:
    """ln(p / q) where the data have all `modes` and the samples the first `covered`."""
    squared = (x.double()[:, None] - modes.double()).square().sum(-1) / (2 * std**2)
    log_p = torch.logsumexp(-squared, 1) - math.log(len(modes))
    log_q = torch.logsumexp(-squared[:, :covered], 1) - math.log(covered)
    return optimal_logits(log_p, log_q)
