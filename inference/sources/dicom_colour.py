"""Colour frames: which are, supplemental palettes, and colour profiles brought to sRGB."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataset import Dataset

from inference.sources.dicom_fields import items, numbers, value_of, word
from inference.sources.dicom_header import Header
from inference.sources.dicom_palette import Palette

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

_BROKEN_PROFILE = "Its colour profile cannot be used; the colours are taken as sRGB."


def is_coloured(header: Header) -> bool:
    """Whether the frames of a file come out as RGB."""
    return header.samples == 3 or header.photometric == "PALETTE COLOR" or is_supplemented(header)


def is_supplemented(header: Header) -> bool:
    """Whether some values of a grey picture stand for colours (PS3.3 C.7.6.19)."""
    return (
        word(header.dataset, "PixelPresentation") in ("COLOR", "MIXED")
        and header.samples == 1
        and len(numbers(header.dataset, "RedPaletteColorLookupTableDescriptor")) == 3
    )


def supplemented(levels: np.ndarray, stored: np.ndarray, palette: Palette) -> np.ndarray:
    """Grey `levels` as uint8 RGB, with the palette's colours from its first stored value on."""
    coloured = palette.apply(stored)
    return np.where((stored >= palette.first)[..., None], coloured, levels[..., None])


def to_srgb(rgb: np.ndarray, dataset: Dataset) -> tuple[np.ndarray, str]:
    """RGB [rows, columns, 3] by the file's ICC profile, and a sentence if that cannot be used.

    PS3.3 C.11.15; colours without a profile are taken as sRGB.
    """
    profile = value_of(dataset, "ICCProfile")
    if profile is None:
        paths = items(dataset, "OpticalPathSequence")
        profile = value_of(paths[0], "ICCProfile") if paths else None
    if not isinstance(profile, bytes):
        return rgb, ""
    transform = _transform(profile)
    if transform is None:
        return rgb, _BROKEN_PROFILE
    from PIL import Image

    return np.array(transform.apply(Image.fromarray(rgb))), ""


@lru_cache(maxsize=4)
def _transform(profile: bytes) -> ImageCmsTransform | None:
    """From this profile to sRGB; None if it is no RGB profile that the engine understands."""
    from PIL import ImageCms

    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.ImageCmsTransform(
            given, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")), "RGB", "RGB"
        )
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None
