"""The tools of labelling in the real window: drawn, painted, grown, interpolated, undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.actions import labelling, painting, planes
from app.panes import Place
from inference.mask_bits import mask_of
from inference.records import Label
from tests.flows.ball import (
    COLUMNS,
    NODULE,
    ORGAN,
    ROWS,
    begin,
    disc,
    here,
    hold,
    mask_here,
    show,
    write_ball,
)
from tests.flows.conftest import Flow
from tests.flows.pointing import canvas_of, click, drag
from widgets.buttons import IconButton


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write_ball(tmp_path / "scan")


def test_shapes_are_drawn_moved_and_undone(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    hold(flow, "R", "label_box")
    drag(flow, (10, 10), (30, 20))
    (box,) = here(flow)
    assert (box.kind, box.label) == ("box", "nodule")
    (left, top), (right, bottom) = box.points
    assert np.allclose((left, top, right, bottom), (10, 10, 30, 20), atol=0.2)
    drag(flow, (20, 10), (25, 15))  # by its upper side
    (moved,) = here(flow)
    assert moved.annotation_id == box.annotation_id
    assert np.allclose(moved.points[0], (15, 15), atol=0.4)
    labelling.select(flow.session, ())
    show(flow, 3)
    flow.press("Ctrl+Z")
    flow.wait(lambda: flow.pane.index == 0 and here(flow) == (box,))
    assert flow.session.labels.selected == (box.annotation_id,)
    flow.press("Ctrl+Z")
    flow.wait(lambda: here(flow) == ())
    flow.press("Ctrl+Y", "Ctrl+Y")
    flow.wait(lambda: [one.points for one in here(flow)] == [moved.points])


def test_the_first_mark_makes_a_label(flow: Flow, scan: Path) -> None:
    begin(flow, scan)
    hold(flow, "D", "label_line")
    drag(flow, (10, 10), (30, 20))
    (line,) = here(flow)
    assert (line.kind, line.label) == ("line", "Region")
    assert flow.session.labels.label == "Region"


def test_without_a_label_in_hand_the_first_fitting_one_is_taken_and_said(
    flow: Flow, scan: Path
) -> None:
    begin(flow, scan, Label("normal", (9, 9, 9), kinds=("class",)), NODULE)
    hold(flow, "Shift+D", "label_point")
    click(flow, (12.5, 14.5))
    (point,) = here(flow)
    assert (point.kind, point.label) == ("point", "nodule")
    flow.hear("it became “nodule”")


def test_brush_and_eraser_work_on_one_mask(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    painting.edit_hand(flow.session, radius_px=3.0)
    hold(flow, "B", "brush")
    drag(flow, (20, 20), (40, 20))
    first = mask_here(flow)
    assert first[20, 18:42].all()
    assert not first[24:].any()
    drag(flow, (30, 20), (30, 35))
    assert mask_here(flow)[34, 30]
    hold(flow, "E", "eraser")
    drag(flow, (10, 20), (60, 20))
    assert not mask_here(flow)[20].any()
    flow.press("Ctrl+Z", "Ctrl+Z")
    flow.wait(lambda: bool(np.array_equal(mask_here(flow), first)))
    painting.edit_hand(flow.session, radius_px=40.0)
    drag(flow, (30, 20), (31, 20))
    assert here(flow) == ()  # nothing is left of it
    assert flow.session.labels.history.cursor == 2


def test_new_masks_stand_beside_the_others(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    painting.edit_hand(flow.session, radius_px=2.0)
    hold(flow, "B", "brush")
    drag(flow, (10, 10), (14, 10))
    flow.press("Shift+B")
    drag(flow, (40, 30), (44, 30))
    drag(flow, (44, 30), (48, 30))  # goes on with the new one, which is selected
    assert [np.count_nonzero(mask_of(one, (ROWS, COLUMNS))) > 0 for one in here(flow)] == [True] * 2
    old, new = here(flow)
    assert (old.instance == "", new.instance != "") == (True, True)
    show(flow, 1)
    drag(flow, (40, 30), (44, 30))
    assert [one.instance for one in here(flow)] == [new.instance]


def test_only_values_in_the_range_are_painted(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    painting.edit_hand(flow.session, radius_px=12.0, low=200.0)
    hold(flow, "B", "brush")
    drag(flow, (32, 24), (33, 24))
    assert np.array_equal(mask_here(flow), disc(0))


def test_a_stroke_paints_only_what_hangs_together_with_its_start(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    painting.edit_hand(flow.session, radius_px=20.0, joined=True)
    hold(flow, "B", "brush")
    drag(flow, (32, 24), (34, 24))
    assert np.array_equal(mask_here(flow), disc(0))


def test_values_are_picked_from_the_picture(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    hold(flow, "B", "brush")
    bar = flow.window.review.label_bar
    bar.brush.range.pick_requested.emit()
    assert flow.session.labels.hand.picking
    assert bar.in_hand.isVisible()
    flow.press("Esc")
    assert not flow.session.labels.hand.picking
    assert bar.brush.isVisible()
    bar.brush.range.pick_requested.emit()
    click(flow, (32.5, 24.5))
    hand = flow.session.labels.hand
    assert not hand.picking
    assert here(flow) == ()
    assert hand.low is not None
    assert hand.high is not None
    assert 40 < hand.low < 300 < hand.high
    bar.brush.range.otsu_requested.emit()
    flow.wait(lambda: flow.session.labels.hand.high is None)
    assert flow.session.labels.hand.low == pytest.approx(170.0)


def test_holes_are_filled_and_the_largest_part_is_kept(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    ring = disc(4) & ~disc(0)
    ring[2, 2] = True
    assert flow.pane.frame is not None
    session, jobs = flow.session, flow.window.jobs
    painting.put_mask(session, jobs, "Brush", flow.pane.frame.key, old=None, mask=ring)
    bar = flow.window.review.label_bar
    bar.command_chosen.emit("fill_holes")
    bar.command_chosen.emit("keep_largest")
    assert np.array_equal(mask_here(flow), disc(4))
    assert session.labels.history.cursor == 3


def test_labels_are_drawn_on_slices_alone(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    hold(flow, "B", "brush")
    for _ in ("axial", "coronal"):
        planes.next_plane(flow.session, flow.window.jobs)
    flow.wait(lambda: flow.pane.frame is not None and flow.pane.is_cut)
    drag(flow, (20, 2), (30, 2))
    flow.hear("drawn on the scan's own slices")
    assert flow.session.labels.history.total == 0


def test_a_project_that_cannot_be_changed_says_so(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    flow.session.labels.read_only = "It is open in another window."
    hold(flow, "R", "label_box")
    drag(flow, (10, 10), (30, 20))
    flow.hear("open in another window")
    assert here(flow) == ()


@pytest.mark.parametrize(("place", "tool"), [("review", "window"), ("label", "wand")])
def test_keys_are_those_of_the_place(flow: Flow, scan: Path, place: Place, tool: str) -> None:
    begin(flow, scan, NODULE)
    flow.session.set_place(place)
    flow.session.set_tool("wand" if place == "label" else "window")
    assert flow.window.review.label_bar.isHidden() == (place == "review")
    assert flow.session.tool == tool
    flow.press("A")
    assert flow.session.tool == ("wand" if place == "label" else "angle")
    QTest.keyClick(canvas_of(flow), Qt.Key.Key_Period)
    flow.session.set_place("review")
    assert flow.session.tool != "wand"


def test_the_bar_says_what_undo_would_undo(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE, ORGAN)
    show(flow, 2)
    hold(flow, "R", "label_box")
    drag(flow, (10, 10), (30, 20))
    buttons = flow.window.review.label_bar.findChildren(IconButton)
    (undo,) = (one for one in buttons if one.toolTip().startswith("Undo"))
    assert undo.toolTip().startswith("Undo Box · slice 3")
    assert undo.isEnabled()
    undo.click()
    flow.wait(lambda: here(flow) == ())
    assert not undo.isEnabled()


def test_the_eraser_takes_the_mask_under_it(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE, ORGAN)
    painting.edit_hand(flow.session, radius_px=2.0)
    hold(flow, "B", "brush")
    drag(flow, (10, 10), (20, 10))
    flow.session.edit_labels(lambda book: setattr(book, "label", "organ"))
    hold(flow, "E", "eraser")
    drag(flow, (10, 10), (30, 10))
    assert here(flow) == ()
    assert flow.session.labels.label == "nodule"


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_what_is_selected_by_hand_can_be_named_otherwise(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE, ORGAN)
    hold(flow, "R", "label_box")
    drag(flow, (10, 10), (30, 20))
    (box,) = here(flow)
    hold(flow, "S", "select")
    click(flow, (20, 10))
    assert flow.session.labels.selected == (box.annotation_id,)
    flow.window.review.grid.labels.menu_requested.emit(box.annotation_id, QPoint(50, 50))
    menu = next(one for one in flow.window.findChildren(QMenu) if one.isVisible())
    next(one for one in menu.actions() if one.text() == "organ").trigger()
    assert [one.label for one in here(flow)] == ["organ"]
    menu.close()
    flow.press("Del")
    assert here(flow) == ()


def test_labels_can_be_hidden_and_made_more_opaque(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    flow.press("H")
    assert not flow.session.labels.visible
    bar = flow.window.review.label_bar
    bar.command_chosen.emit("labels_stronger")
    bar.opacity_changed.emit(0.8)
    assert flow.session.labels.hand.opacity == pytest.approx(0.8)


def test_values_like_the_one_under_the_pointer_are_painted(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    canvas = canvas_of(flow)
    QCursor.setPos(canvas.mapToGlobal(canvas.image_to_widget(2.5, 2.5).toPoint()))
    flow.press("T")
    hand = flow.session.labels.hand
    assert hand.low is not None
    assert hand.high is not None
    assert hand.low < 40 < hand.high < 300
    flow.press("Shift+T")
    flow.hear("All values here are alike")
