"""How DICOM frames are split into sources, put in order and placed in the patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import generate_uid

from inference.records import Source
from inference.requests import OpenRequest
from inference.sources.dicom_geometry import Plane, stack_of
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.dicom_writer import write_slice


def _open(folder: Path) -> tuple[Source, ...]:
    opened = open_sources(OpenRequest((str(folder),)), Task())
    assert opened.refused == ()
    return opened.sources


def _names(source: Source) -> list[str]:
    return [Path(ref.path).name for ref in source.refs]


def _stack(folder: Path, heights: list[float], **changes: object) -> None:
    for number, height in enumerate(heights):
        pixels = np.full((3, 4), number, np.int16)
        position = [-10.0, -20.0, height]
        write_slice(folder / f"{number}", pixels, ImagePositionPatient=position, **changes)


def test_slices_stand_ascending_along_the_normal(tmp_path: Path) -> None:
    _stack(tmp_path, [30.0, 10.0, 20.0])
    (source,) = _open(tmp_path)
    assert source.order_rule == "position"
    assert _names(source) == ["1", "2", "0"]
    assert source.spacing_mm == pytest.approx((2.0, 0.5, 10.0))
    assert source.positions_mm is None
    # Columns go along x by 0.5 mm, rows along y by 2 mm, slices along z by 10 mm.
    expected: list[list[float]] = [[0.5, 0, 0, -10], [0, 2, 0, -20], [0, 0, 10, 10], [0, 0, 0, 1]]
    np.testing.assert_allclose(np.array(source.affine), expected)


def test_a_flipped_row_direction_turns_the_order_round(tmp_path: Path) -> None:
    turned = [-1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    _stack(tmp_path, [10.0, 20.0, 30.0], ImageOrientationPatient=turned)
    (source,) = _open(tmp_path)
    # (-1, 0, 0) × (0, 1, 0) = (0, 0, -1): ascending along it is descending in z.
    assert _names(source) == ["2", "1", "0"]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    angles=st.tuples(*[st.floats(-3, 3)] * 3),
    step=st.tuples(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.5, 8)),
    count=st.integers(2, 9),
)
def test_the_affine_meets_each_position(
    angles: tuple[float, float, float], step: tuple[float, float, float], count: int
) -> None:
    turn = _rotation(angles)
    planes = []
    for index in range(count):
        x, y, z = turn @ (np.array([3.0, -4.0, 5.0]) + index * np.array(step))
        orientation = (*map(float, turn[:, 0]), *map(float, turn[:, 1]))
        planes.append(Plane((x, y, z), orientation, (0.7, 0.4), "PixelSpacing", None))
    stack = stack_of(planes)
    assert stack.affine is not None
    assert stack.positions_mm is None
    affine = np.array(stack.affine)
    for index, plane in enumerate(planes):
        place = np.array(plane.position)
        np.testing.assert_allclose((affine @ [0, 0, index, 1])[:3], place, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(affine[:3, :2], axis=0), [0.4, 0.7])
    # The distance between slices is the part of the step along the normal, as for a tilted gantry.
    assert stack.between_slices == pytest.approx(step[2])


def _rotation(angles: tuple[float, float, float]) -> np.ndarray:
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        one, other = [(1, 2), (2, 0), (0, 1)][axis]
        part = np.eye(3)
        part[one, one] = part[other, other] = np.cos(angle)
        part[one, other], part[other, one] = -np.sin(angle), np.sin(angle)
        turn = turn @ part
    return turn


@pytest.mark.parametrize(
    ("heights", "uneven"),
    [
        ([0.0, 5.0, 10.0], False),
        ([0.0, 5.0, 10.049], False),  # 0.98 % off
        ([0.0, 5.0, 10.2, 15.2], True),
        ([0.0, 0.5, 1.009], False),  # 1.8 % off, but 0.009 mm
        ([0.0, 0.5, 1.011], True),
    ],
)
def test_uneven_slices_keep_their_own_positions(
    tmp_path: Path, heights: list[float], uneven: bool
) -> None:
    _stack(tmp_path, heights)
    (source,) = _open(tmp_path)
    assert (source.positions_mm is not None) == uneven
    assert any("evenly" in sentence for sentence in source.warnings) == uneven
    if source.positions_mm is not None:
        assert [place[2] for place in source.positions_mm] == pytest.approx(heights)
        assert np.array(source.affine)[2, 2] == pytest.approx(heights[1] - heights[0])
        assert np.array(source.frame_affine(2))[2, 3] == pytest.approx(heights[2])


def test_the_warning_says_where_the_spacing_changes(tmp_path: Path) -> None:
    _stack(tmp_path, [0.0, 1.0, 2.0, 3.4, 4.8])
    (source,) = _open(tmp_path)
    assert source.warnings == (
        "The slices are not evenly spaced: 1.00–1.40 mm apart, usually 1.00 mm; the distance "
        "changes after slice 3.",
    )


def test_a_gap_leaves_the_usual_distance_and_the_place_of_each_slice(tmp_path: Path) -> None:
    _stack(tmp_path, [0.0, 10.0, 15.0, 20.0])
    (source,) = _open(tmp_path)
    assert source.warnings == ("1 gap: after slice 1 (1 slice is missing).",)
    assert source.spacing_mm == (2.0, 0.5, 5.0)
    # By the contract of the command line an uneven affine steps as its first two slices do.
    assert np.array(source.affine)[2, 2] == 10.0
    assert source.positions_mm is not None
    assert [place[2] for place in source.positions_mm] == [0.0, 10.0, 15.0, 20.0]


def test_a_first_slice_that_is_there_twice_is_no_step(tmp_path: Path) -> None:
    _stack(tmp_path, [0.0, 0.0, 3.0, 6.0])
    (source,) = _open(tmp_path)
    assert np.array(source.affine)[2, 2] == 3.0


@pytest.mark.parametrize(
    ("keyword", "other"),
    [
        ("SeriesInstanceUID", "1.2.3"),
        ("FrameOfReferenceUID", "1.2.3"),
        ("ImageOrientationPatient", [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]),
        ("PixelSpacing", [2.0, 0.6]),
        ("PhotometricInterpretation", "MONOCHROME1"),
    ],
)
def test_what_differs_here_is_another_source(tmp_path: Path, keyword: str, other: object) -> None:
    _stack(tmp_path / "one", [0.0, 1.0])
    _stack(tmp_path / "other", [2.0, 3.0], **{keyword: other})
    assert [source.frames for source in _open(tmp_path)] == [2, 2]


def test_another_matrix_is_another_source(tmp_path: Path) -> None:
    _stack(tmp_path, [0.0, 1.0])
    for height in (2.0, 3.0):
        position = [0.0, 0.0, height]
        write_slice(tmp_path / f"w{height}", np.zeros((5, 5)), ImagePositionPatient=position)
    assert sorted(source.shape for source in _open(tmp_path)) == [(3, 4), (5, 5)]


def test_echoes_at_the_same_places_are_two_sources(tmp_path: Path) -> None:
    for echo in (2.5, 80.0):
        _stack(tmp_path / str(echo), [0.0, 3.0, 6.0], EchoTime=echo, SeriesDescription="T2")
    sources = _open(tmp_path)
    assert [source.title for source in sources] == [
        "T2 · echo time 2.5",
        "T2 · echo time 80",
    ]
    assert all(source.frames == 3 and source.warnings == () for source in sources)


def test_echoes_one_after_the_other_in_space_stay_together(tmp_path: Path) -> None:
    _stack(tmp_path / "one", [0.0, 3.0], EchoTime=2.5)
    _stack(tmp_path / "other", [6.0, 9.0], EchoTime=80.0)
    (source,) = _open(tmp_path)
    assert source.frames == 4


def test_times_and_echoes_together_are_told_apart(tmp_path: Path) -> None:
    for time in (1, 2):
        for echo in (2.5, 80.0):
            _stack(
                tmp_path / f"{time}-{echo}",
                [0.0, 3.0],
                EchoTime=echo,
                TemporalPositionIdentifier=time,
            )
    assert [source.frames for source in _open(tmp_path)] == [2, 2, 2, 2]


def test_a_slice_that_is_there_twice_is_said(tmp_path: Path) -> None:
    _stack(tmp_path, [0.0, 3.0, 3.0, 6.0])
    (source,) = _open(tmp_path)
    assert source.frames == 4
    assert source.warnings == ("1 slice appears twice (slices 2 and 3).",)


def test_a_film_of_one_slice_stays_together_in_time(tmp_path: Path) -> None:
    for number, time in enumerate([300.0, 100.0, 200.0]):
        pixels = np.full((3, 4), number, np.int16)
        write_slice(tmp_path / str(number), pixels, TriggerTime=time, SliceThickness=4.0)
    (source,) = _open(tmp_path)
    assert source.order_rule == "temporal"
    assert _names(source) == ["1", "2", "0"]
    assert source.spacing_mm == (2.0, 0.5, None)
    for index in range(3):
        place = np.array(source.frame_affine(index))[:3, 3]
        np.testing.assert_allclose(place, [-10.0, -20.0, 5.0])


@pytest.mark.parametrize(
    ("numbers", "rule", "names"),
    [
        ([3, 1, 2], "instance_number", ["I2", "I10", "I1"]),
        ([None, None, None], "file_name", ["I1", "I2", "I10"]),
        ([1, 1, 2], "file_name", ["I1", "I2", "I10"]),
    ],
)
def test_without_geometry_the_number_then_the_name_rules(
    tmp_path: Path, numbers: list[int | None], rule: str, names: list[str]
) -> None:
    for name, number in zip(("I1", "I2", "I10"), numbers, strict=True):
        pixels = np.full((3, 4), len(name) + ord(name[-1]), np.int16)
        nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None}
        write_slice(tmp_path / name, pixels, InstanceNumber=number, **nowhere)
    (source,) = _open(tmp_path)
    assert source.affine is None
    assert source.order_rule == rule
    assert _names(source) == names


def test_a_series_that_lies_here_twice_gives_two_sources(tmp_path: Path) -> None:
    uids = [generate_uid(), generate_uid()]
    for version in ("a", "b"):
        for number, uid in enumerate(uids):
            position = [0.0, 0.0, float(number)]
            write_slice(
                tmp_path / version / str(number),
                SOPInstanceUID=uid,
                ImagePositionPatient=position,
                ImageComments=version,
            )
    sources = _open(tmp_path)
    assert [source.frames for source in sources] == [2, 2]
    assert sources[0].warnings == ()
    assert "other bytes" in sources[1].warnings[0]


@pytest.mark.parametrize(
    "orientation",
    [[1.0, 0, 0, 1, 0, 0], [0.0, 0, 0, 0, 0, 0], [1.0, 0, 0, 0.5, 0.9, 0]],
)
def test_an_impossible_orientation_is_no_geometry(tmp_path: Path, orientation: list[float]) -> None:
    write_slice(tmp_path / "1", ImageOrientationPatient=orientation)
    (source,) = _open(tmp_path)
    assert source.affine is None
    assert source.spacing_mm == (2.0, 0.5, None)


@pytest.mark.parametrize(
    ("changes", "spacing", "words"),
    [
        ({}, (2.0, 0.5, None), "PixelSpacing"),
        (
            {"PixelSpacing": None, "ImagerPixelSpacing": [0.2, 0.1]},
            (0.2, 0.1, None),
            "ImagerPixelSpacing at the detector",
        ),
        (
            {"PixelSpacing": [0.2, 0.1], "ImagerPixelSpacing": [0.2, 0.1]},
            (0.2, 0.1, None),
            "PixelSpacing at the detector",
        ),
        ({"PixelSpacing": None}, None, "none"),
        ({"PixelSpacing": [0.0, 0.5]}, None, "none"),
    ],
)
def test_spacing_says_where_it_comes_from(
    tmp_path: Path, changes: dict[str, Any], spacing: object, words: str
) -> None:
    write_slice(tmp_path / "1", **changes)
    (source,) = _open(tmp_path)
    assert source.spacing_mm == spacing
    assert source.spacing_source == words
