"""Image files made by hand, also of kinds that Pillow reads and does not write."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy.typing as npt
import torch
from PIL import Image

from ganviz.datasets import images
from tests.stand_ins import rng

Numbers = npt.NDArray[Any]


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def film(pictures: list[Image.Image], kind: str, **options: Any) -> bytes:
    """Several frames in one file."""
    return saved(pictures[0], kind, save_all=True, append_images=pictures[1:], **options)


def plain(k: int, side: int = 8) -> bytes:
    """A PNG of one grey."""
    return saved(Image.new("RGB", (side, side), (k, k, k)))


GOOD = [(f"good{k:02}.png", plain(10 * k)) for k in range(12)]
ALL = [10 * k for k in range(12)]
"""The grey levels of `GOOD`."""


def folder(root: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """Write files below a folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, data in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def packed(
    path: Path, files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_STORED
) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


def levels(path: Path, **options: Any) -> list[int]:
    """The grey levels of all images, in 255ths, training and held out, each image of one colour."""
    target = images(path=str(path), **{"size": "8", "colour": "grey"} | options)
    found = [target.sample(1000, rng()), target.draw_held_out(1000, rng())]
    return sorted({round(x.mean().item() * 255) for x in torch.cat(found)})


def everything(path: Path, **options: Any) -> torch.Tensor:
    """All images of a set of at most 1,000, training and held out, in the order of their sums."""
    target = images(path=str(path), **{"size": "8", "colour": "grey"} | options)
    assert target.size is not None
    assert target.held_out_size is not None
    drawn = [target.sample(target.size, rng()), target.draw_held_out(target.held_out_size, rng())]
    found = torch.cat(drawn)
    return found[found.flatten(1).sum(1).argsort()]


def png_of_words(values: Numbers) -> bytes:
    """A PNG of 16 bits a channel; `values` of shape `(height, width, 1 to 4)`."""
    height, width, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    body = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def tiff(
    values: Numbers, order: Literal["<", ">"] = "<", *, deflated: bool = False, inks: bool = False
) -> bytes:
    """A TIFF of one strip in the dtype of `values`, of shape `(height, width, 1, 3 or 4)`.

    Args:
        values: numbers.
        order: "<" or ">", which byte comes first.
        deflated: compressed, which Pillow leaves to libtiff.
        inks: four channels are cyan, magenta, yellow and black, not colours and their opacity.
    """
    height, width, channels = values.shape
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()
    data = zlib.compress(data) if deflated else data
    bits = values.dtype.itemsize * 8
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    short, long = ("H", 3), ("I", 4)
    tags: list[tuple[int, tuple[str, int], list[int]]] = [
        (256, long, [width]),
        (257, long, [height]),
        (258, short, [bits] * channels),
        (259, short, [8 if deflated else 1]),
        (262, short, [5 if inks else 2 if channels > 1 else 1]),
        (273, long, [0]),  # where the strip begins, known at the end
        (277, short, [channels]),
        (278, long, [height]),
        (279, long, [len(data)]),
        *([(338, short, [2])] if channels == 4 and not inks else []),  # alpha
        (339, short, [kind] * channels),
    ]
    after = 8 + 2 + 12 * len(tags) + 4
    entries, beside = [], b""
    for tag, (letter, number), numbers in tags:
        raw = struct.pack(f"{order}{len(numbers)}{letter}", *numbers)
        if len(raw) > 4:
            raw, beside = struct.pack(f"{order}I", after + len(beside)), beside + raw
        entries.append([struct.pack(f"{order}HHI", tag, number, len(numbers)), raw.ljust(4, b"\0")])
    entries[5][1] = struct.pack(f"{order}I", after + len(beside))
    head = b"II*\0" if order == "<" else b"MM\0*"
    table = struct.pack(f"{order}H", len(tags)) + b"".join(a + b for a, b in entries)
    return head + struct.pack(f"{order}I", 8) + table + bytes(4) + beside + data
