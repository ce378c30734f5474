"""The classic ways in which the game goes wrong."""

from ganviz.config import RunConfig
from ganviz.presets.base import PRESETS

SWINGING = RunConfig(
    dataset="gaussian",
    network="affine",
    network_options={"mu": 2.0},
    width=16,
    depth=1,
    latent_dim=1,
    optimizer="sgd",
    momentum=0.9,
    lr_d=0.02,
    lr_g=0.02,
    lr_schedule="constant",
    update="simultaneous",
    batch_size=128,
    ema=0.0,
    steps=4000,
)
"""A game that circles for ever, for presets that still it by one change."""

COLLAPSING = RunConfig(
    width=64, lr_d=2e-4, lr_schedule="constant", batch_size=128, ema=0.0, steps=6000
)
"""A game whose G sits on a few modes, for presets that drive it off by one change."""

STARVING = RunConfig(
    width=64,
    loss="minimax",
    d_steps=5,
    lr_d=2e-3,
    lr_g=2e-5,
    lr_schedule="constant",
    batch_size=128,
    ema=0.0,
    steps=4000,
)
"""A game whose D is far too strong."""


@PRESETS.register("No penalty: V hangs above −ln 4", shows=("gaps", "quality"))
def unregularised() -> RunConfig:
    """Eight modes, and nothing that holds D back. It keeps an edge that G cannot take from it: V
    stays well above −ln 4 although the samples look right."""
    return RunConfig(width=64, depth=3, lr_schedule="constant", steps=6000)


@PRESETS.register("Mode collapse: most modes missing", shows=("gaps", "shares"))
def mode_collapse() -> RunConfig:
    """D learns five times slower than G, which piles its samples on a few of the eight modes and
    moves on once D objects. V rests at −ln 4 all the while: freeze G (k_G = 0) and it climbs."""
    return COLLAPSING


@PRESETS.register("Collapsed grid: only the best D sees it", shows=("gaps", "shares"))
def collapsed_grid() -> RunConfig:
    """Twenty-five modes, of which G visits a few at a time and rarely hits one. V sits at −ln 4 as
    if the game were won, while the best D for this G reads almost 0: all of that gap is G's error,
    and V hides it because D lags by as much."""
    return COLLAPSING.replace(dataset="grid", loss="minimax", width=32)


@PRESETS.register("Saturation: a strong D starves minimax", shows=("saturation",))
def saturation() -> RunConfig:
    """The minimax loss with five D updates for each of G, and a slow G. D becomes sure, V nears 0,
    the gradient of G dies and the samples stand still."""
    return STARVING


@PRESETS.register("Oscillation: the game keeps circling", shows=("zigzag",))
def oscillation() -> RunConfig:
    """G has a mean and a σ, and momentum carries it past the data each time D turns: the samples
    shrink to a point that swings from side to side, V swings with it, and neither settles."""
    return SWINGING


@PRESETS.register("Divergence: too large a learning rate", shows=("gradients",))
def divergence() -> RunConfig:
    """Plain gradient descent at a rate of 0.3. The samples lurch about the ring for a thousand
    iterations or so. Then, within a dozen, G's gradient grows past all bounds and its samples fly
    out of the picture: the run stops as diverged, names the tensor, and shows the last finite ones.
    """
    return RunConfig(
        width=64,
        batch_size=128,
        optimizer="sgd",
        lr_d=0.3,
        lr_g=0.3,
        lr_schedule="constant",
        ema=0.0,
        steps=4000,
    )


@PRESETS.register("Weak D: V at −ln 4 with blurred samples", shows=("gaps", "quality"))
def weak_d() -> RunConfig:
    """An R1 weight of 300 keeps D all but flat, so V lies at −ln 4 from early on, although hardly a
    sample is on a mode. V near −ln 4 praises G only as far as D can see."""
    return RunConfig(
        width=64,
        penalty="r1",
        penalty_weight=300.0,
        lr_schedule="constant",
        batch_size=128,
        ema=0.0,
        steps=4000,
    )


@PRESETS.register("Clipping: a flat and slow critic", shows=("gaps", "quality"))
def clipping() -> RunConfig:
    """The first WGAN holds every weight of D within ±0.01, and many end up at the bound. The critic
    is so flat that its gap looks like success, while the V of the probe climbs towards 0."""
    return RunConfig(
        width=64,
        batch_size=128,
        loss="wasserstein",
        clip=0.01,
        d_steps=3,
        optimizer="rmsprop",
        lr_schedule="constant",
        ema=0.0,
        steps=4000,
    )
