"""What everything registered must keep to: add a function to a registry and it is tested here.

What the entries of each registry must keep to stands in the files beside this one.
"""

from typing import Any

import pytest

from ganviz import CHARTS, DATASETS, INSTRUMENTS, LOSSES, METRICS, NETWORKS, PENALTIES, PRESETS

ALL = (LOSSES, PENALTIES, DATASETS, NETWORKS, METRICS, INSTRUMENTS, CHARTS, PRESETS)


@pytest.mark.parametrize("registry", ALL, ids=lambda registry: registry.kind)
def test_every_entry_can_be_shown(registry: Any) -> None:
    labels = {entry.label for entry in registry.values()}
    assert len(labels - {""}) == len(registry) > 0
    for name, entry in registry.items():
        assert entry.summary.endswith("."), f"{name}: {entry.summary}"
        for option in entry.options.values():
            assert option.help, f"{name}: {option.name} is not documented under Args"
            assert option.check(option.default) == option.default
            # A form draws the options of all but charts, and needs to know the ends of numbers.
            ends = option.choices or option.bounds or option.type is str
            assert registry is CHARTS or ends, f"{name}: {option.name}"
