"""Segmentations, contours, key images and reports in the real window, over their scans."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QTreeWidget

from app.object_places import listed
from inference.records import DicomObject
from tests.flows.conftest import Flow
from tests.flows.pointing import canvas_of
from tests.inference.sources.dicom_writer import SERIES, write_slice
from tests.inference.sources.objects.object_writer import (
    KEYS,
    STRUCTURES,
    at,
    code,
    drawn,
    item,
    segment,
    write_frames,
    write_object,
    write_scan,
)


def write_scan_files(folder: Path) -> Path:
    write_scan(folder)
    return folder


def write_masks(path: Path) -> Path:
    """Bone on slice 1 (2 × 4 pixels) and on slice 2 (4 × 4); vein on slice 0, over a corner."""
    pixels = drawn((2, 2, 4, 6), (2, 2, 6, 6), (0, 0, 2, 2))
    return write_frames(
        path,
        pixels,
        at(3.0, 6.0, 0.0),
        numbers=[1, 1, 2],
        SegmentationType="BINARY",
        SeriesDescription="Two structures",
        SegmentSequence=[segment(1, "Bone"), segment(2, "Vein")],
    )


def the_object(flow: Flow) -> DicomObject:
    (found,) = flow.session.objects.values()
    return found


def toggle(flow: Flow, on: bool) -> None:
    flow.window.review.studies.object_toggled.emit(the_object(flow).object_id, on)


def legend_tree(flow: Flow) -> QTreeWidget:
    tree = flow.window.review.panel.segments.findChild(QTreeWidget)
    assert tree is not None
    return tree


def coloured(flow: Flow) -> int:
    """How many pixels of the picture are not grey."""
    image = canvas_of(flow).grab_picture(False).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(int)
    return int(np.count_nonzero(np.ptp(pixels, axis=2) > 20))


def wait_for_overlay(flow: Flow) -> None:
    flow.wait(lambda: bool(flow.session.overlays))


def test_masks_dropped_on_their_scan_are_drawn_over_it(flow: Flow, tmp_path: Path) -> None:
    flow.open(write_scan_files(tmp_path / "scan"))
    scan = flow.pane.source_id
    flow.drop(write_masks(tmp_path / "seg.dcm"))
    wait_for_overlay(flow)
    assert flow.pane.source_id == scan, "the scan stays in sight"
    assert [source.source_id for source in listed(flow.session)] == [scan]
    assert len(flow.session.sources) > 1
    tree = legend_tree(flow)
    assert tree.isVisible()
    head = tree.topLevelItem(0)
    assert head is not None
    names = [head.child(place) for place in range(head.childCount())]
    assert [one.text(0) for one in names if one is not None] == ["Bone", "Vein"]
    toggle(flow, on=False)
    assert not tree.isVisible()


def test_a_segment_is_hidden_by_its_tick_and_the_whole_by_its_object(
    flow: Flow, tmp_path: Path
) -> None:
    flow.open(write_scan_files(tmp_path / "scan"))
    assert flow.pane.index == 1
    before = coloured(flow)
    flow.drop(write_masks(tmp_path / "seg.dcm"))
    wait_for_overlay(flow)
    shown = coloured(flow)
    assert shown > before + 100
    head = legend_tree(flow).topLevelItem(0)
    assert head is not None
    bone = head.child(0)
    assert bone is not None
    bone.setCheckState(0, Qt.CheckState.Unchecked)
    assert coloured(flow) == before
    assert head.checkState(0) == Qt.CheckState.PartiallyChecked
    head.setCheckState(0, Qt.CheckState.Checked)
    assert coloured(flow) == shown
    assert bone.checkState(0) == Qt.CheckState.Checked
    flow.press("O")
    assert coloured(flow) == before


def test_a_double_click_on_a_segment_goes_to_where_it_is_largest(
    flow: Flow, tmp_path: Path
) -> None:
    flow.open(write_scan_files(tmp_path / "scan"))
    flow.drop(write_masks(tmp_path / "seg.dcm"))
    wait_for_overlay(flow)
    head = legend_tree(flow).topLevelItem(0)
    assert head is not None
    for place, index in ((0, 2), (1, 0)):
        one = head.child(place)
        assert one is not None
        legend_tree(flow).itemActivated.emit(one, 0)
        assert flow.pane.index == index


def test_a_folder_with_scan_and_masks_shows_the_scan(flow: Flow, tmp_path: Path) -> None:
    write_masks(write_scan_files(tmp_path / "all") / "0-first.dcm")
    flow.open(tmp_path / "all")
    flow.wait(lambda: len(listed(flow.session)) == 1)
    shown = flow.session.source_of(0)
    assert shown is not None
    assert shown.modality == "CT"
    assert not flow.session.shown_objects, "what lies over a scan is for the person to tick"
    toggle(flow, on=True)
    wait_for_overlay(flow)


def test_masks_without_their_scan_are_pictures_until_it_comes(flow: Flow, tmp_path: Path) -> None:
    flow.open(write_masks(tmp_path / "seg.dcm"))
    pictures = len(listed(flow.session))
    assert pictures == len(flow.session.sources) > 0
    toggle(flow, on=True)
    flow.hear("“Two structures” belongs to a series that is not open.")
    assert not flow.session.shown_objects
    flow.open(write_scan_files(tmp_path / "scan"))
    assert [source.modality for source in listed(flow.session)] == ["CT"]


def test_ticking_an_object_brings_its_scan_into_sight(flow: Flow, tmp_path: Path) -> None:
    write_masks(write_scan_files(tmp_path / "all") / "seg.dcm")
    flow.open(tmp_path / "all")
    scan = flow.pane.source_id
    other = write_slice(tmp_path / "other.dcm", SeriesInstanceUID="1.2.8", FrameOfReferenceUID=None)
    flow.open(other)
    toggle(flow, on=True)
    flow.wait(lambda: flow.pane.source_id == scan and bool(flow.session.overlays))


def test_an_object_that_is_gone_is_said_once_and_off_again(flow: Flow, tmp_path: Path) -> None:
    path = write_masks(write_scan_files(tmp_path / "all") / "seg.dcm")
    flow.open(tmp_path / "all")
    path.unlink()
    toggle(flow, on=True)
    flow.wait(lambda: bool(flow.session.notes))
    assert not flow.session.shown_objects
    flow.press("Down", "Up", "Down")
    flow.wait(lambda: not flow.window.jobs.running)
    assert len(flow.session.notes) == 1


def test_real_masks_that_overlap(flow: Flow, shared_data: Path) -> None:
    """dcmqi's partial_overlaps: five segments on the three slices of a CT."""
    folder = shared_data / "dicom" / "QIICR+dcmqi" / "data" / "segmentations"
    flow.open(folder / "ct-3slice")
    flow.drop(folder / "partial_overlaps.dcm", folder / "liver.dcm")
    wait_for_overlay(flow)
    for found in flow.session.objects.values():
        flow.window.review.studies.object_toggled.emit(found.object_id, True)
    flow.wait(lambda: len(flow.session.overlays) == 2)
    groups = {legend_tree(flow).topLevelItem(number) for number in (0, 1)}
    assert sorted(one.childCount() for one in groups if one is not None) == [1, 5]
    assert len(listed(flow.session)) == 1


