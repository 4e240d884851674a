"""How long a pan over ten thousand labels takes to be painted, and a step of the brush."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from widgets.canvas import Canvas
    from widgets.canvas_labels import ShownLabel

RUNS = 300
SHAPES = 10_000
RADIOGRAPH = 3000
GOAL_MS = 16.7
STROKE_GOAL_MS = 16.0
BRUSH_PX = 100.0
VIEWPORTS = ((800, 800), (2000, 1200))
COLOURS = ((64, 196, 255), (255, 167, 38), (126, 217, 87), (240, 98, 146))

Step = Callable[[int], object]


def measure() -> list[dict[str, object]]:
    """From what the hand does to the end of the repaint that it asks for; p95 of 300, in ms."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from tests.widgets.scans import a_frame
    from widgets.canvas import Canvas

    app = QApplication.instance() or QApplication([])
    stored = np.random.default_rng(0).integers(0, 4096, (RADIOGRAPH, RADIOGRAPH)).astype(np.int16)
    found = []
    for wide, high in VIEWPORTS:
        canvas = Canvas()
        canvas.resize(wide, high)
        canvas.set_corner_texts(("DX chest", "PA"), ("125 kV",), ("Image 1 of 1",))
        canvas.set_frame(a_frame(stored, spacing_mm=(0.14, 0.14)))
        canvas.show()
        app.processEvents()
        found += _on_shapes(canvas)
        found += _on_strokes(canvas)
        canvas.close()
        canvas.deleteLater()
        app.processEvents()
    return found


def _on_shapes(canvas: Canvas) -> list[dict[str, object]]:
    canvas.set_labels(_shapes())
    found = []
    for words, closer in (("all of them in sight", 1.0), ("four times closer", 4.0)):
        placement = canvas.placement()
        assert placement is not None
        canvas.drag_view(placement.zoomed(closer, canvas.width() / 2, canvas.height() / 2))
        canvas.repaint()

        def pan(run: int) -> None:
            placed = canvas.placement()
            assert placed is not None
            way = 1 if run % 60 < 30 else -1
            canvas.drag_view(placed.panned(7.3 * way, 3.1 * way))
            canvas.repaint()

        what = f"{SHAPES:,} shapes, {words}"
        found.append(_timed(canvas, "labels_panned", what, GOAL_MS, pan))
    canvas.set_labels(())
    return found


def _on_strokes(canvas: Canvas) -> list[dict[str, object]]:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtWidgets import QApplication

    from widgets.canvas_labels import LabelTool

    canvas.set_tool("brush")
    canvas.set_label_tool(LabelTool(COLOURS[0], BRUSH_PX))
    found = []
    for words, look in (("whole frame in sight", canvas.fit), ("1:1", canvas.actual_size)):
        look()
        canvas.repaint()
        _send(canvas, QEvent.Type.MouseButtonPress, QPointF(canvas.width() / 2, 10))

        def paint(run: int) -> None:
            x = canvas.width() * (0.5 + 0.45 * np.sin(run / 25))
            y = canvas.height() * (0.5 + 0.45 * np.sin(run / 17))
            _send(canvas, QEvent.Type.MouseMove, QPointF(x, y))
            QApplication.processEvents()

        what = f"brush of {BRUSH_PX:.0f} px on {RADIOGRAPH} × {RADIOGRAPH}, {words}"
        found.append(_timed(canvas, "brush_step_painted", what, STROKE_GOAL_MS, paint))
        _send(canvas, QEvent.Type.MouseButtonRelease, QPointF(canvas.width() / 2, 10))
    return found


def _shapes() -> tuple[ShownLabel, ...]:
    """Boxes, polygons of twelve points and open lines all over the frame, some proposed."""
    from inference.records import Annotation, AnnotationKind
    from widgets.canvas_labels import ShownLabel

    draw = np.random.default_rng(1)
    turn = np.arange(12) * np.pi / 6
    found = []
    for number in range(SHAPES):
        (x, y), (wide, high) = draw.uniform(60, 2940, 2), draw.uniform(4, 60, 2)
        around = zip(x + wide * np.cos(turn), y + high * np.sin(turn), strict=True)
        kinds: tuple[tuple[AnnotationKind, tuple[tuple[float, float], ...]], ...] = (
            ("box", ((x, y), (x + wide, y + high))),
            ("polygon", tuple(around)),
            ("line", ((x, y), (x + wide, y + high), (x + wide, y))),
        )
        kind, points = kinds[number % 3]
        annotation = Annotation(str(number), "0" * 12, 0, kind, "lesion", points)
        found.append(ShownLabel(annotation, COLOURS[number % 4], "lesion", number % 7 == 0))
    return tuple(found)


def _send(canvas: Canvas, kind: object, at: QPointF) -> None:
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    assert isinstance(kind, QEvent.Type)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    plain = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(canvas, QMouseEvent(kind, at, at, button, held, plain))


def _timed(canvas: Canvas, name: str, what: str, goal_ms: float, step: Step) -> dict[str, object]:
    step(0)
    taken = []
    for run in range(1, RUNS + 1):
        start = time.perf_counter()
        step(run)
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return {
        "name": name,
        "what": f"{what}, {canvas.width()} × {canvas.height()} px, p95 of {RUNS}",
        "value": taken[int(RUNS * 0.95)],
        "median": statistics.median(taken),
        "goal": goal_ms,
        "better": "lower",
        "unit": "ms",
    }
