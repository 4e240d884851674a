"""Measures by hand: drawn, taken, moved and seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.records import Measure
from tests.widgets.measuring import (
    KEY,
    LEFT,
    LENGTH,
    PLAIN,
    SIDE,
    Owner,
    an_owner,
    click,
    drag,
    hover,
    place,
)
from tests.widgets.scans import a_frame
from widgets.canvas_measures import LINE
from widgets.canvas_tools import ToolName


@pytest.fixture
def owner(qtbot: QtBot) -> Owner:
    return an_owner(qtbot)


# Drawing


@pytest.mark.parametrize("tool", ["length", "rectangle", "ellipse"])
def test_a_drag_draws_from_point_to_point(owner: Owner, tool: ToolName) -> None:
    owner.canvas.set_tool(tool)
    drag(owner.canvas, place(10, 12), place(40, 30))
    assert owner.said == [f"drawn {tool}"]
    assert owner.points("m0") == [(10, 12), (40, 30)]
    assert {measure.measure_id for measure in owner.moved} == {"drawing"}


@pytest.mark.parametrize(
    ("tool", "clicks"),
    [
        ("length", [(10, 12), (40, 30)]),
        ("ellipse", [(10, 12), (40, 30)]),
        ("angle", [(10, 12), (20, 30), (40, 12)]),
    ],
)
def test_clicks_draw_from_point_to_point(
    owner: Owner, tool: ToolName, clicks: list[tuple[float, float]]
) -> None:
    owner.canvas.set_tool(tool)
    for column, row in clicks[:-1]:
        click(owner.canvas, place(column, row))
        assert owner.said == []
    click(owner.canvas, place(*clicks[-1]))
    assert owner.said == [f"drawn {tool}"]
    assert owner.points("m0") == clicks


def test_a_drag_and_a_click_draw_an_angle(owner: Owner) -> None:
    owner.canvas.set_tool("angle")
    drag(owner.canvas, place(10, 12), place(20, 30))
    hover(owner.canvas, place(30, 30))
    assert owner.moved[-1].points[2] == pytest.approx((30, 30))
    click(owner.canvas, place(40, 12))
    assert owner.points("m0") == [(10, 12), (20, 30), (40, 12)]


CORNERS = [(10.0, 10.0), (40.0, 12.0), (42.0, 40.0), (12.0, 38.0)]


@pytest.mark.parametrize("ending", ["double click", "Enter", "first point"])
def test_a_polygon_is_closed_three_ways(owner: Owner, qtbot: QtBot, ending: str) -> None:
    canvas = owner.canvas
    canvas.set_tool("polygon")
    for column, row in CORNERS:
        click(canvas, place(column, row))
    with qtbot.assertNotEmitted(canvas.maximise_requested):
        if ending == "double click":
            QTest.mouseDClick(canvas, LEFT, PLAIN, place(*CORNERS[-1]))
            QTest.mouseRelease(canvas, LEFT, PLAIN, place(*CORNERS[-1]))
        elif ending == "Enter":
            hover(canvas, place(60, 60))
            QTest.keyClick(canvas, Qt.Key.Key_Return)
        else:
            click(canvas, place(10.4, 10.4))
    assert owner.said == ["drawn polygon"]
    assert owner.points("m0") == CORNERS


def test_two_corners_are_no_polygon(owner: Owner) -> None:
    owner.canvas.set_tool("polygon")
    for column, row in CORNERS[:2]:
        click(owner.canvas, place(column, row))
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    assert owner.said == []
    assert all(len(measure.points) > 2 for measure in owner.moved)


def test_points_stay_on_the_frame_and_none_begins_beside_it(owner: Owner) -> None:
    owner.canvas.resize(SIDE + 200, SIDE)
    owner.canvas.set_tool("length")
    drag(owner.canvas, QPoint(40, 100), QPoint(90, 100))
    assert owner.said == []
    drag(owner.canvas, QPoint(150, 100), QPoint(SIDE + 190, 100))
    assert owner.points("m0") == [(10, 20), (64, 20)]


def test_a_picture_of_no_source_yet_is_not_measured(owner: Owner) -> None:
    owner.canvas.set_frame(replace(a_frame(affine=None), key=("", 0)))
    owner.canvas.set_tool("length")
    drag(owner.canvas, place(10, 12), place(40, 30))
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    assert owner.said == []


@pytest.mark.parametrize("quarters", range(4))
def test_what_is_drawn_on_a_turned_picture_lies_where_it_was_drawn(
    owner: Owner, quarters: int
) -> None:
    owner.canvas.mirror()
    owner.canvas.turn(quarters)
    owner.canvas.set_tool("length")
    start = owner.canvas.image_to_widget(10, 12).toPoint()
    drag(owner.canvas, start, owner.canvas.image_to_widget(40, 30).toPoint())
    assert owner.points("m0") == [(10, 12), (40, 30)]


def test_escape_drops_what_is_being_drawn(owner: Owner) -> None:
    owner.canvas.set_tool("angle")
    drag(owner.canvas, place(10, 12), place(20, 30))
    QTest.keyClick(owner.canvas, Qt.Key.Key_Escape)
    blank = owner.canvas.grab().toImage()
    click(owner.canvas, place(40, 50))
    assert owner.said == []
    assert owner.canvas.grab().toImage() != blank  # a new one has begun


@pytest.mark.parametrize("way", ["tool", "frame"])
def test_another_tool_or_frame_drops_it_too(owner: Owner, way: str) -> None:
    canvas = owner.canvas
    canvas.set_tool("length")
    click(canvas, place(10, 12))
    if way == "tool":
        canvas.set_tool("window")
    else:
        canvas.set_frame(replace(a_frame(affine=None), key=(KEY[0], 1)))
    click(canvas, place(40, 30))
    assert owner.said == []


def test_a_double_click_with_a_measuring_tool_fills_the_window(owner: Owner, qtbot: QtBot) -> None:
    owner.canvas.set_tool("length")
    click(owner.canvas, place(30, 30))
    with qtbot.waitSignal(owner.canvas.maximise_requested, timeout=500):
        QTest.mouseDClick(owner.canvas, LEFT, PLAIN, place(30, 30))
    click(owner.canvas, place(40, 40))
    assert owner.said == []


# Taking and moving


def test_a_handle_is_dragged_alone(owner: Owner) -> None:
    owner.keep(LENGTH)
    drag(owner.canvas, place(50, 20) + QPoint(3, 3), place(50, 40) + QPoint(3, 3))
    assert owner.said == ["changed one"]
    assert owner.points("one") == [(10, 20), (50, 40)]
    assert {measure.measure_id for measure in owner.moved} == {"one"}


def test_a_line_is_dragged_whole_and_no_window_with_it(owner: Owner, qtbot: QtBot) -> None:
    owner.keep(LENGTH)
    with qtbot.assertNotEmitted(owner.canvas.window_changed):
        drag(owner.canvas, place(30, 20), place(24, 35))
    assert owner.points("one") == [(4, 35), (44, 35)]


def test_a_click_takes_a_measure_and_changes_nothing(owner: Owner) -> None:
    owner.keep(LENGTH)
    blank = owner.canvas.grab().toImage()
    click(owner.canvas, place(30, 20))
    assert owner.said == []
    assert owner.canvas.grab().toImage() != blank
    click(owner.canvas, place(30, 50))
    hover(owner.canvas, place(70, 70))
    assert owner.canvas.grab().toImage() == blank


def test_escape_takes_a_movement_back(owner: Owner) -> None:
    owner.keep(LENGTH)
    QTest.mousePress(owner.canvas, LEFT, PLAIN, place(30, 20))
    QTest.mouseMove(owner.canvas, place(30, 40))
    QTest.keyClick(owner.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(owner.canvas, LEFT, PLAIN, place(30, 40))
    assert owner.said == []
    assert owner.moved[-1] == LENGTH


def test_a_corner_dragged_onto_its_neighbour_leaves_an_extent(owner: Owner) -> None:
    owner.keep(Measure("box", KEY, "rectangle", ((10, 10), (30, 30))))
    drag(owner.canvas, place(30, 30), place(10, 30))
    first, second = owner.points("box")
    assert first[0] != second[0]


def test_measures_of_another_frame_are_neither_seen_nor_hit(owner: Owner) -> None:
    blank = owner.canvas.grab().toImage()
    owner.keep(replace(LENGTH, key=(KEY[0], 7)))
    assert owner.canvas.grab().toImage() == blank
    drag(owner.canvas, place(30, 20), place(24, 35))
    assert owner.said == []


def test_the_pointer_says_that_a_measure_can_be_taken(owner: Owner) -> None:
    owner.keep(LENGTH)
    hover(owner.canvas, place(30, 20))
    assert owner.canvas.cursor().shape() == Qt.CursorShape.SizeAllCursor
    hover(owner.canvas, place(30, 40))
    assert owner.canvas.cursor().shape() != Qt.CursorShape.SizeAllCursor


# On the screen


def test_a_measure_is_drawn_with_its_words_and_lies_on_its_pixels(owner: Owner) -> None:
    owner.keep(LENGTH)
    image = owner.canvas.grab().toImage()
    on_line = image.pixelColor(place(30, 20))
    assert abs(on_line.red() - LINE.red()) < 80
    assert on_line.red() > on_line.blue() + 60
    assert image.pixelColor(place(30, 22)) == QColor("black")
    beside = [image.pixelColor(x, 100).lightness() for x in range(262, 315)]
    assert max(beside) > 150


def test_saved_pictures_hold_measures_and_no_trace_of_the_hand(owner: Owner) -> None:
    canvas = owner.canvas
    canvas.set_corner_texts(("A name",), (), ("Slice 1 of 3",))
    plain = canvas.grab_picture(False)
    owner.keep(LENGTH)
    with_measure = canvas.grab_picture(False)
    assert with_measure != plain
    click(canvas, place(30, 20))
    canvas.set_crosshair((20, 30))
    canvas.set_selected(True)
    canvas.set_tool("length")
    click(canvas, place(20, 50))
    hover(canvas, place(40, 50))
    assert canvas.grab_picture(False) == with_measure
    assert canvas.grab_picture(True) != with_measure
    canvas.set_corner_texts_visible(False)
    assert canvas.grab_picture(True).copy(0, 0, 100, 30) != with_measure.copy(0, 0, 100, 30)
