"""Folders and zips of files as they come: what is passed over, left out or refused, and named."""

import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganviz.datasets import DataError, images
from ganviz.datasets.image_decoding import decoded
from tests.pictures import (
    ALL,
    GOOD,
    film,
    folder,
    levels,
    packed,
    plain,
    png_of_words,
    saved,
    tiff,
)
from tests.stand_ins import in_words, rng

pytestmark = pytest.mark.usefixtures("wrapped")

NAMES = ("nowhere", "x" * 5000)
"""Of files that are not there."""

FILMS = ("GIF", "PNG", "WEBP", "TIFF")


def test_damaged_files_are_counted_and_named_but_stop_nothing(tmp_path: Path) -> None:
    bad = [
        ("bad1.jpg", GOOD[0][1][:40]),
        ("bad2.png", GOOD[3][1][:-30]),
        ("empty.png", b""),
        ("film.gif", b"GIF89a" + b"\xff" * 40),
        ("scan.JPG", b"%PDF-1.7 and so on"),
    ]
    for path in (folder(tmp_path / "a", GOOD + bad), packed(tmp_path / "a.zip", GOOD + bad)):
        assert levels(path) == ALL
        (note,) = in_words(images(path=str(path), size="8", colour="grey").notes)
        expected = "bad1.jpg, bad2.png, empty.png, film.gif, scan.JPG."
        assert note == f"5 left out (no image that can be read): {expected}"


def test_what_is_passed_over_is_counted_and_named(tmp_path: Path) -> None:
    others = [
        ("a.pdf", b"%PDF-1.7 and so on"),
        ("empty", b""),
        ("more/notes.txt", b"no image, and not meant to be one"),
        ("photo.heic", bytes(4) + b"ftypheic"),
    ]
    # What systems leave behind is not worth a word.
    litter = [".DS_Store", "__MACOSX/._good.png", "Thumbs.db", "sub/desktop.ini", ".git/a.png"]
    files = [*GOOD, *others, *((name, b"x") for name in litter)]
    kinds = "no PNG, JPEG, BMP, GIF, WebP, TIFF, PPM or PGM"
    for path in (folder(tmp_path / "a", files), packed(tmp_path / "a.zip", files)):
        assert levels(path) == ALL
        (note,) = in_words(images(path=str(path), size="8").notes)
        names = ", ".join(name for name, _ in others)
        assert note == f"4 passed over ({kinds}): {names}."
    more = [(f"{k}.txt", b"x") for k in range(9)]
    (note,) = in_words(images(path=str(folder(tmp_path / "b", [*GOOD, *more])), size="8").notes)
    expected = "0.txt, 1.txt, 2.txt, 3.txt, 4.txt, 5.txt and 3 more."
    assert note == f"9 passed over ({kinds}): {expected}"


