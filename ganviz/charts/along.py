"""What lies along the horizontal axis: iterations, seconds of training, or samples of data."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ganviz.say import Message, _
from ganviz.snapshot import Snapshot

Along = Literal["iteration", "seconds", "samples"]

X_TITLES: Mapping[Along, Message] = {
    "iteration": _("iteration"),
    "seconds": _("seconds of training"),
    "samples": _("samples of data that D has seen"),
}


def along(snapshot: Snapshot, steps: NDArray[np.float64], x: Along) -> NDArray[np.float64]:
    """Where iterations lie on the axis `x`.

    Args:
        snapshot: of the run; reads `clock` for seconds; settings and edits for samples.
        steps: iterations, shape `(n,)`.
        x: the axis. Seconds are interpolated between those that were noted, NaN where none were;
            samples are batch size times D's steps, summed over the iterations.
    """
    if x == "seconds":
        return _seconds(snapshot, steps)
    return _samples(snapshot, steps) if x == "samples" else steps


def _seconds(snapshot: Snapshot, steps: NDArray[np.float64]) -> NDArray[np.float64]:
    clock = snapshot.clock
    if not clock.rows:
        return np.full(len(steps), np.nan)
    known = np.append(0.0, clock["step"]), np.append(0.0, clock["seconds"])
    places: NDArray[np.float64] = np.interp(steps, *known)
    return places


def _samples(snapshot: Snapshot, steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each piece between two edits of D's steps is straight."""
    config = snapshot.config
    turns, rates = [0.0], [config["d_steps"]]
    for event in snapshot.events:
        if event.field == "d_steps":
            turns.append(float(event.step))
            rates.append(event.value)
    lengths = np.diff([*turns, np.inf])
    gone = np.clip(steps[:, None] - np.array(turns), 0, lengths)
    seen: NDArray[np.float64] = config["batch_size"] * (gone * np.array(rates)).sum(1)
    return seen
