"""The trainer against the same game written out in plain torch, and its behaviour at the edges."""

import math
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

import ganviz
from ganviz import ConfigError, RunConfig, Trainer
from ganviz.snapshot import COLUMNS
from ganviz.trainer.player import Player
from ganviz.trainer.streams import Streams

SMALL = RunConfig(width=8, batch_size=16, latent_dim=3, steps=30, dtype="float64")
EXACT = 1e-9
"""float64 rounding (1e-16) grown over 30 iterations; a wrong formula shows above 1e-7."""
Edits = Mapping[int, Mapping[str, Any]]


def norm_of(network: nn.Module) -> float:
    """Of the gradients of the last `backward`."""
    squares = [p.grad.square().sum().item() for p in network.parameters() if p.grad is not None]
    return math.sqrt(sum(squares))


def penalty_by_sample(name: str, d: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """Half the mean squared gradient norm, one sample after the other."""
    total = torch.zeros((), dtype=real.dtype)
    points: dict[str, Tensor] = {"none": real[:0], "r1": real, "r2": fake}
    for x in points[name]:
        point = x[None].clone().requires_grad_()
        (slope,) = torch.autograd.grad(d(point).sum(), point, create_graph=True)
        total = total + slope.square().sum() / 2
    return total / len(real)


def optimiser_of(config: RunConfig, network: nn.Module) -> torch.optim.Optimizer:
    """Torch's own, whose rate is set before each update."""
    parameters = list(network.parameters())
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, momentum=config.momentum)
    if config.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, alpha=config.beta2)
    return torch.optim.Adam(parameters, betas=(config.beta1, config.beta2))


def noise(config: RunConfig, streams: Streams) -> Tensor:
    shape = (config.batch_size, config.latent_dim)
    if config.latent == "uniform":
        return 2 * torch.rand(shape, generator=streams.latent, dtype=torch.float64) - 1
    return torch.randn(shape, generator=streams.latent, dtype=torch.float64)


def rate_factor(config: RunConfig, done: float) -> float:
    cosine = (1 + math.cos(math.pi * done)) / 2
    return {"constant": 1.0, "linear": 1 - done, "cosine": cosine}[config.lr_schedule]


def seen_by_d(on_real: Tensor, on_fake: Tensor) -> dict[str, float]:
    """V and D's columns, from outputs on one batch of each kind."""
    p, q, m = on_real.sigmoid(), on_fake.sigmoid(), len(on_real)
    ln_p, ln_1q = torch.log(p), torch.log(1 - q)
    d_term, g_term = ln_p.mean().item(), ln_1q.mean().item()
    return {
        "value": d_term + g_term,
        "value_se": math.sqrt(ln_p.var().item() / m + ln_1q.var().item() / m),
        "d_term": d_term,
        "g_term": g_term,
        "d_real": p.mean().item(),
        "d_fake": q.mean().item(),
        "acc_real": (p > 0.5).double().mean().item(),
        "acc_fake": (q < 0.5).double().mean().item(),
    }


def descend(network: nn.Module, optimiser: torch.optim.Optimizer, loss: Tensor) -> float:
    """One update by `loss`; gives the gradient's norm."""
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    optimiser.step()
    return norm_of(network)


def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for mean, p in zip(average.parameters(), network.parameters(), strict=True):
            mean.copy_(decay * mean + (1 - decay) * p)


def plain(config: RunConfig, edits: Edits | None = None) -> tuple[pd.DataFrame, nn.Module]:
    """The run by `torch.optim`, `backward` and cross-entropy; its rows and average of G."""
    start = Trainer(config)
    g, d, average = (deepcopy(n) for n in (start.generator, start.discriminator, start.generator))
    target = ganviz.DATASETS[config.dataset].fn(**config.options("dataset"))
    shift, scale = target.standardisation
    streams = Streams.from_seed(config.seed)
    of_d, of_g = optimiser_of(config, d), optimiser_of(config, g)
    m, updates, rows = config.batch_size, 0, []
    ones, zeros = torch.ones(m, 1).double(), torch.zeros(m, 1).double()
    for t in range(config.steps):
        config = config.replace(**(edits or {}).get(t, {}))
        factor = rate_factor(config, t / config.steps)
        of_d.param_groups[0]["lr"] = config.lr_d * factor
        of_g.param_groups[0]["lr"] = config.lr_g * factor
        row = dict.fromkeys(COLUMNS, math.nan) | {"step": t + 1}
        faced = deepcopy(d) if config.update == "simultaneous" else d
        for k in range(max(config.d_steps, 1)):
            real = (target.sample(m, streams.data).double() - shift) / scale
            z = noise(config, streams)
            fake = g(z).detach()
            on_real, on_fake = d(real), d(fake)
            row |= seen_by_d(on_real, on_fake) if k == 0 else {}
            if config.d_steps:
                loss = bce(on_real, ones) + bce(on_fake, zeros)
                extra = penalty_by_sample(config.penalty, d, real, fake) * config.penalty_weight
                row |= {"d_loss": loss.item(), "penalty": extra.item()}
                row["grad_norm_d"] = descend(d, of_d, loss + extra)
        for k in range(config.g_steps):
            on_fake = faced(g(noise(config, streams) if k else z))
            if k == 0:
                row["d_fake_after"] = on_fake.sigmoid().mean().item()
            loss = bce(on_fake, ones) if config.loss == "non_saturating" else -bce(on_fake, zeros)
            row |= {"g_loss": loss.item(), "grad_norm_g": descend(g, of_g, loss)}
            follow(average, g, min(config.ema, (1 + updates) / (10 + updates)))
            updates += 1
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS)), average


