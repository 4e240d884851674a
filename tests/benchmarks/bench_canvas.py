"""How long a slice, a window drag and an overlay take from the setter to the painted picture."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

import numpy as np

RUNS = 300
SIDE = 800


def measure() -> list[dict[str, object]]:
    """Setter call to the end of a synchronous repaint of 800 × 800 px, median of 300, in ms."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from inference.records import Window
    from tests.widgets.scans import a_frame, an_attribution
    from widgets.canvas import Canvas

    app = QApplication.instance() or QApplication([])
    canvas = Canvas()
    canvas.resize(SIDE, SIDE)
    canvas.set_corner_texts(("CT chest", "Axial"), ("120 kV · 2.5 mm",), ("Slice 14 of 28",))
    canvas.show()
    app.processEvents()
    noise = np.random.default_rng(0)
    slices = [
        a_frame(noise.normal(0, 300, (512, 512)).astype(np.int16), spacing_mm=(0.7, 0.7))
        for _ in range(8)
    ]
    maps = [an_attribution(noise.normal(0, 1, (512, 512))) for _ in range(2)]
    fields: tuple[tuple[str, float | None, Callable[[int], object]], ...] = (
        ("slice_painted", 3.0, lambda run: canvas.set_frame(slices[run % 8])),
        ("window_painted", 2.0, lambda run: canvas.drag_window(Window(run, 1500.0))),
        ("map_painted", None, lambda run: canvas.set_attribution(maps[run % 2])),
        ("threshold_painted", None, lambda run: canvas.set_threshold(run / RUNS)),
        (
            "slice_with_map_painted",
            None,
            lambda run: canvas.set_frame(slices[run % 8]),
        ),
    )
    found = [_timed(canvas.repaint, *field) for field in fields]
    canvas.close()
    canvas.deleteLater()
    app.processEvents()
    return found


def _timed(
    repaint: Callable[[], None], name: str, goal_ms: float | None, step: Callable[[int], object]
) -> dict[str, object]:
    taken = []
    for run in range(RUNS):
        start = time.perf_counter()
        step(run)
        repaint()
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return {
        "name": name,
        "what": f"512 × 512 in {SIDE} × {SIDE} px, setter to painted, median of {RUNS}",
        "value": statistics.median(taken),
        "p95": taken[int(RUNS * 0.95)],
        "goal": goal_ms,
        "better": "lower",
        "unit": "ms",
    }
