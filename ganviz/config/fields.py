"""The fields of a run. The text under a field is its help wherever it is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

from ganviz.losses import LOSSES
from ganviz.networks import NETWORKS
from ganviz.registry import Bounds
from ganviz.say import Message, Text, _

CUSTOM = "custom"
"""The dataset's name where the caller passed the target or a network: no registry rebuilds it."""

Options = Mapping[str, Any] | tuple[tuple[str, Any], ...]
"""A mapping where it is given, sorted pairs inside."""

LearningRate = Annotated[float, Bounds(0, 1, open_low=True, log=True)]
Beta = Annotated[float, Bounds(0, 0.9999)]
Steps = Annotated[int, Bounds(0, 100)]


Values = Mapping[str, Any]
"""Every field's value by its name; None where a form has been emptied."""

Rule = Callable[[Values], bool]


class Data(NamedTuple):
    """What is known of the data before a run."""

    name: Text
    shape: tuple[int, ...] | None
    """Of one sample; None where only reading tells: such data may yet be anything."""


class Clash(NamedTuple):
    """Why a field can have no value but its default."""

    field: str
    """The other setting that rules it out."""
    complaint: Message
    """A sentence without its subject."""


Clashes = Callable[[Values, Data], Clash | None]


class Group(NamedTuple):
    """Settings that stand together."""

    label: Message
    tricks: bool = False
    """Each is off at first; one that says more of another is no trick of its own."""


GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        "data": Group(_("Data")),
        "networks": Group(_("Networks")),
        "loss": Group(_("Loss")),
        "tricks": Group(_("Tricks"), tricks=True),
        "optimiser": Group(_("Optimiser")),
        "run": Group(_("Run")),
    }
)
"""In the order of the form."""


def setting(
    label: str,
    default: Any,
    group: str,
    *,
    live: bool = False,
    first: int = 0,
    aside: bool = False,
    needs: Rule | None = None,
    as_default: Rule | None = None,
    clashes: Clashes | None = None,
) -> Any:
    """A field.

    Args:
        label: what it is called wherever it is shown.
        default: its value where none is given.
        group: one of `GROUPS`.
        live: it may change while a run goes on.
        first: its place among those that are seen before any group, from 1 on; 0: in its group.
        aside: no lesson depends on it.
        needs: whether the other fields let it do anything; without them it is idle, whatever it is.
            No rule looks at live fields, which may yet change.
        as_default: whether its value, beside the others, does what the default does.
        clashes: why it can have no value but the default beside the others and such data, or None.
    """
    facts = {"label": label, "group": group, "live": live, "first": first, "aside": aside}
    rules = {"needs": needs, "as_default": as_default, "clashes": clashes}
    return field(default=default, metadata=facts | rules)


def _penalised(values: Values) -> bool:
    return bool(values["penalty"] != "none")


def _weighted(values: Values) -> bool:
    return _penalised(values) and bool(values["penalty_weight"])


def _may_be_probed(values: Values) -> bool:
    """Whether D may be no probability of one sample; of a caller's own D only a run can tell."""
    family = NETWORKS[values["network"]].fn(**dict(values["network_options"]))
    reasons = (
        LOSSES[values["loss"]].facts["critic"] != "logit",
        values["packing"] != 1,
        values["minibatch_std"],
        family.probe is not None,
        values["dataset"] == CUSTOM,
    )
    return any(reasons)


def _needs_a_probability(values: Values, data: Data) -> Clash | None:
    loss = values["loss"]
    if LOSSES[loss].facts["critic"] == "logit":
        return None
    return Clash("loss", _("needs a D that is a probability, which {loss} has not", loss=loss))


def _needs_vectors(values: Values, data: Data) -> Clash | None:
    if data.shape is None or len(data.shape) == 1:
        return None
    return Clash("dataset", _("is for vectors, and {data} has images", data=data.name))


