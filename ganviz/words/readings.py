"""How to read the charts that show what the instruments have read, and nothing else."""

from collections.abc import Callable, Mapping

from ganviz.diagnosis import MEANS_OF, best_known, last_gap, memorised
from ganviz.digits import signed
from ganviz.readings import FIRST_FRESH_SECONDS, Readings
from ganviz.say import Message, Text, _, joined
from ganviz.snapshot import Snapshot
from ganviz.words.cost import INSTRUMENTS_OFF, cost
from ganviz.words.table import FLOORS_FIRST, too_few_rows
from ganviz.words.who import WHOSE, shown_g

WITH_COST = ("gaps", "quality")
"""The charts whose captions say what the instruments take."""


def reading_captions(snapshot: Snapshot | None) -> dict[str, Text]:
    """How to read each of these charts.

    Args:
        snapshot: of the run that is shown; None before there is one.
    """
    if snapshot is None:
        return {name: joined([_CAPTIONS[name](None), _first(name)]) for name in _CAPTIONS}
    return {name: _caption(name, snapshot) for name in _CAPTIONS}


def _caption(name: str, snapshot: Snapshot) -> Text:
    readings, empty = snapshot.readings, _empty(snapshot.readings)[name]
    if empty and not readings.cost.limit:
        return INSTRUMENTS_OFF
    waits = empty and snapshot.status in ("idle", "running")
    return joined(
        [
            _CAPTIONS[name](snapshot),
            _first(name) if waits else None,
            cost(readings, snapshot.status) if name in WITH_COST else None,
        ]
    )


def _first(name: str) -> Message:
    """When a chart has something to show."""
    if name == "gaps":
        return _(
            "First reading: 1 s after Start; where no density is known, after a fit that begins "
            "{n:.0f} s after Start, or with Measure.",
            n=FIRST_FRESH_SECONDS,
        )
    return _("First reading: seconds after Start, or with Measure.")


def _empty(readings: Readings) -> Mapping[str, bool]:
    return {
        "gaps": last_gap(readings) is None,
        "zigzag": not readings.zigzag.rows,
        "saturation": readings.pulls is None,
        "quality": not readings.quality.rows,
        "shares": readings.shares is None and not readings.quality.rows,
        "precision_recall": not readings.quality.rows,
    }


def _whose(snapshot: Snapshot | None) -> Message:
    return _("G") if snapshot is None else shown_g(snapshot)


def _gaps(snapshot: Snapshot | None) -> Text:
    parts: list[Text | None] = [
        _("D's lag: best D minus V. G's error: best D plus ln 4, 0 where G is the data."),
        _("Both of {g}.", g=_whose(snapshot)),
    ]
    if snapshot is not None:
        if snapshot.config.get("instance_noise"):
            parts.append(_("All without the noise."))
        parts += _of_best(snapshot)
        if (apart := memorised(snapshot.readings.gaps)) is not None:
            v = signed(apart)
            parts.append(_("On held-out data V is {v} lower: D knows some data by heart.", v=v))
    return joined(parts)


def _of_best(snapshot: Snapshot) -> list[Text | None]:
    """Which D is the best that is known, and what that means."""
    gap = last_gap(snapshot.readings)
    if gap is None:
        return []
    if best_known(snapshot.readings) == "optimal":
        n = snapshot.facts["samples"]["optimal"]
        return [
            _("Optimal D from {n:,} samples.", n=n),
            _("Points: single readings, bars 99 %; lines: means of {n}.", n=MEANS_OF),
        ]
    hardly = _("Its V near 0: the two hardly overlap, as with images; quality says more.")
    return [
        _("A fresh D is a lower bound: the error is at least that."),
        hardly if gap.apart else None,
    ]


def _zigzag(snapshot: Snapshot | None) -> Text:
    return _(
        "V of the D and {g}, on the same x and z, three times an iteration: D's step lifts it, G's "
        "step lowers it. Where steps are far longer than the drift, the two undo each other.",
        g=WHOSE["playing"],
    )


def _saturation(snapshot: Snapshot | None) -> Text:
    if snapshot is None or snapshot.readings.pulls is None:
        return _(
            "How hard each fake of {g} is pulled, |∂L_G/∂logit|. All near 0: it has nothing to "
            "learn from.",
            g=WHOSE["playing"],
        )
    return _(
        "How hard each fake of {g} is pulled: thick by this run's loss ({loss}), thin by others at "
        "the same outputs of D. At the left end G learns nothing.",
        g=WHOSE["playing"],
        loss=Message(snapshot.facts["losses"][snapshot.readings.pulls.own]),
    )


def _quality(snapshot: Snapshot | None) -> Text:
    if snapshot is not None:
        readings = snapshot.readings
        if readings.too_few:
            return too_few_rows(*readings.too_few)
        if readings.quality.rows and not readings.floors:
            return FLOORS_FIRST
    return _(
        "Each metric of samples of {g} and the band of 99 % of real draws: inside it, fakes are "
        "like real.",
        g=_whose(snapshot),
    )


def _shares(snapshot: Snapshot | None) -> Text:
    if snapshot is not None and snapshot.readings.shares is None and snapshot.readings.quality.rows:
        return _("These data have neither known modes nor classes to count.")
    return _(
        "The share of each mode or class; band: 99 % of real draws. Below it a mode is being "
        "dropped; above it, it takes from others. Counted on samples of {g}.",
        g=_whose(snapshot),
    )


def _precision_recall(snapshot: Snapshot | None) -> Text:
    return _(
        "Precision: the share of fakes that lie among data. Recall: the share of data that fakes "
        "reach. Collapse loses recall, blur precision. Both of samples of {g}.",
        g=_whose(snapshot),
    )


Caption = Callable[[Snapshot | None], Text]

_CAPTIONS: Mapping[str, Caption] = {
    "gaps": _gaps,
    "zigzag": _zigzag,
    "saturation": _saturation,
    "quality": _quality,
    "shares": _shares,
    "precision_recall": _precision_recall,
}
