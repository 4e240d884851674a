"""Where the masks of a segmentation go: copied, shifted, resampled, by reference, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.errors import UserError
from inference.records import Source
from inference.sources.dicom_header import read_dataset
from tests.inference.sources.dicom_writer import write_slice
from tests.inference.sources.objects.object_writer import (
    COLUMNS,
    ORIGIN,
    ROWS,
    at,
    drawn,
    item,
    masks,
    open_source,
    overlay,
    segment,
    write_frames,
    write_scan,
)


def test_slices_that_are_left_out_stay_empty(tmp_path: Path) -> None:
    """Stored on every third slice alone, with a thickness larger than the slices' distance."""
    source = write_scan(tmp_path / "scan", tuple(float(z) for z in range(7)))
    measures = item(PixelSpacing=[2.0, 0.5], SliceThickness=5)
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 2, 2), (0, 0, 2, 2)),
        at(0.0, 3.0),
        numbers=(1, 1),
        SegmentSequence=[segment(1, "One")],
        groups=[{"PixelMeasuresSequence": [measures]}] * 2,
    )
    assert [piece.frame for piece in overlay(path, source).pieces] == [0, 3]


def test_planes_beside_the_slices_go_to_the_nearest(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan", (0.0, 3.0, 6.0))
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1), (0, 0, 2, 2), (0, 0, 3, 3), (0, 0, 4, 4)),
        at(0.7, 3.7, 6.7, 40.0),
        numbers=(1, 1, 1, 1),
        SegmentSequence=[segment(1, "One")],
    )
    found = overlay(path, source)
    assert [(piece.frame, piece.mask.shape) for piece in found.pieces] == [
        (0, (1, 1)),
        (1, (2, 2)),
        (2, (3, 3)),
    ]
    assert found.warnings == (
        "Its planes lie up to 0.7 mm beside the slices.",
        "1 of its 4 planes lie on no slice of the scan.",
    )


def test_a_shifted_grid_is_copied_and_cut_at_the_edge(tmp_path: Path) -> None:
    """Two rows down (2 mm each) and three columns to the left (0.5 mm each)."""
    source = write_scan(tmp_path / "scan")
    boxes = np.arange(ROWS * COLUMNS).reshape(1, ROWS, COLUMNS).astype(np.uint8) % 3 % 2
    path = write_frames(
        tmp_path / "seg.dcm",
        boxes,
        [(ORIGIN[0] - 1.5, ORIGIN[1] + 4.0, 3.0)],
        numbers=(1,),
        SegmentSequence=[segment(1, "One")],
    )
    found = overlay(path, source)
    expected = np.zeros((ROWS, COLUMNS), np.uint8)
    expected[2:, :-3] = boxes[0, :-2, 3:] * 255
    np.testing.assert_array_equal(masks(found, source)[0, 1], expected)
    assert found.warnings == ()


def test_half_the_resolution_is_resampled_and_said(tmp_path: Path) -> None:
    """Voxels of 4 × 1 mm over pixels of 2 × 0.5 mm whose outer corners are the same."""
    source = write_scan(tmp_path / "scan")
    coarse = np.zeros((1, ROWS // 2, COLUMNS // 2), np.uint8)
    coarse[0, 1, 2], coarse[0, 3, 4] = 1, 1
    path = write_frames(
        tmp_path / "seg.dcm",
        coarse,
        [(ORIGIN[0] + 0.25, ORIGIN[1] + 1.0, 6.0)],
        numbers=(1,),
        spacing=(4.0, 1.0),
        SegmentSequence=[segment(1, "One")],
    )
    found = overlay(path, source)
    np.testing.assert_array_equal(
        masks(found, source)[0, 2], np.kron(coarse[0], np.ones((2, 2), np.uint8)) * 255
    )
    assert found.warnings == (
        "It lies on another grid than the scan and was resampled to its pixels.",
    )


def test_a_coarser_stack_fills_the_slices_between(tmp_path: Path) -> None:
    """Planes at 1.25 and 5.25 mm reach 2 mm each way."""
    source = write_scan(tmp_path / "scan", tuple(float(z) for z in range(0, 9)))
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1), (0, 0, 2, 2)),
        at(1.25, 5.25),
        numbers=(1, 1),
        SegmentSequence=[segment(1, "One")],
    )
    found = overlay(path, source)
    assert {piece.frame: piece.mask.shape for piece in found.pieces} == {
        **dict.fromkeys((0, 1, 2, 3), (1, 1)),
        **dict.fromkeys((4, 5, 6, 7), (2, 2)),
    }


