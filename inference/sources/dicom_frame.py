"""One DICOM frame as a record: pixels, what they mean, how they are shown."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.records import Affine, Frame, FrameKey, FrameRef
from inference.sources.dicom_fields import quietly, whole, word
from inference.sources.dicom_geometry import plane_of
from inference.sources.dicom_header import Header, read_header
from inference.sources.dicom_pixels import decode
from inference.sources.dicom_values import (
    modality_table_of,
    padding_of,
    rescale_of,
    unit_of,
    voi_table_of,
    windows_of,
)
from inference.sources.files import unreadable


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """Decode one frame; a Modality LUT is applied here, so that its output counts as stored."""
    path = Path(ref.path)
    try:
        about = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    header = _header(ref.path, about.st_mtime_ns, about.st_size)
    if not 0 <= ref.number < header.frames:
        raise UserError(
            f"{path.name} has changed: it has no frame {ref.number} any more.", path=ref.path
        )
    with quietly():
        pixels = decode(header, ref.number)
        record = _colour if pixels.ndim == 3 else _grey
        return record(key, header, ref.number, pixels, affine)


@lru_cache(maxsize=4)
def _header(path: str, mtime_ns: int, size: int) -> Header:
    """Headers of the last files: one of a thousand frames takes longer to read than a frame."""
    return read_header(Path(path))


def _colour(
    key: FrameKey, header: Header, number: int, pixels: np.ndarray, affine: Affine | None
) -> Frame:
    return Frame(
        key,
        pixels,
        photometric=header.photometric,
        spacing_mm=plane_of(header.dataset, number).spacing,
        affine=affine,
        warnings=_colour_warnings(header),
    )


def _colour_warnings(header: Header) -> tuple[str, ...]:
    bits = whole(header.dataset, "BitsStored") or 8
    if header.samples == 3 and bits > 8:
        return (f"The colours have {bits} bits; they are shown with 8.",)
    return ()


def _grey(
    key: FrameKey, header: Header, number: int, pixels: np.ndarray, affine: Affine | None
) -> Frame:
    dataset = header.dataset
    signed = whole(dataset, "PixelRepresentation") == 1
    slope, intercept = rescale_of(dataset, number)
    padding = padding_of(dataset)
    table = modality_table_of(dataset, signed=signed)
    if table is not None:
        pixels = table.apply(pixels)
        slope, intercept, padding = 1.0, 0.0, None
    shape = word(dataset, "PresentationLUTShape")
    return Frame(
        key,
        pixels,
        slope=slope,
        intercept=intercept,
        unit=unit_of(dataset, number),
        photometric=header.photometric,
        inverted=header.photometric == "MONOCHROME1" or shape == "INVERSE",
        padding=padding,
        windows=windows_of(dataset, number),
        table=voi_table_of(dataset, number, signed=signed or intercept < 0),
        spacing_mm=plane_of(dataset, number).spacing,
        affine=affine,
    )
