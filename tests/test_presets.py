"""Every preset does what its lesson says, at one seed and in as few iterations as show it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganviz import PRESETS, Trainer
from ganviz.levels import V_EQUILIBRIUM
from ganviz.trainer import one_thread

WINDOW = 100


def trained(preset: str, steps: int, **changes: object) -> Trainer:
    trainer = Trainer(PRESETS[preset].config.replace(**changes))
    with one_thread():
        for _ in range(steps):
            trainer.step()
    return trainer


def mean(trainer: Trainer, column: str, end: int | None = None) -> float:
    """Mean of the `WINDOW` rows before row `end`."""
    rows = trainer.history[column][:end][-WINDOW:]
    return float(np.mean(rows))


def samples_per_mode(trainer: Trainer, n: int = 2500) -> list[int]:
    """How many of `n` samples lie within three σ of each mode, as they are counted by Srivastava
    et al. 2017 (arXiv:1705.07761)."""
    target = trainer.target
    assert target.modes is not None
    assert target.mode_std is not None
    distance, nearest = torch.cdist(trainer.sample(n), target.modes).min(1)
    good = nearest[distance < 3 * target.mode_std]
    counts: list[int] = torch.bincount(good, minlength=len(target.modes)).tolist()
    return counts


@pytest.fixture(scope="module")
def ring() -> Trainer:
    return trained("ring", 3000)


def test_ring_rises_then_settles_near_the_equilibrium_with_every_mode(ring: Trainer) -> None:
    peak = max(mean(ring, "value", end) for end in range(WINDOW, 2000, WINDOW))
    assert peak > V_EQUILIBRIUM + 0.12
    # The whole run ends at -1.374; half of it is within 0.06 of -ln 4.
    assert mean(ring, "value") == pytest.approx(V_EQUILIBRIUM, abs=0.06)
    assert min(samples_per_mode(ring)) >= 20


def test_unregularised_hangs_above_the_equilibrium(ring: Trainer) -> None:
    plain = trained("unregularised", 3000)
    assert mean(plain, "value") > V_EQUILIBRIUM + 0.2
    assert mean(plain, "value") > mean(ring, "value") + 0.15


def test_grid_takes_longer_than_the_ring(ring: Trainer) -> None:
    counts = samples_per_mode(trained("grid", 3000))
    assert sum(n > 0 for n in counts) >= 20
    assert min(counts) < 20 <= min(samples_per_mode(ring))


def test_gaussian_meets_its_target_and_d_is_flat_at_one_half() -> None:
    trainer = trained("gaussian", 1500)
    assert mean(trainer, "value") == pytest.approx(V_EQUILIBRIUM, abs=0.02)
    samples = trainer.sample(4000)
    # N(0, 1): the error of a mean of 4,000 is .016, of a standard deviation .011.
    assert samples.mean().item() == pytest.approx(0, abs=0.15)
    assert samples.std().item() == pytest.approx(1, abs=0.15)
    surface = trainer.snapshot().surface
    assert surface is not None
    bulk = np.abs(surface.x) < 1.5
    assert np.abs(surface.discriminator[bulk] - 0.5).max() < 0.1


def test_mixture_fills_its_three_bumps_as_d_points_out_what_is_missing() -> None:
    counts = samples_per_mode(trained("mixture", 3000), 3000)
    assert min(counts) > 500  # 1,000 each, were it perfect
    assert sum(counts) > 0.9 * 3000
    # G is frozen early on and D trained to its best: it must then say p / (p + q).
    early = trained("mixture", 60, ema=0.0)
    early.edit(g_steps=0)
    with one_thread():
        for _ in range(1500):
            early.step()
    surface, log_density = early.snapshot().surface, early.target.log_density
    assert surface is not None
    assert log_density is not None
    edges = np.linspace(-6, 6, 41)
    middles = (edges[1:] + edges[:-1]) / 2
    q, _ = np.histogram(early.sample(40_000)[:, 0], edges, density=True)
    p = log_density(torch.from_numpy(middles)[:, None]).exp().numpy()
    d = np.interp(middles, surface.x, surface.discriminator)
    seen = p + q > 0.02
    assert np.corrcoef(d[seen], (p / (p + q))[seen])[0, 1] > 0.9


def test_moons_are_matched_but_for_threads_between_them() -> None:
    trainer = trained("moons", 1500)
    assert mean(trainer, "value") == pytest.approx(V_EQUILIBRIUM, abs=0.05)
    real = trainer.target.sample(4000, torch.Generator().manual_seed(5))
    away = torch.cdist(trainer.sample(2000), real).min(1).values
    # Noise of σ = .05: real points are within .15 of others; only threads lie outside.
    assert 0 < (away > 0.15).double().mean().item() < 0.2


def test_spiral_is_coarse_first() -> None:
    real = torch.tensor(trained("spiral", 1).snapshot().real)

    def away(steps: int) -> float:
        samples = trained("spiral", steps).sample(1000)
        return torch.cdist(samples, real).min(1).values.mean().item()

    coarse, finer = away(300), away(1500)
    assert finer < coarse < 0.5


def test_saturation_starves_the_generator_of_minimax_alone() -> None:
    minimax = trained("saturation", 300)
    other = trained("saturation", 300, loss="non_saturating")
    assert mean(minimax, "value") > -0.2
    assert mean(minimax, "grad_norm_g") < 0.1 * mean(other, "grad_norm_g")


def test_digits_sharpen_while_v_falls() -> None:
    trainer = trained("digits", 700)
    peak = max(mean(trainer, "value", end) for end in range(WINDOW, 600, WINDOW))
    assert mean(trainer, "value") < peak - 0.02
    fakes, real = trainer.sample(500), torch.tensor(trainer.snapshot().real)
    # Real pixels are mostly black or white; mud is grey.
    assert fakes.std().item() > 0.8 * real.std().item()


def test_every_preset_is_tested_here() -> None:
    source = Path(__file__).read_text(encoding="utf8")
    assert [name for name in PRESETS if f'trained("{name}"' not in source] == []
