"""Labels, titles and fixed sentences."""

from ganviz.say import Text, _
from ganviz.snapshot import Status

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

MARKS: dict[Status, str] = {
    "idle": "○",
    "running": "●",
    "paused": "❙❙",
    "finished": "✓",
    "diverged": "✕",
    "failed": "✕",
    "stopped": "■",
}

IDLE_HINT = "Press Start (Ctrl + Enter): a real GAN trains here, live."
IDLE_MEANING = (
    "Press **Start**. D tries to lift V towards 0, G to pull it down; "
    "they balance at −ln 4 = −1.386, where D can only guess."
)
GETTING_READY = "Getting ready: data and networks come first, then iteration 1."
FAILED = "The run raised an error; its message is above. Correct the settings and press Start."
DIVERGED = (
    "The numbers left the range of floating point, so the run was stopped. The curves are kept; "
    "samples and histograms are the last finite ones. Lower the learning rates and press Start."
)
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
INSTRUMENTS_OFF = "The instruments are off: give them a share of the time in the form, at its end."
SWITCHED_OFF = "The instruments are off; these are their last readings."
FIRST_READING = "First reading: seconds after Start, or with Measure."
FIRST_GAP = (
    "First reading: 1 s after Start; where no density is known, after a fit that begins {:.0f} s "
    "after Start, or with Measure."
)
COST = "Instruments took {} of the time (limit {}) in the last ten seconds."
COST_APART = "{} s more went into what was asked for or built at first."
COST_AT_REST = "Instruments took {} s in all."
BUSY = {
    "fresh D": "fitting a fresh D",
    "noise floors": "taking the noise floors",
    "quality": "measuring quality",
    "saturation": "measuring saturation",
    "V and the optimal D": "measuring V and the optimal D",
}
"""What an instrument does, by its name."""

NUMBERS = "Every number with its noise floor"
NUMBERS_HEAD = ("metric", "value", "floor, 99 % of real draws", "")
NUMBERS_NONE = "Press Start: nothing is measured yet."
FLOORS_FIRST = "Nothing to show yet: the noise floors are taken first, once for these data."
NUMBERS_OF = "{} of {} {}, by {} samples of {} at iteration {}"
BY_SAMPLES = "{}, by {:,} samples"
TOO_FEW_ROWS = "The data have too few rows for a floor ({} rows; needs {}), so nothing is measured."
INSIDE, OUTSIDE = "like real", "outside"

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

NEVER_MEASURED = "How far G is from the data is not known: the instruments are off."
MEASURED_NOW = "How far G is from the data is not measured yet; a measurement is under way."
MEASURED_NEXT = "How far G is from the data is not measured yet; {}, or press Measure."
MEASURED_ON_REQUEST = "How far G is from the data is not measured yet: press Measure."
METRICS_INSIDE = "{} of {} metrics like real."

NO_VALUE = "No V here: {}, and the probe is off."
CRITIC = "this critic is no probability"
PACKED = "D judges {} samples together"
BATCHED = "D sees the whole batch"
NOT_FINITE = "V is no finite number now."
