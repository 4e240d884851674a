"""5,000 slices in one folder, scrolled from end to end three times with a cache of 1 GiB."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

SLICES = 5000
BUDGET_BYTES = 1 << 30
JUMPS = 100
"""After each pass so many slices are jumped to, which lie too far off to have been read ahead."""


def measure() -> list[dict[str, object]]:
    """Memory after each pass, and the time to a slice that was not in the cache."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as place:
        os.environ["LEPTON_DATA_DIR"] = place
        from tests.benchmarks.slices import write_series

        write_series(Path(place) / "series", SLICES)
        opened_s, memory, cached, uncached = _scroll(Path(place))
    what = f"{SLICES} slices scrolled end to end three times, a cache of 1 GiB"
    return [
        {
            "name": "scroll_memory",
            "what": f"{what}: window and decode children over the cache",
            "value": (max(memory) - BUDGET_BYTES) / 1e6,
            "goal": 400.0,
            "better": "lower",
            "unit": "MB",
            "after_each_pass": [round(one / 1e6) for one in memory],
        },
        {
            "name": "scroll_growth",
            "what": f"{what}: memory after the third pass over that after the second",
            "value": (memory[2] - memory[1]) / 1e6,
            "goal": 20.0,
            "better": "lower",
            "unit": "MB",
        },
        {
            "name": "scroll_uncached",
            "what": f"{what}: a slice that was not in the cache, asked for to painted, p95",
            "value": float(np.percentile(uncached, 95)),
            "goal": 60.0,
            "better": "lower",
            "unit": "ms",
            "count": len(uncached),
            "median": float(np.median(uncached)),
            "cached_median": float(np.median(cached)),
            "open_seconds": opened_s,
        },
    ]


def _scroll(place: Path) -> tuple[float, list[int], list[float], list[float]]:
    from app.frame_cache import FrameCache
    from app.lanes import child_lane, make_lanes
    from app.store import Store
    from app.window import opened_window
    from tests.benchmarks.slices import own_processes, pss_bytes, run_loop, wait

    store = Store(place / "project")
    decode = child_lane("decode", 2)
    memory: list[int] = []
    cached: list[float] = []
    uncached: list[float] = []
    draw = np.random.default_rng(0)
    with opened_window({**make_lanes(store), "decode": decode}, store) as (_, window):
        window.show()
        decode.start()
        wait(2.0)
        session = window.session
        session.frames = FrameCache(BUDGET_BYTES)
        began = time.perf_counter()
        window.open_paths((str(place / "series"),))
        run_loop(lambda: bool(session.sources))
        opened_s = time.perf_counter() - began
        for number in range(3):
            order = range(SLICES) if number % 2 == 0 else range(SLICES - 1, -1, -1)
            for index in [*order, *draw.integers(0, SLICES, JUMPS).tolist()]:
                taken_ms, was_cached = _show(window, index)
                (cached if was_cached else uncached).append(taken_ms)
            wait(1.0)
            memory.append(pss_bytes(own_processes(decode.process_ids)))
    return opened_s, memory, cached, uncached


def _show(window: Any, index: int) -> tuple[float, bool]:
    """Milliseconds from asking for a slice until it is painted, and whether it was at hand."""
    from PySide6.QtCore import QEventLoop, QTimer

    from app.actions import sources

    session = window.session
    source = next(iter(session.sources.values()))
    was_cached = session.frames.get(source.key(index)) is not None
    loop = QEventLoop()

    def look(changes: object) -> None:
        frame = session.panes[0].frame
        if frame is not None and frame.key[1] == index:
            loop.quit()

    session.changed.connect(look)
    began = time.perf_counter()
    # Started from within the loop, so that what is to be deleted later is deleted.
    QTimer.singleShot(0, lambda: sources.show_frame(session, window.jobs, 0, index))
    loop.exec()
    window.review.viewports[0].canvas.repaint()
    taken_ms = (time.perf_counter() - began) * 1e3
    session.changed.disconnect(look)
    return taken_ms, was_cached
