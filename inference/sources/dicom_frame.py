"""One DICOM frame as a record: pixels, what they mean, how they are shown."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from inference.display import grey
from inference.errors import UserError
from inference.records import Affine, Frame, FrameKey, FrameRef, OverlayPlane
from inference.sources.dicom_calibration import (
    aspect_of,
    calibrations_of,
    directions_of,
    spacing_of,
)
from inference.sources.dicom_colour import is_coloured, is_supplemented, supplemented, to_srgb
from inference.sources.dicom_fields import MALFORMED, quietly, whole, word
from inference.sources.dicom_header import Header, damaged, read_header
from inference.sources.dicom_palette import Palette, palette_of
from inference.sources.dicom_pixels import decode
from inference.sources.dicom_planes import embedded_planes_of, planes_of
from inference.sources.dicom_shutter import bitmap_group, shutter_of
from inference.sources.dicom_values import (
    modality_table_of,
    padding_of,
    scale_of,
    voi_tables_of,
    window_warnings,
    windows_of,
)
from inference.sources.files import unreadable


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """Decode one frame of one file. Raises UserError where the file does not give it."""
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
    try:
        with quietly():
            head = head_of(header, ref.number)
            return with_pixels(replace(head, key=key, affine=affine), header, ref.number)
    except MALFORMED as error:
        raise damaged(path) from error


@lru_cache(maxsize=4)
def _header(path: str, mtime_ns: int, size: int) -> Header:
    """Headers of the last files: one of a thousand frames takes longer to read than a frame."""
    return read_header(Path(path))


def head_of(header: Header, number: int) -> Frame:
    """All that the header says of a frame, without its pixels: `stored` is [0, 0].

    The key is ("", 0) and the affine None: both depend on the source that the frame stands in.
    What can be told from the pixels alone is added by `with_pixels`.
    """
    head = _colour_head(header, number) if is_coloured(header) else _grey_head(header, number)
    calibrations = calibrations_of(header.dataset, number)
    spacing_mm, _ = spacing_of(calibrations)
    aspect = aspect_of(header.dataset) if spacing_mm is None else spacing_mm[0] / spacing_mm[1]
    shutter = shutter_of(header, number, aspect=aspect or 1.0)
    planes = planes_of(header, number, without=bitmap_group(header.dataset, number))
    return replace(
        head,
        spacing_mm=spacing_mm,
        planes=tuple(planes),
        shutter=shutter,
        calibrations=calibrations,
        directions=directions_of(header.dataset),
        aspect=aspect if spacing_mm is None else None,
    )


def with_pixels(head: Frame, header: Header, number: int) -> Frame:
    """The frame whose head this is with its pixels decoded.

    A Modality LUT is applied here, so that its output counts as stored. Raises UserError where
    the pixels cannot be decoded.
    """
    decoded = decode(header, number)
    pixels, warning = decoded.pixels, decoded.warning
    if is_supplemented(header):
        shown = grey(replace(_grey_head(header, number), stored=pixels))
        pixels = supplemented(shown, pixels, _palette(header))
    if pixels.ndim == 3:
        pixels, broken = to_srgb(pixels, header.dataset)
        said = tuple(filter(None, (warning, broken)))
    else:
        pixels, said = _looked_up(header, pixels), ()
    embedded: list[OverlayPlane] = embedded_planes_of(header, number)
    return replace(
        head,
        stored=pixels,
        planes=(*head.planes, *embedded),
        warnings=(*head.warnings, *said),
    )


def _palette(header: Header) -> Palette:
    try:
        return palette_of(header.dataset, signed=_is_signed(header))
    except MALFORMED as error:
        raise damaged(header.path) from error


def _looked_up(header: Header, pixels: np.ndarray) -> np.ndarray:
    """What a Modality LUT makes of stored values; padding, which it does not tell apart, is −1."""
    table = modality_table_of(header.dataset, signed=_is_signed(header))
    if table is None:
        return pixels
    padding = padding_of(header.dataset)
    found = table.apply(pixels)
    if padding is None:
        return found
    return np.where((pixels >= padding[0]) & (pixels <= padding[1]), -1, found.astype(np.int32))


_NO_PIXELS = np.zeros((0, 0), np.uint8)
_NO_KEY = ("", 0)


def _is_signed(header: Header) -> bool:
    return whole(header.dataset, "PixelRepresentation") == 1


def _colour_head(header: Header, number: int) -> Frame:
    bits = whole(header.dataset, "BitsStored") or 8
    warnings = []
    if header.samples == 3 and bits > 8:
        warnings.append(f"The colours have {bits} bits; they are shown with 8.")
    if is_supplemented(header):
        warnings.append("Some values stand for colours; the others are shown by the file's window.")
    return Frame(
        _NO_KEY,
        _NO_PIXELS,
        photometric=header.photometric,
        warnings=tuple(warnings),
    )


def _grey_head(header: Header, number: int) -> Frame:
    dataset = header.dataset
    signed = _is_signed(header)
    scale = scale_of(dataset, number)
    padding = padding_of(dataset)
    if modality_table_of(dataset, signed=signed) is not None:
        scale = replace(scale, slope=1.0, intercept=0.0)
        padding = None if padding is None else (-1.0, -1.0)
    windows = windows_of(dataset, number, scale.further)
    tables = voi_tables_of(
        dataset, number, signed=signed or scale.intercept < 0, further=scale.further
    )
    dark = header.photometric == "MONOCHROME1" or word(dataset, "PresentationLUTShape") == "INVERSE"
    return Frame(
        _NO_KEY,
        _NO_PIXELS,
        slope=scale.slope,
        intercept=scale.intercept,
        unit=scale.unit,
        photometric=header.photometric,
        # A negative factor beyond the rescale is no part of what the header says of the display.
        inverted=dark != (scale.further[0] < 0),
        padding=padding,
        windows=windows,
        table=tables[0] if tables else None,
        other_tables=tables[1:],
        warnings=(*window_warnings(windows), *filter(None, (scale.warning,))),
    )
