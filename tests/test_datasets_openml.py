"""MNIST and Fashion-MNIST from a stand-in of the same format; no test uses the network."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import sklearn.datasets
import torch

from ganviz.datasets import DataError, fashion_mnist, mnist
from ganviz.datasets.openml import Source, fetched, target_of
from tests.stand_ins import fetch_stand_in, openml_pixels, rng

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = ("MNIST", "Small MNIST")

SMALL = Source("Small MNIST", "mnist_784", 70, 60)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    fetched.forget()
    yield
    fetched.forget()


def write_cache(home: Path, pixels: np.ndarray[Any, Any]) -> None:
    """What scikit-learn leaves behind after it downloaded a set: JSON and ARFF, each gzipped."""
    names = [f"pixel{k}" for k in range(1, 785)]
    header = [f"@ATTRIBUTE {name} real" for name in names]
    rows = [",".join([*map(str, row), str(k % 10)]) for k, row in enumerate(pixels.tolist())]
    classes = "@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}"
    arff = "\n".join(["@RELATION mnist_784", *header, classes, "@DATA", *rows, ""]).encode()
    plain = {"is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
    features = [
        {"index": str(k), "name": name, "data_type": "numeric", "is_target": "false", **plain}
        for k, name in enumerate(names)
    ]
    target = {"name": "class", "data_type": "nominal", "is_target": "true", "index": "784"}
    about = {
        "id": "554",
        "name": "mnist_784",
        "version": "1",
        "description": "a stand-in",
        "format": "ARFF",
        "status": "active",
        "url": "https://api.openml.org/data/v1/download/52667/mnist_784.arff",
        "md5_checksum": hashlib.md5(arff).hexdigest(),
    }
    count = {"name": "NumberOfInstances", "value": str(len(pixels))}
    api = "api/v1/json/data"
    files = {
        f"{api}/list/data_name/mnist_784/limit/2/data_version/1": {
            "data": {"dataset": [{"did": 554, "name": "mnist_784", "version": 1}]}
        },
        f"{api}/554": {"data_set_description": about},
        f"{api}/features/554": {"data_features": {"feature": [*features, {**target, **plain}]}},
        f"{api}/qualities/554": {"data_qualities": {"quality": [count]}},
    }
    contents = {path: json.dumps(value).encode() for path, value in files.items()}
    contents["data/v1/download/52667/mnist_784.arff"] = arff
    for path, data in contents.items():
        place = home / "openml" / "openml.org" / f"{path}.gz"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(gzip.compress(data))


def refuse(*_: Any, **__: Any) -> None:
    raise URLError("no route to host")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """scikit-learn's data folder, on a machine without a network."""
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    monkeypatch.setattr("sklearn.datasets._openml.urlopen", refuse)
    return tmp_path


def test_what_was_downloaded_once_needs_no_network(home: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (70, 784), dtype=np.uint8)
    write_cache(home, pixels)
    target = target_of(SMALL)
    assert target.shape == (1, 32, 32)
    images = target.sample(60, rng())
    # The border is black and 2 wide, and the inside is pixels in 255ths, exactly.
    assert images.sum().item() == pytest.approx(images[:, :, 2:30, 2:30].sum().item(), rel=1e-6)
    inside = (images[:, 0, 2:30, 2:30] * 255).round().byte().flatten(1).numpy()
    assert {row.tobytes() for row in inside} == {row.tobytes() for row in pixels[:60]}
    held_out = target.draw_held_out(10, rng())[:, 0, 2:30, 2:30]
    found = (held_out * 255).round().byte().flatten(1).numpy()
    assert {row.tobytes() for row in found} == {row.tobytes() for row in pixels[60:]}


@pytest.mark.filterwarnings("ignore:A network error occurred")
def test_without_a_network_the_sentence_says_what_to_do(home: Path) -> None:
    words = f"Small MNIST is not on this machine.*no route to host.*copy the folder {home}"
    with pytest.raises(DataError, match=words):
        target_of(SMALL)
    # A failure is not remembered: with the data in place it works.
    write_cache(home, openml_pixels()[:70])
    assert target_of(SMALL).sample(5, rng()).shape == (5, 1, 32, 32)


def test_a_set_of_another_shape_is_refused(home: Path) -> None:
    write_cache(home, openml_pixels()[:30])
    with pytest.raises(DataError, match=r"should be 70 images of 28×28.*\(30, 784\).*Delete"):
        target_of(SMALL)


@pytest.mark.filterwarnings("ignore:Invalid cache")
@pytest.mark.filterwarnings("ignore:A network error occurred")
def test_a_damaged_copy_is_no_mystery(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: Any, **__: Any) -> None:
        raise ValueError("md5 checksum does not match")

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", damaged)
    with pytest.raises(DataError, match=r"cannot be read from .*md5 checksum.*Delete the folder"):
        target_of(SMALL)


def test_the_usual_split_is_kept_and_data_are_fetched_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[dict[str, Any]] = []

    def counted(name: str, **options: Any) -> Any:
        calls.append({"name": name, **options})
        return fetch_stand_in(name)

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", counted)

    def numbers(images: torch.Tensor) -> list[int]:
        digits = (images[:, 0, 2, 2:5] * 255).round().long()
        found: list[int] = sorted((digits @ torch.tensor([1, 256, 65536])).tolist())
        return found

    first, again = mnist(), mnist()
    assert numbers(first.sample(60_000, rng())) == list(range(60_000))
    assert numbers(again.draw_held_out(10_000, rng())) == list(range(60_000, 70_000))
    assert (first.size, first.held_out_size) == (60_000, 10_000)
    with pytest.raises(ValueError, match="60001 different images of 60000"):
        first.sample(60_001, rng())
    fashion_mnist()
    assert [(call["name"], call["version"]) for call in calls] == [
        ("mnist_784", 1),
        ("Fashion-MNIST", 1),
    ]
    shift, scale = first.standardisation
    assert (shift.item(), scale) == (0.5, 0.5)
