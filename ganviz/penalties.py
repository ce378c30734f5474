"""Penalties on the discriminator's gradient, in the standardised units that networks see.

A penalty is `(critic, real, fake, rng)` to a 0-d tensor that can be differentiated again; training
adds `penalty_weight` times it to D's loss. `critic` maps `(n, *shape)` to `(n,)`. Zero-centred ones
carry a factor 1/2, so that their weight is the gamma of the papers; those that pull the slope to 1
do not, and theirs is lambda.
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


@PENALTIES.register("R1 + R2 (gradient at both)")
def r1_r2(critic: Critic, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    r"""Pulls D flat where the data are and where the samples are, at once.

    $$\frac{1}{2} \left( E_x \|\nabla_x D(x)\|^2 + E_z \|\nabla_x D(G(z))\|^2 \right)$$

    The weight is gamma: R1 and R2 with the same one, added.

    Args:
        critic: D before the sigmoid.
        real: data, shape `(batch, *shape)`.
        fake: samples, shape `(batch, *shape)`; the sizes may differ.
        rng: not used.

    References: Huang et al. 2024, *The GAN is dead; long live the GAN!*, section 2.
    [arXiv:2501.05441](https://arxiv.org/abs/2501.05441)
    """
    at_real, at_fake = _slopes(critic, real, fake)
    return (at_real.square().sum(1).mean() + at_fake.square().sum(1).mean()) / 2


@PENALTIES.register("WGAN-GP (slope 1 between both)")
def wgan_gp(critic: Critic, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    r"""Pulls D's slope to 1 on the straight lines between data and samples.

    $$E_{x,z,\epsilon} (\|\nabla D(\hat x)\| - 1)^2, \quad
      \hat x = \epsilon x + (1 - \epsilon) G(z), \quad \epsilon \sim U(0, 1)$$

    The weight is lambda, with no factor in the formula. Each pair has one epsilon and one norm. At
    a slope of exactly 0, where the norm has no derivative, the penalty does not push.

    Args:
        critic: D before any sigmoid.
        real: data, shape `(batch, *shape)`.
        fake: samples, of the same shape: they are paired in order.
        rng: draws epsilon.

    References: Gulrajani et al. 2017, equation 3 and Algorithm 1.
    [arXiv:1704.00028](https://arxiv.org/abs/1704.00028)
    """
    share = _uniform((len(real),) + (1,) * (real.ndim - 1), real, rng)
    return _squared_distance_of_slope_from_1(critic, torch.lerp(fake, real, share))


@PENALTIES.register("DRAGAN (slope 1 around data)")
def dragan(critic: Critic, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    r"""Pulls D's slope to 1 in a cloud around the data, wherever the samples are.

    $$E_{x,u} (\|\nabla D(x + \tfrac12 \sigma u)\| - 1)^2, \quad u_i \sim U(-1, 1)$$

    The weight is lambda, with no factor in the formula. σ is the standard deviation of all numbers
    of the batch about their mean. The authors' code draws u from (0, 1), on one side of the data;
    their text has noise that is centred, as here.

    Args:
        critic: D before any sigmoid.
        real: data, shape `(batch, *shape)`.
        fake: samples; not used.
        rng: draws the noise.

    References: Kodali et al. 2017. [arXiv:1705.07215](https://arxiv.org/abs/1705.07215)
    """
    noise = 2 * _uniform(tuple(real.shape), real, rng) - 1
    return _squared_distance_of_slope_from_1(critic, real + real.std(correction=0) / 2 * noise)


def _slopes(critic: Critic, *batches: Tensor) -> list[Tensor]:
    """The gradient of each sample's own output, shape `(batch, numbers of one sample)` each.

    A batch that is differentiated already is asked about as it is, so that a critic which has
    judged it need not do so again.
    """
    points = [x if x.requires_grad else x.detach().requires_grad_() for x in batches]
    # The sum's gradient holds each sample's own gradient, as no sample's output sees another.
    total = torch.stack([critic(x).sum() for x in points]).sum()
    slopes = torch.autograd.grad(total, points, create_graph=True)
    return [slope.flatten(1) for slope in slopes]


def _half_squared_gradient(critic: Critic, at: Tensor) -> Tensor:
    (slope,) = _slopes(critic, at)
    return slope.square().sum(1).mean() / 2


def _squared_distance_of_slope_from_1(critic: Critic, at: Tensor) -> Tensor:
    (slope,) = _slopes(critic, at.detach())
    squared = slope.square().sum(1)
    # The root's derivative at 0 is infinite, and 0 times infinity NaN: there it is never taken.
    flat = squared == 0
    norm = torch.where(flat, 0, torch.where(flat, 1, squared).sqrt())
    return (norm - 1).square().mean()


def _uniform(shape: tuple[int, ...], like: Tensor, rng: torch.Generator) -> Tensor:
    """Uniform on (0, 1), drawn where `rng` is: the same numbers on every device."""
    return torch.rand(shape, generator=rng, dtype=like.dtype, device=rng.device).to(like.device)
