"""A marked region from a file: a picture, a volume, an array, a DICOM segmentation or contours."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.records import DicomObject, ObjectKind, Region, Segment, Source
from inference.requests import ObjectRequest, OpenRequest, read_request
from inference.segment_pixels import segment_pixels
from inference.sources.files import read_head
from inference.sources.objects.overlay import read_overlay
from inference.sources.registry import open_sources, read_frames
from inference.task import Task

_ARRAY_START = b"\x93NUMPY"
_CHOICE = "#"


def read_region(path: str, source: Source, task: Task, frame: int | None = None) -> Region:
    """What a file marks on `source`, in its pixels.

    A picture or an array of one plane is as large as the source's frames and marks `frame`, or
    the only one there is; an array of several planes or a volume without geometry has as many as
    the source. A volume with geometry is looked up at the patient millimetres of each pixel of
    the source, nearest voxel. Inside is what is not zero, or with `path` "file#2" what is 2; of a
    DICOM segmentation or structure set the segment or structure of that number or name, contours
    filled. Raises UserError where the file cannot be read, does not fit the source, or marks
    nothing on it; of usage where a frame or a segment has to be chosen first.
    """
    place, choice = chosen_in(path)
    if read_head(place).startswith(_ARRAY_START):
        planes, origin = _array(place, choice), "a file with an array"
        mask, first = _laid(planes, source, place, frame)
        return _region(mask, first, origin, source, place)
    opened = open_sources(OpenRequest((str(place),)), Task())
    task.check()
    if opened.objects:
        return _segment(opened.objects[0], choice, source, task)
    if not opened.sources:
        reason = opened.refused[0].reason if opened.refused else f"{place.name} holds no mask."
        raise UserError(reason, "Choose a mask that opens.", path=str(place))
    marked = opened.sources[0]
    if (marked.affine is None) != (source.affine is None) and marked.kind != "image":
        which = "This scan" if source.affine is None else place.name
        raise UserError(
            f"{which} says nothing of where it lies, so the region cannot be laid over the scan.",
            "Choose a mask with the scan's own geometry.",
            path=str(place),
        )
    planes = _planes(marked, choice, task)
    if marked.affine is None or source.affine is None:
        mask, first = _laid(planes, source, place, frame)
    else:
        mask, first = _looked_up(planes, marked, source, task), 0
    return _region(mask, first, f"a file with a {marked.kind}", source, place)


def chosen_in(path: str) -> tuple[Path, str | None]:
    """The file, and what is chosen in it behind the last # of a name that is no file itself."""
    if _CHOICE not in path or Path(path).exists():
        return Path(path), None
    name, _, choice = path.rpartition(_CHOICE)
    return Path(name), choice


def _region(mask: np.ndarray, first: int, origin: str, source: Source, path: Path) -> Region:
    """Cut to the frames where something is marked; raises UserError where nothing is."""
    frames = np.flatnonzero(mask.any(axis=(1, 2)))
    if not len(frames):
        raise UserError(
            f"{path.name} marks nothing on this scan.",
            "Check whether it belongs to it.",
            path=str(path),
        )
    low, high = int(frames[0]), int(frames[-1]) + 1
    return Region(source.source_id, first + low, np.ascontiguousarray(mask[low:high]), origin)


