"""What every file format offers: to be recognised, to be opened, to be read frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from inference.errors import UserError
from inference.records import Affine, DicomObject, Frame, FrameKey, FrameRef, Refused, Source

HEAD_BYTES = 4096
"""How much of a file its format is told by."""

START_BYTES = 16 * 2**10
"""How much of a file is kept from the one time that it is read whole: the header of most scans."""

FRAME_BYTES_LIMIT = 512 * 2**20
"""The largest single frame that is decoded; a header that promises more is refused unread."""

VOLUME_BYTES_LIMIT = 2 * 2**30
"""The largest volume that has to be decoded as a whole."""


@dataclass(frozen=True)
class FoundFile:
    """A regular file with its content's digest (64 hex digits) and its size in bytes.

    `start` holds its first bytes, up to START_BYTES, so that it need not be opened again for its
    header; it may be empty. `changed_ns` is when the file was last changed, as the system counts.
    """

    path: Path
    digest: str
    size: int
    start: bytes = b""
    changed_ns: int = 0


class Loader(Protocol):
    """A file format; each is a module of this package with these three functions."""

    def recognises(self, head: bytes) -> bool:
        """Whether a file that starts with `head` (up to HEAD_BYTES) is of this format."""

    def open_files(self, files: Iterator[FoundFile]) -> Iterator[Source | Refused | DicomObject]:
        """The sources in these files, each as soon as it is complete, and what else there is."""

    def read_frame(self, key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
        """Decode one frame; raises UserError where the file does not give it."""


def within_budget(rows: int, columns: int, bytes_per_pixel: int) -> bool:
    """Whether a frame of this size may be decoded; asked before anything is allocated."""
    return 0 < rows * columns * bytes_per_pixel <= FRAME_BYTES_LIMIT


def one_source_each(
    files: Iterator[FoundFile], source_of: Callable[[FoundFile], Source]
) -> Iterator[Source | Refused]:
    """For formats in which each file is a source; what `source_of` refuses keeps its sentence."""
    for file in files:
        try:
            yield source_of(file)
        except UserError as error:
            yield Refused(str(file.path), error.message)
