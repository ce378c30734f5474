"""From a gradient to an update: one pure rule for each optimiser, on flat tensors.

A rule can be compiled and differentiated through, which is how unrolling and the compiled iteration
use it. Eager training applies the same rules in place, Adam through torch's fused kernel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ganviz.config import RunConfig
from ganviz.trainer.state import Tensors, flattened, under

Moments = tuple[Tensor, ...]
Rule = Callable[[Tensor, Moments, Tensor, float | Tensor], tuple[Tensor, Moments]]
"""`(gradient, state, count, lr)` to what is subtracted from the parameters, and the next state.
`count`, 0-d, is the number of this update, from 1."""

EPS = 1e-8
_TINY = 1e-30
"""Keeps the derivative of a square root finite at zero, for those who differentiate a rule."""


@dataclass(frozen=True)
class Adam:
    r"""Adam: $\theta \leftarrow \theta - \eta\, \hat m_t / (\sqrt{\hat v_t} + 10^{-8})$.

    Source: Kingma & Ba 2015. [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)
    """

    beta1: float
    beta2: float
    slots = 2

    def __call__(
        self, gradient: Tensor, state: Moments, count: Tensor, lr: float | Tensor
    ) -> tuple[Tensor, Moments]:
        state, direction = self.direction(gradient, state, count)
        return lr * direction, state

    def direction(self, gradient: Tensor, state: Moments, count: Tensor) -> tuple[Moments, Tensor]:
        """The next moments, and the bias-corrected quotient of them."""
        m = self.beta1 * state[0] + (1 - self.beta1) * gradient
        v = self.beta2 * state[1] + (1 - self.beta2) * gradient.square()
        # In double: at a decay of 0.9999 float32 would lose four digits of the correction.
        t = count.double()
        m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
        return (m, v), m_hat / ((v_hat + _TINY).sqrt() + EPS)


@dataclass(frozen=True)
class OptimisticAdam(Adam):
    r"""Adam that steps twice and takes the last step back, against cycles.

    $$\theta_{t+1} = \theta_t - 2 \eta u_t + \eta u_{t-1}, \quad
      u_t = \hat m_t / (\sqrt{\hat v_t} + 10^{-8}), \quad u_0 = 0$$

    Source: Daskalakis et al. 2018. [arXiv:1711.00141](https://arxiv.org/abs/1711.00141)
    """

    slots = 3

    def __call__(
        self, gradient: Tensor, state: Moments, count: Tensor, lr: float | Tensor
    ) -> tuple[Tensor, Moments]:
        moments, direction = self.direction(gradient, state[:2], count)
        return lr * (2 * direction - state[2]), (*moments, direction)


@dataclass(frozen=True)
class SGD:
    r"""Descent with momentum: $v \leftarrow \mu v + g$, $\theta \leftarrow \theta - \eta v$.

    A negative $\mu$ damps the rotation of a game.
    Source: Gidel et al. 2019. [arXiv:1807.04740](https://arxiv.org/abs/1807.04740)
    """

    momentum: float

    @property
    def slots(self) -> int:
        """Plain descent remembers nothing."""
        return 1 if self.momentum else 0

    def __call__(
        self, gradient: Tensor, state: Moments, count: Tensor, lr: float | Tensor
    ) -> tuple[Tensor, Moments]:
        if not self.momentum:
            return lr * gradient, ()
        velocity = self.momentum * state[0] + gradient
        return lr * velocity, (velocity,)


@dataclass(frozen=True)
class RMSProp:
    r"""RMSProp: the gradient over the root of its running mean square.

    $$v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
      \theta \leftarrow \theta - \eta g / (\sqrt v + 10^{-8})$$

    Source: Tieleman & Hinton 2012, lecture 6.5 of *Neural Networks for Machine Learning*.
    """

    beta2: float
    slots = 1

    def __call__(
        self, gradient: Tensor, state: Moments, count: Tensor, lr: float | Tensor
    ) -> tuple[Tensor, Moments]:
        v = self.beta2 * state[0] + (1 - self.beta2) * gradient.square()
        return lr * gradient / ((v + _TINY).sqrt() + EPS), (v,)


class Optimiser:
    """A rule, its state for one flat buffer of parameters, and the count of its updates."""

    def __init__(self, rule: Any, flat: Tensor) -> None:
        self.rule: Rule = rule
        self.state: Moments = tuple(torch.zeros_like(flat) for _ in range(rule.slots))
        self.count = torch.zeros((), device=flat.device)
        self._fused = type(rule) is Adam

    @classmethod
    def of(cls, config: RunConfig, flat: Tensor) -> "Optimiser":
        """The optimiser that `config` names."""
        rules: dict[str, Callable[[], Any]] = {
            "adam": lambda: Adam(config.beta1, config.beta2),
            "optimistic_adam": lambda: OptimisticAdam(config.beta1, config.beta2),
            "sgd": lambda: SGD(config.momentum),
            "rmsprop": lambda: RMSProp(config.beta2),
        }
        return cls(rules[config.optimizer](), flat)

    def step(self, flat: Tensor, gradient: Tensor, lr: float) -> None:
        """Update `flat` in place."""
        self.count += 1
        if self._fused:
            self._fused_adam(flat, gradient, lr)
            return
        delta, state = self.rule(gradient, self.state, self.count, lr)
        flat.sub_(delta)
        self.replace(state)

    def replace(self, state: Moments) -> None:
        """Take over the values of `state`."""
        for mine, new in zip(self.state, state, strict=True):
            mine.copy_(new)

    def _fused_adam(self, flat: Tensor, gradient: Tensor, lr: float) -> None:
        assert isinstance(self.rule, Adam)
        m, v = self.state
        # What torch.optim.Adam(fused=True) ends in, without 30 µs of Python around it.
        torch._fused_adam_(
            [flat],
            [gradient],
            [m],
            [v],
            [],
            [self.count],
            lr=lr,
            beta1=self.rule.beta1,
            beta2=self.rule.beta2,
            weight_decay=0.0,
            eps=EPS,
            amsgrad=False,
            maximize=False,
        )

    def tensors(self) -> Tensors:
        """Copies."""
        return flattened("moments", self.state) | flattened("count", self.count)

    def load(self, tensors: Tensors) -> None:
        """The inverse of `tensors`."""
        moments = under(tensors, "moments")
        self.replace(tuple(moments[str(place)] for place in range(len(moments))))
        self.count.copy_(tensors["count"])
