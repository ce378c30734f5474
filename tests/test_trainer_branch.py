"""A run that goes on from the state of another with some settings changed."""

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ganviz import ConfigError, RunConfig, Target, Trainer
from ganviz.snapshot import Event
from ganviz.trainer import State
from tests.pseudo import pseudo, unwrapped
from tests.test_trainer_state import SMALL, dropping, steps

OPTIMISER = "The optimiser is another one and begins with empty moments."
SEED = "The seed is another one: data and noise come from new streams."
AVERAGE = "The moving average of G begins at its present weights."
PROBE = "The probe is a new one and has yet to learn."
FREQUENCIES = "D's random frequencies stay those that the run began with."


def state_of(half: bool = False, **changes: Any) -> State:
    trainer = steps(Trainer(SMALL.replace(**changes)), 5)
    if half:
        trainer.discriminator_step()
    return trainer.state()


def networks(state: State) -> dict[str, torch.Tensor]:
    """The players' own."""
    players = "generator.network.", "discriminator.network."
    return {name: tensor for name, tensor in state.tensors.items() if name.startswith(players)}


@pytest.mark.parametrize("half", [False, True])
def test_a_live_setting_changes_as_by_an_edit(half: bool) -> None:
    state = state_of(half)
    edited, branched = Trainer(SMALL), Trainer.branch(state, lr_d=5e-3, d_steps=2)
    edited.load(state)
    edited.edit(lr_d=5e-3, d_steps=2)
    begins = 5 + half
    assert branched.events == (Event(begins, "lr_d", 5e-3), Event(begins, "d_steps", 2))
    assert branched.config == SMALL
    assert branched.notice is None
    for trainer in (edited, branched):
        steps(trainer, 5)
    assert branched.current.lr_d == 5e-3
    for name, column in edited.history.columns().items():
        expected = column[-5:]
        assert np.array_equal(branched.history[name], expected, equal_nan=True), name


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize(
    ("before", "changes", "said"),
    [
        ({}, {"steps": 100, "lr_schedule": "linear"}, ""),
        ({}, {"penalty": "r1", "penalty_weight": 1.0, "batch_size": 32}, ""),
        ({}, {"loss": "minimax", "beta1": 0.9, "latent": "uniform"}, ""),
        ({}, {"update": "simultaneous", "unroll": 1, "instance_noise": 0.1}, ""),
        ({}, {"dataset": "grid", "ema": 0.5, "consensus": 0.1}, ""),
        ({}, {"dtype": "float64", "clip": 0.5}, ""),
        ({}, {"ema": 0.0}, ""),
        ({}, {"network_options": {"activation": "silu"}}, ""),
        ({}, {"optimizer": "sgd"}, OPTIMISER),
        ({"optimizer": "sgd"}, {"momentum": 0.5}, OPTIMISER),
        ({}, {"seed": 1}, SEED),
        ({"ema": 0.0}, {"ema": 0.9}, AVERAGE),
        ({"loss": "hinge", "probe": False}, {"probe": True}, PROBE),
        ({}, {"loss": "hinge"}, PROBE),
        ({"fourier": 4}, {"fourier_scale": 3.0}, FREQUENCIES),
        ({"ema": 0.0}, {"ema": 0.9, "seed": 2, "optimizer": "rmsprop"},
         f"{OPTIMISER} {AVERAGE} {SEED}"),
    ],
    ids=str,
)  # fmt: skip
def test_what_keeps_the_shapes_may_change_and_what_begins_anew_is_said(
    before: dict[str, Any], changes: dict[str, Any], said: str, half: bool
) -> None:
    state = state_of(half, **before)
    branch = Trainer.branch(state, **changes)
    assert branch.config == SMALL.replace(**before).replace(**changes)
    assert branch.current == branch.config
    assert str(branch.notice or "") == said
    for name, tensor in networks(branch.state()).items():
        assert torch.equal(tensor, state.tensors[name].to(tensor.dtype)), name
    steps(branch, 3)
    assert branch.history["step"].tolist() == [6, 7, 8]
    assert np.isfinite(branch.history["d_loss"]).all()
    with pseudo():
        assert unwrapped(str(branch.notice or "")) == []


def test_another_optimiser_has_no_moments_and_the_same_one_keeps_them() -> None:
    state = state_of()
    for optimizer, counts in (("rmsprop", 0), ("adam", 5)):
        branch = Trainer.branch(state, optimizer=optimizer)
        tensors = branch.state().tensors
        assert tensors["generator.optimiser.count"].item() == counts
        moments = [tensor for name, tensor in tensors.items() if ".moments." in name]
        assert all(bool(moment.any()) == (counts > 0) for moment in moments)


