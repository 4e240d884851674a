"""Grey levels and overlays as DCMTK shows them, over every grey scan of the shared data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from inference.display import grey
from inference.errors import UserError
from inference.records import Frame, FrameRef, Window
from inference.sources.dicom_colour import is_coloured
from inference.sources.dicom_fields import quietly
from inference.sources.dicom_frame import read_frame
from inference.sources.dicom_header import Header, read_header
from inference.sources.dicom_values import scale_of
from tests.inference.dcmtk_tool import largest_difference, require_dcmtk, shown_by_dcmtk
from tests.inference.sources.dicom_writer import write_slice

OTHERWISE = {
    "IM_0027_fMAP.dcm": "its rescale is that of each frame, which DCMTK does not read",
    "rtdose_expb.dcm": "32-bit pixels in big endian, whose halves DCMTK swaps",
    "rtdose_expb_1frame.dcm": "32-bit pixels in big endian, whose halves DCMTK swaps",
    "GH610.dcm": "values of at most 0.002, below what a window in whole steps can tell apart",
}
"""Files that DCMTK shows otherwise; each has a test of its own below."""


def _grey_files(shared_data: Path) -> Iterator[tuple[Path, Header]]:
    for path in sorted((shared_data / "dicom").rglob("*")):
        if not path.is_file():
            continue
        try:
            with quietly():
                header = read_header(path)
        except UserError:
            continue
        if header.photometric.startswith("MONOCHROME") and not is_coloured(header):
            yield path, header


def _frame(path: Path, number: int = 0) -> Frame:
    return read_frame(("0" * 12, 0), FrameRef(str(path), number), None)


def _window(values: np.ndarray) -> tuple[float, float]:
    """A centre and a width that cut off a twentieth of the range on either side."""
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    return float(round((low + high) / 2)), float(max(2, round((high - low) * 0.9)))


def _measured(window: tuple[float, float], further: tuple[float, float]) -> Window:
    """DCMTK's window in our values, which may be a factor and an offset further (SUV, Gy, …).

    LINEAR of c and w is the line through (c − 0.5) ± (w − 1) / 2, PS3.3 C.11.2.1.2.1.
    """
    (center, width), (factor, offset) = window, further
    if further == (1.0, 0.0):
        return Window(center, width)
    return Window((center - 0.5) * factor + offset, (width - 1) * factor, "LINEAR_EXACT")


def test_every_grey_frame_is_shown_as_dcmtk_shows_it(shared_data: Path, tmp_path: Path) -> None:
    require_dcmtk()
    compared, off = 0, []
    for path, header in _grey_files(shared_data):
        if path.name in OTHERWISE:
            continue
        try:
            first = _frame(path)
        except UserError:
            continue
        with quietly():
            further = scale_of(header.dataset, 0).further
        window = _window((first.values().astype(float) - further[1]) / further[0])
        words = ("+Ww", *map(str, window))
        shown = shown_by_dcmtk(path, tmp_path, *words, transfer_syntax=str(header.transfer_syntax))
        for number, expected in enumerate(shown[: header.frames]):
            frame = _frame(path, number) if number else first
            difference = largest_difference(grey(frame, _measured(window, further)), expected)
            compared += int(np.ptp(expected) >= 50)
            if difference > 1:
                off.append(f"{path.name} frame {number}: {difference} levels")
    assert off == []
    assert compared >= 450, "frames with 50 grey levels or more"


def test_the_first_window_of_each_file_is_taken_as_dcmtk_takes_it(
    shared_data: Path, tmp_path: Path
) -> None:
    require_dcmtk()
    compared, off = 0, []
    for path, header in _grey_files(shared_data):
        # DCMTK reads windows at the top level only.
        if header.frames > 1 or "WindowCenter" not in header.dataset:
            continue
        syntax = str(header.transfer_syntax)
        for expected in shown_by_dcmtk(path, tmp_path, "+Wi", "1", transfer_syntax=syntax):
            compared += int(np.ptp(expected) >= 50)
            difference = largest_difference(grey(_frame(path)), expected)
            if difference > 1:
                off.append(f"{path.name}: {difference} levels")
    assert off == []
    assert compared >= 150, "frames with 50 grey levels or more"


def _rewritten(path: Path, folder: Path, pixels: np.ndarray, **changes: object) -> Path:
    """The pixels [frames, rows, columns] in a plain file, which DCMTK reads without its header."""
    given = pydicom.dcmread(path, stop_before_pixels=True)
    plain = {
        "BitsStored": given.BitsStored,
        "HighBit": given.HighBit,
        "PixelRepresentation": given.PixelRepresentation,
    }
    return write_slice(folder / "plain.dcm", pixels, **plain | changes)


def test_the_rescale_of_each_frame_by_dcmtk_on_files_of_one_rescale(
    shared_data: Path, tmp_path: Path
) -> None:
    require_dcmtk()
    (path,) = (shared_data / "dicom").rglob("IM_0027_fMAP.dcm")
    given = pydicom.dcmread(path)
    frames: dict[tuple[str, str], list[int]] = {}
    for number, group in enumerate(given.PerFrameFunctionalGroupsSequence):
        values = group.PixelValueTransformationSequence[0]
        rescale = str(values.RescaleSlope), str(values.RescaleIntercept)
        frames.setdefault(rescale, []).append(number)
    assert {rescale: len(numbers) for rescale, numbers in frames.items()} == {
        ("1.27985347985347", "0"): 32,
        ("0.24420024420024", "-500"): 32,
    }
    for (slope, intercept), numbers in frames.items():
        rescale_words = {"RescaleSlope": slope, "RescaleIntercept": intercept}
        plain = _rewritten(path, tmp_path, given.pixel_array[numbers], **rescale_words)
        shown = shown_by_dcmtk(plain, tmp_path, "+Ww", "100", "700")
        assert len(shown) == len(numbers)
        for number, expected in zip(numbers, shown, strict=True):
            assert np.ptp(expected) >= 50
            found = grey(_frame(path, number), Window(100, 700))
            assert largest_difference(found, expected) <= 1


@pytest.mark.parametrize("name", ["rtdose_expb.dcm", "rtdose_expb_1frame.dcm"])
def test_big_endian_doses_by_dcmtk_on_their_bytes_turned_round(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    require_dcmtk()
    (path,) = (shared_data / "dicom").rglob(name)
    given = pydicom.dcmread(path)
    stored = np.frombuffer(given.PixelData, ">u4").reshape(-1, given.Rows, given.Columns)
    plain = _rewritten(path, tmp_path, stored.astype("<u4"), Modality="OT")
    shown = shown_by_dcmtk(plain, tmp_path, "+Ww", "1000000", "500000")
    assert len(shown) == len(stored)
    # Dose Grid Scaling is 0.000001 in both files.
    window = _measured((1e6, 5e5), (1e-6, 0.0))
    for number, expected in enumerate(shown):
        assert largest_difference(grey(_frame(path, number), window), expected) <= 1
    assert max(np.ptp(one) for one in shown) > 100


def test_tiny_values_by_dcmtk_on_their_stored_ones(shared_data: Path, tmp_path: Path) -> None:
    require_dcmtk()
    (path,) = (shared_data / "dicom").rglob("GH610.dcm")
    stored = pydicom.dcmread(path).pixel_array
    plain = _rewritten(path, tmp_path, stored)
    (expected,) = shown_by_dcmtk(plain, tmp_path, "+Ww", "9000", "16000")
    assert np.ptp(expected) > 100
    frame = _frame(path)
    assert frame.slope == pytest.approx(5.94901e-08)
    shown = grey(frame, _measured((9000, 16000), (frame.slope, 0.0)))
    assert largest_difference(shown, expected) <= 1


def test_a_voi_table_of_a_real_file(shared_data: Path, tmp_path: Path) -> None:
    require_dcmtk()
    (path,) = (shared_data / "dicom").rglob("vlut_04.dcm")
    (expected,) = shown_by_dcmtk(path, tmp_path, "+Wl", "1")
    assert largest_difference(grey(_frame(path)), expected) <= 1


RAMP = np.arange(-2000, 2096, dtype=np.int16).reshape(64, 64)
ENTRIES = [int(4095 * (place / 255) ** 2) for place in range(256)]


def _tables() -> list[Dataset]:
    """Two VOI LUTs of 12 bits: a rising and a falling curve over 256 values from 100 on."""
    made = []
    for entries in (ENTRIES, ENTRIES[::-1]):
        item = Dataset()
        item.add_new(0x00283002, "SS", [256, 100, 12])
        item.add_new(0x00283006, "US", entries)
        made.append(item)
    return made


@pytest.mark.parametrize(
    ("changes", "options", "choose"),
    [
        ({"VOILUTSequence": _tables()}, ("+Wl", "1"), None),
        ({"VOILUTSequence": _tables()}, ("+Wl", "2"), 0),
        (
            {"VOILUTSequence": _tables(), "RescaleSlope": 2, "RescaleIntercept": -7},
            ("+Wl", "1"),
            None,
        ),
        ({"PhotometricInterpretation": "MONOCHROME1"}, ("+Ww", "40", "400"), Window(40, 400)),
        ({"RescaleSlope": -3, "RescaleIntercept": 5}, ("+Ww", "40", "400"), Window(40, 400)),
        (
            {"WindowCenter": 40, "WindowWidth": 400, "VOILUTFunction": "SIGMOID"},
            ("+Wi", "1", "+Wfs"),
            None,
        ),
        ({"WindowCenter": 40, "WindowWidth": 1}, ("+Wi", "1"), None),
        ({"WindowCenter": [40, 900], "WindowWidth": [400, 77]}, ("+Wi", "2"), Window(900, 77)),
        (
            {"BitsStored": 12, "HighBit": 13, "PixelRepresentation": 1},
            ("+Ww", "4", "900"),
            Window(4, 900),
        ),
        (
            {"BitsStored": 11, "HighBit": 10, "PixelRepresentation": 0},
            ("+Ww", "800", "900"),
            Window(800, 900),
        ),
    ],
    ids=[
        "voi lut",
        "second voi lut",
        "voi lut after rescale",
        "monochrome1",
        "negative slope",
        "sigmoid",
        "width 1",
        "second window",
        "high bit",
        "unsigned 11 bits",
    ],
)
def test_generated_cases(
    tmp_path: Path,
    changes: dict[str, object],
    options: tuple[str, ...],
    choose: Window | int | None,
) -> None:
    require_dcmtk()
    path = write_slice(tmp_path / "made.dcm", RAMP, **changes)
    (expected,) = shown_by_dcmtk(path, tmp_path, *options)
    assert np.ptp(expected) > 0
    frame = _frame(path)
    voi = frame.other_tables[choose] if isinstance(choose, int) else choose
    assert largest_difference(grey(frame, voi), expected) <= 1


def _overlay_changes(data: np.ndarray, origin: tuple[int, int]) -> Dataset:
    made = Dataset()
    made.add_new(0x60000010, "US", data.shape[0])
    made.add_new(0x60000011, "US", data.shape[1])
    made.add_new(0x60000040, "CS", "G")
    made.add_new(0x60000050, "SS", list(origin))
    made.add_new(0x60000100, "US", 1)
    made.add_new(0x60000102, "US", 0)
    packed = np.packbits(data.reshape(-1), bitorder="little").tobytes()
    made.add_new(0x60003000, "OW", packed + bytes(len(packed) % 2))
    return made


@pytest.mark.parametrize("origin", [(1, 1), (5, 9), (-3, 2), (60, 61), (-1, -2)])
def test_overlays_lie_where_dcmtk_draws_them(tmp_path: Path, origin: tuple[int, int]) -> None:
    require_dcmtk()
    data = np.random.default_rng(7).integers(0, 2, (11, 13)).astype(np.uint8)
    path = write_slice(tmp_path / "made.dcm", np.zeros((64, 64), np.int16))
    given = pydicom.dcmread(path)
    given.update(_overlay_changes(data, origin))
    given.save_as(path)
    (drawn,) = shown_by_dcmtk(path, tmp_path, "+Ww", "900", "2", overlays=True)
    (plane,) = _frame(path).planes
    np.testing.assert_array_equal(plane.mask * 255, drawn)


@pytest.mark.parametrize("name", ["examples_overlay.dcm", "MR-SIEMENS-DICOM-WithOverlays.dcm"])
def test_overlays_of_real_scans(shared_data: Path, tmp_path: Path, name: str) -> None:
    require_dcmtk()
    (path,) = (shared_data / "dicom").rglob(name)
    # A window far above all values makes the picture black and leaves the overlay white.
    (drawn,) = shown_by_dcmtk(path, tmp_path, "+Ww", "100000", "2", overlays=True)
    (plane,) = _frame(path).planes
    assert plane.mask.any()
    np.testing.assert_array_equal(plane.mask * 255, drawn)


def test_an_overlay_in_unused_bits(tmp_path: Path) -> None:
    require_dcmtk()
    drawn = np.random.default_rng(3).integers(0, 2, (16, 24)).astype(np.uint16)
    values = np.arange(16 * 24, dtype=np.uint16).reshape(16, 24) * 10
    path = write_slice(tmp_path / "made.dcm", values | drawn << 14, BitsStored=12, HighBit=11)
    given = pydicom.dcmread(path)
    given.update(_overlay_changes(drawn.astype(np.uint8), (1, 1)))
    del given[0x60003000]
    given[0x60000100].value, given[0x60000102].value = 16, 14
    given.save_as(path)
    frame = _frame(path)
    np.testing.assert_array_equal(frame.stored, values)
    (plane,) = frame.planes
    np.testing.assert_array_equal(plane.mask, drawn)
    assert given.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    (shown,) = shown_by_dcmtk(path, tmp_path, "+Ww", "100000", "2", overlays=True)
    np.testing.assert_array_equal(plane.mask * 255, shown)
