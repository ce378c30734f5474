"""Whole runs, each chosen for what it teaches."""

from collections.abc import Callable

from ganviz.config import RunConfig
from ganviz.registry import Entry, Registry


class Preset(Entry[Callable[[], RunConfig]]):
    """A named run: `label` for the list, `lesson` for the reader, `config` to train."""

    @property
    def lesson(self) -> str:
        """What to look for, in a sentence or two: the docstring."""
        return " ".join(self.doc.split())

    @property
    def config(self) -> RunConfig:
        """The settings."""
        return self.fn()


PRESETS: Registry[Callable[[], RunConfig], Preset] = Registry("preset", Preset)


@PRESETS.register("Ring: a healthy game")
def ring() -> RunConfig:
    """Eight modes on a circle, with R1. V rises at first, as D learns to tell the two apart, then
    settles at −ln 4 while G finds every mode."""
    return RunConfig(width=64, depth=3, penalty="r1", steps=6000)


@PRESETS.register("Ring without a penalty: V hangs above −ln 4")
def unregularised() -> RunConfig:
    """The same ring without R1. D keeps an edge that G cannot take from it: V stays well above
    −ln 4 although the samples look right."""
    return RunConfig(width=64, depth=3, lr_schedule="constant", steps=6000)


@PRESETS.register("Grid: many modes")
def grid() -> RunConfig:
    """Twenty-five modes on a grid, with R1. G has to split its samples among all of them, which
    takes longer than the ring."""
    return RunConfig(dataset="grid", penalty="r1", steps=12_000)


@PRESETS.register("One Gaussian: D and densities as curves")
def gaussian() -> RunConfig:
    """The smallest game. Where the two densities meet, the curve of D(x) flattens at one half and V
    rests at −ln 4."""
    return RunConfig(dataset="gaussian", width=32, latent_dim=1, steps=4000)


@PRESETS.register("Mixture: three bumps on a line")
def mixture() -> RunConfig:
    """Three bumps on a line. D rises above one half wherever G has put too little, and that slope
    is what moves G."""
    return RunConfig(dataset="mixture", width=64, latent_dim=4, steps=6000)


@PRESETS.register("Two moons")
def moons() -> RunConfig:
    """Two curved pieces. Watch the threads between them: a continuous G cannot tear its image
    apart."""
    return RunConfig(dataset="moons", steps=6000)


@PRESETS.register("Spiral")
def spiral() -> RunConfig:
    """Two wound arms. D's surface has to fold before G can follow it, so the coarse shape comes
    first."""
    return RunConfig(dataset="spiral", steps=12_000)


@PRESETS.register("Saturation: a strong D starves minimax")
def saturation() -> RunConfig:
    """The minimax loss with five D updates for each of G, and a slow G. D becomes sure, V nears 0
    and the gradient of G dies."""
    return RunConfig(
        loss="minimax", d_steps=5, lr_d=2e-3, lr_g=1e-4, lr_schedule="constant", ema=0.0, steps=4000
    )


@PRESETS.register("Digits: real images")
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
