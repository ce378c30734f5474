"""The database under bad conditions: nothing kept is damaged, and what goes wrong is said."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ganviz import RunConfig, Store, StoreError
from ganviz.session.kept import begun
from ganviz.store import born
from ganviz.store.database import Database, migrate
from ganviz.store.migrations import MIGRATIONS
from tests.test_store import kept, trained

LONG = RunConfig(width=8, depth=1, batch_size=16, steps=1_000_000)


def filled(path: Path, runs: int = 3) -> Path:
    store = Store(path)
    for k in range(runs):
        kept(store, trained(30), f"run{k}")
    store.close()
    return path


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.db")
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"written by a newer ganviz .*update ganviz"):
        Store(path)
    assert path.read_bytes() == before


def test_a_migration_is_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(tmp_path / "a.db")
    broken = (*MIGRATIONS, "CREATE TABLE more (x); CREATE TABLE more (x)")
    monkeypatch.setattr("ganviz.store.database.MIGRATIONS", broken)
    with pytest.raises(StoreError, match="Runs cannot be kept in"):
        Database(path)
    monkeypatch.undo()
    store = Store(path)
    assert len(store.runs()) == 3
    with (
        pytest.raises(sqlite3.OperationalError, match="no such table"),
        store._database.read() as c,
    ):
        c.execute("SELECT * FROM more")
    store.close()


def test_two_that_migrate_at_once_do_it_once(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db")
    migrate(database._writer, 0)  # as one that found version 0 just before
    assert database._version(database._writer) == len(MIGRATIONS)
    database.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"nothing of the kind" * 400,
        lambda content: content[:100] + b"\xff" * 200 + content[300:],
        lambda content: content[: len(content) // 2] + b"\x00" * (len(content) // 2),
    ],
    ids=["foreign", "header", "half"],
)
def test_a_damaged_file_is_set_aside_never_deleted(
    damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = filled(tmp_path / "a.db", runs=12)
    broken = damage(path.read_bytes())
    path.write_bytes(broken)
    store = Store(path)
    assert "set aside as a.db.damaged-" in str(store.notice)
    assert store.runs() == []
    kept(store, trained(3))
    assert len(store.runs()) == 1
    store.close()
    (aside,) = [p for p in tmp_path.iterdir() if "damaged" in p.name]
    assert aside.read_bytes() == broken


def test_a_place_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Runs cannot be kept in"):
        Store(tmp_path / "file" / "a.db")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("database or disk is full", "the disk is full"),
        ("attempt to write a readonly database", "the database can only be read"),
        ("database is locked", "another program has locked the database"),
        ("disk I/O error", "disk I/O error"),
    ],
)
def test_a_disk_that_fails_stops_nothing_and_loses_nothing(
    message: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "a.db")
    session = begun(store, LONG)
    session.start()
    assert session.wait(20)
    assert store.flush()

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError(message)

    with monkeypatch.context() as patch:
        patch.setattr("ganviz.store.writer._write_rows", refuse)
        before = session.latest
        assert before is not None
        while session.latest is not None and session.latest.step < before.step + 200:
            time.sleep(0.02)
        assert not store.flush()
        assert f"not being kept at the moment: {said}. Training goes on" in str(store.notice)
        assert session.status == "running"
    session.stop()
    assert store.flush()
    assert store.notice is None
    run = store.run(session.id)
    assert session.latest is not None
    assert run.rows()[:, 0].tolist() == list(range(1, session.latest.step + 1))
    store.close()


def test_a_locked_database_is_written_once_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganviz.store.database.PATIENCE_SECONDS", 0.05)
    store = Store(tmp_path / "a.db")
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    keeper = store.keep(born("aaaa1111", LONG.to_json(), versions={}))
    keeper.rows(trained(5).history.columns())
    assert not store.flush()
    assert "another program has locked" in str(store.notice)
    with pytest.raises(StoreError, match="Nothing can be kept: another program has locked"):
        store.set("x", 1)
    other.execute("ROLLBACK")
    other.close()
    assert store.flush()
    assert store.run("aaaa1111").step == 5
    store.close()


@pytest.mark.parametrize("folder", [0o755, 0o777])
def test_a_database_that_can_only_be_read_is_read(folder: int, tmp_path: Path) -> None:
    """In a folder that can be written, and in one that cannot, by somebody who is not root."""
    path = filled(tmp_path / "a.db")
    os.chmod(path, 0o444)
    tmp_path.chmod(folder if os.getuid() == 0 else folder & 0o555)
    code = (
        "import os, sys\n"
        "from ganviz.store import Store\n"
        "os.getuid() or os.setuid(65534)\n"
        "store = Store(sys.argv[1])\n"
        "print(len(store.runs()), store.runs()[0].latest.step, store.notice)\n"
        "store.close()\n"
    )
    for parent in list(tmp_path.parents)[:3]:
        parent.chmod(parent.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(path)], capture_output=True, text=True, timeout=60
    )
    tmp_path.chmod(0o755)
    assert done.stdout.startswith("3 30 "), done.stderr
    assert "can only be read: new runs are not kept" in done.stdout
