"""What is no datum: columns that number the rows, and values that stand for missing ones."""

from pathlib import Path

import numpy as np
import pytest

from ganviz import DATASETS, RunConfig
from ganviz.datasets import csv
from ganviz.datasets.csv_missing import far_off
from tests.stand_ins import write_csv
from tests.tables import NUMBERS, german, is_said, lines, plain, read

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = ("row names", "column 3")
"""What columns without a name are called."""


@pytest.mark.parametrize(
    "header", ["id,x,y", "ID,x,y", "Index,x,y", "row,x,y", "Row ID,x,y", ",x,y", "Unnamed: 0,x,y"]
)
def test_a_column_named_for_rows_is_not_picked(tmp_path: Path, header: str) -> None:
    rows = read(tmp_path, lines(lambda *r: f"{r[0] ** 2}," + plain(*r), header + "\n"))
    assert rows.names == ("x", "y")
    assert is_said(rows, "looks like the number of a row", "is not picked")


@pytest.mark.parametrize("first", ["{}", "{}.0", '"{}"', "{},0"])
def test_a_first_column_that_counts_is_not_picked(tmp_path: Path, first: str) -> None:
    row = lambda k, x, y: f"{first.format(k + 5)};{german(x)}"  # noqa: E731
    rows = read(tmp_path, lines(row, "t;x\n"))
    assert rows.names == ("x",)
    assert is_said(rows, "Column 't' looks like the number of a row", "not picked")
    assert read(tmp_path, lines(row)).names == ("2",)
    assert read(tmp_path, lines(row, "t;x\n"), columns="t,x").values[0, 0].item() == 5


def test_numbers_of_rows_are_learned_where_there_is_nothing_else(tmp_path: Path) -> None:
    assert read(tmp_path, lines(lambda k, x, y: f"{k},w", "id,n\n")).names == ("id",)
    gap = lines(lambda k, x, y: f"{k + (k > 9)},{y}", "t,y\n")
    assert read(tmp_path, gap).names == ("t", "y")


@pytest.mark.parametrize(
    "word",
    [
        *("***", ".", "--", "n.a.", "#N/A", "NA", "NaN", "null", "?", "…", "-", "—", "#DIV/0!"),
        *("", "None", "*", "..", "<NA>", "(null)", "\\N", "nan", "#####", "N/A "),
    ],
)
def test_words_for_missing_are_counted(tmp_path: Path, word: str) -> None:
    row = lambda k, x, y: f"{x},{word if k % 3 == 0 else k * k},w"  # noqa: E731
    rows = read(tmp_path, lines(row, "x,y,n\n"))
    assert rows.values[:, 1].tolist() == [k * k for k in range(30) if k % 3]
    assert is_said(rows, "10 of 30 rows have a missing value and are left out.")


def code(written: str, share: int = 5) -> str:
    return lines(lambda k, x, y: f"{german(x)};{written if k % share == 0 else german(y)}", "x;y\n")


@pytest.mark.parametrize("written", ["-200", "-200,0", "−200", "9999", "-9999", "1e20", "99.999"])
def test_a_far_off_value_that_repeats_is_said_and_can_be_left_out(
    tmp_path: Path, written: str
) -> None:
    value = float(written.replace("−", "-").replace(".", "").replace(",", "."))
    rows = read(tmp_path, code(written))
    assert is_said(rows, "Column 'y'", f"is {value:g} in 20 % of the rows", "set missing to")
    assert len(rows.values) == 30
    for said in (written, f"{value:g}"):
        left = read(tmp_path, code(written), missing=said)
        assert np.array_equal(left.values.numpy(), NUMBERS[[k for k in range(30) if k % 5]])
        assert is_said(left, "6 of 30 rows have a missing value and are left out.")
        assert is_said(left, f"6 cells of column 'y' are {said}, which stands for missing.")
        assert not is_said(left, "far from all others")


def test_several_values_and_words_may_be_named(tmp_path: Path) -> None:
    text = lines(
        lambda k, x, y: (
            f"{x},{'-99' if k == 3 else '9999.0' if k == 4 else 'below' if k == 5 else y}"
        ),
        "x,y\n",
    )
    for said in ("-99; 9999; below", "-99, 9999, Below", "-99,9999;below"):
        assert len(read(tmp_path, text, missing=said).values) == 27
    rows = read(tmp_path, lines(plain, "x,y\n"), missing="-99;NA")
    assert str(rows.notes[-1]) == "No cell is -99, which missing names."


def test_real_columns_are_not_suspected() -> None:
    rng = np.random.default_rng(1)
    n = 5000
    real = [
        rng.normal(size=n),
        rng.lognormal(0, 1.5, n),
        rng.standard_cauchy(n).round(),
        np.where(rng.random(n) < 0.6, 0, rng.lognormal(0, 1, n)),
        rng.poisson(3, n).astype(float),
        rng.geometric(0.01, n).astype(float),
        rng.zipf(1.8, n).astype(float),
        np.minimum(rng.lognormal(12, 0.6, n), 5e5),
        rng.integers(0, 2, n).astype(float),
        np.clip(rng.standard_cauchy(n), -50, 50),  # far off, but not alone there
        np.where(rng.random(n) < 0.1, 18, rng.integers(0, 11, n)),  # alone, but not far off
        np.array([3.5]),
    ]
    assert [far_off(column) for column in real] == [[]] * len(real)


def test_codes_of_air_quality_data_are_found() -> None:
    # Means and deviations as in the Air Quality data of De Vito (UCI), where -200 is missing.
    rng = np.random.default_rng(2)
    n = 9357
    for middle, spread, digits in ((2.2, 1.4, 1), (113, 48, 0), (1100, 217, 0), (18, 9, 1)):
        column = np.abs(rng.normal(middle, spread, n)).round(digits)
        missing = rng.random(n) < 0.18
        column[missing] = -200
        assert far_off(column) == [(-200, missing.mean())]
    column[rng.random(n) < 0.1] = 9999
    assert [value for value, _ in far_off(column)] == [-200, 9999]


def test_the_options_are_those_of_any_dataset(tmp_path: Path) -> None:
    assert DATASETS["csv"].options["decimal"].choices == ("auto", "point", "comma")
    text = "x\n" + "".join(f"1.{k + 100}\n" for k in range(20)) + "1.200\n" * 4
    options = {"file": write_csv(tmp_path, text), "decimal": "comma", "missing": "1200"}
    config = RunConfig.from_query(RunConfig(dataset="csv", dataset_options=options).to_query())
    target = csv(**dict(config.dataset_options))
    assert target.size is not None
    assert target.held_out_size is not None
    assert target.size + target.held_out_size == 20
    assert any("4 of 24 rows" in str(note) for note in target.notes)
