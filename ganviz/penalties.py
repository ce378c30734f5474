"""Penalties on the discriminator's gradient, in the standardised units that networks see.

A penalty is `(critic, real, fake, rng)` to a 0-d tensor that can be differentiated again; training
adds `penalty_weight` times it to D's loss. `critic` maps `(n, *shape)` to `(n,)`.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from ganviz.registry import Entry, Registry

Critic = Callable[[Tensor], Tensor]
Penalty = Callable[[Critic, Tensor, Tensor, torch.Generator], Tensor]

PENALTIES: Registry[Penalty, Entry[Penalty]] = Registry("penalty")


@PENALTIES.register("None")
def none(critic: Critic, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    """No penalty: zero."""
    return real.new_zeros(())


@PENALTIES.register("R1 (gradient at data)")
def r1(critic: Critic, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    r"""Pulls D flat where the data are, so that the game comes to rest at the equilibrium.

    $$\frac{1}{2} E_x \|\nabla_x D(x)\|^2$$

    The weight is gamma, the factor 1/2 is in the formula. The norm is of each sample by itself.

    Args:
        critic: D before the sigmoid.
        real: data, shape `(batch, *shape)`.
        fake: samples; not used.
        rng: not used.

    References: Mescheder, Geiger & Nowozin 2018, equation 9.
    [arXiv:1801.04406](https://arxiv.org/abs/1801.04406)
    """
    return _half_squared_gradient(critic, real)


@PENALTIES.register("R2 (gradient at samples)")
def r2(critic: Critic, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    r"""Pulls D flat where the samples are: R1 with the samples in the place of the data.

    $$\frac{1}{2} E_z \|\nabla_x D(G(z))\|^2$$

    Args:
        critic: D before the sigmoid.
        real: data; not used.
        fake: samples, shape `(batch, *shape)`.
        rng: not used.

    References: Mescheder, Geiger & Nowozin 2018, equation 10.
    [arXiv:1801.04406](https://arxiv.org/abs/1801.04406)
    """
    return _half_squared_gradient(critic, fake)


def _half_squared_gradient(critic: Critic, at: Tensor) -> Tensor:
    points = at.detach().requires_grad_()
    # The sum's gradient holds each sample's own gradient, as no sample's output sees another.
    (slope,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return slope.square().flatten(1).sum(1).mean() / 2
