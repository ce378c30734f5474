"""One G for all that is shown of a moment, and the run does not notice which."""

import math
from dataclasses import replace
from functools import cache
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganviz import PRESETS, RunConfig, Target, Trainer
from ganviz.datasets import DATASETS
from ganviz.instruments import Panel, fit_fresh, measured
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import Readings
from ganviz.snapshot import Snapshot
from ganviz.ui import text
from ganviz.words import WHOSE
from tests.stand_ins import rng

Which = Literal["playing", "averaged"]
BOTH: tuple[Which, Which] = ("playing", "averaged")


def history(preset: str, which: Which, *, look: bool) -> Any:
    config = PRESETS[preset].config.replace(which_g=which, width=16, batch_size=32, steps=40)
    trainer = Trainer(config)
    panel = Panel(trainer.lens(), 0.5)
    for step in range(1, 41):
        if look and step % 10 == 1:
            panel.watch(trainer.iteration)
        trainer.step()
        panel.after(step)
        if look and step % 10 == 0:
            trainer.snapshot()
            panel.ask(light=True)
            while panel.asked:
                panel.work(step)
    return trainer.history.to_pandas()


@pytest.mark.parametrize("preset", ["healthy", "ring", "averaging", "digits", "wgan_gp"])
def test_the_history_is_the_same_bit_for_bit(preset: str) -> None:
    plain = history(preset, "averaged", look=False)
    for which in BOTH:
        assert history(preset, which, look=True).equals(plain)


class Shift(nn.Module):
    """N(d, 1) from standard normal noise."""

    def __init__(self) -> None:
        super().__init__()
        self.d = nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor) -> Tensor:
        return z + self.d


