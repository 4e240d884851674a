"""Regions that are tried in the real window: grown, divided by the wand, interpolated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.actions import painting
from inference.mask_bits import mask_of
from tests.flows.ball import (
    COLUMNS,
    NODULE,
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
from tests.flows.pointing import canvas_of, click, drag, move, press, release


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write_ball(tmp_path / "scan")


def test_a_region_is_grown_seen_and_taken(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    hold(flow, "W", "grow")
    click(flow, (32.5, 24.5))
    flow.wait(lambda: flow.session.labels.sketch is not None and flow.session.labels.sketch.done)
    sketch = flow.session.labels.sketch
    assert sketch is not None
    assert sketch.mask is not None
    assert np.array_equal(sketch.mask, disc(0))
    assert here(flow) == ()
    flow.press("Return")
    assert np.array_equal(mask_here(flow), disc(0))
    assert flow.session.labels.sketch is None
    click(flow, (2.5, 2.5))
    flow.wait(lambda: flow.session.labels.sketch is not None and flow.session.labels.sketch.done)
    flow.press("Esc")
    assert flow.session.labels.sketch is None


def test_a_drag_to_the_right_grows_over_more_values(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    painting.edit_hand(flow.session, tolerance=40.0)
    hold(flow, "W", "grow")
    press(flow, (32.5, 24.5))
    move(flow, (60.5, 24.5))
    release(flow, (60.5, 24.5))
    tolerance = flow.session.labels.hand.tolerance
    assert tolerance is not None
    assert tolerance > 260  # 80 pixels of the screen double it
    flow.wait(lambda: flow.session.labels.sketch is not None and flow.session.labels.sketch.done)
    sketch = flow.session.labels.sketch
    assert sketch is not None
    assert sketch.mask is not None
    assert sketch.mask.all()


def test_a_region_grows_through_all_slices_as_one_act(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    hold(flow, "W", "grow")
    flow.press("Shift+W")
    click(flow, (32.5, 24.5))
    flow.wait(lambda: flow.session.labels.sketch is not None and flow.session.labels.sketch.done)
    click(flow, (32.5, 24.5))  # a click into it takes it
    source = flow.pane.source_id or ""
    flow.wait(lambda: len(flow.session.labels.of_source(source)) == 5)
    found = flow.session.labels.of_source(source)
    assert len({one.instance for one in found} - {""}) == 1
    for one in found:
        assert np.array_equal(mask_of(one, (ROWS, COLUMNS)), disc(one.frame))
    assert flow.session.labels.history.cursor == 1
    flow.press("Ctrl+Z")
    flow.wait(lambda: flow.session.labels.of_source(source) == ())


@pytest.mark.parametrize("method", ["grab_cut", "watershed", "random_walk"])
def test_the_wand_finds_what_a_box_holds(flow: Flow, scan: Path, method: str) -> None:
    begin(flow, scan, NODULE)
    painting.edit_hand(flow.session, method=method)
    hold(flow, "A", "wand")
    drag(flow, (18, 10), (46, 38))
    flow.wait(lambda: flow.session.labels.sketch is not None and flow.session.labels.sketch.done)
    flow.press("Return")
    found = mask_here(flow)
    both, either = np.count_nonzero(found & disc(0)), np.count_nonzero(found | disc(0))
    assert both / either > 0.95


def test_slices_between_are_interpolated_as_one_act(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    painting.edit_hand(flow.session, radius_px=30.0, low=200.0)
    hold(flow, "B", "brush")
    for index in (0, 4):
        show(flow, index)
        drag(flow, (32, 24), (33, 24))
    show(flow, 2)
    flow.press("I")
    source = flow.pane.source_id or ""
    flow.wait(lambda: len(flow.session.labels.of_source(source)) == 5)
    for one in flow.session.labels.of_source(source):
        apart = mask_of(one, (ROWS, COLUMNS)) ^ disc(one.frame)
        assert np.count_nonzero(apart) <= 0.05 * np.count_nonzero(disc(one.frame))
    assert len({one.instance for one in flow.session.labels.of_source(source)}) == 1
    flow.press("I")
    flow.hear("There is no gap")
    flow.press("Ctrl+Z")
    flow.wait(lambda: {one.frame for one in flow.session.labels.of_source(source)} == {0, 4})


def test_the_wand_goes_on_with_places_inside_and_outside(flow: Flow, scan: Path) -> None:
    begin(flow, scan, NODULE)
    hold(flow, "A", "wand")
    canvas = canvas_of(flow)
    outside = canvas.image_to_widget(2.5, 2.5).toPoint()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, control, outside)
    flow.hear("nothing yet that this place could be outside of")
    click(flow, (32.5, 24.5))
    flow.wait(lambda: flow.session.labels.sketch is not None and flow.session.labels.sketch.done)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, control, outside)
    sketch = flow.session.labels.sketch
    assert sketch is not None
    assert (len(sketch.wish.inside), len(sketch.wish.outside)) == (1, 1)
    flow.press("Shift+A")
    assert flow.session.labels.hand.method == "grab_cut"
    flow.wait(lambda: flow.session.labels.sketch is not None and flow.session.labels.sketch.done)
    show(flow, 1)
    assert flow.session.labels.sketch is None  # it was tried on another slice
