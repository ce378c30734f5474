"""The data of a run, shared with other runs on the same data, and the floors that are known."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ganviz.config import CUSTOM, RunConfig
from ganviz.datasets import DATASETS
from ganviz.quality.shipped import shipped_floors
from ganviz.readings import Floor
from ganviz.target import Target
from ganviz.trainer.lens import Lens


def shared_target(lens: Lens) -> Target:
    """The lens's data; one object for all runs on the same registered data, so that what was
    learnt of them is kept. Files may change, so data from outside are each run's own."""
    config = lens.config
    if config.dataset == CUSTOM or "needs" in DATASETS[config.dataset].facts:
        return lens.target
    return _registered(config.dataset, config.dataset_options)


def known_floors(config: RunConfig, n: int) -> Mapping[str, Floor]:
    """The floors that are shipped for `n` samples of the run's data; empty where none are."""
    if config.dataset == CUSTOM:
        return {}
    defaults = {name: spec.default for name, spec in config.options_spec("dataset").items()}
    return shipped_floors(config.dataset, n) if config.options("dataset") == defaults else {}


@lru_cache(8)
def _registered(dataset: str, options: tuple[tuple[str, Any], ...]) -> Target:
    target: Target = DATASETS[dataset].fn(**dict(options))
    return target