def assert_same(trainer: Trainer, expected: pd.DataFrame) -> None:
    """Every column, NaN where NaN is expected, to EXACT relative and absolute."""
    got = trainer.history.to_pandas()
    pd.testing.assert_frame_equal(got, expected, check_dtype=False, rtol=EXACT, atol=EXACT)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"loss": "minimax", "latent": "uniform", "lr_schedule": "constant"},
        {"penalty": "r1", "penalty_weight": 0.7},
        {"penalty": "r2", "d_steps": 2, "g_steps": 2},
        {"loss": "minimax", "penalty": "r1", "d_steps": 2},
        {"g_steps": 2, "dataset": "mixture"},
        {"optimizer": "sgd", "momentum": 0.5, "lr_schedule": "linear"},
        {"optimizer": "rmsprop", "beta2": 0.9, "update": "simultaneous", "d_steps": 2},
        {"d_steps": 0},
        {"g_steps": 0, "penalty": "r1"},
    ],
    ids=str,
)
def test_columns_equal_a_plain_loop(changes: dict[str, Any]) -> None:
    config = SMALL.replace(**changes)
    expected, _ = plain(config)
    trainer = ganviz.train(config)
    assert_same(trainer, expected)
    assert trainer.history["step"].tolist() == list(range(1, 31))  # config.steps rows, from 1


@pytest.mark.parametrize(("field", "who"), [("d_steps", "discriminator"), ("g_steps", "generator")])
def test_a_frozen_player_stays_bit_for_bit(field: str, who: str) -> None:
    trainer = Trainer(SMALL.replace(**{field: 0}))
    before = deepcopy(getattr(trainer, who).state_dict())
    for _ in range(5):
        trainer.step()
    for name, tensor in getattr(trainer, who).state_dict().items():
        assert torch.equal(tensor, before[name]), name
    d, g = ["d_loss", "penalty", "grad_norm_d"], ["g_loss", "grad_norm_g", "d_fake_after"]
    frozen, frame = d if field == "d_steps" else g, trainer.history.to_pandas()
    assert frame[frozen].isna().all(axis=None)
    assert frame.drop(columns=frozen).notna().all(axis=None)


@pytest.mark.parametrize("g_steps", [1, 3])
def test_samples_come_from_the_average_with_warm_up(g_steps: int) -> None:
    config = SMALL.replace(ema=0.6, g_steps=g_steps)  # its warm-up (1 + t)/(10 + t) ends at t = 13
    _, average = plain(config)
    trainer = ganviz.train(config)
    z = torch.randn(50, 3, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    shift, scale = trainer.target.standardisation
    with torch.no_grad():
        expected = average(z) * scale + shift
    got = trainer.sample(50, torch.Generator().manual_seed(5))
    torch.testing.assert_close(got, expected, rtol=EXACT, atol=EXACT)
    assert trainer.snapshot().samples_ema is not None
    bare = ganviz.train(config.replace(ema=0.0))
    assert bare.snapshot().samples_ema is None
    got = bare.sample(50, torch.Generator().manual_seed(5))
    torch.testing.assert_close(got, bare.generator(z) * scale + shift, rtol=EXACT, atol=EXACT)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_players_adam_is_torchs(dtype: torch.dtype) -> None:
    rng = torch.Generator().manual_seed(1)
    mine = nn.Sequential(nn.Linear(3, 7), nn.Tanh(), nn.Linear(7, 2)).to(dtype)
    theirs = deepcopy(mine)
    player = Player(mine, RunConfig(beta1=0.3, beta2=0.95))
    adam = torch.optim.Adam(theirs.parameters(), betas=(0.3, 0.95))
    for lr in (1e-2, 1e-2, 0.3, 1e-5) * 5:
        x = torch.randn(9, 3, generator=rng, dtype=dtype)
        norm = player.update(mine(x).square().sum(), lr)
        adam.param_groups[0]["lr"] = lr
        adam.zero_grad()
        torch.autograd.backward(theirs(x).square().sum())
        adam.step()
        # 20 updates' rounding: 2e-16 or 1e-7 each, grown at most some hundredfold
        rtol = 1e-11 if dtype == torch.float64 else 1e-4
        assert norm.item() == pytest.approx(norm_of(theirs), rel=rtol)
        for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(p, q, rtol=rtol, atol=rtol)


def test_player_update_names_a_loss_without_parameters() -> None:
    with pytest.raises(ValueError, match="depends on no parameter"):
        Player(nn.Linear(2, 1), RunConfig()).update(torch.ones(()), 1e-3)


def test_the_cosine_ends_at_zero() -> None:
    trainer = ganviz.train(SMALL)
    before = deepcopy(trainer.generator.state_dict())
    trainer.step()  # iteration 31 of 30: (1 + cos π)/2 = 0, so Adam moves nothing at all
    for name, tensor in trainer.generator.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_what_is_not_here_is_a_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"device.*CUDA"):
        Trainer(SMALL.replace(device="cuda"))
    with pytest.raises(ConfigError, match="target="):
        Trainer(SMALL.replace(dataset="custom"))
