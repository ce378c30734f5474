"""NaN and infinity stop a run, with the iteration and the tensor; what was drawn before stays."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganviz
from ganviz import CHARTS, Diverged, RunConfig, Target, Trainer

CONFIG = RunConfig(width=8, batch_size=16, latent_dim=3, steps=100)


class BadFrom(nn.Module):
    """A working player until its `first`-th call in training, and then `value` everywhere."""

    def __init__(self, inputs: int, outputs: int, first: int, value: float) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)
        self.calls, self.first, self.value = 0, first, value

    def forward(self, x: Tensor) -> Tensor:
        self.calls += self.training
        made: Tensor = self.layer(x)
        return made * self.value if self.calls >= self.first else made


class _BadGradient(torch.autograd.Function):
    """The identity, whose gradient is NaN."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0] * math.nan


class BadGradient(nn.Module):
    """Finite outputs, and gradients of NaN."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = _BadGradient.apply(self.layer(x))  # type: ignore[no-untyped-call]
        return made


def plain_target() -> Target:
    return Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2, shift=0.0, scale=1.0)


def run_until_diverged(trainer: Trainer, most: int = 20) -> Diverged:
    with pytest.raises(Diverged) as caught:  # noqa: PT012 - the step at which it stops is the result
        for _ in range(most):
            trainer.step()
    return caught.value


def assert_stopped(trainer: Trainer, error: Diverged, step: int, tensor: str) -> None:
    """At iteration `step`, whose row is kept; finite before, for good, and still to be shown."""
    assert (error.step, str(error.tensor)) == (step, tensor)
    assert str(error) == f"iteration {step}: {tensor} is not finite"
    frame = trainer.history.to_pandas()
    assert frame["step"].tolist() == list(range(1, step + 1))
    # what a frozen player has no number for is NaN in every row
    drawn = frame.loc[:, frame[:-1].notna().any() | (len(frame) == 1)]
    assert np.isfinite(drawn[:-1]).all(axis=None)
    for again in (trainer.step, trainer.discriminator_step):
        with pytest.raises(Diverged, match=f"iteration {step}"):
            again()
    assert len(trainer.history) == trainer.iteration == step
    snapshot = trainer.snapshot()
    assert (snapshot.step, snapshot.history["step"][-1]) == (step, step)
    for entry in CHARTS.values():
        entry.fn({"run": snapshot})


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize(
    ("first", "step", "tensor"),
    [
        # an iteration asks D twice: for data and samples together, and for G's update
        (1, 1, "D's logits on data"),
        (7, 4, "D's logits on data"),
        (8, 4, "D's logits on samples, after its update"),
    ],
)
def test_bad_logits(value: float, first: int, step: int, tensor: str) -> None:
    bad = BadFrom(2, 1, first, value)
    trainer = Trainer(CONFIG, target=plain_target(), discriminator=bad)
    assert_stopped(trainer, run_until_diverged(trainer), step, tensor)


@pytest.mark.parametrize("frozen", [{}, {"d_steps": 0}, {"g_steps": 0}], ids=str)
def test_bad_samples(frozen: dict[str, int]) -> None:
    bad = BadFrom(3, 2, 5, math.inf)  # G is called once in an iteration
    trainer = Trainer(CONFIG.replace(**frozen), target=plain_target(), generator=bad)
    assert_stopped(trainer, run_until_diverged(trainer), 5, "the batch of samples G(z)")


@pytest.mark.parametrize("d_steps", [0, 1, 2])
@pytest.mark.parametrize("value", [math.nan, math.inf, 1e38])
def test_bad_data(value: float, d_steps: int) -> None:
    draws = [0]

    def sample(n: int, rng: torch.Generator) -> Tensor:
        draws[0] += n == CONFIG.batch_size
        x = torch.randn(n, 2, generator=rng)
        # the first batch of iteration 4, and no draw for a picture
        bad = draws[0] == 3 * max(d_steps, 1) + 1 and n == CONFIG.batch_size
        return x * value if bad else x

    target = Target(sample, 2, shift=0.0, scale=1e-3)  # 1e38 overflows float32 when standardised
    trainer = Trainer(CONFIG.replace(d_steps=d_steps), target=target)
    assert_stopped(trainer, run_until_diverged(trainer), 4, "the batch of data")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_parameter_made_bad_by_hand(value: float) -> None:
    trainer = Trainer(CONFIG)
    for _ in range(3):
        trainer.step()
    with torch.no_grad():
        next(trainer.generator.parameters())[0, 0] = value
    assert_stopped(trainer, run_until_diverged(trainer, 1), 4, "the batch of samples G(z)")
    trainer = Trainer(CONFIG)
    trainer.step()
    with torch.no_grad():
        list(trainer.discriminator.parameters())[-1].fill_(value)
    assert_stopped(trainer, run_until_diverged(trainer, 1), 2, "D's logits on data")


def test_a_bad_parameter_of_a_frozen_discriminator_is_named_after_an_edit() -> None:
    trainer = Trainer(CONFIG.replace(d_steps=0))
    trainer.step()
    trainer.discriminator_step()
    trainer.edit(d_steps=1)  # waits for the end of this iteration
    with torch.no_grad():
        next(trainer.discriminator.parameters()).fill_(math.nan)
    assert_stopped(trainer, run_until_diverged(trainer, 1), 2, "D's parameter of 0.weight")


@pytest.mark.parametrize("who", ["generator", "discriminator"])
def test_bad_gradients_with_finite_outputs(who: str) -> None:
    bad = BadGradient(3, 2) if who == "generator" else BadGradient(2, 1)
    trainer = Trainer(CONFIG, target=plain_target(), **{who: bad})
    tensor = f"{who[0].upper()}'s gradient of layer.weight"
    assert_stopped(trainer, run_until_diverged(trainer), 1, tensor)


def test_a_huge_penalty_is_named() -> None:
    class Steep(nn.Module):
        """Its slope is 1e20, whose square is above float32's 3e38; its logits near 0 are finite."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(2, 1)

        def forward(self, x: Tensor) -> Tensor:
            made: Tensor = self.layer(x) + (x * 1e20).sin().sum(1, keepdim=True)
            return made

    config = CONFIG.replace(penalty="r1", penalty_weight=1.0)
    trainer = Trainer(config, target=plain_target(), discriminator=Steep())
    assert_stopped(trainer, run_until_diverged(trainer), 1, "D's penalty")


