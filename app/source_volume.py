"""One source's frames in one array, as far as they have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inference.records import Frame, Source


class SourceVolume:
    """The stored values of all frames, [frames, rows, columns], and which of them are there.

    A slice that has not come holds zeros, or what a reader was able to write before it failed.

    Whoever reads writes a slice of `stored` on its own thread and says so afterwards; a slice is
    looked at only once it is marked. The rest is used on the window's thread alone.
    """

    def __init__(self, source: Source, dtype: np.dtype) -> None:
        self.source = source
        self.stored = np.zeros((source.frames, *source.shape), dtype)
        self.there = np.zeros(source.frames, bool)
        self.beside: set[int] = set()
        """Frames that have come and could not be taken in."""
        self._decoded: dict[int, Frame] = {}
        """What is known of frames that no head of the source describes."""

    @property
    def nbytes(self) -> int:
        return int(self.stored.nbytes)

    def mark(self, indices: Sequence[int], arrays: Sequence[np.ndarray]) -> bool:
        """These slices have been written; False if they are slices of another array."""
        if any(array.base is not self.stored for array in arrays):
            return False
        self.there[list(indices)] = True
        return True

    def take(self, frame: Frame) -> bool:
        """Copy a frame in; False if it is of another type or size and has to be kept elsewhere."""
        index = frame.key[1]
        if frame.stored.dtype != self.stored.dtype or frame.stored.shape != self.source.shape:
            if not self.there[index]:
                self.beside.add(index)
            return False
        if not self.there[index]:
            self.stored[index] = frame.stored
            self._decoded[index] = replace(frame, stored=self.stored[index])
            self.there[index] = True
        return True

    def frame(self, index: int) -> Frame | None:
        """A frame over its slice of the array; None if it is not there."""
        if not self.there[index]:
            return None
        return self._decoded.get(index) or native_frame(self.source, index, self.stored[index])


def native_frame(source: Source, index: int, stored: np.ndarray) -> Frame:
    """The frame whose native pixels have been read."""
    head = source.heads[source.native[index].head]
    return replace(head, key=source.key(index), stored=stored, affine=source.frame_affine(index))
