"""What a person measures on a frame, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference.records.frames import FrameKey

MeasureKind = Literal["length", "angle", "rectangle", "ellipse", "polygon"]


@dataclass(frozen=True)
class Measure:
    """Points on a frame as (column, row) in pixel edges; (0.5, 0.5) is the first pixel's centre.

    A length has two points, an angle three with the vertex in the middle, a rectangle and an
    ellipse two opposite corners of their box, a polygon three or more.
    """

    measure_id: str
    key: FrameKey
    kind: MeasureKind
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Measured:
    """What a measure gives; None where it has no meaning or no calibration.

    `unit` is that of `length`, of `perimeter` and (squared) of `area`: "mm", or "px" without a
    valid calibration, which is then named in `calibration` as the reason. `value_unit` is that of
    mean, deviation, minimum and maximum of the rescaled values under the measure.
    """

    unit: Literal["mm", "px"]
    calibration: str
    length: float | None = None
    angle_degrees: float | None = None
    area: float | None = None
    perimeter: float | None = None
    count: int = 0
    """Pixels whose centres lie inside and are measurements."""
    mean: float | None = None
    deviation: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    value_unit: str | None = None
