"""How long slices, window drags and overlays take from the setter to the painted picture."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from inference.records import Frame, ObjectOverlay
    from widgets.canvas import Canvas

RUNS = 300
SIDE = 800
RADIOGRAPH = 3000
SEGMENTS = 20
Step = Callable[[int], object]
Field = tuple[str, str, float | None, Step]


def measure() -> list[dict[str, object]]:
    """Setter call to the end of a synchronous repaint of 800 × 800 px, median of 300, in ms."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from tests.widgets.scans import a_frame
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
    found = _on_slices(canvas, slices)
    stored = noise.integers(0, 1 << 16, (RADIOGRAPH, RADIOGRAPH)).astype(np.uint16)
    found += _on_radiograph(canvas, a_frame(stored, spacing_mm=(0.14, 0.14)))
    canvas.close()
    canvas.deleteLater()
    app.processEvents()
    return found


def _on_slices(canvas: Canvas, slices: list[Frame]) -> list[dict[str, object]]:
    from tests.widgets.scans import an_attribution

    noise = np.random.default_rng(1)
    maps = [an_attribution(noise.normal(0, 1, (512, 512))) for _ in range(2)]
    what = "512 × 512"
    fields: tuple[Field, ...] = (
        ("slice_painted", what, 3.0, lambda run: canvas.set_frame(slices[run % 8])),
        ("window_painted", what, 2.0, _drag(canvas)),
        ("map_painted", what, None, lambda run: canvas.set_attribution(maps[run % 2])),
        ("threshold_painted", what, None, lambda run: canvas.set_threshold(run / RUNS)),
        ("slice_with_map_painted", what, None, lambda run: canvas.set_frame(slices[run % 8])),
    )
    found = [_timed(canvas, *field) for field in fields]
    canvas.set_attribution(None)
    overlay = _segments(8)
    what = f"512 × 512 with {SEGMENTS} segments"

    def scroll(run: int) -> None:
        canvas.set_frame(slices[run % 8])
        canvas.set_objects((overlay,), run % 8, frozenset())

    found.append(_timed(canvas, "slice_with_segments_painted", what, 4.0, scroll))
    found.append(_timed(canvas, "window_with_segments_painted", what, 2.0, _drag(canvas)))
    canvas.set_objects((), 0, frozenset())
    return found


def _on_radiograph(canvas: Canvas, frame: Frame) -> list[dict[str, object]]:
    canvas.set_frame(frame)
    what = f"{RADIOGRAPH} × {RADIOGRAPH}, 16 bits"
    found = [_timed(canvas, "radiograph_window_painted", what, 4.0, _drag(canvas))]
    canvas.turn(1)
    canvas.mirror()
    what += ", turned and mirrored"
    return [*found, _timed(canvas, "turned_radiograph_window_painted", what, 4.0, _drag(canvas))]


def _drag(canvas: Canvas) -> Step:
    from inference.records import Window

    return lambda run: canvas.drag_window(Window(run, 1500.0))


def _segments(frames: int) -> ObjectOverlay:
    """Segments of 100 × 120 pixels that overlap, all of them on every frame."""
    from inference.records import ObjectOverlay, Segment, SegmentPiece

    rows, columns = np.mgrid[-1:1:100j, -1:1:120j]
    mask = np.where(np.hypot(rows, columns) < 1, 255, 0).astype(np.uint8)
    places = np.random.default_rng(2).integers(0, 390, (SEGMENTS, 2))
    return ObjectOverlay(
        object_id="1" * 12,
        source_id="0" * 12,
        segments=tuple(
            Segment(number + 1, f"Structure {number + 1}", (250 - 12 * number, 12 * number, 128))
            for number in range(SEGMENTS)
        ),
        pieces=tuple(
            SegmentPiece(frame, number, int(row), int(column), mask)
            for frame in range(frames)
            for number, (row, column) in enumerate(places)
        ),
    )


def _timed(
    canvas: Canvas, name: str, what: str, goal_ms: float | None, step: Step
) -> dict[str, object]:
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
        "what": f"{what} in {SIDE} × {SIDE} px, setter to painted, median of {RUNS}",
        "value": statistics.median(taken),
        "p95": taken[int(RUNS * 0.95)],
        "goal": goal_ms,
        "better": "lower",
        "unit": "ms",
    }
