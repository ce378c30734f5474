"""Data of a person's own in the form: uploads, paths, and what is said of them."""

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ganviz.datasets import DATASETS, upload_of
from ganviz.home import home
from ganviz.ui import data, state
from tests.app_page import config_of, fill, opened, pick, press, said, status, tab_of
from tests.stand_ins import write_csv, write_images, write_numbers

MISSING = "no file is chosen"


@pytest.fixture(autouse=True)
def no_runs() -> Iterator[None]:
    yield
    state.RUNS.clear()


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader(key="upload_csv").set_value((name, content, "text/csv"))
    return app.run()


def test_uploaded_csv_is_looked_at_and_trained_on(tmp_path: Path) -> None:
    app = opened(dataset="csv", width="8", steps="5")
    assert MISSING in app.sidebar.info[0].value
    content = Path(write_numbers(tmp_path)).read_bytes() + b"3.0,\n"
    upload(app, "../my data.csv", content)
    given = str(app.text_input(key="dataset_options.file").value)
    digest = hashlib.sha256(content).hexdigest()
    assert given == f"sha256:{digest}"
    assert (home() / "data" / digest).read_bytes() == content
    assert not app.sidebar.info
    assert "1 of 201 rows have a missing value" in said(app)
    assert "scale (" in said(app)
    press(app, "start")
    assert config_of(app).options("dataset")["file"] == given
    app.file_uploader(key="upload_csv").set_value(None).run()
    assert app.text_input(key="dataset_options.file").value == ""
    assert MISSING in app.sidebar.info[0].value


def test_csv_with_an_error_says_so_beside_the_form_and_starts_nothing() -> None:
    app = upload(opened(dataset="csv"), "words.csv", b"a,b\nx,*y*\n" * 20)
    (error,) = app.sidebar.error
    assert "words.csv has no column of numbers" in error.value
    press(app, "start")
    assert "need a correction first: words.csv has no column of numbers" in status(app)
    assert "iteration 0" in status(app)
    assert not tab_of(app).runs


def test_columns_and_standardisation_of_a_csv(tmp_path: Path) -> None:
    app = opened(**{"dataset": "csv", "dataset_options.file": write_numbers(tmp_path)})
    app.text_input(key="dataset_options.columns").set_value("z").run()
    assert "no column is called 'z'" in app.sidebar.error[0].value
    app.text_input(key="dataset_options.columns").set_value("y").run()
    assert "with shift −203.6 and scale 27.33" in said(app)
    pick(app, "dataset_options.standardise", "no")
    assert "as they are" in said(app)


def test_what_only_reading_tells_is_checked_before_start(tmp_path: Path) -> None:
    file = write_numbers(tmp_path)
    app = opened(**{"dataset": "csv", "dataset_options.file": file, "network": "affine"})
    assert "Latent size must be 2, got 8" in app.sidebar.error[0].value
    fill(app, "latent_dim", 2)
    assert not app.sidebar.error


def test_images_say_what_was_left_out(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", count=12)
    (tmp_path / "images" / "bad_one.png").write_text("no image")
    app = opened(**{"dataset": "images", "dataset_options.path": folder})
    assert "1 left out" in said(app)
    assert not app.sidebar.error


def test_a_long_read_goes_on_beside_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, read = threading.Event(), data._read

    def slow(dataset: str, options: dict[str, Any]) -> data.Look:
        assert go.wait(30)
        return read(dataset, options)

    monkeypatch.setattr(data, "_read", slow)
    monkeypatch.setattr(data, "PATIENCE", 0.0)
    app = opened(**{"dataset": "csv", "dataset_options.file": write_csv(tmp_path, "a\nb\n")})
    assert "Reading the data" in said(app)
    go.set()
    deadline = time.monotonic() + 30
    while "Reading the data" in said(app.run()):
        assert time.monotonic() < deadline
    assert "no column of numbers" in app.sidebar.error[0].value


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    options = {"file": write_csv(tmp_path, "a\nb\n"), "columns": "", "standardise": "no"}
    assert data.look("csv", options).error
    write_numbers(tmp_path)
    assert data.look("csv", options).shape == (2,)


def test_an_upload_that_cannot_be_kept_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganviz.store.data.MOST_BYTES", 0)
    app = upload(opened(dataset="csv"), "d.csv", b"x\n1\n")
    assert "fill the 0.0 GB that they may take" in app.sidebar.error[0].value
    assert app.text_input(key="dataset_options.file").value == ""


def test_every_dataset_that_needs_a_file_has_an_uploader() -> None:
    needing = {name for name, entry in DATASETS.items() if entry.facts.get("needs") == "file"}
    uploads = {name: upload for name in DATASETS if (upload := upload_of(name))}
    assert needing == set(uploads)
    for name, upload in uploads.items():
        assert upload.option in DATASETS[name].options
        assert upload.label


def test_a_download_is_announced() -> None:
    assert "downloads up to 130 MB" in said(opened(dataset="mnist"))
