"""Hours of work in the real window, made short: what goes on growing is a leak.

For half of the time one window is worked in lap after lap; then windows are opened, worked in and
closed, one after another. A lap opens folders, scrolls, switches series, shows a grid, cuts planes
and slabs. What is there after each lap of the long window, and after each of the others, has to
stay level once the first ones are over.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.main_window import MainWindow

FOLDERS = (
    "okieraised+sample-dicom",
    "neurolabusc+dcm_qa_decubitus",
    "neurolabusc+dcm_qa_enh",
    "QIICR+dcmqi",
    "udacity+nd320-c3-3d-imaging-starter",
)
LAPS = 3
"""Laps in each of the short windows."""
STEPS = 30
"""How often a lap scrolls in each series that it shows."""
SERIES = 3
MUCH = {"memory_mb": 40.0, "threads": 1.5, "files": 3.5, "widgets": 20.0, "objects": 60.0}
LITTLE = {"memory_mb": 40.0, "threads": 0.5, "files": 1.5, "widgets": 0.5, "objects": 20.0}
"""How much more there may be at the end than at the start: amid the work, and after it."""


FEWEST = 3
"""Levels in each half that are compared."""


@dataclass(frozen=True)
class Level:
    """What is there at one moment; memory is the proportional share of window and children."""

    memory_mb: float
    threads: int
    files: int
    widgets: int
    objects: int


def document(data: Path, place: Path, seed: int, seconds: float) -> dict[str, Any]:
    """Work for so long; the levels after laps and windows, and what went on growing."""
    os.environ["LEPTON_DATA_DIR"] = str(place / "user")
    folders = [str(data / "dicom" / name) for name in FOLDERS]
    draw = Random(seed)
    began = time.monotonic()
    laps = work_in_window(place, folders, draw, lambda laps: time.monotonic() < began + seconds / 2)
    windows: list[Level] = []
    while time.monotonic() < began + seconds:
        work_in_window(place, folders, draw, lambda laps: laps < LAPS)
        windows.append(_level(()))
    return {
        "laps": len(laps),
        "windows": len(windows),
        "after_laps": [asdict(level) for level in laps[:: max(1, len(laps) // 20)]],
        "after_windows": [asdict(level) for level in windows[:: max(1, len(windows) // 20)]],
        "faults": [
            *growing("from lap to lap", laps, MUCH),
            *growing("from window to window", windows, LITTLE),
        ],
    }


def growing(when: str, levels: Sequence[Level], limits: Mapping[str, float]) -> list[str]:
    """Sentences on what there is more of at the end than in the middle.

    The first third is left out, in which caches fill; of the rest the halves are compared by the
    least there is in each: what comes and goes leaves that alone, a leak raises it.
    """
    rest = [asdict(level) for level in levels[len(levels) // 3 :]]
    half = len(rest) // 2
    if half < FEWEST:
        return []
    found = []
    for name, limit in limits.items():
        first = min(level[name] for level in rest[:half])
        last = min(level[name] for level in rest[-half:])
        if last - first > limit:
            found.append(f"{name} grew {when}, from {first:g} to {last:g}.")
    return found


def work_in_window(
    place: Path, folders: list[str], draw: Random, goes_on: Callable[[int], bool]
) -> list[Level]:
    """Open a window, work in it and close it; what was there after each lap.

    `goes_on` is asked before each lap, with the number of those that are done.
    """
    from app.lanes import child_lane, make_lanes
    from app.store import Store
    from app.window import opened_window

    store = Store(place / "project")
    decode = child_lane("decode", 2)
    found: list[Level] = []
    with opened_window({**make_lanes(store), "decode": decode}, store) as (_, window):
        window.resize(1280, 800)
        window.show()
        while goes_on(len(found)):
            _lap(window, draw.sample(folders, min(2, len(folders))), draw)
            found.append(_level(decode.process_ids))
    return found


def _lap(window: MainWindow, folders: list[str], draw: Random) -> None:
    from tests.benchmarks.slices import run_loop

    session = window.session
    for folder in folders:
        window.open_paths((folder,))
        run_loop(lambda: not window.jobs.is_running("open") and bool(session.sources), 60.0)
    long = [one for one in session.sources.values() if one.frames > 5]
    for source in draw.sample(long, min(SERIES, len(long))):
        _work_on(window, source.source_id, draw)
    for note in session.notes:
        session.dismiss(note.number)


def _work_on(window: MainWindow, source_id: str, draw: Random) -> None:
    from app import window_acts
    from app.actions import sources
    from inference.errors import UserError
    from tests.benchmarks.slices import run_loop

    session, jobs = window.session, window.jobs
    window_acts.choose_layout(window, "1x1")
    sources.choose_source(session, jobs, source_id)
    _settle(window)
    _scroll(window, draw)
    window_acts.choose_layout(window, "2x2")
    _scroll(window, draw)
    window_acts.choose_layout(window, "1x1")
    with contextlib.suppress(UserError):  # no volume: said in words, and that is all
        window_acts.choose_layout(window, "mpr")
        _scroll(window, draw)
        window.review.toggle_slab()
        _scroll(window, draw)
    window_acts.choose_layout(window, "1x1")
    run_loop(lambda: not jobs.is_running("frame-0"), 60.0)


def _scroll(window: MainWindow, draw: Random) -> None:
    from app.actions import moving
    from tests.benchmarks.slices import run_loop

    session = window.session
    for _ in range(STEPS):
        number = session.active
        count = moving.count(session, number)
        moving.scroll(session, window.jobs, number, draw.randrange(max(1, count)))
        window.review.viewports[number].canvas.repaint()
        run_loop(_once(), 10.0)
    _settle(window)


def _once() -> Callable[[], bool]:
    """True from the second question on: one turn of the event loop."""
    asked = iter((False,))
    return lambda: next(asked, True)


def _settle(window: MainWindow) -> None:
    """Wait until the active viewport shows its picture, or says why it has none."""
    from tests.benchmarks.slices import run_loop

    session = window.session

    def shown() -> bool:
        pane = session.panes[session.active]
        return pane.frame is not None or pane.frame_trouble is not None

    run_loop(shown, 60.0)


def _level(children: tuple[int, ...]) -> Level:
    from PySide6.QtCore import QCoreApplication, QEvent, QObject
    from PySide6.QtWidgets import QApplication

    from tests.benchmarks.slices import own_processes, pss_bytes, wait

    wait(0.3)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what is free and kept for later use is no leak
    return Level(
        memory_mb=round(pss_bytes(own_processes(children)) / 1e6, 1),
        threads=threading.active_count(),
        files=len(os.listdir("/proc/self/fd")),
        widgets=len(QApplication.allWidgets()),
        objects=sum(isinstance(found, QObject) for found in gc.get_objects()),
    )
