r"""The f-GAN family: each divergence $D_f(p \| q) = \int q f(p / q)$ as a game.

With the conjugate $f^*(t) = \sup_u (ut - f(u))$ and an activation g_f that maps the critic's output
into its domain, both players see

$$F = E_x[g_f(D(x))] - E_z[f^*(g_f(D(G(z))))] \le D_f(p \| q),$$

which D raises (`Objective.d` is -F) and G lowers. The bound is reached where
$g_f(D) = f'(p / q)$. In the losses both functions are joined by algebra, so that no exponential is
taken that a logarithm undoes.

Source: Nowozin, Cseke & Tomioka 2016, *f-GAN*, Tables 1, 2 and 6.
[arXiv:1606.00709](https://arxiv.org/abs/1606.00709)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from ganviz.losses.base import LOSSES, Objective, value_of

EXPONENTIAL = 80.0
"""float32 ends at e^88.7; to here a batch of thousands of such terms can be summed."""


@dataclass(frozen=True)
class FDivergence:
    """What defines one member, as plain functions, element by element."""

    f: Callable[[Tensor], Tensor]
    """Of the ratio u = p / q, u > 0: convex. f(1) = 0, but for `fgan_gan`, where it is -ln 4."""
    conjugate: Callable[[Tensor], Tensor]
    """f*(t) = sup over u of ut - f(u), for t in the activation's range."""
    activation: Callable[[Tensor], Tensor]
    """g_f, from any real number into the domain of f*."""


@LOSSES.register(
    "f-GAN: KL",
    critic="ratio",
    equilibrium=0.0,
    equilibrium_g=-1.0,
    generator_sees_real=False,
    finite_to=EXPONENTIAL,
    penalty="r1",
    reading=(
        "−L_D bounds KL(p‖q) from below and is that for the best D: 0 where D can only guess. "
        "L_G is the part of −L_D that G can change: −1 at equilibrium."
    ),
)
def fgan_kl(real: Tensor, fake: Tensor) -> Objective:
    r"""G lowers KL(p‖q), which punishes every place where data are and samples are not.

    $$L_D = E_z[e^{D(G(z)) - 1}] - E_x[D(x)], \quad L_G = -E_z[e^{D(G(z)) - 1}]$$

    At its best D is 1 + ln(p / q).

    Args:
        real: critic outputs on data, shape `(batch,)`, any real number.
        fake: critic outputs on samples, shape `(batch,)`; e to their power must be finite.

    References: Nowozin et al. 2016. [arXiv:1606.00709](https://arxiv.org/abs/1606.00709)
    """
    return Objective(d=(fake - 1).exp().mean() - real.mean(), g=-(fake - 1).exp().mean())


@LOSSES.register(
    "f-GAN: reverse KL",
    critic="ratio",
    equilibrium=0.0,
    equilibrium_g=1.0,
    generator_sees_real=False,
    finite_to=EXPONENTIAL,
    penalty="r1",
    reading=(
        "−L_D bounds KL(q‖p) from below and is that for the best D: 0 where D can only guess. "
        "L_G is the part of −L_D that G can change: 1 at equilibrium."
    ),
)
def fgan_reverse_kl(real: Tensor, fake: Tensor) -> Objective:
    r"""G lowers KL(q‖p), which punishes samples where no data are and lets modes be dropped.

    $$L_D = E_x[e^{-D(x)}] + E_z[D(G(z))] - 1, \quad L_G = 1 - E_z[D(G(z))]$$

    At its best D is ln(p / q).

    Args:
        real: critic outputs on data, shape `(batch,)`; e to minus their power must be finite.
        fake: critic outputs on samples, shape `(batch,)`, any real number.

    References: Nowozin et al. 2016. [arXiv:1606.00709](https://arxiv.org/abs/1606.00709)
    """
    return Objective(d=(-real).exp().mean() + fake.mean() - 1, g=1 - fake.mean())


@LOSSES.register(
    "f-GAN: Pearson χ²",
    critic="ratio",
    equilibrium=0.0,
    equilibrium_g=0.0,
    generator_sees_real=False,
    finite_to=1e4,
    penalty="r1",
    reading=(
        "−L_D bounds the χ² distance from below and is that for the best D: 0 where D can only "
        "guess. L_G is the part of −L_D that G can change: 0 at equilibrium."
    ),
)
def fgan_pearson(real: Tensor, fake: Tensor) -> Objective:
    r"""G lowers the χ² distance, the mean squared error of p / q under the samples.

    $$L_D = E_z[\tfrac14 D(G(z))^2 + D(G(z))] - E_x[D(x)], \quad
      L_G = -E_z[\tfrac14 D(G(z))^2 + D(G(z))]$$

    At its best D is 2(p / q - 1), at least -2. Below -2 the pull on G points the wrong way.

    Args:
        real: critic outputs on data, shape `(batch,)`, any real number.
        fake: critic outputs on samples, shape `(batch,)`.

    References: Nowozin et al. 2016. [arXiv:1606.00709](https://arxiv.org/abs/1606.00709)
    """
    return Objective(
        d=(fake.square() / 4 + fake).mean() - real.mean(),
        g=-(fake.square() / 4 + fake).mean(),
    )


