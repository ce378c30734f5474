"""Images of more than 8 bits a channel: what Pillow reads of them, and what it would drop.

Pillow has no colours of 16 bits: it keeps the high byte of each word, so that 10 bits in a 16-bit
file come out nearly black. Unpacked a second time with the bytes taken in the other order, the same
file gives the low bytes.
"""

import re
import sys
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, TiffImagePlugin

from ganviz.datasets.base import DataError
from ganviz.say import _

Depth = Literal["8-bit", "16-bit", "32-bit", "floating-point"]

Values = NDArray[np.float32]

BYTES: Depth = "8-bit"

_WHITE = 65_535

_WORDS = re.compile(r"(RGB|RGBA|RGBX|LA);16([BLN])")

# TIFFs that Pillow unpacks and does not list: 64-bit floats, 32-bit numbers with high bytes first.
for _order, _mode, _format, _bits, _raw in (
    (b"II", "F", 3, 64, "F;64F"),
    (b"MM", "F", 3, 64, "F;64BF"),
    (b"MM", "I", 1, 32, "I;32B"),
):
    TiffImagePlugin.OPEN_INFO.setdefault((_order, 1, (_format,), 1, (_bits,), ()), (_mode, _raw))


class Words(NamedTuple):
    """The 16-bit words of an image of which Pillow would keep one byte of two."""

    channels: str
    order: str
    """`L`, `B` or `N`: the low byte first, the high one, or as this machine has it."""


def split_words(picture: ImageFile.ImageFile) -> Words | None:
    """The words that Pillow would split, so that the other bytes have to be read too, if it would.

    Raises:
        DataError: if so, in an arrangement whose other byte cannot be had.
    """
    raw = _raw_mode(picture)
    if ";16" not in raw or picture.mode[0] in "IF":
        return None
    found = _WORDS.fullmatch(raw)
    if not found or (picture.format == "PNG" and getattr(picture, "is_animated", False)):
        raise DataError(_("16-bit colours in an arrangement that is not read"))
    return Words(*found.groups())


def low_bytes(picture: ImageFile.ImageFile, words: Words) -> Image.Image:
    """The low bytes of an image that holds such words, not yet loaded."""
    channels, order = words
    if channels == "LA":
        _unpack_as(picture, "RGBA")
        picture.load()
        grey, alpha = picture.split()[1::2]
        return Image.merge("RGBA", (grey, grey, grey, alpha))
    if order == "N":
        order = _native()
    _unpack_as(picture, f"{channels};16{'L' if order == 'B' else 'B'}")
    picture.load()
    return picture


def deep_values(
    picture: ImageFile.ImageFile, low: Image.Image | None
) -> tuple[Depth, Values] | None:
    """The values of an image of more than 8 bits, upright, of shape `(height, width, 1 or 3)`.

    White is behind what is transparent. None for an image of 8 bits and less.

    Args:
        picture: not yet loaded; the high bytes where `low` is given.
        low: the low bytes.
    """
    if low is not None:
        high = _array(picture)
        return "16-bit", _without_alpha(256 * high + _array(low))
    raw = _raw_mode(picture)
    if picture.mode == "F":
        _unpack_in_native_order(picture, raw)
        return "floating-point", _array(picture)
    if picture.mode[0] != "I":
        return None
    if picture.mode != "I":
        return "16-bit", _array(picture)
    _unpack_in_native_order(picture, raw)
    values = _array(picture)
    if raw in ("I;32N", "I;32B"):  # without a sign, and Pillow's have one
        values = np.where(values < 0, values + np.float32(2**32), values)
    return "16-bit" if "16" in raw or picture.format == "PPM" else "32-bit", values


def _array(picture: Image.Image) -> Values:
    upright = ImageOps.exif_transpose(picture)
    values = np.asarray(upright).astype(np.float32)
    return values.reshape(*values.shape[:2], -1)


def _without_alpha(values: Values) -> Values:
    if values.shape[2] < 4:
        return values
    alpha = values[:, :, 3:] / _WHITE
    return (values[:, :, :3] * alpha + _WHITE * (1 - alpha)).astype(np.float32)


def _raw_mode(picture: ImageFile.ImageFile) -> str:
    """How the file packs its pixels, in Pillow's words; nothing where that is not said."""
    if not picture.tile:
        return ""
    args = picture.tile[0].args
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _native() -> str:
    return "L" if sys.byteorder == "little" else "B"


def _unpack_in_native_order(picture: ImageFile.ImageFile, raw: str) -> None:
    """Libtiff has swapped the bytes of what it unpacks, which Pillow takes into account for 16 bits
    without a sign alone."""
    if picture.tile and picture.tile[0].codec_name == "libtiff" and _native() == "L":
        _unpack_as(picture, re.sub(r";(16|32|64)B", r";\1", raw))


def _unpack_as(picture: ImageFile.ImageFile, raw: str) -> None:
    picture.tile = [
        tile._replace(args=(raw, *tile.args[1:]) if isinstance(tile.args, tuple) else raw)
        for tile in picture.tile
    ]
