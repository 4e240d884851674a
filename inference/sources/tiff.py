"""TIFF pictures: a page is a frame, pages of one size and type are one source."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from inference.errors import UserError
from inference.records import Affine, Frame, FrameKey, FrameRef, Refused, Source
from inference.sources.base import FoundFile
from inference.sources.files import open_regular, unreadable
from inference.sources.picture import damaged_picture, picture_source
from inference.sources.tiff_header import Page, pictures_of_imagej, read_pages, spacing_of
from inference.sources.tiff_pixels import WHITE_IS_ZERO, decode_page

_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_UNFOLLOWED = (ValueError, LookupError, OverflowError, TypeError, struct.error)
_LOSSY = {6: "Lossy JPEG", 7: "Lossy JPEG", 50001: "Lossy WebP", 34712: "Lossy JPEG 2000"}
_TURNED = (5, 6, 7, 8)
"""Orientations in which rows and columns change places (TIFF 6.0 section 8)."""


def recognises(head: bytes) -> bool:
    """The byte order and the number 42 (TIFF 6.0 section 2), or 43 of BigTIFF."""
    return head.startswith(_STARTS)


def open_files(files: Iterator[FoundFile]) -> Iterator[Source | Refused]:
    """The pages of each file as sources; the first of each is decoded, to refuse a damaged one."""
    for file in files:
        try:
            yield from _sources(file)
        except UserError as error:
            yield Refused(str(file.path), error.message)


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """One page as stored [rows, columns], or uint8 RGB, upright; UserError if it is damaged."""
    path = Path(ref.path)
    try:
        about = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    pages = _pages(path, about.st_mtime_ns, about.st_size)
    page = next((one for one in pages if one.number == ref.number), None)
    if page is None:
        raise UserError(f"{path.name} has changed: it has no page {ref.number} any more.")
    pixels, said = decode_page(path, page)
    spacing = _upright_spacing(page)[0]
    inverted = page.photometric == WHITE_IS_ZERO and page.kind != "u"  # those are turned round
    return Frame(
        key,
        pixels,
        photometric="RGB" if pixels.ndim == 3 else "MONOCHROME2",
        inverted=inverted,
        spacing_mm=None if spacing is None else spacing[:2],
        affine=affine,
        warnings=said,
    )


@lru_cache(maxsize=4)
def _pages(path: Path, mtime_ns: int, size: int) -> tuple[Page, ...]:
    """The pages of the last files: a stack of a thousand takes longer to list than one to read."""
    try:
        with io.BufferedReader(open_regular(path)) as file:
            found = tuple(read_pages(file))
    except OSError as error:
        raise unreadable(path, error) from error
    except _UNFOLLOWED as error:
        raise damaged_picture(path.name, str(path)) from error
    if not found or max(page.end for page in found) > size:
        raise damaged_picture(path.name, str(path))
    return found


def _sources(file: FoundFile) -> Iterator[Source]:
    forms: dict[tuple[object, ...], list[Page]] = {}
    all_pages = _pages(file.path, file.changed_ns, file.size)
    promised = pictures_of_imagej(all_pages[0])
    missing = (f"The file names {promised} pictures; {len(all_pages)} are described.",)
    for page in all_pages:
        forms.setdefault((*page.form, page.orientation in _TURNED), []).append(page)
    for pages in forms.values():
        pixels, said = decode_page(file.path, pages[0])
        spacing, spacing_source = _upright_spacing(pages[0])
        if spacing is not None and len(pages) == 1:
            spacing = (*spacing[:2], None)
        yield picture_source(
            file,
            (int(pixels.shape[0]), int(pixels.shape[1])),
            colour=pixels.ndim == 3,
            lossy=_LOSSY.get(pages[0].compression),
            warnings=said + (missing if promised > len(all_pages) else ()),
            numbers=tuple(page.number for page in pages),
            spacing_mm=spacing,
            spacing_source=spacing_source,
        )


def _upright_spacing(page: Page) -> tuple[tuple[float, float, float | None] | None, str]:
    spacing, source = spacing_of(page)
    if spacing is not None and page.orientation in _TURNED:
        spacing = (spacing[1], spacing[0], spacing[2])
    return spacing, source
