"""The command line and data of one's own: what was done to them is said, and why they cannot be."""

import html
from pathlib import Path

import numpy as np
import pytest

from ganviz.cli import main
from ganviz.datasets import DATASETS
from tests.pictures import folder, plain, png_of_words
from tests.stand_ins import in_words, write_numbers
from tests.test_cli import TINY


def test_what_was_done_to_the_data_is_said_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [png_of_words(np.full((8, 8, 1), 10 * k, "u2")) for k in range(12)]
    files = [(f"{k}.png", data) for k, data in enumerate(words)]
    path = folder(tmp_path / "data", [*files, ("<notes>.txt", b"no image")])
    options = {"path": str(path), "size": "8", "colour": "grey"}
    notes = in_words(DATASETS["images"].fn(**options).notes)
    assert len(notes) == 2
    given = [f"dataset_options.{name}={value}" for name, value in options.items()]
    settings = ["dataset=images", *given, "fourier=0"]
    settings_given = [part for setting in settings for part in ("--set", setting)]
    assert main([*TINY, *settings_given, "--out", str(tmp_path / "run")]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("ganviz train: ")][:2] == [
        f"ganviz train: {note}" for note in notes
    ]
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf8")
    for note in notes:
        assert f"<li>{html.escape(note)}</li>" in report


def test_rows_of_a_csv_that_are_left_out_are_said_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(write_numbers(tmp_path))
    path.write_text(path.read_text(encoding="utf8") + "1.5,\n", encoding="utf8")
    settings = ["--set", "dataset=csv", "--set", f"dataset_options.file={path}"]
    assert main([*TINY, *settings, "--out", str(tmp_path / "run")]) == 0
    notes = in_words(DATASETS["csv"].fn(file=str(path)).notes)
    assert any(note.startswith("1 ") for note in notes)
    error = capsys.readouterr().err
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf8")
    for note in notes:
        assert f"ganviz train: {note}\n" in error
        assert f"<li>{html.escape(note)}</li>" in report


def test_a_report_of_data_as_they_are_has_nothing_to_say_of_them(tmp_path: Path) -> None:
    assert main([*TINY, "--out", str(tmp_path)]) == 0
    assert "<h2>Data</h2>" not in (tmp_path / "report.html").read_text(encoding="utf8")


BLANK = [(f"{k}.png", plain(128)) for k in range(12)]


@pytest.mark.parametrize(
    ("dataset", "files", "option", "sentence"),
    [
        ("images", [], "path=", "no images are chosen"),
        ("images", [], "path={}/nowhere", "there is no {}/nowhere on the machine"),
        ("images", BLANK[:3], "path={}", "data has 3 images that can be read, and at least 10"),
        ("images", BLANK, "path={}", "data: all 12 images are of one colour"),
        ("images", [("a.zip", b"PK\5\6" + bytes(18))], "path={}/a.zip", "a.zip has no images"),
        ("images", [("a.pdf", b"%PDF")], "path={}/a.pdf", "{}/a.pdf is neither a folder nor a zip"),
        ("csv", [], "file=", "no file is chosen"),
        ("csv", [("a.csv", b"")], "file={}/a.csv", "a.csv is"),
        ("csv", [("a.csv", b"x,y\n1,2\n")], "file={}/a.csv", "only 1 row"),
        ("csv", [("a.csv", b"x,y\na,b\n" * 20)], "file={}/a.csv", ""),
        ("csv", [("a.csv", bytes(range(256)) * 8)], "file={}/a.csv", ""),
    ],
)
def test_data_that_cannot_be_used_are_one_sentence(
    dataset: str,
    files: list[tuple[str, bytes]],
    option: str,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = folder(tmp_path / "data", files)
    settings = [f"dataset={dataset}", f"dataset_options.{option.format(data)}"]
    settings += ["fourier=0"] * (dataset == "images")
    given = [part for setting in settings for part in ("--set", setting)]
    with pytest.raises(SystemExit) as caught:
        main([*TINY, *given, "--out", str(tmp_path / "run")])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    start = f"ganviz train: dataset cannot be used: {sentence.format(data)}"
    assert error.startswith(start)
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()