def _array(path: Path, choice: str | None) -> np.ndarray:
    """The planes of a .npy file, bool [planes, rows, columns]; mapped, so as not to be believed."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise UserError(
            f"{path.name} is damaged or holds something else than one array.", path=str(path)
        ) from error
    if found.dtype.kind not in "bui" or found.ndim not in (2, 3):
        raise UserError(
            f"{path.name} holds {found.dtype} values with {found.ndim} axes, which is no mask.",
            "A mask is of type bool or uint8, as [rows, columns] or [frames, rows, columns].",
            path=str(path),
        )
    return np.asarray(_chosen(found if found.ndim == 3 else found[None], choice, path))


def _planes(marked: Source, choice: str | None, task: Task) -> np.ndarray:
    """The frames of a mask, bool [frames, rows, columns]."""
    path = Path(marked.refs[0].path)
    planes = []
    for index in range(marked.frames):
        (frame,) = read_frames(read_request(marked, (index,)), Task())
        values = frame.values()
        plane = _chosen(np.nan_to_num(values), choice, path)
        planes.append(plane.any(axis=2) if plane.ndim == 3 else plane)
        task.progress(index + 1, marked.frames)
    return np.stack(planes)


def _chosen(values: np.ndarray, choice: str | None, path: Path) -> np.ndarray:
    if choice is None:
        return np.asarray(values != 0)
    if not choice.isdecimal():
        raise UserError(
            f"{path.name} holds numbers, so {choice} names nothing in it.",
            "Write the number of what is meant, such as mask.nii.gz#2.",
            fault="usage",
            path=str(path),
        )
    return np.asarray(values == int(choice))


def _laid(
    planes: np.ndarray, source: Source, path: Path, frame: int | None
) -> tuple[np.ndarray, int]:
    """Planes without geometry on the source's own frames, and the first of these."""
    if planes.shape[1:] != source.shape:
        raise UserError(
            f"{path.name} has {_size(planes.shape[1:])} pixels; the scan's frames have "
            f"{_size(source.shape)}.",
            "Choose a mask that was made on this scan.",
            path=str(path),
        )
    if len(planes) == source.frames:
        return planes, 0
    if len(planes) > 1:
        raise UserError(
            f"{path.name} has {len(planes)} planes; the scan has {source.frames} frames.",
            "Choose a mask that was made on this scan.",
            path=str(path),
        )
    if frame is None:
        raise UserError(
            f"{path.name} marks one frame, and the scan has {source.frames}.",
            "Say which one with --frame.",
            fault="usage",
            path=str(path),
        )
    return planes, frame


def _looked_up(planes: np.ndarray, marked: Source, source: Source, task: Task) -> np.ndarray:
    """The voxel of the mask that each pixel of the source lies in, bool [frames, rows, columns]."""
    to_voxel = np.linalg.inv(np.array(marked.affine, dtype=float))
    counts = (planes.shape[2], planes.shape[1], planes.shape[0])
    rows, columns = (np.arange(length, dtype=float) for length in source.shape)
    found = np.zeros((source.frames, *source.shape), dtype=bool)
    for index in range(source.frames):
        task.check()
        way = to_voxel @ np.array(source.frame_affine(index), dtype=float)
        # Column, row and slice of the mask, for all pixels of this frame.
        at = [
            np.rint(line[0] * columns + line[1] * rows[:, None] + line[3]).astype(np.int64)
            for line in way[:3]
        ]
        over = [(one >= 0) & (one < count) for one, count in zip(at, counts, strict=True)]
        there = over[0] & over[1] & over[2]
        if there.any():
            column, row, plane = (one[there] for one in at)
            found[index][there] = planes[plane, row, column]
    return found


def _segment(found: DicomObject, choice: str | None, source: Source, task: Task) -> Region:
    """One segment of a DICOM segmentation, or structure of a structure set, by number or name."""
    path = Path(found.path)
    if found.kind not in _MARKING:
        raise UserError(
            f"{path.name} holds no mask; it is “{found.title}”.",
            "Choose a segmentation, contours, a picture, a volume or an array.",
            path=found.path,
        )
    overlay = read_overlay(ObjectRequest(found, source), task)
    one, whole = _MARKING[found.kind]
    place, segment = _one_of(overlay.segments, choice, path, one)
    mask = segment_pixels(overlay, place, tuple(range(source.frames)), source.shape)
    origin = f"{one} {segment.number}, “{segment.label}”, of a {whole}"
    return _region(mask, 0, origin, source, path)


_MARKING: dict[ObjectKind, tuple[str, str]] = {
    "segmentation": ("segment", "DICOM segmentation"),
    "structure_set": ("structure", "DICOM structure set"),
}
"""Objects that mark something, with what they call a part and themselves."""


def _one_of(
    segments: tuple[Segment, ...], choice: str | None, path: Path, one: str
) -> tuple[int, Segment]:
    """The only segment, or the one with that number or label, and its place."""
    if choice is None and len(segments) == 1:
        return 0, segments[0]
    for place, segment in enumerate(segments):
        if choice is not None and choice in (str(segment.number), segment.label):
            return place, segment
    if not segments:
        raise UserError(
            f"{path.name} has no {one}s.", "Choose another file.", fault="usage", path=str(path)
        )
    listed = ", ".join(f"{segment.number} ({segment.label})" for segment in segments)
    missing = f"no {one} {choice}" if choice is not None else f"{len(segments)} {one}s"
    raise UserError(
        f"{path.name} has {missing}; there are {listed}.",
        f"Choose one behind a {_CHOICE}, such as {path.name}{_CHOICE}{segments[0].number}.",
        fault="usage",
        path=str(path),
    )


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
