"""Every preset does what its lesson says, at one seed and in as few iterations as show it."""

import pytest

from ganviz import PRESETS
from tests.presets import CHECKS


@pytest.mark.parametrize("name", CHECKS)
def test_lesson_comes_true(name: str) -> None:
    assert [str(measured) for measured in CHECKS[name](0) if not measured.holds] == []


def test_every_preset_is_tested_here() -> None:
    assert set(CHECKS) == set(PRESETS)
