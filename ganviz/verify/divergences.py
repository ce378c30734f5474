"""The f-GAN family: conjugates, divergences of two Gaussians, and the best single Gaussian."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ganviz.losses import F_DIVERGENCES, LOSSES
from ganviz.say import _
from ganviz.verify.base import CHECKS, CLOSED_FORM, QUADRATURE, Row
from ganviz.verify.quadrature import expected, line, normal_log_density, weights

PAPER = "Nowozin et al. 2016, arXiv:1606.00709"

TABLE_3 = _("{paper}, Table 3", paper=PAPER)
TABLE_5 = _("{paper}, Table 5", paper=PAPER)

BEST_OUTPUT: dict[str, Callable[[Tensor], Tensor]] = {
    "fgan_kl": lambda r: 1 + r,
    "fgan_reverse_kl": lambda r: r,
    "fgan_pearson": lambda r: 2 * (r.exp() - 1),
    "fgan_hellinger": lambda r: r / 2,
    "fgan_js": lambda r: r,
    "fgan_gan": lambda r: r,
}
"""From r = ln(p / q) to the critic's output v at which g_f(v) is the best T."""

BEST_T: dict[str, Callable[[Tensor], Tensor]] = {
    "fgan_kl": lambda r: 1 + r,
    "fgan_reverse_kl": lambda r: -(-r).exp(),
    "fgan_pearson": lambda r: 2 * (r.exp() - 1),
    "fgan_hellinger": lambda r: ((r / 2).exp() - 1) * (-r / 2).exp(),
    "fgan_js": lambda r: (2 * r.sigmoid()).log(),
    "fgan_gan": lambda r: r.sigmoid().log(),
}
"""T* = f'(p / q) as the paper's Table 5 lists it, from r = ln(p / q)."""

OF_TWO_GAUSSIANS = {
    "fgan_kl": 0.354080,
    "fgan_reverse_kl": 0.582636,
    "fgan_pearson": 0.667535,
    "fgan_hellinger": 0.208245,
    "fgan_js": 0.192744,
    "fgan_gan": -1.193551,
}
"""D_f(N(0, 1) ‖ N(1, 1.3²))."""


@CHECKS.register("f-GAN conjugates", quick=True)
def conjugates() -> Iterator[Row]:
    """f*(t) is the supremum over u of ut - f(u), and f'(u) is the T* of the paper."""
    u = torch.logspace(-6, 4, 400_001, dtype=torch.float64)
    ratios = line(-2.0, 2.0, 0.25)
    for name, member in F_DIVERGENCES.items():
        best = BEST_T[name](ratios)
        suprema = torch.stack([(u * t - member.f(u)).max() for t in best])
        apart = (member.conjugate(best) - suprema).abs().max().item()
        yield Row(_("{loss}: f* against the supremum", loss=name), QUADRATURE, 0.0, apart, 1e-6)
        reached = member.activation(BEST_OUTPUT[name](ratios))
        apart = (reached - best).abs().max().item()
        yield Row(_("{loss}: g_f reaches T*", loss=name), TABLE_5, 0.0, apart, 1e-12)


@CHECKS.register("f-GAN divergences", quick=True)
def divergences() -> Iterator[Row]:
    """-L_D at T* is the divergence itself, here D_f(N(0, 1) ‖ N(1, 1.3²))."""
    x = line(-16.0, 16.0, 0.02)
    log_p, log_q = normal_log_density(x, 0.0, 1.0), normal_log_density(x, 1.0, 1.3)
    p, q = weights(log_p, x), weights(log_q, x)
    for name, level in OF_TWO_GAUSSIANS.items():
        critic = BEST_OUTPUT[name](log_p - log_q)
        measured = -expected(LOSSES[name].fn, critic, p, critic, q).d.item()
        yield Row(_("{loss}: -L_D at T* is D_f", loss=name), QUADRATURE, level, measured, 1e-6)
        of_f = (q * F_DIVERGENCES[name].f((log_p - log_q).exp())).sum().item()
        yield Row(_("{loss}: D_f from f", loss=name), QUADRATURE, level, of_f, 1e-6)


BEST_FIT = {
    "fgan_kl": (0.2831, 1.0100, 1.8308),
    "fgan_reverse_kl": (0.2480, 1.5782, 1.6319),
    "fgan_js": (0.1280, 1.3070, 1.7542),
    "fgan_pearson": (0.6457, 0.5737, 1.9274),
}
"""(D_f, μ, σ) of the single Gaussian that is nearest to the mixture: the paper's Table 3."""

MIXTURE = ((0.33, -1.0, 0.255), (0.67, 2.0, math.sqrt(2)))
"""(weight, mean, σ) of both parts."""


def mixture_log_density(x: Tensor) -> Tensor:
    """The data of the paper's univariate experiment, .33 N(-1, .255²) + .67 N(2, 2)."""
    parts = [math.log(w) + normal_log_density(x, m, s) for w, m, s in MIXTURE]
    return torch.logsumexp(torch.stack(parts), 0)


@CHECKS.register("f-GAN best fits", quick=True)
def best_fits() -> Iterator[Row]:
    """The Gaussian that minimises each D_f to the mixture, found by descent on the integral.

    The paper's numbers are right to about 1e-3. For KL the best Gaussian has the data's own mean
    and variance, 1.01 and 3.3513.
    """
    x = line(-14.0, 16.0, 0.02)
    log_p = mixture_log_density(x)
    shares, means, stds = zip(*MIXTURE, strict=True)
    mean = sum(w * m for w, m in zip(shares, means, strict=True))
    variance = sum(
        w * (s**2 + (m - mean) ** 2) for w, m, s in zip(shares, means, stds, strict=True)
    )
    for name, levels in BEST_FIT.items():
        at = torch.tensor([1.0, math.log(1.8)], dtype=torch.float64)
        divergence = _descend(name, x, log_p, at)
        measured = (divergence, at[0].item(), at[1].exp().item())
        for what, level, found in zip(("D_f", "μ", "σ"), levels, measured, strict=True):
            yield Row(
                _("{loss}: best fit, {what}", loss=name, what=what), TABLE_3, level, found, 1e-3
            )
        if name == "fgan_kl":
            yield Row(
                _("{loss}: best fit, data's mean", loss=name), CLOSED_FORM, mean, measured[1], 1e-5
            )
            yield Row(
                _("{loss}: best fit, data's σ", loss=name),
                CLOSED_FORM,
                variance**0.5,
                measured[2],
                1e-5,
            )


def _descend(name: str, x: Tensor, log_p: Tensor, at: Tensor) -> float:
    """Move `at`, (μ, ln σ), to the least D_f by Newton's method; gives it."""
    for _step in range(8):
        here = at.clone().requires_grad_()
        (slope,) = torch.autograd.grad(_divergence(name, x, log_p, here), here, create_graph=True)
        rows = [torch.autograd.grad(s, here, retain_graph=True)[0] for s in slope]
        at -= torch.linalg.solve(torch.stack(rows), slope.detach())
    return _divergence(name, x, log_p, at).item()


def _divergence(name: str, x: Tensor, log_p: Tensor, at: Tensor) -> Tensor:
    """D_f of the density on the grid `x` from N(μ, σ²), `at` = (μ, ln σ)."""
    log_q = normal_log_density(x, at[0], at[1].exp())
    return (weights(log_q, x) * F_DIVERGENCES[name].f((log_p - log_q).exp())).sum()
