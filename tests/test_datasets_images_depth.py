"""Images of more than 8 bits: in the range of the whole set, whatever their file's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from PIL import Image

from ganviz.datasets import DataError, images
from tests.pictures import (
    GOOD,
    Numbers,
    everything,
    film,
    folder,
    plain,
    png_of_words,
    saved,
    tiff,
)
from tests.stand_ins import in_words

pytestmark = pytest.mark.usefixtures("wrapped")

EXACT = 1 / 32_767
"""A step of the numbers that deep images are kept in."""


def ramp(low: float, high: float, dtype: str, channels: int = 1, count: int = 12) -> list[Numbers]:
    """Images of which the first holds `low`, the last `high`, and each is different."""
    values = np.linspace(low, high, count * 64 * channels).reshape(count, 8, 8, channels)
    return list(values.astype(dtype))


def files(values: list[Numbers], data: Callable[[Numbers], bytes]) -> list[tuple[str, bytes]]:
    return [(f"{k:02}", data(v)) for k, v in enumerate(values)]


def scaled(values: list[Numbers]) -> torch.Tensor:
    """What a set should become: its own range, in float64."""
    stack = np.stack(values).astype(np.float64).transpose(0, 3, 1, 2)
    return torch.from_numpy((stack - stack.min()) / (stack.max() - stack.min()))


@pytest.mark.parametrize(
    ("low", "high", "dtype", "data", "said"),
    [
        (0, 1023, "u2", png_of_words, "In 12 16-bit images 0 is black and 1,023 white"),
        (300, 4095, "u2", tiff, "In 12 16-bit images 300 is black and 4,095 white"),
        (-1000, 3000, "i2", tiff, "In 12 16-bit images −1,000 is black and 3,000 white"),
        (0, 255, "i4", tiff, "In 12 32-bit images 0 is black and 255 white"),
        (0, 4e9, "u4", tiff, "In 12 32-bit images 0 is black and 4e+09 white"),
        (0, 1, "f4", tiff, "In 12 floating-point images 0 is black and 1 white"),
        (-2.5, 7.5, "f4", tiff, "In 12 floating-point images −2.5 is black and 7.5 white"),
        (-1e-6, 3e-6, "f8", tiff, "In 12 floating-point images −1e−06 is black and 3e−06 white"),
        (0, 1e30, "f4", tiff, "In 12 floating-point images 0 is black and 1e+30 white"),
    ],
)
def test_values_are_scaled_by_the_range_of_the_whole_set(
    low: float,
    high: float,
    dtype: str,
    data: Callable[[Numbers], bytes],
    said: str,
    tmp_path: Path,
) -> None:
    values = ramp(low, high, dtype)
    path = folder(tmp_path, files(values, data))
    # In float32, which is exact for whole numbers up to 2^24.
    found = everything(path)
    assert (found - scaled(values)).abs().max().item() <= EXACT + 1e-6
    assert in_words(images(path=str(path), size="8").notes) == (f"{said}, the range of them all.",)


@pytest.mark.parametrize("deflated", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", ["u2", "i2", "u4", "i4", "f4", "f8"])
def test_whichever_byte_comes_first(
    dtype: str, order: Literal["<", ">"], deflated: bool, tmp_path: Path
) -> None:
    values = ramp(3, 1003, dtype)
    path = folder(tmp_path, files(values, lambda v: tiff(v, order, deflated=deflated)))
    assert (everything(path) - scaled(values)).abs().max().item() <= EXACT + 1e-6


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_colours_of_16_bits_keep_all_of_them(channels: int, tmp_path: Path) -> None:
    values = ramp(0, 1023, "u2", channels)
    shown = channels - (channels in (2, 4))
    if shown < channels:
        for v in values:
            v[..., -1] = 65_535  # opaque
    kept = [v[..., :shown] for v in values]
    wanted = scaled(kept)
    if shown == 1:
        wanted = wanted.expand(-1, 3, -1, -1)
    found = everything(folder(tmp_path, files(values, png_of_words)), colour="colour")
    assert (found - wanted).abs().max().item() <= EXACT + 1e-6


@pytest.mark.parametrize("deflated", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [3, 4])
def test_so_do_those_of_a_tiff(
    channels: int, order: Literal["<", ">"], deflated: bool, tmp_path: Path
) -> None:
    values = ramp(0, 1023, "u2", channels)
    for v in values:
        v[..., 3:] = 65_535
    path = folder(tmp_path, files(values, lambda v: tiff(v, order, deflated=deflated)))
    found = everything(path, colour="colour")
    assert (found - scaled([v[..., :3] for v in values])).abs().max().item() <= EXACT + 1e-6


def test_white_is_behind_what_is_transparent_at_16_bits_too(tmp_path: Path) -> None:
    values = ramp(0, 65_535, "u2", 4)
    for v in values:
        v[..., 3] = 65_535
        v[4:, :, 3] = 0
    found = everything(folder(tmp_path, files(values, png_of_words)), colour="colour")
    assert found[:, :, 4:].min().item() == 1
    assert found[:, :, :4].min().item() == pytest.approx(0, abs=EXACT)


def test_grey_of_16_bit_colours_is_their_luma(tmp_path: Path) -> None:
    values = ramp(0, 1023, "u2", 3)
    found = everything(folder(tmp_path, files(values, png_of_words)))
    luma = [v.astype(float) @ np.array([[0.299], [0.587], [0.114]]) for v in values]
    assert (found - scaled(luma)).abs().max().item() <= EXACT + 1e-6


def test_a_set_of_8_bits_keeps_0_to_255(tmp_path: Path) -> None:
    path = folder(tmp_path, [(f"{k}.png", plain(100 + 5 * k)) for k in range(12)])
    found = (everything(path)[:, 0, 0, 0] * 255).tolist()
    assert found == pytest.approx([100 + 5 * k for k in range(12)], abs=1e-4)
    assert images(path=str(path), size="8").notes == ()


def test_masks_of_0_and_1_are_black_and_white(tmp_path: Path) -> None:
    masks = [np.eye(8, k=k - 6).astype("u1") for k in range(12)]
    path = folder(tmp_path, [(f"{k}", saved(Image.fromarray(m))) for k, m in enumerate(masks)])
    found = everything(path)
    assert sorted({round(v, 6) for v in found.flatten().tolist()}) == [0, 1]
    assert found.sum().item() == sum(m.sum() for m in masks)
    (note,) = in_words(images(path=str(path), size="8").notes)
    assert note == "In 12 8-bit images 0 is black and 1 white, the range of them all."


def test_each_depth_of_a_mixed_set_has_a_range_of_its_own(tmp_path: Path) -> None:
    words, floats = ramp(0, 1023, "u2"), ramp(0, 1, "f4")
    mixed = [(f"a{name}", data) for name, data in files(words, png_of_words)]
    mixed += [(f"b{name}", data) for name, data in files(floats, tiff)]
    path = folder(tmp_path, [*mixed, *GOOD])
    found = everything(path)
    wanted = [scaled(words), scaled(floats), torch.arange(12)[:, None, None, None] / 25.5]
    expected = torch.cat([w.expand(-1, 1, 8, 8) for w in wanted]).flatten(1)
    expected = expected[expected.sum(1).argsort()].reshape(-1, 1, 8, 8)
    assert (found - expected).abs().max().item() <= EXACT + 1e-6
    assert in_words(images(path=str(path), size="8").notes) == (
        "In 12 16-bit images 0 is black and 1,023 white, the range of them all.",
        "In 12 8-bit images 0 is black and 255 white.",
        "In 12 floating-point images 0 is black and 1 white, the range of them all.",
    )


def test_images_without_a_range_among_others_are_left_out(tmp_path: Path) -> None:
    blank = [(f"z{k}.png", png_of_words(np.full((8, 8, 1), 7, "u2"))) for k in range(3)]
    path = folder(tmp_path, [*GOOD, *blank])
    assert len(everything(path)) == 12
    assert in_words(images(path=str(path), size="8").notes) == (
        "3 16-bit images are left out: all their values are 7.",
        "In 12 8-bit images 0 is black and 255 white.",
    )


@pytest.mark.parametrize("colour", ["grey", "colour"])
@pytest.mark.parametrize(
    "data",
    [
        plain(128),
        saved(Image.new("RGB", (8, 8), (255, 0, 0)), "JPEG"),
        saved(Image.new("RGBA", (8, 8), (1, 2, 3, 0))),
        png_of_words(np.full((8, 8, 1), 512, "u2")),
        tiff(np.zeros((8, 8, 1), "f4")),
    ],
    ids=["grey", "red", "transparent", "16 bits", "floats"],
)
def test_a_set_without_contrast_is_refused(
    data: bytes, colour: Literal["grey", "colour"], tmp_path: Path
) -> None:
    path = folder(tmp_path / "a", [(f"{k}", data) for k in range(12)])
    with pytest.raises(DataError, match=r"^a: all 12 images are of one colour.* to learn\."):
        images(path=str(path), size="8", colour=colour)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_said(bad: float, tmp_path: Path) -> None:
    values = ramp(0, 1, "f4")
    values[3][2, 2] = bad
    path = folder(tmp_path / "a", files(values, tiff))
    notes = in_words(images(path=str(path), size="8").notes)
    assert notes[0] == "1 left out (values that are not finite, NaN or infinity): 03."
    for v in values:
        v[0, 0] = bad
    with pytest.raises(
        DataError, match=r"a has no images .*\(values that are not finite.*\): 00, 01"
    ):
        images(path=str(folder(tmp_path / "a", files(values, tiff))), size="8")


def test_what_lies_outside_the_middle_square_does_not_count(tmp_path: Path) -> None:
    values = [
        np.pad(v, ((0, 0), (4, 4), (0, 0)), constant_values=60_000) for v in ramp(0, 99, "u2")
    ]
    found = everything(folder(tmp_path, files(values, png_of_words)))
    assert (found - scaled([v[:, 4:12] for v in values])).abs().max().item() <= EXACT + 1e-6


def test_a_smaller_deep_image_is_the_average_of_a_larger_one(tmp_path: Path) -> None:
    rows = np.repeat(np.arange(1024, dtype="u2")[:, None], 1024, 1)[:, :, None]
    path = folder(tmp_path, files([np.rot90(rows, k) for k in range(12)], png_of_words))
    found = everything(path).double()
    down = min(found, key=lambda image: image[0, 0].mean().item())
    expected = (128 * torch.arange(8.0).double() + 63.5) / 1023
    assert (down[0, 1:-1] - expected[1:-1, None]).abs().max().item() <= 3e-3


def test_every_page_of_a_stack_counts_for_the_range(tmp_path: Path) -> None:
    pages = [Image.fromarray(np.full((8, 8), 100 * k, "u2")) for k in range(12)]
    found = everything(folder(tmp_path, [("stack.tif", film(pages, "TIFF"))]))
    assert found[:, 0, 0, 0].tolist() == pytest.approx([k / 11 for k in range(12)], abs=EXACT)


def test_an_arrangement_of_16_bits_that_is_not_read_is_said(tmp_path: Path) -> None:
    inks = [tiff(v, inks=True) for v in ramp(0, 1023, "u2", 4)]
    path = folder(tmp_path, [*GOOD, *((f"z{k}.tif", data) for k, data in enumerate(inks))])
    (note,) = in_words(images(path=str(path), size="8").notes)
    assert note.startswith(
        "12 left out (16-bit colours in an arrangement that is not read): z0.tif,"
    )
