"""How good samples are, each number beside its noise floor.

Importing this package registers every metric.
"""

# In the order in which metrics are listed.
# isort: off
from ganviz.quality.base import (
    DRAWS,
    FEWEST_DRAWS,
    METRICS,
    Evaluation,
    Floors,
    Metric,
    Reference,
    reference_for,
)
from ganviz.quality.draws import measured, too_few
from ganviz.quality.evaluation import evaluate
from ganviz.quality import divergence, modes, neighbours, transport, kernel
from ganviz.quality import images, classes
from ganviz.quality.classes import class_shares
from ganviz.quality.floors import floor_of
from ganviz.quality.images import frechet_distance, kernel_distance
from ganviz.quality.kernel import mmd_squared
from ganviz.quality.modes import ModeScore, mode_radius, mode_score, mode_shares
from ganviz.quality.neighbours import Neighbourhoods, neighbourhoods
from ganviz.quality.transport import exact_distance, sliced_distance

# isort: on

__all__ = [
    "DRAWS",
    "FEWEST_DRAWS",
    "METRICS",
    "Evaluation",
    "Floors",
    "Metric",
    "ModeScore",
    "Neighbourhoods",
    "Reference",
    "class_shares",
    "classes",
    "divergence",
    "evaluate",
    "exact_distance",
    "floor_of",
    "frechet_distance",
    "images",
    "kernel",
    "kernel_distance",
    "measured",
    "mmd_squared",
    "mode_radius",
    "mode_score",
    "mode_shares",
    "modes",
    "neighbourhoods",
    "neighbours",
    "reference_for",
    "sliced_distance",
    "too_few",
    "transport",
]
