"""Many images as one picture."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from ganviz.snapshot import Floats

SMALL = 16
"""Pixels a side up to which an image counts as small."""


def mosaic(images: Floats) -> Floats:
    """The first images in rows and columns, with lines of NaN between them.

    Args:
        images: shape `(n, channels, height, width)`; of small ones 64 are shown, of larger ones
            fewer, so that each keeps about a screen pixel for each of its own.

    Returns:
        Shape `(rows, columns, channels)`.
    """
    _, channels, height, width = images.shape
    side = _a_side(max(height, width))
    shown = images[: side * side].transpose(0, 2, 3, 1)
    tiles = np.full((side * side, height + 1, width + 1, channels), np.nan, np.float32)
    tiles[: len(shown), :height, :width] = shown
    rows = tiles.reshape(side, side, height + 1, width + 1, channels).swapaxes(1, 2)
    picture: Floats = rows.reshape(side * (height + 1), side * (width + 1), channels)[:-1, :-1]
    return picture


def _a_side(pixels: int) -> int:
    if pixels <= SMALL:
        return 8
    return 6 if pixels <= 2 * SMALL else 4


def picture(tiles: Floats, low: float, high: float) -> dict[str, Any]:
    """A trace that draws a mosaic from black at `low` to white at `high`, with clear gaps.

    Few grey pixels are a heatmap, whose numbers can be read off; colours and larger images are a
    PNG, as the numbers would be megabytes a second.
    """
    if tiles.shape[2] == 1 and tiles.size <= (8 * (SMALL + 1)) ** 2:
        return {
            "type": "heatmap",
            "z": tiles[:, :, 0],
            "zmin": low,
            "zmax": high,
            "colorscale": "Greys",
            "reversescale": True,
            "showscale": False,
        }
    shade = np.clip((tiles - low) / max(high - low, 1e-12), 0, 1)
    if shade.shape[2] != 3:
        shade = np.repeat(shade.mean(2, keepdims=True), 3, 2)
    clear = np.isnan(shade).any(2, keepdims=True)
    pixels = 255 * np.concatenate([np.where(clear, 0, shade), ~clear], 2)
    file = BytesIO()
    Image.fromarray(pixels.round().astype(np.uint8)).save(file, "PNG", compress_level=1)
    code = base64.b64encode(file.getvalue()).decode()
    return {"type": "image", "source": f"data:image/png;base64,{code}"}
