"""The compiled iteration against the eager one. One test compiles; the others run its trace."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector

import ganviz
from ganviz import Diverged, RunConfig, Target, Trainer
from ganviz.trainer import one_thread

# Torch's compiler uses parts of torch that warn of their own end.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CONFIG = RunConfig(width=64, depth=2, latent_dim=2, penalty="r1", steps=400, compile=True)
SMALL = CONFIG.replace(width=8, batch_size=16, steps=30, dtype="float64")
EXACT = 1e-8
"""float64's 1e-16 grown over 30 iterations in another order of the same sums."""


def steps(trainer: Trainer, n: int) -> Trainer:
    with one_thread():
        for _ in range(n):
            trainer.step()
    return trainer


Compiled = tuple[Trainer, dict[str, Any]]


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    """A trainer whose iteration is compiled, and its state before the first one."""
    trainer = Trainer(CONFIG)
    start = trainer.state_dict()
    steps(trainer, 1)
    assert trainer.notice is None
    return trainer, start


def test_v_is_that_of_the_eager_run(compiled: Compiled) -> None:
    trainer, start = compiled
    trainer.load_state_dict(start)
    eager = steps(Trainer(CONFIG.replace(compile=False)), 200)
    steps(trainer, 200)
    got, expected = trainer.history.to_pandas(), eager.history.to_pandas()
    assert got["step"].tolist() == list(range(1, 201))
    # the last bit of float32 grows to about 1e-4 in 200 iterations of this game
    difference = (got - expected).drop(columns=["acc_real", "acc_fake"]).abs().max()
    assert difference["value"] < 2e-3, difference
    assert difference.max() < 1e-2, difference
    z = [torch.Generator().manual_seed(1) for _ in range(2)]
    torch.testing.assert_close(trainer.sample(50, z[0]), eager.sample(50, z[1]), rtol=0, atol=2e-3)


def test_the_average_is_what_is_shown_and_measured(compiled: Compiled) -> None:
    trainer, start = compiled
    trainer.load_state_dict(start)
    steps(trainer, 5)
    average, lens = trainer._game.average, trainer.lens()
    assert average is not None
    shown = parameters_to_vector(lens.shown_generator.parameters())
    assert torch.equal(shown, average.flat)
    assert not torch.equal(shown, trainer._game.g.flat)
    z = [torch.Generator().manual_seed(1) for _ in range(2)]
    assert torch.equal(lens.shown(50, z[0]), trainer.sample(50, z[1]))


def test_all_that_an_iteration_changes_moves_together(compiled: Compiled) -> None:
    trainer, start = compiled
    trainer.load_state_dict(start)
    before = [parameters_to_vector(p.parameters()).detach().clone()
              for p in (trainer.generator, trainer.discriminator)]  # fmt: skip
    steps(trainer, 3)
    average = trainer._game.average
    assert average is not None
    for player, old in zip((trainer._game.g, trainer._game.d), before, strict=True):
        values = parameters_to_vector(player.network.parameters())
        assert torch.equal(values, player.flat)  # the module's parameters are what was written
        # three updates of Adam, each of them lr = 1e-3 at most: 1.1 for the first moment's start
        assert 1e-4 < (values - old).abs().max().item() < 3.5e-3
        assert player.optimiser.count.item() == 3
        assert all(s.abs().sum().item() > 0 for s in player.optimiser.state)
    followed = parameters_to_vector(average.network.parameters())
    assert torch.equal(followed, average.flat)
    assert average.updates == 3
    eager = steps(Trainer(CONFIG.replace(compile=False)), 3)
    assert eager._game.average is not None
    torch.testing.assert_close(followed, eager._game.average.flat, rtol=1e-4, atol=1e-6)
    for mine, its in zip(
        (trainer._game.g, trainer._game.d), (eager._game.g, eager._game.d), strict=True
    ):
        for a, b in zip(mine.optimiser.state, its.optimiser.state, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-7)


def test_a_compiled_run_repeats_its_bits_whoever_looks(compiled: Compiled) -> None:
    trainer, start = compiled
    first: list[pd.DataFrame] = []
    second: list[pd.DataFrame] = []
    for rows, look in ((first, False), (second, True)):
        trainer.load_state_dict(start)
        for t in range(20):
            if look and t % 5 == 0:
                trainer.snapshot()
                trainer.sample(3)
                trainer.load_state_dict(trainer.state_dict())
            steps(trainer, 1)
        rows.append(trainer.history.to_pandas())
    pd.testing.assert_frame_equal(first[0], second[0], check_exact=True)


