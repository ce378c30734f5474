"""CSV files as they come: what is read, what is refused and in which words, what is said of it."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganviz.datasets import DataError, csv
from ganviz.datasets.csv_format import detect
from ganviz.datasets.csv_rows import read_rows
from ganviz.target import Target
from tests.stand_ins import draws, in_words, rng, write_csv, write_numbers

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = ("nowhere.csv", "x" * 5000, "/dev/zero", "colum")
"""Of files and columns that are not there, or are none."""

TEN = "".join(f"{k},{10 * k},word{k}\n" for k in range(1, 11))


def read(folder: Path, text: str, encoding: str = "utf-8", **options: Any) -> Target:
    return csv(file=write_csv(folder, text, encoding), **options)


def table(folder: Path, text: str, columns: str = "", encoding: str = "utf-8") -> list[list[float]]:
    """All rows of the file, in its order."""
    path = Path(write_csv(folder, text, encoding))
    rows: list[list[float]] = read_rows(path, detect(path), columns).values.tolist()
    return rows


def pairs(target: Target, n: int = 4000) -> set[tuple[float, ...]]:
    return {tuple(row) for row in draws(target, n).tolist()}


def test_two_columns_are_learned_in_their_own_units(tmp_path: Path) -> None:
    target = csv(file=write_numbers(tmp_path, 2000))
    x = draws(target)
    assert target.dim == 2
    # 1,600 rows of means (10, -200), standard deviations (2, 30): standard errors 0.05 and 0.75 of
    # the means, 1.8 % of the deviations; five of each.
    assert x.mean(0).tolist() == [pytest.approx(10, abs=0.25), pytest.approx(-200, abs=3.75)]
    assert x.std(0).tolist() == [pytest.approx(2, rel=0.09), pytest.approx(30, rel=0.09)]


def test_a_fifth_of_the_rows_is_held_out_for_good(tmp_path: Path) -> None:
    file = write_numbers(tmp_path)
    training = pairs(csv(file=file))
    held_out = {tuple(row) for row in csv(file=file).draw_held_out(40, rng()).tolist()}
    assert (len(training), len(held_out)) == (160, 40)
    assert (csv(file=file).size, csv(file=file).held_out_size) == (160, 40)
    assert training.isdisjoint(held_out)
    (tmp_path / "data.csv").touch()
    assert {tuple(row) for row in csv(file=file).draw_held_out(40, rng(5)).tolist()} == held_out


def test_rows_are_drawn_with_replacement_and_evenly(tmp_path: Path) -> None:
    target = read(tmp_path, "x\n" + "".join(f"{k}\n" for k in range(10)))
    counts = torch.bincount(draws(target, 8000)[:, 0].long())
    counts = counts[counts > 0]
    # 8 rows, 1,000 draws of each with a standard deviation of 30; five of it.
    assert len(counts) == 8
    assert (counts - 1000).abs().max().item() < 150
    # The two that are held out come in rounds.
    assert len(set(target.draw_held_out(100, rng())[:, 0].tolist())) == 2


def test_each_column_is_brought_to_one_scale(tmp_path: Path) -> None:
    target = csv(file=write_numbers(tmp_path))
    shift, scale = target.standardisation
    rows = torch.tensor(sorted(pairs(target))).double()
    assert isinstance(scale, torch.Tensor)
    # Mean and root mean square about it of the 160 training rows, in float64.
    assert shift.tolist() == pytest.approx(rows.mean(0).tolist(), rel=1e-9)
    assert scale.tolist() == pytest.approx(rows.std(0, correction=0).tolist(), rel=1e-9)


def test_both_columns_together_keep_angles(tmp_path: Path) -> None:
    target = csv(file=write_numbers(tmp_path), standardise="together")
    shift, scale = target.standardisation
    rows = torch.tensor(sorted(pairs(target))).double()
    assert scale == pytest.approx((rows - shift).square().mean().sqrt().item(), rel=1e-9)


def test_numbers_may_be_left_as_they_are(tmp_path: Path) -> None:
    shift, scale = csv(file=write_numbers(tmp_path), standardise="no").standardisation
    assert (shift.tolist(), scale) == ([0.0, 0.0], 1.0)


def test_one_column_is_data_on_a_line(tmp_path: Path) -> None:
    target = read(tmp_path, "a,b,c\n" + TEN, columns="b")
    assert (target.dim, target.notes) == (1, ())
    assert pairs(target) <= {(10.0 * k,) for k in range(1, 11)}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("", [50]),
        ("b", [50]),
        ("b,a", [50, 5]),
        (" b , a ", [50, 5]),
        ("2", [50]),
        ("2, 1", [50, 5]),
        ("a,2", [5, 50]),
    ],
)
def test_columns_go_by_name_or_number(tmp_path: Path, columns: str, expected: list[float]) -> None:
    assert table(tmp_path, "a,b,c\n" + TEN, columns)[4] == expected


def test_a_name_wins_over_a_number_and_may_hold_a_comma(tmp_path: Path) -> None:
    text = 'x,2,"speed, km/h"\n' + "".join(f"{k}00,{k}0,{k}\n" for k in range(1, 11))
    assert table(tmp_path, text, "2")[0] == [10]
    assert table(tmp_path, text, "speed, km/h")[0] == [1]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("a,b\n1.5,2.5\n", "utf-8"),
        ("a;b\n1.5;2.5\n", "utf-8"),
        ("a;b\n1,5;2,5\n", "utf-8"),
        ("1,5;2,5\n", "utf-8"),
        ("a\tb\n1.5\t2.5\n", "utf-8"),
        ("a\tb\n1,5\t2,5\n", "utf-8"),
        ("a,b\r\n1.5,2.5\r\n", "utf-8"),
        ("a,b\r1.5,2.5\r", "utf-8"),
        ("a, b\n1.5, 2.5\n", "utf-8"),
        ("1.5,2.5\n", "utf-8"),
        ("\n\na,b\n1.5,2.5\n\n", "utf-8"),
        ('"a","b"\n"1.5","2.5"\n', "utf-8"),
        ("größe,b\n1.5,2.5\n", "utf-8"),
        ("größe,b\n1.5,2.5\n", "utf-8-sig"),
        ("größe,b\n1.5,2.5\n", "utf-16"),
        ("größe,b\n1.5,2.5\n", "cp1252"),
        ("a,b,\n1.5,2.5,\n", "utf-8"),
        ("a,b\n1.5,2.5,\n", "utf-8"),
        ("word,a,b\nx;y;z,1.5,2.5\n", "utf-8"),
        ("a,b\n15e-1,+2.5\n", "utf-8"),
    ],
)
def test_separators_decimals_and_encodings_are_found(
    tmp_path: Path, text: str, encoding: str
) -> None:
    assert table(tmp_path, text, encoding=encoding) == [[1.5, 2.5]]


def test_names_are_read_in_the_right_encoding(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        path = Path(write_csv(tmp_path, "größe,b\n1,2\n", encoding))
        assert detect(path).names == ("größe", "b")
    assert in_words(detect(path).notes) == (
        "data.csv is not UTF-8, so it was read as Windows-1252.",
    )


def test_what_was_done_is_said(tmp_path: Path) -> None:
    text = "name,x,y\n" + "".join(f"w{k},{k},{k * k}\n" for k in range(20))
    text += "a,,1\nb,2,NA\nc,?,?\nd,-,3\ne,nan,3\n"
    assert in_words(read(tmp_path, text).notes) == (
        "Learns the first columns of numbers: 'x' and 'y'.",
        "5 of 25 rows have a missing value and are left out.",
    )
    text = "".join(f"{k}\n" for k in range(20))
    assert in_words(read(tmp_path, text).notes) == (
        "The first line holds numbers, so it was read as data.",
        "Learns the only column of numbers: '1'.",
    )
    assert (
        read(tmp_path, "x,y\n" + "".join(f"{k},{k}\n" for k in range(20)), columns="x").notes == ()
    )


GOOD = "x,y,name\n" + "".join(f"{k},{k * k},w{k}\n" for k in range(12))


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("", "", "data.csv is empty"),
        (" \n\n", "", "data.csv has no lines of text"),
        ("x,y\n", "", "data.csv has no rows below its header"),
        ("x,y\n", "x", "data.csv has no rows below its header"),
        ("a,b\nx,y\nz,w\n", "", "data.csv has no column of numbers; its columns are a, b"),
        (GOOD, "z", "no column is called 'z'; Known: x, y, name"),
        (GOOD, "nam", "no column is called 'nam'; did you mean 'name'"),
        (GOOD, "4", "there is no column 4: the file has 3"),
        (GOOD, "0", "there is no column 0: the file has 3"),
        (GOOD, "x,y,name", "3 columns are asked for, and at most 2 can be learned"),
        (GOOD, "x,1", "column 'x' is asked for twice"),
        (GOOD, "name", "column 'name' holds text: row 1 below the header is 'w0'"),
        (GOOD + "3,4x,w\n", "", "column 'y' holds text: row 13 below the header is '4x'"),
        (GOOD + "3,True,w\n", "", "column 'y' holds text: row 13 below the header is 'True'"),
        ("1\n2\nzwei\n", "", "column '1' holds text: row 3 is 'zwei'"),
        (GOOD + "inf,4,w\n", "", "column 'x' holds an infinite number: see row 13 below"),
        (GOOD + "1e400,4,w\n", "", "column 'x' holds an infinite number: see row 13 below"),
        (GOOD + "3,4,w,5\n", "", "row 13 below the header has more fields than the first line"),
        (GOOD + '3,"4\n', "", "data.csv cannot be read as CSV: .*EOF inside string"),
        ("x\n" + "7.5\n" * 20, "", "column 'x' is 7.5 in every row, so there is nothing to learn"),
        ("x\n1\n2\n3\n", "", "only 3 rows can be used, and at least 10 are needed"),
        ("x,y\n" + "1,\n" * 20, "x,y", "no row has a number in every chosen column"),
        ("x\n" + "".join(f"{1e9 + k % 3}\n" for k in range(20)), "", "hardly varies"),
        ("x\n" + "".join(f"{k}e300\n" for k in range(20)), "", "'x' holds numbers above 3.4e38"),
        ("x\n" + "".join(f"{k}e-40\n" for k in range(20)), "", "'x' has a spread of .*e-40"),
        ("PK\x03\x04 and so on", "", "data.csv is a spreadsheet or a zip"),
        ("x\0y\n1\0002\n", "", "data.csv is no text file"),
        ("x" * 2_000_000, "", "data.csv has no end of line in its first million bytes"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, text: str, columns: str, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        read(tmp_path, text, columns=columns)


def test_a_long_list_of_columns_is_cut(tmp_path: Path) -> None:
    names = [f"column{k}" for k in range(500)]
    text = ",".join(names) + "\n" + ",".join("1" * 500) + "\n"
    with pytest.raises(DataError, match="did you mean 'column77'") as caught:
        read(tmp_path, text, columns="colum77")
    assert len(str(caught.value)) < 400


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file is chosen"):
        csv()
    with pytest.raises(DataError, match=r"there is no file .*nowhere\.csv"):
        csv(file=str(tmp_path / "nowhere.csv"))
    with pytest.raises(DataError, match="is a folder"):
        csv(file=str(tmp_path))
    with pytest.raises(DataError, match="is no ordinary file"):
        csv(file="/dev/zero")
    with pytest.raises(DataError, match="cannot be read"):
        csv(file="x" * 5000)
    os.symlink("loop.csv", tmp_path / "loop.csv")
    with pytest.raises(DataError, match="loop"):
        csv(file=str(tmp_path / "loop.csv"))


def test_text_far_down_the_file_is_named_by_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganviz.datasets.csv_pieces._PIECE", 100)
    lines = [f"{k},{k % 7}" for k in range(1000)]
    lines[777] = "oops,1"
    with pytest.raises(
        DataError, match="column 'x' holds text: row 778 below the header is 'oops'"
    ):
        read(tmp_path, "\n".join(["x,y", *lines]))


def test_a_long_file_is_thinned_evenly_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganviz.datasets.csv_pieces._PIECE", 700)
    monkeypatch.setattr("ganviz.datasets.csv_rows.MAX_ROWS", 2000)
    text = "x\n" + "".join(f"{k}\n" for k in range(20_000))
    kept = np.array(table(tmp_path, text))[:, 0]
    assert len(kept) == len(set(kept)) == 2000
    assert (np.diff(kept) > 0).all()
    # 2,000 of 20,000: the mean is off by 20,000/sqrt(12 2000) = 129, a tenth of the rows holds 200
    # of them with a standard deviation of 13; five of each.
    assert kept.mean() == pytest.approx(10_000, abs=645)
    assert np.histogram(kept, 10, (0, 20_000))[0].tolist() == [pytest.approx(200, abs=65)] * 10
    assert np.array_equal(np.array(table(tmp_path, text))[:, 0], kept)
    assert str(read(tmp_path, text).notes[-1]) == "2,000 of 20,000 rows are kept, drawn at random."


def test_large_numbers_of_small_spread_are_warned_of(tmp_path: Path) -> None:
    text = "t\n" + "".join(f"{1.7e9 + 1000 * k}\n" for k in range(50))
    # Near 1.7e9 32-bit floats are 128 apart.
    assert "'t' are large against their spread of 1.4" in str(read(tmp_path, text).notes[-1])
    assert "off by up to 64" in str(read(tmp_path, text).notes[-1])


def test_a_file_is_read_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Path] = []

    def counted(path: Path, *rest: Any) -> Any:
        calls.append(path)
        return read_rows(path, *rest)

    monkeypatch.setattr("ganviz.datasets.csv_files.read_rows", counted)
    file = write_numbers(tmp_path)
    first, again = csv(file=file), csv(file=file, standardise="no")
    assert len(calls) == 1
    assert torch.equal(draws(first, 50), draws(again, 50))
    write_numbers(tmp_path, 300)
    assert len(pairs(csv(file=file))) == 240
    assert len(calls) == 2
