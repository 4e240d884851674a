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
        self._asked: dict[str, set[int]] = {}
        self._holes: dict[str, dict[int, str]] = {}
        self._news_s = 0.0

    def add(self, frame: Frame) -> None:
        """Keep a frame; what was used longest ago makes room for it."""
        self._holes.get(frame.key[0], {}).pop(frame.key[1], None)
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

    def fits(self, source: Source, dtype: np.dtype) -> bool:
        """Whether all frames of a grey source can be kept at once."""
        rows, columns = source.shape
        size = source.frames * rows * columns * dtype.itemsize
        return source.samples == 1 and source.frames > 1 and size <= self.budget_bytes

    def mark(self, source: Source, indices: Sequence[int], arrays: Sequence[np.ndarray]) -> bool:
        """These arrays were written; False if they are no slices of the source's volume."""
        volume = self._volume_of(source.source_id)
        return volume is not None and volume.mark(indices, arrays)

    def volume(self, source: Source) -> np.ndarray | None:
        """The stored values [frames, rows, columns] once all frames are there."""
        found = self._volume_of(source.source_id)
        return found.stored if found is not None and found.there.all() else None

    def share(self, source: Source) -> float:
        """The part of a source's frames that is kept, or cannot be read at all; 0 to 1."""
        volume = self._volume_of(source.source_id)
        if volume is not None:
            count = int(np.count_nonzero(volume.there))
        else:
            count = sum(source.key(index) in self._entries for index in range(source.frames))
        return min(1.0, (count + len(self.holes(source))) / source.frames)

    def ranges(self, source: Source) -> tuple[tuple[int, int], ...]:
        """The stretches [first, last) of a source's frames that are kept."""
        volume = self._volume_of(source.source_id)
        there = np.zeros(source.frames + 2, np.int8)
        if volume is not None:
            there[1:-1] = volume.there
        else:
            there[1:-1] = [source.key(at) in self._entries for at in range(source.frames)]
        edges = np.flatnonzero(np.diff(there))
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
        volume = self._volume_of(source.source_id)
        wanted = np.zeros(source.frames, bool)
        if volume is not None:
            wanted[:] = ~volume.there
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

    def _keep(self, place: str | FrameKey, entry: _Entry) -> None:
        self._drop(place)
        self._entries[place] = entry
        self._bytes += _size(entry)
        while self._bytes > self.budget_bytes and len(self._entries) > 1:
            self._drop(next(iter(self._entries)))

    def _drop(self, place: str | FrameKey) -> None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._bytes -= _size(entry)


def _size(entry: _Entry) -> int:
    return entry.nbytes if isinstance(entry, SourceVolume) else int(entry.stored.nbytes)
