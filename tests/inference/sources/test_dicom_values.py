"""What stored DICOM values become: rescale, tables, padding, windows, unit, unused bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from inference.display import default_window, grey
from inference.records import Frame, Window
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames, value_range
from inference.task import Task
from tests.inference.sources.dicom_writer import dataset_of, write, write_slice

RAMP = np.arange(12, dtype=np.int16).reshape(3, 4)


def _frames(path: Path) -> tuple[Frame, ...]:
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    return read_frames(read_request(source, tuple(range(source.frames))), Task())


def _frame(path: Path, pixels: np.ndarray = RAMP, **changes: Any) -> Frame:
    (frame,) = _frames(write_slice(path / "slice.dcm", pixels, **changes))
    return frame


def test_rescaled_values_are_slope_times_stored_plus_intercept(tmp_path: Path) -> None:
    frame = _frame(tmp_path, RescaleSlope=2.5, RescaleIntercept=-1000)
    np.testing.assert_array_equal(frame.stored, RAMP)
    np.testing.assert_allclose(frame.values(), RAMP * 2.5 - 1000)


@pytest.mark.parametrize(
    ("changes", "unit"),
    [
        ({"RescaleSlope": 1, "RescaleIntercept": 0}, "HU"),
        ({"RescaleSlope": 1, "RescaleIntercept": 0, "RescaleType": "HU"}, "HU"),
        ({}, None),
        # What cannot be rescaled is not yet in HU.
        ({"RescaleSlope": 1}, None),
        ({"RescaleSlope": 0, "RescaleIntercept": -1024}, None),
        ({"RescaleIntercept": -1024, "RescaleType": "HU"}, None),
        ({"RescaleSlope": 1, "RescaleIntercept": 0, "RescaleType": "US"}, None),
        ({"RescaleSlope": 1, "RescaleIntercept": 0, "RescaleType": "OD"}, "OD"),
        (
            {
                "RescaleSlope": 1,
                "RescaleIntercept": 0,
                "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"],
            },
            None,
        ),
        ({"Modality": "MR", "RescaleSlope": 1, "RescaleIntercept": 0}, None),
        ({"Modality": "XA", "RescaleSlope": 1, "RescaleIntercept": 0, "RescaleType": "HU"}, None),
        ({"Modality": "RTDOSE", "DoseGridScaling": "0.5", "DoseUnits": "GY"}, "Gy"),
        ({"Modality": "RTDOSE", "DoseGridScaling": "0.5", "DoseUnits": "RELATIVE"}, None),
        ({"Modality": "RTDOSE", "DoseUnits": "GY"}, None),
        ({"Modality": "PT", "Units": "BQML", "RescaleSlope": 2, "RescaleIntercept": 0}, "BQML"),
    ],
)
def test_the_unit_is_the_headers_own(
    tmp_path: Path, changes: dict[str, Any], unit: str | None
) -> None:
    assert _frame(tmp_path, **changes).unit == unit


def test_padding_is_left_out_of_the_range(tmp_path: Path) -> None:
    pixels = RAMP.copy()
    pixels[0] = -2000
    path = write_slice(
        tmp_path / "1",
        pixels,
        PixelPaddingValue=-2000,
        RescaleSlope=1,
        RescaleIntercept=-24,
    )
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    assert value_range(source, Task()) == (4 - 24, 11 - 24)


def test_a_padding_limit_makes_it_a_range(tmp_path: Path) -> None:
    frame = _frame(tmp_path, PixelPaddingValue=3, PixelPaddingRangeLimit=1)
    assert frame.padding == (1.0, 3.0)
    measured = frame.measured()
    assert measured is not None
    np.testing.assert_array_equal(measured, (RAMP < 1) | (RAMP > 3))


@pytest.mark.parametrize(
    ("value", "limit", "signed", "padding"),
    [
        (3, 1, True, (1.0, 3.0)),
        (63536, None, True, (-2000.0, -2000.0)),  # written as unsigned by mistake
        (63536, None, False, (63536.0, 63536.0)),
    ],
)
def test_padding_has_the_sign_of_the_pixels(
    tmp_path: Path, value: int, limit: int | None, signed: bool, padding: tuple[float, float]
) -> None:
    made = dataset_of(RAMP, PixelRepresentation=int(signed))
    made.add_new(0x00280120, "US", value)
    if limit is not None:
        made.add_new(0x00280121, "US", limit)
    (frame,) = _frames(write(tmp_path / "x.dcm", made))
    assert frame.padding == padding


def test_padding_is_out_of_the_default_window(tmp_path: Path) -> None:
    frame = _frame(tmp_path, PixelPaddingValue=9, PixelPaddingRangeLimit=11)
    found = default_window(frame)
    assert (found.center - found.width / 2, found.center + found.width / 2) == (0.0, 8.0)


def test_padding_stays_out_behind_a_modality_table(tmp_path: Path) -> None:
    table = _table(0, 16, [500 + 7 * place for place in range(12)])
    frame = _frame(tmp_path, ModalityLUTSequence=[table], PixelPaddingValue=11)
    measured = frame.measured()
    assert measured is not None
    np.testing.assert_array_equal(measured, RAMP != 11)
    np.testing.assert_array_equal(frame.values()[measured], 500 + 7 * RAMP[measured])


def test_a_dose_is_scaled_and_its_window_with_it(tmp_path: Path) -> None:
    dose: dict[str, Any] = {"Modality": "RTDOSE", "DoseGridScaling": "0.25", "DoseUnits": "GY"}
    frame = _frame(tmp_path, **dose, WindowCenter=6, WindowWidth=5)
    np.testing.assert_array_equal(frame.values(), RAMP / 4)
    # LINEAR of 6 and 5 rises from 3.5 to 7.5.
    assert frame.windows == (Window(5.5 / 4, 4 / 4, "LINEAR_EXACT"),)
    np.testing.assert_array_equal(grey(frame), grey(Frame(frame.key, RAMP), Window(6, 5)))


def _mapping(slope: float, intercept: float, code: str) -> Dataset:
    unit, mapping = Dataset(), Dataset()
    unit.CodeValue, unit.CodingSchemeDesignator = code, "UCUM"
    mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept = slope, intercept
    mapping.MeasurementUnitsCodeSequence = [unit]
    return mapping


@pytest.mark.parametrize(("code", "unit"), [("mm2/s", "mm2/s"), ("1", None)])
def test_real_world_values_stand_in_for_a_rescale(
    tmp_path: Path, code: str, unit: str | None
) -> None:
    mapping = _mapping(0.5, -1.0, code)
    table = _table(2, 16, [0, 100, 65535])
    frame = _frame(
        tmp_path,
        Modality="MR",
        RealWorldValueMappingSequence=[mapping],
        WindowCenter=6,
        WindowWidth=5,
        VOILUTSequence=[table],
    )
    assert frame.unit == unit
    np.testing.assert_array_equal(frame.values(), RAMP * 0.5 - 1)
    # Windows and VOI tables count in what the mapping came from.
    assert frame.windows == (Window(5.5 * 0.5 - 1, 2.0, "LINEAR_EXACT"),)
    plain = Frame(frame.key, RAMP)
    np.testing.assert_array_equal(grey(frame, frame.windows[0]), grey(plain, Window(6, 5)))
    stored = np.clip(RAMP - 2, 0, 2)
    np.testing.assert_array_equal(grey(frame), np.array([0, 0, 255])[stored])


def test_a_falling_mapping_leaves_the_picture_as_it_is(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"Modality": "MR", "WindowCenter": 6, "WindowWidth": 5}
    changes["VOILUTSequence"] = [_table(2, 16, [0, 30000, 65535])]
    plain = _frame(tmp_path, **changes)
    falling = _frame(
        tmp_path, **changes, RealWorldValueMappingSequence=[_mapping(-2.0, 30.0, "Hz")]
    )
    np.testing.assert_array_equal(falling.values(), 30.0 - 2 * RAMP)
    for voi, other in ((None, None), (plain.windows[0], falling.windows[0])):
        difference = grey(falling, other).astype(int) - grey(plain, voi)
        assert np.abs(difference).max() <= 1  # halves are rounded the other way


def test_a_rescale_goes_before_real_world_values(tmp_path: Path) -> None:
    frame = _frame(
        tmp_path,
        Modality="MR",
        RescaleSlope=3,
        RescaleIntercept=1,
        RealWorldValueMappingSequence=[_mapping(0.5, -1.0, "mm2/s")],
    )
    assert (frame.slope, frame.intercept, frame.unit) == (3.0, 1.0, None)


@pytest.mark.parametrize(
    ("width", "function", "said"),
    [(0.5, "LINEAR", True), (1, "LINEAR", False), (0.5, "LINEAR_EXACT", False)],
)
def test_a_window_too_narrow_for_its_function_is_mentioned(
    tmp_path: Path, width: float, function: str, *, said: bool
) -> None:
    frame = _frame(tmp_path, WindowCenter=5, WindowWidth=width, VOILUTFunction=function)
    sentence = (
        "The file's window of width 0.5 is narrower than LINEAR allows; "
        "it is shown with LINEAR_EXACT."
    )
    assert frame.warnings == ((sentence,) if said else ())
    # LINEAR_EXACT of 5 and 0.5: half of the brightness at 5 itself, none below, all above.
    if said:
        np.testing.assert_array_equal(grey(frame)[1], [0, 128, 255, 255])


def test_windows_keep_their_order_names_and_function(tmp_path: Path) -> None:
    frame = _frame(
        tmp_path,
        WindowCenter=[40, 300, 0],
        WindowWidth=[400, 1500, 0],
        WindowCenterWidthExplanation=["soft", "bone", "none"],
        VOILUTFunction="SIGMOID",
    )
    assert frame.windows == (
        Window(40.0, 400.0, "SIGMOID", "soft"),
        Window(300.0, 1500.0, "SIGMOID", "bone"),
    )


@pytest.mark.parametrize(
    ("changes", "inverted"),
    [
        ({}, False),
        ({"PhotometricInterpretation": "MONOCHROME1"}, True),
        ({"PresentationLUTShape": "INVERSE"}, True),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, True),
        ({"PresentationLUTShape": "IDENTITY"}, False),
    ],
)
def test_inversion(tmp_path: Path, changes: dict[str, Any], inverted: bool) -> None:
    assert _frame(tmp_path, **changes).inverted is inverted


def _table(first: int, bits: int, entries: list[int]) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "SS", [len(entries), first, bits])
    item.add_new(0x00283006, "US", entries)
    item.LUTExplanation = "steps"
    item.ModalityLUTType = "OD"
    return item


def test_a_modality_table_stands_instead_of_the_stored_values(tmp_path: Path) -> None:
    table = _table(-1, 12, [100, 200, 300, 4000])
    pixels = np.array([[-5, -1, 0, 1], [2, 3, 9, 1], [0, 0, 0, 0]], dtype=np.int16)
    frame = _frame(tmp_path, pixels, ModalityLUTSequence=[table])
    expected = [[100, 100, 200, 300], [4000, 4000, 4000, 300], [200] * 4]
    np.testing.assert_array_equal(frame.values(), expected)
    assert frame.unit == "OD"


def test_a_voi_table_is_spread_to_sixteen_bits(tmp_path: Path) -> None:
    frame = _frame(tmp_path, VOILUTSequence=[_table(2, 10, [0, 341, 682, 1023])])
    assert frame.table is not None
    assert (frame.table.first, frame.table.explanation) == (2.0, "steps")
    np.testing.assert_array_equal(frame.table.entries, [0, 21845, 43690, 65535])
    assert frame.other_tables == ()


def test_further_voi_tables_are_kept_in_their_order(tmp_path: Path) -> None:
    tables = [_table(first, 8, [0, 255]) for first in (2, 4, 6)]
    frame = _frame(tmp_path, VOILUTSequence=tables)
    assert frame.table is not None
    assert [one.first for one in (frame.table, *frame.other_tables)] == [2.0, 4.0, 6.0]
    np.testing.assert_array_equal(grey(frame, frame.other_tables[1])[1], [0, 0, 0, 255])


def test_values_of_multi_frame_objects_come_from_their_own_groups(tmp_path: Path) -> None:
    pixels = np.stack([RAMP, RAMP])
    groups = []
    for slope, height in ((2.0, 7.0), (3.0, 5.0)):
        group = Dataset()
        values, window, position = Dataset(), Dataset(), Dataset()
        values.RescaleSlope, values.RescaleIntercept, values.RescaleType = slope, 1, "HU"
        window.WindowCenter, window.WindowWidth = 40 * slope, 400
        position.ImagePositionPatient = [0, 0, height]
        group.PixelValueTransformationSequence = [values]
        group.FrameVOILUTSequence = [window]
        group.PlanePositionSequence = [position]
        groups.append(group)
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [0.5, 0.25]
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence = [measures]
    shared.PlaneOrientationSequence = [orientation]
    path = write(
        tmp_path / "mf.dcm",
        dataset_of(
            pixels,
            PixelSpacing=None,
            ImagePositionPatient=None,
            ImageOrientationPatient=None,
            PerFrameFunctionalGroupsSequence=groups,
            SharedFunctionalGroupsSequence=[shared],
        ),
    )
    low, high = _frames(path)
    # The second frame of the file lies lower, so it comes first.
    assert (low.slope, high.slope) == (3.0, 2.0)
    assert (low.windows[0].center, high.windows[0].center) == (120.0, 80.0)
    assert low.spacing_mm == (0.5, 0.25)
    assert low.affine is not None
    assert np.array(low.affine)[2, 3] == 5.0


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("stored", "high"), [(12, 11), (12, 15), (10, 12)])
def test_bits_beside_the_stored_ones_do_not_count(
    tmp_path: Path, signed: bool, stored: int, high: int
) -> None:
    low = -(1 << (stored - 1)) if signed else 0
    wanted = np.array([[low, low + 1, 0, 1], [7, 100, 200, 300], [5, 6, 7, 8]])
    shift = high + 1 - stored
    raw = (wanted & ((1 << stored) - 1)) << shift
    overlay = np.array([[1], [0], [1]]) << (high + 1) if high < 15 else 0
    noise = (1 << shift) - 1
    pixels = (raw | overlay | noise).astype(np.uint16)
    frame = _frame(
        tmp_path,
        pixels,
        BitsStored=stored,
        HighBit=high,
        PixelRepresentation=int(signed),
    )
    np.testing.assert_array_equal(frame.values(), wanted)


def test_slope_zero_is_no_rescale(tmp_path: Path) -> None:
    frame = _frame(tmp_path, RescaleSlope=0, RescaleIntercept=5)
    assert (frame.slope, frame.intercept) == (1.0, 0.0)


def test_words_of_the_series(tmp_path: Path) -> None:
    path = write_slice(
        tmp_path / "1",
        RAMP,
        PatientName="Doe^Jane^M",
        PatientBirthDate="19700102",
        PatientID="77",
        SeriesDescription="Head 2.5",
        StudyDescription="Trauma",
        BodyPartExamined="head",
        KVP=120,
        SliceThickness=2.5,
        ConvolutionKernel="B30f",
        LossyImageCompression="01",
        LossyImageCompressionMethod="ISO_15444_1",
        LossyImageCompressionRatio=12.04,
    )
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    assert source.who == "Doe, Jane M · 1970-01-02 · 77"
    assert (source.title, source.study_title) == ("Head 2.5", "Trauma")
    assert source.body_part == "HEAD"
    assert source.technique == "120 kV · 2.5 mm · B30f"
    assert source.lossy == "Lossy JPEG 2000, 12:1"
    assert source.transfer_syntax == "1.2.840.10008.1.2.1"


def test_a_film_has_its_time_and_stands_in_temporal_order(tmp_path: Path) -> None:
    nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None}
    path = write_slice(tmp_path / "1", np.stack([RAMP] * 3), FrameTime=40, **nowhere)
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    assert (source.frames, source.frame_time_ms, source.order_rule) == (3, 40.0, "temporal")
