"""By what lengths on a DICOM frame are measured, and how its rows and columns run."""

from __future__ import annotations

from pydicom.dataset import Dataset

from inference.records import Calibration
from inference.sources.dicom_fields import items, macro, number, numbers, whole, word, words

PROJECTIONS = frozenset({"CR", "DX", "MG", "XA", "RF", "IO", "PX"})
"""Modalities whose pixels stand at the detector and not in the patient (PS3.3 10.7.1.3)."""

_TWO_DIMENSIONAL = 1
_CENTIMETRES = 3
_LOW_PRIORITY = 1
"""Region Spatial Format, Physical Units and bit 0 of Region Flags, PS3.3 C.8.5.5.1."""

_OPPOSITES = ("AP", "LR", "HF")


def calibrations_of(dataset: Dataset, frame: int) -> tuple[Calibration, ...]:
    """What lengths on one frame are measured by; empty where nothing valid is known.

    Ultrasound regions hold within their boxes alone and leave no other calibration beside them,
    for outside them stand spectra and texts. Otherwise there is one for the whole frame.
    """
    regions = items(dataset, "SequenceOfUltrasoundRegions")
    if regions:
        return _regions(regions, (whole(dataset, "Rows"), whole(dataset, "Columns")))
    measures = macro(dataset, frame, "PixelMeasuresSequence")
    plain = _pair(measures, "PixelSpacing")
    detector = _pair(dataset, "ImagerPixelSpacing")
    if plain is not None and plain != detector:
        return (Calibration(plain, _plain_words(dataset)),)
    if plain is not None and word(dataset, "PixelSpacingCalibrationType"):
        return (Calibration(plain, _plain_words(dataset)),)
    if detector is not None:
        return (_at_detector(dataset, detector, "ImagerPixelSpacing" if not plain else ""),)
    for keyword, holder in (
        (
            "ObjectPixelSpacingInCenterOfBeam",
            macro(dataset, frame, "ProjectionPixelCalibrationSequence"),
        ),
        ("NominalScannedPixelSpacing", dataset),
    ):
        found = _pair(holder, keyword)
        if found is not None:
            return (Calibration(found, keyword),)
    return ()


def spacing_of(calibrations: tuple[Calibration, ...]) -> tuple[tuple[float, float] | None, str]:
    """The spacing by which the whole frame is drawn, and where it comes from, in words.

    None where regions of one frame differ.
    """
    if not calibrations:
        return None, "none"
    first = calibrations[0]
    if any(other.spacing_mm != first.spacing_mm for other in calibrations):
        return None, "ultrasound regions that differ"
    return first.spacing_mm, first.source if len(calibrations) == 1 else "ultrasound regions"


def aspect_of(dataset: Dataset) -> float | None:
    """A pixel's height by its width from Pixel Aspect Ratio, vertical first (PS3.3 C.7.6.3.1.7)."""
    found = _pair(dataset, "PixelAspectRatio")
    return None if found is None else found[0] / found[1]


def directions_of(dataset: Dataset) -> tuple[str, str] | None:
    """Patient Orientation: where a row leads, and where a column (PS3.3 C.7.6.1.1.1).

    None where a value is malformed, both name one axis, or the letters are those of quadrupeds.
    """
    found = words(dataset, "PatientOrientation")
    if len(found) != 2 or word(dataset, "AnatomicalOrientationType") == "QUADRUPED":
        return None
    axes = [[_axis(letter) for letter in value] for value in found]
    for named in axes:
        if not named or None in named or len(set(named)) < len(named):
            return None
    return (found[0], found[1]) if axes[0][0] != axes[1][0] else None


def _axis(letter: str) -> int | None:
    return next((index for index, pair in enumerate(_OPPOSITES) if letter in pair), None)


def _plain_words(dataset: Dataset) -> str:
    how = word(dataset, "PixelSpacingCalibrationType")
    return f"PixelSpacing, calibrated ({how.lower()})" if how else "PixelSpacing"


def _at_detector(dataset: Dataset, spacing: tuple[float, float], keyword: str) -> Calibration:
    """At the detector, or in the patient where the header estimates the magnification.

    The factor is the distance from the source to the detector over that to the patient, so it is
    never below 1 (PS3.3 C.8.7.2).
    """
    source = f"{keyword or 'PixelSpacing'} at the detector"
    factor = None
    if word(dataset, "Modality") in PROJECTIONS:
        factor = number(dataset, "EstimatedRadiographicMagnificationFactor")
    if factor is None or factor < 1:
        return Calibration(spacing, source)
    rows, columns = spacing
    return Calibration((rows / factor, columns / factor), f"{source} / ERMF {factor:.3g}")


def _regions(
    regions: tuple[Dataset, ...], shape: tuple[int | None, int | None]
) -> tuple[Calibration, ...]:
    """Two-dimensional regions in centimetres, those drawn over others first."""
    found = []
    for count, region in enumerate(regions, start=1):
        name = "ultrasound region" if len(regions) == 1 else f"ultrasound region {count}"
        calibration = _region(region, name, shape)
        if calibration is not None:
            flags = whole(region, "RegionFlags") or 0
            found.append((flags & _LOW_PRIORITY, count, calibration))
    return tuple(calibration for _, _, calibration in sorted(found, key=lambda one: one[:2]))


def _region(region: Dataset, name: str, shape: tuple[int | None, int | None]) -> Calibration | None:
    units = (whole(region, "PhysicalUnitsXDirection"), whole(region, "PhysicalUnitsYDirection"))
    if (
        units != (_CENTIMETRES, _CENTIMETRES)
        or whole(region, "RegionSpatialFormat") != _TWO_DIMENSIONAL
    ):
        return None
    corners = [
        number(region, f"RegionLocation{end}{axis}")
        for end, axis in (("Min", "X0"), ("Min", "Y0"), ("Max", "X1"), ("Max", "Y1"))
    ]
    deltas = [number(region, f"PhysicalDelta{axis}") for axis in "XY"]
    known = [value for value in (*corners, *deltas) if value is not None]
    if len(known) < 6 or 0 in known[4:]:
        return None
    left, top, right, bottom, across, down = known
    rows, columns = shape
    if rows is None or columns is None or not (left <= right <= columns and top <= bottom <= rows):
        # A box that leaves the picture is that of the picture before it was made smaller.
        return None
    # Both corners are pixels of the region, so its box ends at the far edge of the second; some
    # write that edge instead.
    area = (left, top, min(right + 1, columns), min(bottom + 1, rows))
    return Calibration((abs(down) * 10, abs(across) * 10), name, area)


def _pair(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    found = numbers(dataset, keyword)
    return (found[0], found[1]) if len(found) == 2 and min(found) > 0 else None
