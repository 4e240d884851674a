"""How long threshold, opacity and scale of a large map take from the setter to the picture."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from widgets.canvas import Canvas

RUNS = 200
SIDE = 800
MAP = 1024
GOAL_MS = 16.0


def measure() -> list[dict[str, object]]:
    """Setter call to the end of a synchronous repaint of 800 × 800 px, median of 200, in ms."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from inference.map_scale import strengths
    from inference.records import Cells
    from tests.widgets.scans import a_frame, an_attribution
    from widgets.canvas import Canvas
    from widgets.canvas_overlay import MapStyle

    app = QApplication.instance() or QApplication([])
    canvas = Canvas()
    canvas.resize(SIDE, SIDE)
    canvas.show()
    app.processEvents()
    noise = np.random.default_rng(0)
    stored = noise.normal(0, 300, (MAP, MAP)).astype(np.int16)
    canvas.set_frame(a_frame(stored, spacing_mm=(0.3, 0.3)))
    shown = an_attribution(noise.standard_t(3, (MAP, MAP)))
    blocks = Cells(noise.normal(0, 1, (32, 32)).astype(np.float32), (0.0, 0.0, MAP, MAP))
    canvas.set_attribution(replace(shown, cells=blocks))
    style = MapStyle("Grad-CAM", 2.0, "kept scale, ±2")
    canvas.set_map_style(style)
    found = [
        _timed(canvas, "map_threshold_painted", lambda run: canvas.set_threshold(run / RUNS)),
        _timed(canvas, "map_opacity_painted", lambda run: canvas.set_opacity(run / RUNS)),
        _timed(
            canvas,
            "map_scale_painted",
            lambda run: canvas.set_map_style(replace(style, limit=2.0 + run / RUNS)),
        ),
    ]
    known = strengths(shown.map, signed=True)
    levels = [known.level(0.25 + run / RUNS / 2) for run in range(RUNS)]
    found += [
        _timed(
            canvas,
            "map_lines_painted",
            lambda run: canvas.set_map_style(replace(style, level=levels[run])),
        ),
        _timed(
            canvas,
            "map_cells_painted",
            lambda run: canvas.set_map_style(replace(style, cells=run % 2 == 0)),
        ),
        _sorted_once(shown.map),
    ]
    canvas.close()
    canvas.deleteLater()
    app.processEvents()
    return found


def _sorted_once(values: np.ndarray) -> dict[str, object]:
    """The first threshold of a map sorts it; what follows is a search of a list."""
    from inference.map_scale import strengths

    found = strengths(values, signed=True)
    taken = [_seconds(lambda: strengths(values, signed=True)) for _ in range(RUNS)]
    asked = [_seconds(lambda: found.beyond(1.0)) for _ in range(RUNS)]
    first = statistics.median(taken) * 1000
    return {
        "name": "map_strengths",
        "what": f"share beyond a threshold, {MAP} × {MAP}: the first of a map, median of {RUNS}",
        "value": first,
        "next": statistics.median(asked) * 1000,
        "goal": None,
        "better": "lower",
        "unit": "ms",
    }


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _timed(canvas: Canvas, name: str, step: Callable[[int], object]) -> dict[str, object]:
    step(0)
    canvas.repaint()
    taken = []
    for run in range(RUNS):
        start = time.perf_counter()
        step(run)
        canvas.repaint()
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return {
        "name": name,
        "what": f"{MAP} × {MAP} map in {SIDE} × {SIDE} px, setter to painted, median of {RUNS}",
        "value": statistics.median(taken),
        "p95": taken[int(RUNS * 0.95)],
        "goal": GOAL_MS,
        "better": "lower",
        "unit": "ms",
    }
