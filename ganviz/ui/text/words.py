"""Labels, titles and fixed sentences."""

from ganviz.say import Text, _

TITLE = "Train"
PAGE_TITLE = "ganviz · the live laboratory for the GAN loss"

LIVE = "live"
LIVE_HELP = "Live: it acts at once on the run that is shown."

CONTROLS: dict[str, Text] = {
    "preset": _("Preset"),
    "instruments": _("Instruments, % of the time"),
}
"""Labels of those that are no settings of a run."""

BUTTONS = {
    "start": "Start",
    "pause": "Pause",
    "resume": "Resume",
    "step": "Step",
    "stop": "Stop",
    "reset": "Reset",
    "measure": "Measure",
}

IDLE_HINT = "Press Start (Ctrl + Enter): a real GAN trains here, live."
INSTRUMENTS = "Instruments"
INSTRUMENTS_HELP = (
    "The most of a running run's time that the instruments may take. They measure V of the optimal "
    "and of a fresh D, an iteration from inside, saturation, and quality with its floors. They "
    "never change the run: its history is the same with any share. 0 switches them off and costs "
    "nothing."
)
MEASURE_HELP = (
    "Fits a fresh D to the present G and measures quality in full, now; a running run gives half "
    "of its time meanwhile."
)
MEASURING_NOW = "Measuring: a fresh D is fitted to the present G, and quality is taken in full."
MEASURES_ALREADY = "Already measuring: {}. The charts follow."
NOTHING_TO_MEASURE = "No run to measure: press Start first."
NOT_MEASURABLE = "This G cannot be measured: its run has {}. The readings until then are kept."
NUMBERS = "Every number with its noise floor"
NOTHING_RUNS = "No run is live: press Start first."
RUNS_ALREADY = "This run is already going. Change a setting to start another, or press Stop."
FIX_FORM = "The settings on the left need a correction first: {}"
RUN_GONE = "Run {} is no longer here: the server was restarted, or the run was let go."
BAD_ADDRESS = "The address holds a setting that cannot be: {} The defaults are shown instead."
RESTORE = "Restore preset"
NOT_FROM_HERE = "Dataset is 'custom': such a run can only be started from Python."
UPLOAD_FAILED = "The upload could not be kept: {}"
READING = "Reading the data ..."
UNSCALED = "The networks see the numbers as they are."
SCALED = "The networks see (x − shift) / scale, with shift {} and scale {}."
