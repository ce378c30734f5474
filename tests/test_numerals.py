"""Numbers as people type them."""

import random

import pytest

from ganviz.config import settings
from ganviz.ui.text.numerals import read, written


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0,001", 0.001),
        ("0.001", 0.001),
        (",001", 0.001),
        (".001", 0.001),
        ("1e-3", 0.001),
        ("1E-3", 0.001),
        ("0,125", 0.125),
        ("2.125", 2.125),
        ("1,5", 1.5),
        ("1234,567", 1234.567),
        ("1 234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1'234.5", 1234.5),
        ("1’234.5", 1234.5),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1.200.000", 1_200_000),
        ("1,200,000", 1_200_000),
        ("−0,5", -0.5),
        ("+3", 3),
        (" 7 ", 7),
        ("5.", 5),
    ],
)
def test_a_number_is_what_its_writer_means(typed: str, value: float) -> None:
    assert read(typed, whole=False) == value
    if float(value).is_integer():
        assert read(typed, whole=True) == value
    else:
        with pytest.raises(ValueError, match=r"whole number|not clear"):
            read(typed, whole=True)


@pytest.mark.parametrize(
    ("typed", "whole", "sentence"),
    [
        ("1,000", False, "is not clear, got '1,000': write 1 or 1000"),
        ("-2,500", False, "is not clear, got '-2,500': write -2.5 or -2500"),
        ("8.000", True, "is not clear, got '8.000': write 8 or 8000"),
        ("12,345", True, "is not clear, got '12,345': write 12345"),
        ("", False, "is empty: give a number"),
        (" ", True, "is empty: give a whole number"),
        ("1,5", True, "must be a whole number, got '1,5'"),
        ("1,2,3", False, "must be a number, got '1,2,3'"),
        ("1 2", False, "must be a number, got '1 2'"),
        ("1 0000", True, "must be a whole number, got '1 0000'"),
        ("1/1000", False, "must be a number, got '1/1000'"),
        ("nan", False, "must be a number, got 'nan'"),
        ("inf", True, "must be a whole number, got 'inf'"),
        ("8k", True, "must be a whole number, got '8k'"),
        ("1e400", True, "must be a whole number, got '1e400'"),
    ],
)
def test_what_is_no_number_or_two_is_refused_with_a_reason(
    typed: str, whole: bool, sentence: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        read(typed, whole=whole)
    assert str(refused.value) == sentence


def same_or_reason(typed: str) -> bool | str:
    """Whether a number with a comma is that with a point; else why it is refused."""
    try:
        return read(typed, whole=False) == float(typed.replace(",", "."))
    except ValueError as refused:
        return str(refused).split(",")[0]


def test_what_a_control_shows_is_read_back_exactly() -> None:
    rng = random.Random(0)
    numbers = [rng.choice((-1, 1)) * 10 ** rng.uniform(-12, 12) for _ in range(2000)]
    numbers += [spec.default for spec in settings().values() if spec.type is float]
    assert [read(written(x), whole=False) for x in numbers] == numbers
    # With a comma it is the same number, or refused.
    commas = [written(x).replace(".", ",") for x in numbers]
    assert {same_or_reason(typed) for typed in commas} <= {True, "is not clear"}
    whole = [rng.randrange(-(10**7), 2**31) for _ in range(500)]
    assert [read(written(n), whole=True) for n in whole] == whole
    assert [read(f"{n:,}".replace(",", " "), whole=True) for n in whole] == whole
