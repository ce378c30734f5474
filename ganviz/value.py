r"""The value function of the game and what follows from it.

$$V(D, G) = \frac{1}{m} \sum_i \left[\ln D(x_i) + \ln(1 - D(G(z_i)))\right]$$

With logits s, where D = sigmoid(s), both terms are `logsigmoid`: ln D(x) = logsigmoid(s(x)) and
ln(1 - D(G(z))) = logsigmoid(-s(G(z))). No probability is ever formed and then logged, so the
value and its gradient stay finite however sure D is.

Source: Goodfellow et al. 2014, *Generative Adversarial Networks*,
[arXiv:1406.2661](https://arxiv.org/abs/1406.2661).
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from ganviz.levels import V_EQUILIBRIUM


class ValueTerms(NamedTuple):
    """The two means that add up to V(D, G). Each is a 0-d float64 tensor in (-inf, 0], in nats."""

    d_term: Tensor
    """E ln D(x): the part that only D moves."""
    g_term: Tensor
    """E ln(1 - D(G(z))): the part that both players move."""

    @property
    def value(self) -> Tensor:
        """V(D, G) = d_term + g_term; at best 0 for D, -ln 4 where D = 1/2."""
        return self.d_term + self.g_term


class BatchStatistics(NamedTuple):
    """What one batch of logits says, reduced over the last axis; float64."""

    value: Tensor
    value_se: Tensor
    d_term: Tensor
    g_term: Tensor
    d_real: Tensor
    d_fake: Tensor
    acc_real: Tensor
    acc_fake: Tensor


def value_terms(real_logits: Tensor, fake_logits: Tensor) -> ValueTerms:
    r"""The D term and the G term of V(D, G), differentiable, from discriminator logits.

    $$d = \frac{1}{m} \sum_i \ln \sigma(s(x_i)), \quad
      g = \frac{1}{n} \sum_i \ln \sigma(-s(G(z_i)))$$

    Args:
        real_logits: logits on data, shape `(batch,)` or `(batch, 1)`, any real number.
        fake_logits: logits on samples, the same shapes; its batch may differ in size.

    Returns:
        Two means, taken in float64 so that they are exact to float64 whatever the input's type.

    Raises:
        ValueError: if a shape is another one, or a batch is empty.

    >>> terms = value_terms(torch.zeros(4), torch.zeros(4, 1))
    >>> round(terms.value.item(), 6)
    -1.386294
    """
    real, fake = _flat(real_logits, "real_logits"), _flat(fake_logits, "fake_logits")
    return ValueTerms(logsigmoid(real.double()).mean(), logsigmoid(-fake.double()).mean())


def value_standard_error(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""Standard error of V as a mean over two independent batches, in nats.

    $$\mathrm{se} = \sqrt{s^2[\ln D(x)] / m + s^2[\ln(1 - D(G(z)))] / n}$$

    with the unbiased sample variances s². A batch of one has no variance and gives NaN.

    Args:
        real_logits: logits on data, shape `(batch,)` or `(batch, 1)`.
        fake_logits: logits on samples, the same shapes.

    Raises:
        ValueError: as `value_terms`.
    """
    real, fake = _flat(real_logits, "real_logits"), _flat(fake_logits, "fake_logits")
    return _standard_error(logsigmoid(real.double()), logsigmoid(-fake.double()))


def batch_statistics(real_logits: Tensor, fake_logits: Tensor) -> BatchStatistics:
    """Every number that the history records of a batch of logits, for many batches at once.

    Args:
        real_logits: shape `(..., batch)`.
        fake_logits: shape `(..., batch)`.

    Returns:
        Tensors of shape `(...)`: V, its standard error and terms (as `value_terms`), the mean of
        D over either batch (in [0, 1]), and the share of either batch on the right side of 1/2.
    """
    log_real = logsigmoid(real_logits.double())
    log_not_fake = logsigmoid(-fake_logits.double())
    d_term, g_term = log_real.mean(-1), log_not_fake.mean(-1)
    return BatchStatistics(
        value=d_term + g_term,
        value_se=_standard_error(log_real, log_not_fake),
        d_term=d_term,
        g_term=g_term,
        d_real=real_logits.double().sigmoid().mean(-1),
        d_fake=fake_logits.double().sigmoid().mean(-1),
        acc_real=(real_logits > 0).double().mean(-1),
        acc_fake=(fake_logits < 0).double().mean(-1),
    )


def optimal_logits(log_p: Tensor, log_q: Tensor) -> Tensor:
    r"""Logits of the best discriminator for fixed densities, $D^*(x) = p(x) / (p(x) + q(x))$.

    Args:
        log_p: ln p_data(x), any shape.
        log_q: ln p_g(x), the same shape.

    Returns:
        ln p - ln q, of the same shape.

    Source: Goodfellow et al. 2014, Proposition 1.
    """
    return log_p - log_q


def jsd_lower_bound(value: float) -> float:
    r"""What V of *any* D on fresh samples proves about the distance of G from the data.

    $$\mathrm{JSD}(p \| q) \ge (V + \ln 4) / 2$$

    with equality for the optimal D. In nats: the JSD itself lies in [0, ln 2]. A negative result
    proves nothing: that D is worse than a coin.

    >>> round(jsd_lower_bound(0.0), 4)
    0.6931
    """
    return (value - V_EQUILIBRIUM) / 2


def _standard_error(log_real: Tensor, log_not_fake: Tensor) -> Tensor:
    m, n = log_real.shape[-1], log_not_fake.shape[-1]
    if min(m, n) < 2:
        return torch.full_like(log_real[..., 0], torch.nan)
    return (log_real.var(-1) / m + log_not_fake.var(-1) / n).sqrt()


def _flat(logits: Tensor, name: str) -> Tensor:
    if logits.ndim not in (1, 2) or (logits.ndim == 2 and logits.shape[1] != 1):
        raise ValueError(
            f"{name} must have shape (batch,) or (batch, 1), got {tuple(logits.shape)}"
        )
    if len(logits) == 0:
        raise ValueError(f"{name} is an empty batch")
    return logits.reshape(-1)
