"""Viewports that move together: by place, by hand, and never two patients without a question."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from inference.records import Window
from tests.flows.conftest import Flow
from tests.flows.viewing import (
    ABDOMEN,
    FLAIR,
    HEAD,
    T1,
    choose,
    off_plane_mm,
    open_all,
    place_on,
    run,
    settled,
)

Answer = QMessageBox.StandardButton


def side_by_side(flow: Flow, *paths: Path) -> tuple[str, str]:
    left, right = open_all(flow, *paths)
    run(flow, "layout_1x2")
    choose(flow, 1, right)
    choose(flow, 0, left)
    return left, right


def indices(flow: Flow) -> tuple[int, int]:
    return flow.session.panes[0].index, flow.session.panes[1].index


def scroll(flow: Flow, number: int, index: int) -> None:
    flow.window.review.grid.scroll_to(number, index)
    flow.wait(lambda: settled(flow))


def test_series_of_one_space_scroll_by_place(flow: Flow, shared_data: Path) -> None:
    side_by_side(flow, shared_data / T1, shared_data / FLAIR)
    for number, index in ((0, 5), (1, 17), (0, 0)):
        scroll(flow, number, index)
        first, second = (flow.session.panes[one].frame for one in (0, 1))
        assert first is not None
        assert second is not None
        assert first.affine is not None
        middle = (first.affine[0][3], first.affine[1][3], first.affine[2][3])
        assert off_plane_mm(second, middle) <= 6.5 / 2 + 0.1
    before = indices(flow)
    run(flow, "link_scroll")
    scroll(flow, 0, 12)
    assert indices(flow) == (12, before[1])


def test_one_crosshair_in_both_series(flow: Flow, shared_data: Path) -> None:
    side_by_side(flow, shared_data / T1, shared_data / FLAIR)
    run(flow, "link_scroll")
    scroll(flow, 0, 4)
    flow.window.review.viewports[0].canvas.crosshair_moved.emit(100.5, 120.5)
    flow.wait(lambda: settled(flow))
    assert flow.session.cursor is not None
    point = flow.session.cursor[1]
    other = flow.session.panes[1].frame
    assert other is not None
    assert off_plane_mm(other, point) <= 6.5 / 2 + 0.1
    shown = flow.window.review.viewports[1].canvas._scene.crosshair
    assert shown is not None
    assert shown == pytest.approx([at + 0.5 for at in place_on(other, point)], abs=1e-3)
    scroll(flow, 1, 20)
    assert flow.window.review.viewports[0].canvas._scene.crosshair is None  # it went with the other
    run(flow, "reset")
    assert flow.session.cursor is None


@pytest.mark.parametrize("answer", [Answer.No, Answer.Yes])
def test_two_patients_scroll_together_only_when_told_to(
    flow: Flow, shared_data: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    asked: list[str] = []

    def question(_window: object, _title: str, words: str, *_rest: object) -> Answer:
        asked.append(words)
        return answer

    monkeypatch.setattr(QMessageBox, "question", question)
    side_by_side(flow, shared_data / T1, shared_data / ABDOMEN)
    viewports = flow.window.review.viewports
    names = [viewport._patient.text() for viewport in viewports]
    assert len(set(names)) == 2
    assert all(viewport._patient_strip.isVisible() for viewport in viewports)
    scroll(flow, 1, 4)
    scroll(flow, 0, 10)
    assert indices(flow) == (10, 4)
    run(flow, "link_studies")
    assert len(asked) == 1
    scroll(flow, 0, 12)
    linked = "Linked to another study" in viewports[0].canvas._scene.badges
    if answer == Answer.No:
        assert (indices(flow), linked) == ((12, 4), False)
        return
    # 2 slices of 6.5 mm are 13 mm, which are 5.2 slices of 2.5 mm.
    assert (indices(flow), linked) == ((12, 9), True)
    scroll(flow, 1, 4)
    assert indices(flow) == (10, 4)
    run(flow, "link_studies")
    assert len(asked) == 1
    scroll(flow, 0, 12)
    assert indices(flow) == (12, 4)


def test_another_scan_in_a_linked_viewport_is_not_linked(
    flow: Flow, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: Answer.Yes)
    left, right = side_by_side(flow, shared_data / T1, shared_data / ABDOMEN)
    run(flow, "link_studies")
    choose(flow, 1, left)
    choose(flow, 1, right)
    before = indices(flow)[1]
    scroll(flow, 0, 3)
    assert indices(flow)[1] == before


def test_one_scan_alone_has_nothing_to_link_with(flow: Flow, shared_data: Path) -> None:
    open_all(flow, shared_data / T1)
    run(flow, "layout_1x2", "link_studies")
    flow.hear("There is no second scan in sight")
    assert not flow.session.anchors


def test_zoom_and_window_go_together_until_unlinked(flow: Flow, shared_data: Path) -> None:
    (source_id,) = open_all(flow, shared_data / T1)
    run(flow, "layout_1x2")
    first, second = (viewport.canvas for viewport in flow.window.review.viewports)
    for command, linked in (("link_zoom", True), ("link_zoom", False)):
        first.zoom_to(3.0 if linked else 5.0)
        assert (second.zoom() == pytest.approx(first.zoom())) is linked
        run(flow, command)
    for linked, width in ((True, 300.0), (False, 500.0)):
        first.drag_window(Window(200.0, width))
        window = second.shown_window()
        assert window is not None
        assert (window.width == width) is linked
        run(flow, "link_window")
    assert flow.session.panes[1].source_id == source_id


def test_one_patient_is_not_named_over_the_viewports(flow: Flow, shared_data: Path) -> None:
    open_all(flow, shared_data / HEAD)
    run(flow, "layout_2x2")
    viewports = flow.window.review.viewports
    assert not any(viewport._patient_strip.isVisible() for viewport in viewports)