def test_another_seed_draws_from_its_own_streams() -> None:
    state = state_of()
    fresh, branch = Trainer(SMALL.replace(seed=3)).state(), Trainer.branch(state, seed=3).state()
    for name in fresh.tensors:
        if name.startswith("streams.") and name != "streams.initialisation":
            assert torch.equal(branch.tensors[name], fresh.tensors[name])
            assert not torch.equal(branch.tensors[name], state.tensors[name])


def test_an_average_begins_at_the_present_weights() -> None:
    branch = Trainer.branch(state_of(ema=0.0), ema=0.9)
    z = [torch.Generator().manual_seed(1) for _ in range(2)]
    playing = Trainer.branch(branch.state(), ema=0.0)
    assert torch.equal(branch.sample(9, z[0]), playing.sample(9, z[1]))
    assert branch.state().rest["average_updates"] == 0


def test_rows_of_a_half_made_before_a_change_stand_beside_those_after_it() -> None:
    """A probe that is new has seen nothing of the batch that D's half looked at."""
    branch = steps(Trainer.branch(state_of(True, loss="hinge", probe=False), probe=True), 3)
    assert np.isfinite(branch.history["value"]).tolist() == [False, True, True]
    branch = steps(Trainer.branch(state_of(True), batch_size=32), 3)
    assert np.isfinite(branch.history["value"]).all()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"width": 16}, "width"),
        ({"depth": 3}, "depth"),
        ({"depth_g": 1}, "depth_g"),
        ({"latent_dim": 5}, "latent_dim"),
        ({"spectral_norm": True}, "spectral_norm"),
        ({"minibatch_std": True}, "minibatch_std"),
        ({"packing": 2}, "packing"),
        ({"fourier": 4}, "fourier"),
        ({"dataset": "digits"}, "dataset"),
        ({"network": "affine", "latent_dim": 2}, "latent_dim"),
        ({"seed": 2, "network_options": {"activation": "silu"}, "width": 4}, "width"),
        ({"lr_d": 0.1, "ema": 0.5, "packing": 4}, "packing"),
    ],
    ids=str,
)
def test_a_change_of_shapes_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(
        ConfigError, match=f"{field} cannot change in a branch, as the shapes"
    ) as it:
        Trainer.branch(state_of(), **changes)
    assert it.value.field == field
    with pseudo():
        assert unwrapped(it.value.complaint) == []


def test_a_family_with_other_weights_is_named() -> None:
    with pytest.raises(ConfigError) as error:
        Trainer.branch(state_of(latent_dim=2), network="affine")
    assert error.value.field == "network"


@pytest.mark.parametrize("beside", [{}, {"ema": 0.5}], ids=str)
def test_dataset_options_that_change_the_shape_are_named(beside: dict[str, Any]) -> None:
    state = state_of(dataset="projected_ring", dataset_options={"dim": 8})
    with pytest.raises(ConfigError) as error:
        Trainer.branch(state, dataset_options={"dim": 16}, **beside)
    assert error.value.field == "dataset_options"


def test_a_setting_that_fits_only_beside_another_one_is_named() -> None:
    with pytest.raises(ConfigError) as error:
        Trainer.branch(state_of(network="affine", latent_dim=2), dataset="mixture", latent_dim=1)
    assert error.value.field == "dataset"
    with pytest.raises(ConfigError) as error:
        Trainer.branch(state_of(), batch_size=18, packing=3)
    assert error.value.field == "packing"


def test_a_value_that_is_not_valid_is_refused_as_ever() -> None:
    with pytest.raises(ConfigError, match="ema"):
        Trainer.branch(state_of(), ema=2.0)
    with pytest.raises(ConfigError, match="no known setting"):
        Trainer.branch(state_of(), nothing=1)


def test_own_parts_are_given_again() -> None:
    own = dropping()
    state = steps(Trainer(SMALL, **own), 4).state()
    branch = Trainer.branch(state, **dropping(), ema=0.5, seed=1)
    assert str(branch.notice) == SEED
    assert branch.config.dataset == "custom"
    steps(branch, 2)
    with pytest.raises(ConfigError, match="target="):
        Trainer.branch(state)
    with pytest.raises(ValueError, match="a generator with other weights: its data had another"):
        Trainer.branch(state, target=own["target"])


