"""Three planes through a scan in the real window: where they lie, what they show, what follows."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from app.actions import models
from app.actions.entries import open_entry
from app.actions.planes import turn_to
from app.panes import LINKS
from inference.records import Frame
from tests.flows.conftest import Flow
from tests.flows.test_reading_series import compressed_series
from tests.flows.viewing import (
    NIFTI,
    RADIOGRAPH,
    SAGITTAL,
    SEGMENTATIONS,
    T1,
    TILTED,
    drag,
    off_plane_mm,
    open_all,
    place_on,
    run,
    settled,
    value_at,
)
from widgets.canvas_readout import edge_letters

MPR = ("axial", "coronal", "sagittal", "slices")


def frames(flow: Flow) -> list[Frame]:
    found = [flow.session.panes[number].frame for number in range(4)]
    return [frame for frame in found if frame is not None]


def cursor(flow: Flow) -> tuple[float, float, float]:
    assert flow.session.cursor is not None
    return flow.session.cursor[1]


@pytest.mark.parametrize("path", [TILTED, SAGITTAL, T1, NIFTI])
def test_three_planes_are_seen_as_radiologists_see_them(
    flow: Flow, shared_data: Path, path: str
) -> None:
    """Axial from the feet, coronal from the front, sagittal from the left; all in one place."""
    open_all(flow, shared_data / path)
    run(flow, "mpr")
    assert tuple(flow.session.panes[number].plane for number in range(4)) == MPR
    shown = frames(flow)
    letters = [edge_letters(frame) for frame in shown[:3]]
    assert letters == [("R", "L", "A", "P"), ("R", "L", "H", "F"), ("A", "P", "H", "F")]
    for number, frame in enumerate(shown):
        stack = flow.session.panes[number].stack
        apart = 0.0 if stack is None else abs(float(stack.step_mm @ stack.normal))
        assert off_plane_mm(frame, cursor(flow)) <= max(apart / 2 + 0.01, 0.01)


def test_one_voxel_is_one_voxel_in_every_plane(flow: Flow, shared_data: Path) -> None:
    """The NIfTI's voxels lie along the axes, 1 mm apart, so that no plane has to interpolate."""
    open_all(flow, shared_data / NIFTI)
    run(flow, "mpr")
    drag(flow, 0, (10.5, 12.5), (20.5, 30.5))
    flow.wait(lambda: settled(flow))
    column, row = place_on(frames(flow)[0], cursor(flow))
    assert abs(column - 20) < 0.5
    assert abs(row - 30) < 0.5
    assert len({value_at(frame, cursor(flow)) for frame in frames(flow)}) == 1
    spots = [viewport.canvas for viewport in flow.window.review.viewports[:4]]
    assert all(canvas._scene.crosshair is not None for canvas in spots)
    grey = {canvas.shown_window() for canvas in spots[:3]}
    assert len(grey) == 1  # or one tissue would be of three greys


def test_the_crosshair_goes_with_its_plane(flow: Flow, shared_data: Path) -> None:
    open_all(flow, shared_data / SAGITTAL)
    run(flow, "mpr")
    run(flow, "next")  # from wherever between two planes it was on to one
    before, place = cursor(flow), place_on(frames(flow)[1], cursor(flow))
    run(flow, "next", "next")
    after = cursor(flow)
    assert np.allclose(after[:2], before[:2])
    assert after[2] - before[2] == pytest.approx(2 * 1.015625, abs=1e-3)
    assert place_on(frames(flow)[1], after)[1] == pytest.approx(place[1] - 2, abs=0.01)
    assert all(off_plane_mm(frame, after) < 2.5 for frame in frames(flow))


def test_back_from_the_planes_to_the_slices(flow: Flow, shared_data: Path) -> None:
    open_all(flow, shared_data / T1)
    for index in (3, 15):
        flow.window.review.grid.scroll_to(0, index)
        run(flow, "mpr")
        assert flow.session.panes[3].index == index
        run(flow, "mpr")
        assert (flow.session.layout, flow.pane.plane, flow.pane.index) == ("1x1", "slices", index)
    assert flow.session.cursor is None


def test_the_scans_own_axes(flow: Flow, shared_data: Path) -> None:
    """Of a tilted gantry the own axial plane is a slice as stored, the patient's is none."""
    open_all(flow, shared_data / TILTED)
    run(flow, "mpr")
    assert not np.array_equal(frames(flow)[0].stored, frames(flow)[3].stored)
    run(flow, "own_axes")
    assert np.array_equal(frames(flow)[0].stored, frames(flow)[3].stored)
    assert "Scan's own axial" in str(flow.window.review.viewports[0].canvas._scene.corners)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGSTOP")