def test_an_edit_to_two_updates_of_d_runs_eagerly_and_back_compiled(compiled: Compiled) -> None:
    trainer, start = compiled
    trainer.load_state_dict(start)
    eager = Trainer(CONFIG.replace(compile=False))
    machine = trainer._compiler and trainer._compiler.iteration(trainer.current)
    for d_steps, notice in ((1, False), (2, True), (1, False)):
        for run in (trainer, eager):
            run.edit(d_steps=d_steps, lr_d=1e-3 * d_steps)
            steps(run, 10)
        assert (trainer.notice is not None) == notice
        assert "k_D or k_G other than 1" in str(trainer.notice) or not notice
    assert trainer._compiler is not None
    assert trainer._compiler.iteration(trainer.current) is machine  # nothing was compiled again
    difference = trainer.history["value"] - eager.history["value"]
    assert np.abs(difference).max() < 2e-3  # as for one long run; 30 iterations stay below 2e-4


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Runs what would be compiled as it is; a list with an entry for each compilation."""
    made: list[Any] = []

    def compile(function: Any, **_: Any) -> Any:
        made.append(function)
        return function

    monkeypatch.setattr(torch, "compile", compile)
    return made


def assert_same_as_eager(config: RunConfig, n: int = 30) -> Trainer:
    trainer, eager = steps(Trainer(config), n), steps(Trainer(config.replace(compile=False)), n)
    assert trainer.notice is None
    pd.testing.assert_frame_equal(
        trainer.history.to_pandas(), eager.history.to_pandas(), rtol=EXACT, atol=EXACT
    )
    z = [torch.Generator().manual_seed(1) for _ in range(2)]
    torch.testing.assert_close(
        trainer.sample(9, z[0]), eager.sample(9, z[1]), rtol=EXACT, atol=EXACT
    )
    return trainer


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"penalty": "none", "loss": "minimax", "ema": 0.0},
        {"penalty": "r1_r2", "penalty_schedule": "cosine", "optimizer": "optimistic_adam"},
        {"penalty": "r2", "loss": "fgan_js", "optimizer": "sgd", "momentum": -0.3},
        {"label_smoothing": 0.1, "clip": 0.2, "optimizer": "rmsprop", "lr_schedule": "linear"},
        {"grad_clip": 0.01, "fourier": 5, "network_options": {"activation": "silu"}},
        {"dataset": "digits", "network": "conv", "width": 2, "latent": "uniform"},
        {"network": "affine", "ema": 0.5},
        {"loss": "relativistic_average", "probe": False},
        {"loss": "hinge", "packing": 4, "probe": False},
        {"loss": "wasserstein", "minibatch_std": True, "probe": False},
    ],
    ids=str,
)  # fmt: skip
def test_the_trace_is_the_eager_iteration(traced: list[Any], changes: dict[str, Any]) -> None:
    assert_same_as_eager(SMALL.replace(**changes))
    assert len(traced) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"consensus": 0.1}, "consensus"),
        ({"unroll": 1}, "unrolling"),
        ({"instance_noise": 0.1}, "instance noise"),
        ({"update": "simultaneous"}, "simultaneous updates"),
        ({"penalty": "wgan_gp"}, "a penalty that draws noise"),
        ({"penalty": "dragan"}, "a penalty that draws noise"),
        ({"loss": "hinge"}, "the probe"),
        ({"packing": 2}, "the probe"),
        ({"spectral_norm": True}, "networks with moving buffers"),
        ({"d_steps": 0}, "k_D or k_G other than 1"),
        ({"g_steps": 2}, "k_D or k_G other than 1"),
        ({"unroll": 1, "g_steps": 2}, "unrolling, k_D or k_G other than 1"),
    ],
    ids=str,
)
def test_what_cannot_be_compiled_says_why_and_runs(
    traced: list[Any], changes: dict[str, Any], reason: str
) -> None:
    config = SMALL.replace(**changes)
    trainer, eager = Trainer(config), Trainer(config.replace(compile=False))
    assert trainer.notice is None  # it is known at the first step
    for run in (trainer, eager):
        steps(run, 3)
    assert str(trainer.notice) == f"Not compiled, because of {reason}."
    assert eager.notice is None
    assert traced == []
    pd.testing.assert_frame_equal(
        trainer.history.to_pandas(), eager.history.to_pandas(), check_exact=True
    )


def test_own_parts_are_not_compiled(traced: list[Any]) -> None:
    target = Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2)
    trainer = steps(Trainer(SMALL, target=target, generator=nn.Linear(2, 2)), 2)
    assert str(trainer.notice) == "Not compiled, because of networks or data of your own."


@pytest.mark.parametrize("text", ["no C++ compiler found\nset CXX", "", "\n"])
def test_without_a_compiler_the_run_goes_on(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    asked = []

    def compile(function: Any, **_: Any) -> Any:
        asked.append(function)
        raise RuntimeError(text)

    monkeypatch.setattr(torch, "compile", compile)
    trainer = steps(Trainer(SMALL), 5)
    assert len(asked) == 1
    assert trainer.notice is not None
    assert str(trainer.notice).startswith("Not compiled: ")
    assert "no C++ compiler found" in str(trainer.notice) or not text.strip()
    eager = steps(Trainer(SMALL.replace(compile=False)), 5)
    pd.testing.assert_frame_equal(
        trainer.history.to_pandas(), eager.history.to_pandas(), check_exact=True
    )
    trainer.edit(lr_d=1e-4)
    steps(trainer, 2)
    assert len(asked) == 1  # one try is enough
    assert trainer.notice is not None


def test_halves_by_hand_and_compiled_iterations_mix(traced: list[Any]) -> None:
    trainer, eager = Trainer(SMALL), steps(Trainer(SMALL.replace(compile=False)), 9)
    for _ in range(3):
        steps(trainer, 2)
        trainer.discriminator_step()
        trainer.step()
    pd.testing.assert_frame_equal(
        trainer.history.to_pandas(), eager.history.to_pandas(), rtol=EXACT, atol=EXACT
    )


@pytest.mark.parametrize("who", ["generator", "discriminator"])
def test_a_compiled_run_stops_at_nan(traced: list[Any], who: str) -> None:
    trainer = steps(Trainer(SMALL), 3)
    with torch.no_grad():
        next(getattr(trainer, who).parameters()).fill_(math.nan)
    tensor = {"generator": r"the batch of samples G\(z\)", "discriminator": "D's logits on data"}
    for _ in range(2):
        with pytest.raises(Diverged, match=f"iteration 4: {tensor[who]} is not finite"):
            trainer.step()
    assert trainer.history["step"].tolist() == [1, 2, 3, 4]


def test_compiling_is_asked_for() -> None:
    trainer = ganviz.train(SMALL.replace(compile=False, steps=2))
    assert trainer.notice is None
