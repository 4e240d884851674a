"""Three planes through a scan of which a slice cannot be read: a hole that is marked and named."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from app.cutting import HOLE
from app.frame_cache import FrameCache
from inference.records import Frame
from tests.flows.conftest import Flow
from tests.flows.test_reading_series import COUNT, compressed_series, series
from tests.flows.viewing import run, settled

LOST = 16
"""Of slices 1 mm apart; pixels are 0.5 mm wide, so that it is two rows of a coronal plane."""


@pytest.fixture
def truncated(flow: Flow, tmp_path: Path) -> Path:
    """A series of plain pixels is open, and one of its files was cut short before it was read."""
    flow.session.frames = FrameCache(budget_bytes=1)
    flow.open(series(tmp_path))
    path = tmp_path / f"{LOST}.dcm"
    os.truncate(path, path.stat().st_size - 100)
    flow.session.frames.budget_bytes = 1 << 30
    return path


def damage(path: Path) -> None:
    """Let a stream of JPEG 2000 begin as before, and go on as nothing that can be decoded."""
    content = path.read_bytes()
    place = content.index(b"\xff\x4f\xff\x51")
    path.write_bytes(content[: place + 60] + b"\0" * (len(content) - place - 60))


def shown(flow: Flow, number: int) -> Frame:
    frame = flow.session.panes[number].frame
    assert frame is not None
    return frame


def said(flow: Flow, words: str) -> int:
    return sum(note.text == words for note in flow.session.notes)


def heights_without_values(frame: Frame) -> list[float]:
    """Where along the patient the rows of a coronal or sagittal plane have no measurement."""
    assert frame.affine is not None
    matrix, real = np.array(frame.affine), frame.measured()
    if real is None:
        return []
    lost = ~real
    assert (lost.all(axis=1) == lost.any(axis=1)).all()
    return sorted(float(matrix[2, 3] + row * matrix[2, 1]) for row in np.flatnonzero(lost[:, 0]))


def test_planes_show_a_band_where_a_truncated_file_was(flow: Flow, truncated: Path) -> None:
    run(flow, "mpr")
    assert said(flow, "Slice 17 could not be read; it is a hole in the planes.") == 1
    for number in (1, 2):
        frame = shown(flow, number)
        assert heights_without_values(frame) == [LOST - 0.25, LOST + 0.25]
        (plane,) = frame.planes
        assert plane.label == HOLE
        real = frame.measured()
        assert real is not None
        assert 0.3 < plane.mask[~real].mean() < 0.7
        assert not plane.mask[real].any()
        assert flow.window.review.viewports[number].canvas._layers.planes.legend
        # What is left is what was stored, and nothing between 15 and 17.
        assert set(np.unique(frame.stored[real])) == {*range(COUNT)} - {LOST}
    beside = shown(flow, 0)
    assert beside.measured() is None
    assert beside.planes == ()
    flow.window.review.grid.scroll_to(0, LOST)
    flow.wait(lambda: settled(flow))
    there = shown(flow, 0).measured()
    assert there is not None
    assert not there.any()
    assert said(flow, "Slice 17 could not be read; it is a hole in the planes.") == 1


def test_a_slab_leaves_the_truncated_slice_out(flow: Flow, truncated: Path) -> None:
    run(flow, "slab")
    for mode, wanted in (("maximum", LOST + 1), ("minimum", LOST - 1), ("mean", LOST)):
        flow.window.review.tools.slab_chosen.emit(mode, 2.0)
        flow.window.review.grid.scroll_to(0, LOST)
        flow.wait(lambda: settled(flow))
        assert np.unique(shown(flow, 0).stored).tolist() == [wanted]
    flow.window.review.tools.slab_chosen.emit("maximum", 2.0)
    flow.window.review.grid.scroll_to(0, LOST - 1)
    flow.wait(lambda: settled(flow))
    assert np.unique(shown(flow, 0).stored).tolist() == [LOST - 1]


def test_the_hole_closes_when_its_file_is_whole_again(
    flow: Flow, tmp_path: Path, truncated: Path
) -> None:
    other = series(tmp_path / "again") / truncated.name
    native = next(iter(flow.session.sources.values())).native[LOST]
    run(flow, "mpr")
    assert heights_without_values(shown(flow, 1))
    other.replace(truncated)
    os.utime(truncated, ns=(native.changed_ns, native.changed_ns))
    flow.window.review.grid.scroll_to(3, LOST)
    flow.wait(lambda: settled(flow))
    assert np.unique(shown(flow, 3).stored).tolist() == [LOST]
    assert flow.session.frames.holes(flow.session.sources[shown(flow, 3).key[0]]) == {}
    flow.session.set_active(1)
    run(flow, "next")
    assert heights_without_values(shown(flow, 1)) == []
    assert shown(flow, 1).planes == ()


def test_a_damaged_slice_is_a_hole_and_not_waited_for(flow: Flow, tmp_path: Path) -> None:
    damage(compressed_series(tmp_path, 12) / "3.dcm")
    flow.open(tmp_path)
    run(flow, "mpr")
    assert said(flow, "Slice 4 could not be read; it is a hole in the planes.") == 1
    assert heights_without_values(shown(flow, 1)) == [2.75, 3.25]
    run(flow, "mpr")
    flow.window.review.grid.scroll_to(0, 3)
    flow.wait(lambda: flow.pane.frame_trouble is not None)
    flow.press("Down")
    flow.wait(lambda: settled(flow))
    assert flow.pane.index == 4
    assert flow.pane.frame is not None


def test_slices_far_from_the_one_in_sight_are_read_past_many_holes(
    flow: Flow, tmp_path: Path
) -> None:
    """Nothing ahead of the first picture can be decoded, only the first two slices."""
    compressed_series(tmp_path, 40)
    for number in range(2, 40):
        damage(tmp_path / f"{number}.dcm")
    flow.drop(tmp_path)
    flow.wait(lambda: flow.pane.frame_trouble is not None)
    run(flow, "mpr")
    assert said(flow, "38 slices could not be read; they are holes in the planes.") == 1
    assert len(heights_without_values(shown(flow, 1))) == 2 * 38


def test_a_series_of_which_nothing_can_be_read_has_no_planes(flow: Flow, tmp_path: Path) -> None:
    flow.session.frames = FrameCache(budget_bytes=1)
    flow.open(series(tmp_path, 12))
    for path in tmp_path.glob("*.dcm"):
        os.truncate(path, path.stat().st_size - 100)
    flow.session.frames = FrameCache()
    run(flow, "mpr")
    for number in range(3):
        trouble = flow.session.panes[number].frame_trouble
        assert trouble is not None
        assert trouble.message == (
            "No slice of “CT” can be read, so no planes can be cut through it."
        )
