"""Several frames in one file: each is an image, up to a bound, and it is said."""

from pathlib import Path

import pytest
from PIL import Image

from ganviz.datasets import images
from tests.pictures import ALL, GOOD, film, folder, levels, packed, saved
from tests.stand_ins import in_words, rng

pytestmark = pytest.mark.usefixtures("wrapped")

FRAMES = [Image.new("L", (8, 8), k) for k in range(256)]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("GIF", {}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
    ids=str,
)
def test_every_frame_is_an_image(kind: str, options: dict[str, object], tmp_path: Path) -> None:
    name = f"film.{kind.lower()}"
    data = film(FRAMES, kind, **options)
    for path in (
        folder(tmp_path / "a", [(name, data)]),
        packed(tmp_path / "a.zip", [(name, data)]),
    ):
        assert levels(path) == list(range(256))
        target = images(path=str(path), size="8")
        assert (target.size, target.held_out_size) == (204, 52)
        assert in_words(target.notes) == (
            f"Every frame of a film or a stack is an image: {name} (256).",
        )


def test_frames_are_whole_where_a_file_holds_only_what_changes(tmp_path: Path) -> None:
    pictures = []
    for k in range(16):
        picture = Image.new("RGB", (8, 8), (0, 0, 200))
        picture.putpixel((k % 8, k // 8), (255, 255, 255))
        pictures.append(picture)
    path = folder(tmp_path, [("film.gif", film(pictures, "GIF"))])
    target = images(path=str(path), size="8")
    for image in target.sample(12, rng()):
        assert image[2].min().item() == pytest.approx(200 / 255)
        assert image[0].sum().item() == 1


def test_a_film_is_bounded_in_number_and_in_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(tmp_path, [("a.gif", film(FRAMES, "GIF")), *GOOD])
    monkeypatch.setattr("ganviz.datasets.image_decoding.MAX_FRAMES", 20)
    assert levels(path) == sorted({*range(20), *ALL})
    (note,) = in_words(images(path=str(path), size="8", colour="grey").notes)
    assert note == "Every frame of a film or a stack is an image: a.gif (the first 20)."
    monkeypatch.setattr("ganviz.datasets.image_decoding.MAX_FILM_PIXELS", 64 * 9)
    assert levels(path, colour="colour") == sorted({*range(9), *ALL})


def test_a_set_is_bounded_in_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganviz.datasets.image_files.MAX_IMAGES", 100)
    path = folder(
        tmp_path, [("a.gif", film(FRAMES[:60], "GIF")), ("b.gif", film(FRAMES[60:], "GIF")), *GOOD]
    )
    assert levels(path) == list(range(100))
    left_out, said = in_words(images(path=str(path), size="8", colour="grey").notes)
    assert left_out.startswith("12 left out (after 100 images): good00.png, good01.png")
    assert said.endswith(": a.gif (60), b.gif (the first 40).")


def test_a_film_that_breaks_off_is_left_out_whole(tmp_path: Path) -> None:
    gif, tiff = film(FRAMES, "GIF"), film(FRAMES, "TIFF")
    cut = [("a.gif", gif[: len(gif) // 2]), ("b.tif", tiff[: len(tiff) // 2])]
    path = folder(tmp_path, [*GOOD, *cut])
    assert levels(path) == ALL
    (note,) = in_words(images(path=str(path), size="8").notes)
    assert note == "2 left out (no image that can be read): a.gif, b.tif."


def test_the_thumbnail_beside_a_photograph_is_no_image_of_its_own(tmp_path: Path) -> None:
    photographs = [film([picture, picture.resize((2, 2))], "MPO") for picture in FRAMES[:120:10]]
    path = folder(tmp_path / "a", [(f"{k}.jpg", data) for k, data in enumerate(photographs)])
    assert levels(path) == pytest.approx(ALL, abs=1)
    assert images(path=str(path), size="8", colour="grey").notes == ()
    small = Image.new("L", (2, 2), 255)
    small.encoderinfo = {"tiffinfo": {254: 1}}  # NewSubfileType: of reduced resolution
    scans = [film([picture, small], "TIFF") for picture in FRAMES[:120:10]]
    path = folder(tmp_path / "b", [(f"{k}.tif", data) for k, data in enumerate(scans)])
    assert levels(path) == ALL


def test_pages_of_different_sizes_and_kinds_are_all_read(tmp_path: Path) -> None:
    pages = [Image.new("L", (8 + k, 20 - k), 20 * k) for k in range(10)]
    pages += [Image.new("RGB", (9, 9), (k, k, k)) for k in (210, 220)]
    assert levels(folder(tmp_path, [("a.tif", film(pages, "TIFF"))])) == [
        *range(0, 200, 20),
        210,
        220,
    ]


def test_one_picture_of_a_film_kind_is_one_image(tmp_path: Path) -> None:
    path = folder(tmp_path, [(f"{k:02}.gif", saved(FRAMES[10 * k], "GIF")) for k in range(12)])
    assert levels(path) == ALL
    assert images(path=str(path), size="8", colour="grey").notes == ()
