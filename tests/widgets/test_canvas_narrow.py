"""What is written over a picture in a narrow viewport: who it is comes first."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from pytestqt.qtbot import QtBot

from tests.widgets.scans import a_frame
from widgets.canvas import Canvas
from widgets.canvas_marks import Marks

WHO = ("Albus, Dumbledore · PGBM-003", "A study", "T1post")
HOW = ("MR", "TR 500 ms · TE 9.5 ms · 1.5 T", "280 × 320 · 0.688 mm")
WHERE = ("Maximum over 13 mm · 3 planes",)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, QRect]:
    """Where each line was written, and how wide it may be."""
    found: dict[str, QRect] = {}
    plain = Marks.draw_line

    def note(self: Marks, painter: QPainter, line: str, place: QRect, *rest: Any) -> None:
        found[line] = QRect(place.left(), place.top(), place.width(), self.line_px)
        plain(self, painter, line, place, *rest)

    monkeypatch.setattr(Marks, "draw_line", note)
    return found


def show(qtbot: QtBot, width: int) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(width, 340)
    canvas.set_corner_texts(WHO, HOW, WHERE)
    canvas.set_frame(a_frame())
    canvas.grab()
    return canvas


@pytest.mark.parametrize("width", [225, 345, 800])
def test_who_and_where_are_never_shortened(
    qtbot: QtBot, written: dict[str, QRect], width: int
) -> None:
    show(qtbot, width)
    marks = Marks()
    for line in (*WHO, *WHERE)[: 3 if width == 225 else 4]:
        assert written[line].width() >= marks.metrics.horizontalAdvance(line)
    for left, right in zip(WHO, HOW, strict=True):
        if right in written:
            taken = written[left].left() + marks.metrics.horizontalAdvance(left)
            assert taken < written[right].left()
            assert written[right].right() < width


def test_the_technique_is_whole_where_there_is_room(
    qtbot: QtBot, written: dict[str, QRect]
) -> None:
    show(qtbot, 800)
    marks = Marks()
    for line in HOW:
        assert written[line].width() >= marks.metrics.horizontalAdvance(line)
