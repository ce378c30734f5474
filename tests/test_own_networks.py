"""Networks of a caller's own: what is found out by trying them, and what is said of it."""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganviz import LOSSES, RunConfig, Session, Target, Trainer
from ganviz.networks import sees_batch, tried, twin

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = (
    *(name for name in dir(nn) if name[0].isupper()),
    *("By", "ParametrizedLinear", "RecursiveScriptModule", "builtin_function_or_method"),
    *("0.weight", "0.bias", "torch.float64", "numpy", "Python"),
)
"""What is named in sentences: classes, parameters, types and libraries."""

SMALL = RunConfig(width=8, depth=1, batch_size=16, steps=20, latent_dim=3)
MOST_SIGMOID = math.log(1 / (1 + math.exp(-1))) - math.log(2)
"""ln σ(1) − ln 2: the real sample's logit is 1 at most, the fake one's 0 at least."""


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def layer(inputs: int, outputs: int, seed: int = 0) -> nn.Linear:
    made = nn.Linear(inputs, outputs)
    for p in made.parameters():
        nn.init.uniform_(p, -0.5, 0.5, generator=rng(seed))
    return made


class By(nn.Module):
    """A layer that computes a function of its input, or of itself and the input."""

    def __init__(self, compute: Callable[..., Any], *, knows_mode: bool = False) -> None:
        super().__init__()
        self.compute, self.knows_mode = compute, knows_mode

    def forward(self, h: Tensor) -> Any:
        return self.compute(h, self.training) if self.knows_mode else self.compute(h)


def judge(*middle: nn.Module, end: nn.Module | None = None, width: int = 8) -> nn.Module:
    """A D over two numbers."""
    return nn.Sequential(
        layer(2, 8), nn.LeakyReLU(0.2), *middle, layer(width, 1, 1), *([end] if end else [])
    )


def maker(*middle: nn.Module) -> nn.Module:
    """A G of two numbers from three."""
    return nn.Sequential(layer(3, 8), nn.LeakyReLU(0.2), *middle, layer(8, 2, 1))


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


BOUNDED: list[tuple[str, Callable[[], nn.Module], float | None]] = [
    ("sigmoid", lambda: judge(end=nn.Sigmoid()), MOST_SIGMOID),
    ("sigmoid behind a norm", lambda: judge(nn.BatchNorm1d(8), end=nn.Sigmoid()), MOST_SIGMOID),
    ("hard sigmoid", lambda: judge(end=nn.Hardsigmoid()), MOST_SIGMOID),
    ("half a tanh", lambda: judge(end=By(lambda t: (t.tanh() + 1) / 2)), MOST_SIGMOID),
    ("clamp", lambda: judge(end=By(lambda t: t.clamp(0, 1))), MOST_SIGMOID),
    ("inner sigmoid", lambda: judge(end=By(lambda t: 0.1 + 0.8 * t.sigmoid())), MOST_SIGMOID),
    ("tanh", lambda: judge(end=nn.Tanh()), -2 * math.log1p(math.exp(-1))),
    ("three tanh", lambda: judge(end=By(lambda t: 3 * t.tanh())), -2 * math.log1p(math.exp(-3))),
    ("ReLU", lambda: judge(end=nn.ReLU()), -math.log(2)),
    ("softplus", lambda: judge(end=nn.Softplus()), -math.log(2)),
    ("log of a sigmoid", lambda: judge(end=nn.LogSigmoid()), -math.log(2)),
    ("wide tanh", lambda: judge(end=By(lambda t: 20 * t.tanh())), None),
    ("linear", judge, None),
    ("bounded features", lambda: nn.Sequential(layer(2, 8), nn.Tanh(), layer(8, 1)), None),
    ("one bounded feature", lambda: nn.Sequential(layer(2, 1), nn.Tanh(), layer(1, 1)), None),
    ("small and above 0", lambda: judge(end=By(lambda t: 0.5 + 1e-3 * t)), None),
]


@pytest.mark.parametrize(("end", "d", "bound"), BOUNDED, ids=[case[0] for case in BOUNDED])
def test_a_d_with_bounded_outputs_is_told_how_far_v_can_rise(
    end: str, d: Callable[[], nn.Module], bound: float | None
) -> None:
    notice = Trainer(SMALL, discriminator=d()).notice
    if bound is None:
        assert notice is None
        return
    assert notice is not None
    assert f"cannot rise above {'ln σ(1) − ln 2 = ' if bound == MOST_SIGMOID else ''}" in str(
        notice
    )
    assert f"{bound:.4f}".replace("-", "−") in str(notice)
    assert ("probabilities" in str(notice)) == (bound == MOST_SIGMOID)


def test_the_bound_of_probabilities() -> None:
    assert pytest.approx(-1.0064, abs=5e-5) == MOST_SIGMOID


@pytest.mark.parametrize("loss", list(LOSSES))
def test_probabilities_are_said_where_the_loss_wants_other_numbers(loss: str) -> None:
    notice = Trainer(SMALL.replace(loss=loss), discriminator=judge(end=nn.Sigmoid())).notice
    if loss == "least_squares":  # its labels are 0 and 1
        assert notice is None
    elif LOSSES[loss].facts["critic"] == "logit":
        assert "V of it cannot rise above" in str(notice)
    else:
        assert "D's loss cannot fall below" in str(notice)
    floors = {"hinge": "1.0000", "wasserstein": "−1.0000", "relativistic": "0.3133"}
    assert f"below {floors.get(loss, '')}" in str(notice) or loss not in floors


