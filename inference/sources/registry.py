"""Paths in, sources and frames out: which loader reads which file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inference.errors import UserError
from inference.records import (
    Affine,
    DicomObject,
    Frame,
    FrameRef,
    Opened,
    Refused,
    Source,
    affine_of,
)
from inference.requests import OpenRequest, ReadRequest, ThumbnailRequest, read_request
from inference.sources import dicom, image, metaimage, nifti, nrrd, tiff, webp
from inference.sources.base import HEAD_BYTES, FoundFile, Loader
from inference.sources.contents import Contents
from inference.sources.files import (
    WHOLE_DIGEST_BYTES,
    examine,
    is_same,
    printable,
    read_head,
)
from inference.sources.first_picture import first_picture
from inference.task import Task

if TYPE_CHECKING:
    from inference.records import FrameKey

FORMATS: tuple[Loader, ...] = (dicom, nifti, nrrd, metaimage, tiff, webp, image)
"""A new format is one module and one word here; the first that recognises a file reads it."""

PROGRESS_S = 0.1

OPENABLE = (
    "DICOM, NIfTI, NRRD, MetaImage, TIFF, PNG, JPEG and WebP files open, also in zip archives."
)


def open_sources(request: OpenRequest, task: Task) -> Opened:
    """Everything that can be opened under the paths, and for the rest one sentence a file.

    Each source goes to `task.partial` as `Opened((source,), ())` as soon as it is complete, each
    object as `Opened((), (), (object,))`; before all of them a `Preview` if one is asked for.
    """
    return _Opening(request.scratch, task).open(request)


class _Opening:
    """One act of opening: what was found so far, and how far it is."""

    def __init__(self, scratch: str, task: Task) -> None:
        self._task = task
        self._contents = Contents(scratch, task)
        self._sources: list[Source] = []
        self._refused: list[Refused] = []
        self._objects: list[DicomObject] = []
        self._seen: dict[str, Path] = {}
        """Path of the first file with each digest."""
        self._unread: list[Path] = []
        self._piles: dict[Loader, list[FoundFile]] = {loader: [] for loader in FORMATS}
        """Files that were read and wait for the loader of their format."""
        self._listed = 0
        self._done = 0
        self._told_s = 0.0

    def open(self, request: OpenRequest) -> Opened:
        """List the files, show one of them, then let each loader open its own."""
        self._list(self._contents.listed(request.paths))
        preview = first_picture(self._unread, self._task) if request.piecewise else None
        if preview is not None:
            self._task.partial(preview)
        for loader in FORMATS:
            for found in loader.open_files(self._files_for(loader)):
                self._task.check()
                self._keep(found)
        if self._contents.no_room is not None and not (self._sources or self._objects):
            raise self._contents.no_room
        refused = tuple(
            self._in_words(refused)
            for refused in self._refused
            if not self._contents.belongs(refused.path)
        )
        if request.piecewise:
            return Opened((), refused)
        return Opened(tuple(self._sources), refused, tuple(self._objects))

    def _in_words(self, refused: Refused) -> Refused:
        return Refused(printable(self._contents.shown(refused.path)), printable(refused.reason))

    def _keep(self, found: Source | Refused | DicomObject) -> None:
        if isinstance(found, Refused):
            self._refused.append(found)
        elif isinstance(found, DicomObject):
            self._objects.append(found)
            self._task.partial(Opened((), (), (found,)))
        else:
            self._sources.append(found)
            self._task.partial(Opened((found,), ()))

    def _list(self, files: Iterable[Path | Refused]) -> None:
        for found in files:
            if isinstance(found, Refused):
                self._refused.append(found)
            else:
                self._unread.append(found)
                self._listed += 1

    def _files_for(self, loader: Loader) -> Iterator[FoundFile]:
        """The files of this loader's format; each is read once, by whichever loader comes first."""
        while self._unread:
            paths, self._unread = self._unread, []
            for path in paths:
                self._task.check()
                try:
                    found = self._examined(path)
                    owner = self._owner_of(found)
                except UserError as error:
                    self._refused.append(Refused(str(path), error.message))
                    owner = None
                if owner is loader:
                    yield found
                elif owner is not None:
                    self._piles[owner].append(replace(found, start=b""))
                    continue
                self._advance()
        for found in self._piles[loader]:
            yield found
            self._advance()

    def _examined(self, path: Path) -> FoundFile:
        """The file, with a digest that none has here but its copies.

        Of large files the digest is over samples, which masks of one scan may share.
        """
        found = examine(path)
        first = self._seen.get(found.digest)
        if first is None or found.size <= WHOLE_DIGEST_BYTES or is_same(first, path):
            return found
        return examine(path, whole=True)

    def _advance(self) -> None:
        """One file more is done; said ten times a second, as each word crosses a pipe."""
        self._done += 1
        now = time.monotonic()
        if now - self._told_s >= PROGRESS_S or self._done >= self._listed:
            self._told_s = now
            self._task.progress(self._done, self._listed)
        self._task.check()

    def _owner_of(self, found: FoundFile) -> Loader | None:
        """Who opens a file; None if others stand within it. Raises UserError for one refused."""
        path = found.path
        first = self._seen.setdefault(self._contents.whole_digest(found), path)
        if first != path:
            sentence = f"{path.name} holds the same bytes as {first.name}."
            raise UserError(sentence, path=str(path))
        within = self._contents.within(found)
        if within is not None:
            self._list(within)
            return None
        return loader_of(path, found.start[:HEAD_BYTES])


def loader_of(path: Path, head: bytes) -> Loader:
    """The first format that recognises a file by its first bytes; UserError if none does."""
    for loader in FORMATS:
        if loader.recognises(head):
            return loader
    raise UserError(f"{path.name} is not a scan or picture.", OPENABLE, path=str(path))


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
    path = Path(ref.path)
    return loader_of(path, read_head(path)).read_frame(key, ref, affine)


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
