"""From the bytes of one image file to pixels."""

from io import BytesIO

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from ganviz.datasets.base import DataError

MAX_PIXELS = 20_000_000
"""A larger image is left out before it is unpacked."""

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")

_DRAFT = 4
"""A JPEG may be unpacked at a lower resolution, but at no less than this multiple of the size."""


def decoded(data: bytes, size: int, grey: bool) -> Tensor:
    """The middle square of an image, as bytes of shape `(channels, size, size)`.

    Raises:
        DataError: if it is no image that can be read, or too large.
    """
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise DataError(f"more than {MAX_PIXELS:,} pixels")
            picture.draft("L" if grey else "RGB", (_DRAFT * size, _DRAFT * size))
            upright = ImageOps.exif_transpose(picture)
            flat = _flat(upright).convert("L" if grey else "RGB")
        pixels = np.array(_middle(flat, size))
    except DataError:
        raise
    # A damaged file can make a decoder raise anything; it must not stop the other files.
    except Exception as error:
        if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
            raise DataError(f"more than {MAX_PIXELS:,} pixels") from None
        raise DataError("no image that can be read") from None
    return torch.from_numpy(pixels.reshape(size, size, -1)).permute(2, 0, 1).contiguous()


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency, and with 8 bits a channel."""
    if picture.mode.startswith("I"):
        return Image.fromarray(
            (np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype("u1")
        )
    if picture.mode == "F":
        raise DataError("pixels that are no whole numbers")
    if picture.has_transparency_data:
        behind = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(behind, picture.convert("RGBA"))
    return picture


def _middle(picture: Image.Image, size: int) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    box = (left, top, left + side, top + side)
    if picture.size == (size, size):
        return picture
    return picture.resize((size, size), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
