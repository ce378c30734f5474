"""What is said of networks of a caller's own: that they do not fit, and what they do."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganviz import LOSSES, Session, Target, Trainer
from tests.own import NAMES, SMALL, By, judge, layer, maker

__all__ = ["NAMES"]

pytestmark = pytest.mark.usefixtures("wrapped")

MOST_SIGMOID = math.log(1 / (1 + math.exp(-1))) - math.log(2)
"""ln σ(1) − ln 2: the real sample's logit is 1 at most, the fake one's 0 at least."""

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
