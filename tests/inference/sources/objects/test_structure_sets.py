"""Contours on their slices, in pixel edges; what cannot be drawn is counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import Source
from inference.requests import ObjectRequest
from inference.sources.objects.overlay import read_overlay
from inference.task import Task
from tests.inference.sources.dicom_writer import PLACE
from tests.inference.sources.objects.object_writer import (
    STRUCTURES,
    item,
    open_object,
    open_source,
    overlay,
    write_object,
    write_scan,
)

SQUARE = [(-10.0, -20.0), (-8.0, -20.0), (-8.0, -12.0), (-10.0, -12.0)]
"""Centres of the pixels (0, 0), (4, 0), (4, 4), (0, 4) of a scan at -10, -20 with 2 × 0.5 mm."""


def _contour(points: Sequence[Sequence[float]], kind: str = "CLOSED_PLANAR") -> Dataset:
    flat = [float(value) for point in points for value in point]
    return item(ContourGeometricType=kind, ContourData=flat)


def _raised(height: float) -> list[tuple[float, float, float]]:
    return [(x, y, height) for x, y in SQUARE]


def _write(path: Path, contours: dict[int, list[Dataset]], **colour: Any) -> Path:
    """Structures 1, 2, … of which some have contours."""
    names = {1: "Heart", 2: "Lung"}
    return write_object(
        path,
        STRUCTURES,
        Modality="RTSTRUCT",
        StructureSetLabel="Plan A",
        StructureSetROISequence=[
            item(ROINumber=number, ROIName=name, ROIGenerationAlgorithm="MANUAL")
            for number, name in names.items()
        ],
        ROIContourSequence=[
            item(ReferencedROINumber=number, ContourSequence=found, **colour)
            for number, found in contours.items()
        ],
    )


def test_points_are_in_pixel_edges_on_the_slice_of_their_height(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    path = _write(tmp_path / "rt.dcm", {1: [_contour(_raised(3.0))]}, ROIDisplayColor=[1, 2, 255])
    found = overlay(path, source)
    (piece,) = found.contours
    assert (piece.frame, piece.segment, piece.closed) == (1, 0, True)
    np.testing.assert_allclose(piece.points, [(0.5, 0.5), (4.5, 0.5), (4.5, 4.5), (0.5, 4.5)])
    assert piece.points.dtype == np.float32
    first, second = found.segments
    assert (first.number, first.label, first.colour) == (1, "Heart", (1, 2, 255))
    assert first.details == "manual"
    assert second.label == "Lung"
    assert found.warnings == ("Without contours: Lung.",)


@pytest.mark.parametrize(
    ("kind", "closed"),
    [("CLOSED_PLANAR", True), ("OPEN_PLANAR", False), ("POINT", False), ("OPEN_NONPLANAR", False)],
)
def test_open_and_closed(tmp_path: Path, kind: str, closed: bool) -> None:
    source = write_scan(tmp_path / "scan")
    points = _raised(0.0)[:1] if kind == "POINT" else _raised(0.0)
    path = _write(tmp_path / "rt.dcm", {2: [_contour(points, kind)]})
    (piece,) = overlay(path, source).contours
    assert (piece.closed, len(piece.points), piece.segment) == (closed, len(points), 1)


@pytest.mark.parametrize(
    ("height", "frame"),
    [(-1.4, 0), (1.4, 0), (1.6, 1), (5.9, 2), (7.4, 2), (-1.6, None), (9, None)],
)
def test_the_nearest_slice_within_half_a_slice_distance(
    tmp_path: Path, height: float, frame: int | None
) -> None:
    source = write_scan(tmp_path / "scan")
    found = overlay(_write(tmp_path / "rt.dcm", {1: [_contour(_raised(height))]}), source)
    assert [piece.frame for piece in found.contours] == ([] if frame is None else [frame])
    lost = "1 contour on no slice of the scan: not drawn."
    assert (lost in found.warnings) == (frame is None)


def test_a_missing_slice_stays_without_contours(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan", (0.0, 1.0, 2.0, 4.0, 5.0))
    found = overlay(_write(tmp_path / "rt.dcm", {1: [_contour(_raised(3.0))]}), source)
    assert found.contours == ()


def test_what_cannot_be_drawn_is_counted(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    upright = [(-10.0, -20.0, 0.0), (-8.0, -20.0, 0.0), (-8.0, -20.0, 6.0)]
    odd = item(ContourGeometricType="CLOSED_PLANAR", ContourData=[1.0, 2.0, 3.0, 4.0])
    none = item(ContourGeometricType="CLOSED_PLANAR")
    contours = [_contour(upright), odd, none, _contour(_raised(0.0)), _contour(_raised(99.0))]
    found = overlay(_write(tmp_path / "rt.dcm", {1: contours, 2: []}), source)
    assert len(found.contours) == 1
    assert found.warnings == (
        "1 contour on no slice of the scan: not drawn.",
        "1 contour not parallel to the slices: not drawn.",
        "2 contours with malformed coordinates: not drawn.",
        "Without contours: Lung.",
    )


def test_frames_at_one_place_all_show_it(tmp_path: Path) -> None:
    """A film of one slice: the contour is drawn on each of its frames."""
    source = write_scan(tmp_path / "scan", (0.0, 0.0, 0.0))
    assert source.frames == 3
    found = overlay(_write(tmp_path / "rt.dcm", {1: [_contour(_raised(0.0))]}), source)
    assert [piece.frame for piece in found.contours] == [0, 1, 2]


def _oblique(folder: Path) -> Source:
    turn = [0.8, 0.6, 0.0, -0.36, 0.48, 0.8]
    normal = np.cross(turn[:3], turn[3:])
    for number in range(3):
        place = np.array([-10.0, -20.0, 5.0]) + 2.5 * number * normal
        write_scan(
            folder,
            (0.0,),
            ImageOrientationPatient=turn,
            ImagePositionPatient=[float(value) for value in place],
            SOPInstanceUID=f"1.2.3.{number}",
        )
        (folder / "0.dcm").rename(folder / f"slice-{number}.dcm")
    return open_source(folder)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    points=st.lists(
        st.tuples(st.floats(-3, 15), st.floats(-3, 12)), min_size=3, max_size=9, unique=True
    ),
    frame=st.integers(0, 2),
)
def test_contours_of_an_oblique_scan_come_back_to_their_pixels(
    tmp_path_factory: pytest.TempPathFactory,
    points: list[tuple[float, float]],
    frame: int,
) -> None:
    folder = tmp_path_factory.mktemp("oblique")
    source = _oblique(folder / "scan")
    assert source.frames == 3
    matrix = np.array(source.frame_affine(frame))
    # From pixel edges to centres, then by the affine of the frame: nothing of ours in between.
    homogeneous = np.array([(x - 0.5, y - 0.5, 0.0, 1.0) for x, y in points])
    in_patient = (homogeneous @ matrix.T)[:, :3]
    path = _write(folder / "rt.dcm", {1: [_contour(np.round(in_patient, 4).tolist())]})
    (piece,) = overlay(path, source).contours
    assert piece.frame == frame
    np.testing.assert_allclose(piece.points, points, atol=2e-3)


def test_structures_of_another_space_are_not_drawn(tmp_path: Path) -> None:
    """A structure set may hold structures of two frames of reference (PS3.3 C.8.8.5)."""
    source = write_scan(tmp_path / "scan")
    contours = {1: [_contour(_raised(0.0))], 2: [_contour(_raised(0.0))]}
    path = _write(tmp_path / "rt.dcm", contours)
    dataset = dcmread(path)
    for structure, space in zip(dataset.StructureSetROISequence, (PLACE, "1.2.9"), strict=True):
        structure.ReferencedFrameOfReferenceUID = space
    dataset.save_as(path)
    found = overlay(path, source)
    assert [piece.segment for piece in found.contours] == [0]
    assert found.warnings == ("In another space than this scan, not drawn: Lung.",)


def test_spaces_that_agree_with_nothing_do_not_count(tmp_path: Path) -> None:
    """The set names the very series; the scan's frame of reference was made anew."""
    source = write_scan(tmp_path / "scan")
    path = _write(tmp_path / "rt.dcm", {1: [_contour(_raised(0.0))]})
    dataset = dcmread(path)
    dataset.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = "1.2.9"
    dataset.save_as(path)
    assert len(overlay(path, source).contours) == 1


