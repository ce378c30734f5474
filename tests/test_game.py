"""How the players answer each other: consensus, looking ahead, updates at once, the Dirac-GAN."""

import math
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from ganviz import RunConfig, Target, Trainer
from tests.test_tricks import BASE, EXACT, Play, gradient, r2


def slope(f: Callable[[nn.Module], float], network: nn.Module, step: float = 1e-5) -> Tensor:
    """Central differences of `f` in every parameter: errors of step², about 1e-10."""
    changed, start = deepcopy(network), parameters_to_vector(network.parameters()).detach()

    def at(values: Tensor) -> float:
        vector_to_parameters(values, changed.parameters())
        return f(changed)

    axes = torch.eye(len(start), dtype=start.dtype) * step
    return torch.tensor([(at(start + e) - at(start - e)) / (2 * step) for e in axes]).double()


@pytest.mark.parametrize("loss", ["non_saturating", "relativistic"])
@pytest.mark.parametrize("who", ["discriminator", "generator"])
def test_consensus_adds_half_the_squared_norm_of_both_gradients(who: str, loss: str) -> None:
    frozen = {"discriminator": {"g_steps": 0}, "generator": {"d_steps": 0}}[who]
    play = Play(BASE.replace(loss=loss, consensus=3.0, penalty="r2", probe=False, **frozen))
    beside = r2(play.d, play.g(play.z).detach(), 0.1)

    def energy(d: nn.Module, g: nn.Module) -> float:
        of_d, of_g = play.losses(d, g)
        squares = gradient(of_d, d).square().sum() + gradient(of_g, g).square().sum()
        return (3.0 * squares / 2).item()

    if who == "discriminator":
        own = gradient(play.losses(play.d, play.g).d + beside, play.d)
        pull = slope(lambda d: energy(d, play.g), play.d)
    else:
        own = gradient(play.losses(play.d, play.g).g, play.g)
        pull = slope(lambda g: energy(play.d, g), play.g)
    play.trainer.step()
    assert pull.norm() > 0.1 * own.norm()
    torch.testing.assert_close(play.moved(who), own.detach() + pull, rtol=1e-6, atol=1e-8)
    if who == "discriminator":
        added = beside.item() + energy(play.d, play.g)
        assert play["penalty"] == pytest.approx(added, rel=EXACT)
        assert play["d_loss"] == pytest.approx(play.losses(play.d, play.g).d.item(), rel=EXACT)
    else:
        assert play["g_loss"] == pytest.approx(play.losses(play.d, play.g).g.item(), rel=EXACT)


@pytest.mark.parametrize("who", ["discriminator", "generator"])
def test_consensus_is_of_the_smoothed_loss_where_labels_are_smoothed(who: str) -> None:
    frozen = {"discriminator": {"g_steps": 0}, "generator": {"d_steps": 0}}[who]
    play = Play(BASE.replace(consensus=3.0, label_smoothing=0.4, **frozen))

    def of_d(d: nn.Module, g: nn.Module) -> Tensor:
        on_real, on_fake = d(play.real), d(g(play.z))
        smooth = bce(on_real, torch.full_like(on_real, 0.6))
        return smooth + bce(on_fake, torch.zeros_like(on_fake))

    def energy(d: nn.Module, g: nn.Module) -> float:
        field = (gradient(of_d(d, g), d), gradient(play.losses(d, g).g, g))
        return 1.5 * sum(part.square().sum().item() for part in field)

    if who == "discriminator":
        own, pull = (
            gradient(of_d(play.d, play.g), play.d),
            slope(lambda d: energy(d, play.g), play.d),
        )
    else:
        own = gradient(play.losses(play.d, play.g).g, play.g)
        pull = slope(lambda g: energy(play.d, g), play.g)
    play.trainer.step()
    torch.testing.assert_close(play.moved(who), own.detach() + pull, rtol=1e-6, atol=1e-8)


OPTIMISERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.5, 0.99)),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.99),
}


@pytest.mark.parametrize("optimizer", list(OPTIMISERS))
@pytest.mark.parametrize("unroll", [1, 3])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_unrolling_differentiates_through_ds_next_updates(
    optimizer: str, unroll: int, smoothing: float
) -> None:
    changes: dict[str, Any] = {"optimizer": optimizer, "label_smoothing": smoothing}
    play = Play(BASE.replace(unroll=unroll, **changes))

    def learn(d: nn.Module, g: nn.Module, by: torch.optim.Optimizer) -> None:
        by.zero_grad()
        on_real, on_fake = d(play.real), d(g(play.z).detach())
        torch.autograd.backward(
            bce(on_real, torch.full_like(on_real, 1 - smoothing))
            + bce(on_fake, torch.zeros_like(on_fake))
        )
        by.step()

    def ahead(g: nn.Module) -> float:
        """G's loss against the D that has met the present samples `unroll` times more."""
        d = deepcopy(play.d)
        by = OPTIMISERS[optimizer](d.parameters())
        learn(d, play.g, by)  # D's own half of the iteration
        for _ in range(unroll):
            learn(d, g, by)
        return float(play.losses(d, g).g.item())

    expected = slope(ahead, play.g)
    play.trainer.discriminator_step()
    d = deepcopy(play.trainer.discriminator.state_dict())
    play.trainer.generator_step()
    for name, value in play.trainer.discriminator.state_dict().items():
        assert torch.equal(value, d[name])  # looking ahead moves nothing
    assert play["g_loss"] == pytest.approx(ahead(play.g), rel=1e-6)
    assert play["grad_norm_g"] == pytest.approx(expected.norm().item(), rel=1e-4)
    if optimizer == "sgd":
        torch.testing.assert_close(play.moved("generator"), expected, rtol=1e-5, atol=1e-8)
        still = Play(BASE.replace(unroll=0, **changes))  # against the D that does not answer
        still.trainer.step()
        assert (still.moved("generator") - expected).norm() > 0.01 * expected.norm()


