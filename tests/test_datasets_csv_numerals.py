"""Numbers as people write them: signs, units, groups, and which mark is decimal."""

from pathlib import Path

import numpy as np
import pytest

from ganviz.datasets import DataError
from ganviz.datasets.csv_numerals import numeral
from tests.stand_ins import in_words
from tests.tables import NUMBERS, german, is_said, lines, plain, read

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = ("row names", "column 3")
"""What columns without a name are called."""

DOUBT = "Nothing tells whether"
NARROW, THIN = "\u202f", "\u2009"


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("1.234,56", None, 1234.56),
        ("1,234.56", 1234.56, None),
        ("1 234,5", None, 1234.5),
        ("1\u202f234,5", None, 1234.5),
        ("1\u00a0234,5", None, 1234.5),
        ("1\u2009234 567.5", 1234567.5, None),
        ("1'234.5", 1234.5, None),
        ("1’234’567.5", 1234567.5, None),
        ("−3", -3, -3),
        ("–2.5", -2.5, None),
        ("+3", 3, 3),
        ("3-", -3, -3),
        ("(1,234.5)", -1234.5, None),
        ("12,345", 12345, 12.345),
        ("12.345", 12.345, 12345),
        ("0,065", None, 0.065),
        (".5", 0.5, None),
        (",5", None, 0.5),
        ("5.", 5, None),
        ("1.5e-3", 0.0015, None),
        ("1,5E+03", None, 1500),
        ("€ 3,50", None, 3.5),
        ("3,50 €", None, 3.5),
        ("-$1,200.00", -1200, None),
        ("£-5", -5, -5),
        ("CHF 1'000.50", 1000.5, None),
        ("45 %", 45, 45),
        ("45%", 45, 45),
        ("12 kg", 12, 12),
        ("1.200.000", 1_200_000, 1_200_000),
        ("1,200,000", 1_200_000, 1_200_000),
        ("12,34,567", 1_234_567, None),
        ("1,23,456.78", 123_456.78, None),
    ],
)
def test_a_cell_is_read_with_either_mark(
    cell: str, point: float | None, comma: float | None
) -> None:
    found = numeral(cell)
    assert found is not None
    assert (found.value("."), found.value(",")) == (point, comma)


@pytest.mark.parametrize(
    "cell",
    [
        *("1,2,3", "1.23.456", "1 2", "12.03.2020", "2020-01-01", "10:30", "1_000", "w1", "TRUE"),
        *("(5", "192.168.1.1", "1 23", "--3", "€ 3 €", "3/4", "", "٣"),
    ],
)
def test_what_looks_like_a_number_is_none(cell: str) -> None:
    assert numeral(cell) is None


