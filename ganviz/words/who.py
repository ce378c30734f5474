"""The players of a run, in words: which G, whose V, and why a run has none."""

from collections.abc import Mapping
from typing import Any, Literal

from ganviz.say import Message, _
from ganviz.snapshot import Snapshot

WHOSE: Mapping[Literal["averaged", "playing"], Message] = {
    "averaged": _("the averaged G (EMA)"),
    "playing": _("the G that plays"),
}
"""The generators of a run, as `Snapshot.which_g` calls them."""


def shown_g(snapshot: Snapshot) -> Message:
    """The G that samples, histograms, gaps and quality are of."""
    return WHOSE[snapshot.which_g]


def two_gs(snapshot: Snapshot) -> bool:
    """Whether there is an average of G beside the one that plays, so that each has to be named."""
    return bool(snapshot.config.get("ema"))


def judge(snapshot: Snapshot) -> Message:
    """The D that V is of."""
    return _("the probe") if snapshot.value_source == "probe" else _("D")


def no_value(facts: Mapping[str, Any]) -> Message:
    """That a run has no V, and why. `facts` are those of its snapshots."""
    return _("No V here: {why}, and the probe is off.", why=why_no_probability(facts))


def why_no_probability(facts: Mapping[str, Any]) -> Message:
    """What keeps D's output from being the probability that one sample is real."""
    return Message.from_json(facts["no_probability"])
