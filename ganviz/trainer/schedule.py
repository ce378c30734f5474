"""What changes over a run by itself: learning rates, the penalty's weight, instance noise."""

import math
from typing import NamedTuple

from ganviz.config import RunConfig


class Rates(NamedTuple):
    """What is in force in one iteration."""

    lr_d: float
    lr_g: float
    penalty: float
    """The penalty's weight."""
    noise: float
    """Standard deviation of the instance noise."""


def rates(settings: RunConfig, iteration: int) -> Rates:
    r"""The rates of the iteration after `iteration` completed ones; t in [0, 1] is the share done.

    Cosine: $(1 + \cos \pi t) / 2$, for a penalty from 1 down to its final share $f$; linear:
    $1 - t$; geometric: $f^t$.
    """
    done = min(iteration / settings.steps, 1.0)
    lr = _DECAYS[settings.lr_schedule](done)
    final = settings.penalty_final
    weight = settings.penalty_weight
    if settings.penalty_schedule == "geometric":
        weight *= final**done
    elif settings.penalty_schedule == "cosine":
        weight *= final + (1 - final) * _cosine(done)
    noise = settings.instance_noise * _DECAYS[settings.noise_schedule](done)
    return Rates(settings.lr_d * lr, settings.lr_g * lr, weight, noise)


def _cosine(done: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * done))


_DECAYS = {"constant": lambda _: 1.0, "linear": lambda done: 1 - done, "cosine": _cosine}