def write_contours(path: Path) -> Path:
    """A structure around pixels (0, 0) to (4, 4) of the middle slice."""
    corners = [(-10.0, -20.0), (-8.0, -20.0), (-8.0, -12.0), (-10.0, -12.0)]
    points = [value for corner in corners for value in (*corner, 3.0)]
    contour = item(ContourGeometricType="CLOSED_PLANAR", ContourData=points)
    return write_object(
        path,
        STRUCTURES,
        Modality="RTSTRUCT",
        StructureSetLabel="Plan A",
        StructureSetROISequence=[item(ROINumber=1, ROIName="Heart")],
        ROIContourSequence=[
            item(ReferencedROINumber=1, ContourSequence=[contour], ROIDisplayColor=[255, 0, 0])
        ],
    )


def test_contours_are_drawn_on_their_slice_alone(flow: Flow, tmp_path: Path) -> None:
    flow.open(write_scan_files(tmp_path / "scan"))
    before = coloured(flow)
    flow.drop(write_contours(tmp_path / "rt.dcm"))
    wait_for_overlay(flow)
    assert coloured(flow) > before
    flow.press("Down")
    flow.wait(lambda: coloured(flow) == before)


def test_key_images_of_a_selection_are_marked_and_gone_to(flow: Flow, tmp_path: Path) -> None:
    flow.open(write_scan_files(tmp_path / "scan"))
    references = [
        item(ValueType="IMAGE", ReferencedSOPSequence=[item(ReferencedSOPInstanceUID=uid)])
        for uid in ("1.2.3.2", "1.2.3.0", "1.2.99")
    ]
    flow.drop(
        write_object(
            tmp_path / "ko.dcm",
            KEYS,
            Modality="KO",
            ConceptNameCodeSequence=code("113000", "Of Interest"),
            ContentSequence=references,
        )
    )
    flow.wait(lambda: bool(flow.session.objects))
    flow.window.review.studies.key_images_requested.emit(the_object(flow).object_id)
    flow.hear("2 key images are marked by “Key images: Of Interest”.")
    assert flow.pane.index == 0
    flow.press("N")
    assert flow.pane.index == 2
    assert flow.session.labels.history.cursor == 0, "another's selection is no act of the person"


def test_key_images_of_a_series_that_is_not_open(flow: Flow, tmp_path: Path) -> None:
    flow.drop(
        write_object(
            tmp_path / "ko.dcm",
            KEYS,
            Modality="KO",
            ConceptNameCodeSequence=code("113000", "Of Interest"),
            ContentSequence=[item(ValueType="TEXT", TextValue="Look")],
            CurrentRequestedProcedureEvidenceSequence=[
                item(ReferencedSeriesSequence=[item(SeriesInstanceUID=SERIES)])
            ],
        )
    )
    flow.wait(lambda: bool(flow.session.objects))
    flow.window.review.studies.key_images_requested.emit(the_object(flow).object_id)
    flow.hear("names images of a series that is not open")


def test_graphics_of_the_file_go_and_come_back(flow: Flow, shared_data: Path) -> None:
    folder = shared_data / "dicom" / "pydicom+pydicom-data" / "data_store" / "data"
    flow.open(folder / "MR-SIEMENS-DICOM-WithOverlays.dcm")
    shown = coloured(flow)
    flow.press("Shift+O")
    hidden = coloured(flow)
    assert hidden + 100 < shown
    flow.press("Shift+O")
    assert coloured(flow) == shown
