"""Writes a run to a file. A format is a function of a run and a path, registered by its name."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ganviz.columns import COLUMNS, Array
from ganviz.readings import Readings
from ganviz.registry.names import did_you_mean
from ganviz.report import report
from ganviz.runs import Run
from ganviz.say import _
from ganviz.store import StoreError


class Recorded(Run, Protocol):
    """A run whose rows are kept."""

    def rows(self, until: int | None = None) -> Array:
        """The recorded rows, shape `(n, len(COLUMNS))`."""

    def to_file(self, path: Path) -> None:
        """Write a run file."""


def export(run: Recorded, path: Path | str, format: str) -> None:
    """Write a run to a file.

    Args:
        run: of a `Store`.
        path: of the file, which is replaced where there is one.
        format: "csv" or "parquet" (the history, a row an iteration), "json" (settings, edits,
            history and readings), "html" (a page with every chart) or "run" (everything that is
            kept of it, for `Store.import_file`).

    Raises:
        ValueError: if no format is called that.
        StoreError: if the run has nothing to write.
        OSError: if the file cannot be written.
    """
    if format not in FORMATS:
        raise ValueError(
            _(
                "no format is called {name!r}; {hint}",
                name=format,
                hint=did_you_mean(format, list(FORMATS)),
            )
        )
    FORMATS[format](run, Path(path))


def frame_of(run: Recorded) -> pd.DataFrame:
    """The recorded rows, one an iteration, `step` as whole numbers."""
    return pd.DataFrame(run.rows(), columns=list(COLUMNS)).astype({"step": "int64"})


def _csv(run: Recorded, path: Path) -> None:
    frame_of(run).to_csv(path, index=False)


def _parquet(run: Recorded, path: Path) -> None:
    frame_of(run).to_parquet(path, index=False)


def _json(run: Recorded, path: Path) -> None:
    readings = Readings() if run.latest is None else run.latest.readings
    whole = {
        "id": run.id,
        "label": run.label,
        "status": run.status,
        "config": json.loads(run.config_json),
        "events": [event._asdict() for event in run.events],
        "history": _listed(frame_of(run)),
        "gaps": _listed(readings.gaps),
        "quality": _listed(readings.quality),
        "floors": {name: floor._asdict() for name, floor in readings.floors.items()},
    }
    path.write_text(json.dumps(_finite(whole), indent=1) + "\n", encoding="utf8")


def _html(run: Recorded, path: Path) -> None:
    if run.latest is None:
        raise StoreError(_("Run {run} has nothing to show yet.", run=run.id))
    path.write_text(report(run.latest), encoding="utf8")


def _run(run: Recorded, path: Path) -> None:
    run.to_file(path)


FORMATS: Mapping[str, Callable[[Recorded, Path], None]] = {
    "csv": _csv,
    "parquet": _parquet,
    "json": _json,
    "html": _html,
    "run": _run,
}


def _listed(table: Any) -> dict[str, list[Any]]:
    return {name: np.asarray(table[name]).tolist() for name in table}


def _finite(value: Any) -> Any:
    """Numbers that JSON lacks as null."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
