"""What the instruments do, and what they take."""

from typing import NamedTuple

from ganviz.digits import percent, significant
from ganviz.readings import Readings
from ganviz.say import Message, Text, _, joined
from ganviz.snapshot import Status

APART_SHOWN = 0.1
"""Seconds apart that are worth a sentence."""

INSTRUMENTS_OFF = _(
    "The instruments are off: give them a share of the time in the form, at its end."
)
SWITCHED_OFF = _("The instruments are off; these are their last readings.")


class Doing(NamedTuple):
    """What an instrument does."""

    inside: Message
    """As part of a sentence."""
    begins: Message
    """As its beginning."""


DOING = {
    "fresh D": Doing(_("fitting a fresh D"), _("Fitting a fresh D")),
    "noise floors": Doing(_("taking the noise floors"), _("Taking the noise floors")),
    "quality": Doing(_("measuring quality"), _("Measuring quality")),
    "saturation": Doing(_("measuring saturation"), _("Measuring saturation")),
    "V and the optimal D": Doing(
        _("measuring V and the optimal D"), _("Measuring V and the optimal D")
    ),
    "zig-zag": Doing(_("measuring zig-zag"), _("Measuring zig-zag")),
}
"""By the instrument's name."""


def doing(instrument: str) -> Message:
    """What an instrument does: part of a sentence."""
    return _doing(instrument).inside


def under_way(instrument: str, progress: float) -> Message:
    """What an instrument does, and how far it is: part of a sentence."""
    return _("{doing}, {progress}", doing=doing(instrument), progress=percent(progress))


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
    if spent.busy is not None:
        begins, progress = _doing(spent.busy).begins, percent(spent.progress)
        said.append(_("{doing}, {progress}.", doing=begins, progress=progress))
    return joined(said)


def _doing(instrument: str) -> Doing:
    if instrument in DOING:
        return DOING[instrument]
    name = Message(instrument)
    return Doing(
        _("measuring {instrument}", instrument=name), _("Measuring {instrument}", instrument=name)
    )
