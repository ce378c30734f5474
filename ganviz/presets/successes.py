"""Games that come out well, from the classic toys to images, and the other families of losses."""

from typing import Any

from ganviz.config import RunConfig
from ganviz.presets.base import PRESETS


@PRESETS.register("Ring: a healthy game", shows=("gaps", "quality"))
def healthy() -> RunConfig:
    """Eight modes on a circle, with R1. V rises at first, as D learns to tell the two apart, then
    settles at −ln 4 while G finds every mode. R1 keeps D flat, so it lags: the optimal D still sees
    the threads between the modes, and that gap closes last."""
    return RunConfig(width=64, depth=3, penalty="r1", steps=6000)


@PRESETS.register("Ring: every mode, sharp", shows=("gaps", "quality"))
def ring() -> RunConfig:
    """The same ring for the published tables: relativistic pairs, R1 + R2 that fade out, Fourier
    features and a deep G put 96 % of the samples within 3σ of a mode. V is the probe's."""
    return _sharp(steps=10_000, lr_d=3e-3, lr_g=3e-3, fourier_scale=1.0)


@PRESETS.register("Grid: all 25 modes, sharp", shows=("gaps", "shares"))
def grid() -> RunConfig:
    """Twenty-five modes, the hard case of the published tables. D needs waves as short as the
    grid is fine before G can tear its image into so many pieces. V is the probe's."""
    return _sharp(dataset="grid", steps=20_000, lr_d=2e-3, lr_g=2e-3, fourier_scale=3.0)


def _sharp(**settings: Any) -> RunConfig:
    """What both tables are run with: docs/decisions/sharp-modes.md says what mattered."""
    return RunConfig(
        loss="relativistic",
        penalty="r1_r2",
        penalty_weight=0.1,
        penalty_schedule="geometric",
        penalty_final=0.1,
        width=64,
        depth=3,
        depth_g=6,
        latent_dim=2,
        fourier=32,
        batch_size=128,
        beta1=0.0,
        **settings,
    )


@PRESETS.register("One Gaussian: D and densities as curves", shows=("gaps", "quality"))
def gaussian() -> RunConfig:
    """The smallest game. Where the two densities meet, the curve of D(x) flattens at one half and V
    rests at −ln 4."""
    return RunConfig(dataset="gaussian", width=32, latent_dim=1, steps=4000)


@PRESETS.register("Mixture: three bumps on a line", shows=("gaps", "shares"))
def mixture() -> RunConfig:
    """Three bumps on a line. D rises above one half wherever G has put too little, and that slope
    is what moves G."""
    return RunConfig(dataset="mixture", width=64, latent_dim=4, steps=6000)


@PRESETS.register("Two moons", shows=("gaps", "precision_recall"))
def moons() -> RunConfig:
    """Two curved pieces. Watch the threads between them: a continuous G cannot tear its image
    apart."""
    return RunConfig(dataset="moons", steps=6000)


@PRESETS.register("Spiral", shows=("gaps", "quality"))
def spiral() -> RunConfig:
    """Two wound arms. The coarse disc comes first, with V at −ln 4 as D sees no more of it; V rises
    when D's surface begins to fold, and G follows into the arms."""
    return RunConfig(
        dataset="spiral", width=64, depth=3, lr_d=2e-3, lr_g=2e-3, batch_size=128, steps=8000
    )


@PRESETS.register("Digits: real images", shows=("gaps", "shares"))
def digits() -> RunConfig:
    """Handwritten digits of 8×8 pixels. Fakes sharpen while V falls; D can also learn the 1,437
    images by heart, and then V climbs again."""
    return RunConfig(
        dataset="digits",
        network="conv",
        width=32,
        depth=2,
        latent_dim=32,
        batch_size=64,
        lr_d=5e-4,
        lr_g=5e-4,
        penalty="r1",
        penalty_weight=0.5,
        steps=6000,
    )


@PRESETS.register("Stacked digits: a thousand modes", shows=("gaps", "quality"))
def stacked_digits() -> RunConfig:
    """Three digits as the red, green and blue of one image. Blobs of many colours come first, then
    strokes; count how many different triples you can read."""
    return RunConfig(
        dataset="stacked_digits",
        network="conv",
        width=16,
        depth=2,
        latent_dim=32,
        batch_size=64,
        penalty="r1",
        penalty_weight=0.5,
        steps=8000,
    )


@PRESETS.register("Relativistic pairs with R1 and R2", shows=("gaps", "shares"))
def relativistic() -> RunConfig:
    """D only ranks a real point against a fake one, and all sixteen modes are found early. L_D dips
    while D can tell which is which, and stays just below ln 2 once that is a guess."""
    return RunConfig(
        dataset="gaussian_spiral",
        width=64,
        batch_size=128,
        loss="relativistic",
        penalty="r1_r2",
        steps=8000,
    )


@PRESETS.register("WGAN-GP: the critic's gap is a distance", shows=("gaps", "quality"))
def wgan_gp() -> RunConfig:
    """Two circles. −L_D estimates how far samples are from data, so it shrinks as they get there,
    while the penalty holds the critic's slope near 1."""
    return RunConfig(
        dataset="circles",
        width=64,
        batch_size=128,
        loss="wasserstein",
        penalty="wgan_gp",
        penalty_weight=1.0,
        d_steps=3,
        steps=4000,
    )


@PRESETS.register("Hinge: the loss ends at 2", shows=("gaps", "quality"))
def hinge() -> RunConfig:
    """A critic with a margin, on one Gaussian. When it can no longer tell, L_D rests at 2, and the
    V of the probe beside it at −ln 4."""
    return RunConfig(
        dataset="gaussian",
        width=32,
        latent_dim=1,
        batch_size=128,
        loss="hinge",
        penalty="r1",
        penalty_weight=1.0,
        steps=4000,
    )


TWO_BUMPS = {"table": "-2, 1, 0.4\n2, 2, 0.6"}


@PRESETS.register("f-GAN, KL: cover both bumps", shows=("precision_recall",))
def fgan_kl() -> RunConfig:
    """G is one Gaussian and must fit two bumps. KL punishes missing data, so G spreads over both
    (mean 0.67, σ 1.96) and puts samples between them where no data are."""
    return _one_gaussian("fgan_kl")


@PRESETS.register("f-GAN, reverse KL: pick one bump", shows=("precision_recall",))
def fgan_reverse_kl() -> RunConfig:
    """The same two bumps under KL the other way round, which punishes samples where no data are: G
    gives up the smaller bump and fits the larger one alone (mean 2, σ 0.6)."""
    return _one_gaussian("fgan_reverse_kl")


def _one_gaussian(loss: str) -> RunConfig:
    return RunConfig(
        dataset="table",
        dataset_options=TWO_BUMPS,
        network="affine",
        width=32,
        latent_dim=1,
        batch_size=256,
        loss=loss,
        lr_d=5e-3,
        lr_g=5e-3,
        steps=4000,
    )