def test_planes_come_by_themselves_once_the_volume_is_here(flow: Flow, tmp_path: Path) -> None:
    flow.open(compressed_series(tmp_path, 40))
    for child in flow.lanes["decode"].process_ids:
        os.kill(child, signal.SIGSTOP)
    flow.window.palette_box.chosen.emit("mpr")
    waiting = [flow.session.panes[number].waiting for number in range(3)]
    canvas = flow.window.review.viewports[1].canvas
    said = canvas._scene.placeholder
    for child in flow.lanes["decode"].process_ids:
        os.kill(child, signal.SIGCONT)
    assert all(words.startswith("Reading the volume, ") for words in waiting)
    assert said == f"{waiting[1]} …"
    flow.wait(lambda: len(frames(flow)) == 4)
    assert not any(pane.waiting for pane in flow.session.panes)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGSTOP")
def test_planes_come_while_another_viewport_fills_the_window(flow: Flow, tmp_path: Path) -> None:
    flow.open(compressed_series(tmp_path, 40))
    for child in flow.lanes["decode"].process_ids:
        os.kill(child, signal.SIGSTOP)
    flow.window.palette_box.chosen.emit("mpr")
    for link in LINKS:  # or hidden viewports would be turned to what was scrolled to meanwhile
        flow.session.set_link(link, on=False)
    flow.session.set_maximised(maximised=True)
    assert all(flow.session.panes[number].waiting for number in range(3))
    for child in flow.lanes["decode"].process_ids:
        os.kill(child, signal.SIGCONT)
    flow.wait(lambda: len(frames(flow)) == 4)
    flow.session.set_maximised(maximised=False)
    assert not any(pane.waiting for pane in flow.session.panes)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGSTOP")
def test_a_plane_that_was_out_of_sight_while_its_volume_came(flow: Flow, tmp_path: Path) -> None:
    flow.open(compressed_series(tmp_path, 40))
    flow.session.set_layout("1x2", 0)
    for child in flow.lanes["decode"].process_ids:
        os.kill(child, signal.SIGSTOP)
    turn_to(flow.session, flow.window.jobs, 1, flow.pane, "coronal")
    assert flow.session.panes[1].waiting
    flow.session.set_layout("1x1", 0)
    for child in flow.lanes["decode"].process_ids:
        os.kill(child, signal.SIGCONT)
    (source,) = flow.session.sources.values()
    flow.wait(lambda: flow.session.frames.share(source) == 1.0)
    assert flow.session.panes[1].frame is None
    flow.session.set_layout("1x2", 0)
    flow.wait(lambda: flow.session.panes[1].frame is not None)


@pytest.mark.parametrize("command", ["mpr", "plane", "slab"])
def test_what_is_no_volume_is_said(flow: Flow, shared_data: Path, command: str) -> None:
    flow.open(shared_data / RADIOGRAPH)
    run(flow, command)
    flow.hear("is no volume, so no planes can be cut through it")
    assert not flow.pane.is_cut


def test_a_slab_is_what_numpy_makes_of_the_slices(flow: Flow, shared_data: Path) -> None:
    (source_id,) = open_all(flow, shared_data / NIFTI)
    source = flow.session.sources[source_id]
    flow.wait(lambda: flow.session.frames.volume(source) is not None)
    volume = flow.session.frames.volume(source)
    assert volume is not None
    run(flow, "slab")
    for mode, reduce in (("maximum", np.max), ("minimum", np.min), ("mean", np.mean)):
        flow.window.review.tools.slab_chosen.emit(mode, 6.0)
        for index in (12, 20):
            flow.window.review.grid.scroll_to(0, index)
            flow.wait(lambda: settled(flow))
            assert flow.pane.frame is not None
            wanted = reduce(volume[index - 3 : index + 4].astype(float), axis=0)
            assert np.abs(flow.pane.frame.values() - wanted).max() <= 0.5
    assert "Mean over 6 mm · 7 planes" in str(flow.window.review.grid.active.canvas._scene.corners)
    run(flow, "reset")
    assert not flow.pane.is_cut
    assert flow.pane.index == 20


def test_thick_slices_make_thick_slabs(flow: Flow, shared_data: Path) -> None:
    """Of slices 6.5 mm apart a slab of 10 mm would be a single one."""
    open_all(flow, shared_data / T1)
    run(flow, "slab")
    assert flow.pane.slab is not None
    assert flow.pane.stack is not None
    assert len(flow.pane.stack.within(10, flow.pane.slab.thickness_mm)) == 3