WRITTEN = {
    "german": (lambda k, x, y: f"{german(x)};{german(y)}", "x;y\n"),
    "english": (lambda k, x, y: f'"{x:,.2f}","{y:,.2f}"', "x,y\n"),
    "french": (lambda k, x, y: f"{german(x, 2, NARROW)};{german(y)}", "x;y\n"),
    "french, tabs": (lambda k, x, y: f"{german(x, 2, ' ')}\t{german(y)}", "x\ty\n"),
    "thin space": (lambda k, x, y: f"{german(x, 2, THIN)}|{german(y)}", "x|y\n"),
    "swiss": (lambda k, x, y: f"{x:_.2f},{y:.2f}".replace("_", "'"), "x,y\n"),
    "swiss, printed": (lambda k, x, y: f"{x:_.2f};{y:.2f}".replace("_", "’"), "x;y\n"),
    "minus": (lambda k, x, y: f"{x:.2f},{y:.2f}".replace("-", "−"), "x,y\n"),
    "units": (lambda k, x, y: f"€ {german(x)};{german(y)} %", "x;y\n"),
    "words for units": (lambda k, x, y: f"{x:.2f} kg,{y:.2f}", "x,y\n"),
    "brackets": (lambda k, x, y: f'"{f"({-x:,.2f})" if x < 0 else x}",{y}', "x,y\n"),
    "quoted commas": (lambda k, x, y: f'"{german(x, 2, "")}","{german(y)}"', "x,y\n"),
    "quoted commas, no header": (lambda k, x, y: f'"{german(x, 2, "")}","{german(y)}"', ""),
    "exponents": (lambda k, x, y: f"{x:.6E},{y:.6e}", "x,y\n"),
    "fixed width": (lambda k, x, y: f"{x:12.2f} {y:12.2f}", "           x            y\n"),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_every_way_to_write_them_gives_the_same_numbers(tmp_path: Path, way: str) -> None:
    row, above = WRITTEN[way]
    rows = read(tmp_path, lines(row, above))
    assert np.array_equal(rows.values.numpy(), NUMBERS)
    assert not is_said(rows, DOUBT)


def test_grouped_numbers_are_read_together_as_one_by_one(tmp_path: Path) -> None:
    numbers = np.arange(0, 3e6, 997)
    text = "x;y\n" + "".join(f"{german(v)};{german(-v)}\n" for v in numbers)
    assert np.array_equal(read(tmp_path, text).values.numpy(), np.stack([numbers, -numbers], 1))


def test_one_column_of_decimal_commas_is_no_two_columns(tmp_path: Path) -> None:
    rows = read(tmp_path, lines(lambda k, x, y: german(y), "x\n"))
    assert np.array_equal(rows.values.numpy(), NUMBERS[:, 1:])
    assert is_said(rows, "Each line is read as one number")
    rows = read(tmp_path, lines(lambda k, x, y: german(x, 2, " "), "price\n"))
    assert np.array_equal(rows.values.numpy(), NUMBERS[:, :1])
    whole = read(tmp_path, lines(lambda k, x, y: f"{k},{k * k}", "Report\n"))
    assert whole.values[-1].tolist() == [29 * 29]


def test_units_are_said(tmp_path: Path) -> None:
    rows = read(tmp_path, lines(WRITTEN["units"][0], "x;y\n"))
    assert is_said(rows, "Column 'y' is in %", "30 cells carry this unit")
    half = read(tmp_path, lines(lambda k, x, y: f"{k * k}{' %' if k % 2 else ''},{y}", "x,y\n"))
    assert is_said(half, "Column 'x' is in %", "15 cells carry this unit", "15 cells carry none")
    assert half.values[:, 0].tolist() == [k * k for k in range(30)]
    assert is_said(read(tmp_path, lines(WRITTEN["brackets"][0], "x,y\n")), "brackets are negative")


def test_mixed_units_are_refused(tmp_path: Path) -> None:
    text = lines(lambda k, x, y: f"{k * k} {'g' if k == 9 else 'kg'},{y}", "x,y\n")
    assert read(tmp_path, text).names == ("y",)
    late = "x\n" + "5 kg\n7 kg\n" * 600 + "5000 g\n"
    with pytest.raises(DataError, match="row 1,201 below the header is '5000 g'; other numbers"):
        read(tmp_path, late)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # Nothing in the column tells; the file does.
        (lines(lambda k, x, y: f"{k + 1}.065;{german(y)}", "x;y\n"), [1065, 2065]),
        (lines(lambda k, x, y: f"{k + 1}.065;{y}", "x;y\n"), [1.065, 2.065]),
        (lines(lambda k, x, y: f'"{k + 1},065",{y}', "x,y\n"), [1065, 2065]),
        (lines(lambda k, x, y: f'"{k + 1},065","{german(y)}"', "x,y\n"), [1.065, 2.065]),
        # The column tells by itself, whatever the rest of the file holds.
        (lines(lambda k, x, y: f"{k + 1}.200.000;{y}", "x;y\n"), [1_200_000, 2_200_000]),
        (lines(lambda k, x, y: f"{k}.065;{german(y)}", "x;y\n"), [0.065, 1.065]),
        ("x;y\n" + "1.065;0.5\n2.000.000;0.5\n" * 9, [1065, 2_000_000]),
        # What tells stands far below.
        ("x\n" + "1.065\n2.310\n" * 2000 + "0.5\n", [1.065, 2.31]),
        ("x;y\n" + "1.065;3\n2.310;3\n" * 2000 + "1.065;0,5\n", [1065, 2310]),
        ("x\n" + "1065\n2310\n" * 2000 + "0,5\n".replace(",", "."), [1065, 2310]),
    ],
)
def test_proof_decides_the_mark(tmp_path: Path, text: str, values: list[float]) -> None:
    rows = read(tmp_path, text)
    assert rows.values[: len(values), 0].tolist() == values
    assert not is_said(rows, DOUBT)


@pytest.mark.parametrize(
    ("text", "value", "other", "option"),
    [
        ("x\n" + "1.065\n2.310\n" * 10, 1.065, 1065, "comma"),
        ("x;y\n" + "1.065;1\n2.310;2\n" * 10, 1.065, 1065, "comma"),
        ("x;y\n" + "1,065;1\n2,310;2\n" * 10, 1.065, 1065, "point"),
        ('x,y\n"1,065",1\n' + '"2,310",2\n' * 10, 1065, 1.065, "comma"),
        # 812 is not written 812.000, so that the others are thousands.
        ("x;y\n1.065;a\n" + "812;b\n" * 10, 1065, 1.065, "point"),
        # The groups of another column are a hint, and no proof.
        ("x;y\n1.065;1.200.000\n" + "2.310;1.300.000\n" * 10, 1065, 1.065, "point"),
    ],
)
def test_what_cannot_be_decided_is_said_and_can_be_set(
    tmp_path: Path, text: str, value: float, other: float, option: str
) -> None:
    rows = read(tmp_path, text)
    assert rows.values[0, 0].item() == value
    assert is_said(rows, DOUBT, "065", f"read as {value:g}", f"Set decimal to {option}")
    rows = read(tmp_path, text, decimal=option)
    assert rows.values[0, 0].item() == other
    assert not is_said(rows, DOUBT)


def test_marks_that_contradict_are_refused(tmp_path: Path) -> None:
    text = lines(lambda k, x, y: f"{x};{y}", "x;y\n")
    with pytest.raises(DataError, match=r"row 1 below .*; the column is read with a decimal comma"):
        read(tmp_path, text, decimal="comma")
    with pytest.raises(DataError, match="'x' holds text: row 31 below the header is '0,5'"):
        read(tmp_path, text + "0,5;0.5\n")


def test_a_plain_file_is_read_without_a_word_on_numbers(tmp_path: Path) -> None:
    rows = read(tmp_path, lines(plain, "x,y\n"))
    assert in_words(rows.notes) == ("Learns the first columns of numbers: 'x' and 'y'.",)
