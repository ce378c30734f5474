"""What a loss is, and the registry that holds them.

Facts:

- `critic`, what D's output is: "logit", where D's cost is -V up to a constant, so that its sigmoid
  is the D of V; "margin" (hinge); "ratio", trained to be some function of p / q; "critic", any
  other number.
- `equilibrium`, the least `Objective.d` that a constant critic reaches.
- `equilibrium_g`, `Objective.g` at that critic; None where several reach it and G's cost differs.
- `reading`, what the two numbers say, in a sentence or two for the reader of a curve.
- `generator_sees_real`, whether `Objective.g` depends on D(x).
- `finite_to`, the |critic output| up to which both costs and their gradients are finite in float32.
- `penalty`, the key of the penalty that suits it, or "none".
- `compared`, whether saturation shows how hard it would pull, beside the loss that is played for.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import logsigmoid

from ganviz.registry import Entry, Registry


class Objective(NamedTuple):
    """What each player minimises: two 0-d tensors, each differentiable without the other."""

    d: Tensor
    g: Tensor


Loss = Callable[..., Objective]
"""`(real, fake)`: critic outputs on data and on samples, each of shape `(batch,)`."""

LOSSES: Registry[Loss, Entry[Loss]] = Registry("loss", says=("reading",))


def value_of(real: Tensor, fake: Tensor) -> Tensor:
    """V(D, G) of logits in their own precision; `value_terms` is for the record."""
    return logsigmoid(real).mean() + logsigmoid(-fake).mean()
