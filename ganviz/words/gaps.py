"""Who is behind: D's lag and G's error in words and numbers."""

import math

from ganviz.diagnosis import Gap, Trend, error_trend, matches, seen_by_d
from ganviz.digits import signed
from ganviz.levels import V_EQUILIBRIUM
from ganviz.say import Message, _
from ganviz.snapshot import Snapshot
from ganviz.words.who import judge


def behind(snapshot: Snapshot, gap: Gap) -> Message:
    """The two gaps in words and numbers: part of a sentence."""
    lag = _lag(gap, judge(snapshot))
    if matches(snapshot.readings, gap):
        return _match(snapshot, gap, lag)
    error = _error(gap, error_trend(snapshot.readings))
    if gap.optimal:
        reach = _(
            "the optimal D reaches {v}: G's error is {error}", v=signed(gap.best), error=error
        )
    else:
        reach = _(
            "a fresh D reaches {v}: G's error is at least {error}",
            v=signed(gap.best),
            error=error,
        )
    return _("{reach}; {lag}", reach=reach, lag=lag) if math.isfinite(gap.value) else reach


def verdict(snapshot: Snapshot, gap: Gap) -> Message | None:
    """How far G is off, where it goes, and what part of that D sees: a sentence.

    None where G matches the data, and where there is no V to tell what D sees.
    """
    if matches(snapshot.readings, gap) or not math.isfinite(gap.value):
        return None
    trend, seen = error_trend(snapshot.readings), _seen(gap, judge(snapshot))
    match gap.off, trend:
        case "little", "rising":
            return _("G is getting worse.")
        case "little", _other:
            return _("G is nearly right.")
        case "between", "falling":
            return _("G is still off but improving, and {seen}.", seen=seen)
        case "between", "rising":
            return _("G is off and getting worse, and {seen}.", seen=seen)
        case "between", "steady":
            return _("G is off and {seen}.", seen=seen)
        case "between", None:
            return _("G is off so far and {seen}.", seen=seen)
        case "much", "falling":
            return _("G is still bad but improving, and {seen}.", seen=seen)
        case "much", "rising":
            return _("G is bad and getting worse, and {seen}.", seen=seen)
        case "much", "steady":
            return _("G is bad and {seen}.", seen=seen)
    return _("G is bad so far and {seen}.", seen=seen)


def _match(snapshot: Snapshot, gap: Gap, lag: Message) -> Message:
    error = signed(gap.error)
    if not gap.optimal:
        return _(
            "G's error is {error}, within its noise: a fresh D cannot tell G from the data; {lag}",
            error=error,
            lag=lag,
        )
    n = snapshot.facts["samples"]["optimal"]
    if snapshot.readings.error_floor is None:
        return _(
            "G's error is {error}: G matches the data as far as {n:,} samples tell; {lag}",
            error=error,
            n=n,
            lag=lag,
        )
    return _(
        "G's error is {error}, inside its floor: G matches the data as far as {n:,} samples tell; "
        "{lag}",
        error=error,
        n=n,
        lag=lag,
    )


def _error(gap: Gap, trend: Trend | None) -> Message:
    """G's error, of how much, and where it goes."""
    error, most = signed(gap.error), signed(-V_EQUILIBRIUM)
    match trend:
        case "falling":
            return _("{error} of {most}, falling", error=error, most=most)
        case "rising":
            return _("{error} of {most}, rising", error=error, most=most)
        case "steady":
            return _("{error} of {most}, steady", error=error, most=most)
    return _("{error} of {most}", error=error, most=most)


def _lag(gap: Gap, judge: Message) -> Message:
    if not math.isfinite(gap.lag):
        return _("no V to compare it with")
    if gap.lags:
        return _("{judge} lags by {lag}", judge=judge, lag=signed(gap.lag))
    return _("{judge} does not lag", judge=judge)


def _seen(gap: Gap, judge: Message) -> Message:
    match seen_by_d(gap):
        case "all":
            return _("{judge} sees it", judge=judge)
        case "part":
            return _("{judge} sees part of it", judge=judge)
        case "none":
            return _("{judge} does not see it", judge=judge)
