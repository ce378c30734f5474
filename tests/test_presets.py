"""Every preset does what its lesson says, at one seed and in as few iterations as show it."""

from pathlib import Path

import pytest

from ganviz import PRESETS, Trainer
from ganviz.levels import V_EQUILIBRIUM
from tests.presets import CHECKS
from tests.presets.base import WINDOW, mean, samples_per_mode, trained


@pytest.fixture(scope="module")
def ring() -> Trainer:
    return trained("ring", 3000)


def test_ring_rises_then_settles_near_the_equilibrium_with_every_mode(ring: Trainer) -> None:
    peak = max(mean(ring, "value", end) for end in range(WINDOW, 2000, WINDOW))
    assert peak > V_EQUILIBRIUM + 0.12
    # The whole run ends at -1.374; half of it is within 0.06 of -ln 4.
    assert mean(ring, "value") == pytest.approx(V_EQUILIBRIUM, abs=0.06)
    assert min(samples_per_mode(ring)) >= 20


def test_grid_takes_longer_than_the_ring(ring: Trainer) -> None:
    counts = samples_per_mode(trained("grid", 3000))
    assert sum(n > 0 for n in counts) >= 20
    assert min(counts) < 20 <= min(samples_per_mode(ring))


@pytest.mark.parametrize("name", CHECKS)
def test_lesson_comes_true(name: str) -> None:
    assert [str(measured) for measured in CHECKS[name](0) if not measured.holds] == []


def test_every_preset_is_tested_here() -> None:
    source = Path(__file__).read_text(encoding="utf8")
    assert set(CHECKS) <= set(PRESETS)
    own = {name for name in PRESETS if f'trained("{name}"' in source}
    assert [name for name in PRESETS if name not in own | set(CHECKS)] == []
