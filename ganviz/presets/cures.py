"""One change to a game that fails, and what it does."""

from ganviz.config import RunConfig
from ganviz.presets.base import PRESETS
from ganviz.presets.failures import COLLAPSING, STARVING, SWINGING


@PRESETS.register("R1: the swing dies out", shows=("zigzag",))
def r1() -> RunConfig:
    """The game of the oscillation preset with one change, R1 of weight 1. Flat where the data are,
    D lets go of G in time: the samples come to rest on the data and V at −ln 4."""
    return SWINGING.replace(penalty="r1", penalty_weight=1.0)


@PRESETS.register("Instance noise: the swing dies out", shows=("zigzag",))
def instance_noise() -> RunConfig:
    """The oscillating game again, with noise of σ = 1 on all that D sees. Blurred, the two overlap
    wherever G is, so D's pull weakens as they meet and V settles at −ln 4."""
    return SWINGING.replace(instance_noise=1.0, noise_schedule="constant")


@PRESETS.register("Consensus: the swing dies out", shows=("zigzag", "gradients"))
def consensus() -> RunConfig:
    """The oscillating game once more. Both players also make both gradients small, and small
    gradients are found at rest: the circle becomes a spiral inwards."""
    return SWINGING.replace(consensus=1.0)


@PRESETS.register("Optimism: a smaller circle", shows=("quality",))
def optimistic() -> RunConfig:
    """A Wasserstein game without momentum, whose players count on the other's next step being like
    the last. Set the optimiser to plain Adam and the mean swings several times as far."""
    return SWINGING.replace(
        loss="wasserstein",
        clip=0.5,
        optimizer="optimistic_adam",
        momentum=0.0,
        beta1=0.0,
        beta2=0.999,
    )


@PRESETS.register("Averaging: G circles, its average rests", shows=("zigzag", "quality"))
def averaging() -> RunConfig:
    """Adam with a β₁ of 0.9 keeps G circling around the data, and V with it. The moving average of
    its weights sits in the middle: samples, gaps and quality are of it, unless you ask for the G
    that plays."""
    return SWINGING.replace(
        optimizer="adam",
        momentum=0.0,
        beta1=0.9,
        lr_d=0.005,
        lr_g=0.005,
        update="alternating",
        ema=0.999,
    )


@PRESETS.register("Packing: four samples at a time", shows=("shares",))
def packing() -> RunConfig:
    """The collapsing game, whose D now judges four samples together. Four from one mode give
    themselves away, so G covers the whole ring; the V of the probe is that of single samples."""
    return COLLAPSING.replace(packing=4)


@PRESETS.register("Unrolling: G looks five steps ahead", shows=("shares",))
def unrolling() -> RunConfig:
    """The collapsing game, whose G asks what D would be after five more updates. A pile on one mode
    would be found out by then, so G spreads over all eight. Each iteration takes longer."""
    return COLLAPSING.replace(unroll=5, steps=3000)


@PRESETS.register("Spectral norm: a D that cannot be steep", shows=("gaps", "quality"))
def spectral_norm() -> RunConfig:
    """The ring without a penalty, with D's weights normalised instead. Its slope stays below 1, and
    V goes down to −ln 4, where it hung far above without."""
    return RunConfig(width=64, batch_size=128, spectral_norm=True, steps=6000)


@PRESETS.register("Least squares: a gradient that stays", shows=("saturation",))
def least_squares() -> RunConfig:
    """The saturating game with squares in place of logarithms. D is as far ahead, but the square
    goes on pulling at samples that D is sure of: G's gradient lives on and its samples move."""
    return STARVING.replace(loss="least_squares")


@PRESETS.register("Label smoothing: D says 0.4 at most", shows=("terms", "histogram"))
def label_smoothing() -> RunConfig:
    """D is told that data are real with 0.8, not 1. At the equilibrium it says 0.4 of everything,
    and V of hard labels rests at −1.427, a little below −ln 4."""
    return RunConfig(
        dataset="gaussian",
        width=32,
        latent_dim=1,
        batch_size=128,
        label_smoothing=0.2,
        steps=4000,
    )
