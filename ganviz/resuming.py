"""A run that goes on: from the nearest keyframe before, and then iteration by iteration."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from torch import nn

from ganviz.columns import Array
from ganviz.config import RunConfig
from ganviz.runs import Keyframe, Run
from ganviz.say import _
from ganviz.snapshot import Event
from ganviz.target import Target
from ganviz.trainer import Trainer, one_thread
from ganviz.trainer.keyframes import state_of_keyframe


class Resumable(Run, Protocol):
    """A run whose rows and states are kept."""

    @property
    def step(self) -> int:
        """Recorded iterations."""

    @property
    def own(self) -> bool:
        """Whether data or networks of the caller's own played."""

    @property
    def plan(self) -> Sequence[Event]:
        """Edits that it was to have at their steps."""

    def rows(self, until: int | None = None) -> Array:
        """The recorded rows up to iteration `until`."""

    def keyframe(self, step: int) -> Keyframe:
        """The state after iteration `step`, one of `keyframes`."""


def resume(
    run: Resumable,
    step: int | None = None,
    *,
    target: Target | None = None,
    generator: nn.Module | None = None,
    discriminator: nn.Module | None = None,
    **changes: Any,
) -> Trainer:
    """The trainer of a kept run as it was after iteration `step`, its history from the start.

    It goes on from the nearest keyframe up to `step`, or from the beginning where there is none,
    and makes the iterations in between once more, with the edits that the run had: on the same
    machine bit for bit those that are recorded.

    Args:
        run: of a `Store`.
        step: in [0, recorded iterations]; None: the last; of a run that has diverged, the last one
            that a keyframe is kept of.
        target, generator, discriminator: the caller's own, if the run had any: they are not kept.
        changes: settings to change there, as for `Trainer.branch`.

    Raises:
        ValueError: if `step` is out of range, or parts of the caller's own are missing.
        ConfigError: if a change is not valid, or would change a network's shape.
    """
    own: dict[str, Any] = {"target": target, "generator": generator, "discriminator": discriminator}
    step = last_step(run) if step is None else step
    if not 0 <= step <= run.step:
        raise ValueError(_("step must be in [0, {last}], got {step}", last=run.step, step=step))
    if run.own and all(part is None for part in own.values()):
        raise ValueError(
            _("run {run} had data or networks of your own: pass them again", run=run.id)
        )
    with one_thread():
        trainer = _restored(run, step, own)
        _replay(trainer, run, step)
        if not changes:
            return trainer
        branch = Trainer.branch(trainer.state(), **own, **changes)
    branch.history.append(rows_of(trainer))
    return branch


def last_step(run: Resumable) -> int:
    """Where a run goes on by itself: at its last recorded iteration, or, where that has diverged,
    at its last keyframe."""
    if run.status in ("diverged", "failed"):
        return max(run.keyframes, default=0)
    return run.step


def rows_of(trainer: Trainer) -> Array:
    """The rows of a trainer, shape `(n, columns)`."""
    return np.stack(list(trainer.history.columns().values()), 1)


def _restored(run: Resumable, step: int, own: dict[str, Any]) -> Trainer:
    """The trainer at the nearest keyframe."""
    before = [k for k in run.keyframes if k <= step]
    if not before:
        return Trainer(RunConfig.from_json(run.config_json), **own)
    trainer = Trainer.branch(state_of_keyframe(run.keyframe(before[-1])), **own)
    trainer.history.append(run.rows(before[-1]))
    return trainer


def _replay(trainer: Trainer, run: Resumable, step: int) -> None:
    """Make iterations up to `step` once more."""
    done = len(trainer.events)
    edits = list(run.events)[done:]
    while trainer.iteration < step:
        _repeat(trainer, edits)
        trainer.step()
    _repeat(trainer, edits)


def _repeat(trainer: Trainer, edits: list[Event]) -> None:
    """Make the edits that were made here."""
    while edits and edits[0].step <= trainer.iteration:
        event = edits.pop(0)
        trainer.edit(**{event.field: event.value})
