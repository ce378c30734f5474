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

MARKS: dict[Status, str] = {
    "idle": "○",
    "queued": "◷",
    "running": "●",
    "paused": "❙❙",
    "finished": "✓",
    "diverged": "✕",
    "failed": "✕",
    "stopped": "■",
    "interrupted": "⚡",
}
"""How each status looks where there is no room for its name."""

THIS_RUN = _("this run")
BLANK = "\u00a0"
"""Nothing to say, in a line that is there."""
NO_RUNS = _("Runs stand here side by side: start one, change a setting, start again.")
ONE_RUN = _("A second run beside it is compared here: change a setting and press Start.")
SHOW_HELP = _("Let samples, histograms, table, words and buttons speak of this run.")
DELETE_HELP = _("Delete this run; Undo has it back for a minute.")
UNDO = _("Undo delete")
CONTINUE = _("Continue")
CONTINUE_HELP = _("Go on with this run from where it ended, under its own name.")
MORE = _("More iterations")
MORE_HELP = _("A new run that goes on from the end of this one, with twice the iterations.")
SEEDS = _("Again, with other seeds")
SEEDS_HELP = _(
    "Runs the same settings with so many further seeds. They wait for their turn, and are drawn "
    "together as a mean with a band."
)
HOW_MANY_SEEDS = _("Further seeds")
NOT_KEPT = _("This run is not kept, so it cannot go on.")
