"""The table of metrics: each beside its floor, or why there is none."""

import math
from dataclasses import replace

from ganviz.readings import Cost, Readings
from ganviz.ui import text
from tests.instrumented import figure
from tests.moments import read, snapshot


def test_every_metric_is_a_row_with_its_floor_and_a_mark() -> None:
    readings = read(
        jsd=(0.25, -0.002, 0.0000723), modes=(8.0, 8.0, 8.0), recall=(math.nan, 0.97, 1.0)
    )
    rows = text.numbers(replace(snapshot(), readings=readings))
    assert [row[1:] for row in rows] == [
        ("0.250", "−0.00200 to 0.00007", "outside", False),
        ("8", "8 to 8", "like real", True),
        ("–", "0.97 to 1.00", "outside", False),
    ]
    assert rows[0].label == "JSD, by 20,000 samples"
    assert text.verdict(replace(snapshot(), readings=readings)) == (
        "1 of 3 like real, by 1,000 samples of the averaged G (EMA) at iteration 3"
    )
    few = replace(readings, samples=40)
    assert "by 40 samples of" in text.verdict(replace(snapshot(), readings=few))


def test_an_empty_table_says_what_to_wait_for() -> None:
    assert text.verdict(None) == "Press Start: nothing is measured yet."
    assert "The instruments are off" in text.verdict(snapshot())
    waiting = replace(snapshot(), readings=Readings(cost=Cost(limit=0.15)))
    assert "noise floors are taken first" in text.verdict(waiting)


def test_data_of_too_few_rows_say_so_instead_of_a_floor() -> None:
    lacking = Readings(cost=Cost(limit=0.15), samples=1_000, too_few=(60, 1_000))
    shown = replace(snapshot(), readings=lacking)
    said = "too few rows for a floor (60 rows; needs 1,000)"
    assert said in text.verdict(shown)
    assert said in text.captions(shown)["quality"]
    for chart in ("quality", "precision_recall", "shares"):
        (note,) = figure(chart, lacking).layout.annotations
        assert note.text == "Too few rows for a floor<br>(60 rows; needs 1,000)"
