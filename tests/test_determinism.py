"""The same run is the same bits, whatever happens beside it; edits and saved states included."""

import io
import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

import ganviz
from ganviz import NETWORKS, RunConfig, Target, Trainer
from ganviz.trainer import one_thread

FAST = RunConfig(width=16, batch_size=32, steps=40)
ODD = FAST.replace(batch_size=13)
"""No multiple of a vector register: the last numbers take another way through the CPU."""


def same_bits(left: Trainer, right: Trainer, after: int = 0) -> None:
    """Equal histories from iteration `after` on, NaN equal to NaN, with no tolerance at all."""
    a, b = (t.history.to_pandas().query(f"step > {after}") for t in (left, right))
    assert len(a)
    pd.testing.assert_frame_equal(
        a.reset_index(drop=True), b.reset_index(drop=True), check_exact=True
    )


def steps(trainer: Trainer, n: int) -> Trainer:
    with one_thread():
        for _ in range(n):
            trainer.step()
    return trainer


class Normalised(nn.Module):
    """Batch statistics and spectral norms: buffers that move whenever it is called in training."""

    def __init__(self, inputs: int, outputs: int, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.body = nn.Sequential(
                spectral_norm(nn.Linear(inputs, 8)),
                nn.BatchNorm1d(8),
                nn.Tanh(),
                spectral_norm(nn.Linear(8, outputs)),
            )

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.body(x)
        return made


def custom(seed: int = 0, **changes: Any) -> Trainer:
    g, d = Normalised(8, 2, seed), Normalised(2, 1, seed)
    target = Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2)
    return Trainer(FAST.replace(**changes), target=target, generator=g, discriminator=d)


FOR_NETWORKS: dict[str, dict[str, Any]] = {
    "affine": {"latent_dim": 2},
    "conv": {"dataset": "digits", "width": 4, "depth": 2, "penalty": "r1"},
    "dcgan": {"dataset": "digits", "width": 4, "depth": 2, "penalty": "r1"},
}
"""What a family needs to be built at all, and small."""

TRICKS: dict[str, dict[str, Any]] = {
    "probe": {"loss": "hinge", "d_steps": 2},
    "no probe": {"loss": "hinge", "probe": False},
    "packing": {"packing": 4, "penalty": "r1"},
    "minibatch_std": {"minibatch_std": True, "g_steps": 2},
    "spectral_norm": {"spectral_norm": True, "penalty": "r2"},
    "fourier": {"fourier": 8, "penalty": "r1_r2", "penalty_schedule": "geometric"},
    "instance_noise": {"instance_noise": 0.5, "loss": "relativistic"},
    "label_smoothing": {"label_smoothing": 0.1, "grad_clip": 0.1},
    "wgan": {"loss": "wasserstein", "clip": 0.1, "optimizer": "rmsprop", "d_steps": 3},
    "wgan_gp": {"loss": "wasserstein", "penalty": "wgan_gp", "packing": 2},
    "dragan": {"penalty": "dragan", "optimizer": "sgd", "momentum": -0.3},
    "simultaneous": {"update": "simultaneous", "d_steps": 2, "g_steps": 2},
    "unroll": {"unroll": 2},
    "consensus": {"consensus": 0.5, "optimizer": "sgd"},
    "optimistic_adam": {"optimizer": "optimistic_adam"},
    "everything": {
        "loss": "hinge",
        "penalty": "wgan_gp",
        "packing": 2,
        "minibatch_std": True,
        "spectral_norm": True,
        "fourier": 4,
        "instance_noise": 0.2,
        "update": "simultaneous",
        "unroll": 1,
        "consensus": 0.1,
        "clip": 0.5,
        "grad_clip": 1.0,
        "optimizer": "optimistic_adam",
        "d_steps": 2,
        "g_steps": 2,
    },
}


def build(name: str) -> Trainer:
    if name in NETWORKS:
        return Trainer(FAST.replace(network=name, **FOR_NETWORKS.get(name, {})))
    if name in TRICKS:
        return Trainer(FAST.replace(**TRICKS[name]))
    return custom() if name == "custom" else Trainer(ODD)


@pytest.mark.parametrize(
    "config",
    [
        FAST,
        ODD.replace(penalty="r1"),
        FAST.replace(g_steps=0),
        FAST.replace(steps=8, **TRICKS["everything"]),
    ],
)
def test_the_same_config_gives_the_same_bits(config: RunConfig) -> None:
    same_bits(ganviz.train(config), ganviz.train(config))
    first, other = ganviz.train(config), ganviz.train(config.replace(seed=1))
    assert not np.array_equal(first.history["value"], other.history["value"])


def test_another_trainer_in_another_thread_changes_nothing() -> None:
    alone, done, rounds = ganviz.train(FAST), threading.Event(), [0]

    def disturb() -> None:
        while not done.is_set():
            ganviz.train(FAST.replace(seed=9, steps=20, penalty="r2"))
            rounds[0] += 1

    noise = threading.Thread(target=disturb)
    noise.start()
    try:
        for _ in range(4):
            same_bits(ganviz.train(FAST), alone)
    finally:
        done.set()
        noise.join()
    assert rounds[0] > 0


def global_state() -> list[Any]:
    of_numpy = repr(np.random.get_state(legacy=False))
    return [torch.get_rng_state().tolist(), of_numpy, random.getstate()]


