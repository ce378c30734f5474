"""What is known of a run now, in a few sentences."""

import math

from ganviz.diagnosis import Gap, Telling, Value, last_gap, like_real, recent_value
from ganviz.digits import signed
from ganviz.say import Message, Text, _, joined
from ganviz.snapshot import Snapshot, Status
from ganviz.words import gaps
from ganviz.words.who import WHOSE, judge, no_value, shown_g, two_gs

NOTHING_YET = _(
    "Press **Start**. D tries to lift V towards 0, G to pull it down; "
    "they balance at −ln 4 = −1.386, where D can only guess."
)
GETTING_READY = _("Getting ready: data and networks come first, then iteration 1.")
FAILED = _("The run raised an error; its message is above. Correct the settings and press Start.")
DIVERGED = _(
    "The numbers left the range of floating point, so the run was stopped. The curves are kept; "
    "samples and histograms are the last finite ones. Lower the learning rates and press Start."
)
QUEUED = _("Waits for its turn: other runs train. Stop withdraws it.")
INTERRUPTED = _("It was cut off: press Continue to go on as if it had not been.")
NOT_FINITE = _("V is no finite number now.")


def meaning(snapshot: Snapshot | None, status: Status) -> Text:
    """What is known of the run now: V, who is behind, how many metrics are like real; and what is
    not known yet, as V alone says nothing of how good G is."""
    if status == "failed":
        return FAILED
    if status == "queued":
        return QUEUED
    if snapshot is None or not snapshot.history.rows:
        return GETTING_READY if status == "running" else NOTHING_YET
    if status == "diverged":
        return DIVERGED
    gap = last_gap(snapshot.readings)
    unknown = _not_known(snapshot, status) if gap is None else None
    cut = INTERRUPTED if status == "interrupted" else None
    return joined([cut, *_of_v(snapshot, gap), unknown, _like_real(snapshot)])


def _of_v(snapshot: Snapshot, gap: Gap | None) -> list[Text | None]:
    """V, beside that of the best D where there is one."""
    if snapshot.value_source == "none":
        return [no_value(snapshot.facts), *_but(snapshot, gap)]
    now = recent_value(snapshot.history)
    if not now.known:
        return [NOT_FINITE, *_but(snapshot, gap)]
    if gap is not None and math.isfinite(gap.value):
        return [_measured(snapshot, gap), gaps.verdict(snapshot, gap)]
    return [_alone(snapshot, now), *_but(snapshot, gap)]


def _but(snapshot: Snapshot, gap: Gap | None) -> list[Text | None]:
    """What is known of G where there is no V to say it beside."""
    if gap is None:
        return []
    known = gaps.behind(snapshot, gap)
    if two_gs(snapshot):
        said = _("But on {g}, {known}.", g=shown_g(snapshot), known=known)
    else:
        said = _("But {known}.", known=known)
    return [said, gaps.verdict(snapshot, gap)]


def _alone(snapshot: Snapshot, now: Value) -> Message:
    """V of the last iterations, and what it says of D."""
    said = _("{v}: {telling}", v=_v(snapshot, now.v), telling=_telling(now.telling, snapshot))
    if two_gs(snapshot):
        return _("On {g}, {said}.", g=WHOSE["playing"], said=said)
    return _("{said}.", said=said)


def _measured(snapshot: Snapshot, gap: Gap) -> Message:
    """V as it was measured together with that of the best D, and who is behind."""
    v, behind = _placed(snapshot, gap), gaps.behind(snapshot, gap)
    if gap.deceives:
        said = _("{v}, yet {behind}", v=v, behind=behind)
    else:
        said = _("{v}; {behind}", v=v, behind=behind)
    g, of_now = shown_g(snapshot), gap.is_of_now(snapshot.step)
    match two_gs(snapshot), of_now:
        case True, True:
            return _("On {g}, {said}.", g=g, said=said)
        case True, False:
            return _("At iteration {step:,}, on {g}, {said}.", step=gap.step, g=g, said=said)
        case False, False:
            return _("At iteration {step:,}, {said}.", step=gap.step, said=said)
    return _("{said}.", said=said)


def _placed(snapshot: Snapshot, gap: Gap) -> Message:
    """V, and where it stands."""
    v = _v(snapshot, gap.value)
    match gap.place:
        case "at":
            return _("{v}, at −ln 4", v=v)
        case "below":
            return _("{v}, below −ln 4", v=v)
        case "above":
            return v


def _v(snapshot: Snapshot, value: float) -> Message:
    if snapshot.value_source == "probe":
        return _("V (of the probe) = {v}", v=signed(value))
    return _("V = {v}", v=signed(value))


def _telling(how: Telling, snapshot: Snapshot) -> Message:
    who = judge(snapshot)
    match how:
        case "almost always":
            return _("{who} tells real from fake almost every time", who=who)
        case "often":
            return _("{who} tells real from fake often", who=who)
        case "small edge":
            return _("{who} has a small edge", who=who)
        case "guessing":
            return _("at −ln 4, {who} is guessing, which says nothing of G", who=who)
        case "below":
            return _("below −ln 4, {who} does worse than a coin on these batches", who=who)


def _not_known(snapshot: Snapshot, status: Status) -> Message:
    """That how good G is is not measured yet, and when it will be."""
    cost = snapshot.readings.cost
    if not cost.limit:
        return _("How far G is from the data is not known: the instruments are off.")
    if cost.busy is not None:
        return _("How far G is from the data is not measured yet; a measurement is under way.")
    if status != "running" or cost.next is None:
        return _("How far G is from the data is not measured yet: press Measure.")
    if not cost.next:
        return _("How far G is from the data is not measured yet; due now, or press Measure.")
    return _(
        "How far G is from the data is not measured yet; next in {n} s, or press Measure.",
        n=math.ceil(cost.next),
    )


def _like_real(snapshot: Snapshot) -> Message | None:
    quality = snapshot.quality
    if not quality:
        return None
    return _("{n} of {all} metrics like real.", n=like_real(quality), all=len(quality))
