"""Overlay planes of several frames, and shutters of every shape, drawn by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian

from inference.records import Frame, FrameRef
from inference.sources.dicom_frame import head_of, read_frame
from inference.sources.dicom_header import read_header
from tests.inference.sources.dicom_writer import dataset_of, write

FIVE = np.zeros((5, 5), np.int16)


def _group(group: int, data: np.ndarray, **values: Any) -> Dataset:
    """Overlay data [(frames,) rows, columns] in one group, with its elements by their number."""
    made = Dataset()
    elements = {
        0x0010: ("US", data.shape[-2]),
        0x0011: ("US", data.shape[-1]),
        0x0050: ("SS", [1, 1]),
        0x0100: ("US", 1),
        0x0102: ("US", 0),
    }
    for number, (vr, value) in elements.items():
        made.add_new(group << 16 | number, vr, value)
    for name, value in values.items():
        number, vr = {
            "origin": (0x0050, "SS"),
            "frames": (0x0015, "IS"),
            "first": (0x0051, "US"),
            "description": (0x0022, "LO"),
            "label": (0x1500, "LO"),
        }[name]
        made.add_new(group << 16 | number, vr, value)
    packed = np.packbits(data.reshape(-1), bitorder="little").tobytes()
    made.add_new(group << 16 | 0x3000, "OW", packed + bytes(len(packed) % 2))
    return made


def _frames(path: Path, pixels: np.ndarray, *groups: Dataset, **changes: Any) -> list[Frame]:
    made = dataset_of(pixels, **changes)
    for group in groups:
        made.update(group)
    write(path / "x.dcm", made)
    count = 1 if pixels.ndim == 2 else len(pixels)
    return [read_frame(("", 0), FrameRef(str(path / "x.dcm"), one), None) for one in range(count)]


def test_labels_and_order_of_several_planes(tmp_path: Path) -> None:
    dot = np.eye(5, dtype=np.uint8)
    (frame,) = _frames(
        tmp_path,
        FIVE,
        _group(0x6004, dot),
        _group(0x6000, dot[::-1].copy(), label="Marks", description="not this"),
        _group(0x6002, dot, description="Scout  lines "),
        _group(0x6006, np.zeros_like(dot)),  # nothing is drawn: nothing to switch off
    )
    assert [plane.label for plane in frame.planes] == ["Marks", "Scout lines", "Overlay 3"]
    np.testing.assert_array_equal(frame.planes[0].mask, dot[::-1])
    assert frame.planes[0].mask.dtype == np.uint8


def test_an_overlay_of_several_frames_begins_at_its_first_one(tmp_path: Path) -> None:
    data = np.stack([np.eye(5, dtype=np.uint8), np.ones((5, 5), np.uint8)])
    film = np.stack([FIVE] * 4)
    shown = _frames(tmp_path, film, _group(0x6000, data, frames=2, first=2))
    assert [len(frame.planes) for frame in shown] == [0, 1, 1, 0]
    np.testing.assert_array_equal(shown[1].planes[0].mask, data[0])
    np.testing.assert_array_equal(shown[2].planes[0].mask, data[1])


def test_an_overlay_that_names_no_frame_lies_on_all(tmp_path: Path) -> None:
    shown = _frames(tmp_path, np.stack([FIVE] * 3), _group(0x6000, np.eye(5, dtype=np.uint8)))
    assert [len(frame.planes) for frame in shown] == [1, 1, 1]


def test_a_part_outside_of_the_picture_is_cut_off(tmp_path: Path) -> None:
    (frame,) = _frames(tmp_path, FIVE, _group(0x6000, np.ones((3, 4), np.uint8), origin=[-1, 4]))
    expected = np.zeros((5, 5), np.uint8)
    expected[0, 3:] = 1  # rows -1, 0 and 1 counted from 1: only the last one is inside
    np.testing.assert_array_equal(frame.planes[0].mask, expected)


def test_an_overlay_that_is_too_short_is_left_out(tmp_path: Path) -> None:
    short = _group(0x6000, np.ones((5, 5), np.uint8))
    short[0x60003000].value = b"\xff\xff"
    (frame,) = _frames(tmp_path, FIVE, short)
    assert frame.planes == ()


def test_overlay_words_of_a_big_endian_file(tmp_path: Path) -> None:
    drawn = np.random.default_rng(1).integers(0, 2, (5, 5)).astype(np.uint8)
    made = dataset_of(FIVE)
    made.update(_group(0x6000, drawn))
    packed = np.frombuffer(made[0x60003000].value, "<u2")
    made[0x60003000].value = packed.astype(">u2").tobytes()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    path = write(tmp_path / "x.dcm", made)
    (plane,) = head_of(read_header(path), 0).planes
    np.testing.assert_array_equal(plane.mask, drawn)


RECTANGLE = {
    "ShutterUpperHorizontalEdge": 2,
    "ShutterLowerHorizontalEdge": 4,
    "ShutterLeftVerticalEdge": 3,
    "ShutterRightVerticalEdge": 5,
}
CIRCLE = {"CenterOfCircularShutter": [3, 3], "RadiusOfCircularShutter": 2}
POLYGON = {"VerticesOfThePolygonalShutter": [1, 1, 1, 5, 5, 1]}


@pytest.mark.parametrize(
    ("shape", "changes", "expected"),
    [
        ("RECTANGULAR", RECTANGLE, ["00000", "00111", "00111", "00111", "00000"]),
        ("CIRCULAR", CIRCLE, ["00100", "01110", "11111", "01110", "00100"]),
        ("POLYGONAL", POLYGON, ["11111", "11110", "11100", "11000", "10000"]),
        (
            ["RECTANGULAR", "CIRCULAR"],
            RECTANGLE | CIRCLE,
            ["00000", "00110", "00111", "00110", "00000"],
        ),
        ("RECTANGULAR", {}, None),
        ("CIRCULAR", {"CenterOfCircularShutter": [3]}, None),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": [1, 1, 5, 5]}, None),
        ("STAR", RECTANGLE, None),
        ("RECTANGULAR", RECTANGLE | {"ShutterLowerHorizontalEdge": 999}, ["00000"] + ["00111"] * 4),
    ],
)
def test_shutters_by_hand(
    tmp_path: Path, shape: str | list[str], changes: dict[str, Any], expected: list[str] | None
) -> None:
    square = {"PixelSpacing": [1, 1], "ShutterShape": shape}
    (frame,) = _frames(tmp_path, FIVE, **square | changes)
    if expected is None:
        assert frame.shutter is None
        return
    assert frame.shutter is not None
    np.testing.assert_array_equal(frame.shutter, [[int(bit) for bit in row] for row in expected])


def test_a_circle_is_round_in_millimetres(tmp_path: Path) -> None:
    # Rows lie twice as far apart as columns: two columns to the side are one row up or down.
    (frame,) = _frames(tmp_path, FIVE, PixelSpacing=[2, 1], ShutterShape="CIRCULAR", **CIRCLE)
    assert frame.shutter is not None
    np.testing.assert_array_equal(frame.shutter.sum(axis=0), [1, 1, 3, 1, 1])


def test_a_bitmap_shutter_hides_and_is_no_graphics(tmp_path: Path) -> None:
    (frame,) = _frames(
        tmp_path,
        FIVE,
        _group(0x6000, np.eye(5, dtype=np.uint8)),
        ShutterShape="BITMAP",
        ShutterOverlayGroup=0x6000,
    )
    assert frame.planes == ()
    np.testing.assert_array_equal(frame.shutter, 1 - np.eye(5, dtype=np.uint8))
