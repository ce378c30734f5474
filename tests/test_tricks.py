"""What D is shown and how it is bounded: each trick against its formula, through the trainer."""

import math
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.utils import parameters_to_vector

import ganviz
from ganviz import LOSSES, RunConfig, Target, Trainer
from ganviz.networks import FourierFeatures, MinibatchStd
from ganviz.trainer.state import under
from ganviz.trainer.streams import Streams

BASE = RunConfig(
    width=5,
    depth=1,
    network_options={"activation": "tanh"},
    latent_dim=2,
    batch_size=8,
    steps=10,
    optimizer="sgd",
    lr_d=0.1,
    lr_g=0.1,
    lr_schedule="constant",
    ema=0.0,
    dtype="float64",
)
"""Smooth networks of 21 and 27 numbers, plain descent: an update is the rate times a gradient."""
EXACT = 1e-9
"""float64's 1e-16, with a few hundred operations behind it."""


class Play:
    """A trainer, copies of its players as they began, and the first batch, drawn again."""

    def __init__(self, config: RunConfig, **parts: Any) -> None:
        self.trainer = Trainer(config, **parts)
        self.config = config
        self.g, self.d = (deepcopy(n) for n in (self.trainer.generator, self.trainer.discriminator))
        streams = Streams.from_seed(config.seed)
        shift, scale = self.trainer.target.standardisation
        drawn = self.trainer.target.sample(config.batch_size, streams.data).double()
        self.real = (drawn - shift) / scale
        shape = (config.batch_size, config.latent_dim)
        self.z = torch.randn(shape, generator=streams.latent, dtype=torch.float64)

    def moved(self, who: str) -> Tensor:
        """How far a player's parameters are from their start, over minus the rate of 0.1."""
        now, start = getattr(self.trainer, who), {"generator": self.g, "discriminator": self.d}[who]
        vectors = [parameters_to_vector(n.parameters()).detach() for n in (now, start)]
        return (vectors[0] - vectors[1]) / -0.1

    def losses(self, d: nn.Module, g: nn.Module) -> Any:
        """Both players' losses on the first batch."""
        return LOSSES[self.config.loss].fn(d(self.real).flatten(), d(g(self.z)).flatten())

    def __getitem__(self, column: str) -> float:
        return float(self.trainer.history[column][0])


def gradient(loss: Tensor, network: nn.Module) -> Tensor:
    parts = torch.autograd.grad(loss, list(network.parameters()), create_graph=True)
    return torch.cat([p.flatten() for p in parts])


def r2(d: nn.Module, x: Tensor, weight: float) -> Tensor:
    """Half the mean squared slope of D at `x`, weighted; at data it is R1."""
    points = x.detach().clone().requires_grad_()
    (steepness,) = torch.autograd.grad(d(points).sum(), points, create_graph=True)
    return weight / 2 * steepness.square().flatten(1).sum(1).mean()


def heard(network: nn.Module) -> list[Tensor]:
    """A list that every input of `network` will be added to."""
    inputs: list[Tensor] = []
    network.register_forward_pre_hook(lambda _, x: inputs.append(x[0].detach().clone()))
    return inputs


@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_label_smoothing_is_cross_entropy_with_a_lower_target(loss: str) -> None:
    play = Play(BASE.replace(loss=loss, label_smoothing=0.1, g_steps=0))
    on_real, on_fake = play.d(play.real), play.d(play.g(play.z))
    expected = bce(on_real, torch.full_like(on_real, 0.9)) + bce(on_fake, torch.zeros_like(on_fake))
    play.trainer.step()
    assert play["d_loss"] == pytest.approx(expected.item(), rel=EXACT)
    torch.testing.assert_close(play.moved("discriminator"), gradient(expected, play.d))
    hard = ganviz.value_terms(on_real, on_fake).value.item()
    assert play["value"] == pytest.approx(hard, rel=EXACT)


class Constant(nn.Module):
    """One number for every sample."""

    def __init__(self) -> None:
        super().__init__()
        self.logit = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.logit.expand(len(x))


def test_smoothed_labels_end_at_the_v_of_theory() -> None:
    config = BASE.replace(label_smoothing=0.1, lr_d=0.5, g_steps=0)
    trainer = Trainer(config, discriminator=Constant())
    for _ in range(100):  # the distance shrinks by 1 - .5 * 2 * .45 * .55 = .75 a step, .75^100
        trainer.step()
    # the best D is a p / (p + q) = .45 for a = .9 and p = q: V = ln .45 + ln .55 = -1.39633
    assert trainer.history["value"][-1] == pytest.approx(math.log(0.45 * 0.55), abs=1e-9)
    assert trainer.history["value"][-1] == pytest.approx(-1.3963, abs=1e-4)
    assert trainer.history["d_real"][-1] == pytest.approx(0.45, abs=1e-9)