@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
@pytest.mark.parametrize("penalty", ["none", "r1"])
def test_huge_learning_rates_diverge_clearly_or_stay_finite(loss: str, penalty: str) -> None:
    config = CONFIG.replace(
        lr_d=1.0, lr_g=1.0, width=128, depth=6, loss=loss, penalty=penalty, penalty_weight=1000.0
    )
    trainer = Trainer(config.replace(lr_schedule="constant"))
    error: Diverged | None = None
    try:
        for _ in range(40):
            trainer.step()
    except Diverged as caught:
        error = caught
    frame = trainer.history.to_pandas()
    assert len(frame) == (40 if error is None else error.step)
    assert error is None or str(error.tensor) in str(error)
    # all 40 rows, or all but the one that it stopped at
    assert np.isfinite(frame if error is None else frame[:-1]).all(axis=None)


def test_an_edit_does_not_revive() -> None:
    trainer = Trainer(CONFIG)
    next(trainer.discriminator.parameters()).data.fill_(math.nan)
    run_until_diverged(trainer, 1)
    trainer.edit(lr_d=1e-4)
    with pytest.raises(Diverged, match="iteration 1: "):
        trainer.step()


def test_a_state_from_before_revives() -> None:
    trainer = ganviz.train(CONFIG.replace(steps=5))
    state = trainer.state_dict()
    next(trainer.discriminator.parameters()).data.fill_(math.nan)
    run_until_diverged(trainer, 1)
    trainer.load_state_dict(state)
    trainer.step()
    assert np.isfinite(trainer.history.to_pandas()).all(axis=None)
    assert trainer.history["step"].tolist() == [1, 2, 3, 4, 5, 6]  # the row of NaN is forgotten
