"""Texts that have too little room: what is left out, and that nothing is cut in a figure."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics, QPainter
from pytestqt.qtbot import QtBot

from tests.widgets.scans import a_frame
from widgets import theme
from widgets.canvas import Canvas
from widgets.canvas_marks import Marks
from widgets.labels import ShortSentence, bound, whole_parts
from widgets.viewport import Viewport

TECHNIQUE = "TR 500 ms · TE 9.5 ms · 1.5 T"
SENTENCE = "It answers from the marker, not from the patient. " * 6


@pytest.mark.parametrize("kept", ["TR 500 ms", "TR 500 ms · TE 9.5 ms", TECHNIQUE])
def test_parts_are_whole_or_left_out(qtbot: QtBot, kept: str) -> None:
    metrics = QFontMetrics(theme.text_font(12))
    width = metrics.horizontalAdvance(kept)
    assert whole_parts(TECHNIQUE, metrics, width) == kept
    assert len(whole_parts(TECHNIQUE, metrics, width - 1)) < len(kept)


def test_no_part_is_shortened_to_another_figure(qtbot: QtBot) -> None:
    metrics = QFontMetrics(theme.text_font(12))
    assert whole_parts(TECHNIQUE, metrics, metrics.horizontalAdvance("TR 50")) == ""


def test_a_long_sentence_takes_its_lines_and_says_the_rest_in_its_tooltip(qtbot: QtBot) -> None:
    words = ShortSentence(3)
    qtbot.addWidget(words)
    words.setText(SENTENCE)
    height = words.heightForWidth(200)
    assert height < 4 * words.fontMetrics().lineSpacing()
    words.resize(200, height)
    words.grab()
    assert words.toolTip() == SENTENCE
    words.setText("It answers.")
    words.grab()
    assert words.toolTip() == ""


def test_a_long_caption_asks_for_no_more_of_the_grid(qtbot: QtBot) -> None:
    viewport = Viewport()
    qtbot.addWidget(viewport)
    before = viewport.minimumSizeHint()
    viewport.set_caption(SENTENCE, "bad")
    assert viewport.minimumSizeHint() == before
    assert not viewport.hasHeightForWidth()


def test_a_size_is_not_torn_when_a_sentence_wraps() -> None:
    assert bound("Drawn at 512 × 512 in 3 s").split(" ") == [
        "Drawn",
        "at",
        "512\xa0×\xa0512",
        "in",
        "3\xa0s",
    ]


@pytest.mark.parametrize(("width", "height"), [(180, 150), (225, 210), (345, 240)])
def test_lines_of_a_low_picture_lie_beside_the_letters_not_over_each_other(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    found: dict[str, QRect] = {}
    plain = Marks.draw_line

    def note(self: Marks, painter: QPainter, line: str, place: QRect, *rest: Any) -> None:
        found[line] = QRect(place.left(), place.top(), place.width(), self.line_px)
        plain(self, painter, line, place, *rest)

    monkeypatch.setattr(Marks, "draw_line", note)
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(width, height)
    canvas.set_corner_texts(("Who", "Study", "Series"), ("MR",), ("Slice 1 of 2", "Position 3 mm"))
    canvas.set_frame(a_frame())
    canvas.grab()
    above = max(found[line].bottom() for line in ("Who", "Study", "Series") if line in found)
    below = found["Slice 1 of 2"].top()
    assert "Who" in found
    assert below - above >= 20
