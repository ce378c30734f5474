"""The state of a run: flat tensors and JSON, from which the next iterations are the same bits."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganviz import RunConfig, Target, Trainer
from ganviz.trainer import State, one_thread

SMALL = RunConfig(width=8, batch_size=16, latent_dim=3, steps=40)


def dropping() -> dict[str, Any]:
    """Networks with Dropout, which draws from streams of the run, and batch statistics."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        g = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.3), nn.Linear(8, 2))
        d = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
    target = Target(lambda n, rng: torch.randn(n, 2, generator=rng), 2)
    return {"target": target, "generator": g, "discriminator": d}


KINDS: dict[str, Callable[[], Trainer]] = {
    "plain": lambda: Trainer(SMALL),
    "no average": lambda: Trainer(SMALL.replace(ema=0.0)),
    "probe": lambda: Trainer(SMALL.replace(loss="hinge", d_steps=2)),
    "momentum": lambda: Trainer(SMALL.replace(optimizer="sgd", momentum=-0.3, lr_d=0.01)),
    "spectral": lambda: Trainer(SMALL.replace(spectral_norm=True, dtype="float64")),
    "simultaneous": lambda: Trainer(SMALL.replace(update="simultaneous", instance_noise=0.2)),
    "dropout": lambda: Trainer(SMALL.replace(d_steps=2), **dropping()),
    "frozen G": lambda: Trainer(SMALL.replace(g_steps=0)),
}


def steps(trainer: Trainer, n: int) -> Trainer:
    with one_thread():
        for _ in range(n):
            trainer.step()
    return trainer


def made(kind: str, half: bool) -> Trainer:
    trainer = steps(KINDS[kind](), 6)
    if half:
        trainer.discriminator_step()
    trainer.edit(lr_d=3e-3)
    return trainer


def read(state: State) -> State:
    """As a file would give it back."""
    tensors = {name: tensor.clone() for name, tensor in state.tensors.items()}
    return State(tensors, json.loads(json.dumps(state.rest)))