class Line(nn.Module):
    """ln p/q of N(0, 1) and N(2, 1) as a logit: 2 - 2x, the best D where G plays N(2, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(1, 1)
        nn.init.constant_(self.line.weight, -2.0)
        nn.init.constant_(self.line.bias, 2.0)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.line(x)
        return logits


def two(which: Which, ema: float = 0.999, mean: float = 0.0) -> Trainer:
    """Data N(0, 1), a G that plays N(2, 1), and an average that makes N(`mean`, 1)."""
    target = DATASETS["gaussian"].fn()
    stated = Target(
        target.sample, 1, log_density=target.log_density, mode_std=1.0, shift=0.0, scale=1.0
    )
    config = RunConfig(latent_dim=1, width=16, ema=ema, which_g=which)
    trainer = Trainer(config, target=stated, generator=Shift(), discriminator=Line())
    with torch.no_grad():
        trainer._game.g.flat.fill_(2.0)
        if trainer._game.average is not None:
            trainer._game.average.flat.fill_(mean)
    return trainer


@cache
def moment(which: Which, ema: float = 0.999) -> Snapshot:
    """The snapshot with everything measured."""
    trainer = two(which, ema)
    panel = Panel(trainer.lens(), 0.5)
    panel.watch(0)
    trainer._progress.iteration, trainer._progress.half = 1, None
    panel.after(1)
    panel.ask()
    while panel.asked:
        panel.work(1)
    return replace(trainer.snapshot(), readings=panel.readings(now=True))


# 2 JSD of N(0, 1) and N(2, 1), by quadrature (theory.md 1); of two equal densities 0. 20,000
# samples leave a standard error of 0.004.
ERROR = {"playing": V_EQUILIBRIUM * -1 - 0.71263, "averaged": 0.0}


@pytest.mark.parametrize("which", BOTH)
def test_gaps_samples_histograms_and_quality_are_of_one_g(which: Which) -> None:
    shown = moment(which)
    assert shown.which_g == which
    gaps, quality = shown.readings.gaps, shown.quality
    error = gaps["optimal"][-1] - V_EQUILIBRIUM
    assert error == pytest.approx(ERROR[which], abs=0.012)
    # A fresh D is a bound from below, on 4,096 held-out samples of each kind.
    fresh = gaps["fresh"][-1] - V_EQUILIBRIUM
    assert ERROR[which] - 0.06 < fresh <= ERROR[which] + 3 * gaps["fresh_se"][-1]
    # V of the line 2 - 2x: optimal on the G that plays; on the average, a worse D than a coin.
    value = -0.71263 if which == "playing" else value_on_data()
    assert gaps["value"][-1] == pytest.approx(value, abs=4 * gaps["value_se"][-1])
    mean = 2.0 if which == "playing" else 0.0
    assert shown.shown.mean() == pytest.approx(mean, abs=4 / math.sqrt(len(shown.shown)))
    logits = 2 - 2 * mean
    assert shown.fake_logits.mean() == pytest.approx(logits, abs=8 / math.sqrt(512))
    # The distance of two Gaussians of one σ is that of their means.
    assert quality["sliced_w1"][0] == pytest.approx(mean, abs=0.15)


def value_on_data() -> float:
    """V of the line 2 - 2x where both are N(0, 1), by summation."""
    x = np.linspace(-10, 10, 20_001)
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    terms = -np.logaddexp(0, -(2 - 2 * x)) - np.logaddexp(0, 2 - 2 * x)
    return float(np.sum(density * terms) * (x[1] - x[0]))


@pytest.mark.parametrize("which", BOTH)
def test_g_s_error_has_one_value_wherever_it_stands(which: Which) -> None:
    shown = moment(which)
    error = shown.readings.gaps["optimal"][-1] - V_EQUILIBRIUM
    assert shown.quality["two_jsd"][0] == error
    assert shown.quality["jsd"][0] == error / 2
    floor = shown.readings.error_floor
    assert floor is not None
    assert shown.quality["two_jsd"][1:] == (floor.low, floor.high)
    assert shown.quality["jsd"][1:] == (floor.low / 2, floor.high / 2)
    # The same number, as it is said.
    assert "by 20,000 samples" in str(text.numbers(shown)[0].label)


def test_the_zigzag_and_the_pulls_are_of_the_g_that_plays() -> None:
    playing, averaged = (moment(which).readings for which in BOTH)
    for name in ("before", "fake_before"):
        assert playing.zigzag[name].tolist() == averaged.zigzag[name].tolist()
    assert playing.pulls is not None
    assert averaged.pulls is not None
    for loss, slopes in playing.pulls.of.items():
        assert np.array_equal(slopes, averaged.pulls.of[loss])


def test_without_an_average_the_setting_is_idle() -> None:
    one, other = (moment(which, ema=0.0) for which in BOTH)
    assert one.which_g == other.which_g == "playing"
    assert np.array_equal(one.shown, other.shown)
    assert np.array_equal(one.fake_logits, other.fake_logits)
    assert dict(one.quality) == dict(other.quality)
    for name in one.readings.gaps:
        assert np.array_equal(one.readings.gaps[name], other.readings.gaps[name], equal_nan=True), (
            name
        )


@pytest.mark.parametrize("which", BOTH)
def test_samples_of_both_stay_in_the_snapshot_and_a_trainer_gives_the_average(
    which: Which,
) -> None:
    trainer = two(which)
    shown = trainer.snapshot()
    assert shown.samples_ema is not None
    assert (shown.samples - shown.samples_ema).mean() == pytest.approx(2.0, abs=1e-5)
    assert trainer.sample(4096, rng()).mean().item() == pytest.approx(0.0, abs=4 / 64)


def test_a_fresh_d_is_fitted_to_the_g_that_is_shown() -> None:
    values = {which: fit_fresh(two(which).lens(), rng(3)).value for which in BOTH}
    assert values["averaged"] == pytest.approx(V_EQUILIBRIUM, abs=0.03)
    assert values["playing"] == pytest.approx(-0.71263, abs=0.06)


OF_SHOWN = ("samples", "histogram", "gaps", "quality", "shares", "precision_recall")
OF_PLAYING = ("terms", "accuracy", "gradients", "zigzag", "saturation")


@pytest.mark.parametrize("which", BOTH)
@pytest.mark.parametrize("loss", ["non_saturating", "hinge"])
def test_every_caption_says_of_which_g_it_is(which: Which, loss: str) -> None:
    trainer = Trainer(RunConfig(width=8, depth=1, batch_size=8, which_g=which, loss=loss))
    trainer.step()
    early = trainer.snapshot()
    late = replace(early, readings=measured(trainer.lens(), 1).readings(now=True))
    captions = text.captions(late)
    for name in OF_SHOWN:
        assert str(WHOSE[which]) in captions[name], name
    for name in (*OF_PLAYING, "value"):
        assert str(WHOSE["playing"]) in captions[name], name
    assert (str(WHOSE["averaged"]) in captions["value"]) == (which == "averaged")
    assert str(WHOSE["playing"]) in text.captions(early)["value"]
    assert text.meaning(late, "running").startswith(f"On {WHOSE[which]}, V")
    assert text.meaning(early, "running").startswith(f"On {WHOSE['playing']}, V")
    assert f"samples of {WHOSE[which]} at iteration 1" in text.verdict(late)


def test_the_setting_is_in_the_address_and_needs_a_restart() -> None:
    config = RunConfig(which_g="playing")
    assert config.to_query() == "which_g=playing"
    assert RunConfig.from_query("which_g=playing") == config
    with pytest.raises(ValueError, match="which_g needs a restart"):
        config.edited(which_g="averaged")
    with pytest.raises(ValueError, match="which_g"):
        RunConfig(which_g="both")  # type: ignore[arg-type]


def test_quality_is_the_last_row_of_its_readings() -> None:
    shown = moment("averaged")
    row = {name: column[-1] for name, column in shown.readings.quality.items()}
    assert set(shown.quality) == set(shown.readings.floors)
    for name, (value, low, high) in shown.quality.items():
        floor = shown.readings.floors[name]
        assert (value, low, high) == (row[name], floor.low, floor.high)
    assert dict(replace(shown, readings=Readings()).quality) == {}
    with pytest.raises(TypeError, match="quality"):
        replace(shown, quality={})  # type: ignore[call-arg]
