"""A child that does with files all that a person could: open, look at each, lay over, read.

It reads one JSON line a file on standard input and answers each with one on standard output. Its
memory has a limit, so that a file which asks for too much fails here and nowhere else.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from inference.display import grey
from inference.errors import UserError
from inference.records import DicomObject, FrameRef, Opened, Source
from inference.requests import (
    ObjectRequest,
    OpenRequest,
    ReportRequest,
    TagsRequest,
    ThumbnailRequest,
    read_request,
)
from inference.sources.dicom import recognises
from inference.sources.objects.overlay import READERS, read_overlay
from inference.sources.objects.report import key_frames, read_report
from inference.sources.objects.tags import read_tags
from inference.sources.registry import open_sources, read_frames, thumbnail
from inference.task import Task
from inference.wire import pack, unpack
from tests.campaigns.agreement import compare_native
from tests.plain_source import plain_source

MEMORY_BYTES = 1536 * 2**20
WORK_LIMIT_S = 10.0
"""Of the processor's time, for one step: other programs may run as well."""

_Result = TypeVar("_Result")
_NATIVE_FRAMES = 20

GRID = plain_source(
    title="A grid to lay objects over",
    unit=None,
    shape=(64, 64),
    spacing_mm=(10.0, 10.0, 10.0),
    affine=((10, 0, 0, -320), (0, 10, 0, -320), (0, 0, 10, -320), (0, 0, 0, 1)),
    refs=tuple(FrameRef("grid", number) for number in range(64)),
)


class ImproperError(Exception):
    """What came back is neither a picture nor a plain sentence."""


def main() -> None:
    """Try the files that are named on standard input until it ends."""
    _limit_memory()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    faulthandler.enable()
    for line in sys.stdin:
        asked = json.loads(line)
        answers.write(json.dumps(trial(Path(asked["path"]), asked["scratch"])) + "\n")
        answers.flush()


def _limit_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES, used + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def trial(path: Path, scratch: str) -> dict[str, object]:
    """Whether a file opened, was refused, or brought a fault to light, and which."""
    try:
        opened = look(path, scratch)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        places = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in places[:-7:-1])
        return {"outcome": "fault", "what": f"{type(error).__name__}: {error} at {where}"[:600]}
    return {"outcome": "opened" if opened.sources or opened.objects else "refused", "what": ""}


def look(path: Path, scratch: str = "") -> Opened:
    """Open it and look at all of it; raises whatever is no plain sentence."""
    opened = _timed(lambda: open_sources(OpenRequest((str(path),), scratch), Task()))
    if not (opened.sources or opened.objects or opened.refused):
        raise ImproperError("nothing was said about the file")
    unpack(pack(opened))
    for refused in opened.refused:
        _check_sentence(refused.reason)
    for source in opened.sources:
        _look_at(source)
    for found in opened.objects:
        for work in _readings(found, opened.sources):
            _try(work)
    if path.is_file() and recognises(path.read_bytes()[:4096]):
        _try(partial(read_tags, TagsRequest(str(path)), Task()))
    return opened


def _look_at(source: Source) -> None:
    for sentence in source.warnings:
        _check_sentence(sentence)
    for index in sorted({0, source.frames // 2, source.frames - 1}):
        ref = source.refs[index]
        _try(partial(_check_frame, source, index))
        _try(partial(thumbnail, ThumbnailRequest(source.source_id, ref), Task()))
    if len(source.native) <= _NATIVE_FRAMES:
        _try(partial(compare_native, source))


def _check_frame(source: Source, index: int) -> object:
    frames = read_frames(read_request(source, (index,)), Task())
    (frame,) = frames
    if frame.shape != source.shape:
        raise ImproperError(f"a frame of {frame.shape} in a source of {source.shape}")
    shown = grey(frame)
    if shown.dtype != np.uint8 or shown.shape[:2] != frame.shape:
        raise ImproperError(f"a picture of {shown.dtype} {shown.shape}")
    return frames


def _readings(found: DicomObject, sources: tuple[Source, ...]) -> Iterator[Callable[[], object]]:
    if found.kind == "report":
        yield partial(read_report, ReportRequest(found.path), Task())
        yield partial(key_frames, ObjectRequest(found, GRID), Task())
    if found.kind in READERS:
        series = found.series_uids[0] if found.series_uids else ""
        grid = replace(GRID, series_uid=series, frame_of_reference=found.frame_of_reference)
        for source in (grid, *sources[:2]):
            yield partial(read_overlay, ObjectRequest(found, source), Task())


def _try(work: Callable[[], object]) -> None:
    """Do it; what comes of it has to cross the pipe to the window, or be a plain sentence."""
    try:
        unpack(pack(_timed(work)))
    except UserError as error:
        _check_sentence(error.message)


def _timed(work: Callable[[], _Result]) -> _Result:
    """Do one thing that a person would wait for."""
    began = time.process_time()
    found = work()
    if time.process_time() - began > WORK_LIMIT_S:
        raise ImproperError(f"one step took {time.process_time() - began:.0f} s")
    return found


def _check_sentence(sentence: str) -> None:
    plain = sentence.endswith((".", ").")) and sentence.isprintable() and len(sentence) < 1000
    if not plain or "Error" in sentence or "Traceback" in sentence:
        raise ImproperError(f"no plain sentence: {sentence!r}")


if __name__ == "__main__":
    main()
