"""What a check of the theory is: a function that measures numbers which somebody else has stated.

Fact: `quick`, whether it belongs to the set that runs without `--full`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ganviz.registry import Entry, Registry
from ganviz.say import Text, _


class Row(NamedTuple):
    """One claim and what came of it."""

    claim: Text
    source: Text
    """Where the expected number is from: a publication, or how it was calculated."""
    expected: float
    measured: float
    tolerance: float
    """The largest allowed distance of the two."""

    @property
    def holds(self) -> bool:
        """Whether the measured number is near enough; NaN is near nothing.

        >>> Row("half", "closed form", 0.5, 0.52, 0.01).holds
        False
        """
        return abs(self.measured - self.expected) <= self.tolerance


Check = Callable[[], Iterator[Row]]

CHECKS: Registry[Check, Entry[Check]] = Registry("check")

CLOSED_FORM = _("closed form")
QUADRATURE = _("quadrature")