def test_a_box_meets_slices_in_another_direction_as_a_box(tmp_path: Path) -> None:
    """Axial masks of 1 mm over a sagittal scan: a box of the patient stays that box."""
    shape = (20, 24)
    origin = np.array([3.0, -11.0, 15.0])
    source = _sagittal(tmp_path / "scan", origin, shape)
    box = np.zeros((12, 30, 30), np.uint8)
    box[2:9, 4:20, 1:4] = 1  # z 2..8, y -10+4..-10+19, x 1..3 by voxel centres
    path = write_frames(
        tmp_path / "seg.dcm",
        box,
        [(0.0, -10.0, float(z)) for z in range(12)],
        numbers=[1] * 12,
        spacing=(1.0, 1.0),
        SegmentSequence=[segment(1, "One")],
    )
    found = overlay(path, source)
    whole = masks(found, source)[0]
    for index in range(source.frames):
        matrix = np.array(source.frame_affine(index))
        for row in range(shape[0]):
            for column in range(shape[1]):
                x, y, z, _ = matrix @ (column, row, 0, 1)
                inside = 0.5 < x < 3.5 and -6.5 < y < 9.5 and 1.5 < z < 8.5
                assert (whole[index, row, column] == 255) == inside, (index, row, column)
    assert found.warnings[0].startswith("It lies on another grid")


def _sagittal(folder: Path, origin: np.ndarray, shape: tuple[int, int]) -> Source:
    """Four slices 1.2 mm apart, columns along y and rows down."""
    for number in range(4):
        write_slice(
            folder / f"{number}.dcm",
            np.zeros(shape, np.int16) + number,
            ImageOrientationPatient=[0.0, 1.0, 0.0, 0.0, 0.0, -1.0],
            ImagePositionPatient=[float(origin[0] - 1.2 * number), origin[1], origin[2]],
            PixelSpacing=[0.9, 0.8],
            SOPInstanceUID=f"1.2.9.{number}",
        )
    return open_source(folder)


def test_without_a_place_the_instances_decide(tmp_path: Path) -> None:
    """A segmentation of a projection names the picture that each frame was derived from."""
    source = write_scan(tmp_path / "scan", ImagePositionPatient=None)
    assert source.affine is None
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1), (0, 0, 2, 2), (0, 0, 3, 3)),
        [None, None, None],
        numbers=(1, 1, 1),
        SegmentSequence=[segment(1, "One")],
        groups=_derived_from("1.2.3.2", "1.2.3.0", "1.2.3.77"),
    )
    found = overlay(path, source)
    assert {piece.frame: piece.mask.shape for piece in found.pieces} == {2: (1, 1), 0: (2, 2)}
    assert found.warnings == ("1 of its 3 planes lie on no slice of the scan.",)


@pytest.mark.parametrize(("numbers", "drawn_on"), [((1, 1), None), ((1, 2), (0, 2))])
def test_images_named_by_all_planes_together_say_nothing_of_one(
    tmp_path: Path, numbers: tuple[int, ...], drawn_on: tuple[int, ...] | None
) -> None:
    """Two planes of one segment: whose image is whose? One plane of each: both images are meant."""
    source = write_scan(tmp_path / "scan", ImagePositionPatient=None)
    named = [item(ReferencedSOPInstanceUID=uid) for uid in ("1.2.3.0", "1.2.3.2")]
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1), (0, 0, 2, 2)),
        [None, None],
        numbers=numbers,
        SegmentSequence=[segment(1, "One"), segment(2, "Two")],
        SourceImageSequence=named,
    )
    if drawn_on is None:
        with pytest.raises(UserError, match="does not say where it lies in this scan"):
            overlay(path, source)
    else:
        found = masks(overlay(path, source), source)
        assert tuple(np.flatnonzero(found[0].any(axis=(1, 2)))) == drawn_on


