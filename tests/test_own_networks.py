"""Networks of a caller's own: what is found out by trying them, which leaves no trace."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganviz import Trainer
from ganviz.networks import sees_batch, tried, twin
from tests.own import SMALL, By, judge, layer, maker, rng


class Gated(nn.Module):
    """Batch statistics behind a gate that starts closed."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, h: Tensor) -> Tensor:
        moved: Tensor = h + self.gate * (h - h.mean(0))
        return moved


class Spread(nn.Module):
    """Minibatch standard deviation by groups of 4 that lie apart, as StyleGAN has it."""

    def forward(self, h: Tensor) -> Tensor:
        spread = h.reshape(4, -1, h.shape[1]).std(0).mean(-1)
        return torch.cat([h, spread.repeat(4)[:, None]], 1)


class Attention(nn.Module):
    """Over the samples of a batch."""

    def __init__(self) -> None:
        super().__init__()
        self.key = layer(8, 8, 2)

    def forward(self, h: Tensor) -> Tensor:
        mixed: Tensor = h + (self.key(h) @ h.T).softmax(-1) @ h
        return mixed


class Counting(nn.Module):
    """A buffer and an attribute that count calls, and weights that it bounds as it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Tensor
        self.register_buffer("calls", torch.zeros(()))
        self.weight = nn.Parameter(torch.full((8,), 1e-3))
        self.seen: list[int] = []
        self.times = 0

    def forward(self, h: Tensor) -> Tensor:
        self.calls.add_(1)
        self.times += 1
        self.seen.append(len(h))
        self.weight.data.clamp_(-1e-3, 1e-3)
        return h * (1 + self.weight)


DEPENDENT: dict[str, Callable[[], nn.Module]] = {
    "BatchNorm1d": lambda: judge(nn.BatchNorm1d(8)),
    "frozen BatchNorm1d": lambda: judge(nn.BatchNorm1d(8).requires_grad_(False)),
    "no running statistics": lambda: judge(nn.BatchNorm1d(8, track_running_stats=False)),
    "minus the mean": lambda: judge(By(lambda h: h - h.mean(0))),
    "a little of the largest": lambda: judge(By(lambda h: h + 1e-3 * h.max(0).values)),
    "the sample before": lambda: judge(By(lambda h: h + 1e-2 * h.roll(1, 0))),
    "if there are several": lambda: judge(By(lambda h: h - h.mean(0) if len(h) > 1 else h)),
    "in training": lambda: judge(By(lambda h, on: h - h.mean(0) if on else h, knows_mode=True)),
    "in evaluation": lambda: judge(By(lambda h, on: h if on else h - h.mean(0), knows_mode=True)),
    "a closed gate": lambda: judge(Gated()),
    "groups that lie apart": lambda: judge(Spread(), width=9),
    "attention": lambda: judge(Attention()),
    "noise and the mean": lambda: judge(nn.Dropout(0.1), By(lambda h: h - h.mean(0))),
    "TorchScript": lambda: torch.jit.script(judge(nn.BatchNorm1d(8))),
}

INDEPENDENT: dict[str, Callable[[], nn.Module]] = {
    "plain": judge,
    "LayerNorm": lambda: judge(nn.LayerNorm(8)),
    "GroupNorm": lambda: judge(nn.GroupNorm(2, 8)),
    "Dropout": lambda: judge(nn.Dropout()),
    "AlphaDropout": lambda: judge(nn.AlphaDropout()),
    "functional dropout": lambda: judge(By(F.dropout)),
    "noise": lambda: judge(By(lambda h: h + torch.randn_like(h))),
    "noise from numpy": lambda: judge(By(lambda h: h + np.random.randn())),
    "counting": lambda: judge(Counting()),
    "large outputs": lambda: judge(end=By(lambda t: 1e4 + t)),
    "spectral norm": lambda: nn.utils.parametrizations.spectral_norm(layer(2, 1)),
}


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")
@pytest.mark.parametrize("name", [*DEPENDENT, *INDEPENDENT])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_whether_d_sees_its_batch_is_found_by_trying(name: str, dtype: Any) -> None:
    seen = name in DEPENDENT
    discriminator = (DEPENDENT | INDEPENDENT)[name]()
    trainer = Trainer(SMALL.replace(dtype=dtype), discriminator=discriminator)
    assert trainer.value_source == ("probe" if seen else "discriminator")
    sizes: list[int] = []
    if isinstance(discriminator, nn.Sequential):
        discriminator[0].register_forward_pre_hook(lambda _, x: sizes.append(len(x[0])))
    trainer.discriminator_step()
    # apart, or together
    assert sizes in ([16, 16] if seen else [32], [])
    trainer.generator_step()
    assert np.isfinite(trainer.history["value"]).all()


@pytest.mark.parametrize(
    ("middle", "seen"),
    [(nn.BatchNorm2d(4), True), (nn.InstanceNorm2d(4), False), (nn.GroupNorm(2, 4), False)],
)
def test_norms_of_images(middle: nn.Module, seen: bool) -> None:
    d = nn.Sequential(nn.Conv2d(1, 4, 4, 2, 1), middle, nn.LeakyReLU(), nn.Flatten(), layer(64, 1))
    assert sees_batch(d, torch.randn(6, 1, 8, 8, generator=rng())) == seen


def state(network: nn.Module) -> dict[str, Any]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


@pytest.mark.parametrize("name", ["BatchNorm1d", "a closed gate", "counting", "spectral norm"])
def test_trying_a_network_leaves_it_as_it_was(name: str) -> None:
    d = (DEPENDENT | INDEPENDENT)[name]()
    before, modes = state(d), [m.training for m in d.modules()]
    Trainer(SMALL, discriminator=d)
    assert all(torch.equal(tensor, before[n]) for n, tensor in d.state_dict().items())
    assert [m.training for m in d.modules()] == modes
    for m in d.modules():
        assert not m._forward_hooks
        if isinstance(m, Counting):
            assert (m.times, m.seen) == (0, [])


def test_a_network_that_raises_is_left_as_it_was_too() -> None:
    def fail(h: Tensor) -> Tensor:
        raise RuntimeError("no")

    d = nn.Sequential(nn.BatchNorm1d(2), By(fail))
    before = state(d)
    with pytest.raises(RuntimeError):
        tried(d, torch.ones(4, 2), training=True)
    assert all(torch.equal(tensor, before[n]) for n, tensor in d.state_dict().items())
    assert not d[0]._forward_hooks


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
def test_a_network_that_holds_tensors_with_a_graph_can_be_copied() -> None:
    normed = nn.utils.weight_norm(layer(3, 2))  # deepcopy refuses its weight
    trainer = Trainer(SMALL, generator=normed)
    trainer.step()
    x = torch.ones(2, 3)
    assert torch.equal(twin(normed)(x), normed(x))


def test_nothing_global_moves_while_networks_are_tried() -> None:
    noisy = By(lambda h: h + torch.randn_like(h) + np.random.randn() + random.random())
    parts: dict[str, Any] = {
        "generator": maker(noisy, nn.RReLU()),
        "discriminator": judge(By(F.dropout), noisy),
    }
    random.seed(1)
    np.random.seed(1)
    before = torch.get_rng_state(), random.getstate(), repr(np.random.get_state())
    Trainer(SMALL, **parts)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert repr(np.random.get_state()) == before[2]
