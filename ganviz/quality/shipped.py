"""Floors that come with the package, so that a run on registered data need not take them first.

`python -m bench.floors --write` takes them anew.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ganviz.readings import Floor

FILE = Path(__file__).with_name("floors.json")
"""Dataset with its default options, to the number of samples, to metric, to the four numbers of a
`Floor`."""


def shipped_floors(dataset: str, n: int) -> Mapping[str, Floor]:
    """Metric to floor, for `n` samples of a dataset with its default options; empty where none are
    shipped.

    >>> shipped_floors("ring", 1000)["modes"]
    Floor(mean=8.0, low=8.0, high=8.0, draws=300)
    """
    found = _read().get(dataset, {}).get(str(n), {})
    return MappingProxyType({metric: Floor(*numbers) for metric, numbers in found.items()})


@cache
def _read() -> dict[str, Any]:
    floors: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return floors