def _derived_from(*uids: str) -> list[dict[str, Any]]:
    """The functional groups of frames that were each made from one instance."""
    return [
        {
            "DerivationImageSequence": [
                item(SourceImageSequence=[item(ReferencedSOPInstanceUID=uid)])
            ]
        }
        for uid in uids
    ]


@pytest.mark.parametrize("size", [1, 2])
def test_each_moment_of_a_film_of_one_slice_has_its_own_mask(tmp_path: Path, size: int) -> None:
    """Copied, and resampled from voxels twice as large."""
    source = write_scan(tmp_path / "scan", (3.0, 3.0, 3.0))
    place = (ORIGIN[0] + 0.25 * (size - 1), ORIGIN[1] + 1.0 * (size - 1), 3.0)
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1), (0, 0, 2, 2)),
        [place, place],
        numbers=(1, 1),
        spacing=(2.0 * size, 0.5 * size),
        SegmentSequence=[segment(1, "One")],
        groups=_derived_from("1.2.3.2", "1.2.3.0"),
    )
    found = overlay(path, source)
    uids = {ref.path: str(read_dataset(Path(ref.path)).SOPInstanceUID) for ref in source.refs}
    shapes = {uids[source.refs[one.frame].path]: one.mask.shape for one in found.pieces}
    assert shapes == {"1.2.3.2": (size, size), "1.2.3.0": (2 * size, 2 * size)}


def test_a_film_of_one_slice_has_a_mask_that_names_no_moment_on_all(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan", (3.0, 3.0, 3.0))
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1)),
        at(3.0),
        numbers=(1,),
        SegmentSequence=[segment(1, "One")],
    )
    assert [piece.frame for piece in overlay(path, source).pieces] == [0, 1, 2]


def test_masks_of_other_moments_are_left_out_and_said(tmp_path: Path) -> None:
    """A scan over time is a source for each time; the masks of the others belong to those."""
    source = write_scan(tmp_path / "scan")
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1), (0, 0, 2, 2), (0, 0, 3, 3)),
        at(3.0, 3.0, 6.0),
        numbers=(1, 1, 1),
        SegmentSequence=[segment(1, "One")],
        groups=_derived_from("1.2.4.1", "1.2.3.1", "1.2.3.2"),
    )
    found = overlay(path, source)
    assert [(one.frame, one.mask.shape) for one in found.pieces] == [(1, (2, 2)), (2, (3, 3))]
    assert found.warnings == (
        "1 of its 3 planes were made from other images of the same place and are not drawn.",
    )


def test_what_names_no_place_is_refused(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1)),
        [None],
        numbers=(1,),
        SegmentSequence=[segment(1, "One")],
    )
    with pytest.raises(UserError, match=r"^seg\.dcm does not say where it lies in this scan\.$"):
        overlay(path, source)


def test_another_space_is_refused_unless_the_series_is_named(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    values: dict[str, Any] = {"numbers": (1,), "FrameOfReferenceUID": "1.2.3.4.5"}
    values["SegmentSequence"] = [segment(1, "One")]
    boxes = drawn((0, 0, 1, 1)), at(0.0)
    named = write_frames(tmp_path / "named.dcm", *boxes, **values)
    assert len(overlay(named, source).pieces) == 1
    other = write_frames(tmp_path / "other.dcm", *boxes, ReferencedSeriesSequence=None, **values)
    with pytest.raises(UserError, match="lies in another space than this scan"):
        overlay(other, source)
