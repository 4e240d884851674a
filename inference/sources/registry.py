"""Paths in, sources and frames out: which loader reads which file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inference.errors import UserError
from inference.records import Affine, Frame, FrameRef, Opened, Refused, Source, affine_of
from inference.requests import OpenRequest, ReadRequest, ThumbnailRequest, read_request
from inference.sources import dicom, image, nifti
from inference.sources.base import FoundFile, Loader
from inference.sources.files import digest_of, find_files, printable, read_head
from inference.task import Task

if TYPE_CHECKING:
    from inference.records import FrameKey

FORMATS: tuple[Loader, ...] = (dicom, nifti, image)
"""A new format is one module and one word here; the first that recognises a file reads it."""

_NAMES = "DICOM, NIfTI, PNG and JPEG files open."


def open_sources(request: OpenRequest, task: Task) -> Opened:
    """Everything that can be opened under the paths, and for the rest one sentence a file.

    Each source goes to `task.partial` as `Opened((source,), ())` as soon as it is complete.
    """
    return _Opening(task).open(request.paths)


class _Opening:
    """One act of opening: what was found so far, and how far it is."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._sources: list[Source] = []
        self._refused: list[Refused] = []
        self._seen: dict[str, str] = {}
        """Name of the first file with each digest."""
        self._done = 0

    def open(self, paths: Sequence[str]) -> Opened:
        """Sort the files by format, then let each loader open its own."""
        piles = self._sort_by_format(paths)
        total = sum(len(pile) for pile in piles.values())
        for loader, pile in piles.items():
            for found in loader.open_files(self._admitted(pile, total)):
                self._task.check()
                if isinstance(found, Refused):
                    self._refused.append(found)
                else:
                    self._sources.append(found)
                    self._task.partial(Opened((found,), ()))
        refused = (
            Refused(printable(refused.path), printable(refused.reason)) for refused in self._refused
        )
        return Opened(tuple(self._sources), tuple(refused))

    def _sort_by_format(self, paths: Sequence[str]) -> dict[Loader, list[Path]]:
        piles: dict[Loader, list[Path]] = {loader: [] for loader in FORMATS}
        taken: set[str] = set()
        for found in find_files(paths):
            self._task.check()
            if isinstance(found, Refused):
                self._refused.append(found)
            elif (place := os.path.abspath(found)) not in taken:
                taken.add(place)
                try:
                    piles[_loader_of(found)].append(found)
                except UserError as error:
                    self._refused.append(Refused(str(found), error.message))
        return piles

    def _admitted(self, pile: list[Path], total: int) -> Iterator[FoundFile]:
        """Files with their digests; a second file with the same bytes is refused as a copy."""
        for path in pile:
            self._done += 1
            try:
                digest, size = digest_of(path)
            except UserError as error:
                self._refused.append(Refused(str(path), error.message))
                continue
            if digest in self._seen:
                sentence = f"{path.name} holds the same bytes as {self._seen[digest]}."
                self._refused.append(Refused(str(path), sentence))
                continue
            self._seen[digest] = path.name
            yield FoundFile(path, digest, size)
            self._task.progress(self._done, total)


def _loader_of(path: Path) -> Loader:
    head = read_head(path)
    if not head:
        raise UserError(f"{path.name} is empty.", "Fetch the file again.", path=str(path))
    for loader in FORMATS:
        if loader.recognises(head):
            return loader
    raise UserError(f"{path.name} is not a scan or picture.", _NAMES, path=str(path))


def read_frames(request: ReadRequest, task: Task) -> tuple[Frame, ...]:
    """The asked frames, in the order asked; raises UserError where one cannot be decoded."""
    frames = []
    for place, (index, ref) in enumerate(zip(request.indices, request.refs, strict=True)):
        task.check()
        affine = _affine(request.affines[place]) if request.affines else None
        frames.append(_read((request.source_id, index), ref, affine))
        if len(request.refs) > 1:
            task.progress(place + 1, len(request.refs))
    return tuple(frames)


def _affine(numbers: tuple[float, ...]) -> Affine:
    return affine_of(np.array(numbers, dtype=float).reshape(4, 4))


def _read(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    return _loader_of(Path(ref.path)).read_frame(key, ref, affine)


def thumbnail(request: ThumbnailRequest, task: Task) -> np.ndarray:
    """The frame as displayed, at most `size` pixels wide or high: uint8 [r, c] or [r, c, 3]."""
    import cv2

    from inference.display import grey

    task.check()
    shown = grey(_read((request.source_id, 0), request.ref, None))
    rows, columns = shown.shape[:2]
    scale = request.size / max(rows, columns)
    if scale >= 1.0:
        return shown
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_AREA))


def value_range(source: Source, task: Task) -> tuple[float, float] | None:
    """Smallest and largest rescaled value over all frames, padding left out; None if there is none.

    Colour counts in its 8-bit samples. Raises UserError at the first frame that cannot be read.
    """
    lows: list[float] = []
    highs: list[float] = []
    for index in range(source.frames):
        (frame,) = read_frames(read_request(source, (index,)), Task(None))
        measured = frame.measured()
        stored = frame.stored if measured is None else frame.stored[measured]
        stored = stored[np.isfinite(stored)] if stored.dtype.kind == "f" else stored
        if stored.size:
            ends = [
                float(end) * frame.slope + frame.intercept for end in (stored.min(), stored.max())
            ]
            lows.append(min(ends))
            highs.append(max(ends))
        task.progress(index + 1, source.frames)
    return (min(lows), max(highs)) if lows else None
