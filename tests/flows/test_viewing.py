"""Layouts of viewports, playing, saved layouts and other orders in the real window."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog

from app import window_acts as acts
from app.panes import LAYOUTS, Changes
from tests.flows.conftest import Flow
from tests.flows.viewing import (
    ABDOMEN,
    CINE,
    FLAIR,
    HEAD,
    NIFTI,
    T1,
    TILTED,
    choose,
    open_all,
    run,
    settled,
)

KEYS = {
    "1x1": "Ctrl+1",
    "1x2": "Ctrl+2",
    "2x1": "Ctrl+3",
    "2x2": "Ctrl+4",
    "1x3": "Ctrl+5",
    "2x3": "Ctrl+6",
}


def seen(flow: Flow) -> list[int]:
    return [
        number
        for number, viewport in enumerate(flow.window.review.viewports)
        if viewport.isVisible()
    ]


def sources_of(flow: Flow) -> list[str | None]:
    return [flow.session.panes[number].source_id for number in flow.session.seats]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_by_its_key(flow: Flow, shared_data: Path, layout: str) -> None:
    (source_id,) = open_all(flow, shared_data / NIFTI)
    flow.press(KEYS[layout])
    flow.wait(lambda: settled(flow))
    rows, columns = LAYOUTS[layout]
    assert seen(flow) == list(range(rows * columns))
    assert sources_of(flow) == [source_id] * rows * columns
    viewports = flow.window.review.viewports
    assert len({viewport.y() for viewport in viewports if viewport.isVisible()}) == rows
    assert len({viewport.x() for viewport in viewports if viewport.isVisible()}) == columns
    assert all(viewport.width() >= 200 for viewport in viewports)
    assert flow.window.top.layouts._name == layout


def test_the_rest_of_a_study_fills_the_grid(flow: Flow, shared_data: Path) -> None:
    """First what there is beside the scan in sight, then that scan once more."""
    ids = open_all(flow, shared_data / T1, shared_data / FLAIR)
    shown = flow.pane.source_id
    run(flow, "layout_2x2")
    others = [one for one in ids if one != shown]
    assert sources_of(flow) == [shown, *others, shown, shown]
    assert flow.window.review.studies is not None


def test_one_viewport_is_the_active_one(flow: Flow, shared_data: Path) -> None:
    """And the others are there again where the grid grows."""
    ids = open_all(flow, shared_data / T1, shared_data / NIFTI)
    run(flow, "layout_2x2")
    choose(flow, 2, ids[1])
    choose(flow, 3, ids[0])
    before = sources_of(flow)
    flow.session.set_active(2)
    run(flow, "layout_1x1")
    assert (seen(flow), sources_of(flow)) == ([2], [ids[1]])
    run(flow, "layout_1x2")
    assert seen(flow) == [1, 2]
    run(flow, "layout_2x2")
    assert sources_of(flow) == before
    flow.press("Tab")
    assert flow.session.active == 3


def test_a_double_click_fills_the_window_and_goes_back(flow: Flow, shared_data: Path) -> None:
    open_all(flow, shared_data / NIFTI)
    run(flow, "layout_2x2")
    review = flow.window.review
    for wanted in ([1], [0, 1, 2, 3]):
        QTest.mouseDClick(review.viewports[1].canvas, Qt.MouseButton.LeftButton)
        assert seen(flow) == wanted
        assert review.studies.isVisible() == review.panel.isVisible() == (len(wanted) > 1)
    assert flow.session.active == 1


def test_an_empty_viewport_says_what_to_do(flow: Flow, shared_data: Path) -> None:
    (source_id,) = open_all(flow, shared_data / NIFTI)
    run(flow, "layout_1x2")
    flow.session.clear_pane(1)
    canvas = flow.window.review.viewports[1].canvas
    assert canvas._scene.placeholder == "Choose a scan from the list, or drop files here."
    assert canvas._scene.corners.top_left == ()
    flow.window.review.viewports[1].source_dropped.emit(source_id)
    flow.wait(lambda: settled(flow) and flow.session.panes[1].frame is not None)


def test_a_saved_layout_serves_the_next_study(
    start: Callable[[], AbstractContextManager[Flow]],
    shared_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Planes and a slab", True))
    with start() as flow:
        open_all(flow, shared_data / ABDOMEN)
        run(flow, "mpr")
        flow.session.set_active(1)
        run(flow, "slab", "save_layout")
    with start() as flow:
        assert [one.name for one in acts.saved_layouts(flow.window)] == ["Planes and a slab"]
        (source_id,) = open_all(flow, shared_data / TILTED)
        flow.window.top.layouts.saved_chosen.emit("Planes and a slab")
        flow.wait(lambda: settled(flow))
        panes = [flow.session.panes[number] for number in flow.session.seats]
        assert [pane.plane for pane in panes] == ["axial", "coronal", "sagittal", "slices"]
        assert {pane.source_id for pane in panes} == {source_id}
        assert [pane.slab is not None for pane in panes] == [False, True, False, False]
        flow.window.top.layouts.saved_deleted.emit("Planes and a slab")
        assert acts.saved_layouts(flow.window) == ()


def test_playing_at_the_recorded_frame_time(flow: Flow, shared_data: Path) -> None:
    """One frame after the other at 33 ms each, and never one that was not decoded."""
    (source_id,) = open_all(flow, shared_data / CINE)
    source = flow.session.sources[source_id]
    assert source.frame_time_ms == 33.0
    flow.wait(lambda: flow.session.frames.share(source) == 1.0)
    shown: list[tuple[float, int]] = []

    def note(changes: Changes) -> None:
        if 0 in changes.frame and flow.pane.frame is not None:
            shown.append((time.monotonic(), flow.pane.frame.key[1]))

    flow.session.changed.connect(note)
    begun = time.monotonic()
    flow.press("C")
    assert flow.window.review.tools._buttons["cine"].isChecked()
    flow.wait(lambda: flow.pane.index >= 20)
    took = time.monotonic() - begun
    flow.press("C")
    assert not flow.window.review.tools._buttons["cine"].isChecked()
    stopped = flow.pane.index
    order = list(dict.fromkeys(index for _, index in shown))
    assert order[-stopped:] == list(range(1, stopped + 1))
    assert took >= 0.033 * (stopped - 2)
    flow.qtbot.wait(100)
    assert flow.pane.index == stopped


def test_playing_stops_with_its_scan_and_stays_in_its_viewport(
    flow: Flow, shared_data: Path
) -> None:
    cine, other = open_all(flow, shared_data / CINE, shared_data / NIFTI)
    choose(flow, 0, cine)
    run(flow, "layout_1x2")
    choose(flow, 1, other)
    flow.session.set_active(0)
    flow.press("C")
    flow.session.set_active(1)
    button = flow.window.review.tools._buttons["cine"]
    assert not button.isChecked()
    start, still = flow.session.panes[0].index, flow.session.panes[1].index
    flow.wait(lambda: flow.session.panes[0].index > start + 3)
    assert flow.session.active == 1
    assert flow.session.panes[1].index == still
    flow.session.set_active(0)
    assert button.isChecked()
    choose(flow, 0, other)
    flow.wait(lambda: not button.isChecked())


def test_another_order_keeps_the_frame_in_sight(flow: Flow, shared_data: Path) -> None:
    (source_id,) = open_all(flow, shared_data / T1)
    before = flow.session.sources[source_id]
    run(flow, "layout_1x2")
    for number, index in ((0, 4), (1, 9)):
        flow.session.set_link("scroll", on=False)
        flow.window.review.grid.scroll_to(number, index)
    flow.wait(lambda: settled(flow))
    flow.window.review.studies.order_chosen.emit(source_id, "file_name")
    flow.wait(lambda: settled(flow))
    (after,) = flow.session.sources.values()
    assert after.order_rule == "file_name"
    for number, index in ((0, 4), (1, 9)):
        pane = flow.session.panes[number]
        assert pane.source_id == after.source_id
        assert after.refs[pane.index] == before.refs[index]
    flow.wait(lambda: after.source_id in flow.session.thumbnails)


def test_series_of_one_study_open_as_one_study(flow: Flow, shared_data: Path) -> None:
    ids = open_all(flow, shared_data / HEAD)
    assert len(ids) == 3
    assert len({source.who for source in flow.session.sources.values()}) == 1
