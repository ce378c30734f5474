r"""The best discriminator for a known density, from samples of the generator: is G bad?

For data of density p and samples of density q the best D is $D^*(x) = p(x) / (p(x) + q(x))$, and

$$V(D^*, G) = -\ln 4 + 2\,\mathrm{JSD}(p \| q).$$

q is known from samples alone. Both densities are therefore blurred alike, by a Gaussian on a grid:

$$\hat D(x) = \frac{(K_h * p)(x)}{(K_h * p)(x) + (K_h * \hat q)(x)}$$

and V of this D is taken over p itself and over each sample, which is left out of its own estimate.
So it is V of an actual discriminator on samples that it has not seen, a lower bound of V(D*, G) in
the mean, whatever h is. Several h are tried, and a mixture of them, fitted by likelihood, which is
fine where G draws thin threads and coarse elsewhere; the largest V is reported. As the ratio of
both densities is blurred, not q alone, nothing is lost where q equals p, or p on some of its modes:
with 20,000 samples the bound then lies within 0.0003 of the truth. It loses by the square of how
much the ratio changes within h.

Sources: Goodfellow et al. 2014, [arXiv:1406.2661](https://arxiv.org/abs/1406.2661), Theorem 1; the
blurred ratio is the estimate of Hjort & Glad 1995, *Nonparametric density estimation with a
parametric start*, Annals of Statistics 23(3), with p as the start.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.fft
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganviz.levels import V_EQUILIBRIUM
from ganviz.target import Target

Array = NDArray[np.float64]
Blurred = NDArray[np.floating]

SAMPLES = 20_000
"""Samples of G that it is found from where runs are judged."""

DRAWS = 20_000
"""Data that show where the density lies."""

CELLS = {1: 4096, 2: 640}
"""Most cells along an axis, by dimensions."""

PLAIN_CELLS = {1: 1024, 2: 192}
"""Cells along an axis where no σ is stated."""

PER_SIGMA = {1: 20, 2: 3}
"""Cells in the σ of the narrowest mode, as far as `CELLS` allows; one is enough for the density."""

BANDWIDTHS = {1: (1, 4, 16, 64), 2: (1, 2, 4, 8)}
"""Standard deviations of the blur in cells."""

MASS_ERROR = 0.02
"""How far the density's sum over the grid may be from 1."""

_BORDER = 8
_NEGLIGIBLE = 1e-9
_UNSEEN = 1e-30

EM_STEPS = 15


class Divergences(NamedTuple):
    """What samples of G say of q beside the known p, in nats."""

    value: float
    """V(D*, G), from below; in [-ln 4, 0] up to noise."""
    kl_data: float
    """KL(p‖q) = E_p ln(p/q): large where G leaves out what the data have; at most ln n."""
    kl_fakes: float
    """KL(q‖p) = E_q ln(q/p): large where G makes what the data have not; at most ln n."""

    @property
    def jsd(self) -> float:
        """JSD(p‖q) = (V(D*, G) + ln 4) / 2, in [0, ln 2] up to noise."""
        return (self.value - V_EQUILIBRIUM) / 2


