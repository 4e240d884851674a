"""What a person's measures on a frame give: lengths, angles, areas, and the values under them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from inference.errors import UserError
from inference.measured_shapes import SHAPES, Shape, inside
from inference.records import Calibration, Frame, Measure, Measured

BY_HAND = "set by hand"
_MINUS = "\N{MINUS SIGN}"
_LARGE_MM2 = 100.0
"""Areas from here on are written in cm²."""

_MOST_DIGITS = 6


def measure(measure: Measure, frame: Frame, own: Calibration | None = None) -> Measured:
    """Lengths, angles and statistics of one measure on the frame that it was drawn on.

    `own` is a calibration set by hand and wins over those of the file. Without a calibration that
    holds at every point, lengths are in pixels and the reason is named. Values are rescaled;
    padding and what is not finite are left out. The deviation is that of the pixels themselves,
    divided by their number and not by one less (IBSI reference manual, intensity variance).
    """
    calibration, words = _calibration(measure, frame, own)
    spacing = calibration.spacing_mm if calibration else (1.0, 1.0)
    found = Measured("mm" if calibration else "px", words)
    shape = SHAPES.get(measure.kind)
    if shape is not None:
        found = replace(
            found,
            area=shape.area(measure.points) * spacing[0] * spacing[1],
            perimeter=shape.perimeter(measure.points, spacing),
        )
        return _with_values(found, shape, measure, frame)
    ways = np.diff(np.array(measure.points, dtype=float), axis=0) * (spacing[1], spacing[0])
    if measure.kind == "angle":
        upright = ways if calibration else ways * (1.0, frame.aspect or 1.0)
        return replace(found, angle_degrees=_angle(upright))
    return replace(found, length=float(np.linalg.norm(ways, axis=1).sum()))


def calibration_by_hand(
    points: tuple[tuple[float, float], tuple[float, float]], frame: Frame, length_mm: float
) -> Calibration:
    """The calibration by which the way between two points is `length_mm` long.

    The proportions of the frame's pixels are kept. Raises UserError for a length that is none.
    """
    rows, columns = frame.spacing_mm or (frame.aspect or 1.0, 1.0)
    (x0, y0), (x1, y1) = points
    drawn = math.hypot((x1 - x0) * columns, (y1 - y0) * rows)
    if drawn == 0:
        raise UserError(
            "The line for the calibration has no length.", "Draw it over a known distance."
        )
    if not (math.isfinite(length_mm) and length_mm > 0):
        raise UserError("A length of zero or less calibrates nothing.", "Give it in millimetres.")
    factor = length_mm / drawn
    return Calibration((rows * factor, columns * factor), BY_HAND)


def words(measured: Measured) -> tuple[str, ...]:
    """The measure as the window writes it, such as "12.4 mm (PixelSpacing)", line by line."""
    lines = []
    if measured.length is not None:
        length = _length(measured.length)
        lines.append(f"{length} {measured.unit} ({measured.calibration})")
    if measured.angle_degrees is not None:
        lines.append(f"{measured.angle_degrees:.1f}°")
    lines.extend(_value_lines(measured))
    if measured.area is not None:
        area = _area(measured.area, measured.unit)
        lines.append(f"{area} ({measured.calibration})")
    if measured.perimeter is not None:
        pixels = "1 pixel" if measured.count == 1 else f"{measured.count:,} pixels"
        lines.append(f"perimeter {_length(measured.perimeter)} {measured.unit}, {pixels}")
    return tuple(lines)


def _calibration(
    measure: Measure, frame: Frame, own: Calibration | None
) -> tuple[Calibration | None, str]:
    """What holds at all points, and its name; or None and the reason."""
    if own is not None:
        return own, BY_HAND
    for known in frame.calibrations:
        if all(_holds(known, point) for point in measure.points):
            return known, known.source
    if frame.calibrations:
        regions = [
            {index for index, known in enumerate(frame.calibrations) if _holds(known, point)}
            for point in measure.points
        ]
        if all(regions):
            return None, "the ends lie in different ultrasound regions"
        return None, "not within one ultrasound region"
    if frame.spacing_mm is not None:
        return Calibration(frame.spacing_mm, "spacing of the file"), "spacing of the file"
    return None, "no valid calibration"


def _holds(calibration: Calibration, point: tuple[float, float]) -> bool:
    if calibration.area is None:
        return True
    left, top, right, bottom = calibration.area
    return left <= point[0] <= right and top <= point[1] <= bottom


def _angle(ways: np.ndarray) -> float | None:
    """Degrees between the arms from the point in the middle; None where an arm has no length."""
    if len(ways) < 2:
        return None
    one, other = -ways[0], ways[1]
    if not (one.any() and other.any()):
        return None
    across = float(one[0] * other[1] - one[1] * other[0])
    return math.degrees(math.atan2(abs(across), float(one @ other)))


def _with_values(found: Measured, shape: Shape, measure: Measure, frame: Frame) -> Measured:
    covered = inside(shape, measure.points, frame.shape)
    part = replace(frame, stored=covered.of(frame.stored))
    real = part.measured()
    mask = covered.mask if real is None else covered.mask & real
    if frame.colour:
        return replace(found, count=int(np.count_nonzero(mask)))
    values = part.stored[mask].astype(np.float64) * frame.slope + frame.intercept
    values = values[np.isfinite(values)]
    if not values.size:
        return found
    return replace(
        found,
        count=int(values.size),
        mean=float(values.mean()),
        deviation=float(values.std()),
        minimum=float(values.min()),
        maximum=float(values.max()),
        value_unit=frame.unit,
    )


def _value_lines(measured: Measured) -> list[str]:
    mean, deviation = measured.mean, measured.deviation
    low, high = measured.minimum, measured.maximum
    if mean is None or deviation is None or low is None or high is None:
        return []
    digits = _digits(deviation, mean)
    unit = f" {measured.value_unit}" if measured.value_unit else ""
    whole = low == round(low) and high == round(high)
    ends = [_signed(end, 0 if whole else digits) for end in (low, high)]
    return [
        f"mean {_signed(mean, digits)}{unit}, SD {_signed(deviation, digits)}",
        f"min {ends[0]}, max {ends[1]}",
    ]


def _digits(deviation: float, mean: float) -> int:
    """Digits behind the point by which three figures of the deviation are seen."""
    scale = deviation or abs(mean)
    if scale == 0 or (deviation == 0 and mean == round(mean)):
        return 0
    return min(max(2 - math.floor(math.log10(scale)), 0), _MOST_DIGITS)


def _length(value: float) -> str:
    return f"{value:,.2f}" if value < 1 else f"{value:,.1f}"


def _area(value: float, unit: str) -> str:
    if unit == "px":
        return f"{value:,.0f} px²"
    if value >= _LARGE_MM2:
        return f"{value / 100:,.2f} cm²"
    return f"{value:.2f} mm²" if value < 1 else f"{value:.1f} mm²"


def _signed(value: float, digits: int) -> str:
    """With a true minus sign, and without a negative zero."""
    text = f"{abs(value):,.{digits}f}"
    return _MINUS + text if value < 0 and text.strip("0.,") else text
