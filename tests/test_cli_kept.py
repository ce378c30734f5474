"""Kept runs on the command line: listed, shown, gone on with, exported, imported, deleted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ganviz import RunConfig, Store, train
from ganviz.cli import main
from ganviz.columns import COLUMNS
from ganviz.formats import FORMATS
from ganviz.resuming import rows_of

TINY = ["--set", "steps=30", "--set", "width=8", "--set", "batch_size=16", "--share", "0"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["runs", "--json"]) == 0
    runs: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return runs


def cut_off(run: str, step: int) -> None:
    """As if its process had been killed after iteration `step`, with no later state."""
    store = Store()
    rows = store.run(run).rows(step)
    with store._database.write() as connection:
        connection.execute("DELETE FROM rows")
        connection.execute("DELETE FROM keyframes")
        from ganviz.store.retention import add_rows

        add_rows(connection, run, rows)
        values = (len(rows), step, "1@gone", "elsewhere", 0.0)
        connection.execute(
            "UPDATE runs SET status = 'running', rows = ?, step = ?, owner = 'x', process = ?,"
            " boot = ?, beat = ?",
            values,
        )
    store.close()


def test_a_run_is_kept_listed_and_shown(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert listed(capsys) == []
    assert main(["runs"]) == 0
    assert "No run is kept in" in capsys.readouterr().out
    assert main(["train", *TINY]) == 0
    (run,) = listed(capsys)
    assert set(run) >= {"id", "label", "status", "step", "steps", "config", "parent", "created"}
    assert (run["status"], run["step"], run["steps"], run["parent"]) == ("finished", 30, 30, None)
    assert RunConfig(**run["config"]).width == 8
    assert (home / "ganviz.db").exists()
    assert main(["runs"]) == 0
    assert run["id"] in capsys.readouterr().out
    assert main(["show", run["id"][:4], "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["keyframes"] == [30]
    assert shown["summary"]["quality"]  # measured at its end
    assert main(["show", run["id"]]) == 0
    assert "width=8" in capsys.readouterr().out


def test_nothing_is_kept_where_that_is_wanted(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert main(["train", *TINY, "--no-store"]) == 0
    assert not home.exists()
    assert "ganviz train: run" not in capsys.readouterr().err


def test_an_interrupted_run_is_listed_and_resumed_bit_for_bit(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["train", *TINY]) == 0
    (run,) = listed(capsys)
    cut_off(run["id"], 17)
    (cut,) = listed(capsys)
    assert (cut["status"], cut["step"]) == ("interrupted", 17)
    assert main(["resume", run["id"], "--share", "0", "--out", str(tmp_path / "out")]) == 0
    (again,) = listed(capsys)
    assert (again["id"], again["status"], again["step"]) == (run["id"], "finished", 30)
    whole = rows_of(train(RunConfig(**run["config"])))
    store = Store()
    assert np.array_equal(store.run(run["id"]).rows(), whole, equal_nan=True)
    store.close()
    assert len(pd.read_csv(tmp_path / "out" / "history.csv")) == 30


def test_changes_branch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", *TINY]) == 0
    (run,) = listed(capsys)
    arguments = ["resume", run["id"], "--step", "12", "--set", "lr_d=0.5", "--set", "steps=40"]
    assert main([*arguments, "--share", "0"]) == 0
    branch, parent = listed(capsys)
    assert (branch["parent"], branch["step"], parent["id"]) == (run["id"], 40, run["id"])
    store = Store()
    kept = store.run(branch["id"])
    assert np.array_equal(kept.rows(12), store.run(run["id"]).rows(12), equal_nan=True)
    assert [tuple(event) for event in kept.events] == [(12, "lr_d", 0.5)]
    store.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "nobody"], "no kept run has the id nobody"),
        (["resume", "nobody"], "no kept run has the id nobody"),
        (["resume", "RUN"], "has finished: a branch with more steps can go on"),
        (["resume", "RUN", "--set", "width=9"], "width cannot change in a branch"),
        (["resume", "RUN", "--set", "widht=9"], "widht is no known setting"),
        (["resume", "RUN", "--step", "31"], "step must be in [0, 30], got 31"),
        (["import", "nowhere.ganviz"], "cannot be read: No such file"),
        (["export", "RUN", "--format", "csv", "--out", "no/such/x.csv"], "--out no/such/x.csv: "),
        (["delete", "nobody"], "no kept run has the id nobody"),
        (["train", "--share", "1"], "must be a number from 0 to 0.9, got '1'"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *TINY]) == 0
    (run,) = listed(capsys)
    with pytest.raises(SystemExit) as caught:
        main([run["id"] if part == "RUN" else part for part in arguments])
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err
    assert len(listed(capsys)) == 1


def test_every_format_is_written_and_a_run_file_comes_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["train", *TINY]) == 0
    (run,) = listed(capsys)
    for name in FORMATS:
        out = tmp_path / f"out.{name}"
        assert main(["export", run["id"], "--format", name, "--out", str(out)]) == 0
        assert out.stat().st_size > 100
    csv, parquet = pd.read_csv(tmp_path / "out.csv"), pd.read_parquet(tmp_path / "out.parquet")
    assert list(csv) == list(parquet) == list(COLUMNS)
    assert np.array_equal(csv.to_numpy(), parquet.to_numpy(), equal_nan=True)
    whole = json.loads((tmp_path / "out.json").read_text())
    assert whole["history"]["value"] == csv["value"].tolist()
    store = Store()
    before = store.run(run["id"])
    rows, latest, keyframes = before.rows(), before.latest, before.keyframes
    store.close()
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path / "another"))
    assert main(["import", str(tmp_path / "out.run")]) == 0
    store = Store()
    after = store.run(run["id"])
    assert np.array_equal(after.rows(), rows, equal_nan=True)
    assert after.latest is not None
    assert latest is not None
    assert np.array_equal(after.latest.samples, latest.samples)
    assert after.latest.quality == latest.quality
    assert (after.config_json, after.status, after.keyframes) == (
        before.config_json,
        "finished",
        keyframes,
    )
    again = store.import_file(tmp_path / "out.run")
    assert again.id != run["id"]  # that one is taken
    store.close()


@pytest.mark.parametrize("damage", ["cut", "foreign", "part"])
def test_a_damaged_run_file_is_a_sentence(
    damage: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["train", *TINY]) == 0
    (run,) = listed(capsys)
    out = tmp_path / "x.run"
    assert main(["export", run["id"], "--format", "run", "--out", str(out)]) == 0
    content = out.read_bytes()
    half = len(content) // 2
    out.write_bytes(
        {
            "cut": content[:half],
            "foreign": b"no zip at all",
            "part": content[:half] + bytes(64) + content[half + 64 :],
        }[damage]
    )
    with pytest.raises(SystemExit):
        main(["import", str(out)])
    assert "is no run file of ganviz, or is damaged" in capsys.readouterr().err
    assert len(listed(capsys)) == 1


def test_runs_are_deleted_and_had_back(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["train", *TINY]) == 0
    newest, oldest = (run["id"] for run in listed(capsys))
    assert main(["delete", oldest]) == 0
    assert f"ganviz delete --undo {oldest}" in capsys.readouterr().err
    assert [run["id"] for run in listed(capsys)] == [newest]
    assert main(["delete", "--undo", oldest]) == 0
    assert [run["id"] for run in listed(capsys)] == [newest, oldest]


def test_a_home_that_cannot_be_is_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path / "file"))
    with pytest.raises(SystemExit) as caught:
        main(["runs"])
    assert caught.value.code == 2
    assert "ganviz runs: Runs cannot be kept in" in capsys.readouterr().err


def test_the_progress_line_says_v_and_what_is_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganviz.work.LOOK_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", "400")
    assert main(["train", *TINY, "--no-store"]) == 0
    assert "V (of the probe) = " in capsys.readouterr().err
