"""How to read each chart: whose V it shows, of what, and whose samples."""

from ganviz.diagnosis import MEANS_OF, best_known, last_gap
from ganviz.say import Message, Text, _, joined
from ganviz.snapshot import Snapshot
from ganviz.words.losses import reading
from ganviz.words.readings import reading_captions
from ganviz.words.samples import samples_caption
from ganviz.words.who import WHOSE, no_value, shown_g, two_gs, why_no_probability

OF_V = ("value", "terms", "histogram", "accuracy")
"""The charts that show V and what belongs to it."""

PALE = _("Pale: other runs, with one dash in all charts; band: lowest to highest of several seeds.")


def captions(snapshot: Snapshot | None) -> dict[str, Text]:
    """How to read each chart, in a sentence or two.

    Args:
        snapshot: of the run that is shown; None before there is one.
    """
    shown = reading_captions(snapshot) | {
        "samples": samples_caption(snapshot),
        "losses": _losses(snapshot),
        "gradients": _gradients(snapshot),
    }
    if snapshot is None:
        return shown | {name: _of_d(name) for name in OF_V}
    if snapshot.value_source == "none":
        none = no_value(snapshot.facts)
        return shown | dict.fromkeys((*OF_V, "zigzag"), none)
    return shown | {
        "value": _value(snapshot),
        "terms": joined([_of_judge("terms", snapshot), _of_playing()]),
        "histogram": _histogram(snapshot),
        "accuracy": joined([_of_judge("accuracy", snapshot), _of_playing()]),
    }


def beside(caption: Text, name: str) -> Text:
    """The caption of a chart beside other runs; the one of V says for all how those are drawn."""
    return joined([caption, PALE if name == "value" else None])


def _losses(snapshot: Snapshot | None) -> Text:
    if snapshot is None or not snapshot.facts:
        return _("What each player minimises, penalties apart, beside its value at equilibrium.")
    loss = Message(snapshot.facts["loss"])
    return _("{loss}: {reading}", loss=loss, reading=reading(snapshot))


def _gradients(snapshot: Snapshot | None) -> Text:
    has_v = snapshot is not None and snapshot.value_source != "none"
    said = _("If G's falls to nothing while D is sure, G has nothing to learn from.")
    return joined([said, _of_playing() if has_v else None])


def _of_playing() -> Message:
    return _("Of {g}.", g=WHOSE["playing"])


def _of_judge(name: str, snapshot: Snapshot) -> Text:
    return _of_probe(name) if snapshot.value_source == "probe" else _of_d(name)


def _of_d(name: str) -> Message:
    return {
        "value": _(
            "D pushes V up towards 0, G pulls it down; −ln 4 means that D is guessing, not yet "
            "that G is good."
        ),
        "terms": _("V is their sum. D raises both; only the G term feels G."),
        "histogram": _("Apart: D wins. On top of each other around ½: D cannot tell."),
        "accuracy": _("Near 1 on both: D wins. Near ½ on both: D is guessing."),
    }[name]


def _of_probe(name: str) -> Message:
    return {
        "terms": _("The probe's V is their sum. It raises both; only the G term feels G."),
        "histogram": _(
            "Of the probe. Apart: it wins. On top of each other around ½: it cannot tell."
        ),
        "accuracy": _("Of the probe. Near 1 on both: it wins. Near ½ on both: it is guessing."),
    }[name]


def _value(snapshot: Snapshot) -> Text:
    """Whose V it is and of what, on which G, and beside that of which other D."""
    config, gap = snapshot.config, last_gap(snapshot.readings)
    return joined(
        [
            _v_alone(snapshot) if gap is None else _three_lines(snapshot),
            _on_which(snapshot, several=gap is not None),
            _("V is of noised data.") if config.get("instance_noise") else None,
            _("V is of hard labels.") if config.get("label_smoothing") else None,
        ]
    )


def _v_alone(snapshot: Snapshot) -> Text:
    if snapshot.value_source != "probe":
        return _of_d("value")
    return _(
        "V is of the probe, a second D that only watches, as {why}; −ln 4 means that it is "
        "guessing.",
        why=why_no_probability(snapshot.facts),
    )


def _three_lines(snapshot: Snapshot) -> Text:
    """How to read V beside that of the best D and −ln 4."""
    probe, optimal = snapshot.value_source == "probe", best_known(snapshot.readings) == "optimal"
    whose = _("the probe") if probe else _("the training D")
    best = _("the optimal D") if optimal else _("a fresh D")
    if _averaged(snapshot):
        how = _(
            "From the second down to −ln 4 is G's error; {whose}'s lag stands under Gaps.",
            whose=whose,
        )
    else:
        how = _(
            "From the first up to the second is {whose}'s lag; from there down, G's error.",
            whose=whose,
        )
    clean = _("The best D's is of clean data.") if snapshot.config.get("instance_noise") else None
    why = _("A probe watches, as {why}.", why=why_no_probability(snapshot.facts)) if probe else None
    return joined(
        [
            _("V of {whose}, V of {best}, and −ln 4.", whose=whose, best=best),
            how,
            _("Thick: means of {n} measurements.", n=MEANS_OF) if optimal else None,
            clean,
            why,
        ]
    )


def _on_which(snapshot: Snapshot, *, several: bool) -> Message:
    """Which G the lines of V are of."""
    if not several or not _averaged(snapshot):
        return _of_playing()
    g = shown_g(snapshot)
    return _("V is on {playing}, the other lines on {g}.", playing=WHOSE["playing"], g=g)


def _averaged(snapshot: Snapshot) -> bool:
    """Whether the best D is measured on another G than the one that plays."""
    return two_gs(snapshot) and snapshot.config["which_g"] == "averaged"


def _histogram(snapshot: Snapshot) -> Text:
    noised, last = snapshot.config.get("instance_noise"), snapshot.finite_step
    return joined(
        [
            _of_judge("histogram", snapshot),
            _("Fakes of {g}.", g=shown_g(snapshot)),
            _("Shown without the noise.") if noised else None,
            None if last is None else _("Of iteration {step:,}, the last finite one.", step=last),
        ]
    )
