"""Reading ahead: what a source still lacks, nearest to what is looked at first, never in the way.

Native pixels are read by the pixels lane, all others by the decode lane; both at a low priority
and a few frames at a time, so that the frame a person asks for next never waits for them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.calls import BugError
from app.jobs import Jobs
from app.messages import trouble
from app.native_pixels import NativeRead, native_request
from app.session import Session
from app.source_volume import native_frame
from inference.errors import UserError
from inference.records import Frame, Source
from inference.requests import read_request

LATER = 5
"""Priority in the lanes: what is looked at comes before reading ahead."""

CHUNK_BYTES = 16 << 20
"""Native pixels that are read in one go; some milliseconds."""
DECODED = 4
"""Frames that are decoded in one go."""
NEAR = 32
"""How far ahead is read where a source does not fit the memory as a whole."""
BEHIND = 3
"""Frames behind are as urgent as frames so many times as far ahead."""

Take = Callable[[Frame], None]
Fail = Callable[[UserError | BugError], None]


def read_frame(
    session: Session, jobs: Jobs, slot: str, source: Source, index: int, *, take: Take, fail: Fail
) -> None:
    """Read one frame now, by whichever lane reads this source."""
    if not source.native:

        def decoded(found: tuple[Frame, ...]) -> None:
            _keep_decoded(session, source, found)
            take(found[0])

        request = read_request(source, (index,))
        jobs.start(slot, "decode", "read_frames", request, decoded, failed=fail)
        return

    def done(found: NativeRead) -> None:
        if found.troubles:
            fail(found.troubles[0][1])
            return
        _keep_native(session, source, found)
        take(native_frame(source, index, found.arrays[0]))

    wanted = native_request(source, (index,), _stored(session, source))
    jobs.start(slot, "pixels", "read_native", wanted, done, failed=fail)


def read_ahead(session: Session, jobs: Jobs, source: Source, index: int, step: int) -> None:
    """Go on reading a source from a frame, `step` +1 or -1 being the direction of travel.

    Where all of it fits the memory all of it is read, otherwise what lies near.
    """
    session.frames.travel[source.source_id] = (index, step)
    for track in range(2 if source.native else 1):
        slot = f"ahead-{source.source_id}-{track}"
        if not jobs.is_running(slot):
            _read_on(session, jobs, source, slot)


def read_whole(session: Session, jobs: Jobs, source: Source) -> None:
    """Have all frames of a source read. Raises UserError where they do not fit the memory."""
    if not session.frames.fits(source, session.frames.dtype_of(source)):
        raise UserError(
            f"“{source.title}” is too large to be kept in memory as a whole.",
            "Look at its slices, or allow more memory for open scans in the menu.",
        )
    index, step = session.frames.travel.get(source.source_id, (source.frames // 2, 1))
    read_ahead(session, jobs, source, index, step)


def allow_memory(session: Session, jobs: Jobs, budget_bytes: int) -> None:
    """Keep more or less of what is open; where there is more room, what is in sight is read on."""
    session.frames.set_budget(budget_bytes)
    for number in session.visible:
        source, pane = session.source_of(number), session.panes[number]
        if source is not None and not pane.is_cut:
            read_ahead(session, jobs, source, pane.index, 1)
    session.say_cached()


def _read_on(session: Session, jobs: Jobs, source: Source, slot: str) -> None:
    indices = _next(session, source)
    if not indices:
        return
    session.frames.ask(source, indices, asked=True)
    _read(session, jobs, source, indices, slot)


def _read(
    session: Session, jobs: Jobs, source: Source, indices: tuple[int, ...], slot: str
) -> None:
    def settle() -> None:
        session.frames.ask(source, indices, asked=False)
        if session.frames.is_news(source):
            session.say_cached()
        if not jobs.is_running(slot):
            _read_on(session, jobs, source, slot)

    def done(found: NativeRead | tuple[Frame, ...]) -> None:
        if isinstance(found, NativeRead):
            _keep_native(session, source, found)
            for index, error in found.troubles:
                _mark_hole(session, source, index, error)
        else:
            _keep_decoded(session, source, found)
        settle()

    def failed(error: UserError | BugError) -> None:
        if len(indices) == 1:
            _mark_hole(session, source, indices[0], error)
            settle()
            return
        for index in indices:  # one of them cannot be read; which one, each tells for itself
            _read(session, jobs, source, (index,), f"{slot}-{index}")

    if source.native:
        request = native_request(source, indices, _stored(session, source))
        jobs.start(slot, "pixels", "read_native", request, done, failed=failed, priority=LATER)
    else:
        wanted = read_request(source, indices)
        jobs.start(slot, "decode", "read_frames", wanted, done, failed=failed, priority=LATER)


def _next(session: Session, source: Source) -> tuple[int, ...]:
    """The missing frames to be read next, in the order of travel; () if there are none."""
    index, step = session.frames.travel.get(source.source_id, (0, 1))
    lacking = session.frames.lacking(source, _near(session, source, index, step))
    ahead = (lacking - index) * step
    urgent = np.argsort(np.where(ahead >= 0, ahead, -BEHIND * ahead), kind="stable")
    return tuple(int(place) for place in lacking[urgent[: _chunk(source)]])


def _near(session: Session, source: Source, index: int, step: int) -> range:
    """What is read ahead: all frames if the memory holds them, else some in the way of travel.

    Never more than half of the memory holds, or they would drive each other out without end.
    """
    dtype = session.frames.dtype_of(source)
    if session.frames.fits(source, dtype):
        return range(source.frames)
    rows, columns = source.shape
    room = session.frames.budget_bytes // (2 * rows * columns * source.samples * dtype.itemsize)
    last = index + step * min(NEAR, max(room, 1))
    return range(index, min(max(last, -1), source.frames), step)


def _chunk(source: Source) -> int:
    if not source.native:
        return DECODED
    rows, columns = source.shape
    return max(1, CHUNK_BYTES // (rows * columns * np.dtype(source.native[0].dtype).itemsize))


def _stored(session: Session, source: Source) -> np.ndarray | None:
    volume = session.frames.open_volume(source, session.frames.dtype_of(source))
    return None if volume is None else volume.stored


def _keep_native(session: Session, source: Source, found: NativeRead) -> None:
    if not session.frames.mark(source, found.indices, found.arrays):
        for index, array in zip(found.indices, found.arrays, strict=True):
            session.frames.add(native_frame(source, index, array))


def _keep_decoded(session: Session, source: Source, found: tuple[Frame, ...]) -> None:
    for frame in found:
        if not frame.colour:
            session.frames.open_volume(source, frame.stored.dtype)
        session.frames.add(frame)


def _mark_hole(session: Session, source: Source, index: int, error: UserError | BugError) -> None:
    """A frame that cannot be read is marked at its place, and said once for its source."""
    first = not session.frames.holes(source)
    session.frames.set_hole(source.key(index), trouble(error).message)
    if first:
        words = f"Slice {index + 1} of “{source.title}” cannot be read; the others are here."
        session.say(words, trouble(error).message)
