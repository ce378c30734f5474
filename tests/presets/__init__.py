"""What each preset promises, as numbers with bounds, one check for each lesson.

The tests run them at one seed, `python -m bench.presets` at three.
"""

from tests.presets import cures, failures, successes
from tests.presets.base import CHECKS, Measured

__all__ = ["CHECKS", "Measured", "cures", "failures", "successes"]
