"""What belongs together: echoes, times, b-values, localizers, concatenations, shuffled frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from inference.records import Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task
from tests.inference.sources.dicom_writer import dataset_of, write, write_slice
from tests.inference.sources.enhanced_writer import Groups, at_height, enhanced, item_of


def _open(folder: Path) -> tuple[Source, ...]:
    opened = open_sources(OpenRequest((str(folder),)), Task())
    assert opened.refused == ()
    return opened.sources


def _numbers(source: Source) -> list[int]:
    return [ref.number for ref in source.refs]


def _heights(source: Source) -> list[float]:
    return [np.array(source.frame_affine(index))[2, 3] for index in range(source.frames)]


def _write(folder: Path, number: int, height: float, **changes: Any) -> None:
    pixels = np.full((3, 4), number, np.int16)
    position = [-10.0, -20.0, height]
    changes = {"ImagePositionPatient": position, "InstanceNumber": number} | changes
    write_slice(folder / f"{number:03}", pixels, **changes)


@pytest.mark.parametrize(
    ("keyword", "values", "titles"),
    [
        ("EchoTime", (2.5, 80.0), ["echo time 2.5", "echo time 80"]),
        ("TemporalPositionIdentifier", (1, 2), ["time 1", "time 2"]),
        ("DiffusionBValue", (0.0, 1000.0), ["b-value 0", "b-value 1000"]),
    ],
)
@pytest.mark.parametrize("apart_mm", [0.0, 3.0])
def test_contrasts_that_mix_are_split_also_where_no_position_repeats(
    tmp_path: Path, keyword: str, values: tuple[float, float], titles: list[str], apart_mm: float
) -> None:
    number = 0
    for height in (0.0, 6.0, 12.0):
        for kind, value in enumerate(values):
            number += 1
            _write(
                tmp_path,
                number,
                height + kind * apart_mm,
                SeriesDescription="S",
                **{keyword: value},
            )
    sources = _open(tmp_path)
    assert [source.title for source in sources] == [f"S · {title}" for title in titles]
    for kind, source in enumerate(sources):
        assert _heights(source) == [kind * apart_mm + z for z in (0.0, 6.0, 12.0)]
        assert source.warnings == ()


def test_blocks_of_time_at_different_places_stay_one_volume(tmp_path: Path) -> None:
    for number, height in enumerate((0.0, 6.0, 12.0, 18.0), start=1):
        time = 1 if height < 10 else 2
        _write(tmp_path, number, height, TemporalPositionIdentifier=time)
    (source,) = _open(tmp_path)
    assert source.frames == 4


def test_acquisitions_of_a_moving_table_stay_one_volume(tmp_path: Path) -> None:
    for number in range(1, 7):
        _write(tmp_path, number, 5.0 * number, AcquisitionNumber=1 + number % 2)
    (source,) = _open(tmp_path)
    assert source.frames == 6


def test_a_repeated_slice_in_one_echo_does_not_mix_the_echoes(tmp_path: Path) -> None:
    number = 0
    for echo in (2.5, 80.0):
        for height in (0.0, 3.0, 6.0):
            number += 1
            _write(tmp_path, number, height, EchoTime=echo)
    _write(tmp_path, 7, 3.0, EchoTime=80.0)
    short, long = _open(tmp_path)
    assert (short.frames, short.warnings) == (3, ())
    assert (long.frames, long.warnings) == (4, ("1 slice appears twice (slices 2 and 3).",))


def test_diffusion_is_split_by_b_value_and_direction(tmp_path: Path) -> None:
    number = 0
    for b_value, direction in ((0.0, None), (900.0, [1.0, 0.0, 0.0]), (900.0, [0.0, 1.0, 0.0])):
        for height in (0.0, 3.0, 6.0):
            number += 1
            _write(
                tmp_path,
                number,
                height,
                DiffusionBValue=b_value,
                DiffusionGradientOrientation=direction,
            )
    assert [source.frames for source in _open(tmp_path)] == [3, 3, 3]


def test_frames_that_nothing_tells_apart_are_split_by_their_number_and_it_is_said(
    tmp_path: Path,
) -> None:
    number = 0
    for _turn in range(3):
        for height in (6.0, 0.0, 3.0):
            number += 1
            _write(tmp_path, number, height)
    sources = _open(tmp_path)
    assert [_heights(source) for source in sources] == [[0.0, 3.0, 6.0]] * 3
    assert [source.title for source in sources] == [f"CT · turn {turn}" for turn in (1, 2, 3)]
    names = [[Path(ref.path).name for ref in source.refs] for source in sources]
    assert names[1] == ["005", "006", "004"]
    assert all("tells the 3 frames at each place apart" in one.warnings[0] for one in sources)


def test_a_localizer_in_the_same_series_stands_alone(tmp_path: Path) -> None:
    sideways = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]
    _write(
        tmp_path,
        1,
        0.0,
        ImageOrientationPatient=sideways,
        ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
        RescaleSlope=1,
        RescaleIntercept=0,
    )
    for number in (2, 3, 4):
        _write(
            tmp_path,
            number,
            5.0 * number,
            ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
            RescaleSlope=1,
            RescaleIntercept=-1024,
        )
    localizer, axial = _open(tmp_path)
    assert (localizer.frames, localizer.unit) == (1, None)
    assert (axial.frames, axial.unit) == (3, "HU")
    assert axial.series_uid == localizer.series_uid != ""
    assert axial.frame_of_reference == localizer.frame_of_reference != ""


def test_a_tilted_gantry_is_measured_and_the_affine_is_sheared(tmp_path: Path) -> None:
    angle = np.radians(15.0)
    rows = [1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(-np.sin(angle))]
    for number in range(1, 6):
        _write(
            tmp_path,
            number,
            4.0 * number,
            ImageOrientationPatient=rows,
            GantryDetectorTilt=15.0,
        )
    (source,) = _open(tmp_path)
    assert source.warnings == (
        "The gantry was tilted by 15.0°: slices are sheared against each other.",
    )
    assert source.positions_mm is None
    np.testing.assert_allclose(np.array(source.affine)[:3, 2], [0.0, 0.0, 4.0], atol=1e-9)
    assert source.spacing_mm == pytest.approx((2.0, 0.5, 4.0 * np.cos(angle)))


def test_shuffled_frames_of_an_enhanced_scan_come_out_in_order(tmp_path: Path) -> None:
    write(tmp_path / "mf", enhanced([at_height(z) for z in (9.0, 0.0, 6.0, 3.0)]))
    (source,) = _open(tmp_path)
    assert (_numbers(source), source.order_rule) == ([1, 3, 2, 0], "position")
    assert source.spacing_mm == pytest.approx((2.0, 0.5, 3.0))
    assert [(order.rule, order.indices) for order in source.orders] == [("none", (3, 0, 2, 1))]
    frames = read_frames(read_request(source, (0, 1, 2, 3)), Task())
    assert [int(frame.stored[0, 0]) for frame in frames] == [1, 3, 2, 0]


def test_a_macro_of_a_frame_wins_over_the_shared_one_and_both_over_the_top(tmp_path: Path) -> None:
    wide: Groups = {"PixelMeasuresSequence": {"PixelSpacing": [4.0, 4.0]}}
    frames = [at_height(0.0) | wide, at_height(3.0), at_height(6.0) | wide, at_height(9.0)]
    write(tmp_path / "mf", enhanced(frames, PixelSpacing=[7.0, 7.0]))
    by_spacing = {source.spacing_mm: _numbers(source) for source in _open(tmp_path)}
    assert by_spacing == {(4.0, 4.0, 6.0): [0, 2], (2.0, 0.5, 6.0): [1, 3]}


def test_a_multi_frame_object_may_keep_its_plane_at_the_top(tmp_path: Path) -> None:
    dataset = enhanced(
        [at_height(3.0), at_height(0.0)],
        {},
        PixelSpacing=[2.0, 0.5],
        ImageOrientationPatient=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
    )
    write(tmp_path / "mf", dataset)
    (source,) = _open(tmp_path)
    assert _numbers(source) == [1, 0]


def test_stacks_and_times_of_an_enhanced_scan_are_sources(tmp_path: Path) -> None:
    frames = [
        at_height(height, TemporalPositionIndex=time, StackID="1")
        for height in (0.0, 3.0)
        for time in (1, 2)
    ]
    write(tmp_path / "mf", enhanced(frames))
    assert [_numbers(source) for source in _open(tmp_path)] == [[0, 2], [1, 3]]


def _pointer(keyword: str) -> Dataset:
    return item_of({"DimensionIndexPointer": tag_for_keyword(keyword)})


def test_the_dimension_index_tells_frames_apart_where_nothing_else_does(tmp_path: Path) -> None:
    frames = [
        at_height(3.0 * place, InStackPositionNumber=place + 1, DimensionIndexValues=[place + 1, n])
        for n in (1, 2)
        for place in range(3)
    ]
    pointers = [_pointer("InStackPositionNumber"), _pointer("MRAcquisitionType")]
    write(tmp_path / "mf", enhanced(frames, DimensionIndexSequence=pointers, SeriesDescription="S"))
    sources = _open(tmp_path)
    assert [(source.title, _numbers(source)) for source in sources] == [
        ("S · part 1", [0, 1, 2]),
        ("S · part 2", [3, 4, 5]),
    ]
    assert all(source.warnings == () for source in sources)


@pytest.mark.parametrize("located", [True, False])
def test_parts_of_a_concatenation_follow_each_other_as_one_source(
    tmp_path: Path, located: bool
) -> None:
    uid, heights = generate_uid(), iter((0.0, 3.0, 6.0, 9.0, 12.0))
    # Names and instance numbers run against the order of the parts; the last has one frame.
    for part, (name, offset, count) in enumerate((("c", 0, 2), ("b", 2, 2), ("a", 4, 1)), start=1):
        groups = [at_height(next(heights)) if located else {} for _ in range(count)]
        dataset = enhanced(
            groups,
            ConcatenationUID=uid,
            InConcatenationNumber=part,
            ConcatenationFrameOffsetNumber=offset,
            InstanceNumber=10 - part,
        )
        write(tmp_path / name, dataset)
    (source,) = _open(tmp_path)
    found = [(Path(ref.path).name, ref.number) for ref in source.refs]
    assert found == [("c", 0), ("c", 1), ("b", 0), ("b", 1), ("a", 0)]
    assert source.order_rule == ("position" if located else "instance_number")


@pytest.mark.parametrize(("step", "numbers"), [(4.0, [2, 1, 0]), (-4.0, [0, 1, 2])])
def test_slices_of_a_nuclear_volume_follow_the_detector_that_places_the_first(
    tmp_path: Path, step: float, numbers: list[int]
) -> None:
    # The normal of these rows and columns is (0, 0, -1), along which a positive step goes.
    detector = {
        "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, -1.0, 0.0],
        "ImagePositionPatient": [-10.0, 20.0, 100.0],
    }
    dataset = dataset_of(
        np.zeros((3, 3, 4), np.uint16),
        Modality="NM",
        ImageOrientationPatient=None,
        ImagePositionPatient=None,
        DetectorInformationSequence=[item_of(detector)],
        SliceVector=[3, 2, 1],
        SpacingBetweenSlices=step,
    )
    write(tmp_path / "nm", dataset)
    (source,) = _open(tmp_path)
    assert _numbers(source) == numbers
    ends = {100.0, 100.0 - 2 * step}
    assert {_heights(source)[0], _heights(source)[-1]} == ends
    assert _heights(source) == sorted(_heights(source), reverse=True)