def session_notice(**parts: Any) -> str:
    session = Session(SMALL.replace(steps=2), share=0, **parts)
    session.start()
    assert session._thread is not None
    session._thread.join(60)
    assert session.error is None
    return str(session.notice)


def test_a_session_passes_the_notice_on() -> None:
    assert "probabilities" in session_notice(discriminator=judge(end=nn.Sigmoid()))
    assert session_notice(discriminator=judge()) == "None"


SHAPES: list[tuple[str, dict[str, Any], str]] = [
    (
        "another length of noise",
        {"generator": nn.Sequential(layer(64, 8), nn.ReLU(), layer(8, 2))},
        r"the generator you passed \(Sequential\) takes noise of shape \(2, 3\), where 3 is "
        r"latent_dim, and must give samples of shape \(2, 2\), but fails on it: mat1 and mat2 .*"
        r"With latent_dim=64 it does",
    ),
    ("too many numbers", {"generator": layer(3, 5)}, r"generator.*\(2, 2\), got \(2, 5\)"),
    (
        "noise as an image",
        {"generator": nn.Sequential(nn.ConvTranspose2d(3, 2, 1), nn.Flatten())},
        r"generator.*Begin it with nn.Unflatten\(1, \(3, 1, 1\)\)",
    ),
    (
        "always two",
        {"generator": nn.Sequential(layer(3, 2), By(lambda x: x[:2]))},
        r"noise of shape \(16, 3\).*\(16, 2\), got \(2, 2\)",
    ),
    (
        "another shape of data",
        {"discriminator": layer(3, 1)},
        r"the discriminator you passed \(Linear\) takes samples of shape \(2, 2\) and must give "
        r"one number for each, shape \(2,\) or \(2, 1\), but fails on it: mat1",
    ),
    ("two numbers each", {"discriminator": layer(2, 2)}, r"\(2,\) or \(2, 1\), got \(2, 2\)"),
    ("one for all", {"discriminator": judge(end=By(lambda t: t.mean(0)))}, r"got \(1,\)"),
    (
        "an axis too many",
        {"discriminator": judge(end=By(lambda t: t[..., None]))},
        r"got \(2, 1, 1\)\. End it with nn.Flatten\(\)",
    ),
    (
        "a pair",
        {"discriminator": judge(end=By(lambda t: (t, {})))},
        r"got a tuple of \(a tensor of shape \(2, 1\), dict\)",
    ),
    ("a double", {"discriminator": judge(end=By(Tensor.double))}, r"float32.*got torch.float64"),
    ("whole", {"discriminator": judge(end=By(Tensor.long))}, r"got torch.int64"),
    (
        "complex",
        {"discriminator": judge(end=By(lambda t: torch.complex(t, t)))},
        r"got torch.complex64",
    ),
    ("not finite", {"discriminator": judge(end=By(lambda t: t / 0))}, "got NaN or infinity"),
    ("detached", {"discriminator": judge(end=By(Tensor.detach))}, "without a gradient; does it"),
    (
        "blind",
        {"discriminator": nn.Sequential(By(lambda x: (x > 0).float()), layer(2, 1))},
        "without a gradient in the samples",
    ),
    ("a class", {"generator": nn.Linear}, "generator must be a torch.nn.Module, got the class Lin"),
    ("a function", {"discriminator": torch.sum}, "discriminator must be a torch.nn.Module, got "),
    (
        "without a shape",
        {"discriminator": nn.LazyLinear(1)},
        "without a shape yet, such as 'weight",
    ),
    ("nothing to train", {"discriminator": nn.Flatten(0)}, "Flatten has no parameter to train"),
]


@pytest.mark.parametrize(("what", "parts", "said"), SHAPES, ids=[case[0] for case in SHAPES])
def test_a_network_that_does_not_fit_is_named_with_what_it_must_do(
    what: str, parts: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        Trainer(SMALL, **parts)
    if "fails" in said:
        assert isinstance(caught.value.__cause__, RuntimeError)


def test_images_are_advised_to_be_folded_or_unfolded() -> None:
    target = Target(lambda n, rng: torch.rand(n, 1, 4, 4, generator=rng), (1, 4, 4), scale=1.0)
    with pytest.raises(ValueError, match=r"End it with nn.Unflatten\(1, \(1, 4, 4\)\)"):
        Trainer(SMALL, target=target, generator=layer(3, 16))
    with pytest.raises(ValueError, match=r"Begin it with nn.Flatten\(\)"):
        Trainer(SMALL, target=target, discriminator=layer(16, 1))


def test_players_may_not_share_weights() -> None:
    shared = layer(2, 2)
    parts: dict[str, Any] = {
        "generator": nn.Sequential(layer(3, 2), shared),
        "discriminator": nn.Sequential(shared, layer(2, 1)),
    }
    with pytest.raises(ValueError, match=r"share a parameter, '1.weight' .* '0.weight'"):
        Trainer(SMALL, **parts)
    shared.requires_grad_(False)
    Trainer(SMALL, **parts).step()


def test_a_nan_weight_is_named() -> None:
    g = maker()
    nn.init.constant_(g[0].bias, math.nan)  # type: ignore[index]
    with pytest.raises(ValueError, match=r"NaN or infinity in its parameter '0.bias'"):
        Trainer(SMALL, generator=g)


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
