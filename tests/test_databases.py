"""The databases of past releases are read, and go on, whatever has become of the tables since."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ganviz import Store, resume
from ganviz.store.migrations import MIGRATIONS
from tests.databases.make import HERE

FILES = sorted(HERE.glob("v*.db"))


def test_every_version_of_the_tables_has_its_file() -> None:
    assert [path.stem for path in FILES] == [f"v{n + 1}" for n in range(len(MIGRATIONS))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_database_of_a_past_release_is_read_whole(path: Path, tmp_path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf8"))
    copy = Path(shutil.copy(path, tmp_path / "runs.db"))
    store = Store(copy)
    found = {run.id: run for run in store.runs()}
    assert set(found) == set(expected)
    for name, known in expected.items():
        run = found[name]
        assert (run.status, run.step, list(run.tags)) == (
            known["status"],
            known["step"],
            known["tags"],
        )
        assert run.notes == known["notes"]
        assert [list(event) for event in run.events] == known["events"]
        assert list(run.keyframes) == known["keyframes"]
        assert list(run.moments) == known["moments"]
        assert json.loads(run.config_json) == known["config"]
        assert np.array_equal(run.rows()[:, 1], known["value"])
        for step in run.moments:
            assert run.at(step).step == step
    cut = resume(found["cutcutcu"])
    cut.step()
    assert cut.iteration == 13
    store.close()
