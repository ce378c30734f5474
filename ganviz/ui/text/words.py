"""Labels, titles and fixed sentences."""

from ganviz.say import Message, Text, _
from ganviz.snapshot import Status

TITLE = _("Train")
PAGE_TITLE = _("ganviz · the live laboratory for the GAN loss")

LIVE = _("live")
LIVE_HELP = _("Live: it acts at once on the run that is shown.")

CONTROLS: dict[str, Text] = {
    "preset": _("Preset"),
    "instruments": _("Instruments, % of the time"),
}
"""Labels of those that are no settings of a run."""

BUTTONS = {
    "start": _("Start"),
    "pause": _("Pause"),
    "step": _("Step"),
    "stop": _("Stop"),
    "reset": _("Reset"),
    "measure": _("Measure"),
}
RESUME = _("Resume")
"""What Pause is called while the run is paused."""

IDLE_HINT = _("Press Start (Ctrl + Enter): a real GAN trains here, live.")
INSTRUMENTS_HELP = _(
    "The most of a running run's time that the instruments may take. They measure V of the optimal "
    "and of a fresh D, an iteration from inside, saturation, and quality with its floors. They "
    "never change the run: its history is the same with any share. 0 switches them off and costs "
    "nothing."
)
MEASURE_HELP = _(
    "Fits a fresh D to the present G and measures quality in full, now; a running run gives half "
    "of its time meanwhile."
)
MEASURING_NOW = _("Measuring: a fresh D is fitted to the present G, and quality is taken in full.")
NOTHING_TO_MEASURE = _("No run to measure: press Start first.")
NOT_MEASURABLE: dict[Status, Message] = {
    "diverged": _(
        "This G cannot be measured: its run has diverged. The readings until then are kept."
    ),
    "failed": _("This G cannot be measured: its run has failed. The readings until then are kept."),
}
NUMBERS = _("Every number with its noise floor")
NOTHING_RUNS = _("No run is live: press Start first.")
RUNS_ALREADY = _("This run is already going. Change a setting to start another, or press Stop.")
RESTORE = _("Restore preset")
NOT_FROM_HERE = _("Dataset is 'custom': such a run can only be started from Python")
READING = _("Reading the data ...")
UNSCALED = _("The networks see the numbers as they are.")
