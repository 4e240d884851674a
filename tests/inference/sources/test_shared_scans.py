"""Real scans: order and affine as read from their headers by hand (with dcmdump)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from inference.errors import UserError
from inference.records import Frame, Opened, Point, Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task


@dataclass(frozen=True)
class Scan:
    """One source of a folder and what its headers say of the first, second and last position."""

    folder: str
    title: str
    frames: int
    shape: tuple[int, int]
    first: Point
    second: Point
    last: Point
    row: Point
    column: Point
    spacing: tuple[float, float]
    between_mm: float
    unit: str | None
    even: bool = True


SCANS = (
    Scan(
        "neurolabusc+dcm_qa_ct/In/GE",
        "CT",
        28,
        (512, 512),
        (-125.0, -123.5404569, 5.8360586),
        (-125.0, -123.5404569, 10.0560586),
        (-125.0, -123.5404569, 157.7760586),
        (1.0, 0.0, 0.0),
        (0.0, 0.9483237, -0.3173047),
        (0.4882812, 0.4882812),
        4.22 * 0.9483237,
        "HU",
        even=False,
    ),
    Scan(
        "neurolabusc+dcm_qa_ct/In/Philips",
        "STD BRAIN 5MM",
        28,
        (512, 512),
        (-115.5, -1.85, 696.21),
        (-115.5, -1.85, 701.21),
        (-115.5, -1.85, 831.21),
        (1.0, 0.0, 0.0),
        (0.0, 1.0, 0.0),
        (0.451171875, 0.451171875),
        5.0,
        "HU",
    ),
    Scan(
        "udacity+nd320-c3-3d-imaging-starter/data/TestVolumes/Study3/11_HCropVolume",
        "HippoCrop",
        40,
        (50, 34),
        (0.0, 0.0, 1.0),
        (0.0, 0.0, 2.0),
        (0.0, 0.0, 40.0),
        (1.0, 0.0, 0.0),
        (0.0, 1.0, 0.0),
        (1.0, 1.0),
        1.0,
        None,
    ),
    Scan(
        "neurolabusc+dcm_qa_enh/In/Siemens/XA10/6_1.dcm",
        "REST1 w SMS PF7-8",
        6,
        (64, 64),
        (-109.79, -58.4773, -5.40356),
        (-109.79, -58.4773, -3.00356),
        (-109.79, -58.4774, 6.59644),
        (1.0, -5e-13, 1e-06),
        (-5e-13, 1.0, 1e-06),
        (3.375, 3.375),
        2.4,
        None,
    ),
    # Row (0, 1, 0) × column (0, 0, -1) = (-1, 0, 0): the slices go from the left side to the right.
    Scan(
        "neurolabusc+dcm_qa_decubitus",
        "t1_fl2d_sag",
        35,
        (256, 256),
        (81.599998474121, -130.0, 130.0),
        (76.800003051758, -130.0, 130.0),
        (-81.599998474121, -130.0, 130.0),
        (0.0, 1.0, 0.0),
        (0.0, 0.0, -1.0),
        (1.015625, 1.015625),
        4.8,
        None,
    ),
)


def _open(place: Path) -> Opened:
    return open_sources(OpenRequest((str(place),)), Task())


def _source(shared_data: Path, scan: Scan) -> Source:
    found = [
        source
        for source in _open(shared_data / "dicom" / scan.folder).sources
        if source.title == scan.title
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: scan.folder[:30])
def test_order_and_affine_are_those_of_the_headers(shared_data: Path, scan: Scan) -> None:
    source = _source(shared_data, scan)
    assert (source.frames, source.shape, source.unit) == (scan.frames, scan.shape, scan.unit)
    assert source.order_rule == "position"
    affine = np.array(source.affine)
    np.testing.assert_allclose(affine[:3, 0], np.array(scan.row) * scan.spacing[1], atol=1e-6)
    np.testing.assert_allclose(affine[:3, 1], np.array(scan.column) * scan.spacing[0], atol=1e-6)
    step = np.array(scan.second) - np.array(scan.first)
    np.testing.assert_allclose(affine[:3, 2], step, atol=1e-3)
    np.testing.assert_allclose(affine[:3, 3], scan.first, atol=1e-6)
    last = np.array(source.frame_affine(scan.frames - 1))[:3, 3]
    np.testing.assert_allclose(last, scan.last, atol=1e-3)
    assert source.spacing_mm == pytest.approx((*scan.spacing, scan.between_mm), abs=1e-3)
    assert (source.positions_mm is None) == scan.even


def test_a_tilted_head_says_that_its_slices_are_uneven(shared_data: Path) -> None:
    source = _source(shared_data, SCANS[0])
    assert source.warnings == (
        "The slices are not evenly spaced: 1.08–7.00 mm apart, usually 4.00 mm; the distance "
        "changes after slices 14 and 15.",
        "The gantry was tilted by 18.5°: slices are sheared against each other.",
    )
    assert source.positions_mm is not None
    assert source.positions_mm[14][2] == pytest.approx(61.8360586)


def test_a_scout_beside_the_slices_is_a_source_of_its_own_without_unit(shared_data: Path) -> None:
    sources = _open(shared_data / "dicom" / "neurolabusc+dcm_qa_ct/In/Philips").sources
    assert sorted((source.frames, source.shape, source.unit) for source in sources) == [
        (1, (256, 512), None),
        (28, (512, 512), "HU"),
    ]


def test_values_of_each_frame_of_an_enhanced_scan_are_rescaled_by_its_own(
    shared_data: Path,
) -> None:
    sources = _open(shared_data / "dicom" / "neurolabusc+dcm_qa_enh/In/Philips").sources
    assert [(source.title, source.frames) for source in sources] == [
        ("B0 NS · FIELD_MAP", 32),
        ("B0 NS · M", 32),
    ]
    field, magnitude = (read_frames(read_request(one, (0,)), Task())[0] for one in sources)
    assert (field.slope, field.intercept) == pytest.approx((0.24420024420024, -500.0))
    assert magnitude.intercept == 0.0


def test_every_shared_file_opens_or_is_refused_with_a_sentence(shared_data: Path) -> None:
    opened = _open(shared_data / "dicom")
    paths = {ref.path for source in opened.sources for ref in source.refs}
    paths |= {found.path for found in opened.objects}
    refused = {one.path for one in opened.refused}
    files = {str(path) for path in (shared_data / "dicom").rglob("*") if path.is_file()}
    # A directory of DICOM files opens what it names; only an empty one is refused.
    directories = {one for one in files if Path(one).name.startswith(("DICOMDIR", "DIRFILE"))}
    assert (paths | refused) - directories == files - directories
    assert not paths & refused
    for one in opened.refused:
        assert one.reason.endswith(".")
        assert Path(one.path).name in one.reason
    assert len({source.source_id for source in opened.sources}) == len(opened.sources)
    for source in opened.sources:
        middle = _middle(source)
        if isinstance(middle, str):
            assert middle.endswith(".")
        else:
            assert middle.shape == source.shape
            coloured = source.samples == 3 or source.photometric == "PALETTE COLOR"
            # A grey scan with a supplemental palette.
            coloured |= Path(source.refs[0].path).name == "eCT_Supplemental.dcm"
            assert middle.colour == coloured


def _middle(source: Source) -> Frame | str:
    """The frame in the middle, or the sentence that says why there is none."""
    try:
        return read_frames(read_request(source, (source.frames // 2,)), Task())[0]
    except UserError as error:
        return error.message