def test_a_model_of_slices_is_not_asked_about_planes(
    flow: Flow, case: Path, sample_model: str
) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    for turn, back in (("plane", 3 * ("plane",)), ("slab", ("slab",))):
        run(flow, turn)
        for command in ("predict", "explain"):
            before = len(flow.session.notes)
            run(flow, command)
            assert "looks at single slices as they were made" in flow.session.notes[before].text
        assert not flow.window.review.panel.findings._predict.isEnabled()
        run(flow, *back)
        assert flow.pane.model_id == sample_model
    run(flow, "predict")
    flow.wait(lambda: flow.pane.prediction is not None)


def test_answers_about_a_volume_follow_every_view(flow: Flow, shared_data: Path) -> None:
    """Mask and map on the planes are those of the slices, voxel for voxel."""
    flow.begin()
    flow.wait(lambda: bool(flow.session.entries))
    flow.window.show_review()
    open_entry(flow.session, flow.window.jobs, "hippocampus")
    flow.wait(lambda: flow.explained and flow.pane.prediction is not None)
    assert flow.pane.prediction is not None
    assert flow.pane.prediction.mask is not None
    rows, columns = np.nonzero(flow.pane.prediction.mask)
    spot = (columns[len(columns) // 2] + 0.5, rows[len(rows) // 2] + 0.5)
    run(flow, "mpr")
    drag(flow, 3, spot, spot)
    flow.wait(lambda: settled(flow))
    panes = [flow.session.panes[number] for number in range(4)]
    found = set()
    for pane in panes:
        assert pane.frame is not None
        assert pane.prediction is not None
        assert pane.prediction.mask is not None
        assert pane.attribution is not None
        column, row = place_on(pane.frame, cursor(flow))
        at = (round(row), round(column))
        found.add((int(pane.prediction.mask[at]), round(float(pane.attribution.map[at]), 3)))
    assert len(found) == 1
    coronal = panes[1].prediction
    assert coronal is not None
    assert coronal.mask is not None
    flow.session.set_active(1)
    run(flow, "slab")
    thick = flow.session.panes[1].prediction
    assert thick is not None
    assert thick.mask is not None
    assert np.count_nonzero(thick.mask) > np.count_nonzero(coronal.mask) > 0
    other = next(card for card in flow.session.cards if card.accepts.dimensions == 2)
    models.choose_model(flow.session, flow.window.jobs, 1, other.model_id)
    flow.wait(lambda: settled(flow) and flow.session.panes[1].prediction is None)


def test_segments_of_an_object_follow_the_planes(flow: Flow, shared_data: Path) -> None:
    folder = shared_data / SEGMENTATIONS
    flow.drop(folder / "ct-3slice", folder / "liver.dcm")
    flow.wait(lambda: bool(flow.session.objects) and settled(flow))
    flow.wait(lambda: not flow.window.jobs.is_running("open"))
    (liver,) = flow.session.objects
    flow.window.review.studies.object_toggled.emit(liver, True)
    flow.wait(lambda: bool(flow.session.overlays))
    (overlay,) = flow.session.overlays.values()
    run(flow, "mpr")
    flow.wait(lambda: all(flow.session.panes[number].objects for number in range(3)))
    axial = flow.session.panes[0]
    whole = sum(np.count_nonzero(piece.mask >= 128) for piece in overlay.pieces if piece.frame == 1)
    drawn = sum(np.count_nonzero(piece.mask) for piece in axial.objects[0].pieces)
    assert axial.index == 1
    assert drawn == whole > 0
    flow.window.review.studies.object_toggled.emit(liver, False)
    flow.wait(lambda: not any(flow.session.panes[number].objects for number in range(3)))


def test_a_viewport_that_was_hidden_catches_up(flow: Flow, shared_data: Path) -> None:
    """While one plane fills the window it is scrolled; the others then go where it went."""
    open_all(flow, shared_data / SAGITTAL)
    run(flow, "mpr")
    flow.session.set_active(2)
    run(flow, "maximise", "next", "next", "next", "maximise")
    assert flow.session.panes[2].index == flow.session.panes[3].index
    assert all(off_plane_mm(frame, cursor(flow)) < 2.5 for frame in frames(flow))


def test_out_of_the_planes_into_another_layout(flow: Flow, shared_data: Path) -> None:
    open_all(flow, shared_data / SAGITTAL)
    run(flow, "mpr")
    flow.session.set_active(1)
    run(flow, "layout_1x2")
    panes = [flow.session.panes[number] for number in flow.session.seats]
    assert [pane.plane for pane in panes] == ["slices", "slices"]
    assert flow.session.tool == "window"
