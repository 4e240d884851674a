"""Label volumes of others, opened as scans are and held against the scan that they belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.exchange.index_names import NUMBERS_LIMIT
from inference.exchange.reading import EntryError, list_folder, refusal
from inference.records import Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task

_FILE = re.compile(r"(?s)(.+?)(\.layer-\d+)?(\.parts)?(\.nii(?:\.gz)?)\Z", re.IGNORECASE)

TOLERANCE_MM = 1e-3
"""How far the corners of a label volume may lie from those of its scan."""


@dataclass(frozen=True)
class LabelVolume:
    """A file of label numbers, and the name of the scan that it belongs to."""

    path: Path
    scan_name: str

    def opened_on(self, scan: Source) -> Numbers:
        """Its numbers; raises EntryError where it does not lie on the grid of `scan`."""
        return Numbers(_opened(self.path), scan)

    def parts_on(self, scan: Source) -> Numbers | None:
        """The numbers that tell masks of one label apart; None where there is no such file."""
        name = _FILE.match(self.path.name)
        if name is None:
            return None
        path = self.path.with_name(f"{name[1]}{name[2] or ''}.parts{name[4]}")
        return Numbers(_opened(path), scan) if path.is_file() else None


def volumes_at(path: Path) -> list[LabelVolume]:
    """The label volumes of a folder, or the one file; raises UserError where there are none."""
    if not path.is_dir():
        return [_volume(path)]
    names = [one for one in list_folder(path) if _FILE.match(one.name)]
    found = [_volume(one) for one in names if not _is_of_parts(one)]
    if not found:
        raise refusal(path, "it holds no NIfTI files")
    return found


def _volume(path: Path) -> LabelVolume:
    name = _FILE.match(path.name)
    return LabelVolume(path, f"{name[1]}{name[4]}" if name else path.name)


def _is_of_parts(path: Path) -> bool:
    name = _FILE.match(path.name)
    if name is None or name[3] is None:
        return False
    if not path.with_name(f"{name[1]}{name[2] or ''}{name[4]}").exists():
        raise refusal(path, "the mask whose parts it tells apart is not beside it")
    return True


def _opened(path: Path) -> Source:
    try:
        found = open_sources(OpenRequest((str(path),)), Task())
    except UserError as error:
        raise EntryError(error.message.rstrip(".")) from error
    if len(found.sources) != 1:
        reason = found.refused[0].reason if found.refused else "it holds several volumes"
        raise EntryError(reason.rstrip("."))
    return found.sources[0]


class Numbers:
    """The label numbers of a volume, frame by frame of its scan."""

    def __init__(self, volume: Source, scan: Source) -> None:
        if (volume.frames, volume.shape) != (scan.frames, scan.shape):
            told, real = _size(volume), _size(scan)
            raise EntryError(f"it is of {told} voxels, and its scan of {real}")
        far = _distance_mm(volume, scan)
        if not far <= TOLERANCE_MM:
            raise EntryError(f"it lies {far:.4g} mm beside its scan")
        self._volume = volume

    def numbers(self, frame: int) -> np.ndarray:
        """[rows, columns] of whole numbers; raises EntryError where there are others."""
        try:
            (found,) = read_frames(read_request(self._volume, (frame,)), Task())
        except UserError as error:
            raise EntryError(error.message.rstrip(".")) from error
        values = found.values()
        whole = values.ndim == 2 and bool((values == np.floor(values)).all())
        if not (whole and values.min() >= 0 and values.max() <= NUMBERS_LIMIT):
            raise EntryError(f"slice {frame} holds values that are no label numbers")
        return values.astype(np.uint16)


def _size(source: Source) -> str:
    return f"{source.shape[1]} × {source.shape[0]} × {source.frames}"


def _distance_mm(volume: Source, scan: Source) -> float:
    """The largest distance between corners of the grids, in millimetres."""
    rows, columns = scan.shape
    corners = [(x, y, 0, 1) for x in (0, columns - 1) for y in (0, rows - 1)]
    gaps = []
    for frame in {0, scan.frames - 1}:
        affines = volume.frame_affine(frame), scan.frame_affine(frame)
        if affines[0] is None or affines[1] is None:
            raise EntryError("it or its scan does not say where it lies")
        gaps.append((np.array(affines[0]) - np.array(affines[1])) @ np.transpose(corners))
    return float(np.linalg.norm(np.stack(gaps)[:, :3], axis=1).max())
