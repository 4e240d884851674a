"""Segmentations on their scans: equal to highdicom's pixels, and to what was boxes by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import UserError
from inference.records import ObjectOverlay
from inference.requests import ObjectRequest
from inference.sources.dicom_header import read_dataset
from inference.sources.objects.overlay import read_overlay
from inference.task import Cancelled, Task
from inference.wire import pack, unpack
from tests.inference.sources.objects.highdicom_masks import PAIRS, masks_by_highdicom
from tests.inference.sources.objects.object_writer import (
    COLUMNS,
    LABEL_MAP,
    ROWS,
    at,
    code,
    drawn,
    item,
    masks,
    open_object,
    open_source,
    overlay,
    segment,
    write_frames,
    write_scan,
)

LIVER = "dicom/pydicom+pydicom-data/data_store/data"
CT = "dicom/QIICR+dcmqi/data/segmentations/ct-3slice"


@pytest.mark.parametrize("name", PAIRS)
def test_masks_are_those_that_highdicom_reads(shared_data: Path, name: str) -> None:
    source = open_source(shared_data / PAIRS[name])
    found = overlay(shared_data / name, source)
    whole = masks(found, source)
    assert found.warnings == ()
    uids = [str(read_dataset(Path(ref.path)).SOPInstanceUID) for ref in source.refs]
    expected = masks_by_highdicom(shared_data / name, uids)
    # A label map of theirs has a segment 0, its background.
    assert {one.number for one in found.segments} == set(expected) - {0}
    for place, one in enumerate(found.segments):
        np.testing.assert_array_equal(whole[place] == 255, expected[one.number] == 1)


def test_the_same_on_a_scan_of_many_frames_in_one_file(shared_data: Path) -> None:
    folder = shared_data / "dicom/QIICR+dcmqi/data/segmentations/23x38x3"
    files, film = open_source(folder / "image"), open_source(folder / "multiframe")
    assert (files.frames, film.frames) == (3, 3)
    found = overlay(folder / "seg/label.seg", film)
    expected = masks(overlay(folder / "seg/label.seg", files), files)
    np.testing.assert_array_equal(masks(found, film), expected)


@pytest.mark.parametrize("name", ["expb", "j2k", "rle", "deflate"])
def test_every_encoding_gives_the_same_masks(shared_data: Path, name: str) -> None:
    source = open_source(shared_data / CT)
    plain = overlay(shared_data / LIVER / "liver.dcm", source)
    other = overlay(shared_data / LIVER / f"liver_{name}.dcm", source)
    np.testing.assert_array_equal(masks(other, source), masks(plain, source))


@pytest.mark.parametrize("name", ["", "_j2k", "_rle", "_deflate"])
def test_frames_that_start_within_a_byte(shared_data: Path, name: str) -> None:
    """The same masks without their outermost pixels: 510 × 511 bits a frame."""
    source = open_source(shared_data / CT)
    expected = masks(overlay(shared_data / LIVER / "liver.dcm", source), source)
    found = overlay(shared_data / LIVER / f"liver_nonbyte_aligned{name}.dcm", source)
    whole = masks(found, source)
    assert whole.any()
    own = open_source(shared_data / LIVER / f"liver_nonbyte_aligned{name}.dcm")
    shift = np.array(own.affine)[:3, 3] - np.array(source.affine)[:3, 3]
    assert np.abs(shift).max() < 1e-3
    rows, columns = own.shape
    np.testing.assert_array_equal(whole[..., :rows, :columns], expected[..., :rows, :columns])
    assert not whole[..., rows:, :].any()


def test_planes_go_to_the_slices_at_their_positions_in_any_order(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    boxes = drawn((0, 0, 2, 3), (4, 5, 8, 10), (1, 1, 2, 2), (2, 2, 6, 6))
    path = write_frames(
        tmp_path / "seg.dcm",
        boxes,
        at(6.0, 0.0, 0.0, 3.0),
        numbers=(1, 1, 7, 7),
        SegmentSequence=[segment(1, "One"), segment(3, "Empty"), segment(7, "Seven")],
        SegmentationType="BINARY",
    )
    found = overlay(path, source)
    assert [one.label for one in found.segments] == ["One", "Empty", "Seven"]
    expected = np.zeros((3, 3, ROWS, COLUMNS), np.uint8)
    expected[0, 2], expected[0, 0], expected[2, 0], expected[2, 1] = boxes * 255
    np.testing.assert_array_equal(masks(found, source), expected)
    sizes = [piece.mask.shape for piece in found.pieces]
    assert sorted(sizes) == sorted([(2, 3), (4, 5), (1, 1), (4, 4)])
    assert found.warnings == ()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_bits_come_back_as_they_were_packed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 19))
    seed = data.draw(st.integers(0, 2**32 - 1))
    folder = tmp_path_factory.mktemp("bits")
    source = write_scan(folder / "scan", shape=(rows, columns))
    bits = np.random.default_rng(seed).integers(0, 2, (3, rows, columns), np.uint8)
    path = write_frames(
        folder / "seg.dcm",
        bits,
        at(0.0, 3.0, 6.0),
        numbers=(1, 1, 1),
        SegmentSequence=[segment(1, "One")],
    )
    found = overlay(path, source)
    np.testing.assert_array_equal(masks(found, source)[0], bits * 255)


def test_fractions_are_spread_over_a_byte(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    values = np.zeros((1, ROWS, COLUMNS), np.uint8)
    values[0, 3, 2:5] = (50, 100, 200)
    path = write_frames(
        tmp_path / "seg.dcm",
        values,
        at(3.0),
        numbers=(1,),
        bits=8,
        SegmentationType="FRACTIONAL",
        MaximumFractionalValue=200,
        SegmentSequence=[segment(1, "One")],
    )
    (piece,) = overlay(path, source).pieces
    assert (piece.frame, piece.row, piece.column) == (1, 3, 2)
    assert piece.mask.tolist() == [[64, 128, 255]]  # 50/200 and 100/200 of 255, rounded


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (16, np.uint16)])
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "PALETTE COLOR"])
def test_a_label_map_holds_many_segments_a_frame(
    tmp_path: Path, bits: int, dtype: type, photometric: str
) -> None:
    source = write_scan(tmp_path / "scan")
    labels: np.ndarray = np.zeros((2, ROWS, COLUMNS), dtype)
    labels[0, 1:3, 1:4], labels[0, 5:, 5:], labels[1, 2, 2] = 1, 200, 9
    labels[1, 0, 0] = 3
    background = code("125040", "Background")
    path = write_frames(
        tmp_path / "seg.dcm",
        labels,
        at(0.0, 6.0),
        LABEL_MAP,
        bits=bits,
        SegmentationType="LABELMAP",
        PhotometricInterpretation=photometric,
        SegmentSequence=[
            segment(1, "One"),
            segment(200, "Many"),
            segment(3, "None", SegmentedPropertyTypeCodeSequence=background),
        ],
    )
    found = overlay(path, source)
    assert [(one.number, one.label) for one in found.segments] == [
        (1, "One"),
        (200, "Many"),
        (9, "Segment 9"),
    ]
    whole = masks(found, source)
    for place, number in enumerate((1, 200, 9)):
        np.testing.assert_array_equal(whole[place, 0] == 255, labels[0] == number)
        np.testing.assert_array_equal(whole[place, 2] == 255, labels[1] == number)


def test_a_segment_in_words_and_colours(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    described = segment(
        4,
        "Tumour",
        SegmentAlgorithmType="AUTOMATIC",
        SegmentAlgorithmName="Net 2",
        RecommendedDisplayCIELabValue=[0, 32896, 32896],
        SegmentedPropertyCategoryCodeSequence=code("1", "Abnormality"),
        SegmentedPropertyTypeCodeSequence=code("2", "Neoplasm"),
    )
    nameless = item(SegmentNumber=5, SegmentedPropertyTypeCodeSequence=code("2", "Liver"))
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 1, 1)),
        at(0.0),
        numbers=(4,),
        SegmentSequence=[described, nameless],
    )
    first, second = overlay(path, source).segments
    assert (first.label, first.colour) == ("Tumour", (0, 0, 0))
    assert first.details == "Neoplasm, Abnormality, automatic, Net 2"
    assert second.label == "Liver"


def test_a_damaged_one_is_refused_with_a_sentence(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    path = write_frames(
        tmp_path / "seg.dcm", drawn((0, 0, 1, 1)), at(0.0), numbers=(1,), SegmentSequence=[]
    )
    found = open_object(path)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(UserError, match=r"^seg\.dcm "):
        read_overlay(ObjectRequest(found, source), Task())


@pytest.mark.parametrize(
    "values",
    [
        {"bits": 32, "SegmentationType": "LABELMAP"},
        {"bits": 16, "SegmentationType": "LABELMAP", "PixelRepresentation": 1},
        {"bits": 8, "SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"},
    ],
)
def test_pixels_that_are_no_masks_are_refused_with_a_sentence(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    source = write_scan(tmp_path / "scan")
    bits = values["bits"]
    samples = values.get("SamplesPerPixel", 1)
    pixels = np.full((1, ROWS, COLUMNS * samples), -1, f"i{bits // 8}")
    path = write_frames(
        tmp_path / "seg.dcm",
        pixels,
        at(0.0),
        numbers=(1,),
        Columns=COLUMNS,
        PlanarConfiguration=0,
        SegmentSequence=[segment(1, "One")],
        **values,
    )
    with pytest.raises(UserError, match=r"its pixels are not those of a segmentation\.$"):
        overlay(path, source)


def test_cancelling_stops_it(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    path = write_frames(tmp_path / "seg.dcm", drawn((0, 0, 1, 1)), at(0.0), numbers=(1,))
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        read_overlay(ObjectRequest(open_object(path), source), task)


def _crossed(found: ObjectOverlay) -> ObjectOverlay:
    back = unpack(pack(found))
    assert isinstance(back, ObjectOverlay)
    return back


def test_it_crosses_the_pipes(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    boxes = drawn((2, 1, 5, 7))
    path = write_frames(
        tmp_path / "seg.dcm",
        boxes,
        at(3.0),
        numbers=(1,),
        SegmentSequence=[segment(1, "One")],
    )
    back = _crossed(overlay(path, source))
    np.testing.assert_array_equal(masks(back, source)[0, 1], boxes[0] * 255)
