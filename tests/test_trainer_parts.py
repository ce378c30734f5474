"""Data and networks of a caller's own in the trainer: units, modules, and what does not fit."""

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganviz
from ganviz import RunConfig, Target, Trainer
from ganviz.trainer.streams import Streams

SMALL = RunConfig(width=8, batch_size=16, latent_dim=3, steps=30, dtype="float64")
EXACT = 1e-9
"""float64 rounding (1e-16) grown over a few iterations; a wrong formula shows above 1e-7."""


def far(n: int, rng: torch.Generator) -> Tensor:
    return torch.randn(n, 2, generator=rng).double() * 300 + torch.tensor([5e4, -2e4])


def test_networks_see_standardised_data_and_samples_return_to_data_units() -> None:
    trainer = Trainer(SMALL.replace(batch_size=4096), target=Target(far, 2))
    seen: list[Tensor] = []
    trainer.discriminator.register_forward_pre_hook(lambda _, x: seen.append(x[0].detach()))
    trainer.discriminator_step()
    # mean of 4,096 against the mean of 10,000: standard error .016 * sqrt(1.4) = .019; 5 of them
    assert seen[0][:4096].mean(0).abs().max().item() < 0.1
    assert seen[0][:4096].std().item() == pytest.approx(1, abs=0.05)
    # an untrained G makes values below 1 in size, so its samples lie within 2 scales of the centre
    assert np.allclose(trainer.sample(500).mean(0), [5e4, -2e4], atol=600)


@pytest.mark.parametrize(("scale", "standardised"), [(None, False), (300.0, True)])
def test_own_generator_works_in_data_units_unless_a_scale_is_given(
    scale: float | None, standardised: bool
) -> None:
    own = nn.Linear(3, 2)
    nn.init.zeros_(own.weight)
    nn.init.ones_(own.bias)
    trainer = Trainer(SMALL, target=Target(far, 2, scale=scale), generator=own)
    # G(z) = 1: itself in data units, or one scale above the mean (of 10,000: its error is 3)
    expected = [5e4 + 300, -2e4 + 300] if standardised else [1.0, 1.0]
    assert np.allclose(trainer.sample(4), [expected], rtol=0, atol=15 if standardised else 0)


class OwnGenerator(nn.Module):
    """With a frozen layer and batch statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.fixed = nn.Linear(3, 6).requires_grad_(False)
        self.body = nn.Sequential(nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, 2))

    def forward(self, z: Tensor) -> Tensor:
        made: Tensor = self.body(self.fixed(z))
        return made


class OwnDiscriminator(OwnGenerator):
    """The same over data; gives `(n,)`."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(nn.functional.pad(x, (0, 1))).sum(1)


def test_own_parts_train_and_stay_modules() -> None:
    g, d = OwnGenerator(), OwnDiscriminator()
    target = Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2)
    trainer = Trainer(SMALL, target=target, generator=g, discriminator=d)
    assert (trainer.generator, trainer.discriminator) == (g, d)
    assert trainer.config == SMALL.replace(dataset="custom")
    before, judge = deepcopy([g.state_dict(), d.state_dict()]), deepcopy(d)
    streams = Streams.from_seed(SMALL.seed)
    real = target.sample(16, streams.data).double()
    fake = deepcopy(g)(torch.randn(16, 3, generator=streams.latent, dtype=torch.float64)).detach()
    terms = ganviz.value_terms(judge(real), judge(fake))  # normalised each by its own batch
    for _ in range(5):
        trainer.step()
    assert trainer.history["d_loss"][0] == pytest.approx(-terms.value.item(), abs=EXACT)
    assert trainer.value_source == "probe"  # an output of this D is of its whole batch
    assert np.isfinite(trainer.history.to_pandas()).all(axis=None)
    for network, old in zip((g, d), before, strict=True):
        for name, tensor in network.state_dict().items():
            assert torch.equal(tensor, old[name]) == name.startswith("fixed"), name
    g.load_state_dict(before[0])
    # Still views of one buffer.
    assert torch.equal(trainer._game.g.flat[:6], before[0]["body.0.weight"])
    trainer.step()


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"generator": nn.Linear(3, 5)}, r"generator.*\(2, 2\), got \(2, 5\)"),
        ({"discriminator": nn.Linear(2, 3)}, r"discriminator.*\(2, 1\), got \(2, 3\)"),
        ({"target": Target(lambda n, rng: torch.rand(n, 3), 2)}, r"\(2, 2\), got \(2, 3\)"),
        ({"target": Target(lambda n, rng: torch.ones(n, 2), 2)}, r"spread is 0.0.*scale"),
        ({"generator": nn.Linear(3, 2).requires_grad_(False)}, "Linear has no parameter to train"),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_say_so(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Trainer(SMALL, **parts)
