"""Samples measured by any metric, each number with its floor."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganviz.quality.base import METRICS, Evaluation, reference_for
from ganviz.quality.draws import measured
from ganviz.readings import Floor
from ganviz.say import _
from ganviz.target import Target

_NO_FLOOR = Floor(math.nan, math.nan, math.nan, 0)


def evaluate(
    samples: Tensor | NDArray[Any], target: Target, *, metrics: Iterable[str] | None = None
) -> dict[str, tuple[float, float, float]]:
    """Measure samples, each number with its noise floor: what real data of the same size read.

    A value inside its floor cannot be told from that of real data; one outside it can.

    Args:
        samples: shape `(n, *target.shape)`, in the data's own units, at least 10.
        target: the data.
        metrics: names from `METRICS`; None: all that are defined on the target.

    Returns:
        Metric to `(value, floor_low, floor_high)`. The floor holds 99 % of real draws. Floors are
        taken once for each target and size, which takes seconds; later calls are fast. Of finite
        data only as many samples as an eighth of the rows that training sees are measured, chosen
        at random, always the same ones; where that is below 10, all are measured and both ends of
        every floor are NaN.

    Raises:
        ValueError: if the shape does not fit, a sample is not finite, there are too few of them, or
            a metric is not defined on the target.
        UnknownName: if no metric has that name.
    """
    drawn = checked_samples(samples, target)
    n = measured(target, len(drawn))
    if n < len(drawn):
        drawn = drawn[torch.randperm(len(drawn), generator=torch.Generator().manual_seed(0))[:n]]
    reference = reference_for(target, n)
    names = reference.metrics if metrics is None else list(metrics)
    for name in names:
        if not METRICS[name].facts["applies"](target):
            raise ValueError(_("the metric {name!r} is not defined on this target", name=name))
    if reference.floors.possible:
        reference.floors.complete(names)
    evaluation = Evaluation(drawn, reference)
    floors = {name: reference.floors.of(name) or _NO_FLOOR for name in names}
    return {name: (evaluation.measure(name), f.low, f.high) for name, f in floors.items()}


def checked_samples(samples: Tensor | NDArray[Any], target: Target) -> Tensor:
    """`samples` as a float tensor on the CPU.

    Raises:
        ValueError: if the shape does not fit the target, or a sample is not finite.
    """
    if not isinstance(samples, Tensor):
        samples = torch.from_numpy(np.array(samples, dtype=np.float32))
    drawn = samples.detach().cpu().float()
    if drawn.ndim != 1 + len(target.shape) or tuple(drawn.shape[1:]) != target.shape:
        raise ValueError(
            _(
                "samples must have shape {shape}, got {given}",
                shape=str(("n", *target.shape)),
                given=str(tuple(drawn.shape)),
            )
        )
    if not drawn.isfinite().all():
        raise ValueError(_("samples must be finite"))
    return drawn
