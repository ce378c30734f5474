"""What a person should know of networks of their own before the run begins."""

import math
from functools import partial
from itertools import product

import torch
from torch import Tensor, nn

from ganviz.config import RunConfig
from ganviz.losses import LOSSES
from ganviz.networks import drawers, reach
from ganviz.trainer.own import Role

SMALL = 0.01
"""An upper bound of V that is nearer to 0, its limit for any D, is not worth a word."""


def of_randomness(role: Role, network: nn.Module, x: Tensor) -> list[str]:
    """What in the network draws from a global generator when it gets `x`: such draws do not follow
    the run's seed, and no state of the run holds them."""
    said = []
    found = drawers(network, x)
    for library in dict.fromkeys(whose for _, _, whose in found):
        places = [
            f"{repr(name) if name else 'its own forward'} ({type(module).__name__})"
            for name, module, whose in found
            if whose == library
        ]
        said.append(
            f"The {role} you passed draws from {library}'s global random generator, in "
            f"{' and '.join(places)}: the seed does not rule that, so equal seeds may give "
            "different runs, and a restored state does not repeat one."
        )
    return said


def of_reach(config: RunConfig, discriminator: nn.Module, x: Tensor) -> list[str]:
    """That D's outputs cannot be all that the loss takes them for: probabilities, or others with a
    bound."""
    low, high = reach(discriminator, x)
    if LOSSES[config.loss].facts["critic"] == "logit":
        return _of_logits(low, high)
    return _of_a_critic(config, low, high) if (low, high) == (0, 1) else []


def _of_logits(low: float, high: float) -> list[str]:
    r"""With outputs t in [a, b] taken as logits,
    $V = E_x \ln \sigma(t) + E_z \ln(1 - \sigma(t)) \le \ln \sigma(b) + \ln(1 - \sigma(a))$."""
    bound = -_softplus(-high) - _softplus(low)
    if bound > -SMALL:
        return []
    number = f"{bound:.4f}".replace("-", "−")
    if (low, high) == (0, 1):
        return [
            "The discriminator you passed returns probabilities, numbers in [0, 1], but they are "
            f"taken as logits: V of it cannot rise above ln σ(1) − ln 2 = {number}. Leave its last "
            "sigmoid out."
        ]
    if math.isinf(high):
        which = f"numbers below {_number(low)}"
    elif math.isinf(low):
        which = f"numbers above {_number(high)}"
    else:
        which = f"numbers outside [{_number(low)}, {_number(high)}]"
    return [
        f"The discriminator you passed returns no {which}, but they are taken as logits, which may "
        f"be any: V of it cannot rise above {number}."
    ]


def _of_a_critic(config: RunConfig, low: float, high: float) -> list[str]:
    """Of probabilities, if D could lower its loss with other numbers."""
    loss = partial(LOSSES[config.loss].fn, **config.options("loss"))

    def least(outputs: Tensor) -> float:
        pairs = product(outputs[:, None], repeat=2)
        return min(loss(real, fake).d.item() for real, fake in pairs)

    inside = least(torch.linspace(low, high, 11, dtype=torch.float64))
    outside = least(torch.linspace(-10, 10, 21, dtype=torch.float64))
    if inside <= outside:
        return []
    number = f"{inside:.4f}".replace("-", "−")
    return [
        "The discriminator you passed returns probabilities, numbers in [0, 1], but "
        f"{LOSSES[config.loss].label} takes any real number: D's loss cannot fall below {number}. "
        "Leave its last sigmoid out."
    ]


def _softplus(t: float) -> float:
    return t if t > 30 else math.log1p(math.exp(t))


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
