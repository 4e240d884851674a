"""Which objects belong over which scans, which series the list leaves out, and what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.object_places import listed, own_pictures, scans_under
from app.panes import Pane
from app.session import Session
from app.views.scan_words import scan_lines, scan_warnings, warning_badge
from inference.records import (
    Calibration,
    DicomObject,
    Frame,
    FrameRef,
    ObjectKind,
    Opened,
    Order,
    Source,
)

SCAN = Source(
    "scan", "series", "CT", "study", "", "", "CT", None, "MONOCHROME2", 1, (4, 4), None, "", None,
    None, "position", None, None, (FrameRef("ct.dcm"), FrameRef("ct2.dcm")),
    series_uid="1.1", frame_of_reference="9.9",
)  # fmt: skip
MASKS = replace(SCAN, source_id="masks", refs=(FrameRef("seg.dcm"),), series_uid="1.2")
FOUND = DicomObject(
    "found", "segmentation", "Organs", "seg.dcm", "study", "", "", "SEG", "9.9", ("1.1",)
)


def session_with(*sources: Source, objects: tuple[DicomObject, ...] = (FOUND,)) -> Session:
    session = Session()
    session.add_opened(Opened(sources, (), objects))
    return session


@pytest.mark.parametrize(
    ("found", "scans"),
    [
        (FOUND, ["scan"]),
        (replace(FOUND, series_uids=()), ["scan"]),
        (replace(FOUND, frame_of_reference=""), ["scan"]),
        (replace(FOUND, frame_of_reference="", series_uids=()), []),
        (replace(FOUND, frame_of_reference="8", series_uids=("1.7",)), []),
    ],
)
def test_an_object_belongs_by_the_series_it_names_or_by_its_space(
    found: DicomObject, scans: list[str]
) -> None:
    session = session_with(SCAN, MASKS, objects=(found,))
    assert [scan.source_id for scan in scans_under(session, found)] == scans


@pytest.mark.parametrize(
    ("mine", "its", "lies"), [("Doe", "Roe", False), ("Doe", "Doe", True), ("Doe", "", True)]
)
def test_another_patients_scan_shares_no_space(mine: str, its: str, lies: bool) -> None:
    """Frames of reference are made up anew, or copied, where scans are made anonymous."""
    found = replace(FOUND, series_uids=(), who=mine)
    session = session_with(replace(SCAN, who=its), objects=(found,))
    assert bool(scans_under(session, found)) == lies


@pytest.mark.parametrize("kind", ["report", "other"])
def test_what_draws_nothing_lies_over_nothing(kind: ObjectKind) -> None:
    found = replace(FOUND, kind=kind)
    assert not scans_under(session_with(SCAN, objects=(found,)), found)


def test_masks_do_not_lie_over_masks_of_their_space_unless_they_name_them() -> None:
    """Contours on a parametric map name its series; two segmentations of a scan do not."""
    other = replace(FOUND, object_id="other", path="rt.dcm", series_uids=())
    session = session_with(MASKS, objects=(FOUND, other))
    assert not scans_under(session, other)
    naming = replace(other, series_uids=("1.2",))
    assert [one.source_id for one in scans_under(session, naming)] == ["masks"]


def test_pictures_of_an_object_are_listed_until_its_scan_is_open() -> None:
    session = session_with(MASKS)
    assert own_pictures(session) == {"masks"}
    assert [one.source_id for one in listed(session)] == ["masks"]
    session.add_opened(Opened((SCAN,), ()))
    assert [one.source_id for one in listed(session)] == ["scan"]


def a_frame(calibrations: tuple[Calibration, ...] = (), warnings: tuple[str, ...] = ()) -> Frame:
    stored = np.zeros((4, 4), np.int16)
    return Frame(("scan", 0), stored, calibrations=calibrations, warnings=warnings)


def test_a_scan_says_its_order_and_what_lengths_are_by() -> None:
    source = replace(SCAN, orders=(Order("instance_number", (1, 0)), Order("temporal", (1, 0))))
    frame = a_frame(calibrations=(Calibration((1.0, 1.0), "PixelSpacing"),))
    assert scan_lines(source, frame, None) == (
        "The 2 slices are ordered by position.",
        "The menu of the series also orders them by instance number, time.",
        "Lengths: PixelSpacing.",
    )
    own = Calibration((2.0, 2.0), "set by hand")
    assert scan_lines(SCAN, frame, own)[-1] == "Lengths: calibration set by hand."
    assert "in pixels" in scan_lines(SCAN, a_frame(), None)[-1]


def test_warnings_of_the_scan_come_before_those_of_the_slice_each_once() -> None:
    source = replace(SCAN, warnings=("1 gap: after slice 1.", "Same."))
    pane = Pane("scan", frame=a_frame(warnings=("Same.", "Odd window.")))
    warned = scan_warnings(source, pane)
    assert warned == ("1 gap: after slice 1.", "Same.", "Odd window.")
    assert warning_badge(warned) == "3 warnings"
    assert warning_badge(warned[:1]) == "1 gap"
    assert warning_badge(("The same instance was opened with other bytes as well.",)) == "1 warning"
    assert warning_badge(()) == ""
    plane = replace(pane, plane="coronal")
    assert scan_warnings(source, plane) == source.warnings
