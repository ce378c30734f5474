"""The two gaps, the held-out twin, the zig-zag and the pulls, against what theory says they are."""

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganviz import LOSSES, RunConfig, Target, Trainer
from ganviz.datasets import DATASETS
from ganviz.instruments import Fresh, Gaps, Kit, Quality, Saturation, Zigzag, pulls
from ganviz.instruments.gaps import Best
from ganviz.instruments.saturation import COMPARED, pulls_of
from ganviz.instruments.zigzag import BURST
from ganviz.levels import V_EQUILIBRIUM
from ganviz.readings import GAPS
from ganviz.value import value_terms
from tests.stand_ins import rng

SMALL = RunConfig(width=16, batch_size=32, latent_dim=3)


def all_of(slices: Iterator[float]) -> list[float]:
    return list(slices)


class Shift(nn.Module):
    """N(d, 1) from standard normal noise."""

    def __init__(self, d: float) -> None:
        super().__init__()
        self.d = nn.Parameter(torch.tensor(d))

    def forward(self, z: Tensor) -> Tensor:
        return z + self.d


class Slope(nn.Module):
    """A discriminator whose logit is a line."""

    def __init__(self, weight: float, bias: float) -> None:
        super().__init__()
        self.line = nn.Linear(1, 1)
        nn.init.constant_(self.line.weight, weight)
        nn.init.constant_(self.line.bias, bias)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.line(x)
        return logits


def shifted(d: float, discriminator: nn.Module | None = None) -> Trainer:
    """Data N(0, 1) and samples N(d, 1)."""
    target = DATASETS["gaussian"].fn()
    stated = Target(
        target.sample, 1, log_density=target.log_density, mode_std=1.0, shift=0.0, scale=1.0
    )
    config = RunConfig(latent_dim=1, width=16)
    return Trainer(config, target=stated, generator=Shift(d), discriminator=discriminator)


@pytest.mark.parametrize(("d", "best"), [(1.0, -1.16345), (2.0, -0.71263)])
def test_lag_and_error_are_those_of_theory(d: float, best: float) -> None:
    # The D that plays is the optimal one for the opposite shift's half: logit 0, so V is -ln 4.
    trainer = shifted(d, Slope(0.0, 0.0))
    gaps = Kit(trainer.lens()).of(Gaps)
    all_of(gaps.measure(0))
    # 20,000 samples leave a standard error of 0.004 of V(D*, G), theory.md 1.
    assert gaps.rows["optimal"].tolist() == pytest.approx([best], abs=0.012)
    assert gaps.rows["value"].tolist() == pytest.approx([V_EQUILIBRIUM], abs=1e-6)
    assert np.isnan(gaps.rows["fresh"]).all()


def test_the_optimal_d_does_not_lag() -> None:
    # ln p/q of N(0, 1) and N(2, 1) is 2 - 2x.
    gaps = Kit(shifted(2.0, Slope(-2.0, 2.0)).lens()).of(Gaps)
    all_of(gaps.measure(0))
    lag = (gaps.rows["optimal"] - gaps.rows["value"]).item()
    # Errors of 0.004 (20,000 samples) and of 0.017 (2,048 of each kind) at three sigma.
    assert lag == pytest.approx(0, abs=3 * math.hypot(0.004, gaps.rows["value_se"].item()))
    assert 0.01 < gaps.rows["value_se"].item() < 0.03


def test_a_fresh_discriminator_completes_the_row_of_its_iteration() -> None:
    kit = Kit(shifted(2.0, Slope(0.0, 0.0)).lens())
    gaps = kit.of(Gaps)
    all_of(gaps.measure(7))
    all_of(kit.of(Fresh).measure(7))
    all_of(gaps.measure(3))
    assert gaps.rows["step"].tolist() == [3, 7]
    assert tuple(gaps.rows) == GAPS
    assert np.isnan(gaps.rows["fresh"]).tolist() == [True, False]
    # V(D*, G) = -0.71263; the report on 4,096 samples of each kind has an error of 0.01.
    found = gaps.rows["fresh"][1]
    assert -0.71263 - 0.06 < found < -0.71263 + 3 * gaps.rows["fresh_se"][1]
    assert gaps.rows["optimal"][1] == pytest.approx(-0.71263, abs=0.012)


