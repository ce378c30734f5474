"""Folders and zips of images as they come: what is read, what is left out, what is refused."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from ganviz.datasets import DataError, images
from ganviz.datasets.image_decoding import decoded
from tests.stand_ins import rng, write_images


def png(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(k: int, side: int = 8) -> bytes:
    return png(Image.new("RGB", (side, side), (k, k, k)))


GOOD = [(f"good{k:02}.png", plain(10 * k)) for k in range(12)]


def folder(root: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    for name, data in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def packed(
    path: Path, files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_STORED
) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


def levels(path: Path, **options: Any) -> list[int]:
    """The grey levels of all images, in 255ths, training and held out, each image of one colour."""
    target = images(path=str(path), **{"size": "8", "colour": "grey"} | options)
    found = [target.sample(1000, rng()), target.draw_held_out(1000, rng())]
    return sorted({round(x.mean().item() * 255) for x in torch.cat(found)})


ALL = [10 * k for k in range(12)]


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
        (f"{k}.{suffix}", png(Image.new("L", (9, 9), 20 * k), kind))
        for k, (suffix, kind) in enumerate(kinds.items())
    ]
    files += [(f"{k}.PNG", png(Image.new("L", (9, 9), 20 * k))) for k in range(6, 12)]
    assert levels(folder(tmp_path, files)) == pytest.approx([20 * k for k in range(12)], abs=1)


def test_grey_is_one_channel_and_colour_three(tmp_path: Path) -> None:
    files = [(f"{k}.png", png(Image.new("RGB", (8, 8), (255, 0, 0)))) for k in range(10)]
    path = str(folder(tmp_path, files))
    grey = images(path=path, size="8", colour="grey")
    colour = images(path=path, size="8")
    assert (grey.shape, colour.shape) == ((1, 8, 8), (3, 8, 8))
    # The luma of red is 0.299, 76 of 255.
    assert grey.sample(1, rng()).flatten().tolist() == pytest.approx([76 / 255] * 64, abs=1e-6)
    assert colour.sample(1, rng())[0, :, 0, 0].tolist() == [1, 0, 0]


def test_the_middle_square_is_what_is_kept() -> None:
    wide = Image.new("L", (24, 8))
    wide.paste(255, (8, 0, 16, 8))
    assert decoded(png(wide), 8, True).tolist() == [[[255] * 8] * 8]
    assert decoded(png(wide.rotate(90, expand=True)), 8, True).min().item() == 255


def test_an_image_of_the_right_size_is_left_as_it_is() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    found = decoded(png(Image.fromarray(pixels)), 16, False)
    assert torch.equal(found, torch.from_numpy(pixels).permute(2, 0, 1))


def test_a_smaller_image_is_the_average_of_a_larger_one() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None], 256, 0)
    found = decoded(png(Image.fromarray(ramp)), 8, True).double()
    # Column k averages 32 levels around 32 k + 15.5; the filter reaches past a column, and past the
    # ramp's end in the outermost two.
    expected = 32 * torch.arange(8.0).double() + 15.5
    assert (found[0, :, 1:-1] - expected[1:-1]).abs().max().item() <= 1.5
    assert (found[0] - expected).abs().max().item() <= 6


def test_transparency_depth_and_orientation_are_taken_up() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert decoded(png(clear), 8, False).min().item() == 255
    deep = Image.fromarray(np.full((8, 8), 128 * 256, dtype=np.uint16))
    assert decoded(png(deep), 8, True).tolist() == [[[128] * 8] * 8]
    palette = Image.new("RGB", (8, 8), (10, 200, 30)).quantize(4)
    assert decoded(png(palette), 8, False)[:, 0, 0].tolist() == [10, 200, 30]
    halves = Image.new("L", (8, 8))
    halves.paste(255, (0, 0, 4, 8))
    upside = Image.Exif()
    upside[0x0112] = 3  # turned by 180 degrees
    found = decoded(png(halves, exif=upside), 8, True)
    assert (found[0, :, :4].max().item(), found[0, :, 4:].min().item()) == (0, 255)


def test_damaged_files_are_counted_and_named_but_stop_nothing(tmp_path: Path) -> None:
    bad = [
        ("bad1.png", b"not an image"),
        ("bad2.jpg", GOOD[0][1][:40]),
        ("bad3.png", GOOD[3][1][:-30]),
        ("empty.png", b""),
        ("film.gif", b"GIF89a" + b"\xff" * 40),
        ("notes.txt", b"no image, and not meant to be one"),
        (".hidden.png", b"x"),
        ("__MACOSX/._good.png", b"x"),
    ]
    for path in (folder(tmp_path / "a", GOOD + bad), packed(tmp_path / "a.zip", GOOD + bad)):
        assert levels(path) == ALL
        (note,) = images(path=str(path), size="8", colour="grey").notes
        expected = (
            "5 left out (no image that can be read): bad1.png, bad2.jpg, bad3.png and 2 more."
        )
        assert note == expected


def test_huge_images_are_left_out_before_they_are_unpacked(tmp_path: Path) -> None:
    def claims(width: int, height: int) -> bytes:
        """The first bytes of a PNG that says how large it will be."""
        data = bytearray(GOOD[0][1])
        data[16:24] = struct.pack(">II", width, height)
        body = bytes(data[12:29])
        return bytes(data[:29]) + struct.pack(">I", zlib.crc32(body)) + bytes(data[33:])

    huge = [("a.png", claims(5000, 4001)), ("b.png", claims(60_000, 60_000))]
    path = folder(tmp_path / "a", [*GOOD, *huge])
    assert levels(path) == ALL
    (note,) = images(path=str(path), size="8").notes
    assert note == "2 left out (more than 20,000,000 pixels): a.png, b.png."


def test_too_few_images_say_why(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", [*GOOD[:9], ("bad.png", b"x")])
    with pytest.raises(
        DataError, match=r"a has 9 images .* at least 10 .*can be read\): bad\.png\."
    ):
        images(path=str(path))
    with pytest.raises(DataError, match=r"b holds no images \(.*\.png"):
        images(path=str(folder(tmp_path / "b", [("readme.txt", b"x")])))


def test_places_that_are_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no images are chosen"):
        images()
    with pytest.raises(DataError, match=r"there is no .*nowhere"):
        images(path=str(tmp_path / "nowhere"))
    (tmp_path / "a.png").write_bytes(GOOD[0][1])
    with pytest.raises(DataError, match=r"a\.png is neither a folder nor a zip"):
        images(path=str(tmp_path / "a.png"))
    whole = packed(tmp_path / "a.zip", GOOD).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="neither a folder nor a zip"):
        images(path=str(tmp_path / "cut.zip"))
    with pytest.raises(DataError, match="cannot be read"):
        images(path="x" * 5000)


def test_links_that_lead_out_of_the_folder_are_ignored(tmp_path: Path) -> None:
    outside = folder(tmp_path / "outside", [("secret.png", plain(255)), ("more/s.png", plain(254))])
    path = folder(tmp_path / "a", GOOD)
    os.symlink(outside / "secret.png", path / "link.png")
    os.symlink(outside, path / "sub")
    os.symlink(path / "good00.png", path / "twice.png")
    os.symlink("nothing.png", path / "broken.png")
    assert levels(path) == ALL
    target = images(path=str(path), size="8", colour="grey")
    assert target.notes == ("1 links that lead out of the folder are left out.",)
    # 12 files: the link to one of them does not count again.
    assert len(target.sample(9, rng())) == 9
    os.symlink(path, tmp_path / "door")
    assert levels(tmp_path / "door") == ALL


def test_a_pipe_among_the_files_is_not_waited_for(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", GOOD)
    os.mkfifo(path / "pipe.png")
    assert levels(path) == ALL


def test_members_that_lead_out_of_a_zip_are_refused_by_name(tmp_path: Path) -> None:
    names = ["../up.png", "/abs.png", "a/../../b.png", "..\\win.png", "C:\\c.png"]
    path = packed(tmp_path / "a.zip", [*GOOD, *((name, plain(255)) for name in names)])
    assert levels(path) == ALL
    (note,) = images(path=str(path), size="8").notes
    assert note.startswith("5 members whose names lead out of the zip are refused: ../up.png, /abs")
    assert not (tmp_path / "up.png").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_zip_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = [("zeros.bmp", b"\0" * 30_000_000)]
    path = packed(tmp_path / "a.zip", GOOD + zeros, zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match=r"a\.zip unpacks to [\d,]+ times its size"):
        images(path=str(path))
    monkeypatch.setattr("ganviz.datasets.image_listing.MAX_UNPACKED_BYTES", 500)
    with pytest.raises(DataError, match=r"b\.zip unpacks to .* GB, and at most"):
        images(path=str(packed(tmp_path / "b.zip", GOOD)))


def test_a_zip_that_lies_about_its_sizes_is_read_no_further_than_it_says(tmp_path: Path) -> None:
    zeros = b"\0" * 30_000_000
    path = packed(tmp_path / "a.zip", [*GOOD, ("liar.png", zeros)], zipfile.ZIP_DEFLATED)
    true, false = (struct.pack("<I", n) for n in (len(zeros), 1000))
    data = path.read_bytes()
    assert data.count(true) == 2
    path.write_bytes(data.replace(true, false))
    assert levels(path) == ALL
    assert "1 left out (damaged in the zip): liar.png." in images(path=str(path), size="8").notes


def test_what_a_zip_packs_in_other_ways_is_left_out(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", GOOD)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("other.png", GOOD[0][1])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("locked.png", GOOD[0][1])
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1  # the last member's flag of encryption
    path.write_bytes(bytes(data))
    assert levels(path) == ALL
    notes = " ".join(images(path=str(path), size="8").notes)
    assert "1 left out (packed in a way that is not read): other.png." in notes
    assert "1 left out (needs a password): locked.png." in notes


def test_files_that_are_too_long_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganviz.datasets.image_listing.MAX_FILE_BYTES", 2 * 1024**2)
    files = [*GOOD, ("long.png", GOOD[0][1] + b"\0" * 3_000_000)]
    for path in (folder(tmp_path / "a", files), packed(tmp_path / "a.zip", files)):
        assert levels(path) == ALL
        assert images(path=str(path), size="8").notes == ("1 left out (more than 2 MB): long.png.",)


def test_of_too_many_images_some_are_kept_evenly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganviz.datasets.image_listing.MAX_IMAGES", 12)
    files = [(f"{k:02}.png", plain(k)) for k in range(48)]
    assert levels(folder(tmp_path, files)) == list(range(0, 48, 4))
    (note,) = images(path=str(tmp_path), size="8").notes
    assert note == "12 of 48 images are kept, evenly spaced by name."


def test_images_are_read_once_until_one_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def counted(data: bytes, size: int, grey: bool) -> Tensor:
        calls.append(len(data))
        return decoded(data, size, grey)

    monkeypatch.setattr("ganviz.datasets.image_files.decoded", counted)
    path = folder(tmp_path, GOOD)
    assert levels(path) == levels(path) == ALL
    assert len(calls) == 12
    (path / "good00.png").write_bytes(plain(200, 9))
    assert levels(path) == [*ALL[1:], 200]
    assert len(calls) == 24