@dataclass(frozen=True, kw_only=True, slots=True)
class Fields:
    """Every field with its default and range; `RunConfig` checks them and says what they mean."""

    dataset: str = setting("Dataset", "ring", "data", first=1)
    """The distribution that G learns."""
    dataset_options: Options = setting("Dataset options", (), "data")
    """Keyword arguments of the dataset."""

    network: str = setting("Network", "mlp", "networks")
    """The architecture of both players."""
    network_options: Options = setting("Network options", (), "networks")
    """Keyword arguments of the network."""
    width: Annotated[int, Bounds(1, 1024, log=True)] = setting("Width", 128, "networks", first=7)
    """Units in each hidden layer, or channels of D's first convolution."""
    depth: Annotated[int, Bounds(1, 8)] = setting("Depth", 2, "networks")
    """Hidden layers of each player."""
    depth_g: Annotated[int, Bounds(0, 8)] = setting(
        "Depth of G",
        0,
        "networks",
        needs=lambda v: NETWORKS[v["network"]].facts.get("deep_generator", True),
        as_default=lambda v: v["depth_g"] == v["depth"],
    )
    """Hidden layers of the generator where it is to have others than D; 0: as many."""
    latent_dim: Annotated[int, Bounds(1, 512, log=True)] = setting("Latent size", 8, "networks")
    """Length of the noise vector z that G turns into a sample."""
    latent: Literal["normal", "uniform"] = setting("Latent noise", "normal", "networks")
    """Distribution of each entry of z: standard normal, or uniform on (-1, 1)."""

    loss: str = setting("Loss", "non_saturating", "loss", first=2)
    """What each player minimises."""
    loss_options: Options = setting("Loss options", (), "loss")
    """Keyword arguments of the loss."""
    penalty: str = setting(
        "Penalty",
        "none",
        "loss",
        first=3,
        as_default=lambda v: not v["penalty_weight"] and not v["compile"],
    )
    """A term added to D's loss that bounds its gradient."""
    penalty_weight: Annotated[float, Bounds(0, 1000, log=True)] = setting(
        "Penalty weight", 0.1, "loss", first=4, needs=_penalised
    )
    """Factor of the penalty: gamma of R1 and R2, lambda of the others. Without one it is idle."""
    penalty_schedule: Literal["constant", "cosine", "geometric"] = setting(
        "Weight schedule",
        "constant",
        "loss",
        needs=_weighted,
        as_default=lambda v: v["penalty_final"] == 1,
    )
    """The weight over the run: constant, or falling to its final share."""
    penalty_final: Annotated[float, Bounds(1e-4, 1, log=True)] = setting(
        "Final share",
        0.1,
        "loss",
        needs=lambda v: _weighted(v) and v["penalty_schedule"] != "constant",
    )
    """The share of the penalty weight that is left at the end of a schedule."""

    lr_d: LearningRate = setting("D learning rate", 1e-3, "optimiser", live=True, first=5)
    """Learning rate of the discriminator, above 0 and at most 1."""
    lr_g: LearningRate = setting("G learning rate", 1e-3, "optimiser", live=True, first=6)
    """Learning rate of the generator, above 0 and at most 1."""
    d_steps: Steps = setting("D steps, k_D", 1, "optimiser", live=True)
    """Discriminator updates in each iteration (k_D); 0 freezes D."""
    g_steps: Steps = setting("G steps, k_G", 1, "optimiser", live=True)
    """Generator updates in each iteration (k_G); 0 freezes G."""
    optimizer: Literal["adam", "sgd", "rmsprop", "optimistic_adam"] = setting(
        "Optimiser", "adam", "optimiser"
    )
    """How a gradient becomes an update, for both players."""
    beta1: Beta = setting(
        "β₁", 0.5, "optimiser", needs=lambda v: v["optimizer"] in ("adam", "optimistic_adam")
    )
    """Decay of the first moment, of either Adam."""
    beta2: Beta = setting("β₂", 0.99, "optimiser", needs=lambda v: v["optimizer"] != "sgd")
    """Decay of the mean squared gradient, of either Adam and of RMSProp."""
    momentum: Annotated[float, Bounds(-0.99, 0.99)] = setting(
        "Momentum", 0.0, "optimiser", needs=lambda v: v["optimizer"] == "sgd"
    )
    """Share of the last update that SGD adds to the next; it may be negative."""
    lr_schedule: Literal["constant", "cosine", "linear"] = setting(
        "Schedule", "cosine", "optimiser"
    )
    """Learning rates over the run: constant, or falling to 0 by half a cosine or a line."""
    update: Literal["alternating", "simultaneous"] = setting("Updates", "alternating", "optimiser")
    """Whether G answers the new D, or the one from before D's half of the iteration."""
    grad_clip: Annotated[float, Bounds(0, 1000)] = setting("Gradient clipping", 0.0, "optimiser")
    """Largest norm of either player's gradient; longer ones are scaled down. 0 switches it off."""
    batch_size: Annotated[int, Bounds(2, 8192, log=True)] = setting(
        "Batch size", 256, "optimiser", first=8
    )
    """Real samples, and as many fakes, in each update."""
    ema: Annotated[float, Bounds(0, 0.99999)] = setting("EMA of G", 0.999, "optimiser")
    """Decay of the moving average of G's weights; 0 switches it off."""
    which_g: Literal["playing", "averaged"] = setting(
        "Which G is shown", "averaged", "optimiser", needs=lambda v: bool(v["ema"])
    )
    """The G that samples, histograms, gaps and quality are of: the one that plays, or its moving
    average. Without an average it is the one that plays. V's own curve always is of that one."""

    spectral_norm: bool = setting("Spectral norm", False, "tricks")
    """Divide every weight matrix of D by its largest singular value."""
    fourier: Annotated[int, Bounds(0, 512)] = setting(
        "Fourier features", 0, "tricks", clashes=_needs_vectors
    )
    """Random frequencies whose sines and cosines D sees beside x (vectors only); 0: none."""
    fourier_scale: Annotated[float, Bounds(0.01, 100, log=True)] = setting(
        "Frequency σ", 1.0, "tricks", needs=lambda v: bool(v["fourier"])
    )
    """Standard deviation of those frequencies, in radians per unit of standardised data."""
    minibatch_std: bool = setting("Minibatch stddev", False, "tricks")
    """Let D see how much the samples of a batch differ, so that a collapse gives G away."""
    packing: Annotated[int, Bounds(1, 16)] = setting("Packing", 1, "tricks")
    """Samples that D judges together (PacGAN); the batch must divide by it."""
    unroll: Annotated[int, Bounds(0, 20)] = setting("Unrolled steps", 0, "tricks")
    """Updates of D that G looks ahead and differentiates through."""
    instance_noise: Annotated[float, Bounds(0, 10)] = setting("Instance noise σ", 0.0, "tricks")
    """Standard deviation of noise on all that D sees, in standardised units; V is then of it."""
    noise_schedule: Literal["constant", "linear"] = setting(
        "Noise schedule", "linear", "tricks", needs=lambda v: bool(v["instance_noise"])
    )
    """Instance noise over the run: constant, or falling to 0 on a straight line."""
    label_smoothing: Annotated[float, Bounds(0, 0.5)] = setting(
        "Label smoothing", 0.0, "tricks", clashes=_needs_a_probability
    )
    """D's label for data is 1 minus this (one-sided); V stays that of hard labels."""
    clip: Annotated[float, Bounds(0, 10)] = setting("Weight clipping", 0.0, "tricks")
    """Every weight of D is held within plus or minus this after its update; 0: free."""
    consensus: Annotated[float, Bounds(0, 1000)] = setting("Consensus γ", 0.0, "tricks")
    """Factor gamma of half the squared norm of both gradients, added to both losses; 0: none."""

    steps: Annotated[int, Bounds(1, 10_000_000, log=True)] = setting(
        "Iterations", 8000, "run", first=9
    )
    """Iterations of the whole run."""
    seed: Annotated[int, Bounds(0, 2**31 - 1)] = setting("Seed", 0, "run", first=10, aside=True)
    """The same seed and settings give the same run, bit for bit, on the same machine."""
    device: Literal["cpu", "cuda"] = setting("Device", "cpu", "run", aside=True)
    """Where the networks live. Networks of this size are fastest on the CPU."""
    dtype: Literal["float32", "float64"] = setting("Precision", "float32", "run", aside=True)
    """Precision of weights and activations."""
    probe: bool = setting("Probe for V", True, "run", needs=_may_be_probed)
    """Where D is no probability of one sample, train a second D beside it, for V alone."""
    compile: bool = setting("Compile", False, "run", aside=True)
    """Compile the whole iteration first: takes seconds to begin, then runs faster."""
