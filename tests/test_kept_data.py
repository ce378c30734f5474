"""What was uploaded is kept by its content: once, checked, named in configs, and told when gone."""

import errno
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zipfile import ZipFile

import platformdirs
import pytest
import torch

from ganviz import DATASETS, RunConfig, Store, StoreError, Trainer
from ganviz.config import ConfigError
from ganviz.datasets import DataError
from ganviz.home import home as found_home
from ganviz.store import born
from ganviz.store import data as kept
from ganviz.ui import data, state
from tests.app_page import opened, press, said, status, tab_of
from tests.stand_ins import draws, write_images, write_numbers
from tests.test_own_data import upload

GONE = "are not kept here any more: upload the file again"
DAMAGED = "were damaged"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody has made it yet."""
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def table(tmp_path: Path) -> bytes:
    return Path(write_numbers(tmp_path)).read_bytes()


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


def config_of(reference: str) -> RunConfig:
    return RunConfig(dataset="csv", dataset_options={"file": reference}, width=8, latent_dim=2)


def files(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "data").iterdir())


def damage(path: Path) -> None:
    """Its first byte becomes another."""
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def fail(error: OSError) -> Callable[..., None]:
    def failing(*_: Any, **__: Any) -> None:
        raise error

    return failing


def test_the_home_is_asked_for_each_time_and_not_made(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found_home() == home
    assert not home.exists()
    monkeypatch.setenv("GANVIZ_HOME", "~/mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert found_home() == tmp_path / "mine"
    monkeypatch.delenv("GANVIZ_HOME")
    assert found_home() == platformdirs.user_data_path("ganviz", appauthor=False)


def test_the_same_content_is_kept_once(home: Path) -> None:
    # The hash of "abc" is an example of FIPS 180-2.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert kept.keep(b"abc") == f"sha256:{digest}"
    first = (home / "data" / digest).stat()
    assert kept.keep(memoryview(b"abc")) == f"sha256:{digest}"
    second = (home / "data" / digest).stat()
    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)
    assert files(home) == [digest]
    assert kept.located(f"sha256:{digest}").read_bytes() == b"abc"
    assert kept.located(f" sha256:{digest} ") == home / "data" / digest
    kept.keep(b"abd")
    assert len(files(home)) == 2


def test_a_path_stays_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kept.located(" ~/a.csv ") == tmp_path / "a.csv"
    for odd in ("sha256:../../a.csv", "sha256:12ab", "sha256:" + 64 * "A", 64 * "a"):
        assert not kept.is_kept(odd)
        assert kept.located(odd) == Path(odd)


def test_the_id_covers_the_content_and_the_address_holds_no_path(home: Path, table: bytes) -> None:
    config = config_of(kept.keep(table))
    other = config_of(kept.keep(table + b"1.0,2.0\n"))
    assert config.id != other.id
    assert config.id == config_of(kept.keep(bytes(table))).id
    query = config.to_query()
    assert str(home) not in str(parse_qsl(query))
    assert "/" not in dict(parse_qsl(query))["dataset_options.file"]
    assert RunConfig.from_query(query) == config
    assert kept.named_in(json.loads(config.to_json())) == [config.options("dataset")["file"]]


def test_an_upload_is_read_as_the_file_that_it_was(tmp_path: Path, table: bytes) -> None:
    plain = DATASETS["csv"].fn(file=write_numbers(tmp_path))
    uploaded = DATASETS["csv"].fn(file=kept.keep(table))
    assert torch.equal(draws(plain, 100), draws(uploaded, 100))
    folder = write_images(tmp_path / "images", count=12)
    with ZipFile(tmp_path / "images.zip", "w") as archive:
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name)
    reference = kept.keep((tmp_path / "images.zip").read_bytes())
    plain = DATASETS["images"].fn(path=folder, size="8")
    uploaded = DATASETS["images"].fn(path=reference, size="8")
    assert torch.equal(draws(plain, 9), draws(uploaded, 9))


def test_what_cannot_be_read_of_an_upload_is_said_without_a_path(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, option in (("csv", "file"), ("images", "path")):
        for content in (b"", b"a,b\nx,y\n" * 20, b"PK\x03\x04", b"\0\1\2"):
            reference = kept.keep(content)
            with pytest.raises(DataError) as raised:
                DATASETS[name].fn(**{option: reference})
            text = str(raised.value)
            assert reference[7:15] in text
            assert reference[15:] not in text
            assert str(home) not in text
    path = kept.located(kept.keep(b"x,y\n" * 20))
    monkeypatch.setattr(
        Path, "open", fail(PermissionError(errno.EACCES, "Permission denied", path))
    )
    with pytest.raises(DataError, match=r"^\w{8} cannot be read: Permission denied$"):
        DATASETS["csv"].fn(file=f"sha256:{path.name}")


def test_gone_data_are_told_wherever_they_are_needed(home: Path, table: bytes) -> None:
    reference = kept.keep(table)
    config = config_of(reference)
    query = dict(parse_qsl(config.to_query()))
    assert data.look("csv", config.options("dataset")).shape == (2,)
    Trainer(config).step()
    (home / "data" / reference.removeprefix("sha256:")).unlink()
    look = data.look("csv", config.options("dataset"))
    assert look.shape is None
    assert GONE in str(look.error)
    with pytest.raises(ConfigError, match=GONE):
        Trainer(config)
    with pytest.raises(StoreError, match=GONE):
        kept.located(reference)
    app = opened(**query)
    assert f"The data {reference[7:15]} {GONE}" in app.sidebar.error[0].value
    press(app, "start")
    assert GONE in status(app)
    assert not tab_of(app).runs
    upload(app, "again.csv", table)
    assert not app.sidebar.error
    assert "The networks see (x − shift) / scale" in said(app)
    assert app.text_input(key="dataset_options.file").value == reference


def test_damaged_data_are_refused_and_mended_by_another_upload(home: Path, table: bytes) -> None:
    reference = kept.keep(table)
    before = draws(DATASETS["csv"].fn(file=reference), 10)
    damage(kept.place_of(reference))
    with pytest.raises(DataError, match=DAMAGED):
        DATASETS["csv"].fn(file=reference)
    assert DAMAGED in str(data.look("csv", {"file": reference}).error)
    assert kept.keep(table) == reference
    assert torch.equal(draws(DATASETS["csv"].fn(file=reference), 10), before)
    assert files(home) == [reference.removeprefix("sha256:")]


def test_the_hash_is_taken_once_while_a_file_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = kept.keep(b"once")
    kept.located(reference)
    monkeypatch.setattr("hashlib.file_digest", fail(OSError("read again")))
    kept.located(reference)
    os.utime(kept.place_of(reference), (0, 0))
    with pytest.raises(OSError, match="read again"):
        kept.located(reference)


@pytest.mark.parametrize(
    ("place", "error", "why"),
    [
        ("os.replace", OSError(errno.ENOSPC, "No space left on device", "/srv/x"), "No space left"),
        ("tempfile.NamedTemporaryFile", OSError(errno.EROFS, "Read-only", "/srv/x"), "Read-only"),
        ("pathlib.Path.mkdir", PermissionError(errno.EACCES, "Denied", "/srv/x"), "Denied"),
    ],
)
def test_a_home_that_cannot_be_written_is_told(
    place: str, error: OSError, why: str, home: Path, monkeypatch: pytest.MonkeyPatch, table: bytes
) -> None:
    app = opened(dataset="csv")
    with monkeypatch.context() as broken:
        broken.setattr(place, fail(error))
        upload(app, "a.csv", table)
    assert f"The upload could not be kept: {why}" in app.sidebar.error[0].value
    assert "/srv" not in app.sidebar.error[0].value
    assert app.text_input(key="dataset_options.file").value == ""
    assert not (home / "data").exists() or files(home) == []
    upload(app, "b.csv", table)
    assert not app.sidebar.error


def test_a_file_where_the_home_should_be_is_told(home: Path, table: bytes) -> None:
    home.write_text("a file")
    app = upload(opened(dataset="csv"), "a.csv", table)
    assert "The upload could not be kept" in app.sidebar.error[0].value
    assert str(home) not in app.sidebar.error[0].value
    with pytest.raises(StoreError, match=GONE):
        kept.located("sha256:" + 64 * "0")
    kept.remove_unused(())


def test_a_home_that_can_only_be_read_still_serves_what_it_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = kept.keep(b"here")
    monkeypatch.setattr(os, "utime", fail(OSError(errno.EROFS, "Read-only")))
    assert kept.keep(b"here") == reference


def test_all_that_is_kept_has_a_limit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 5)
    reference = kept.keep(b"abc")
    with pytest.raises(OSError, match=r"fill the 0\.0 GB"):
        kept.keep(b"def")
    assert kept.keep(b"abc") == reference
    kept.keep(b"de")
    assert len(files(home)) == 2


def old(reference: str) -> None:
    """As if nobody had asked to keep it for longer than what is unused stays."""
    then = time.time() - kept.UNUSED_SECONDS - 60
    path = kept.place_of(reference)
    os.utime(path, (then, then))
    kept.located(reference)  # reading it counts as asking, so its hash has to be known
    os.utime(path, (then, then))


def test_what_no_run_needs_goes_after_a_while(home: Path) -> None:
    needed, unused, asked_again, new = (kept.keep(c, "a.csv") for c in (b"1", b"2", b"3", b"4"))
    part, strange = home / "data" / ".part-x1", home / "data" / "my table.csv"
    part.write_bytes(b"half")
    strange.write_bytes(b"mine")
    for path in (part, strange):
        os.utime(path, (0, 0))
    for reference in (needed, unused, asked_again):
        old(reference)
    kept.keep(b"3")
    kept.remove_unused({needed})
    left = [kept.place_of(reference).name for reference in (needed, asked_again, new)]
    assert files(home) == sorted([*left, *(f"{name}.name" for name in left), strange.name])


def keep_run(store: Store, run: str, reference: str) -> None:
    store.keep(born(run, config_of(reference).to_json(), versions={})).end("stopped", None)
    assert store.flush()


def test_the_store_of_the_home_removes_what_no_run_needs_and_another_store_nothing(
    home: Path, tmp_path: Path
) -> None:
    references = needed, deleted, _unused = [kept.keep(content) for content in (b"1", b"2", b"3")]
    store = Store()
    keep_run(store, "aaaa1111", needed)
    keep_run(store, "bbbb2222", deleted)
    for reference in references:
        old(reference)
    store.close()
    Store(tmp_path / "other.db").close()
    Store(":memory:").close()
    assert len(files(home)) == 3
    (home / "ganviz.db.damaged-1").touch()
    Store().close()
    assert len(files(home)) == 3
    (home / "ganviz.db.damaged-1").unlink()
    store = Store()
    assert files(home) == sorted(kept.place_of(name).name for name in (needed, deleted))
    store.delete("bbbb2222")
    assert len(files(home)) == 2
    store.purge(older=0)
    store.close()
    assert files(home) == [kept.place_of(needed).name]


def test_data_travel_in_run_files(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: bytes
) -> None:
    reference, store = kept.keep(table), Store()
    keep_run(store, "aaaa1111", reference)
    store.run("aaaa1111").to_file(tmp_path / "small.run")
    monkeypatch.setattr(kept, "TRAVELLING_BYTES", len(table) - 1)
    store.run("aaaa1111").to_file(tmp_path / "large.run")
    store.close()
    monkeypatch.setenv("GANVIZ_HOME", str(tmp_path / "elsewhere"))
    there = Store()
    run = there.import_file(tmp_path / "large.run")
    with pytest.raises(ConfigError, match=GONE):
        Trainer(RunConfig.from_json(run.config_json))
    run = there.import_file(tmp_path / "small.run")
    Trainer(RunConfig.from_json(run.config_json)).step()
    assert kept.located(reference).read_bytes() == table
    there.close()


def test_a_run_of_which_the_data_are_gone_still_goes_into_a_file(tmp_path: Path) -> None:
    store = Store()
    keep_run(store, "aaaa1111", "sha256:" + 64 * "0")
    store.run("aaaa1111").to_file(tmp_path / "a.run")
    assert store.import_file(tmp_path / "a.run").status == "stopped"
    store.close()


def test_data_that_came_along_are_adopted_only_if_they_are_the_right_ones(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = kept.keep(b"travels")
    kept.place_of(reference).unlink()
    with pytest.raises(StoreError, match="are damaged"):
        kept.adopt({reference: b"travels not"})
    monkeypatch.setattr(os, "replace", fail(OSError(errno.ENOSPC, "No space left", "/srv/x")))
    with pytest.raises(StoreError, match=r"^The data cannot be kept: No space left\.$"):
        kept.adopt({reference: b"travels"})
    assert files(home) == []


def test_sentences_call_data_as_their_file_was_called() -> None:
    content = b"a,b\nx,y\n" * 20
    reference = kept.keep(content, "..\\../my words.csv")
    with pytest.raises(DataError, match=r"^my words\.csv has no column of numbers"):
        DATASETS["csv"].fn(file=reference)
    with pytest.raises(DataError, match=r"^my words\.csv is neither"):
        DATASETS["images"].fn(path=reference)
    for odd in (b"", b"\xff"):
        kept.place_of(reference).with_suffix(".name").write_bytes(odd)
        with pytest.raises(DataError, match=r"^.+ is neither"):
            DATASETS["images"].fn(path=reference)
