"""What the players minimise, and what their losses were at the end."""

import math

from ganviz.diagnosis import ending
from ganviz.digits import compact
from ganviz.say import Message, Text, _, joined
from ganviz.snapshot import Snapshot


def reading(snapshot: Snapshot) -> Text:
    """What the numbers of a run's loss say, and what its tricks do to them."""
    conditions = map(Message.from_json, snapshot.facts["conditions"])
    return joined([Message(snapshot.facts["reading"]), *conditions])


def at_the_end(snapshot: Snapshot) -> tuple[Text, Text]:
    """L_D and L_G at the end beside their equilibrium, and what the numbers of this loss say."""
    facts, found = snapshot.facts, ending(snapshot)
    loss = Message(facts["loss"])
    if found is None:
        return _("{loss}: no iteration was made", loss=loss), reading(snapshot)
    said = _(
        "{loss}: {l_d}, {l_g}, means of iterations {first:,} to {last:,}, penalties apart",
        loss=loss,
        l_d=_beside("L_D", found.d_loss, facts["equilibrium"]),
        l_g=_beside("L_G", found.g_loss, facts["equilibrium_g"]),
        first=found.first,
        last=found.last,
    )
    return said, reading(snapshot)


def _beside(name: str, loss: float, level: float | None) -> Message:
    mean = _("none") if math.isnan(loss) else compact(loss)
    if level is None:
        return _("{name} = {mean} (no level at equilibrium)", name=name, mean=mean)
    shown = compact(level)
    return _("{name} = {mean} ({level} at equilibrium)", name=name, mean=mean, level=shown)