@pytest.mark.parametrize("half", [False, True], ids=["between iterations", "between halves"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_state_is_flat_and_its_rest_is_json(kind: str, half: bool) -> None:
    trainer = made(kind, half)
    state = trainer.state()
    places = set()
    for name, tensor in state.tensors.items():
        assert isinstance(tensor, Tensor), name
        assert tensor.is_contiguous(), name
        assert not tensor.requires_grad, name
        # Its own memory, all of it: a view of a buffer would be saved with the whole buffer.
        assert tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size(), name
        places.add(tensor.untyped_storage().data_ptr())
    assert len(places) == len(state.tensors)
    assert state.tensors["streams.data"].dtype == torch.uint8
    for role in ("generator", "discriminator"):
        for name, tensor in getattr(trainer, role).state_dict().items():
            assert torch.equal(state.tensors[f"{role}.network.{name}"], tensor)
    assert read(state).rest == state.rest
    assert any(name.startswith("half.") for name in state.tensors) == half
    assert (state.rest["iteration"], state.rest["events"]) == (6, [[6 + half, "lr_d", 3e-3]])


@pytest.mark.parametrize("half", [False, True], ids=["between iterations", "between halves"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_run_goes_on_from_it_bit_for_bit(kind: str, half: bool) -> None:
    whole = made(kind, half)
    state = read(whole.state())
    kept = {name: tensor.clone() for name, tensor in state.tensors.items()}
    loaded, branched = (
        KINDS[kind](),
        Trainer.branch(state, **(dropping() if "drop" in kind else {})),
    )
    loaded.load(state)
    for trainer in (loaded, branched):
        assert (trainer.iteration, trainer.phase) == (whole.iteration, whole.phase)
        assert (trainer.config, trainer.current) == (whole.config, whole.current)
        assert trainer.events == whole.events
        assert trainer.notice is None
    for trainer in (whole, loaded, branched):
        steps(trainer, 8)
    expected = {name: column[-8:] for name, column in whole.history.columns().items()}
    for trainer in (loaded, branched):
        for name, column in trainer.history.columns().items():
            assert np.array_equal(column, expected[name], equal_nan=True), name
        z = [torch.Generator().manual_seed(1) for _ in range(2)]
        assert torch.equal(trainer.sample(9, z[0]), whole.sample(9, z[1]))
        for name, tensor in whole.state().tensors.items():
            assert torch.equal(trainer.state().tensors[name], tensor), name
    for name, tensor in state.tensors.items():
        assert torch.equal(tensor, kept[name])  # whoever goes on from a state leaves it as it is


@pytest.mark.parametrize("d_steps", [1, 2, 3])
def test_what_d_left_is_saved_once(d_steps: int) -> None:
    trainer = Trainer(SMALL.replace(d_steps=d_steps))
    trainer.discriminator_step()
    left = [name.split(".")[2] for name in trainer.state().tensors if ".updates." in name]
    # The first update, which the history records, and the last one, where G begins.
    assert set(left) == ({"0"} if d_steps == 1 else {"0", "1"})


@pytest.mark.parametrize("g_steps", [0, 1])
def test_samples_get_a_graph_back_where_g_learns_from_them(g_steps: int) -> None:
    config = SMALL.replace(g_steps=g_steps)
    trainer, loaded = Trainer(config), Trainer(config)
    trainer.discriminator_step()
    loaded.load(trainer.state())
    for run in (trainer, loaded):
        assert run._progress.expect_generator().last.fake.requires_grad == (g_steps > 0)


class Counting(nn.Linear):
    """Keeps what it is given beside its weights."""

    def __init__(self, extra: Any) -> None:
        super().__init__(3, 2)
        self.extra = extra

    def get_extra_state(self) -> Any:
        return self.extra

    def set_extra_state(self, state: Any) -> None:
        self.extra = state


def test_what_a_module_keeps_beside_its_weights_is_a_tensor_or_is_named() -> None:
    trainer = Trainer(SMALL, generator=nn.Sequential(Counting(7)))
    steps(trainer, 1)
    complaint = r"^the state of Sequential has '0\._extra_state', which is no tensor \(int\), so"
    with pytest.raises(ValueError, match=complaint):
        trainer.state()
    other = Trainer(SMALL, generator=nn.Linear(3, 2))
    with pytest.raises(ValueError, match="a generator with other weights"):
        Trainer.branch(other.state(), target=other.target, generator=Counting(7))
    first, second = (Trainer(SMALL, generator=Counting(torch.full((2,), n))) for n in (1, 2))
    second.load(first.state())
    assert second.state().tensors["generator.network._extra_state"].tolist() == [1, 1]


def test_weights_that_do_not_learn_are_those_of_the_state_in_the_average_too() -> None:
    def frozen(value: float) -> nn.Module:
        fixed = nn.Linear(3, 4).requires_grad_(False)
        nn.init.constant_(fixed.weight, value)
        return nn.Sequential(fixed, nn.Linear(4, 2))

    whole = steps(Trainer(SMALL, generator=frozen(1.0)), 3)
    other = Trainer(SMALL, generator=frozen(2.0))
    other.load(whole.state())
    z = [torch.Generator().manual_seed(1) for _ in range(2)]
    assert torch.equal(other.sample(9, z[0]), whole.sample(9, z[1]))


def test_rows_are_handed_on_all_and_once() -> None:
    trainer, taken, late = Trainer(SMALL), list[int](), list[int]()
    steps(trainer, 3)
    trainer.hand_rows_to(lambda rows: taken.extend(rows["step"].astype(int)))
    steps(trainer, 70)
    trainer.snapshot()
    trainer.hand_rows_to(lambda rows: late.extend(rows["step"].astype(int)))
    steps(trainer, 130)
    assert len(trainer.history) == 203
    assert taken == list(range(4, 204))
    assert late == list(range(74, 204))
    state = Trainer(SMALL).state()
    trainer.load(state)
    steps(trainer, 2)
    assert len(trainer.history) == 2
    assert taken[-2:] == [1, 2]


def test_whoever_takes_rows_gets_those_of_the_history() -> None:
    trainer = Trainer(SMALL.replace(loss="hinge"))
    taken: list[Any] = []
    trainer.hand_rows_to(taken.append)
    steps(trainer, 70)
    history = trainer.history.columns()
    for name in history:
        column = np.concatenate([rows[name] for rows in taken])
        assert np.array_equal(column, history[name], equal_nan=True), name
    assert not taken[0]["value"].flags.writeable
