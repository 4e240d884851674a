"""A stand-in for what owns labels, for the tests of labelling on the canvas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.mask_bits import pack_mask
from inference.records import Annotation, AnnotationKind
from tests.widgets.measuring import SIDE
from tests.widgets.scans import a_frame
from widgets.canvas import Canvas
from widgets.canvas_labels import ShownLabel
from widgets.theme import RGB

NONE, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier
RED: RGB = (250, 40, 60)
Points = tuple[tuple[float, float], ...]


def an_annotation(
    name: str, kind: AnnotationKind, points: Points = (), mask: np.ndarray | None = None
) -> Annotation:
    bits = pack_mask(mask) if mask is not None else None
    return Annotation(name, "0" * 12, 0, kind, "lesion", points, bits)


class LabelOwner:
    """Keeps annotations, gives ids, and answers as a session would."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.shown: dict[str, ShownLabel] = {}
        self.said: list[str] = []
        self.masks: list[tuple[str, np.ndarray]] = []
        canvas.label_drawn.connect(self.add)
        canvas.label_changed.connect(self.change)
        canvas.labels_selected.connect(lambda ids: self.said.append(f"selected {','.join(ids)}"))
        canvas.labels_deleted.connect(lambda ids: self.said.append(f"deleted {','.join(ids)}"))
        canvas.mask_painted.connect(lambda name, mask: self.masks.append((name, mask)))

    def keep(self, *shown: ShownLabel) -> None:
        for one in shown:
            self.shown[one.annotation.annotation_id] = one
        self.canvas.set_labels(tuple(self.shown.values()))

    def add(self, kind: AnnotationKind, points: Points) -> None:
        name = f"n{len(self.shown)}"
        self.keep(ShownLabel(an_annotation(name, kind, points), RED))
        self.said.append(f"drawn {kind}")

    def change(self, name: str, points: Points) -> None:
        old = self.shown[name]
        self.keep(replace(old, annotation=replace(old.annotation, points=points)))
        self.said.append(f"changed {name}")

    def points(self, name: str) -> list[tuple[float, float]]:
        points = self.shown[name].annotation.points
        return [(round(x, 2), round(y, 2)) for x, y in points]


def a_label_owner(qtbot: QtBot) -> LabelOwner:
    """The owner of a canvas with a black frame, five screen pixels a pixel."""
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(SIDE, SIDE)
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16), affine=None, spacing_mm=None))
    return LabelOwner(canvas)


def send(
    canvas: Canvas,
    kind: QEvent.Type,
    at: QPoint | QPointF,
    button: Qt.MouseButton = LEFT,
    modifiers: Qt.KeyboardModifier = PLAIN,
) -> None:
    """One event of the mouse; Qt's own test functions round places to whole pixels."""
    place = QPointF(at)
    moving = kind == QEvent.Type.MouseMove
    held = NONE if kind == QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(kind, place, place, NONE if moving else button, held, modifiers)
    QApplication.sendEvent(canvas, event)


def press(canvas: Canvas, at: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    send(canvas, QEvent.Type.MouseButtonPress, at, modifiers=modifiers)


def pull(canvas: Canvas, at: QPoint) -> None:
    send(canvas, QEvent.Type.MouseMove, at)


def let_go(canvas: Canvas, at: QPoint) -> None:
    send(canvas, QEvent.Type.MouseButtonRelease, at)


def stroke(canvas: Canvas, *way: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """Press at the first place, go through all, let go at the last."""
    press(canvas, way[0], modifiers)
    for at in way[1:]:
        pull(canvas, at)
    let_go(canvas, way[-1])


def picture(canvas: Canvas) -> np.ndarray:
    """What is seen, uint8 [rows, columns, 3]."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    found = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return found[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
