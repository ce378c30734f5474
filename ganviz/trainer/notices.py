"""What a person should know of networks of their own before the run begins."""

import math
from collections.abc import Mapping
from functools import partial, reduce
from itertools import product
from types import MappingProxyType

import torch
from torch import Tensor, nn

from ganviz.config import RunConfig
from ganviz.digits import minus
from ganviz.losses import LOSSES
from ganviz.networks import drawers, reach
from ganviz.say import Message, Text, _
from ganviz.trainer.own import Role

SUBJECTS: Mapping[Role, Message] = MappingProxyType(
    {
        "generator": _("The generator you passed"),
        "discriminator": _("The discriminator you passed"),
    }
)

SMALL = 0.01
"""An upper bound of V that is nearer to 0, its limit for any D, is not worth a word."""


def of_randomness(role: Role, network: nn.Module, x: Tensor) -> list[Message]:
    """What in the network draws from a global generator when it gets `x`: such draws do not follow
    the run's seed, and no state of the run holds them."""
    said = []
    found = drawers(network, x)
    for library in dict.fromkeys(whose for *module, whose in found):
        drawing = [_place(name, module) for name, module, whose in found if whose == library]
        said.append(
            _(
                "{subject} draws from {library}'s global random generator, in {places}: the seed "
                "does not rule that, so equal seeds may give different runs, and a restored state "
                "does not repeat one.",
                subject=SUBJECTS[role],
                library=library,
                places=reduce(_and, drawing),
            )
        )
    return said


def _and(first: Text, rest: Text) -> Text:
    return _("{first} and {rest}", first=first, rest=rest)


def _place(name: str, module: nn.Module) -> Text:
    kind = type(module).__name__
    return f"{name!r} ({kind})" if name else _("its own forward ({kind})", kind=kind)


def of_reach(config: RunConfig, discriminator: nn.Module, x: Tensor) -> list[Message]:
    """That D's outputs cannot be all that the loss takes them for: probabilities, or others with a
    bound."""
    low, high = reach(discriminator, x)
    if LOSSES[config.loss].facts["critic"] == "logit":
        return _of_logits(low, high)
    return _of_a_critic(config, low, high) if (low, high) == (0, 1) else []


def _of_logits(low: float, high: float) -> list[Message]:
    r"""With outputs t in [a, b] taken as logits,
    $V = E_x \ln \sigma(t) + E_z \ln(1 - \sigma(t)) \le \ln \sigma(b) + \ln(1 - \sigma(a))$."""
    bound = -_softplus(-high) - _softplus(low)
    if bound > -SMALL:
        return []
    number = minus(f"{bound:.4f}")
    if (low, high) == (0, 1):
        return [
            _(
                "The discriminator you passed returns probabilities, numbers in [0, 1], but they "
                "are taken as logits: V of it cannot rise above ln σ(1) − ln 2 = {bound}. Leave "
                "its last sigmoid out.",
                bound=number,
            )
        ]
    return [
        _(
            "The discriminator you passed returns no {numbers}, but they are taken as logits, "
            "which may be any: V of it cannot rise above {bound}.",
            numbers=_missing(low, high),
            bound=number,
        )
    ]


def _missing(low: float, high: float) -> Message:
    """The numbers that are not in [low, high]."""
    least, most = minus(f"{low:.3g}"), minus(f"{high:.3g}")
    if math.isinf(high):
        return _("numbers below {low}", low=least)
    if math.isinf(low):
        return _("numbers above {high}", high=most)
    return _("numbers outside [{low}, {high}]", low=least, high=most)


def _of_a_critic(config: RunConfig, low: float, high: float) -> list[Message]:
    """Of probabilities, if D could lower its loss with other numbers."""
    loss = partial(LOSSES[config.loss].fn, **config.options("loss"))

    def least(outputs: Tensor) -> float:
        pairs = product(outputs[:, None], repeat=2)
        return min(loss(real, fake).d.item() for real, fake in pairs)

    inside = least(torch.linspace(low, high, 11, dtype=torch.float64))
    outside = least(torch.linspace(-10, 10, 21, dtype=torch.float64))
    if inside <= outside:
        return []
    return [
        _(
            "The discriminator you passed returns probabilities, numbers in [0, 1], but {loss} "
            "takes any real number: D's loss cannot fall below {least}. Leave its last sigmoid "
            "out.",
            loss=Message(LOSSES[config.loss].label),
            least=minus(f"{inside:.4f}"),
        )
    ]


def _softplus(t: float) -> float:
    return t if t > 30 else math.log1p(math.exp(t))