def test_the_global_random_state_is_neither_read_nor_written() -> None:
    def work() -> Trainer:
        trainer = ganviz.train(FAST.replace(penalty="r1", d_steps=2))
        trainer.snapshot()
        trainer.sample(5)
        trainer.load_state_dict(trainer.state_dict())
        build("conv").step()
        return trainer

    runs = [work()]  # the first one also imports what the data need, and imports may draw
    with torch.random.fork_rng():
        for seed in (1, 2):
            torch.manual_seed(seed)
            np.random.seed(seed)
            random.seed(seed)
            before = global_state()
            runs.append(work())
            assert global_state() == before
    same_bits(runs[0], runs[1])
    same_bits(runs[1], runs[2])


@pytest.mark.parametrize(
    "changes",
    [
        {"penalty": "r1"},
        {"penalty": "wgan_gp"},
        {"ema": 0.0},
        {"lr_g": 0.1},
        TRICKS["everything"] | {"d_steps": 1, "g_steps": 1},
    ],
)
def test_a_penalty_does_not_shift_the_draws(changes: dict[str, Any]) -> None:
    ring = ganviz.DATASETS["ring"].fn()
    drawn: list[list[Tensor]] = []
    streams = []
    for config in (FAST, FAST.replace(**changes)):
        batches: list[Tensor] = []

        def sample(n: int, rng: torch.Generator, keep: list[Tensor] = batches) -> Tensor:
            keep.append(ring.sample(n, rng))
            return keep[-1]

        trainer = steps(Trainer(config, target=Target(sample, 2)), 10)
        drawn.append(batches)
        streams.append(trainer.state().tensors)
    assert len(drawn[0]) == 12  # 10 batches, one to measure the scale and one to check the shape
    assert all(torch.equal(a, b) for a, b in zip(*drawn, strict=True))
    assert torch.equal(*(tensors["streams.latent"] for tensors in streams))


@pytest.mark.parametrize("name", [*NETWORKS, *TRICKS, "custom", "odd"])
@pytest.mark.parametrize("every", [1, 5])
def test_looking_changes_nothing(name: str, every: int) -> None:
    watched, left_alone = build(name), steps(build(name), 12)
    for i in range(12):
        if i % every == 0:
            watched.snapshot()
            watched.sample(3)
        with one_thread():
            watched.discriminator_step()
            if i % every == 0:
                watched.snapshot()
            watched.generator_step()
        assert watched.generator.training
        assert watched.discriminator.training
    same_bits(watched, left_alone)


def saved(state: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


@pytest.mark.parametrize("half", [False, True], ids=["between iterations", "between halves"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        *[(partial(build, name), partial(build, name)) for name in (*NETWORKS, *TRICKS)],
        (custom, lambda: custom(seed=1)),
        (
            lambda: custom(d_steps=2, g_steps=2, ema=0.0),
            lambda: custom(seed=1, d_steps=2, g_steps=2, ema=0.0),
        ),
        (lambda: Trainer(ODD.replace(g_steps=0)), lambda: Trainer(ODD.replace(g_steps=0))),
        (lambda: Trainer(FAST.replace(d_steps=0)), lambda: Trainer(FAST.replace(d_steps=0))),
    ],
    ids=[*NETWORKS, *TRICKS, "custom", "custom twice", "frozen G", "frozen D"],
)
def test_a_state_continues_bit_for_bit(
    first: Callable[[], Trainer], second: Callable[[], Trainer], half: bool
) -> None:
    whole = steps(first(), 6)
    if half:
        whole.discriminator_step()
    whole.edit(lr_d=3e-3)
    continued = second()
    file = io.BytesIO(saved(whole.state_dict()))
    continued.load_state_dict(torch.load(file, weights_only=False))
    assert (continued.iteration, continued.phase) == (whole.iteration, whole.phase)
    assert (continued.events, continued.current) == (whole.events, whole.current)
    for trainer in (whole, continued):
        steps(trainer, 8)
    same_bits(continued, whole, after=6)
    assert continued.history["step"].tolist() == list(range(7, 15))
    for mine, its in ((continued, whole), (whole, continued)):
        assert torch.equal(mine.sample(9), its.sample(9))


def test_a_state_is_a_copy_without_history() -> None:
    trainer = steps(Trainer(FAST), 3)
    early = trainer.state_dict()
    before = saved(early)
    steps(trainer, 300)
    assert saved(early) == before
    # 300 rows of 15 float64 would be 36,000 bytes; alignment and longer numbers are below 500
    assert abs(len(saved(trainer.state_dict())) - len(before)) < 500


def test_loading_forgets_later_rows() -> None:
    trainer = steps(Trainer(FAST), 5)
    state = trainer.state_dict()
    steps(trainer, 20)
    before = trainer.history.to_pandas()
    trainer.load_state_dict(state)
    assert trainer.history["step"].tolist() == [1, 2, 3, 4, 5]
    assert trainer.snapshot().history.rows == 5
    steps(trainer, 20)
    pd.testing.assert_frame_equal(trainer.history.to_pandas(), before, check_exact=True)


def test_a_state_of_another_config_is_refused() -> None:
    with pytest.raises(ValueError, match="another config"):
        Trainer(FAST).load_state_dict(Trainer(FAST.replace(ema=0.0)).state_dict())
