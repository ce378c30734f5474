"""How strongly each loss moves G where D is at its best."""

from collections.abc import Iterator

import torch
from torch import Tensor

from ganviz.losses import LOSSES
from ganviz.say import _
from ganviz.value import optimal_logits
from ganviz.verify.base import CHECKS, QUADRATURE, Row
from ganviz.verify.quadrature import expected, line, normal_log_density, weights

LEVELS = (
    (1.0, 1.0, 0.39797, 0.60203),
    (2.0, 0.7, 0.46855, 1.53145),
    (3.0, 1.0, 0.29586, 2.70414),
    (5.0, 1.0, 0.04738, 4.95262),
)
"""Samples N(μ, s²) against data N(0, 1): μ, s, and |gradient in μ| of minimax and the other."""

THEOREM = _("Arjovsky & Bottou 2017, Theorem 2.5, arXiv:1701.04862")


@CHECKS.register("Generator gradients at the best D", quick=True)
def generator_gradients() -> Iterator[Row]:
    """Minimax follows 2 JSD and saturates, the other KL(q‖p) - 2 JSD; their sum is KL's, μ."""
    for mean, std, minimax, non_saturating in LEVELS:
        found = [generator_gradient(name, mean, std) for name in ("minimax", "non_saturating")]
        at = f"μ = {mean:g}, s = {std:g}"
        # Five decimals are known; the integral is good to far more, as the last two rows show.
        claim = _("minimax: G's gradient, {at}", at=at)
        yield Row(claim, QUADRATURE, minimax, found[0], 6e-6)
        claim = _("non_saturating: G's gradient, {at}", at=at)
        yield Row(claim, QUADRATURE, non_saturating, found[1], 6e-6)
        jsd = jsd_gradient(mean, std)
        claim = _("minimax: G's gradient is that of 2 JSD, {at}", at=at)
        yield Row(claim, THEOREM, jsd, found[0], 1e-6)
        claim = _("sum of both is that of KL, {at}", at=at)
        yield Row(claim, THEOREM, mean, sum(found), 1e-6)


def generator_gradient(name: str, mean: float, std: float) -> float:
    """dL_G/dμ with D* frozen, for samples μ + std z; positive: descent pulls μ to the data at 0."""
    z = line(-12.0, 12.0, 0.02)
    mu = torch.tensor(mean, dtype=torch.float64, requires_grad=True)

    def best(x: Tensor) -> Tensor:
        return optimal_logits(normal_log_density(x, 0.0, 1.0), normal_log_density(x, mean, std))

    nothing, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    q = weights(normal_log_density(z, 0.0, 1.0), z)
    cost = expected(LOSSES[name].fn, nothing, one, best(mu + std * z), q).g
    (slope,) = torch.autograd.grad(cost, mu)
    return slope.item()


def jsd_gradient(mean: float, std: float) -> float:
    """d/dμ of 2 JSD(N(0, 1) ‖ N(μ, std²)), from the integral itself."""
    x = line(-14.0, 14.0 + mean, 0.02)
    mu = torch.tensor(mean, dtype=torch.float64, requires_grad=True)
    log_p, log_q = normal_log_density(x, 0.0, 1.0), normal_log_density(x, mu, std)
    log_m = torch.logaddexp(log_p, log_q) - torch.tensor(2.0, dtype=torch.float64).log()
    jsd = (weights(log_p, x) * (log_p - log_m)).sum() + (weights(log_q, x) * (log_q - log_m)).sum()
    (slope,) = torch.autograd.grad(jsd, mu)
    return slope.item()
