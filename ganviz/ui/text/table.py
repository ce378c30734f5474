"""Every metric of the last full measurement, as the rows of a table."""

import math
from typing import NamedTuple

from ganviz.digits import significant, whole
from ganviz.optimal import SAMPLES
from ganviz.quality import METRICS
from ganviz.readings import Floor
from ganviz.snapshot import Snapshot
from ganviz.ui.text import words


class Row(NamedTuple):
    """A metric as it is shown."""

    label: str
    value: str
    floor: str
    mark: str
    """Whether the value is inside its floor, in a word."""
    inside: bool


def numbers(snapshot: Snapshot | None) -> list[Row]:
    """A row for each metric that was measured; none where nothing was."""
    measured = snapshot.quality if snapshot is not None else {}
    return [_row(name, *found) for name, found in measured.items()]


def verdict(snapshot: Snapshot | None) -> str:
    """How many metrics are inside their floors, and what was measured; or why nothing was."""
    rows = numbers(snapshot)
    if snapshot is None:
        return words.NUMBERS_NONE
    if lack := snapshot.readings.too_few:
        return words.TOO_FEW_ROWS.format(*map(whole, lack))
    if not rows:
        return words.FLOORS_FIRST if snapshot.readings.cost.limit else words.INSTRUMENTS_OFF
    n = f"{snapshot.readings.samples:,}"
    at = f"{int(snapshot.readings.quality['step'][-1]):,}"
    inside = sum(row.inside for row in rows)
    return words.NUMBERS_OF.format(inside, len(rows), words.INSIDE, n, snapshot.shown_g, at)


def _row(name: str, value: float, low: float, high: float) -> Row:
    inside = Floor(math.nan, low, high, 0).contains(value)
    mark = words.INSIDE if inside else words.OUTSIDE
    if all(number.is_integer() for number in (value, low, high)):
        shown, least, most = whole(value), whole(low), whole(high)
    else:
        width = max(abs(low), abs(high))
        shown = significant(value, max(abs(value), width))
        least, most = significant(low, width), significant(high, width)
    label = METRICS[name].label
    if "part_of_error" in METRICS[name].facts:
        label = words.BY_SAMPLES.format(label, SAMPLES)
    return Row(label, shown, f"{least} to {most}", mark, inside)
