"""What is shown of a run that has diverged: its last finite moment, and that it is one."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from ganviz import CHARTS, PRESETS, Diverged, RunConfig, Trainer
from ganviz.snapshot import Snapshot
from ganviz.ui import text
from ganviz.words import shown_g
from tests.stand_ins import rng
from tests.test_divergence import BadFrom, plain_target, run_until_diverged

CONFIG = RunConfig(width=8, batch_size=16, latent_dim=3, steps=100)


def arrays(snapshot: Snapshot) -> dict[str, Any]:
    found = {
        "samples": snapshot.samples,
        "averaged": snapshot.samples_ema,
        "D(x)": snapshot.real_logits,
        "D(G(z))": snapshot.fake_logits,
        "surface": snapshot.surface and snapshot.surface.discriminator,
    }
    return {name: array for name, array in found.items() if array is not None}


def assert_same(found: Snapshot, expected: Snapshot) -> None:
    assert arrays(found).keys() == arrays(expected).keys()
    for name, array in arrays(found).items():
        assert np.array_equal(array, arrays(expected)[name]), name


def poison(trainer: Trainer) -> Diverged:
    """Make the next iteration diverge, and everything that networks compute NaN."""
    for network in (trainer.generator, trainer.discriminator):
        for parameter in network.parameters():
            parameter.data.fill_(math.nan)
    return run_until_diverged(trainer, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ema": 0.0},
        {"spectral_norm": True},
        {"loss": "wasserstein", "penalty": "none"},  # V and its logits are the probe's
        {"dataset": "gaussian"},
        {"dataset": "projected_ring"},
        {"dataset": "digits", "network": "dcgan", "depth": 2, "fourier": 0},
    ],
    ids=str,
)
def test_a_run_that_diverges_shows_its_last_finite_moment(changes: dict[str, Any]) -> None:
    trainer = Trainer(CONFIG.replace(**changes))
    for _ in range(3):
        trainer.step()
    expected = trainer.snapshot()
    assert expected.finite_step is None
    error = poison(trainer)
    shown = trainer.snapshot()
    assert (shown.step, shown.finite_step, error.step) == (4, 3, 4)
    assert_same(shown, expected)
    assert shown.history["step"].tolist() == [1, 2, 3, 4]
    # NaN is shown, not mended: the networks stay as they are, however often they are looked at.
    assert_same(trainer.snapshot(), expected)
    assert all(p.isnan().all() for p in trainer.generator.parameters())


def test_nothing_need_have_been_looked_at_before() -> None:
    twin, trainer = Trainer(CONFIG), Trainer(CONFIG)
    for _ in range(5):
        twin.step()
        trainer.step()
    poison(trainer)
    assert_same(trainer.snapshot(), twin.snapshot())


def test_the_first_iteration_may_be_the_one_that_diverges() -> None:
    trainer = Trainer(CONFIG)
    expected = Trainer(CONFIG).snapshot()
    poison(trainer)
    assert trainer.snapshot().finite_step == 0
    assert_same(trainer.snapshot(), expected)


def test_weights_may_be_finite_and_what_they_make_not() -> None:
    trainer = Trainer(CONFIG)
    for _ in range(2):
        trainer.step()
    expected = trainer.snapshot()
    for parameter in trainer.generator.parameters():
        parameter.data.fill_(3e38)
    trainer._moments.keep(3)
    poison(trainer)
    assert trainer.snapshot().finite_step == 2
    assert_same(trainer.snapshot(), expected)


def test_a_module_that_counts_its_calls_shows_what_was_last_seen() -> None:
    # D is asked twice an iteration, and from its 9th answer on, in the 5th, all of them are NaN.
    trainer = Trainer(CONFIG, target=plain_target(), discriminator=BadFrom(2, 1, 9, math.nan))
    trainer.step()
    trainer.step()
    expected = trainer.snapshot()
    run_until_diverged(trainer)
    shown = trainer.snapshot()
    assert (shown.step, shown.finite_step) == (5, 2)
    assert_same(shown, expected)


def test_a_state_from_before_forgets_the_moments_after_it() -> None:
    trainer = Trainer(CONFIG)
    trainer.step()
    state, first = trainer.state_dict(), trainer.snapshot()
    for _ in range(3):
        trainer.step()
    poison(trainer)
    trainer.load_state_dict(state)
    assert trainer.snapshot().finite_step is None
    poison(trainer)
    assert trainer.snapshot().finite_step == 1
    assert_same(trainer.snapshot(), first)


def test_nothing_finite_is_shown_of_a_course_that_was_left() -> None:
    trainer = Trainer(CONFIG)
    trainer.step()
    state = trainer.state()
    for _ in range(3):
        trainer.step()
    trainer.snapshot()
    for name, tensor in state.tensors.items():
        if name.startswith(("generator.network.", "average")):
            tensor.fill_(3e38)  # finite, and what they make is not
    trainer.load(state)
    run_until_diverged(trainer, 1)
    assert (trainer.iteration, trainer.snapshot().finite_step) == (2, None)


def test_keeping_moments_leaves_the_run_bit_identical(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Trainer(CONFIG)
    monkeypatch.setattr("ganviz.trainer.moments.Moments.keep", lambda *_: None)
    plain = Trainer(CONFIG)
    for _ in range(20):
        kept.step()
        plain.step()
    assert np.array_equal(kept.history["d_loss"], plain.history["d_loss"])
    assert torch.equal(kept.sample(50, rng()), plain.sample(50, rng()))


@pytest.mark.parametrize(
    "changes",
    [
        {"lr_d": 1.0, "lr_g": 1.0, "depth": 8, "width": 64},
        {"lr_d": 0.9, "lr_g": 0.9, "optimizer": "sgd", "loss": "wasserstein"},
        {"lr_d": 0.5, "lr_g": 0.9, "optimizer": "sgd", "loss": "least_squares"},
    ],
    ids=str,
)
def test_whatever_diverges_by_itself_shows_finite_numbers(changes: dict[str, Any]) -> None:
    trainer = Trainer(CONFIG.replace(lr_schedule="constant", **changes))
    error = run_until_diverged(trainer, 3000)
    shown = trainer.snapshot()
    for name, array in arrays(shown).items():
        assert np.isfinite(array).all(), name
    assert shown.finite_step is not None
    assert 1 <= error.step - shown.finite_step <= 2


@pytest.fixture(scope="module")
def diverged() -> tuple[Snapshot, Diverged]:
    """The preset, to its end."""
    trainer = Trainer(PRESETS["divergence"].config)
    error = run_until_diverged(trainer, trainer.config.steps)
    return replace(trainer.snapshot(), status="diverged"), error


def test_status_names_tensor_and_iteration_once(diverged: tuple[Snapshot, Diverged]) -> None:
    snapshot, error = diverged
    headline = text.headline("diverged", snapshot.step, 0.0, error)
    said = f"{headline} {text.meaning(snapshot, 'diverged')}"
    assert said.count(f"{error.step:,}") == 1
    assert len(re.findall("iteration", said)) == 1
    assert said.count(text.plain(str(error.tensor))) == 1
    assert "the last finite ones" in said


def test_captions_say_of_which_iteration_the_samples_are(
    diverged: tuple[Snapshot, Diverged],
) -> None:
    snapshot, error = diverged
    captions = text.captions(snapshot)
    assert snapshot.finite_step in (error.step - 2, error.step - 1)  # samples may be gone first
    when = f"iteration {snapshot.finite_step:,}, the last finite one"
    assert captions["samples"].startswith(f"Fakes of {when}s, of {shown_g(snapshot)}.")
    assert captions["histogram"].endswith(f"Of {when}.")
    outside, farthest = re.findall(
        r"(\d+) % lie outside .* as far as ([\d.e+]+)\.", captions["samples"]
    )[0]
    within = (np.abs(snapshot.samples) < 2).all(1).mean()
    assert int(outside) / 100 == pytest.approx(1 - within, abs=0.01)
    assert float(farthest) == pytest.approx(float(np.abs(snapshot.samples).max()), rel=0.05)
    assert "makes now" not in captions["samples"]


def test_its_charts_are_drawn(diverged: tuple[Snapshot, Diverged]) -> None:
    snapshot, _ = diverged
    (fakes,) = (t for t in CHARTS["samples"].fn({"run": snapshot}).data if t.name == "fakes")
    assert np.isfinite(np.array(fakes.x, dtype=float)).all()
    for entry in CHARTS.values():
        assert "NaN" not in entry.fn({"run": snapshot}).to_json()