@pytest.mark.parametrize("update", ["simultaneous", "alternating"])
@pytest.mark.parametrize("loss", ["minimax", "relativistic"])
def test_simultaneous_updates_answer_the_d_from_before(update: str, loss: str) -> None:
    play = Play(BASE.replace(update=update, loss=loss, d_steps=1, probe=False))
    play.trainer.discriminator_step()
    new = deepcopy(play.trainer.discriminator)
    play.trainer.generator_step()
    faced = play.d if update == "simultaneous" else new
    expected = gradient(play.losses(faced, play.g).g, play.g)
    torch.testing.assert_close(play.moved("generator"), expected.detach())
    assert play["g_loss"] == pytest.approx(play.losses(faced, play.g).g.item(), rel=EXACT)
    for name, value in play.trainer.discriminator.state_dict().items():
        assert torch.equal(value, new.state_dict()[name])  # the new D is there again
    if loss == "minimax":
        after = faced(play.g(play.z)).sigmoid().mean().item()
        assert play["d_fake_after"] == pytest.approx(after, rel=EXACT)


class Point(nn.Module):
    """All samples at theta = 1."""

    def __init__(self) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.ones(1))

    def forward(self, z: Tensor) -> Tensor:
        return self.theta.expand(len(z), 1)


class Line(nn.Module):
    """D(x) = psi x, from psi = -1: it takes the data at 0 for no better than a coin."""

    def __init__(self) -> None:
        super().__init__()
        self.psi = nn.Parameter(-torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.psi * x


DIRAC = RunConfig(
    loss="minimax",
    optimizer="sgd",
    lr_d=0.2,
    lr_g=0.2,
    lr_schedule="constant",
    batch_size=2,
    latent_dim=1,
    ema=0.0,
    steps=500,
    dtype="float64",
    probe=False,
)
R1: dict[str, Any] = {"penalty": "r1", "penalty_weight": 0.3}
R2: dict[str, Any] = {"penalty": "r2", "penalty_weight": 0.3}
GP: dict[str, Any] = {"loss": "wasserstein", "penalty": "wgan_gp", "penalty_weight": 0.35}


@pytest.mark.parametrize(
    ("changes", "simultaneous", "alternating"),
    [
        ({}, 3.097, 1.4126),
        ({"loss": "relativistic"}, 0.640, 0.27063),
        ({"loss": "non_saturating"}, 0.640, 0.27063),
        (GP, 1.80, 1.2801),
        (R1, 2.64e-6, 2.3827e-7),
        (R2, 2.64e-6, 2.3827e-7),
        ({"consensus": 1.0}, 2.6e-10, 1.7902e-11),
    ],
    ids=["minimax", "relativistic", "non_saturating", "wgan_gp", "r1", "r2", "consensus"],
)
def test_the_dirac_gan_ends_where_it_was_calculated_to(
    changes: dict[str, Any], simultaneous: float, alternating: float
) -> None:
    """Distances from the equilibrium after 500 steps (Mescheder et al. 2018's game).

    The relativistic loss trains G on softplus(-D), as the non-saturating one does.
    """
    target = Target(lambda n, rng: torch.zeros(n, 1), 1, shift=0.0, scale=1.0)
    for update, expected in (("simultaneous", simultaneous), ("alternating", alternating)):
        g, d = Point(), Line()
        config = DIRAC.replace(update=update, **changes)
        trainer = Trainer(config, target=target, generator=g, discriminator=d)
        for _ in range(500):
            trainer.step()
        # the numbers are given to two to five digits
        rel = 1e-2 if expected == 2.6e-10 else 5e-3 if update == "simultaneous" else 1e-4
        assert math.hypot(g.theta.item(), d.psi.item()) == pytest.approx(expected, rel=rel)


def test_the_dirac_wgan_with_clipping_goes_round_for_ever() -> None:
    target = Target(lambda n, rng: torch.zeros(n, 1), 1, shift=0.0, scale=1.0)
    g, d = Point(), Line()
    config = DIRAC.replace(loss="wasserstein", clip=1.0, update="simultaneous")
    trainer = Trainer(config, target=target, generator=g, discriminator=d)
    distances = []
    for _ in range(500):
        trainer.step()
        distances.append(math.hypot(g.theta.item(), d.psi.item()))
    # calculated: between 1.00 and 1.27, for good
    assert 0.995 < min(distances[100:]) < 1.1 < max(distances[100:]) < 1.275
