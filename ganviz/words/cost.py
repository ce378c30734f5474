"""What the instruments do, and what they take."""

from ganviz.digits import percent, significant
from ganviz.readings import Doing, Readings
from ganviz.say import Message, Text, _, joined
from ganviz.snapshot import Status

APART_SHOWN = 0.1
"""Seconds apart that are worth a sentence."""

INSTRUMENTS_OFF = _(
    "The instruments are off: give them a share of the time in the form, at its end."
)
SWITCHED_OFF = _("The instruments are off; these are their last readings.")


def under_way(doing: Doing, progress: float) -> Message:
    """What an instrument does, and how far it is: part of a sentence."""
    return _("{doing}, {progress}", doing=doing.inside, progress=percent(progress))


def cost(readings: Readings, status: Status) -> Text:
    """What the instruments take, and the long measurement that is under way."""
    spent = readings.cost
    if not spent.limit:
        return SWITCHED_OFF
    said: list[Text] = []
    if status == "running":
        said.append(
            _(
                "Instruments took {share} of the time (limit {limit}) in the last ten seconds.",
                share=percent(spent.share),
                limit=percent(spent.limit),
            )
        )
        if spent.apart >= APART_SHOWN:
            n = significant(spent.apart)
            said.append(_("{n} s more went into what was asked for or built at first.", n=n))
    else:  # the limit is of a running run's time
        n = significant(sum(spent.seconds.values()))
        said.append(_("Instruments took {n} s in all.", n=n))
    if spent.doing is not None:
        begins, progress = spent.doing.begins, percent(spent.progress)
        said.append(_("{doing}, {progress}.", doing=begins, progress=progress))
    return joined(said)
