"""What is known of the registered data before they are read, and how finite data are drawn."""

import threading
import time

import pytest
import torch

from ganviz.datasets import (
    DATASETS,
    DIGITS_TRAINING,
    DataError,
    complaint_of,
    shape_of,
    size_of,
)
from ganviz.datasets.base import Remembered
from ganviz.datasets.samplers import in_rounds, split, with_repetition, without_repetition
from ganviz.registry import UnknownName
from tests.stand_ins import draws, rng

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = (*DATASETS, "dataset", "rang")

FIRST_DRAWS = {
    "ring": (-1.40358, 0.03166, 1.00944, 7.78564),
    "grid": (0.05315, 4.15828, -1.95282, 160.64384),
    "gaussian": (0.89556, 0.16748, 0.49380, -23.40604),
    "mixture": (0.44778, 4.08374, 0.24690, -59.70302),
    "moons": (-0.04924, 1.42687, -0.12109, 169.64597),
    "spiral": (-0.72965, 0.23463, -0.54796, -2.44536),
    "digits": (16.75000, 21.12500, 17.81250, 5015.12500),
}
"""Of 257 draws, the sums of the coordinates of the first, second and last, and of all."""


@pytest.mark.parametrize("name", FIRST_DRAWS)
def test_draws_of_the_first_datasets_never_change(name: str) -> None:
    # Recorded with version 0.1.0, so that old settings and seeds go on giving the same data.
    sums = DATASETS[name].fn().sample(257, rng(1)).flatten(1).double().sum(1)
    found = [sums[0].item(), sums[1].item(), sums[256].item(), sums.sum().item()]
    # Five decimals were recorded; machines may round sines and cosines to float32 differently.
    assert found == pytest.approx(FIRST_DRAWS[name], abs=1e-4)


def test_the_ring_comes_first() -> None:
    assert next(iter(DATASETS)) == "ring"


def test_facts_say_what_the_targets_are() -> None:
    for name, entry in DATASETS.items():
        if "needs" not in entry.facts:
            assert entry.fn().shape == shape_of(name, {})
    sizes = {name: size_of(name, {}) for name in DATASETS}
    assert {name: size for name, size in sizes.items() if size} == {
        "digits": DIGITS_TRAINING,
        "mnist": 60_000,
        "fashion_mnist": 60_000,
    }
    needs = {
        name: entry.facts["needs"] for name, entry in DATASETS.items() if "needs" in entry.facts
    }
    assert needs == {
        "csv": "file",
        "images": "file",
        "mnist": "download",
        "fashion_mnist": "download",
    }


@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("ring", {"modes": 3}, (2,)),
        ("projected_ring", {}, (32,)),
        ("projected_ring", {"dim": 7}, (7,)),
        ("table", {}, (2,)),
        ("table", {"table": "0 1 1"}, (1,)),
        ("table", {"table": "nonsense"}, None),
        ("csv", {"file": "data.csv"}, None),
        ("images", {}, (3, 32, 32)),
        ("images", {"size": "8", "colour": "grey"}, (1, 8, 8)),
        ("mnist", {}, (1, 32, 32)),
    ],
)
def test_a_shape_may_follow_from_the_options(
    name: str, options: dict[str, object], shape: tuple[int, ...] | None
) -> None:
    assert shape_of(name, options) == shape


@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("ring", {}, None),
        ("table", {}, None),
        ("table", {"table": " "}, ("table", "the table is empty")),
        ("csv", {}, None),
        ("csv", {"file": "data.csv"}, None),
        ("images", {}, None),
        ("images", {"path": "images.zip"}, None),
    ],
)
def test_what_cannot_be_is_known_without_reading(
    name: str, options: dict[str, object], complaint: tuple[str, str] | None
) -> None:
    found = complaint_of(name, options)
    assert (found is None) == (complaint is None)
    if found and complaint:
        assert found[0] == complaint[0]
        assert complaint[1] in str(found[1])


def test_an_unknown_dataset_is_no_fact() -> None:
    with pytest.raises(UnknownName, match="did you mean 'ring'"):
        shape_of("rang", {})


def test_a_data_error_is_a_value_error() -> None:
    assert issubclass(DataError, ValueError)


def test_a_fifth_is_held_out_for_good() -> None:
    numbers = torch.arange(1797.0)
    training, held_out = split(numbers)
    assert (len(training), len(held_out)) == (1437, 360)
    assert sorted(torch.cat([training, held_out]).tolist()) == numbers.tolist()
    assert torch.equal(split(numbers)[1], held_out)
    # Mean of 360 of 1,797 numbers: standard error 519 sqrt(1/360 - 1/1797) = 24; four of it.
    assert held_out.mean().item() == pytest.approx(898, abs=98)


def test_rounds_repeat_nothing_before_all_were_drawn() -> None:
    sample = in_rounds(torch.arange(10.0))
    for n in (0, 1, 10, 23):
        drawn = sample(n, rng(n)).tolist()
        assert len(drawn) == n
        for start in range(0, n, 10):
            part = drawn[start : start + 10]
            assert len(set(part)) == len(part)


def test_repetition_is_allowed_where_it_is_meant() -> None:
    drawn = with_repetition(torch.arange(10.0))(10_000, rng())
    counts = torch.bincount(drawn.long(), minlength=10)
    # 1,000 of each, standard deviation 30; five of it.
    assert (counts - 1000).abs().max().item() < 150
    with pytest.raises(ValueError, match="asked for 11 different images of 10"):
        without_repetition(torch.arange(10.0))(11, rng())


def test_bytes_are_drawn_as_numbers_up_to_one() -> None:
    drawn = in_rounds(torch.tensor([0, 51, 255], dtype=torch.uint8))(3, rng())
    # 51/255 is 0.2 in float32.
    assert sorted(drawn.tolist()) == pytest.approx([0.0, 0.2, 1.0], abs=1e-7)


def test_what_many_need_at_once_is_read_once() -> None:
    calls: list[int] = []

    def slow(key: int) -> int:
        calls.append(key)
        time.sleep(0.05)
        return 2 * key

    read, found = Remembered(slow, entries=2), []
    threads = [threading.Thread(target=lambda: found.append(read(3))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (calls, found) == ([3], [6] * 8)
    read.forget()
    assert read(3) == 6
    assert calls == [3, 3]


def test_no_dataset_draws_from_the_global_generator() -> None:
    before = torch.get_rng_state()
    for entry in DATASETS.values():
        if "needs" not in entry.facts:
            draws(entry.fn(), 10)
    assert torch.equal(torch.get_rng_state(), before)
