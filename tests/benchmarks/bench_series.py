"""A folder of 500 CT slices: to its first picture, and to all of its pixels in the window."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

SLICES = 500
RUNS = 9
SIZE_BYTES = SLICES * 512 * 512 * 2


def measure() -> list[dict[str, object]]:
    """Medians over alternating runs, files in the cache, the decoder started some seconds ago."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as place:
        os.environ["LEPTON_DATA_DIR"] = place
        from tests.benchmarks.slices import write_series

        paths = write_series(Path(place) / "series", SLICES)
        first, ours, theirs, memory = _runs(Path(place), paths)
    ratios = [plain / mine for mine, plain in zip(ours, theirs, strict=True)]
    return [
        {
            "name": "series_first_picture",
            "what": "drop of a folder of 500 CT slices to its first painted picture",
            "value": 1e3 * statistics.median(first),
            "goal": 300.0,
            "better": "lower",
            "unit": "ms",
            "worst": 1e3 * max(first),
        },
        {
            "name": "series_ratio",
            "what": "time of [dcmread(p).pixel_array for p in paths] over drop to all pixels",
            "value": statistics.median(ratios),
            "goal": 1.7,
            "better": "higher",
            "unit": "ratio",
            "runs": ratios,
            "seconds": statistics.median(ours),
            "plain_seconds": statistics.median(theirs),
        },
        {
            "name": "series_memory",
            "what": "window and decode children with all pixels, over 1.2 × pixels",
            "value": (memory - 1.2 * SIZE_BYTES) / 1e6,
            "goal": 250.0,
            "better": "lower",
            "unit": "MB",
        },
    ]


def _runs(place: Path, paths: list[Path]) -> tuple[list[float], list[float], list[float], int]:
    from app.frame_cache import FrameCache
    from app.lanes import child_lane, make_lanes
    from app.store import Store
    from app.window import opened_window
    from tests.benchmarks.slices import own_processes, pss_bytes, run_loop, touch_memory, wait

    first, ours, theirs = [], [], []
    store = Store(place / "project")
    decode = child_lane("decode", 2)
    with opened_window({**make_lanes(store), "decode": decode}, store) as (_, window):
        window.show()
        decode.start()
        wait(3.0)
        for run in range(RUNS + 1):
            session = window.session
            session.clear_pane(0)
            session.sources.clear()
            session.frames = FrameCache()
            wait(0.3)
            touch_memory(3 * SIZE_BYTES)
            picture, everything = _open(window, paths[0].parent)
            if run == 0:
                memory = pss_bytes(own_processes(decode.process_ids))
                _plain(paths)  # the first time of both counts for nothing
                continue
            first.append(picture)
            ours.append(everything)
            theirs.append(_plain(paths))
        run_loop(lambda: True)
    return first, ours, theirs, memory


def _open(window: Any, folder: Path) -> tuple[float, float]:
    """Seconds from a drop to the first painted picture, and to all pixels."""
    from app.window import FirstPicture
    from tests.benchmarks.slices import run_loop

    session = window.session
    painted: list[float] = []
    seen: list[float] = []
    picture = FirstPicture(window)
    picture.painted.connect(lambda: painted.append(time.perf_counter()))

    def look(changes: Any) -> None:
        sources = tuple(session.sources.values())
        if sources and not seen and session.frames.volume(sources[0]) is not None:
            seen.append(time.perf_counter())

    session.changed.connect(look)
    began = time.perf_counter()
    window.open_paths((str(folder),))
    run_loop(lambda: bool(painted and seen))
    session.changed.disconnect(look)
    picture.deleteLater()
    run_loop(lambda: not any(slot.startswith("thumbnail") for slot in window.jobs._slots))
    return painted[0] - began, seen[0] - began


def _plain(paths: list[Path]) -> float:
    from pydicom import dcmread

    from tests.benchmarks.slices import touch_memory

    touch_memory(3 * SIZE_BYTES)
    began = time.perf_counter()
    pixels = [dcmread(path).pixel_array for path in paths]
    taken = time.perf_counter() - began
    del pixels
    return taken
