"""From the bytes of one image file to the pixels of its frames."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from ganviz.datasets.base import DataError
from ganviz.datasets.image_layouts import (
    BYTES,
    Depth,
    Values,
    deep_values,
    low_bytes,
    split_words,
)
from ganviz.say import _

MAX_PIXELS = 20_000_000
"""An image that would unpack to more is left out before it is unpacked."""

MAX_FRAMES = 1_000
"""Of a film or a stack in one file, the first ones."""

MAX_FILM_PIXELS = 1_000_000_000
"""Of all frames of one file."""

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
KINDS = _("PNG, JPEG, BMP, GIF, WebP, TIFF, PPM or PGM")

BEGINNING = 16
"""Bytes of a file that tell whether it is an image."""

_BEGINNINGS = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|BM|GIF8[79]a|RIFF.{4}WEBP|(II|MM)(\*\0|\0\*|\+\0|\0\+)|P[1-6f]\s",
    re.DOTALL,
)

_FILMS = ("PNG", "GIF", "WEBP", "TIFF")
"""Where frames are images; further pictures in a photograph's JPEG are thumbnails and maps."""

_DRAFT = 4
"""A JPEG may be unpacked at a lower resolution, but at no less than this multiple of the size."""

_SUBFILE = 254
_THUMBNAIL_OR_MASK = 1 | 4

_LUMA = np.array([0.299, 0.587, 0.114])
"""ITU-R BT.601, as Pillow's own conversion of bytes."""


def is_image(beginning: bytes) -> bool:
    """Whether a file that begins so is of one of the kinds that are read.

    >>> is_image(b"\\xff\\xd8\\xff\\xe0"), is_image(b"%PDF-1.7")
    (True, False)
    """
    return _BEGINNINGS.match(beginning) is not None


class Frame(NamedTuple):
    """The middle square of one image, brought to one size."""

    pixels: NDArray[np.uint8] | Values
    """Shape `(1 or 3, size, size)`: bytes where `depth` says so, else the file's own values."""
    depth: Depth
    low: float
    high: float
    """The range of the values in the square, before it was brought to size."""


class Decoded(NamedTuple):
    """What one file holds."""

    frames: list[Frame]
    more: bool
    """Whether frames were left out, as there are too many."""


def decoded(data: bytes, size: int, grey: bool) -> Decoded:
    """The frames of an image file; of most files one.

    Raises:
        DataError: if it is no image that can be read, or too large.
    """
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > (Image.MAX_IMAGE_PIXELS or MAX_PIXELS):
                raise _too_large()
            picture.draft("L" if grey else "RGB", (_DRAFT * size, _DRAFT * size))
            frames: list[Frame] = []
            unpacked = 0
            for k in _pages(picture):
                unpacked += picture.width * picture.height
                if frames and (len(frames) >= MAX_FRAMES or unpacked > MAX_FILM_PIXELS):
                    return Decoded(frames, more=True)
                frames.append(_frame(picture, data, k, size, grey))
            return Decoded(frames, more=False)
    except DataError:
        raise
    # A damaged file can make a decoder raise anything; it must not stop the other files.
    except Exception as error:
        if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
            raise _too_large() from None
        raise DataError(_("no image that can be read")) from None


def _too_large() -> DataError:
    return DataError(_("more than {most:,} pixels", most=MAX_PIXELS))


def _pages(picture: ImageFile.ImageFile) -> Iterator[int]:
    """Goes from frame to frame, and gives their numbers."""
    yield 0
    k = 0
    while picture.format in _FILMS:
        k += 1
        try:
            picture.seek(k)
        except EOFError:
            return
        tags = getattr(picture, "tag_v2", {})
        if not tags.get(_SUBFILE, 0) & _THUMBNAIL_OR_MASK:
            yield k


def _frame(picture: ImageFile.ImageFile, data: bytes, k: int, size: int, grey: bool) -> Frame:
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    low = None
    if words := split_words(picture):
        with Image.open(BytesIO(data), formats=FORMATS) as again:
            again.seek(k)
            low = low_bytes(again, words)
    if found := deep_values(picture, low):
        depth, values = found
        return _deep_frame(values, depth, size, grey)
    flat = _on_white(ImageOps.exif_transpose(picture))
    if flat.mode == "LAB":
        flat = flat.convert("RGB")
    pixels = np.array(_middle(flat.convert("L" if grey else "RGB"), size))
    planes = pixels.reshape(size, size, -1).transpose(2, 0, 1)
    return Frame(planes, BYTES, float(pixels.min()), float(pixels.max()))


def _deep_frame(values: Values, depth: Depth, size: int, grey: bool) -> Frame:
    """Of values of shape `(height, width, 1 or 3)`."""
    height, width = values.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = values[top : top + side, left : left + side]
    if not np.isfinite(square).all():
        raise DataError(_("values that are not finite, NaN or infinity"))
    if grey and square.shape[2] == 3:
        square = (square @ _LUMA)[:, :, None].astype(np.float32)
    low, high = float(square.min()), float(square.max())
    planes = [
        np.asarray(_middle(Image.fromarray(plane), size)) for plane in square.transpose(2, 0, 1)
    ]
    # The filter overshoots at edges, in bytes as here; there each step is clipped.
    return Frame(np.stack(planes).clip(low, high), depth, low, high)


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture
    behind = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(behind, picture.convert("RGBA"))


def _middle(picture: Image.Image, size: int) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    box = (left, top, left + side, top + side)
    if picture.size == (size, size):
        return picture
    return picture.resize((size, size), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
