"""Every metric of the last full measurement, as the rows of a table."""

from typing import NamedTuple

from ganviz.diagnosis import inside, like_real
from ganviz.digits import significant, whole
from ganviz.say import Message, Text, _
from ganviz.snapshot import Snapshot
from ganviz.words.cost import INSTRUMENTS_OFF
from ganviz.words.who import shown_g

HEAD: tuple[Text, ...] = (_("metric"), _("value"), _("floor, 99 % of real draws"), "")
"""Over the columns of a table of rows."""

NOTHING_YET = _("Press Start: nothing is measured yet.")
FLOORS_FIRST = _("Nothing to show yet: the noise floors are taken first, once for these data.")


class Row(NamedTuple):
    """A metric as it is shown."""

    label: Text
    value: str
    floor: Text
    mark: Text
    """Whether the value is inside its floor, in a word."""
    inside: bool


def numbers(snapshot: Snapshot | None) -> list[Row]:
    """A row for each metric that was measured; none where nothing was."""
    if snapshot is None:
        return []
    return [_row(snapshot, name, *found) for name, found in snapshot.quality.items()]


def verdict(snapshot: Snapshot | None) -> Text:
    """How many metrics are inside their floors, and what was measured; or why nothing was."""
    if snapshot is None:
        return NOTHING_YET
    readings, quality = snapshot.readings, snapshot.quality
    if readings.too_few:
        return too_few_rows(*readings.too_few)
    if not quality:
        return FLOORS_FIRST if readings.cost.limit else INSTRUMENTS_OFF
    return _(
        "{n} of {all} like real, by {samples:,} samples of {g} at iteration {step:,}",
        n=like_real(quality),
        all=len(quality),
        samples=readings.samples,
        g=shown_g(snapshot),
        step=int(readings.quality["step"][-1]),
    )


def too_few_rows(rows: int, needs: int) -> Message:
    """That the data have too few rows for any floor: how many they have, and how many it takes."""
    return _(
        "The data have too few rows for a floor ({rows:,} rows; needs {needs:,}), so nothing is "
        "measured.",
        rows=rows,
        needs=needs,
    )


def _row(snapshot: Snapshot, name: str, value: float, low: float, high: float) -> Row:
    if all(float(number).is_integer() for number in (value, low, high)):
        shown, least, most = whole(value), whole(low), whole(high)
    else:
        width = max(abs(low), abs(high))
        shown = significant(value, max(abs(value), width))
        least, most = significant(low, width), significant(high, width)
    within = inside(value, low, high)
    mark = _("like real") if within else _("outside")
    floor = _("{least} to {most}", least=least, most=most)
    return Row(_label(snapshot, name), shown, floor, mark, within)


def _label(snapshot: Snapshot, name: str) -> Text:
    """What a metric is called, and of how many samples, where not of those of the others."""
    label = Message(snapshot.facts["metrics"][name]["label"])
    if name not in snapshot.facts["part_of_error"]:
        return label
    n = snapshot.facts["samples"]["optimal"]
    return _("{metric}, by {n:,} samples", metric=label, n=n)