@pytest.mark.parametrize("changes", [{}, {"ema": 0.5}, {"steps": 50}, {"width": 16}], ids=str)
@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_a_part_of_ones_own_that_does_not_fit_is_named_and_no_setting(
    role: str, changes: dict[str, Any]
) -> None:
    state = steps(Trainer(SMALL, **dropping()), 2).state()
    other = {"generator": nn.Linear(3, 2), "discriminator": nn.Linear(2, 1)}
    complaint = f"^the state is of a {role} with other weights: pass one built alike$"
    with pytest.raises(ValueError, match=complaint):
        Trainer.branch(state, **dropping() | {role: other[role]}, **changes)


def normal(dim: int) -> Target:
    return Target(lambda n, rng: torch.randn(n, dim, generator=rng), dim)


@pytest.mark.parametrize("changes", [{}, {"ema": 0.5}, {"width": 16}], ids=str)
def test_data_of_ones_own_that_do_not_fit_are_named_and_no_setting(changes: dict[str, Any]) -> None:
    complaint = "generator with other weights: its data had another shape, or it was your own; pass"
    with pytest.raises(ValueError, match=complaint):
        Trainer.branch(Trainer(SMALL, target=normal(2)).state(), target=normal(3), **changes)
    with pytest.raises(ValueError, match=complaint):
        Trainer.branch(state_of(), target=normal(3), **changes)


@pytest.mark.parametrize("own", [{}, {"generator": nn.Linear(3, 2)}], ids=["built", "own G"])
def test_a_setting_that_changes_shapes_is_named_beside_parts_of_ones_own(
    own: dict[str, Any],
) -> None:
    state = Trainer(SMALL, target=normal(2), **own).state()
    with pytest.raises(ConfigError) as error:
        Trainer.branch(state, target=normal(2), **own, ema=0.5, width=16, steps=50)
    assert error.value.field == "width"


def test_own_networks_on_a_registered_dataset_are_given_it_again() -> None:
    own = {name: part for name, part in dropping().items() if name != "target"}
    data: dict[str, Any] = {"dataset": "grid", "dataset_options": {"std": 0.1}}
    whole = steps(Trainer(SMALL.replace(**data), **own), 3)
    state = whole.state()
    again = [Trainer.branch(state, **deepcopy(own), **given)
             for given in ({"target": whole.target}, data)]  # fmt: skip
    steps(whole, 3)
    for branch in again:
        steps(branch, 3)
        for name, column in branch.history.columns().items():
            assert np.array_equal(column, whole.history[name][-3:], equal_nan=True), name


def test_a_probe_of_another_shape_begins_anew() -> None:
    state = steps(Trainer(SMALL.replace(loss="hinge"), **dropping()), 3).state()
    assert any(name.startswith("probe.") for name in state.tensors)
    branch = Trainer.branch(state, **dropping(), width=16)
    assert str(branch.notice) == PROBE
    assert Trainer.branch(state, **dropping(), steps=50).notice is None
    assert np.isfinite(steps(branch, 2).history["value"]).all()


@pytest.mark.parametrize(
    "changes", [{"lr_d": -1.0}, {"g_steps": 0}, {"ema": 2.0}, {"nothing": 1}], ids=str
)
def test_a_value_that_is_not_valid_takes_no_module_away(changes: dict[str, Any]) -> None:
    own, alone = dropping(), Trainer(SMALL, **dropping())
    trainer = Trainer(SMALL, **own)
    for run in (trainer, alone):
        run.edit(d_steps=0)
        steps(run, 2)
    with pytest.raises(ConfigError):
        Trainer.branch(trainer.state(), **own, **changes)
    steps(trainer, 2)
    steps(alone, 2)
    assert np.array_equal(trainer.history["g_loss"], alone.history["g_loss"])


def test_copies_of_modules_let_the_run_that_they_play_in_go_on() -> None:
    own, alone = dropping(), steps(Trainer(SMALL, **dropping()), 8)
    trainer = steps(Trainer(SMALL, **own), 4)
    branch = Trainer.branch(trainer.state(), **deepcopy(own), lr_g=0.1)
    for _ in range(4):
        steps(branch, 1)
        steps(trainer, 1)
    assert np.array_equal(trainer.history["g_loss"], alone.history["g_loss"])
    assert not np.array_equal(branch.history["g_loss"], alone.history["g_loss"][-4:])


def test_a_state_of_another_config_is_for_branches_only() -> None:
    with pytest.raises(ValueError, match="another config"):
        Trainer(RunConfig()).load(state_of())
