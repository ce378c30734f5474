"""States on their way to where they are kept, and back."""

import time
from collections.abc import Callable

import numpy as np
import torch

from ganviz.runs import Keyframe, Sinks
from ganviz.trainer.state import State
from ganviz.trainer.trainer import Trainer

EVERY_SECONDS = 5.0
"""Of training, between two keyframes: a run that is cut off loses about as much at most."""

MOST_SHARE = 0.01
"""Of a run's time, that copying its state may take: where it is large, keyframes come less often,
but never more than `MOST_SECONDS` apart."""

MOST_SECONDS = 9.0


def keyframe_of(state: State, step: int) -> Keyframe:
    """A state as arrays and JSON."""
    tensors = {name: tensor.detach().cpu().numpy() for name, tensor in state.tensors.items()}
    return Keyframe(step, tensors, state.rest)


def state_of_keyframe(keyframe: Keyframe) -> State:
    """The inverse of `keyframe_of`; a copy."""
    tensors = {name: torch.from_numpy(np.array(a)) for name, a in keyframe.tensors.items()}
    return State(tensors, dict(keyframe.rest))


class Keyframes:
    """Tells a run's sinks its state now and then.

    Args:
        trainer: of the run.
        sinks: told, if one of them takes keyframes; else nothing is ever copied.
        clock: seconds that only grow.
    """

    def __init__(
        self, trainer: Trainer, sinks: Sinks, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._trainer, self._sinks, self._clock = trainer, sinks, clock
        self._taken_at = clock()
        self._took = 0.0
        self._step: int | None = None
        self.steps: tuple[int, ...] = ()
        """The iterations of those that were told so far."""

    def by_the_clock(self) -> None:
        """Tell the state if it is time for it, between two iterations."""
        age = self._clock() - self._taken_at
        if age >= min(max(EVERY_SECONDS, self._took / MOST_SHARE), MOST_SECONDS):
            self.take()

    def take(self) -> None:
        """Tell the state now, unless nothing was trained since the last one.

        One that has diverged is no state to go on from: do not ask for it.
        """
        began, step = self._clock(), self._trainer.iteration
        self._taken_at = began
        if step == self._step or not self._sinks.take_keyframes:
            return
        self._trainer.hand_on_rows()  # no keyframe is ahead of the rows
        self._sinks.keyframe(keyframe_of(self._trainer.state(), step))
        self._step, self._took = step, self._clock() - began
        self.steps = (*self.steps, step)