@LOSSES.register(
    "f-GAN: squared Hellinger",
    critic="ratio",
    equilibrium=0.0,
    equilibrium_g=0.0,
    generator_sees_real=False,
    finite_to=EXPONENTIAL,
    penalty="r1",
    reading=(
        "−L_D bounds the squared Hellinger distance (at most 2) from below and is that for the "
        "best D: 0 where D can only guess. L_G is the part of −L_D that G can change: 0 at "
        "equilibrium."
    ),
)
def fgan_hellinger(real: Tensor, fake: Tensor) -> Objective:
    r"""G lowers the squared Hellinger distance, which treats p and q alike and is at most 2.

    $$L_D = E_x[e^{-D(x)}] + E_z[e^{D(G(z))}] - 2, \quad L_G = 1 - E_z[e^{D(G(z))}]$$

    At its best D is ½ ln(p / q).

    Args:
        real: critic outputs on data, shape `(batch,)`; e to minus their power must be finite.
        fake: critic outputs on samples, shape `(batch,)`; e to their power must be finite.

    References: Nowozin et al. 2016. [arXiv:1606.00709](https://arxiv.org/abs/1606.00709)
    """
    return Objective(d=(-real).exp().mean() + fake.exp().mean() - 2, g=1 - fake.exp().mean())


@LOSSES.register(
    "f-GAN: Jensen-Shannon",
    critic="logit",
    equilibrium=0.0,
    equilibrium_g=0.0,
    generator_sees_real=False,
    finite_to=1e4,
    penalty="r1",
    reading=(
        "−L_D bounds 2 JSD(p‖q), at most ln 4, from below and is that for the best D: 0 where D "
        "can only guess. L_G is the part of −L_D that G can change: 0 at equilibrium."
    ),
)
def fgan_js(real: Tensor, fake: Tensor) -> Objective:
    r"""G lowers 2 JSD(p‖q): the original game, moved so that it ends at 0.

    $$L_D = -V(D, G) - \ln 4, \quad L_G = E_z[\ln(1 - D(G(z)))] + \ln 2$$

    Here D is the sigmoid of the critic's output, which at its best is ln(p / q).

    Args:
        real: logits on data, shape `(batch,)`, any real number.
        fake: logits on samples, shape `(batch,)`.

    References: Nowozin et al. 2016. [arXiv:1606.00709](https://arxiv.org/abs/1606.00709)
    """
    return Objective(d=-value_of(real, fake) - log(4), g=logsigmoid(-fake).mean() + log(2))


@LOSSES.register(
    "f-GAN: GAN",
    critic="logit",
    equilibrium=log(4),
    equilibrium_g=-log(2),
    generator_sees_real=False,
    finite_to=1e4,
    penalty="r1",
    reading=(
        "L_D is −V, and −L_D bounds 2 JSD(p‖q) − ln 4: ln 4 where D can only guess, 0 where it is "
        "always right. L_G is V's G term: −ln 2 where D guesses."
    ),
)
def fgan_gan(real: Tensor, fake: Tensor) -> Objective:
    r"""The original game as a member of the family: the same numbers as minimax.

    $$L_D = -V(D, G), \quad L_G = E_z[\ln(1 - D(G(z)))]$$

    Here D is the sigmoid of the critic's output, which at its best is ln(p / q).

    Args:
        real: logits on data, shape `(batch,)`, any real number.
        fake: logits on samples, shape `(batch,)`.

    References: Nowozin et al. 2016. [arXiv:1606.00709](https://arxiv.org/abs/1606.00709)
    """
    return Objective(d=-value_of(real, fake), g=logsigmoid(-fake).mean())


def _same(v: Tensor) -> Tensor:
    return v


F_DIVERGENCES: Mapping[str, FDivergence] = MappingProxyType(
    {
        "fgan_kl": FDivergence(
            f=lambda u: torch.xlogy(u, u), conjugate=lambda t: (t - 1).exp(), activation=_same
        ),
        "fgan_reverse_kl": FDivergence(
            f=lambda u: -u.log(),
            conjugate=lambda t: -1 - (-t).log(),
            activation=lambda v: -(-v).exp(),
        ),
        "fgan_pearson": FDivergence(
            f=lambda u: (u - 1).square(),
            conjugate=lambda t: t.square() / 4 + t,
            activation=_same,
        ),
        "fgan_hellinger": FDivergence(
            f=lambda u: (u.sqrt() - 1).square(),
            conjugate=lambda t: t / (1 - t),
            activation=lambda v: 1 - (-v).exp(),
        ),
        "fgan_js": FDivergence(
            f=lambda u: torch.xlogy(u, u) - (u + 1) * ((u + 1) / 2).log(),
            conjugate=lambda t: -(2 - t.exp()).log(),
            activation=lambda v: log(2) - softplus(-v),
        ),
        "fgan_gan": FDivergence(
            f=lambda u: torch.xlogy(u, u) - (u + 1) * (u + 1).log(),
            conjugate=lambda t: -(1 - t.exp()).log(),
            activation=lambda v: -softplus(-v),
        ),
    }
)
"""By the name of the loss."""
