"""How to read the picture of the samples."""

from ganviz.diagnosis import escaped
from ganviz.digits import percent
from ganviz.say import Message, Text, _, joined
from ganviz.snapshot import Snapshot
from ganviz.words.who import judge, shown_g


def samples_caption(snapshot: Snapshot | None) -> Text:
    """Whose samples they are, and what to compare.

    Args:
        snapshot: of the run that is shown; None before there is one.
    """
    if snapshot is None:
        return joined([_now(_("G")), _ground(_("D"))])
    if snapshot.finite_step is None:
        return joined([_now(shown_g(snapshot)), _hint(snapshot)])
    last = _(
        "Fakes of iteration {step:,}, the last finite ones, of {g}.",
        step=snapshot.finite_step,
        g=shown_g(snapshot),
    )
    return joined([last, _outside(snapshot), _hint(snapshot)])


def _now(whose: Message) -> Message:
    return _("Fakes are what {g} makes now.", g=whose)


def _ground(judge: Message) -> Message:
    return _("Blue ground: {judge} says real; orange: fake.", judge=judge)


def _outside(snapshot: Snapshot) -> Message | None:
    """How many have left the picture."""
    found = escaped(snapshot)
    if found is None:
        return None
    return _(
        "{share} lie outside this picture, as far as {farthest:.1e}.",
        share=percent(found.share),
        farthest=found.farthest,
    )


def _hint(snapshot: Snapshot) -> Message | None:
    shape = snapshot.real.shape[1:]
    if len(shape) == 3:
        return _("They should become as varied as the data.")
    if shape == (1,):
        return _on_a_line(snapshot)
    if shape[0] > 2:
        return _("Of {n} dimensions, the two in which the data spread most are shown.", n=shape[0])
    return None if snapshot.surface is None else _ground(judge(snapshot))


def _on_a_line(snapshot: Snapshot) -> Message:
    """What samples of one dimension should be like, and where D says that they are."""
    if snapshot.surface is None:
        return _("They should match the data.")
    curve, half = _curve(snapshot)
    if snapshot.surface.density is None:
        return _(
            "They should match the data; where {curve} = {half} the two agree.",
            curve=curve,
            half=half,
        )
    return _("They should fill p(x); where {curve} = {half} the two agree.", curve=curve, half=half)


def _curve(snapshot: Snapshot) -> tuple[Message, str]:
    """D(x), and what it is where fakes are as dense as data: ½, or half of what D is told of data;
    the probe is told 1 and 0, whatever D is told."""
    if snapshot.value_source == "probe":
        return _("the probe's D(x)"), "½"
    smoothing = snapshot.config.get("label_smoothing", 0)
    return _("D(x)"), f"{(1 - smoothing) / 2:.3g}" if smoothing else "½"
