"""Every word that the app shows, except the docstrings that double as help."""

from collections.abc import Sequence

import numpy as np

from ganviz.levels import V_EQUILIBRIUM
from ganviz.snapshot import Snapshot, Status

TITLE = "Train"
PAGE_TITLE = "ganviz · the live laboratory for the GAN loss"

LIVE, RESTARTS = ":green[:small[live]]", ":gray[:small[restarts]]"

GROUPS = {
    "data": "Data",
    "networks": "Networks",
    "loss": "Loss",
    "optimiser": "Optimiser",
    "run": "Run",
}

LABELS = {
    "preset": "Preset",
    "dataset": "Dataset",
    "network": "Network",
    "width": "Width",
    "depth": "Depth",
    "latent_dim": "Latent size",
    "latent": "Latent noise",
    "loss": "Loss",
    "penalty": "Penalty",
    "penalty_weight": "Penalty weight",
    "lr_d": "D learning rate",
    "lr_g": "G learning rate",
    "d_steps": "D steps, k_D",
    "g_steps": "G steps, k_G",
    "beta1": "Adam β₁",
    "beta2": "Adam β₂",
    "lr_schedule": "Schedule",
    "batch_size": "Batch size",
    "ema": "EMA of G",
    "steps": "Iterations",
    "seed": "Seed",
    "device": "Device",
    "dtype": "Precision",
    "dataset_options.std": "Mode σ",
    "dataset_options.noise": "Noise σ",
    "dataset_options.side": "Modes a side",
}

BUTTONS = {
    "start": "Start",
    "pause": "Pause",
    "resume": "Resume",
    "step": "Step",
    "stop": "Stop",
    "reset": "Reset",
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

TITLES = {
    "value": "V(D, G), the value function",
    "terms": "D term and G term",
    "histogram": "D(x) against D(G(z))",
    "samples": "Samples",
    "accuracy": "D's accuracy",
    "gradients": "Gradients",
}

IDLE_HINT = "Press Start: a real GAN trains here, live."
IDLE_MEANING = (
    "Press **Start**. D tries to lift V towards 0, G to pull it down; "
    "they balance at −ln 4 = −1.386, where D can only guess."
)
NOTHING_RUNS = "No run is live: press Start first."
RUNS_ALREADY = "This run is already going. Change a setting to start another, or press Stop."
FIX_FORM = "The settings on the left need a correction first: {}"
RUN_GONE = "Run {} is no longer here: the server was restarted, or the run was let go."
BAD_ADDRESS = "The address holds a setting that cannot be: {} The defaults are shown instead."
WAITING = "Waits for a restart: {}. Press **Start** to begin anew with it."
PRESET_EDITED = "(edited)"


def label(field: str, *, live: bool) -> str:
    """A control's label, with whether it acts at once."""
    name = LABELS.get(field) or field.split(".")[-1].replace("_", " ").capitalize()
    return f"{name} {LIVE if live else RESTARTS}"


def headline(status: Status, step: int, rate: float, error: Exception | None) -> str:
    """Status, iteration and speed in one line; what went wrong where something did."""
    parts = [f"{MARKS[status]} **{status}**", f"iteration {step:,}"]
    if status == "running" and rate:
        parts.append(f"{rate:,.0f}/s")
    if error is not None:
        parts.append(str(error))
    return " · ".join(parts)


def meaning(snapshot: Snapshot | None, status: Status) -> str:
    """What V says now, in a sentence: who is winning, and what that may hide."""
    if status == "failed":
        return (
            "The run raised an error; its message is above. Correct the settings and press Start."
        )
    if snapshot is None or not snapshot.history.rows:
        return IDLE_MEANING
    if status == "diverged":
        return (
            "The numbers left the range of floating point, so the run was stopped; the curves are "
            "kept. Lower the learning rates and press Start."
        )
    v = _recent(snapshot, 0)
    se = float(snapshot.history["value_se"][-1])
    return f"V = {_number(v)}: {_reading(v, se, _trend(snapshot))}"


def _reading(v: float, se: float, trend: str) -> str:
    if v > -0.35:
        return f"D tells real from fake almost every time; G {trend}."
    if v > -1.1:
        return f"D still tells real from fake; G {trend}."
    if v > V_EQUILIBRIUM + max(2 * se, 0.03):
        return f"D has only a small edge left; G {trend}."
    if v > V_EQUILIBRIUM - max(3 * se, 0.06):
        return (
            "at −ln 4, D is guessing: G matches the data, or D is too weak. The samples tell which."
        )
    return "below −ln 4, D does worse than a coin: G is fooling it for now."


def _recent(snapshot: Snapshot, windows_back: int) -> float:
    v = snapshot.history["value"]
    width = max(1, min(50, len(v) // 4))
    end = len(v) - windows_back * width
    return float(np.mean(v[max(0, end - width) : end]))


def _trend(snapshot: Snapshot) -> str:
    if snapshot.history.rows < 40:
        return "has only begun"
    change = _recent(snapshot, 0) - _recent(snapshot, 2)
    if abs(change) < 0.02:
        return "holds its ground"
    return "is catching up" if change < 0 else "is falling behind"


def _number(v: float) -> str:
    return f"{v:.2f}".replace("-", "−")


def captions(snapshot: Snapshot | None) -> dict[str, str]:
    """How to read each chart, in one sentence; says whose V and whose samples they are."""
    whose = (
        "" if snapshot is None or snapshot.value_source == "discriminator" else " (of the probe)"
    )
    if snapshot is None or snapshot.samples_ema is None:
        made = "Fakes are what G makes now."
    else:
        made = "Fakes come from the moving average (EMA) of G's weights."
    return {
        "value": (
            f"D pushes V{whose} up towards 0, G pulls it down; −ln 4 means that D is guessing, "
            "not yet that G is good."
        ),
        "terms": f"V{whose} is their sum. D raises both; only the G term feels G.",
        "histogram": f"Apart: D{whose} wins. On top of each other around ½: D cannot tell.",
        "samples": f"{made} {_samples_hint(snapshot)}",
        "accuracy": "Near 1 on both: D wins. Near ½ on both: D is guessing.",
        "gradients": "If G's falls to nothing while D is sure, G has nothing to learn from.",
    }


def _samples_hint(snapshot: Snapshot | None) -> str:
    dim = 2 if snapshot is None else len(snapshot.real.shape) - 1
    if dim == 3:
        return "They should become as varied as the data."
    if dim == 1 and snapshot is not None and snapshot.real.shape[1] == 1:
        return "They should fill p(x); where D(x) = ½ the two agree."
    return "Blue ground: D says real; orange: fake."


def waiting(fields: Sequence[str]) -> str:
    """That settings were changed which the live run does not follow."""
    names = [LABELS.get(f) or f.replace("_", " ") for f in fields]
    return WAITING.format(", ".join(names))
