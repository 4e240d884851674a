"""A stand-in for the session, and the movements of a mouse, for the tests of measures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.records import Measure
from tests.widgets.scans import a_frame
from widgets.canvas import Canvas
from widgets.canvas_measures import ShownMeasure

SIDE = 320
SCALE = 5
"""Screen pixels a pixel of the 64 × 64 frame."""

KEY = ("0" * 12, 0)
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LENGTH = Measure("one", KEY, "length", ((10.0, 20.0), (50.0, 20.0)))


class Owner:
    """Stands for the session: keeps measures, gives ids, answers with lines."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.measures: dict[str, Measure] = {}
        self.said: list[str] = []
        self.moved: list[Measure] = []
        canvas.measure_drawn.connect(self.add)
        canvas.measure_moved.connect(self.follow)
        canvas.measure_changed.connect(self.change)
        canvas.measure_deleted.connect(self.delete)

    def add(self, measure: Measure) -> None:
        assert measure.measure_id == ""
        name = f"m{len(self.measures)}"
        self.keep(replace(measure, measure_id=name))
        self.said.append(f"drawn {measure.kind}")

    def follow(self, measure: Measure) -> None:
        self.moved.append(measure)
        self.canvas.set_draft_lines(("12 mm",))

    def change(self, measure: Measure) -> None:
        self.keep(measure)
        self.said.append(f"changed {measure.measure_id}")

    def delete(self, name: str) -> None:
        del self.measures[name]
        self.show()
        self.said.append(f"deleted {name}")

    def keep(self, measure: Measure) -> None:
        self.measures[measure.measure_id] = measure
        self.show()

    def show(self) -> None:
        shown = tuple(ShownMeasure(measure, ("12 mm",)) for measure in self.measures.values())
        self.canvas.set_measures(shown)

    def points(self, name: str) -> list[tuple[float, float]]:
        return [(round(x, 3), round(y, 3)) for x, y in self.measures[name].points]


def an_owner(qtbot: QtBot) -> Owner:
    """The owner of a canvas with a black frame, five screen pixels a pixel."""
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(SIDE, SIDE)
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16), affine=None))
    return Owner(canvas)


def place(column: float, row: float) -> QPoint:
    return QPoint(round(column * SCALE), round(row * SCALE))


def hover(canvas: Canvas, at: QPoint) -> None:
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(at), none, none, PLAIN)
    QApplication.sendEvent(canvas, event)


def drag(canvas: Canvas, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(canvas, LEFT, PLAIN, start)
    QTest.mouseMove(canvas, (start + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, LEFT, PLAIN, end)


def click(canvas: Canvas, at: QPoint) -> None:
    hover(canvas, at)
    QTest.mouseClick(canvas, LEFT, PLAIN, at)
