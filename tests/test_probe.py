"""The probe: whose logits V is of, that no player notices it, and that its V is that of theory."""

import math
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

import ganviz
from ganviz import CHARTS, LOSSES, Diverged, RunConfig, Trainer
from ganviz.trainer.probe import Probe
from tests.test_tricks import BASE, EXACT, STILL, Play, heard

CRITIC = BASE.replace(loss="hinge", optimizer="adam", lr_d=1e-2, lr_g=1e-2)
OF_D = ["value", "value_se", "d_term", "g_term", "d_real", "d_fake", "d_fake_after", "acc_real",
        "acc_fake"]  # fmt: skip


def probe_of(trainer: Trainer) -> Probe:
    assert trainer._game.probe is not None
    return trainer._game.probe


@pytest.mark.parametrize("loss", list(LOSSES))
def test_v_is_of_d_where_d_is_a_probability_of_one_sample(loss: str) -> None:
    is_logit = LOSSES[loss].facts["critic"] == "logit"
    own = "discriminator" if is_logit else "probe"
    for changes, expected in (
        ({}, own),
        ({"packing": 2}, "probe"),
        ({"minibatch_std": True}, "probe"),
    ):
        trainer = Trainer(BASE.replace(loss=loss, **changes))
        assert trainer.value_source == trainer.snapshot().value_source == expected
        unwatched = Trainer(BASE.replace(loss=loss, probe=False, **changes))
        assert unwatched.value_source == (
            "discriminator" if expected == "discriminator" else "none"
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "hinge"},
        {"loss": "wasserstein", "penalty": "wgan_gp", "d_steps": 3, "optimizer": "rmsprop"},
        {"packing": 4, "instance_noise": 0.3, "g_steps": 2},
        {"minibatch_std": True, "update": "simultaneous", "unroll": 1},
        {"loss": "relativistic", "consensus": 0.5, "spectral_norm": True, "clip": 0.5},
        {"loss": "hinge", "d_steps": 0},
        {"loss": "hinge", "g_steps": 0},
    ],
    ids=str,
)
def test_no_player_notices_the_probe(changes: dict[str, Any]) -> None:
    watched, alone = (Trainer(CRITIC.replace(probe=p, **changes)) for p in (True, False))
    for _ in range(8):
        watched.step()
        alone.step()
    mine, its = (trainer.state().tensors for trainer in (watched, alone))
    networks = [name for name in its if ".network." in name]
    assert len(networks) >= 8
    for name in (*networks, "streams.data", "streams.latent", "streams.noise"):
        assert torch.equal(mine[name], its[name]), name
    for column in ("d_loss", "g_loss", "penalty", "grad_norm_d", "grad_norm_g"):
        # NaN equal to NaN, all else bit for bit
        np.testing.assert_array_equal(watched.history[column], alone.history[column])
    assert np.isfinite(watched.history["value"]).all()


@pytest.mark.parametrize("changes", [{"loss": "hinge"}, {"packing": 2}], ids=str)
def test_without_a_probe_nothing_is_shown_that_is_not_known(changes: dict[str, Any]) -> None:
    trainer = ganviz.train(BASE.replace(probe=False, **changes))
    frame = trainer.history.to_pandas()
    assert frame[OF_D].isna().all(axis=None)
    assert frame.drop(columns=OF_D).notna().all(axis=None)
    snapshot = trainer.snapshot()
    assert (snapshot.real_logits.shape, snapshot.fake_logits.shape) == ((0,), (0,))
    assert snapshot.surface is None
    assert len(snapshot.samples) == 512
    for entry in CHARTS.values():
        entry.fn({"run": snapshot}).to_plotly_json()
        entry.fn({"run": snapshot, "other": Trainer(BASE).snapshot()}).to_plotly_json()


