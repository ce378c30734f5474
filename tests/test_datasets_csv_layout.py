"""What stands in a file beside its rows: titles, comments, units, footers; and where none does."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ganviz.datasets import DataError
from ganviz.datasets.csv_format import detect
from tests.stand_ins import in_words, write_csv
from tests.tables import NUMBERS, german, is_said, lines, plain, read

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = ("row names", "column 3")
"""What columns without a name are called."""


def semicolons(k: int, x: float, y: float) -> str:
    return f"{german(x)};{german(y)}"


YEARS = lines(lambda k, x, y: f"c{k},{k * k},{k % 7},{k % 5}", "Country,1990,1991,1992\n")
SPEEDS = lines(lambda k, x, y: f"w,{k * k},{y}", 'w,2,"speed (km/h), mean"\n')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lines(semicolons, "sep=;\nx;y\n"), ["Line 1, 'sep=;', names the separator"]),
        (lines(semicolons, '"SEP=;"\nx;y\n'), ["names the separator"]),
        (lines(plain, "Report of 2020\nx,y\n"), ["Line 1 ('Report of 2020')", "skipped"]),
        (lines(plain, "Report\nby me, and others\n\nx,y\n"), ["2 lines above", "from line 1"]),
        (lines(plain, "Report\nby me, and others\n\nx,y\n"), ["1 blank line is skipped"]),
        (lines(semicolons, "Bericht;\nx;y\n"), ["Line 1 ('Bericht')", "skipped"]),
        (lines(semicolons, "Bericht;\n;\nx;y\n"), ["lines above the table", "'Bericht'"]),
        (lines(semicolons, "Ort;Bonn\nHöhe;70\nx;y\n"), ["2 lines above", "'Ort, Bonn'"]),
        (lines(plain, "# a\n# b, c\nx,y\n", "# end\n"), ["3 comments (#) are skipped"]),
        (lines(lambda *r: plain(*r) + "\n# c" * (r[0] == 9), "x,y\n"), ["1 comment (#) is"]),
        (lines(plain, "x,y\ns,m/s\n"), ["Line 2 ('s, m/s')", "row of units", "skipped"]),
        (lines(plain, "x,y\n[s],[%]\n"), ["Line 2 ('[s], [%]')", "skipped"]),
        (lines(lambda *r: plain(*r) + "\n" * (r[0] % 10 == 9), "\nx,y\n"), ["3 blank lines are"]),
        (
            lines(plain, "x,y\n", "\nSource: us, 2020\n"),
            ["'Source: us, 2020'", "end"],
        ),
        (lines(plain, "x,y\n", "Source: A, B\n"), ["'Source: A, B' at the end", "skipped"]),
        (lines(plain, "x,y\n", "Total:,9\n"), ["'Total:,9' at the end", "skipped"]),
        (lines(lambda *r: f'"{r[0] + 1}",' + plain(*r), '"x","y"\n'), ["one name short"]),
        (lines(lambda *r: f'"M {r[0]}" {r[1]} {r[2]}', '"x" "y"\n'), ["one name short"]),
        (
            lines(lambda *r: f"{r[1]} {r[2]}", "# x y\n"),
            ["names", "from the comment in line 1"],
        ),
    ],
)
def test_what_is_no_row_is_skipped_with_a_note(tmp_path: Path, text: str, words: list[str]) -> None:
    rows = read(tmp_path, text)
    assert rows.names == ("x", "y")
    assert np.array_equal(rows.values.numpy(), NUMBERS)
    assert is_said(rows, *words), rows.notes


def test_the_separator_that_a_file_names_is_obeyed(tmp_path: Path) -> None:
    # Without its first line this would be two columns of whole numbers.
    text = lines(lambda k, x, y: f"{k * k},5;{k},25", "sep=;\nx;y\n")
    assert read(tmp_path, text).values[2].tolist() == [4.5, 2.25]
    text = lines(lambda k, x, y: f"{k * k},5;{k}", "sep=,\n")
    assert detect(Path(write_csv(tmp_path, text))).separator == ","


@pytest.mark.parametrize(
    ("row", "values"),
    [
        (lambda k, x, y: f"{k / 7:.1f},3.5,1.4,0.2,Iris-setosa", [0.0, 3.5]),
        (lambda k, x, y: f"2020-01-{k + 1:02},{6.4 + k / 10:.3f}", [6.4]),
        (lambda k, x, y: f"{k + 1}.3.2020;{k * k},5", [0.5]),
        (lambda k, x, y: f"{k % 24:02}:15,{k * k}", [0]),
        (lambda k, x, y: f"€ {k * k};4 %", [0, 4]),
        (lambda k, x, y: f"{'NA' if k == 3 else k * k},{y}", [0, NUMBERS[0, 1]]),
        (lambda k, x, y: f"{k // 3 + 1},{k % 3 + k // 3 + 2}", [1, 2]),
    ],
)
def test_a_first_row_like_the_others_is_no_header(
    tmp_path: Path, row: Callable[[int, float, float], str], values: list[float]
) -> None:
    rows = read(tmp_path, lines(row))
    assert rows.values[0].tolist() == values
    assert len(rows.values) in (29, 30)
    assert is_said(rows, "The first line holds numbers, so it was read as data.")


def test_no_row_is_lost_among_missing_ones(tmp_path: Path) -> None:
    rows = read(tmp_path, lines(plain, "x,y\nNA,NA\n"))
    assert len(rows.values) == 30
    assert is_said(rows, "1 of 31 rows have a missing value")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (lines(lambda k, x, y: f"{k},{x},{y}", ",0,1\n"), ("0", "1")),
        (lines(plain, "0,1\n"), ("0", "1")),
        (YEARS, ("1990", "1991")),
        (SPEEDS, ("2", "speed (km/h), mean")),
        (lines(plain, "x,x\n"), ("x", "x (2)")),
        (lines(lambda *r: plain(*r) + ",", "x,y,\n"), ("x", "y")),
    ],
)
def test_a_header_may_hold_numbers(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    rows = read(tmp_path, text)
    assert (rows.names, len(rows.values)) == (names, 30)


def test_quoted_cells_may_hold_anything(tmp_path: Path) -> None:
    rows = read(tmp_path, lines(lambda *r: f'"w\n\n# no, {r[0]}",' + plain(*r), "n,x,y\n"))
    assert np.array_equal(rows.values.numpy(), NUMBERS)
    assert in_words(rows.notes) == ("Learns the first columns of numbers: 'x' and 'y'.",)


def test_a_hash_may_be_data_or_a_name(tmp_path: Path) -> None:
    rows = read(tmp_path, lines(lambda *r: f"#{r[0]:06x}," + plain(*r), "colour,x,y\n"))
    assert np.array_equal(rows.values.numpy(), NUMBERS)
    rows = read(tmp_path, lines(lambda *r: f"{r[0]}," + plain(*r), "#,x,y\n"))
    assert rows.names == ("x", "y")


def test_the_last_rows_are_not_taken_for_a_footer(tmp_path: Path) -> None:
    units = read(tmp_path, lines(lambda k, x, y: f"{german(x)} €;{german(y)} %", "x;y\n"))
    assert len(units.values) == 30
    for bad in ("3.5,oops\n", "oops,3.5\n"):
        with pytest.raises(DataError, match="row 31 below the header is 'oops'"):
            read(tmp_path, lines(plain, "x,y\n", bad))
    with pytest.raises(DataError, match="row 31 below the header is 'a'"):
        read(tmp_path, lines(plain, "x,y\n", "a,b\n" * 10))


def test_text_in_the_first_row_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column 'y' holds text: row 1 below the header is 'oops'"):
        read(tmp_path, lines(plain, "x,y\n3.5,oops\n"))


def test_a_gap_between_spaces_is_refused(tmp_path: Path) -> None:
    text = lines(lambda k, x, y: f"{x:12.2f} {y:12.2f}" if k != 7 else f"{x:12.2f}", "x y\n")
    with pytest.raises(DataError, match=r"row 8 below the header has fewer fields .* write NA"):
        read(tmp_path, text)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "  "])
def test_every_encoding_separator_and_ending(
    tmp_path: Path, encoding: str, separator: str, ending: str
) -> None:
    text = lines(plain, "größe,y\n").replace(",", separator).replace("\n", ending)
    rows = read(tmp_path, text, encoding=encoding)
    assert rows.names == ("größe", "y")
    assert np.array_equal(rows.values.numpy(), NUMBERS)


@pytest.mark.parametrize(
    ("start", "words"),
    [(b"\x1f\x8b\x08\x00", "is compressed"), (b"\xd0\xcf\x11\xe0\x00", "is an old spreadsheet")],
)
def test_what_is_no_text_is_named(tmp_path: Path, start: bytes, words: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(start * 100)
    with pytest.raises(DataError, match=words):
        detect(path)
    path.write_text("# nothing\n# here\n")
    with pytest.raises(DataError, match="has no rows"):
        detect(path)


def test_pieces_do_not_change_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x,y\n" + "".join(f'"{k},5","a\n\n#{k}"\n\n# c\n' for k in range(300)) + "\nTotal,1\n"
    whole = read(tmp_path, text)
    monkeypatch.setattr("ganviz.datasets.csv_text._CHUNK", 7)
    monkeypatch.setattr("ganviz.datasets.csv_text._TAIL", 40)
    pieces = read(tmp_path, text)
    assert whole.notes == pieces.notes
    assert whole.values.tolist() == pieces.values.tolist() == [[k + 0.5] for k in range(300)]
    assert is_said(whole, "300 comments (#)")
    assert is_said(whole, "300 blank lines")
