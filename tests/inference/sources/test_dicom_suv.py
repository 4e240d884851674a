"""SUV by body weight: worked by hand, and refused where the header leaves anything open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from inference.records import Frame, FrameRef
from inference.sources.dicom_frame import read_frame
from inference.sources.dicom_suv import uptake_of
from tests.inference.sources.dicom_writer import dataset_of, write_slice

PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4) * 1000
HALF_LIFE_S = 6586.2  # fluorine-18


def _drug(**changes: Any) -> Dataset:
    made = Dataset()
    values: dict[str, Any] = {
        "RadionuclideTotalDose": 3.5e8,
        "RadionuclideHalfLife": HALF_LIFE_S,
        "RadiopharmaceuticalStartTime": "083000",
    }
    for keyword, value in (values | changes).items():
        if value is not None:
            setattr(made, keyword, value)
    return made


SCAN: dict[str, Any] = {
    "Modality": "PT",
    "Units": "BQML",
    "CorrectedImage": ["ATTN", "DECY", "SCAT"],
    "DecayCorrection": "START",
    "PatientWeight": 70,
    "SeriesDate": "20240305",
    "SeriesTime": "093000.00",
    "AcquisitionDate": "20240305",
    "AcquisitionTime": "093005",
    "RescaleIntercept": 0,
    "RescaleSlope": 2,
}


def _scan(drug: Dataset | None = None, **changes: Any) -> dict[str, Any]:
    return {"RadiopharmaceuticalInformationSequence": [drug or _drug()], **SCAN, **changes}


def _factor(drug: Dataset | None = None, **changes: Any) -> float | None:
    return uptake_of(dataset_of(PIXELS, **_scan(drug, **changes))).factor


def _frame(folder: Path, **changes: Any) -> Frame:
    path = write_slice(folder / "x.dcm", PIXELS, **_scan(**changes))
    return read_frame(("", 0), FrameRef(str(path)), None)


AN_HOUR = 2.0 ** (-3600 / HALF_LIFE_S)  # of the activity is left
FACTOR = 70_000 / (3.5e8 * AN_HOUR)  # g per Bq


def test_the_factor_by_hand() -> None:
    # exp(-0.693147 × 3600 / 6586.2) = 0.684633 of the activity is left after an hour.
    assert _factor() == pytest.approx(70_000 / (3.5e8 * 0.684633), rel=1e-5)


@pytest.mark.parametrize(
    ("drug", "changes", "factor"),
    [
        # Corrected to the injection: the dose counts as it was then, whatever the times are.
        ({"RadiopharmaceuticalStartTime": None}, {"DecayCorrection": "ADMIN"}, 70_000 / 3.5e8),
        # A full date and time goes before the time alone.
        ({"RadiopharmaceuticalStartDateTime": "20240305093000"}, {}, 70_000 / 3.5e8),
        ({"RadiopharmaceuticalStartDateTime": "20240305083000.00+0100"}, {}, FACTOR),
        # Injected half an hour before midnight, scanned half an hour after.
        (
            {"RadiopharmaceuticalStartTime": "233000"},
            {"SeriesTime": "003000", "AcquisitionTime": "003000"},
            FACTOR,
        ),
        # Made anew later: SeriesTime says nothing, and nothing else says when the scan began.
        ({}, {"SeriesTime": "120000"}, None),
        ({}, {"PatientWeight": None}, None),
        ({}, {"PatientWeight": 0}, None),
        ({}, {"CorrectedImage": ["DECY"]}, None),
        ({}, {"CorrectedImage": ["ATTN"]}, None),
        ({}, {"DecayCorrection": "NONE"}, None),
        ({"RadionuclideTotalDose": None}, {}, None),
        ({"RadionuclideTotalDose": 350}, {}, None),  # MBq, against the standard
        ({"RadionuclideHalfLife": None}, {}, None),
        ({"RadiopharmaceuticalStartTime": None}, {}, None),
        ({"RadiopharmaceuticalStartTime": "soon"}, {}, None),
        ({"RadiopharmaceuticalStartDateTime": "20200101083000"}, {}, None),  # four years before
        ({"RadiopharmaceuticalStartDateTime": "20240305100000"}, {}, None),  # after the scan
        ({}, {"Units": "PROPCPS"}, None),
        ({}, {"Units": "CNTS"}, None),
        ({}, {"Units": "GML"}, 1.0),
        ({}, {"Units": "GML", "SUVType": "BW"}, 1.0),
        ({}, {"Units": "GML", "SUVType": "LBM"}, None),
    ],
)
def test_each_condition(
    drug: dict[str, Any], changes: dict[str, Any], factor: float | None
) -> None:
    found = _factor(_drug(**drug), **changes)
    assert found == (factor if factor is None else pytest.approx(factor, rel=1e-9))


def test_ge_keeps_the_start_of_the_scan_in_a_private_element() -> None:
    made = dataset_of(PIXELS, **_scan(SeriesTime="120000"))
    block = made.private_block(0x0009, "GEMS_PETD_01", create=True)
    block.add_new(0x0D, "DT", "20240305093000.00")
    assert uptake_of(made).factor == pytest.approx(FACTOR, rel=1e-9)


@pytest.mark.parametrize(("written", "factor"), [("0.00125", 0.00125), ("0", None)])
def test_philips_counts_have_a_private_factor(written: str, factor: float | None) -> None:
    made = dataset_of(PIXELS, **_scan(Units="CNTS"))
    block = made.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", written)
    assert uptake_of(made).factor == factor


def test_probe_and_window_see_suv(tmp_path: Path) -> None:
    frame = _frame(tmp_path, WindowCenter=5000, WindowWidth=8001)
    assert frame.unit == "SUVbw"
    np.testing.assert_allclose(frame.values(), PIXELS * 2.0 * FACTOR, rtol=1e-6)
    (window,) = frame.windows
    # LINEAR of 5000 and 8001 rises from 999.5 to 8999.5 Bq/ml.
    assert window.function == "LINEAR_EXACT"
    assert window.center - window.width / 2 == pytest.approx(999.5 * FACTOR)
    assert window.center + window.width / 2 == pytest.approx(8999.5 * FACTOR)
    assert frame.warnings == ()


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    frame = _frame(tmp_path, PatientWeight=None, CorrectedImage=["DECY"])
    assert (frame.unit, frame.slope) == ("BQML", 2.0)
    assert frame.warnings == (
        "There is no SUV: the header does not give the attenuation correction and the patient's "
        "weight.",
    )


def test_each_slice_has_its_own_slope(tmp_path: Path) -> None:
    slopes = (2.0, 0.5, 3.25)
    for place, slope in enumerate(slopes):
        folder = tmp_path / str(place)
        found = _frame(folder, RescaleSlope=slope)
        np.testing.assert_allclose(found.values(), PIXELS * slope * FACTOR, rtol=1e-6)


def test_windows_of_an_exact_kind_are_only_scaled(tmp_path: Path) -> None:
    frame = _frame(
        tmp_path, WindowCenter=5000, WindowWidth=8000, VOILUTFunction="SIGMOID", Units="BQML"
    )
    (window,) = frame.windows
    assert window.function == "SIGMOID"
    assert (window.center, window.width) == pytest.approx((5000 * FACTOR, 8000 * FACTOR))


@pytest.mark.parametrize("lacking", ["RescaleSlope", "RescaleIntercept"])
def test_stored_values_are_no_activity(tmp_path: Path, lacking: str) -> None:
    """Without the rescale they would be off by its slope, from slice to slice by another one."""
    frame = _frame(tmp_path, **{lacking: None})
    assert (frame.unit, frame.slope) == (None, 1.0)
    sentence = "There is no SUV: the header does not give the rescale slope and intercept."
    assert frame.warnings == (sentence,)
