"""Labels by hand: drawn, taken, moved, reshaped, deleted; by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.records import Measure
from tests.widgets.labelling import (
    RED,
    LabelOwner,
    a_label_owner,
    an_annotation,
    let_go,
    press,
    pull,
    send,
    stroke,
)
from tests.widgets.measuring import KEY, SHIFT, click, hover, place
from widgets.canvas_labels import ShownLabel
from widgets.canvas_measures import ShownMeasure
from widgets.canvas_tools import ToolName

ALT = Qt.KeyboardModifier.AltModifier
BOX = ShownLabel(an_annotation("b", "box", ((10.0, 10.0), (30.0, 20.0))), RED, "nodule")
AREA = ShownLabel(an_annotation("p", "polygon", ((40.0, 30.0), (60.0, 30.0), (50.0, 50.0))), RED)
WALK = (place(10, 10), place(20, 12), place(30, 24))


@pytest.fixture
def owner(qtbot: QtBot) -> LabelOwner:
    return a_label_owner(qtbot)


# Drawing


@pytest.mark.parametrize(
    ("tool", "kind", "points"),
    [
        ("label_box", "box", [(10, 10), (30, 24)]),
        ("label_line", "line", [(10, 10), (30, 24)]),
        ("label_point", "point", [(10, 10)]),
    ],
)
def test_a_drag_draws(
    owner: LabelOwner, tool: ToolName, kind: str, points: list[tuple[float, float]]
) -> None:
    owner.canvas.set_tool(tool)
    stroke(owner.canvas, *WALK)
    assert owner.said == [f"drawn {kind}"]
    assert owner.points("n0") == points


def test_a_box_drawn_upwards_is_kept_from_its_corner(owner: LabelOwner) -> None:
    owner.canvas.set_tool("label_box")
    stroke(owner.canvas, *WALK[::-1])
    assert owner.points("n0") == [(10, 10), (30, 24)]


def test_an_axis_and_a_width_draw_a_rotated_box(owner: LabelOwner) -> None:
    owner.canvas.set_tool("label_rotated")
    stroke(owner.canvas, place(10, 20), place(25, 20), place(30, 20))
    assert owner.said == []
    click(owner.canvas, place(15, 24))
    assert owner.points("n0") == [(10, 16), (30, 16), (30, 24), (10, 24)]


CORNERS = [(10.0, 10.0), (40.0, 12.0), (42.0, 40.0), (12.0, 38.0)]


@pytest.mark.parametrize("tool", ["label_polygon", "label_line"])
def test_clicks_draw_and_enter_ends(owner: LabelOwner, tool: ToolName) -> None:
    owner.canvas.set_tool(tool)
    for corner in CORNERS:
        click(owner.canvas, place(*corner))
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    assert owner.points("n0") == CORNERS


def test_a_double_click_closes_and_backspace_takes_points_back(
    owner: LabelOwner, qtbot: QtBot
) -> None:
    canvas = owner.canvas
    canvas.set_tool("label_polygon")
    for corner in [*CORNERS[:3], (60.0, 60.0)]:
        click(canvas, place(*corner))
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    click(canvas, place(*CORNERS[3]))
    with qtbot.assertNotEmitted(canvas.maximise_requested):
        send(canvas, QEvent.Type.MouseButtonDblClick, place(*CORNERS[3]))
    assert owner.points("n0") == CORNERS


@pytest.mark.parametrize("keys", [[Qt.Key.Key_Escape], [Qt.Key.Key_Backspace] * 2])
def test_what_is_being_drawn_can_be_dropped(owner: LabelOwner, keys: list[Qt.Key]) -> None:
    owner.canvas.set_tool("label_polygon")
    for corner in CORNERS[:2]:
        click(owner.canvas, place(*corner))
    for key in keys:
        QTest.keyClick(owner.canvas, key)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Escape)
    for corner in CORNERS[1:]:
        click(owner.canvas, place(*corner))
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    assert owner.points("n0") == CORNERS[1:]


def test_holding_draws_freehand_with_few_points(owner: LabelOwner) -> None:
    owner.canvas.set_tool("label_polygon")
    down = [QPoint(50 + 4 * step, 50) for step in range(26)]
    right = [QPoint(150, 50 + 4 * step) for step in range(26)]
    stroke(owner.canvas, *down, *right)
    assert owner.said == ["drawn polygon"]
    drawn = owner.points("n0")
    assert len(drawn) <= 5
    for corner in ((10, 10), (30, 10), (30, 30)):
        assert any(point == pytest.approx(corner, abs=0.6) for point in drawn)


def test_enter_places_one_without_a_mouse(owner: LabelOwner) -> None:
    owner.canvas.set_tool("label_box")
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    (left, top), (right, bottom) = owner.points("n0")
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((32, 32))


def test_nothing_begins_beside_the_frame(owner: LabelOwner) -> None:
    owner.canvas.resize(520, 320)
    owner.canvas.set_tool("label_box")
    stroke(owner.canvas, QPoint(20, 100), QPoint(90, 200))
    assert owner.said == []


# Taking and moving


def test_a_line_is_taken_and_the_shape_moved(owner: LabelOwner) -> None:
    owner.keep(BOX)
    owner.canvas.set_tool("label_box")
    stroke(owner.canvas, place(20, 10), place(22, 11), place(24, 13))
    assert owner.said == ["selected b", "changed b"]
    assert owner.points("b") == [(14, 13), (34, 23)]


def test_a_handle_of_the_selected_one_reshapes_it(owner: LabelOwner) -> None:
    owner.keep(BOX, AREA)
    owner.canvas.set_tool("select")
    owner.canvas.set_selected_labels(("b",))
    stroke(owner.canvas, place(30, 20), place(35, 22), place(40, 25))
    assert owner.points("b") == [(10, 10), (40, 25)]
    assert owner.said == ["changed b"]


def test_what_is_locked_is_selected_but_not_moved(owner: LabelOwner) -> None:
    owner.keep(ShownLabel(BOX.annotation, RED, locked=True))
    owner.canvas.set_tool("select")
    stroke(owner.canvas, place(20, 10), place(24, 13))
    QTest.keyClick(owner.canvas, Qt.Key.Key_Right)
    stroke(owner.canvas, place(30, 20), place(40, 25))
    assert owner.said == ["selected b"]


def test_select_clicks_into_shapes_adds_with_shift_and_lets_go(owner: LabelOwner) -> None:
    owner.keep(BOX, AREA)
    owner.canvas.set_tool("select")
    stroke(owner.canvas, place(20, 15))
    stroke(owner.canvas, place(50, 35), modifiers=SHIFT)
    stroke(owner.canvas, place(20, 15), modifiers=SHIFT)
    stroke(owner.canvas, place(5, 60))
    assert owner.said == ["selected b", "selected b,p", "selected p", "selected "]


def test_a_window_drag_leaves_labels_alone(owner: LabelOwner) -> None:
    owner.keep(BOX)
    owner.canvas.set_tool("window")
    stroke(owner.canvas, place(20, 10), place(24, 13))
    assert owner.said == []


def test_hidden_labels_are_not_taken(owner: LabelOwner) -> None:
    owner.keep(BOX)
    owner.canvas.set_tool("select")
    owner.canvas.set_label_style(False, 0.4, True)
    stroke(owner.canvas, place(20, 10), place(24, 13))
    assert owner.said == []


def test_a_double_click_puts_a_point_in_and_alt_takes_it_out(
    owner: LabelOwner, qtbot: QtBot
) -> None:
    owner.keep(AREA)
    owner.canvas.set_tool("select")
    at = place(50, 30)
    with qtbot.assertNotEmitted(owner.canvas.maximise_requested):
        stroke(owner.canvas, at)
        send(owner.canvas, QEvent.Type.MouseButtonDblClick, at)
    assert owner.points("p") == [(40, 30), (50, 30), (60, 30), (50, 50)]
    stroke(owner.canvas, at, modifiers=ALT)
    assert owner.points("p") == [(40, 30), (60, 30), (50, 50)]


def test_another_frame_drops_what_was_drawn_or_moved(owner: LabelOwner) -> None:
    canvas = owner.canvas
    owner.keep(BOX)
    canvas.set_tool("label_box")
    press(canvas, place(20, 10))
    pull(canvas, place(30, 14))
    assert canvas._frame is not None
    canvas.set_frame(replace(canvas._frame, key=("0" * 12, 1)))
    let_go(canvas, place(30, 14))
    assert owner.said == ["selected b"]


# Keys


def test_arrows_nudge_and_tab_walks(owner: LabelOwner) -> None:
    canvas = owner.canvas
    owner.keep(BOX, AREA)
    canvas.set_tool("select")
    canvas.set_selected_labels(("b",))
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
    assert owner.points("b") == [(11, 20), (31, 30)]
    QTest.keyClick(canvas, Qt.Key.Key_Tab)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert owner.points("b") == [(10, 20), (31, 30)]
    for _ in range(4):
        QTest.keyClick(canvas, Qt.Key.Key_Tab)
    assert canvas.selected_labels == ("p",)


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_asks_for_all_that_are_selected(owner: LabelOwner, key: Qt.Key) -> None:
    owner.keep(BOX, AREA)
    owner.canvas.set_tool("select")
    owner.canvas.set_selected_labels(("b", "p"))
    QTest.keyClick(owner.canvas, key)
    assert owner.said == ["deleted b,p"]


def test_escape_lets_go_and_a_label_that_is_gone_is_not_selected(owner: LabelOwner) -> None:
    owner.keep(BOX, AREA)
    owner.canvas.set_tool("select")
    owner.canvas.set_selected_labels(("b", "p"))
    owner.canvas.set_labels((AREA,))
    assert owner.canvas.selected_labels == ("p",)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Escape)
    assert owner.said == ["selected "]


# Beside other things of the canvas


def test_space_and_a_drag_pan(owner: LabelOwner) -> None:
    canvas = owner.canvas
    canvas.set_tool("label_box")
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    stroke(canvas, QPoint(100, 100), QPoint(110, 105))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert owner.said == []
    assert canvas.view().center == pytest.approx((30, 31))


def test_measures_are_taken_with_select_where_no_label_is(owner: LabelOwner) -> None:
    owner.keep(BOX)
    measure = Measure("one", KEY, "length", ((10.0, 40.0), (50.0, 40.0)))
    owner.canvas.set_measures((ShownMeasure(measure, ("12 mm",)),))
    owner.canvas.set_tool("select")
    click(owner.canvas, place(30, 40))
    assert owner.canvas.selected_measure == "one"
    assert owner.said == []


def test_the_right_button_asks_for_a_menu_on_a_label(owner: LabelOwner) -> None:
    asked: list[str] = []
    owner.canvas.label_menu_requested.connect(lambda name, at: asked.append(name))
    owner.keep(BOX)
    for at in (place(20, 15), place(50, 50)):
        QTest.mouseClick(owner.canvas, Qt.MouseButton.RightButton, SHIFT, at)
    assert asked == ["b"]


# Seeds

Seed = tuple[float, float, bool, bool]


@pytest.fixture
def seeds(owner: LabelOwner) -> list[Seed]:
    found: list[Seed] = []
    owner.canvas.seed_placed.connect(lambda *seed: found.append(seed))
    return found


def test_grow_follows_the_hand(owner: LabelOwner, seeds: list[Seed]) -> None:
    owner.canvas.set_tool("grow")
    stroke(owner.canvas, place(10, 10), place(12, 10), place(70, 10))
    inside = [(round(column, 6), row, final) for column, row, _, final in seeds]
    assert inside == [(10, 10, False), (12, 10, False), (64, 10, False), (64, 10, True)]
    assert all(column < 64 for column, *_ in seeds)


@pytest.mark.parametrize(
    ("modifiers", "inside"),
    [
        (Qt.KeyboardModifier.NoModifier, True),
        (ALT, False),
        (Qt.KeyboardModifier.ControlModifier, False),
    ],
)
def test_a_click_of_the_wand_is_one_seed(
    owner: LabelOwner, seeds: list[Seed], modifiers: Qt.KeyboardModifier, inside: bool
) -> None:
    owner.canvas.set_tool("wand")
    stroke(owner.canvas, place(10, 20), modifiers=modifiers)
    assert seeds == [(10.0, 20.0, inside, True)]


def test_a_drag_of_the_wand_is_a_box(owner: LabelOwner, seeds: list[Seed]) -> None:
    boxes: list[object] = []
    owner.canvas.seed_boxed.connect(boxes.append)
    owner.canvas.set_tool("wand")
    stroke(owner.canvas, place(30, 40), place(20, 30), place(10, 20))
    hover(owner.canvas, place(50, 50))
    assert boxes == [(10.0, 20.0, 30.0, 40.0)]
    assert seeds == []