def test_names_that_no_one_could_print_are_shown_as_far_as_they_can(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", [*GOOD, ("line\nbreak.txt", b"x")])
    Path(os.fsdecode(os.fsencode(path) + b"/caf\xe9.txt")).write_bytes(b"x")
    (note,) = in_words(images(path=str(path), size="8").notes)
    assert note.endswith(": caf\ufffd.txt, line\ufffdbreak.txt.")
    assert note.encode("utf-8")


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
    (note,) = in_words(images(path=str(path), size="8").notes)
    assert note == "2 left out (more than 20,000,000 pixels): a.png, b.png."


def test_too_few_images_say_why(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", [*GOOD[:9], ("bad.png", b"x")])
    with pytest.raises(
        DataError, match=r"a has 9 images .* at least 10 .*can be read\): bad\.png\."
    ):
        images(path=str(path))
    with pytest.raises(DataError, match=r"b has no images .*readme\.txt"):
        images(path=str(folder(tmp_path / "b", [("readme.txt", b"x")])))
    for empty in (folder(tmp_path / "c", []), packed(tmp_path / "c.zip", [])):
        with pytest.raises(DataError, match=r"^c\S* has no images that can be read, and"):
            images(path=str(empty))


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
    assert in_words(target.notes) == ("1 links that lead out of the folder are left out.",)
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
    (note,) = in_words(images(path=str(path), size="8").notes)
    assert note.startswith("5 members whose names lead out of the zip are refused: ../up.png, /abs")
    assert not (tmp_path / "up.png").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_zip_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = [("zeros.bmp", b"\0" * 30_000_000)]
    path = packed(tmp_path / "a.zip", GOOD + zeros, zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match=r"a\.zip unpacks to [\d,]+ times its size"):
        images(path=str(path))
    # What is no image is never unpacked, and no reason to refuse the others.
    others = [("film.mp4", np.random.default_rng(0).bytes(600))]
    monkeypatch.setattr(
        "ganviz.datasets.image_listing.MAX_UNPACKED_BYTES", sum(len(data) for _, data in GOOD)
    )
    assert levels(packed(tmp_path / "c.zip", GOOD + others)) == ALL
    monkeypatch.setattr("ganviz.datasets.image_listing.MAX_UNPACKED_BYTES", 500)
    with pytest.raises(DataError, match=r"b\.zip unpacks to .* GB, and at most"):
        images(path=str(packed(tmp_path / "b.zip", GOOD)))


def test_a_zip_that_lies_about_its_sizes_is_read_no_further_than_it_says(tmp_path: Path) -> None:
    zeros = b"\x89PNG\r\n\x1a\n" + bytes(30_000_000)
    path = packed(tmp_path / "a.zip", [*GOOD, ("liar.png", zeros)], zipfile.ZIP_DEFLATED)
    true, false = (struct.pack("<I", n) for n in (len(zeros), 1000))
    data = path.read_bytes()
    assert data.count(true) == 2
    path.write_bytes(data.replace(true, false))
    assert levels(path) == ALL
    assert "1 left out (damaged in the zip): liar.png." in in_words(
        images(path=str(path), size="8").notes
    )


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
    notes = " ".join(in_words(images(path=str(path), size="8").notes))
    assert "1 left out (packed in a way that is not read): other.png." in notes
    assert "1 left out (needs a password): locked.png." in notes


def test_files_that_are_too_long_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganviz.datasets.image_files.MAX_FILE_BYTES", 2 * 1024**2)
    files = [*GOOD, ("long.png", GOOD[0][1] + b"\0" * 3_000_000)]
    for path in (folder(tmp_path / "a", files), packed(tmp_path / "a.zip", files)):
        assert levels(path) == ALL
        assert in_words(images(path=str(path), size="8").notes) == (
            "1 left out (more than 2 MB): long.png.",
        )


def test_whatever_the_bytes_there_are_pixels_or_a_sentence() -> None:
    rng = np.random.default_rng(0)
    words = np.arange(192, dtype="u2").reshape(8, 8, 3)
    whole = [
        plain(9),
        saved(Image.new("RGB", (30, 20), (9, 99, 200)), "JPEG"),
        *(film([Image.new("L", (8, 8), 9 * k) for k in range(4)], kind) for kind in FILMS),
        png_of_words(words),
        tiff(words, ">", deflated=True),
        tiff(words[..., :1].astype("f8")),
        b"P5 8 8 1000\n" + bytes(128),
    ]
    ends = set()
    for k in range(3000):
        data = bytearray(whole[k % len(whole)])
        for at in rng.integers(len(data), size=rng.integers(1, 6)):
            data[at] = rng.integers(256)
        if k % 3 == 0:
            del data[int(rng.integers(len(data))) :]
        try:
            frames = decoded(bytes(data), 8, grey=bool(k % 2)).frames
            assert all(np.isfinite(frame.pixels).all() for frame in frames)
            ends.add("pixels")
        except DataError as error:
            ends.add(str(error))
    assert {"pixels", "no image that can be read"} <= ends
