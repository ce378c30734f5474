"""Losses in which D says which of the two is more real, not how real one is."""

from math import log

from torch import Tensor
from torch.nn.functional import softplus

from ganviz.losses.base import LOSSES, Objective


@LOSSES.register(
    "Relativistic pairing",
    critic="critic",
    equilibrium=log(2),
    equilibrium_g=log(2),
    generator_sees_real=True,
    finite_to=1e4,
    penalty="r1_r2",
    reading=(
        "L_D is ln 2 where D cannot tell which of a pair is real, 0 where it always can. "
        "L_G is the same with the roles exchanged: ln 2 too at equilibrium, more where D leads."
    ),
)
def relativistic(real: Tensor, fake: Tensor) -> Objective:
    r"""D ranks pairs of one data point and one sample; G wants the ranking turned round.

    $$L_D = E_{x,z}[\mathrm{softplus}(D(G(z)) - D(x))], \quad
      L_G = E_{x,z}[\mathrm{softplus}(D(x) - D(G(z)))]$$

    At its best D is ln(p / q) plus any constant. A sample gains nothing from being far from other
    samples, only from standing near data, which works against mode dropping.

    Args:
        real: critic outputs on data, shape `(batch,)`, any real number.
        fake: critic outputs on samples, of the same shape: they are paired in order.

    References: Jolicoeur-Martineau 2018, [arXiv:1807.00734](https://arxiv.org/abs/1807.00734);
    with R1 and R2, Huang et al. 2024, [arXiv:2501.05441](https://arxiv.org/abs/2501.05441)
    """
    lead = real - fake
    return Objective(d=softplus(-lead).mean(), g=softplus(lead).mean())


@LOSSES.register(
    "Relativistic average",
    critic="critic",
    equilibrium=log(4),
    equilibrium_g=log(4),
    generator_sees_real=True,
    finite_to=1e4,
    penalty="r1_r2",
    reading=(
        "L_D is ln 4 where D sees no difference to the other batch's mean, 0 where it is always "
        "right. L_G is the same with the roles exchanged: ln 4 too at equilibrium, more where D "
        "leads."
    ),
)
def relativistic_average(real: Tensor, fake: Tensor) -> Objective:
    r"""D compares each point with the mean of the other batch; G wants the opposite answers.

    $$L_D = E_x[\mathrm{softplus}(\bar D_z - D(x))] + E_z[\mathrm{softplus}(D(G(z)) - \bar D_x)]$$
    $$L_G = E_x[\mathrm{softplus}(D(x) - \bar D_z)] + E_z[\mathrm{softplus}(\bar D_x - D(G(z)))]$$

    with the batch means $\bar D_x$ of D(x) and $\bar D_z$ of D(G(z)).

    Args:
        real: critic outputs on data, shape `(batch,)`, any real number.
        fake: critic outputs on samples, shape `(batch,)`; the sizes may differ.

    References: Jolicoeur-Martineau 2018, section 4.2.
    [arXiv:1807.00734](https://arxiv.org/abs/1807.00734)
    """
    real_lead, fake_lead = real - fake.mean(), fake - real.mean()
    return Objective(
        d=softplus(-real_lead).mean() + softplus(fake_lead).mean(),
        g=softplus(real_lead).mean() + softplus(-fake_lead).mean(),
    )
