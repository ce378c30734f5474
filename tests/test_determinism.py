"""The same run is the same bits, whatever happens beside it; edits and saved states included."""

import io
import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

import ganviz
from ganviz import NETWORKS, ConfigError, Event, RunConfig, Target, Trainer
from ganviz.trainer import one_thread
from tests.test_trainer import SMALL, assert_same, plain

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


def build(name: str) -> Trainer:
    if name in NETWORKS:
        images = {"dataset": "digits", "width": 4, "depth": 2, "penalty": "r1"}
        return Trainer(FAST.replace(network=name, **(images if name == "conv" else {})))
    return custom() if name == "custom" else Trainer(ODD)


@pytest.mark.parametrize("config", [FAST, ODD.replace(penalty="r1"), FAST.replace(g_steps=0)])
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
    "changes", [{"penalty": "r1"}, {"penalty": "r2"}, {"ema": 0.0}, {"lr_g": 0.1}]
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
        streams.append(trainer.state_dict()["streams"])
    assert len(drawn[0]) == 12  # 10 batches, one to measure the scale and one to check the shape
    assert all(torch.equal(a, b) for a, b in zip(*drawn, strict=True))
    assert torch.equal(streams[0]["latent"], streams[1]["latent"])


@pytest.mark.parametrize("name", [*NETWORKS, "custom", "odd"])
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
        (lambda: build("mlp"), lambda: build("mlp")),
        (lambda: build("conv"), lambda: build("conv")),
        (custom, lambda: custom(seed=1)),
        (
            lambda: custom(d_steps=2, g_steps=2, ema=0.0),
            lambda: custom(seed=1, d_steps=2, g_steps=2, ema=0.0),
        ),
        (lambda: Trainer(ODD.replace(g_steps=0)), lambda: Trainer(ODD.replace(g_steps=0))),
        (lambda: Trainer(FAST.replace(d_steps=0)), lambda: Trainer(FAST.replace(d_steps=0))),
    ],
    ids=["mlp", "conv", "custom", "custom twice", "frozen G", "frozen D"],
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


def test_an_edit_takes_its_place_and_keeps_adams_moments() -> None:
    trainer = Trainer(SMALL)
    for t in range(30):
        if t == 10:
            trainer.edit(lr_d=5e-3, g_steps=2)
        if t == 20:
            trainer.edit(d_steps=2)
        trainer.step()
    assert_same(trainer, plain(SMALL, {10: {"lr_d": 5e-3, "g_steps": 2}, 20: {"d_steps": 2}})[0])
    expected = (Event(10, "lr_d", 5e-3), Event(10, "g_steps", 2), Event(20, "d_steps", 2))
    assert trainer.events == expected == trainer.snapshot().events
    assert trainer.config == SMALL  # what the run began with
    again = ganviz.train(SMALL, events=trainer.events)
    same_bits(again, trainer)
    assert again.events == trainer.events


def test_an_edit_within_an_iteration_waits_for_its_end() -> None:
    trainer = Trainer(SMALL)
    trainer.step()
    trainer.discriminator_step()
    trainer.edit(lr_g=0.5, g_steps=3)
    assert trainer.current == SMALL
    trainer.generator_step()
    assert trainer.current == SMALL.replace(lr_g=0.5, g_steps=3)
    assert [event.step for event in trainer.events] == [2, 2]  # in force after iteration 2
    trainer.step()
    rows, _ = plain(SMALL, {2: {"lr_g": 0.5, "g_steps": 3}})
    assert_same(trainer, rows[:3])


@pytest.mark.parametrize(
    "changes", [{"width": 9}, {"lr_d": 0.0}, {"lr_d": 0.5, "g_steps": -1}, {"lrd": 1e-3}], ids=str
)
def test_an_invalid_edit_changes_nothing(changes: dict[str, Any]) -> None:
    trainer = Trainer(SMALL)
    with pytest.raises(ConfigError, match=list(changes)[-1]):
        trainer.edit(**changes)
    assert trainer.events == ()
    assert trainer.current == SMALL
    trainer.edit(d_steps=0)
    with pytest.raises(ConfigError, match="neither player"):
        trainer.edit(g_steps=0)
    assert len(trainer.events) == 1


def test_two_halves_are_a_step() -> None:
    halves, whole = Trainer(SMALL), Trainer(SMALL)
    for _ in range(5):
        halves.discriminator_step()
        assert (halves.phase, halves.iteration) == ("generator", whole.iteration)
        halves.generator_step()
        whole.step()
    halves.discriminator_step()
    halves.step()  # completes the iteration, no more
    whole.step()
    assert halves.iteration == whole.iteration == 6
    same_bits(halves, whole)


def test_halves_in_the_wrong_order_raise_and_change_nothing() -> None:
    trainer = Trainer(SMALL)
    with pytest.raises(RuntimeError, match="discriminator's half of iteration 1"):
        trainer.generator_step()
    trainer.discriminator_step()
    with pytest.raises(RuntimeError, match="generator's half of iteration 1"):
        trainer.discriminator_step()
    trainer.generator_step()
    assert_same(trainer, plain(SMALL)[0][:1])


def test_a_state_of_another_config_is_refused() -> None:
    with pytest.raises(ValueError, match="another config"):
        Trainer(FAST).load_state_dict(Trainer(FAST.replace(ema=0.0)).state_dict())