STILL = {"lr_d": 1e-300, "lr_g": 1e-300}
"""Rates that move no weight, so that runs differ in what D is shown and in nothing else."""


@pytest.mark.parametrize(
    ("schedule", "shares"), [("linear", [1, 0.75, 0.5, 0.25, 0]), ("constant", [1, 1, 1, 1, 1])]
)
def test_instance_noise_is_added_to_all_that_d_sees(schedule: str, shares: list[float]) -> None:
    config = BASE.replace(batch_size=4096, steps=4, **STILL)
    plain, noisy = (
        Play(config.replace(instance_noise=std, noise_schedule=schedule)) for std in (0.0, 0.7)
    )
    seen = [heard(play.trainer.discriminator) for play in (plain, noisy)]
    for share in shares:
        for play in (plain, noisy):
            play.trainer.step()
        noise = [b - a for a, b in zip(*seen, strict=True)]
        for inputs in seen:
            inputs.clear()
        assert [len(n) for n in noise] == [8192, 4096]  # D's half: both batches; G's half: fakes
        for part in (noise[0][:4096], noise[0][4096:], noise[1]):
            # 8,192 numbers: their spread is off by 1 / sqrt(2 * 8192) = .8 %, their mean by 1.1 %
            assert part.std().item() == pytest.approx(0.7 * share, rel=0.04, abs=1e-12)
            assert part.mean().item() == pytest.approx(0, abs=0.055 * 0.7 * share + 1e-12)
            assert part.T.cov()[0, 1].item() == pytest.approx(0, abs=0.08 * 0.49 * share**2 + 1e-12)
        if share:
            assert not torch.equal(noise[0][4096:], noise[1])  # G faces noise of its own


def test_instance_noise_shifts_no_data_and_v_is_of_what_d_sees() -> None:
    play, plain = Play(BASE.replace(instance_noise=0.7)), Play(BASE)
    seen = heard(play.trainer.discriminator)
    play.trainer.step()
    on_real, on_fake = play.d(seen[0]).chunk(2)
    assert play["value"] == pytest.approx(ganviz.value_terms(on_real, on_fake).value.item())
    for _ in range(4):
        play.trainer.step()
    for _ in range(5):
        plain.trainer.step()
    noisy, quiet = (under(p.trainer.state().tensors, "streams") for p in (play, plain))
    same = {name: torch.equal(noisy[name], quiet[name]) for name in noisy}
    assert [name for name, equal in same.items() if not equal] == ["noise"]


def test_clipping_holds_ds_weights_and_no_others() -> None:
    play = Play(BASE.replace(loss="wasserstein", clip=0.05, probe=False))
    start = parameters_to_vector(play.d.parameters()).detach()
    free = start - 0.1 * gradient(play.losses(play.d, play.g).d, play.d).detach()
    play.trainer.discriminator_step()
    got = parameters_to_vector(play.trainer.discriminator.parameters()).detach()
    torch.testing.assert_close(got, free.clamp(-0.05, 0.05))
    play.trainer.generator_step()
    for _ in range(20):
        play.trainer.step()
        sizes = parameters_to_vector(play.trainer.discriminator.parameters()).abs()
        assert sizes.max().item() == 0.05  # exactly: they are put there
    of_g = parameters_to_vector(play.trainer.generator.parameters()).abs()
    assert of_g.max().item() > 0.3  # its weights begin uniform in ±1/sqrt(2)


@pytest.mark.parametrize("who", ["discriminator", "generator"])
def test_a_clipped_gradient_keeps_its_direction_and_the_record_its_norm(who: str) -> None:
    frozen = {"discriminator": {"g_steps": 0}, "generator": {"d_steps": 0}}[who]
    column = f"grad_norm_{who[0]}"
    free = Play(BASE.replace(**frozen))
    free.trainer.step()
    norm = free[column]
    for share in (0.25, 1.001):
        clipped = Play(BASE.replace(grad_clip=share * norm, **frozen))
        clipped.trainer.step()
        assert clipped[column] == pytest.approx(norm, rel=EXACT)  # before clipping
        expected = free.moved(who) * min(share, 1)
        torch.testing.assert_close(clipped.moved(who), expected)
        assert clipped.moved(who).norm().item() == pytest.approx(min(share, 1) * norm, rel=EXACT)