def test_a_d_that_knows_its_data_by_heart_shows() -> None:
    """The data that training sees are at 1, those held out at -1, and so are the samples."""
    target = Target(
        lambda n, g: torch.ones(n, 1),
        1,
        shift=0.0,
        scale=1.0,
        held_out=lambda n, g: -torch.ones(n, 1),
    )
    generator = Shift(-1.0)
    trainer = Trainer(
        RunConfig(latent_dim=1), target=target, generator=generator, discriminator=Slope(4.0, 0.0)
    )
    gaps = Kit(trainer.lens()).of(Gaps)
    all_of(gaps.measure(0))
    row = {name: gaps.rows[name].item() for name in GAPS}
    # ln D is -ln(1 + e^-4) on the one and -ln(1 + e^4) on the other: 4 apart.
    assert row["value"] - row["held_out"] == pytest.approx(4, abs=1e-5)
    assert row["memorised_se"] == pytest.approx(0, abs=1e-9)
    assert math.isnan(row["optimal"])


def test_unlimited_data_are_not_memorised() -> None:
    gaps = Kit(Trainer(SMALL).lens()).of(Gaps)
    all_of(gaps.measure(0))
    difference = (gaps.rows["value"] - gaps.rows["held_out"]).item()
    assert abs(difference) < 3 * gaps.rows["memorised_se"].item()


def test_the_error_has_a_floor_and_the_best_d_is_kept_from_run_to_run() -> None:
    one, two = (Best.of(Trainer(SMALL.replace(seed=seed)).lens()) for seed in (1, 2))
    assert one is two
    assert one is not None
    for _ in range(20 - one.draws):
        one.extend()
    floor = one.floor
    assert floor is not None
    assert floor.draws >= 20
    # 20,000 samples of the data are worth 0 within a few times 1 / 20,000.
    assert -0.002 < floor.low < floor.mean < floor.high < 0.002
    assert Best.of(Trainer(SMALL.replace(dataset="moons")).lens()) is None


def test_what_two_runs_learn_of_the_same_data_of_ones_own_is_kept_too() -> None:
    ring = DATASETS["ring"].fn()
    target = Target(ring.sample, 2, log_density=ring.log_density, modes=ring.modes, mode_std=0.01)
    config = SMALL.replace(dataset="custom")
    one, two = (Kit(Trainer(config, target=target).lens()) for _ in range(2))
    assert one.of(Gaps).best is two.of(Gaps).best is not None
    assert one.of(Quality).reference is two.of(Quality).reference


def test_runs_that_ask_at_once_take_different_draws_of_the_same_data() -> None:
    class Slow(Best):
        def value(self, samples: Tensor) -> float:
            time.sleep(0.01)  # the other runs come meanwhile
            return samples.mean().item()

    target = DATASETS["gaussian"].fn()
    alone, shared = Slow(target, None), Slow(target, None)
    with ThreadPoolExecutor(4) as runs:
        for _ in range(8):
            alone.extend()
            runs.submit(shared.extend)
    assert shared._errors == alone._errors


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganviz.instruments.gaps.MOST_ROWS", 6)
    gaps = Kit(Trainer(SMALL).lens()).of(Gaps)
    for step in range(20):
        gaps.add(step=step, value=float(step))
    assert gaps.rows.rows <= 6
    assert gaps.rows["step"][[0, -1]].tolist() == [0, 19]


def watched(config: RunConfig, iterations: int) -> tuple[Trainer, Zigzag]:
    trainer = Trainer(config)
    zigzag = Kit(trainer.lens()).of(Zigzag)
    zigzag.begin(0, iterations)
    for _ in range(iterations):
        trainer.step()
        zigzag.note(trainer.iteration)
    return trainer, zigzag


def test_the_zigzag_is_v_of_the_halves_on_the_same_data_and_noise() -> None:
    _, zigzag = watched(SMALL, 3)
    rows = zigzag.rows
    assert rows["step"].tolist() == [1, 2, 3]
    assert not zigzag.watching
    # The end of one iteration is the beginning of the next: the players rest between them.
    assert np.array_equal(rows["after_g"][:-1], rows["before"][1:])
    # The same by the halves of a second trainer.
    trainer = Trainer(SMALL)
    lens, draws = trainer.lens(), trainer.lens().rng(0, "zigzag")
    real, latent = lens.real(1024, draws), lens.latent(1024, draws)

    def v(fakes: Tensor) -> float:
        return value_terms(lens.logits(real), lens.logits(fakes)).value.item()

    for k in range(3):
        fakes = lens.fakes(latent)
        before, judged = v(fakes), lens.logits(fakes).sigmoid().mean().item()
        trainer.discriminator_step()
        between, after = v(fakes), lens.logits(fakes).sigmoid().mean().item()
        trainer.generator_step()
        expected = (before, between, v(lens.fakes(latent)))
        found = tuple(rows[name][k] for name in ("before", "after_d", "after_g"))
        assert found == pytest.approx(expected, abs=1e-7)  # the same float32 arithmetic
        assert rows["fake_before"][k] == pytest.approx(judged, abs=1e-6)
        assert rows["fake_after"][k] == pytest.approx(after, abs=1e-6)


