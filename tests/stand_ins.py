"""Small files, and a stand-in for OpenML, for data that come from outside."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from ganviz.say import Text, say
from ganviz.target import Target

Pixels = npt.NDArray[np.uint8]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def draws(target: Target, n: int = 20_000, seed: int = 0) -> Tensor:
    return target.sample(n, rng(seed))


def modes_of(target: Target) -> Tensor:
    assert target.modes is not None
    return target.modes


def density(target: Target, x: Tensor) -> Tensor:
    assert target.log_density is not None
    return target.log_density(x)


def in_words(notes: Iterable[Text]) -> tuple[str, ...]:
    return tuple(map(say, notes))


def write_csv(folder: Path, text: str, encoding: str = "utf-8") -> str:
    path = folder / "data.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


def write_numbers(folder: Path, rows: int = 200) -> str:
    """Columns x, y: normal with means (10, -200) and standard deviations (2, 30)."""
    numbers = torch.randn(rows, 2, generator=rng(7)) * torch.tensor([2.0, 30.0])
    lines = [f"{10 + x:.6f},{-200 + y:.6f}" for x, y in numbers.tolist()]
    return write_csv(folder, "\n".join(["x,y", *lines, ""]))


def write_images(folder: Path, count: int = 600, side: int = 12) -> str:
    """Images `000.png`, ... of one colour each: red k, green 2 k, blue 7 k and a little."""
    folder.mkdir(exist_ok=True)
    for k in range(count):
        colour = (k % 256, 2 * k % 256, (7 * k + k // 256) % 256)
        Image.new("RGB", (side, side), colour).save(folder / f"{k:03}.png")
    return str(folder)


@cache
def openml_pixels() -> Pixels:
    """70,000 different 28×28 images: each holds its own number, in base 256, in three pixels."""
    pixels = np.zeros((70_000, 784), dtype=np.uint8)
    number = np.arange(70_000)
    for place in range(3):
        pixels[:, place] = number >> (8 * place) & 255
    return pixels


def fetch_stand_in(name: str, **_: Any) -> SimpleNamespace:
    """What `fetch_openml` gives for either set."""
    return SimpleNamespace(data=openml_pixels())


OPTIONS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "csv": lambda folder: {"file": write_numbers(folder)},
    "images": lambda folder: {"path": write_images(folder / "images"), "size": "8"},
}
"""Options for the datasets that need a file."""
