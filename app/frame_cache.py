"""Frames that were read lately, up to a budget of memory."""

from __future__ import annotations

from collections import OrderedDict

from inference.records import Frame, FrameKey, Source

BUDGET_BYTES = 768 << 20


class FrameCache:
    """Keeps the frames used last; used on the window's thread alone."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._frames: OrderedDict[FrameKey, Frame] = OrderedDict()
        self._bytes = 0

    def add(self, frame: Frame) -> None:
        """Keep a frame; the ones used longest ago make room for it."""
        old = self._frames.pop(frame.key, None)
        if old is not None:
            self._bytes -= old.stored.nbytes
        self._frames[frame.key] = frame
        self._bytes += frame.stored.nbytes
        while self._bytes > self._budget_bytes and len(self._frames) > 1:
            _, oldest = self._frames.popitem(last=False)
            self._bytes -= oldest.stored.nbytes

    def get(self, key: FrameKey) -> Frame | None:
        """The frame, if it is still kept."""
        frame = self._frames.get(key)
        if frame is not None:
            self._frames.move_to_end(key)
        return frame

    def whole(self, source: Source) -> tuple[Frame, ...] | None:
        """All frames of a source in order, if every one is kept."""
        found = [self.get(source.key(index)) for index in range(source.frames)]
        frames = tuple(frame for frame in found if frame is not None)
        return frames if len(frames) == source.frames else None