def test_a_scan_without_geometry_is_refused(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan", ImagePositionPatient=None)
    path = _write(tmp_path / "rt.dcm", {1: [_contour(_raised(0.0))]})
    with pytest.raises(UserError, match="nothing is known of where this scan lies"):
        overlay(path, source)


def test_the_shared_one_names_what_it_holds(shared_data: Path, tmp_path: Path) -> None:
    """Contours at z = -200, -190 and -180, two points at the origin (read with dcmdump)."""
    path = shared_data / "dicom/pydicom+pydicom/src/pydicom/data/test_files/rtstruct.dcm"
    found = open_object(path)
    assert (found.kind, found.title, found.modality) == ("structure_set", "sep30", "RTSTRUCT")
    assert found.details == ("3 structures.",)
    assert found.frame_of_reference == "1.2.826.0.1.3680043.8.498.2010020400001.2"
    assert found.series_uids == ("1.2.826.0.1.3680043.8.498.2010020400001.2.1.1",)
    source = write_scan(
        tmp_path / "scan",
        (-200.0, -190.0, -180.0),
        FrameOfReferenceUID=found.frame_of_reference,
    )
    drawn = read_overlay(ObjectRequest(found, source), Task())
    assert [(one.label, one.colour) for one in drawn.segments] == [
        ("patient", (220, 160, 120)),
        ("Isocenter 1", (255, 64, 255)),
        ("Isocenter 2", (255, 64, 255)),
    ]
    assert [(piece.frame, len(piece.points)) for piece in drawn.contours] == [
        (0, 5),
        (1, 6),
        (2, 6),
    ]
    # The first point, (-200, 150, -200), of a scan at (-10, -20) with 0.5 × 2 mm.
    np.testing.assert_allclose(drawn.contours[0].points[0], (-190 / 0.5 + 0.5, 170 / 2 + 0.5))
    assert drawn.warnings == ("2 contours on no slice of the scan: not drawn.",)
