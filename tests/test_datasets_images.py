"""Images of one's own: what they become, whatever their files are called."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torch import Tensor

from ganviz.datasets import images
from ganviz.datasets.image_decoding import Decoded, decoded
from tests.pictures import ALL, GOOD, folder, levels, packed, plain, saved
from tests.stand_ins import in_words, rng, write_images

pytestmark = pytest.mark.usefixtures("wrapped")


def pixels(data: bytes, size: int, grey: bool) -> Tensor:
    """Those of the one frame of a file."""
    (frame,) = decoded(data, size, grey).frames
    return torch.from_numpy(frame.pixels)


def test_a_folder_becomes_images_between_zero_and_one(tmp_path: Path) -> None:
    target = images(path=write_images(tmp_path / "a", 20), size="16")
    assert target.shape == (3, 16, 16)
    assert target.notes == ()
    shift, scale = target.standardisation
    assert (shift.item(), scale) == (0.5, 0.5)
    for image in target.sample(16, rng()):
        k = round(image[0, 0, 0].item() * 255)
        # Image k has the colour (k, 2 k, 7 k): one colour stays itself at any size, in 255ths.
        assert torch.equal(
            image, torch.tensor([k, 2 * k, 7 * k]).div(255).expand(16, 16, 3).movedim(2, 0)
        )


def test_a_fifth_is_held_out_for_good(tmp_path: Path) -> None:
    path = write_images(tmp_path / "a", 50)
    first, again = images(path=path, size="8"), images(path=path, size="8")

    def rows(drawn: Tensor) -> set[bytes]:
        return {image.numpy().tobytes() for image in drawn}

    training, held_out = rows(first.sample(40, rng())), rows(first.draw_held_out(10, rng()))
    # A batch of as many images as there are repeats none.
    assert (len(training), len(held_out)) == (first.size, first.held_out_size) == (40, 10)
    assert training.isdisjoint(held_out)
    assert rows(again.sample(500, rng(3))) == training
    assert rows(again.draw_held_out(500, rng(3))) == held_out


def test_a_zip_holds_the_same_images_as_its_folder(tmp_path: Path) -> None:
    inside = [*GOOD[:6], *((f"deep/er/{name}", data) for name, data in GOOD[6:])]
    assert levels(folder(tmp_path / "a", inside)) == ALL
    assert levels(packed(tmp_path / "a.zip", inside)) == ALL
    assert levels(packed(tmp_path / "b.zip", inside, zipfile.ZIP_DEFLATED)) == ALL


def test_every_usual_format_is_read(tmp_path: Path) -> None:
    kinds = {
        "bmp": "BMP",
        "gif": "GIF",
        "jpg": "JPEG",
        "pgm": "PPM",
        "tiff": "TIFF",
        "webp": "WEBP",
    }
    files = [
        (f"{k}.{suffix}", saved(Image.new("L", (9, 9), 20 * k), kind))
        for k, (suffix, kind) in enumerate(kinds.items())
    ]
    files += [(f"{k}.PNG", saved(Image.new("L", (9, 9), 20 * k))) for k in range(6, 12)]
    assert levels(folder(tmp_path, files)) == pytest.approx([20 * k for k in range(12)], abs=1)


def test_content_tells_what_is_an_image_and_not_the_name(tmp_path: Path) -> None:
    names = ["photo", "IMG.JPG", "a.jfif", "b.jpe", "c.txt", "d.PnG", "e.jpg.bak", "f.", "g.webp"]
    kinds = ["JPEG", "JPEG", "JPEG", "JPEG", "PNG", "PNG", "TIFF", "GIF", "PNG"]
    files = [
        (name, saved(Image.new("L", (8, 8), 20 * k), kind))
        for k, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]
    files += GOOD[-3:]
    expected = sorted({*range(0, 180, 20), 90, 100, 110})
    for path in (folder(tmp_path / "a", files), packed(tmp_path / "a.zip", files)):
        assert levels(path) == pytest.approx(expected, abs=1)
        assert images(path=str(path), size="8").notes == ()


def test_grey_is_one_channel_and_colour_three(tmp_path: Path) -> None:
    halves = Image.new("RGB", (8, 8), (255, 0, 0))
    halves.paste((0, 0, 255), (4, 0, 8, 8))
    path = str(folder(tmp_path, [(f"{k}.png", saved(halves)) for k in range(10)]))
    grey = images(path=path, size="8", colour="grey")
    colour = images(path=path, size="8")
    assert (grey.shape, colour.shape) == ((1, 8, 8), (3, 8, 8))
    # The luma of red is 0.299, 76 of 255; that of blue 0.114, 29 of 255.
    row = [76 / 255] * 4 + [29 / 255] * 4
    assert grey.sample(1, rng()).flatten().tolist() == pytest.approx(row * 8, abs=1e-6)
    assert colour.sample(1, rng())[0, :, 0, 0].tolist() == [1, 0, 0]
    assert colour.sample(1, rng())[0, :, 0, 7].tolist() == [0, 0, 1]


def test_the_middle_square_is_what_is_kept() -> None:
    wide = Image.new("L", (24, 8))
    wide.paste(255, (8, 0, 16, 8))
    assert pixels(saved(wide), 8, True).tolist() == [[[255] * 8] * 8]
    assert pixels(saved(wide.rotate(90, expand=True)), 8, True).min().item() == 255


def test_an_image_of_the_right_size_is_left_as_it_is() -> None:
    numbers = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    found = pixels(saved(Image.fromarray(numbers)), 16, False)
    assert torch.equal(found, torch.from_numpy(numbers).permute(2, 0, 1))


def test_a_smaller_image_is_the_average_of_a_larger_one() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None], 256, 0)
    found = pixels(saved(Image.fromarray(ramp)), 8, True).double()
    # Column k averages 32 levels around 32 k + 15.5; the filter reaches past a column, and past the
    # ramp's end in the outermost two.
    expected = 32 * torch.arange(8.0).double() + 15.5
    assert (found[0, :, 1:-1] - expected[1:-1]).abs().max().item() <= 1.5
    assert (found[0] - expected).abs().max().item() <= 6


CLEAR = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
HALF = Image.new("LA", (8, 8), (100, 128))
TWO = Image.new("P", (8, 8), 1)
TWO.putpalette([10, 20, 30, 40, 50, 60])


@pytest.mark.parametrize(
    ("data", "colour", "grey"),
    [
        (saved(CLEAR), [255, 255, 255], 255),
        (saved(CLEAR, "WEBP", lossless=True), [255, 255, 255], 255),
        # 100 over white at an opacity of 128/255: 100 * .502 + 255 * .498 = 177
        (saved(HALF), [177, 177, 177], 177),
        (saved(TWO), [40, 50, 60], 48),  # .299 * 40 + .587 * 50 + .114 * 60 = 48.15
        (saved(TWO, transparency=1), [255, 255, 255], 255),
        (saved(TWO, transparency=b"\xff\x00"), [255, 255, 255], 255),
        (saved(Image.new("L", (8, 8), 7), transparency=7), [255, 255, 255], 255),
        (saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"), [255, 0, 0], 76),
        (saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"), [255, 0, 0], 76),
        (saved(Image.new("1", (8, 8), 1)), [255, 255, 255], 255),
        (saved(Image.new("1", (8, 8), 1), "TIFF", compression="group4"), [255, 255, 255], 255),
        # CIE L* = 100 * 128/255: Y = ((50.2 + 16) / 116)^3 = .186, in sRGB 119 of 255
        (saved(Image.new("LAB", (8, 8), (128, 128, 128)), "TIFF"), [119, 119, 119], 119),
        (b"P2 1 1 15 5", [85, 85, 85], 85),  # a third of the largest value that it states
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value),
)
def test_every_way_to_hold_a_colour_comes_to_the_same(
    data: bytes, colour: list[int], grey: int
) -> None:
    assert pixels(data, 8, False)[:, 0, 0].tolist() == pytest.approx(colour, abs=1)
    assert pixels(data, 8, True)[:, 0, 0].tolist() == pytest.approx([grey], abs=1)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "dtype", "options"),
    [
        ("PNG", "u1", {}),
        ("PNG", "u2", {}),
        ("TIFF", "u1", {}),
        ("TIFF", "u2", {}),
        ("TIFF", "u2", {"compression": "tiff_lzw"}),
        ("TIFF", "f4", {}),
        ("TIFF", "f4", {"compression": "tiff_lzw"}),
    ],
)
def test_pictures_stand_upright(kind: str, dtype: str, options: dict[str, Any], turn: int) -> None:
    numbers = np.arange(64).reshape(8, 8)
    # EXIF, tag Orientation: what rows and columns of the stored picture are of the upright one.
    upright = {
        1: numbers,
        2: numbers[:, ::-1],
        3: numbers[::-1, ::-1],
        4: numbers[::-1],
        5: numbers.T,
        6: np.rot90(numbers, -1),
        7: numbers[::-1, ::-1].T,
        8: np.rot90(numbers),
    }[turn]
    exif = Image.Exif()
    exif[0x0112] = turn
    data = saved(Image.fromarray(numbers.astype(dtype)), kind, exif=exif, **options)
    assert pixels(data, 8, True)[0].tolist() == upright.tolist()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("megapixels", [24, 50])
def test_a_large_photograph_is_unpacked_at_a_lower_resolution(
    megapixels: int, progressive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = []
    transpose = ImageOps.exif_transpose

    def seen(picture: Image.Image) -> Image.Image:
        unpacked.append(picture.width * picture.height)
        return transpose(picture)

    monkeypatch.setattr("ganviz.datasets.image_decoding.ImageOps.exif_transpose", seen)
    height = {24: 4000, 50: 5773}[megapixels]
    photograph = Image.linear_gradient("L").resize((height * 3 // 2, height))
    found = pixels(saved(photograph, "JPEG", progressive=progressive), 8, True).double()
    # Black at the top and white at the bottom: row k averages around 32 k + 15.5 of 255.
    expected = 32 * torch.arange(8.0).double() + 15.5
    assert (found[0, 1:-1] - expected[1:-1, None]).abs().max().item() <= 2
    assert unpacked == [pytest.approx(megapixels * 1e6 / 64, rel=0.01)]


def test_of_too_many_images_some_are_kept_evenly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganviz.datasets.image_files.MAX_IMAGES", 12)
    files = [(f"{k:02}.png", plain(k)) for k in range(48)]
    assert levels(folder(tmp_path, files)) == list(range(0, 48, 4))
    (note,) = in_words(images(path=str(tmp_path), size="8").notes)
    assert note == "12 of 48 images are kept, evenly spaced by name."


def test_images_are_read_once_until_one_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def counted(data: bytes, size: int, grey: bool) -> Decoded:
        calls.append(len(data))
        return decoded(data, size, grey)

    monkeypatch.setattr("ganviz.datasets.image_files.decoded", counted)
    path = folder(tmp_path, GOOD)
    assert levels(path) == levels(path) == ALL
    assert len(calls) == 12
    (path / "good00.png").write_bytes(plain(200, 9))
    assert levels(path) == [*ALL[1:], 200]
    assert len(calls) == 24
