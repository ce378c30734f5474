"""The losses of the two players. One function is the whole definition of a loss.

Facts: `critic`, what D's output is ("logit": V is of D itself); `equilibrium`, the least
`Objective.d` that a constant critic reaches; `generator_sees_real`, whether `Objective.g` depends
on D(x); `finite_to`, the |critic output| up to which gradients are finite.
"""

from collections.abc import Callable
from math import log
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import logsigmoid

from ganviz.registry import Entry, Registry


class Objective(NamedTuple):
    """What each player minimises: two 0-d tensors."""

    d: Tensor
    g: Tensor


Loss = Callable[..., Objective]

LOSSES: Registry[Loss, Entry[Loss]] = Registry("loss")


@LOSSES.register(
    "Non-saturating", critic="logit", equilibrium=log(4), generator_sees_real=False, finite_to=1e4
)
def non_saturating(real: Tensor, fake: Tensor) -> Objective:
    r"""G raises D(G(z)) instead of lowering 1 - D(G(z)): strong gradients where D is sure.

    $$L_D = -V(D, G), \quad L_G = -E_z[\ln D(G(z))]$$

    With D at its best for the present G, the gradient of L_G is that of KL(q‖p) - 2 JSD(p‖q)
    (Arjovsky & Bottou 2017, [arXiv:1701.04862](https://arxiv.org/abs/1701.04862), Theorem 2.5).

    Args:
        real: logits on data, shape `(batch,)`, any real number.
        fake: logits on samples, shape `(batch,)`.

    References: Goodfellow et al. 2014, section 3.
    [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)
    """
    return Objective(d=-_value(real, fake), g=-logsigmoid(fake).mean())


@LOSSES.register(
    "Minimax", critic="logit", equilibrium=log(4), generator_sees_real=False, finite_to=1e4
)
def minimax(real: Tensor, fake: Tensor) -> Objective:
    r"""The game itself: G minimises the very V that D maximises. Saturates where D is sure.

    $$L_D = -V(D, G), \quad L_G = E_z[\ln(1 - D(G(z)))]$$

    V's other term does not depend on G. With D at its best, the gradient of L_G is that of
    2 JSD(p‖q), which vanishes as p and q separate.

    Args:
        real: logits on data, shape `(batch,)`, any real number.
        fake: logits on samples, shape `(batch,)`.

    References: Goodfellow et al. 2014, equation 1.
    [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)
    """
    return Objective(d=-_value(real, fake), g=logsigmoid(-fake).mean())


def _value(real: Tensor, fake: Tensor) -> Tensor:
    """V(D, G) in the logits' own precision; `value_terms` is for the record."""
    return logsigmoid(real).mean() + logsigmoid(-fake).mean()
