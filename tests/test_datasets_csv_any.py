"""Whatever a file holds, it is read rightly, or doubt is said, or it is refused in a sentence."""

import random
from pathlib import Path

import numpy as np
import pytest

from ganviz.datasets import DataError, csv
from ganviz.datasets.csv_marks import Decimal
from tests.tables import is_said, read

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = ("row names", "column 3", "ab")
"""What columns are called that have no name, or one of a and b with a quote between them."""

GROUPS = {".": ["", ",", " ", "'"], ",": ["", ".", "\u202f", "\u00a0", " "]}


def written(number: float, digits: int, decimal: str, group: str) -> str:
    return f"{number:_.{digits}f}".replace(".", decimal).replace("_", group)


@pytest.mark.parametrize("seed", range(150))
def test_no_factor_of_a_thousand_is_silent(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    decimal = draw.choice(".,")
    group = draw.choice(GROUPS[decimal])
    separator = draw.choice(",;\t|")
    columns = []
    for _ in range(2):
        digits, size = draw.choice([0, 1, 2, 3, 3, 3, 4]), 10 ** draw.uniform(0, 6)
        shift = draw.choice([0, 1, 5]) * size
        columns.append([(round(draw.gauss(shift, size), digits), digits) for _ in range(20)])
    rows = [
        separator.join(
            f'"{cell}"' if separator in cell else cell
            for cell in (written(number, digits, decimal, group) for number, digits in row)
        )
        for row in zip(*columns, strict=True)
    ]
    header = draw.choice([[f"x{separator}y"], []])
    found = read(tmp_path, "\n".join([*header, *rows, ""]), columns="1,2")
    numbers = np.array([[number for number, _ in column] for column in columns]).T
    for k, name in enumerate(found.names):
        right = np.allclose(found.values[:, k].numpy(), numbers[:, k], rtol=1e-12, atol=0)
        assert right or is_said(found, "Nothing tells whether", f"column {name!r}"), rows[:3]


PARTS = [*"0123456789" * 4, *".,;;,,\t||  \n\n\n\n\"'#%€-−()eE+x?*=\r\0"]
PARTS += ["NA", "1.065", "1,5", "sep=;\n", "id", "a,b\n", "\u202f", "2020-01-01", "inf", "total"]
CELLS = ["1.5", "2", "1,5", "-3", "NA", "x", "1.065", "7 %", "", '"a\nb"', "12.000.000", "(3)"]


def anything(draw: random.Random) -> str:
    if draw.random() < 0.5:
        return "".join(draw.choices(PARTS, k=draw.randrange(300)))
    separator = draw.choice(",;\t| ")
    lines = ["# c"] * draw.randrange(2) + [separator.join("abc")] * draw.randrange(2)
    for _ in range(draw.randrange(40)):
        cells = [f"{draw.gauss(0, 50):.{draw.randrange(4)}f}" for _ in range(3)]
        if draw.random() < 0.1:
            cells[draw.randrange(3)] = draw.choice(CELLS)
        lines.append(separator.join(cells[: 3 if draw.random() < 0.95 else 2]))
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(10))
def test_nothing_but_sentences_comes_of_a_bad_file(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    path, answers = tmp_path / "data.csv", []
    for _ in range(50):
        encoding = draw.choice(["utf-8", "utf-8", "utf-16", "cp1252"])
        path.write_bytes(anything(draw).encode(encoding, errors="replace"))
        decimal: Decimal = draw.choice(["auto", "point", "comma"])
        try:
            csv(file=str(path), decimal=decimal, missing="7;x")
            answers.append("")
        except DataError as error:
            answers.append(str(error))
    assert "" in answers
    assert {10 < len(answer) < 500 for answer in answers if answer} == {True}