class OptimalDiscriminator:
    """Holds the data's density on a grid and measures samples against it.

    Args:
        target: data of one or two dimensions with a `log_density`.

    Raises:
        ValueError: if the density is not known, or its modes are too narrow for the grid; see
            `why_not`.
    """

    def __init__(self, target: Target) -> None:
        log_density = target.log_density
        if (reason := why_not(target)) or log_density is None:
            raise ValueError(f"the optimal discriminator is not known: {reason}")
        self._dim = target.shape[0]
        low, high, self._cell = target.known(_range_of)
        self._shape = _cells(low, high, self._cell)
        self._low = low
        mass = _masses(log_density, low, self._shape, self._cell)
        self._active = np.flatnonzero(mass > _NEGLIGIBLE)
        self._mass = mass[self._active] / mass[self._active].sum()
        self._blurs = [_blur(self._shape, h) for h in BANDWIDTHS[self._dim]]
        spectrum = scipy.fft.rfftn(mass.reshape(self._shape))
        self._data = [self._blurred(spectrum, blur) for blur in self._blurs]
        # What a sample adds to the blurred density at its own place.
        one = scipy.fft.rfftn(np.eye(1, mass.size).reshape(self._shape))
        self._own = [self._blurred(one, blur)[0] for blur in self._blurs]

    def measure(self, samples: Tensor) -> Divergences:
        """Compare samples with the density.

        Args:
            samples: shape `(n, dim)`, in the data's own units, n at least 2. One that is not finite
                counts as one that D is sure of.

        Raises:
            ValueError: if the shape does not fit.
        """
        if samples.ndim != 2 or samples.shape[1] != self._dim or len(samples) < 2:
            shape = tuple(samples.shape)
            raise ValueError(f"samples must have shape (n >= 2, {self._dim}), got {shape}")
        n = len(samples)
        cells, count = self._counted(samples)
        at_data, at_fakes = self._ratios(cells, count, n)
        outside = n - int(count.sum())
        best = Divergences(-math.inf, math.nan, math.nan)
        for weights in (*np.eye(len(at_data)), _likeliest(at_fakes, count)):
            data, fakes = (_log_odds(weights @ ratios, n) for ratios in (at_data, at_fakes))
            d_term = -float(self._mass @ np.logaddexp(0, -data))
            g_term = -float(count @ np.logaddexp(0, fakes)) / n
            if d_term + g_term > best.value:
                kl_fakes = float(outside * math.log(n) - count @ fakes) / n
                best = Divergences(d_term + g_term, float(self._mass @ data), kl_fakes)
        return best

    def _ratios(
        self, cells: NDArray[np.intp], count: NDArray[np.intp], n: int
    ) -> tuple[Array, Array]:
        """q/p by each h, where the data are and where samples are, shape `(bandwidths, ...)`.

        Each sample is left out of its own estimate.
        """
        counts = np.zeros(math.prod(self._shape), dtype=np.float32)
        counts[cells] = count
        spectrum = scipy.fft.rfftn(counts.reshape(self._shape))
        at_data, at_fakes = [], []
        for data, blur, own in zip(self._data, self._blurs, self._own, strict=True):
            fakes = self._blurred(spectrum, blur)
            at_data.append(_over(fakes[self._active] / n, data[self._active]))
            at_fakes.append(_over(np.maximum(fakes[cells] - own, 0) / (n - 1), data[cells]))
        return np.array(at_data), np.array(at_fakes)

    def _counted(self, samples: Tensor) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The cells that hold samples, and how many each; those outside the grid are left out."""
        place = (samples.double().cpu().numpy() - self._low) / self._cell
        inside = ((place >= 0) & (place < self._shape)).all(1)
        index = np.ravel_multi_index(tuple(place[inside].astype(np.intp).T), self._shape)
        return np.unique(index, return_counts=True)

    def _blurred(self, spectrum: NDArray[np.complexfloating], blur: NDArray[np.float32]) -> Blurred:
        blurred: Blurred = scipy.fft.irfftn(spectrum * blur, self._shape).reshape(-1)
        return np.maximum(blurred, 0)  # rounding leaves small negative numbers


def optimal_for(target: Target) -> OptimalDiscriminator:
    """The optimal discriminator of a target, built once."""
    return target.known(OptimalDiscriminator)


def why_not(target: Target) -> str | None:
    """Why the optimal discriminator of a target is not known, or None."""
    return target.known(_why_not)


def _why_not(target: Target) -> str | None:
    if target.log_density is None:
        return "the data have no density in closed form"
    if target.dim not in (1, 2):
        return "the data have more than two dimensions"
    low, high, cell = target.known(_range_of)
    if target.mode_std is not None:
        narrow = cell > _narrowest(target)
    else:
        try:
            total = _masses(target.log_density, low, _cells(low, high, cell), cell).sum()
        except Exception as error:  # a density of one's own may refuse places without data
            return f"the density cannot be calculated everywhere ({type(error).__name__})"
        # What the grid does not see, or sees twice, is thinner than its cells.
        narrow = not abs(total - 1) < MASS_ERROR
    return "the modes are too narrow for a grid over all of them" if narrow else None


def _cells(low: Array, high: Array, cell: float) -> tuple[int, ...]:
    """How many cells along each axis cover the range; numbers that are fast to transform."""
    wanted = np.ceil((high - low) / cell).astype(int)
    return tuple(scipy.fft.next_fast_len(int(k), real=True) for k in wanted)


def _masses(
    log_density: Callable[[Tensor], Tensor], low: Array, shape: tuple[int, ...], cell: float
) -> Array:
    """The probability of each cell, from the density at its centre, shape `(cells,)`."""
    lines = [
        torch.from_numpy(start + (np.arange(k) + 0.5) * cell)
        for start, k in zip(low, shape, strict=True)
    ]
    centres = torch.cartesian_prod(*lines).reshape(-1, len(shape))
    parts = [log_density(part).double().exp() for part in torch.split(centres, 20_000)]
    return np.asarray(torch.cat(parts).numpy() * cell ** len(shape))


def _narrowest(target: Target) -> float:
    return float(torch.as_tensor(target.mode_std).min())


def _range_of(target: Target) -> tuple[Array, Array, float]:
    """Where the data lie, each end of shape `(dim,)`, and the width of a cell."""
    dim = target.shape[0]
    points = target.sample(DRAWS, torch.Generator().manual_seed(0)).double().numpy()
    low, high = points.min(0), points.max(0)
    extent = float((high - low).max())
    if target.mode_std is None:
        cell = extent / PLAIN_CELLS[dim]
    else:
        wanted = _narrowest(target) / PER_SIGMA[dim]
        cell = max(wanted, extent / (CELLS[dim] - 2 * _BORDER))
    return low - _BORDER * cell, high + _BORDER * cell, cell


def _blur(shape: tuple[int, ...], h: int) -> NDArray[np.float32]:
    """The Fourier transform of a Gaussian with a standard deviation of `h` cells."""
    lines = [np.fft.fftfreq(k) for k in shape[:-1]] + [np.fft.rfftfreq(shape[-1])]
    squared = sum(np.square(part) for part in np.meshgrid(*lines, indexing="ij"))
    return np.exp(-2 * (math.pi * h) ** 2 * np.asarray(squared)).astype(np.float32)


def _over(fakes: Blurred, data: Blurred) -> Array:
    """q/p; 1 where neither is seen, as D then has no reason to prefer one."""
    seen = np.maximum(data, _UNSEEN).astype(np.float64)
    return np.where((fakes <= 0) & (data <= _UNSEEN), 1.0, fakes / seen)


def _likeliest(ratios: Array, count: NDArray[np.intp]) -> Array:
    """The mixture of bandwidths under which the samples are likeliest, by a few steps of EM."""
    weights = np.full(len(ratios), 1 / len(ratios))
    for _ in range(EM_STEPS):
        shares = weights[:, None] * np.maximum(ratios, _UNSEEN)
        weights = (shares / shares.sum(0)) @ count / max(count.sum(), 1)
    return weights


def _log_odds(ratio: Array, n: int) -> Array:
    """ln(p/q), within ± ln n: n samples do not show how rare something rarer than 1/n is."""
    return -np.log(np.clip(ratio, 1 / n, n))
