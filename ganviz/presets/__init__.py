"""Whole runs, each chosen for what it teaches: what works, what goes wrong, what helps."""

from ganviz.presets.base import PRESETS, Preset

# The order of these imports is the order in which the presets are shown.
# isort: split
from ganviz.presets import successes

# isort: split
from ganviz.presets import failures

# isort: split
from ganviz.presets import cures

__all__ = ["PRESETS", "Preset", "cures", "failures", "successes"]
