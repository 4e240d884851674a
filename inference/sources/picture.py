"""What pictures of all formats have in common: their sources, and what is laid over black."""

from __future__ import annotations

import hashlib

import numpy as np

from inference.errors import UserError
from inference.records import FrameRef, Source
from inference.sources.base import FoundFile
from inference.sources.files import printable, source_id_of

SEE_THROUGH = "The picture is partly see-through; it was laid over black."
SIXTEEN_BITS = "The colours have 16 bits; they are shown with 8."


def picture_source(
    file: FoundFile,
    shape: tuple[int, int],
    *,
    colour: bool,
    lossy: str | None,
    warnings: tuple[str, ...],
    numbers: tuple[int, ...] = (0,),
    spacing_mm: tuple[float, float, float | None] | None = None,
    spacing_source: str = "none",
) -> Source:
    """A picture, or a stack of one size, without a place in a patient.

    `shape` is (rows, columns); `numbers` are those of its pictures within the file.
    """
    folder = file.path.resolve().parent
    return Source(
        source_id=source_id_of((file.digest, number) for number in numbers),
        kind="image" if len(numbers) == 1 else "volume",
        title=printable(file.path.name),
        study_id=hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:12],
        study_title=printable(folder.name) or "Pictures",
        who="",
        modality=None,
        body_part=None,
        photometric="RGB" if colour else "MONOCHROME2",
        samples=3 if colour else 1,
        shape=shape,
        spacing_mm=spacing_mm,
        spacing_source=spacing_source,
        affine=None,
        positions_mm=None,
        order_rule="none",
        transfer_syntax=None,
        unit=None,
        refs=tuple(FrameRef(str(file.path), number) for number in numbers),
        lossy=lossy,
        warnings=warnings,
    )


def over_black(pixels: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Without the last channel, which is opacity: [rows, columns, n] → [rows, columns, n - 1]."""
    opaque = pixels[..., -1:].astype(np.float32) / np.iinfo(pixels.dtype).max
    if float(opaque.min()) >= 1.0:
        return pixels[..., :-1], ()
    return np.rint(pixels[..., :-1] * opaque).astype(pixels.dtype), (SEE_THROUGH,)


def damaged_picture(name: str, path: str) -> UserError:
    """The sentence for a picture whose bytes are not all there."""
    return UserError(
        f"{name} is damaged or stops in the middle.",
        "Fetch the file again from where it came.",
        path=path,
    )


def promises_too_much(name: str, path: str, rows: int, columns: int) -> UserError:
    """The sentence for a picture larger than is decoded."""
    return UserError(
        f"{name} was not opened: it says that it has {rows} × {columns} pixels.",
        "Check whether the file is damaged.",
        path=path,
    )
