"""Randomness inside a caller's networks: dropout is the run's, and all else is named."""

import pickle
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganviz import RunConfig, Trainer
from ganviz.networks import drawers, give_stream
from tests.own import NAMES as OTHERS
from tests.own import SMALL, By, judge, maker, rng

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = (*OTHERS, "Noise", "Whole")

IMAGES = torch.randn(4, 6, 5, 5, generator=rng())


class Derived(nn.Dropout):
    """A layer of a caller's own that drops as torch does."""


LAYERS: list[tuple[Callable[..., nn.Module], Tensor]] = [
    (nn.Dropout, IMAGES),
    (Derived, IMAGES[0, 0]),
    (nn.Dropout1d, IMAGES[..., 0]),
    (nn.Dropout1d, IMAGES[0, ..., 0]),
    (nn.Dropout2d, IMAGES),
    (nn.Dropout3d, IMAGES[..., None]),
    (nn.Dropout3d, IMAGES),
    (nn.AlphaDropout, IMAGES),
    (nn.FeatureAlphaDropout, IMAGES),
]


@pytest.mark.parametrize(("kind", "x"), LAYERS)
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("inplace", [False, True])
def test_a_dropout_with_a_stream_is_torchs_bit_for_bit(
    kind: Callable[..., nn.Module], x: Tensor, p: float, inplace: bool
) -> None:
    layer = kind(p, inplace=inplace)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        expected = layer(x.clone())
    assert give_stream(layer, rng(5))
    before, given = torch.get_rng_state(), x.clone()
    made = layer(given)
    assert torch.equal(made, expected)
    assert torch.equal(torch.get_rng_state(), before)
    assert (made is given) == (inplace or p == 0)
    assert torch.equal(layer.eval()(x), x)