def test_the_columns_are_the_probes_and_it_learns_by_adam_once_an_iteration() -> None:
    play = Play(CRITIC.replace(d_steps=3, optimizer="sgd", grad_clip=1e-3, penalty="r1"))
    probe = deepcopy(probe_of(play.trainer).player.network)
    adam = torch.optim.Adam(probe.parameters(), lr=1e-2, betas=(0.5, 0.99))
    play.trainer.step()
    on_real, on_fake = probe(play.real), probe(play.g(play.z).detach())
    terms = ganviz.value_terms(on_real, on_fake)
    assert play["value"] == pytest.approx(terms.value.item(), rel=EXACT)
    assert play["d_term"] == pytest.approx(terms.d_term.item(), rel=EXACT)
    assert play["d_real"] == pytest.approx(on_real.sigmoid().mean().item(), rel=EXACT)
    assert play["acc_fake"] == (on_fake < 0).double().mean().item()
    torch.autograd.backward(-terms.value)
    adam.step()
    learnt = parameters_to_vector(probe_of(play.trainer).player.network.parameters())
    torch.testing.assert_close(learnt, parameters_to_vector(probe.parameters()), rtol=EXACT, atol=0)


def test_d_after_is_the_probe_after_its_update() -> None:
    play = Play(CRITIC)
    play.trainer.step()
    after = probe_of(play.trainer).player.network(play.g(play.z)).sigmoid().mean().item()
    assert play["d_fake_after"] == pytest.approx(after, rel=EXACT)


def test_the_probe_goes_on_learning_where_d_is_frozen() -> None:
    trainer = ganviz.train(CRITIC.replace(d_steps=0, g_steps=1, lr_g=1e-300, steps=300, width=32))
    values = trainer.history["value"]
    # an untrained G is far from the ring: the probe tells them apart, and V leaves -ln 4 = -1.386
    assert values[0] < -1.2
    assert values[-50:].mean() > -1.0


def test_the_probe_sees_the_noise_that_d_sees() -> None:
    play = Play(CRITIC.replace(instance_noise=0.7, batch_size=4096, **STILL))
    seen = heard(probe_of(play.trainer).player.network)
    play.trainer.step()
    fake = play.g(play.z).detach()
    for noise in (seen[0][:4096] - play.real, seen[0][4096:] - fake, seen[1] - fake):
        # 8,192 numbers: their spread is off by 1 / sqrt(2 * 8192) = .8 %
        assert noise.std().item() == pytest.approx(0.7, rel=0.04)


class Shifted(nn.Module):
    """z + 1: with normal z, samples of N(1, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.ones(1))

    def forward(self, z: Tensor) -> Tensor:
        return z + self.shift


@pytest.mark.parametrize("changes", [{"loss": "hinge"}, {"packing": 2}], ids=str)
def test_v_of_the_probe_is_that_of_theory(changes: dict[str, Any]) -> None:
    config = RunConfig(
        dataset="gaussian",
        network_options={"activation": "tanh"},
        width=32,
        latent_dim=1,
        batch_size=1024,
        lr_d=1e-2,
        g_steps=0,
        steps=400,
        **changes,
    )
    trainer = Trainer(config, generator=Shifted())
    for _ in range(400):
        trainer.step()
    # -ln 4 + 2 JSD(N(0, 1), N(1, 1)), by quadrature. 100 batches of 1,024 have a standard error of
    # .002; the rest is what the probe has not learnt yet
    assert trainer.history["value"][-100:].mean() == pytest.approx(-1.16345, abs=0.02)
    surface = trainer.snapshot().surface
    assert surface is not None
    where = np.abs(surface.x - 0.5) < 1
    logits = np.log(surface.discriminator / (1 - surface.discriminator))[where]
    # the best logit is ln p - ln q = (1 - 2x) / 2, here between -1 and 1
    assert np.abs(logits - (0.5 - surface.x[where])).max() < 0.1


def test_a_probe_that_breaks_is_named() -> None:
    trainer = Trainer(CRITIC)
    trainer.step()
    probe_of(trainer).player.flat.fill_(math.nan)
    with pytest.raises(Diverged, match=r"iteration 2: the probe's gradient of 0\.weight is not"):
        trainer.step()
    assert np.isnan(trainer.history["value"][-1])
