"""Maps as NIfTI-1 volumes in the scan's own geometry, float32, uncompressed.

The affine is written as the sform alone: it takes (column, row, slice) to millimetres, in NIfTI's
axes to the right, to the front and up (https://nifti.nimh.nih.gov/nifti-1). DICOM's point to the
left and to the back, so the first two rows change their sign.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.exports.words import in_order, title_of
from inference.records import Affine, Attribution, Source, affine_of
from inference.task import Task
from inference.whole_file import writing

_HEADER_BYTES = 348
_FIRST_VALUE = 352
_FLOAT32 = 16
_MILLIMETRES = 2
_SCANNER = 1
"""sform_code: coordinates of the scanner."""

_SQUARE = 1e-4
"""Cosine between two axes from which on they are no right angle: ITK's own tolerance."""

_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def refuse_without_place(source: Source) -> None:
    """Raise UserError where a source has no geometry."""
    if source.affine is None:
        raise UserError(
            "This scan says nothing of where it lies, and a NIfTI file has to.",
            "Export the map as an array or as a picture.",
        )


def write_nifti(
    path: Path, source: Source, maps: Sequence[Attribution], task: Task
) -> tuple[str, ...]:
    """All maps as one volume at `path`; where they are none, a file for each frame beside it.

    A NIfTI volume has equal steps at right angles. Slices that are tilted, uneven or have gaps
    between them are written one by one, as `name-0007.nii` for frame 7, each a volume of one
    slice. Returns what is to be known of the files, in sentences. Raises UserError where the source
    has no geometry, or a file cannot be written.
    """
    refuse_without_place(source)
    ordered = in_order(maps)
    reason = _no_volume(source, [one.key[1] for one in ordered])
    if not reason:
        _write(path, source.frame_affine(ordered[0].key[1]), ordered)
        return ()
    for done, one in enumerate(ordered):
        task.progress(done, len(ordered))
        index = one.key[1]
        place = path.with_name(f"{path.stem}-{index:04d}{path.suffix}")
        _write(place, _upright(source.frame_affine(index)), [one])
    return (f"{reason} Each frame has a file of its own, numbered as in the scan.",)


def _no_volume(source: Source, indices: Sequence[int]) -> str:
    """Why these frames are no volume, as a sentence; "" if they are."""
    assert source.affine is not None
    if len(indices) > 1 and source.positions_mm is not None:
        return "The slices are not evenly spaced, so they are no volume."
    if any(later - earlier != 1 for earlier, later in itertools.pairwise(indices)):
        return "There are frames without a map between those that have one."
    axes = np.array(source.affine)[:3, :3]
    axes = axes / np.linalg.norm(axes, axis=0)
    crooked = np.abs(axes.T @ axes - np.eye(3)).max() > _SQUARE
    return "The slices are tilted, so they are no upright volume." if crooked else ""


def _upright(affine: Affine | None) -> Affine | None:
    """The same plane with its third axis along the normal, as long as it was."""
    if affine is None:
        return None
    matrix = np.array(affine)
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    matrix[:3, 2] = normal / np.linalg.norm(normal) * np.linalg.norm(matrix[:3, 2])
    return affine_of(matrix)


def _write(path: Path, affine: Affine | None, maps: Sequence[Attribution]) -> None:
    assert affine is not None
    values = np.stack([np.asarray(one.map, "<f4") for one in maps])
    header = _header(values.shape, _TO_RAS @ np.array(affine), title_of(maps[0]))
    with writing(path) as temporary, temporary.open("wb") as file:
        file.write(header)
        file.write(values.tobytes())


def _header(shape: tuple[int, ...], affine: np.ndarray, title: str) -> bytes:
    """The 348 bytes of the header and the four that say there is no extension."""
    slices, rows, columns = shape
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    found = bytearray(_FIRST_VALUE)
    struct.pack_into("<i", found, 0, _HEADER_BYTES)
    struct.pack_into("<8h", found, 40, 3, columns, rows, slices, 1, 1, 1, 1)
    struct.pack_into("<2h", found, 70, _FLOAT32, 32)
    struct.pack_into("<8f", found, 76, 1.0, *sizes, 0.0, 0.0, 0.0, 0.0)
    struct.pack_into("<3f", found, 108, _FIRST_VALUE, 1.0, 0.0)
    struct.pack_into("<B", found, 123, _MILLIMETRES)
    words = title.encode("ascii", "replace")[:79]
    struct.pack_into("<80s", found, 148, words)
    struct.pack_into("<2h", found, 252, 0, _SCANNER)
    struct.pack_into("<12f", found, 280, *affine[:3].reshape(-1))
    struct.pack_into("<4s", found, 344, b"n+1\0")
    return bytes(found)