def test_packing_shows_d_several_samples_of_one_kind() -> None:
    play = Play(BASE.replace(packing=4, penalty="r1"))
    seen = heard(play.trainer.discriminator)
    play.trainer.step()
    fake = play.g(play.z).detach()
    groups = torch.cat([play.real.reshape(2, 8), fake.reshape(2, 8)])
    torch.testing.assert_close(seen[0], groups)
    torch.testing.assert_close(seen[-1], groups[2:])  # what G answers
    on_real, on_fake = play.d(groups).chunk(2)
    assert play["d_loss"] == pytest.approx(
        -ganviz.value_terms(on_real, on_fake).value.item(), rel=EXACT
    )
    penalty = r2(play.d, groups[:2], 0.1).item()  # one norm for each group
    assert play["penalty"] == pytest.approx(penalty, rel=EXACT)


@pytest.mark.parametrize(("penalty", "kinds"), [("r1", [0]), ("r2", [1]), ("r1_r2", [0, 1])])
@pytest.mark.parametrize(
    "changes", [{"instance_noise": 0.7}, {"packing": 2}, {"minibatch_std": True}]
)
def test_a_penalty_is_taken_where_d_looks(
    penalty: str, kinds: list[int], changes: dict[str, Any]
) -> None:
    play = Play(BASE.replace(penalty=penalty, penalty_weight=2.0, g_steps=0, **changes))
    seen = heard(play.trainer.discriminator)
    play.trainer.step()
    batches = torch.cat(seen[:2]).chunk(2) if "minibatch_std" in changes else seen[0].chunk(2)
    extra = sum((r2(play.d, batches[kind], 2.0) for kind in kinds), torch.zeros(()).double())
    assert play["penalty"] == pytest.approx(extra.item(), rel=EXACT)
    loss = LOSSES["non_saturating"].fn(*(play.d(batch).flatten() for batch in batches)).d
    expected = gradient(loss + extra, play.d).detach()
    torch.testing.assert_close(play.moved("discriminator"), expected)


def test_minibatch_std_lets_d_see_the_batch_and_keeps_the_kinds_apart() -> None:
    trainer = Trainer(BASE.replace(minibatch_std=True))
    assert any(isinstance(m, MinibatchStd) for m in trainer.discriminator.modules())
    seen = heard(trainer.discriminator)
    for _ in range(3):
        trainer.step()
    assert [len(x) for x in seen] == 3 * [8, 8, 8]  # data, samples, and samples for G
    x = torch.zeros(2, 2, dtype=torch.float64)
    alone = trainer.discriminator(x)[0]
    x[1] = 3.0
    assert alone.item() != trainer.discriminator(x)[0].item()
    assert not any(isinstance(m, MinibatchStd) for m in trainer.generator.modules())


def test_spectral_norm_holds_every_layer_of_d_at_1() -> None:
    trainer = ganviz.train(BASE.replace(spectral_norm=True, steps=30, optimizer="adam", lr_d=0.01))
    trainer.discriminator.eval()
    layers = [m for m in trainer.discriminator.modules() if isinstance(m, nn.Linear)]
    largest = [torch.linalg.matrix_norm(layer.weight, 2).item() for layer in layers]
    # power iteration lags behind weights that move by .01 an update
    assert largest == pytest.approx([1.0, 1.0], abs=0.02)
    bare = ganviz.train(BASE.replace(steps=30, optimizer="adam", lr_d=0.01))
    free = [
        torch.linalg.matrix_norm(p, 2).item()
        for p in bare.discriminator.parameters()
        if p.ndim == 2
    ]
    assert min(abs(s - 1) for s in free) > 0.05
    assert not any("parametrizations" in name for name, _ in trainer.generator.named_modules())


def test_fourier_features_stand_before_d_and_are_not_trained() -> None:
    changes: dict[str, Any] = {"fourier": 400, "fourier_scale": 3.0, "steps": 5}
    trainer = Trainer(BASE.replace(**changes))
    (features,) = (m for m in trainer.discriminator.modules() if isinstance(m, FourierFeatures))
    before = features.frequencies.clone()
    assert before.shape == (400, 2)
    # 800 numbers: their spread is off by 1 / sqrt(1600) = 2.5 %
    assert before.std().item() == pytest.approx(3.0, rel=0.1)
    trainer.step()
    assert torch.equal(features.frequencies, before)
    first = next(m for m in trainer.discriminator.modules() if isinstance(m, nn.Linear))
    assert first.in_features == 2 + 2 * 400
    assert not any(isinstance(m, FourierFeatures) for m in trainer.generator.modules())


def test_own_data_and_players_can_use_every_trick() -> None:
    target = Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2)
    config = BASE.replace(update="simultaneous", consensus=0.1, instance_noise=0.1, packing=2)
    trainer = Trainer(config, target=target, discriminator=nn.Linear(4, 1))
    for _ in range(5):
        trainer.step()
    assert trainer.value_source == "probe"
    assert trainer.history.to_pandas().notna().all(axis=None)
