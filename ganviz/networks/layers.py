"""What a discriminator can be given: random Fourier features, batch statistics, spectral norm."""

import math

import torch
from torch import Tensor, nn

WARM_UP = 20
"""Power iterations before the first forward pass."""


class FourierFeatures(nn.Module):
    r"""The input, and sines and cosines of random projections of it.

    $$x \mapsto [x, \sin(Bx), \cos(Bx)], \quad B_{ij} \sim N(0, s^2)$$

    Between two points twice the waves' mean product is about $\exp(-s^2 \|x - y\|^2 / 2)$: what
    lies much further apart than 1/s becomes unlike, so a D behind them can tell narrow modes apart.

    An input of k samples one after another, as packing makes it, gives the features of each.

    Args:
        dim: entries of one sample.
        count: how many frequencies; each has a sine and a cosine.
        scale: s, in radians per unit of x.
        rng: draws B, shape `(count, dim)`, once.

    References: Tancik et al. 2020 [arXiv:2006.10739](https://arxiv.org/abs/2006.10739), whose
    B holds a further factor 2π; Rahimi & Recht 2007.
    """

    frequencies: Tensor

    def __init__(self, dim: int, count: int, scale: float, rng: torch.Generator) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.randn(count, dim, generator=rng) * scale)

    @property
    def outputs(self) -> int:
        """Features of one sample."""
        count, dim = self.frequencies.shape
        return dim + 2 * count

    def forward(self, x: Tensor) -> Tensor:
        """`(n, k * dim)` to `(n, k * outputs)`."""
        each = x.reshape(-1, self.frequencies.shape[1])
        angle = each @ self.frequencies.T
        return torch.cat([each, angle.sin(), angle.cos()], 1).reshape(len(x), -1)


class MinibatchStd(nn.Module):
    r"""The features, and how much they vary over the batch: the same number for every sample.

    $$h_i \mapsto [h_i, \frac{1}{J} \sum_j \sqrt{\sigma_j^2 + \epsilon} - \sqrt{\epsilon}]$$

    σ_j² is the variance of feature j over the batch. A collapsed batch gives 0, and ε keeps first
    and second derivatives finite there; it takes at most 10⁻⁴ off.

    References: Karras et al. 2018. [arXiv:1710.10196](https://arxiv.org/abs/1710.10196)
    """

    EPSILON = 1e-8

    def forward(self, h: Tensor) -> Tensor:
        """`(n, features)` to `(n, features + 1)`."""
        # torch.var takes ten times as long along the first axis.
        variance = (h - h.mean(0)).square().mean(0)
        spread = (variance + self.EPSILON).sqrt().mean() - math.sqrt(self.EPSILON)
        return torch.cat([h, spread.expand(len(h), 1)], 1)


class SpectralNorm(nn.Module):
    r"""A parametrization that divides a weight by its largest singular value.

    $$\bar W = W / (u^T W v), \quad v \propto W^T u, \; u \propto W v$$

    W is the weight as a matrix `(outputs, -1)`: a convolution's kernel with all its inputs in one
    row, as in the paper, which bounds the layer's Lipschitz constant only up to a factor. In
    training mode every use of the weight makes one power iteration, which moves u and v; in eval
    mode none does. Derivatives take u and v as constants.

    Args:
        weight: the present one; u and v are warmed up on it.
        rng: draws the first u.

    References: Miyato et al. 2018. [arXiv:1802.05957](https://arxiv.org/abs/1802.05957)
    """

    u: Tensor
    v: Tensor

    def __init__(self, weight: Tensor, rng: torch.Generator) -> None:
        super().__init__()
        matrix = weight.detach().flatten(1)
        u = torch.randn(len(matrix), generator=rng, dtype=matrix.dtype)
        self.register_buffer("u", u)
        self.register_buffer("v", torch.empty_like(matrix[0]))
        for _ in range(WARM_UP):
            self._iterate(matrix)

    def forward(self, weight: Tensor) -> Tensor:
        """The weight over its largest singular value; the same shape."""
        matrix = weight.flatten(1)
        # Copies, as the graph needs u and v that no later call overwrites.
        u, v = self._iterate(matrix) if self.training else (self.u.clone(), self.v.clone())
        return weight / torch.dot(u, matrix @ v)

    @torch.no_grad()
    def _iterate(self, matrix: Tensor) -> tuple[Tensor, Tensor]:
        v = self.u @ matrix
        v /= torch.linalg.vector_norm(v)
        u = matrix @ v
        u /= torch.linalg.vector_norm(u)
        self.u.copy_(u)
        self.v.copy_(v)
        return u, v