def test_a_layer_stays_what_it_was() -> None:
    layer = nn.Dropout(0.5)
    network = nn.Sequential(nn.Linear(2, 2), layer)
    names = list(network.state_dict())
    assert give_stream(network, rng(1))
    assert network[1] is layer
    assert list(network.state_dict()) == names
    x = torch.ones(50)
    for copy in (deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        copy(x)  # draws from a generator of its own
    made = layer(x)
    assert give_stream(network, rng(1))
    assert torch.equal(layer(x), made)
    del layer.forward
    with torch.random.fork_rng():
        torch.manual_seed(1)
        assert torch.equal(layer(x), made)  # torch's own again
    assert not give_stream(nn.Sequential(nn.Linear(2, 2), nn.RReLU()), rng())


def dropping() -> dict[str, Any]:
    return {
        "generator": maker(nn.Dropout(0.2), nn.BatchNorm1d(8)),
        "discriminator": judge(nn.AlphaDropout(0.2), nn.Dropout(0.2)),
    }


CONFIGS = {
    "plain": SMALL,
    "many steps": SMALL.replace(d_steps=2, g_steps=2, update="simultaneous"),
    "penalised": SMALL.replace(penalty="wgan_gp", penalty_weight=1.0, ema=0.0),
    "consensus": SMALL.replace(consensus=0.1),
    "unrolled": SMALL.replace(unroll=2, loss="relativistic"),
}


@contextmanager
def others_in_flight() -> Iterator[None]:
    """A thread that draws from the global generator all the time."""
    done = threading.Event()

    def draw() -> None:
        while not done.is_set():
            torch.rand(100)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def rows(trainer: Trainer) -> Any:
    return trainer.history.to_pandas().to_numpy()


def trained(
    config: RunConfig, steps: int = 6, *, looking: bool = False, parts: Any = None
) -> Trainer:
    trainer = Trainer(config, **(parts or dropping()))
    for _ in range(steps):
        trainer.step()
        if looking:
            trainer.snapshot()
            trainer.sample(3)
            trainer.lens().fakes(torch.zeros(4, config.latent_dim))
    return trainer


@pytest.mark.parametrize("name", list(CONFIGS))
def test_equal_seeds_give_equal_runs_with_dropout(name: str) -> None:
    config, parts = CONFIGS[name], dropping()
    state = torch.get_rng_state()
    alone = rows(trained(config, parts=parts))
    assert torch.equal(torch.get_rng_state(), state)
    with others_in_flight():
        assert np.array_equal(rows(trained(config, looking=True)), alone, equal_nan=True)
    assert not np.array_equal(rows(trained(config.replace(seed=1))), alone, equal_nan=True)


def test_dropout_takes_part_in_training() -> None:
    plain: dict[str, Any] = {
        "generator": maker(nn.Identity(), nn.BatchNorm1d(8)),
        "discriminator": judge(),
    }
    trainer = Trainer(SMALL, **plain)
    trainer.step()
    assert trainer.history["d_loss"][0] != trained(SMALL, 1).history["d_loss"][0]


@pytest.mark.parametrize("name", list(CONFIGS))
@pytest.mark.parametrize("half", [False, True])
def test_a_state_replays_bit_for_bit_with_dropout(name: str, half: bool) -> None:
    trainer = trained(CONFIGS[name], 2)
    if half:
        trainer.discriminator_step()
    state = trainer.state_dict()
    for _ in range(3):
        trainer.step()
    first = rows(trainer)
    other = Trainer(CONFIGS[name], **dropping())
    for again in (trainer, other):
        again.load_state_dict(state)
        for _ in range(3):
            again.step()
        assert np.array_equal(rows(again)[-3:], first[-3:], equal_nan=True)


def test_a_penalty_does_not_move_what_g_drops() -> None:
    masks: list[list[Tensor]] = []
    for config in (SMALL, SMALL.replace(penalty="r1", d_steps=2)):
        parts = dropping()
        trainer = Trainer(config, **parts)
        seen: list[Tensor] = []
        parts["generator"][2].register_forward_hook(lambda _, x, y, to=seen: to.append(y == 0))
        trainer.step()
        masks.append(seen)
    assert torch.equal(masks[0][0], masks[1][0])


class Noise(nn.Module):
    """Adds noise from somewhere."""

    def __init__(self, draw: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.draw = draw

    def forward(self, h: Tensor) -> Tensor:
        noised: Tensor = h + 1e-3 * self.draw(h)
        return noised


OWN = rng(3)

DRAWS: dict[str, tuple[Callable[[], nn.Module], list[tuple[str, str]]]] = {
    "randn_like": (lambda: Noise(torch.randn_like), [("2", "torch")]),
    "in place": (lambda: Noise(lambda h: torch.empty_like(h).normal_()), [("2", "torch")]),
    "bernoulli": (lambda: Noise(lambda h: torch.bernoulli(h.sigmoid())), [("2", "torch")]),
    "a permutation": (lambda: Noise(lambda h: h[:, torch.randperm(8)]), [("2", "torch")]),
    "functional dropout": (lambda: By(F.dropout), [("2", "torch")]),
    "RReLU": (nn.RReLU, [("2", "torch")]),
    "Gumbel": (lambda: By(F.gumbel_softmax), [("2", "torch")]),
    "a distribution": (
        lambda: Noise(lambda h: torch.distributions.Poisson(h.exp()).sample()),  # type: ignore[no-untyped-call]
        [("2", "torch")],
    ),
    "what takes no other generator": (
        lambda: By(lambda h: torch.ops.aten.native_dropout(h, 0.5, True)[0]),
        [("2", "torch")],
    ),
    "inside": (
        lambda: nn.Sequential(nn.Tanh(), nn.Sequential(Noise(torch.rand_like))),
        [("2.1.0", "torch")],
    ),
    "in evaluation": (
        lambda: By(lambda h, on: h if on else h + torch.rand_like(h), knows_mode=True),
        [("2", "torch")],
    ),
    "numpy": (lambda: Noise(lambda h: np.random.normal()), [("2", "numpy")]),
    "Python": (lambda: Noise(lambda h: random.random()), [("2", "Python")]),
    "a generator of its own": (lambda: Noise(lambda h: torch.rand(8, generator=OWN)), []),
    "dropout of torch": (lambda: nn.Dropout(0.2), []),
    "nothing": (nn.Identity, []),
}


@pytest.mark.parametrize("name", list(DRAWS))
def test_whatever_else_draws_is_named(name: str) -> None:
    make, expected = DRAWS[name]
    for role, network in (("generator", maker(make())), ("discriminator", judge(make()))):
        before, parts = torch.get_rng_state(), {role: network}
        notice = Trainer(SMALL, **parts).notice  # type: ignore[arg-type]
        assert torch.equal(torch.get_rng_state(), before)
        assert (notice is None) == (not expected)
        for place, library in expected:
            layer = type(network.get_submodule(place)).__name__
            said = f"The {role} you passed draws from {library}'s global random generator"
            assert said in str(notice)
            assert f"in '{place}' ({layer})" in str(notice)


def test_several_places_are_all_named() -> None:
    network = nn.Sequential(nn.RReLU(), Noise(torch.rand_like), nn.Tanh())
    found = drawers(network, torch.ones(4, 2))
    assert [(name, whose) for name, _, whose in found] == [("0", "torch"), ("1", "torch")]


def test_a_network_that_draws_by_itself_is_named_as_a_whole() -> None:
    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = judge()

        def forward(self, x: Tensor) -> Any:
            return self.body(x + torch.randn_like(x))

    notice = Trainer(SMALL, discriminator=Whole()).notice
    assert "its own forward (Whole)" in str(notice)
