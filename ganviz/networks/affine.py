"""The smallest generator, for theory: two numbers for each entry of a sample."""

import math
from typing import Annotated

import torch
from torch import Tensor, nn

from ganviz.networks.base import NETWORKS, Activation, Complaint, Family, Shape
from ganviz.networks.perceptron import mlp
from ganviz.registry import Bounds, Label, Mention
from ganviz.say import _


class Affine(nn.Module):
    r"""$\mu + \sigma z$ entry by entry, from `(n, prod(shape))` to `(n, *shape)`.

    Args:
        shape: of a sample, of μ and of σ.
        mu, sigma: what all their entries start from.
    """

    def __init__(self, shape: Shape, mu: float, sigma: float) -> None:
        super().__init__()
        self.mu = nn.Parameter(torch.full(shape, mu))
        self.sigma = nn.Parameter(torch.full(shape, sigma))

    def forward(self, z: Tensor) -> Tensor:
        """`(n, prod(shape))` to `(n, *shape)`."""
        return self.mu + self.sigma * z.reshape(len(z), *self.mu.shape)


def _needs_equal_dimensions(
    shape: Shape, depth: int, latent_dim: int | None = None
) -> Complaint | None:
    entries = math.prod(shape)
    if latent_dim in (None, entries):
        return None
    message = _(
        "scales z entry by entry, so {field} must be {entries}, got {latent_dim}",
        field=Mention("latent_dim"),
        entries=entries,
        latent_dim=latent_dim,
    )
    return Complaint("latent_dim", message)


@NETWORKS.register(
    "Affine generator (theory)", complaint=_needs_equal_dimensions, deep_generator=False
)
def affine(
    *,
    mu: Annotated[float, Bounds(-10, 10), Label("First μ")] = 0.0,
    sigma: Annotated[float, Bounds(0, 10), Label("First σ")] = 1.0,
    activation: Activation = "leaky_relu",
) -> Family:
    r"""G shifts and scales the noise and can do no more; D is a perceptron. For games on paper.

    $$G(z) = \mu + \sigma z$$

    All of G is two numbers for each entry of a sample, so its whole path can be drawn and compared
    with theory. With normal z its samples are exactly normal. latent_dim must be the number of
    entries of a sample, and every seed starts from the same stated numbers: 0 and 1, the noise
    itself, if nothing else is said. σ = 0 starts from a single point, as the Dirac-GAN has it.

    Args:
        mu: where every μ starts, in standardised units.
        sigma: where every σ starts, in standardised units.
        activation: the nonlinearity after each of D's hidden layers.

    References: Mescheder, Geiger & Nowozin 2018. [arXiv:1801.04406](https://arxiv.org/abs/1801.04406)
    """

    def generator(
        shape: Shape, latent_dim: int, width: int, depth: int, rng: torch.Generator
    ) -> nn.Module:
        if complaint := _needs_equal_dimensions(shape, depth, latent_dim):
            raise ValueError(f"affine {complaint.sentence}")
        return Affine(shape, mu, sigma)

    return Family(generator, mlp(activation=activation).discriminator)
