"""What a person marks in the real window: figures right, kept at once, there after a restart."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QInputDialog

from app.actions import moving
from app.acts import Mark
from app.keys import Command
from app.marks import CALIBRATION
from app.places import personal_folder
from app.window_acts import choose_layout
from inference.measures import measure, words
from inference.records import (
    Calibration,
    Frame,
    FrameRef,
    Measure,
    Measured,
    ObjectOverlay,
    Preview,
    Segment,
    SegmentPiece,
)
from tests.flows.conftest import Flow
from tests.flows.pointing import canvas_of, click, drag, move, press, release
from tests.inference.sources.dicom_writer import write_slice

Start = Callable[[], AbstractContextManager[Flow]]
ROWS, COLUMNS = 40, 60


def scan(folder: Path, count: int = 3, **changes: object) -> Path:
    """Slices of 40 rows, 2 mm apart, and 60 columns, 0.5 mm apart; value = 100 · row + column."""
    pixels = np.add.outer(100 * np.arange(ROWS), np.arange(COLUMNS)).astype(np.int16)
    for index in range(count):
        values = {
            "SOPInstanceUID": f"1.2.{index + 1}",
            "ImagePositionPatient": [0.0, 0.0, 3.0 * index],
            **changes,
        }
        write_slice(folder / f"{index}.dcm", pixels, **values)
    return folder


def open_whole(flow: Flow, folder: Path) -> None:
    """Open a series and wait for all its frames, so that keys show them at once."""
    flow.open(folder)
    source = flow.session.source_of(flow.session.active)
    assert source is not None
    flow.wait(lambda: flow.session.frames.share(source) == 1.0)


def the_frame(flow: Flow) -> Frame:
    assert flow.pane.frame is not None
    return flow.pane.frame


def drawn(flow: Flow) -> tuple[Measure, ...]:
    return flow.session.marks.on(the_frame(flow).key)


def named(flow: Flow, name: str) -> Command:
    return next(one for one in flow.window.commands if one.name == name)


def draw(flow: Flow, tool: str, *, number: int) -> Measured:
    """What the last of `number` measures gives, reckoned as the window does."""
    flow.wait(lambda: len(drawn(flow)) == number)
    last = drawn(flow)[-1]
    assert last.kind == tool
    own = flow.session.marks.calibration_on(the_frame(flow).key)
    return measure(last, the_frame(flow), own)


def inside(
    kind: str, points: tuple[tuple[float, float], ...], shape: tuple[int, int]
) -> np.ndarray:
    """Pixels whose centres lie in a box or its ellipse, pixel by pixel."""
    (x0, y0), (x1, y1) = points
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    across = (columns - (x0 + x1) / 2) / (abs(x1 - x0) / 2)
    down = (rows - (y0 + y1) / 2) / (abs(y1 - y0) / 2)
    if kind == "rectangle":
        return np.asarray((abs(across) <= 1) & (abs(down) <= 1))
    return np.asarray(across**2 + down**2 <= 1)


def test_lengths_and_angles_on_a_real_scan(flow: Flow, shared_data: Path) -> None:
    flow.open(shared_data / "dicom" / "okieraised+sample-dicom")
    spacing = 0.6640625  # (0028,0030) as dcmdump shows it
    flow.press("D")
    drag(flow, (100, 100), (220, 190))
    found = draw(flow, "length", number=1)
    (x0, y0), (x1, y1) = drawn(flow)[0].points
    assert found.length == pytest.approx(spacing * math.dist((x0, y0), (x1, y1)))
    assert found.length == pytest.approx(150 * spacing, abs=spacing)
    assert words(found) == (f"{found.length:.1f} mm (PixelSpacing)",)
    flow.press("A")
    click(flow, (300, 100), (350, 150), (400, 150))
    assert draw(flow, "angle", number=2).angle_degrees == pytest.approx(135, abs=1)


@pytest.mark.parametrize(("key", "kind"), [("R", "rectangle"), ("Q", "ellipse")])
def test_values_under_a_region_of_a_real_scan(
    flow: Flow, shared_data: Path, key: str, kind: str
) -> None:
    flow.open(shared_data / "dicom" / "okieraised+sample-dicom")
    flow.press(key)
    drag(flow, (220, 220), (300, 260))
    found = draw(flow, kind, number=1)
    points = drawn(flow)[0].points
    values = the_frame(flow).values()[inside(kind, points, the_frame(flow).shape)]
    assert found.count == values.size > 2000
    assert found.mean == pytest.approx(values.mean(dtype=float))
    assert found.deviation == pytest.approx(values.std(dtype=float))
    assert (found.minimum, found.maximum) == (values.min(), values.max())
    width, height = (abs(points[0][axis] - points[1][axis]) * 0.6640625 for axis in (0, 1))
    share = 1.0 if kind == "rectangle" else math.pi / 4
    assert found.area == pytest.approx(width * height * share)
    assert found.value_unit == "HU"


def test_a_polygon_is_clicked_from_point_to_point(flow: Flow, tmp_path: Path) -> None:
    """A triangle on pixel edges: 20 pixels wide, 20 high, of 0.5 mm × 2 mm."""
    flow.open(scan(tmp_path))
    flow.press("G")
    corners = ((10.0, 10.0), (30.0, 10.0), (10.0, 30.0))
    click(flow, *corners, corners[0])
    found = draw(flow, "polygon", number=1)
    (ax, ay), (bx, by), (cx, cy) = drawn(flow)[0].points
    by_hand = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    assert found.area == pytest.approx(by_hand * 0.5 * 2.0)
    assert found.area == pytest.approx(200, rel=0.05)


def test_figures_follow_the_hand_while_it_draws(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow.open(scan(tmp_path))
    flow.press("D")
    said: list[tuple[str, ...]] = []
    monkeypatch.setattr(canvas_of(flow), "set_draft_lines", said.append)
    press(flow, (10, 10))
    for column in (20, 30, 50):
        move(flow, (column, 10))
    assert [float(lines[0].split()[0]) for lines in said] == pytest.approx([5, 10, 20], abs=0.6)
    assert not drawn(flow)
    release(flow, (50, 10))
    flow.wait(lambda: len(drawn(flow)) == 1)


def test_measures_by_keys_alone(flow: Flow, tmp_path: Path) -> None:
    open_whole(flow, scan(tmp_path))
    flow.press("D", "Return")
    flow.wait(lambda: len(drawn(flow)) == 1)
    before = drawn(flow)[0].points
    flow.press("Right", "Down", "Shift+Down")
    after = drawn(flow)[0].points
    assert np.subtract(after, before).tolist() == [[1.0, 11.0]] * 2
    assert flow.pane.index == 1, "arrows move the measure, not the slice"
    flow.press("Del")
    assert not drawn(flow)
    flow.press("Down")
    assert flow.pane.index == 2


def test_two_viewports_of_one_frame_show_one_measure(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_whole(flow, scan(tmp_path))
    choose_layout(flow.window, "1x2")
    first, other = flow.session.visible
    flow.wait(lambda: all(flow.session.panes[one].frame is not None for one in (first, other)))
    moving.scroll(flow.session, flow.window.jobs, first, flow.session.panes[other].index)
    seen: list[tuple[tuple[float, float], ...]] = []
    canvas = flow.window.review.viewports[other].canvas
    monkeypatch.setattr(
        canvas, "set_measures", lambda shown: seen.extend(one.measure.points for one in shown)
    )
    flow.session.set_active(first)
    flow.press("D")
    drag(flow, (10, 10), (40, 10))
    flow.wait(lambda: bool(seen))
    press(flow, (25, 10))
    move(flow, (25, 20))
    assert seen[-1][0][1] == pytest.approx(20, abs=1), "it follows before it is let go"
    release(flow, (25, 20))
    assert seen[-1] == drawn(flow)[0].points


def test_marks_are_there_after_a_restart_and_deleted_ones_are_not(
    start: Start, sample_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scan(tmp_path)
    with start() as flow:
        open_whole(flow, folder)
        flow.press("D")
        drag(flow, (10, 10), (50, 10))
        drag(flow, (10, 20), (50, 20))
        flow.wait(lambda: len(drawn(flow)) == 2)
        flow.press("K", "Down", "K", "K", "Up")
        kept, gone = drawn(flow)
        monkeypatch.setattr(QInputDialog, "getDouble", lambda *_given: (80.0, True))
        flow.window.run_command(named(flow, "calibrate"))
        canvas_of(flow).measure_deleted.emit(gone.measure_id)
    with start() as flow:
        flow.open(folder)
        flow.wait(lambda: bool(drawn(flow)))
        assert drawn(flow) == (kept,), "the window was closed at once"
        assert {index for _, index in flow.session.marks.key_images} == {1}
        found = draw(flow, "length", number=1)
        assert found.length == pytest.approx(80.0)
        assert found.calibration == "set by hand"
        flow.window.run_command(named(flow, "uncalibrate"))
        assert draw(flow, "length", number=1).length == pytest.approx(20.0, abs=0.6)
    with start() as flow:
        flow.open(folder)
        flow.wait(lambda: bool(drawn(flow)))
        assert not flow.session.marks.calibrations


def test_a_store_that_cannot_be_written_costs_a_sentence_not_the_measure(
    start: Start, sample_model: str, tmp_path: Path
) -> None:
    (personal_folder() / "project.sqlite").mkdir(parents=True)
    with start() as flow:
        open_whole(flow, scan(tmp_path))
        flow.press("D")
        drag(flow, (10, 10), (50, 10))
        flow.hear("could not be kept")
        assert len(drawn(flow)) == 1
        assert flow.session.saved_at is None
        flow.press("Down", "Up")
        assert len(drawn(flow)) == 1


def test_what_is_said_to_be_saved_is_on_the_disk(flow: Flow, tmp_path: Path) -> None:
    flow.open(scan(tmp_path))
    flow.press("D")
    drag(flow, (10, 10), (50, 10))
    flow.wait(lambda: flow.session.saved_at is not None)
    database = sqlite3.connect(f"file:{personal_folder() / 'project.sqlite'}?mode=ro", uri=True)
    rows = database.execute("SELECT source_id, thing FROM head WHERE live").fetchall()
    database.close()
    source_id = the_frame(flow).key[0]
    assert rows == [(source_id, f"{source_id}/{drawn(flow)[0].measure_id}")]


def test_ultrasound_is_measured_within_its_region_alone(flow: Flow, shared_data: Path) -> None:
    """Region 14, 38 to 1011, 759; 0.0254767 cm a pixel (0018,602C)."""
    folder = shared_data / "dicom" / "pydicom+pydicom-data" / "data_store" / "data"
    flow.open(folder / "JPGLosslessP14SV1_1s_1f_8b.dcm")
    flow.press("D")
    drag(flow, (300, 200), (400, 200))
    found = draw(flow, "length", number=1)
    (x0, _), (x1, _) = drawn(flow)[0].points
    assert found.length == pytest.approx((x1 - x0) * 0.254767, rel=1e-5)
    assert found.calibration == "ultrasound region"
    drag(flow, (5, 5), (400, 300))
    found = draw(flow, "length", number=2)
    assert (found.unit, found.calibration) == ("px", "not within one ultrasound region")
    drag(flow, (1015, 300), (1015, 500))
    assert draw(flow, "length", number=3).unit == "px"


def test_lengths_on_a_radiograph_are_at_the_detector(flow: Flow, shared_data: Path) -> None:
    """16 × 16 pixels of 0.1 mm (0018,1164); no Pixel Spacing, no magnification factor."""
    tests = shared_data / "dicom" / "pydicom+pydicom" / "src" / "pydicom" / "data" / "test_files"
    flow.open(tests / "dicomdirtests" / "77654033" / "CR1" / "6154")
    flow.press("D")
    drag(flow, (4, 5), (12, 5))
    found = draw(flow, "length", number=1)
    assert found.length == pytest.approx(0.8, abs=0.01)
    assert found.calibration == "ImagerPixelSpacing at the detector"


def test_without_a_calibration_lengths_are_pixels_until_one_is_given(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow.open(scan(tmp_path, PixelSpacing=None, ImageOrientationPatient=None))
    flow.window.run_command(named(flow, "calibrate"))
    flow.hear("There is no length to calibrate by.")
    flow.press("D")
    drag(flow, (10, 10), (50, 10))
    found = draw(flow, "length", number=1)
    assert words(found) == (f"{found.length:.1f} px (no valid calibration)",)
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_given: (100.0, True))
    flow.window.run_command(named(flow, "calibrate"))
    assert words(draw(flow, "length", number=1)) == ("100.0 mm (set by hand)",)
    assert "set by hand" in flow.window.review.panel.notes.text()
    flow.press("R")
    drag(flow, (10, 20), (50, 30))
    assert draw(flow, "rectangle", number=2).area == pytest.approx(100 * 25, rel=0.05)


def test_a_measure_on_a_plane_is_in_the_patient(flow: Flow, tmp_path: Path) -> None:
    """A coronal plane of slices 3 mm apart with columns of 0.5 mm."""
    flow.open(scan(tmp_path, 20))
    flow.window.run_command(named(flow, "mpr"))
    session = flow.session
    flow.wait(lambda: all(session.panes[one].frame is not None for one in session.visible))
    coronal = next(one for one in session.visible if session.panes[one].plane == "coronal")
    session.set_active(coronal)
    flow.press("D")
    rows, columns = the_frame(flow).shape
    drag(flow, (columns / 2, 0), (columns / 2, rows))
    found = draw(flow, "length", number=1)
    assert found.length == pytest.approx(57 + 3, abs=1.5), "from the first slice to the last"
    assert found.calibration == "geometry of the volume"
    index = flow.pane.index
    flow.press("Down")
    flow.wait(lambda: the_frame(flow).key[1] == index + 1)
    assert not drawn(flow)
    flow.press("Up")
    flow.wait(lambda: the_frame(flow).key[1] == index)
    assert len(drawn(flow)) == 1


def test_a_calibration_is_that_of_the_slices_and_not_of_planes_through_them(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_given: (80.0, True))
    flow.open(scan(tmp_path, 20))
    flow.press("D")
    drag(flow, (10, 10), (50, 10))
    flow.wait(lambda: len(drawn(flow)) == 1)
    flow.window.run_command(named(flow, "calibrate"))
    notes = flow.window.review.panel.notes
    assert "Lengths: calibration set by hand." in notes.text()
    flow.window.run_command(named(flow, "mpr"))
    session = flow.session
    flow.wait(lambda: all(session.panes[one].frame is not None for one in session.visible))
    session.set_active(next(n for n in session.visible if session.panes[n].plane == "coronal"))
    flow.wait(lambda: "Lengths: geometry of the volume." in notes.text())
    flow.press("D")
    rows, columns = the_frame(flow).shape
    drag(flow, (columns / 2, 0), (columns / 2, rows))
    assert draw(flow, "length", number=1).length == pytest.approx(57 + 3, abs=1.5)
    flow.window.run_command(named(flow, "calibrate"))
    flow.hear("A plane through the scan cannot be calibrated.")


def test_a_first_picture_shows_nothing_of_the_scan_before(flow: Flow, tmp_path: Path) -> None:
    open_whole(flow, scan(tmp_path, 3))
    session, canvas, pane = flow.session, canvas_of(flow), flow.pane
    frame = replace(the_frame(flow), key=("", 0))
    preview = Preview(FrameRef("next.dcm"), frame)
    session.set_preview(session.active, preview)
    plain = canvas.grab_picture(True)
    session.put_pane(session.active, pane)
    flow.press("K")
    own = Calibration((9.0, 9.0), "set by hand")
    session.edit_marks(lambda book: book.apply(Mark(pane.source_id or "", CALIBRATION, own)))
    whole = SegmentPiece(0, 0, 0, 0, np.full(frame.shape, 255, np.uint8))
    segments = (Segment(1, "Liver", (255, 0, 0)),)
    canvas.set_objects((ObjectOverlay("o", "", segments, (whole,)),), 0, frozenset())
    assert canvas.grab_picture(True) != plain
    session.set_preview(session.active, preview)
    assert canvas.grab_picture(True) == plain


def test_key_images_are_marked_and_gone_through(flow: Flow, tmp_path: Path) -> None:
    open_whole(flow, scan(tmp_path, 9))
    flow.press("N")
    flow.hear("There is no key image in this scan.")
    flow.press("Home", "K", "Down", "Down", "Down", "K", "End", "K", "Home")
    seen = []
    for _ in range(3):
        flow.press("N")
        seen.append(flow.pane.index)
    assert seen == [3, 8, 0]
    flow.press("K", "N", "N")
    assert flow.pane.index == 8
    assert {index for _, index in flow.session.marks.key_images} == {3, 8}
