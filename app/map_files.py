"""Maps as files that other programs read, by the name of the format; no Qt, no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.map_requests import Exported, ExportRequest
from app.pictures import overlaid, png_bytes
from inference.errors import UserError
from inference.records import Source
from inference.requests import read_request
from inference.task import Task
from inference.whole_file import write_bytes


@dataclass(frozen=True)
class Format:
    """One way to write maps; `write` returns what is to be known of the files."""

    name: str
    title: str
    suffix: str
    write: Callable[[ExportRequest, Path, Task], tuple[str, ...]]
    refuse: Callable[[Source], None] = lambda source: None
    """Raises UserError for a source whose maps it cannot hold, as far as that is known before."""


def export_maps(request: ExportRequest, task: Task) -> Exported:
    """Write the maps; the file gets the suffix of its format where it has another.

    Raises UserError where the format cannot hold them or the place cannot be written; then nothing
    of a file is left.
    """
    chosen = FORMATS.get(request.format)
    if chosen is None:
        raise UserError(
            f"There is no format named {request.format}.",
            f"Known are {', '.join(FORMATS)}.",
            fault="usage",
        )
    path = with_suffix(Path(request.path), chosen.suffix)
    return Exported(str(path), chosen.write(request, path, task))


def with_suffix(path: Path, suffix: str) -> Path:
    """The path with this suffix; one that is there already stays as it is written."""
    return path if path.name.lower().endswith(suffix) else path.with_name(path.name + suffix)


def _write_dicom(request: ExportRequest, path: Path, task: Task) -> tuple[str, ...]:
    from inference.exports.parametric_map import write_parametric_map

    return write_parametric_map(
        path, request.source, request.maps, task, identified=request.identified
    )


def _write_nifti(request: ExportRequest, path: Path, task: Task) -> tuple[str, ...]:
    from inference.exports.nifti import write_nifti

    return write_nifti(path, request.source, request.maps, task)


def _refuse_dicom(source: Source) -> None:
    from inference.exports.parametric_map import refuse_without_series

    refuse_without_series(source)


def _refuse_nifti(source: Source) -> None:
    from inference.exports.nifti import refuse_without_place

    refuse_without_place(source)


def _write_array(request: ExportRequest, path: Path, task: Task) -> tuple[str, ...]:
    from inference.exports.array import write_array

    task.check()
    return write_array(path, request.source, request.maps)


def _write_pictures(request: ExportRequest, path: Path, task: Task) -> tuple[str, ...]:
    """The frame with the map over it, and beside it the map alone; several are numbered."""
    from inference.exports.picture import picture_of
    from inference.exports.words import in_order
    from inference.sources.registry import read_frames

    ordered = in_order(request.maps)
    for done, one in enumerate(ordered):
        task.progress(done, len(ordered))
        index = one.key[1]
        (frame,) = read_frames(read_request(request.source, (index,)), Task())
        stem = path.stem if len(ordered) == 1 else f"{path.stem}-{index:04d}"
        over = png_bytes(overlaid(frame, one, request.drawing))
        write_bytes(path.with_name(f"{stem}{path.suffix}"), over)
        alone = picture_of(one, request.drawing.limit)
        write_bytes(path.with_name(f"{stem}-alone{path.suffix}"), alone)
    return ("The map alone is beside it, with the scale of its colours in the file.",)


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("png", "Pictures", ".png", _write_pictures),
        Format("npy", "NumPy array", ".npy", _write_array),
        Format("nifti", "NIfTI volume", ".nii", _write_nifti, _refuse_nifti),
        Format("dicom", "DICOM parametric map", ".dcm", _write_dicom, _refuse_dicom),
    )
}
"""By the name that the command line knows; a further format is one more line."""
