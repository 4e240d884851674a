"""Frames that were read lately, up to a budget of memory; whole series in one array each."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from app.machine import default_budget_bytes
from app.own_pages import on_own_pages
from app.source_volume import SourceVolume
from inference.records import Frame, FrameKey, Source

NEWS_S = 0.1
"""How often at most it is news that more is here."""

_Entry = SourceVolume | Frame


class FrameCache:
    """Keeps what was used last; used on the window's thread alone.

    `travel` says of each source where a person is in it and in which direction they go (+1, -1).
    """

    def __init__(self, budget_bytes: int | None = None) -> None:
        self.budget_bytes = default_budget_bytes() if budget_bytes is None else budget_bytes
        self.travel: dict[str, tuple[int, int]] = {}
        self._entries: OrderedDict[str | FrameKey, _Entry] = OrderedDict()
        """Volumes by their source, other frames by their key; what was used last stands last."""
        self._bytes = 0
        self._dtypes: dict[str, np.dtype] = {}
        """The widest type in which frames of each source came."""
        self._asked: dict[str, set[int]] = {}
        self._holes: dict[str, dict[int, str]] = {}
        self._news_s = 0.0

    def set_budget(self, budget_bytes: int) -> None:
        """Allow more or less memory; what was used longest ago goes at once where it is less."""
        self.budget_bytes = budget_bytes
        self._make_room()

    def add(self, frame: Frame) -> None:
        """Keep a frame; what was used longest ago makes room for it."""
        self._holes.get(frame.key[0], {}).pop(frame.key[1], None)
        known = self._dtypes.get(frame.key[0])
        if known is None or known.itemsize < frame.stored.dtype.itemsize:
            self._dtypes[frame.key[0]] = frame.stored.dtype
        volume = self._volume_of(frame.key[0])
        if volume is None or not volume.take(frame):
            self._keep(frame.key, replace(frame, stored=on_own_pages(frame.stored)))

    def get(self, key: FrameKey) -> Frame | None:
        """The frame, if it is still kept."""
        volume = self._volume_of(key[0])
        found = volume.frame(key[1]) if volume is not None else None
        if found is not None:
            self._entries.move_to_end(key[0])
            return found
        kept = self._entries.get(key)
        if not isinstance(kept, Frame):
            return None
        self._entries.move_to_end(key)
        return kept

    def whole(self, source: Source) -> tuple[Frame, ...] | None:
        """All frames of a source in order, if every one is kept."""
        found = [self.get(source.key(index)) for index in range(source.frames)]
        frames = tuple(frame for frame in found if frame is not None)
        return frames if len(frames) == source.frames else None

    def readable(self, source: Source) -> tuple[Frame | None, ...] | None:
        """The same with None for frames that cannot be read; None while others are to come."""
        holes = self._holes.get(source.source_id, {})
        found = tuple(self.get(source.key(index)) for index in range(source.frames))
        if any(frame is None and index not in holes for index, frame in enumerate(found)):
            return None
        return found

    # --- whole series

    def open_volume(self, source: Source, dtype: np.dtype) -> SourceVolume | None:
        """The array for all frames of a source; None where it would not fit the budget."""
        found = self._volume_of(source.source_id)
        if found is None and self.fits(source, dtype):
            found = SourceVolume(source, dtype)
            self._keep(source.source_id, found)
            for index in range(source.frames):
                kept = self._entries.get(source.key(index))
                if isinstance(kept, Frame) and found.take(kept):
                    self._drop(source.key(index))
        return found

    def dtype_of(self, source: Source) -> np.dtype:
        """The type of a source's pixels: its native one, else as they came; int16 till one did."""
        if source.native:
            return np.dtype(source.native[0].dtype)
        return self._dtypes.get(source.source_id, np.dtype(np.int16))

    def fits(self, source: Source, dtype: np.dtype) -> bool:
        """Whether all frames of a grey source can be kept at once."""
        rows, columns = source.shape
        size = source.frames * rows * columns * dtype.itemsize
        return source.samples == 1 and source.frames > 1 and size <= self.budget_bytes

    def mark(self, source: Source, indices: Sequence[int], arrays: Sequence[np.ndarray]) -> bool:
        """These arrays were written; False if they are no slices of the source's volume."""
        volume = self._volume_of(source.source_id)
        if volume is None or not volume.mark(indices, arrays):
            return False
        for index in indices:
            self._holes.get(source.source_id, {}).pop(index, None)
        return True

    def volume(self, source: Source) -> np.ndarray | None:
        """The stored values [frames, rows, columns] once all frames are there that can be read."""
        found = self._volume_of(source.source_id)
        if found is None:
            return None
        come = found.there.copy()
        come[list(self._holes.get(source.source_id, ()))] = True
        return found.stored if come.all() else None

    def share(self, source: Source) -> float:
        """The part of a source's frames that is kept, or cannot be read at all; 0 to 1."""
        there = self._there(source)
        there[list(self._holes.get(source.source_id, ()))] = True
        return int(np.count_nonzero(there)) / source.frames

    def ranges(self, source: Source) -> tuple[tuple[int, int], ...]:
        """The stretches [first, last) of a source's frames that are kept."""
        edges = np.flatnonzero(np.diff(np.pad(self._there(source), 1)))
        return tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2))

    def is_news(self, source: Source) -> bool:
        """Whether it is time to say that more is here: ten times a second, and at the end."""
        now = time.monotonic()
        if now - self._news_s < NEWS_S and self.share(source) < 1.0:
            return False
        self._news_s = now
        return True

    # --- what is still to be read

    def lacking(self, source: Source, near: range) -> np.ndarray:
        """The frames that are neither here nor asked for nor known to be unreadable.

        `near` are the only ones that are looked at where the source has no volume.
        """
        wanted = np.zeros(source.frames, bool)
        if self._volume_of(source.source_id) is not None:
            wanted[:] = ~self._there(source)
        else:
            wanted[[index for index in near if source.key(index) not in self._entries]] = True
        wanted[list(self._asked.get(source.source_id, ()))] = False
        wanted[list(self._holes.get(source.source_id, ()))] = False
        return np.flatnonzero(wanted)

    def ask(self, source: Source, indices: Sequence[int], *, asked: bool) -> None:
        """Frames are being read ahead, or no more."""
        now = self._asked.setdefault(source.source_id, set())
        (now.update if asked else now.difference_update)(indices)

    # --- frames that cannot be read

    def set_hole(self, key: FrameKey, sentence: str) -> None:
        """A frame cannot be read; it is not asked for in advance any more."""
        self._holes.setdefault(key[0], {})[key[1]] = sentence

    def holes(self, source: Source) -> dict[int, str]:
        """The frames of a source that could not be read, each with the reason."""
        return dict(self._holes.get(source.source_id, {}))

    # --- inside

    def _volume_of(self, source_id: str) -> SourceVolume | None:
        found = self._entries.get(source_id)
        return found if isinstance(found, SourceVolume) else None

    def _there(self, source: Source) -> np.ndarray:
        """Which of a source's frames are kept, bool [frames]."""
        volume = self._volume_of(source.source_id)
        found = np.zeros(source.frames, bool) if volume is None else volume.there.copy()
        for index in range(source.frames) if volume is None else volume.beside:
            found[index] = source.key(index) in self._entries
        return found

    def _keep(self, place: str | FrameKey, entry: _Entry) -> None:
        self._drop(place)
        self._entries[place] = entry
        self._bytes += _size(entry)
        self._make_room()

    def _make_room(self) -> None:
        while self._bytes > self.budget_bytes and len(self._entries) > 1:
            self._drop(next(iter(self._entries)))

    def _drop(self, place: str | FrameKey) -> None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._bytes -= _size(entry)


def _size(entry: _Entry) -> int:
    return entry.nbytes if isinstance(entry, SourceVolume) else int(entry.stored.nbytes)
