"""Measurements in several slices, between which the run goes on, are of the moment they began."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ganviz import RunConfig, Trainer
from ganviz.instruments import Gaps, Kit, Meter, Quality, Saturation
from ganviz.trainer.lens import Lens
from ganviz.trainer.probe import Probe

IMAGES = RunConfig(dataset="digits", network="conv", width=4, batch_size=16, ema=0.9)

Read = tuple[Meter, Callable[[], NDArray[np.float64]]]


def gaps(lens: Lens) -> Read:
    found = Kit(lens).of(Gaps)
    return found, lambda: np.stack(list(found.rows.values()))


def saturation(lens: Lens) -> Read:
    found = Kit(lens).of(Saturation)

    def read() -> NDArray[np.float64]:
        assert found.found is not None
        return np.stack([slopes.astype(float) for slopes in found.found.of.values()])

    return found, read


def quality(lens: Lens) -> Read:
    found = Kit(lens).of(Quality)
    return found, lambda: np.array(found._rows)


@pytest.mark.parametrize("make", [gaps, saturation, quality])
def test_what_the_run_does_between_slices_is_not_seen(make: Callable[[Lens], Read]) -> None:
    read = []
    for goes_on in (False, True):
        trainer = Trainer(IMAGES)
        for _ in range(3):
            trainer.step()
        instrument, rows = make(trainer.lens())
        slices = 0
        for _ in instrument.measure(3):
            slices += 1
            if goes_on:
                trainer.step()
        assert slices > 1
        read.append(rows())
    np.testing.assert_array_equal(read[0], read[1])


@pytest.mark.parametrize("size", [3, 8, 100])
def test_an_update_in_parts_is_the_whole_one(size: int) -> None:
    rng = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, 20, 5, dtype=torch.float64, generator=rng)
    ends = []
    for whole in (True, False):
        network = torch.nn.Linear(5, 1, dtype=torch.float64)
        with torch.no_grad():
            for p in network.parameters():
                p.copy_(torch.linspace(-1, 1, p.numel(), dtype=p.dtype).reshape(p.shape))
        probe = Probe(network, RunConfig(dtype="float64"))
        for _ in range(5):
            if whole:
                probe.learn(real, fake, 0.01)
            else:
                parts = list(probe.learn_in_parts(real, fake, 0.01, size))
                assert len(parts) == -(-20 // size)
        ends.append(probe.player.flat.clone())
    torch.testing.assert_close(*ends, rtol=0, atol=1e-12)
