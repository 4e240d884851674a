"""The pixels of one TIFF page, upright: by Pillow, or read in place."""

from __future__ import annotations

import io
import logging
import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.sources.base import within_budget
from inference.sources.files import open_regular
from inference.sources.picture import SIXTEEN_BITS, over_black, promises_too_much
from inference.sources.silence import silence
from inference.sources.tiff_header import Page

# What matters of Pillow's complaints comes out as our own sentences.
logging.getLogger("PIL").setLevel(logging.CRITICAL)

_DAMAGED = (
    OSError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, EOFError,
    SyntaxError, RuntimeError, MemoryError, struct.error,
)  # fmt: skip
"""What Pillow raises on pictures that it cannot decode."""

WHITE_IS_ZERO = 0
"""PhotometricInterpretation of grey pages whose smallest value is white (TIFF 6.0 section 8)."""

_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda found: found,
    2: np.fliplr,
    3: lambda found: np.rot90(found, 2),
    4: np.flipud,
    5: lambda found: found.T,
    6: lambda found: np.rot90(found, 3),
    7: lambda found: np.rot90(found, 2).T,
    8: np.rot90,
}
"""What brings a page of each Orientation upright (TIFF 6.0 section 8); Pillow does it itself."""

_PLAIN_MODES = ("1", "L", "I", "I;16", "I;16B", "I;16L", "F", "RGB", "RGBA", "LA")
_CONVERTED = {"PA": "RGBA", "RGBa": "RGBA", "La": "LA"}


def decode_page(path: Path, page: Page) -> tuple[np.ndarray, tuple[str, ...]]:
    """[rows, columns] as stored or uint8 [rows, columns, 3] RGB, and what has to be said of them.

    Raises UserError where the page is larger than is decoded, damaged, or of an unknown kind.
    """
    rows, columns = page.shape
    if not within_budget(rows, columns, max(1, page.bits // 8) * max(page.samples, 1)):
        raise promises_too_much(path.name, str(path), rows, columns)
    try:
        pixels = _pixels(path, page)
    except _DAMAGED as error:
        raise UserError(
            f"{path.name} was not opened: its pixels are damaged or packed in a way that is not "
            "read here.",
            path=str(path),
        ) from error
    if pixels.ndim == 2:
        return _grey(pixels, page), ()
    said: tuple[str, ...] = ()
    if pixels.shape[2] in (2, 4):
        pixels, said = over_black(pixels)
    if page.bits == 16:
        said = (*said, SIXTEEN_BITS)
    pixels = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    return np.ascontiguousarray(pixels), said


def _pixels(path: Path, page: Page) -> np.ndarray:
    from PIL import UnidentifiedImageError

    try:
        return _by_pillow(path, page)
    except UnidentifiedImageError:
        return _unpacked(path, page)


def _by_pillow(path: Path, page: Page) -> np.ndarray:
    """Grey pages as they are (those of 8 bits or fewer with 0 for black), colours as 8-bit RGB."""
    from PIL import Image

    # Each page was held against our own budget, which allows more than Pillow's.
    Image.MAX_IMAGE_PIXELS = None
    with (
        warnings.catch_warnings(action="ignore"),
        silence(),
        io.BufferedReader(open_regular(path)) as file,
        Image.open(file, formats=("TIFF",)) as image,
    ):
        image.seek(page.number)
        image.load()
        if image.mode not in _PLAIN_MODES:
            return np.asarray(image.convert(_CONVERTED.get(image.mode, "RGB")))
        pixels = np.array(image)
    return pixels.astype(np.uint8) * 255 if pixels.dtype == np.bool_ else pixels


def _unpacked(path: Path, page: Page) -> np.ndarray:
    """An uncompressed grey page of a kind that Pillow does not read, such as 64-bit numbers.

    OpenCV would read it, packed as well, but gives zeros without a word where it is damaged.
    """
    if page.compression != 1 or page.samples != 1 or not page.strips or page.bits % 8:
        raise ValueError("packed, or of several samples")
    with open_regular(path) as file:
        data = bytearray()
        for place, size in page.strips:
            file.seek(place)
            data += file.read(size)
    dtype = np.dtype(f"{page.order}{page.kind}{page.bits // 8}")
    pixels = np.frombuffer(data, dtype, page.shape[0] * page.shape[1]).reshape(page.shape)
    return _UPRIGHT[page.orientation](pixels)


def _grey(pixels: np.ndarray, page: Page) -> np.ndarray:
    """The values in their own type, in the byte order of this machine, 0 for black."""
    if page.kind == "f":
        return np.ascontiguousarray(pixels, np.float32)
    if page.bits in (8, 16, 32):
        # Pillow gives signed bytes as unsigned ones, and other numbers in 32 bits with a sign.
        pixels = pixels.astype(f"{page.kind}{page.bits // 8}", copy=False)
    # Pillow turns pages with 0 for white round by itself where they have 8 bits or fewer.
    if page.photometric == WHITE_IS_ZERO and page.bits > 8 and page.kind == "u":
        pixels = np.asarray((1 << page.bits) - 1, pixels.dtype) - pixels
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("="))