def test_a_player_that_is_frozen_moves_nothing() -> None:
    still_d = watched(SMALL.replace(d_steps=0), 2)[1].rows
    assert np.array_equal(still_d["before"], still_d["after_d"])
    assert not np.array_equal(still_d["after_d"], still_d["after_g"])
    still_g = watched(SMALL.replace(g_steps=0), 2)[1].rows
    assert np.array_equal(still_g["after_d"], still_g["after_g"])
    # A D that learns alone raises V on fresh samples too, all in all.
    assert still_g["after_g"][-1] > still_g["before"][0]


def test_the_zigzag_keeps_the_last_iterations() -> None:
    _, zigzag = watched(SMALL, BURST + 3)
    assert zigzag.rows["step"].tolist() == list(range(4, BURST + 4))


def test_without_a_v_there_is_nothing_to_watch() -> None:
    config = SMALL.replace(loss="hinge", probe=False)
    kit = Kit(Trainer(config).lens())
    zigzag, gaps = kit.of(Zigzag), kit.of(Gaps)
    zigzag.begin(0, 1)
    assert not zigzag.watching
    all_of(gaps.measure(1))
    assert np.isnan(gaps.rows["value"]).all()
    assert np.isfinite(gaps.rows["optimal"]).all()


LOGITS = torch.tensor([-9.0, -1.0, 0.0, 2.0])

SLOPES = {
    # With D = sigmoid(s): d ln(1 - D)/ds = -D, d(-ln D)/ds = -(1 - D), and d (s - 1)²/2 / ds.
    "minimax": LOGITS.sigmoid(),
    "non_saturating": 1 - LOGITS.sigmoid(),
    "least_squares": (LOGITS - 1).abs(),
    "hinge": torch.ones(4),
    "wasserstein": torch.ones(4),
    # Pairs: -ln sigmoid(fake - real) with all data at 0.
    "relativistic": 1 - LOGITS.sigmoid(),
}


@pytest.mark.parametrize("name", SLOPES)
def test_pulls_are_the_slopes_of_the_losses(name: str) -> None:
    found = pulls(LOSSES[name].fn, torch.zeros(4), LOGITS)
    assert found.tolist() == pytest.approx(SLOPES[name].tolist(), abs=1e-7)


@pytest.mark.parametrize("name", list(LOSSES))
def test_every_loss_has_finite_pulls(name: str) -> None:
    real, fakes = (3 * torch.randn(64, generator=rng(k)) for k in (0, 1))
    assert pulls(LOSSES[name].fn, real, fakes).isfinite().all()


def test_minimax_starves_the_fakes_that_d_is_sure_of() -> None:
    of = pulls_of("minimax", LOSSES["minimax"].fn, torch.zeros(4), LOGITS)
    # At s = -9 minimax pulls by 1.2e-4 of what the non-saturating loss does; at s = -1 by 0.37.
    assert of.starved == 0.25
    assert set(of.of) == set(COMPARED)
    assert pulls_of("hinge", LOSSES["hinge"].fn, torch.zeros(4), LOGITS).starved == 0


@pytest.mark.parametrize(
    "changes",
    [{}, {"packing": 3, "batch_size": 33}, {"loss": "relativistic", "minibatch_std": True}],
)
def test_the_pulls_of_a_run_are_taken_at_the_d_that_plays(changes: dict[str, object]) -> None:
    config = SMALL.replace(**changes)
    saturation = Kit(Trainer(config).lens()).of(Saturation)
    all_of(saturation.measure(0))
    assert saturation.found is not None
    assert saturation.found.own == config.loss
    assert set(saturation.found.of) == {config.loss, *COMPARED}
    for slopes in saturation.found.of.values():
        assert slopes.shape == (1024 // config.packing,)
        assert np.isfinite(slopes).all()
