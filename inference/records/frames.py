"""What was opened: sources, their frames, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inference.records.objects import DicomObject

FrameKey = tuple[str, int]
"""Which frame of which source: (source id, index)."""

Affine = tuple[
    tuple[float, float, float, float],
    tuple[float, float, float, float],
    tuple[float, float, float, float],
    tuple[float, float, float, float],
]
"""Takes (column, row, slice, 1) of voxel centres to patient millimetres, LPS+."""

Point = tuple[float, float, float]
"""A place in the patient, in millimetres, LPS+."""

Kind = Literal["series", "image", "volume"]
OrderRule = Literal["position", "temporal", "instance_number", "file_name", "none"]
VoiFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
Scalar = str | int | float | bool | None
"""A plain value that JSON can hold."""

Options = tuple[tuple[str, Scalar], ...]
"""Named plain values in a fixed order."""


@dataclass(frozen=True)
class Window:
    """How rescaled values become grey: PS3.3 C.11.2.1.2 and C.11.2.1.3."""

    center: float
    width: float
    function: VoiFunction = "LINEAR"
    explanation: str = ""


@dataclass(frozen=True, eq=False)
class GreyTable:
    """A VOI LUT (PS3.3 C.11.2.1.1): `entries[(value - first) / step]`, clamped at both ends."""

    first: float
    entries: np.ndarray
    explanation: str = ""
    step: float = 1.0
    """Rescaled values from one entry to the next: not 1 where they are SUV or Gy."""


@dataclass(frozen=True)
class FrameRef:
    """Where a frame's pixels are: the file, and the frame's number within it."""

    path: str
    number: int = 0


@dataclass(frozen=True)
class NativePixels:
    """Where a frame's uncompressed pixels stand: `offset` bytes into its file, as `dtype`.

    They can be read without a decoder, [rows, columns] of the source; what they mean says the
    source's `heads[head]`.
    """

    offset: int
    dtype: str
    """As NumPy writes it, such as "<i2"."""
    head: int = 0
    bits: int = 0
    """How many bits count, from the lowest on; 0 = all."""
    file_bytes: int = 0
    changed_ns: int = 0
    """The file's size, and when it was last changed: another file in its place is not read."""


@dataclass(frozen=True)
class Order:
    """Another order of a source's frames: `indices[place]` is the frame's index in `refs`."""

    rule: OrderRule
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Calibration:
    """What lengths are measured by: mm (between rows, between columns) and where they come from.

    `area` is a box [x0, y0, x1, y1] in pixel edges within which alone it holds; None = everywhere.
    """

    spacing_mm: tuple[float, float]
    source: str
    area: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class OverlayPlane:
    """Graphics that came with a frame (PS3.3 C.9.2): uint8 [rows, columns], 1 where drawn."""

    mask: np.ndarray
    label: str


@dataclass(frozen=True, eq=False)
class Source:
    """A series, image or volume as opened: a description; the pixels come frame by frame.

    `shape` is (rows, columns). `spacing_mm` is (between rows, between columns, between slices or
    None). `affine` takes (column, row, slice, 1) to LPS millimetres; None without geometry.
    `positions_mm` holds each frame's first voxel where slices are not evenly spaced, else None.
    `refs` stands in the displayed order.
    """

    source_id: str
    kind: Kind
    title: str
    study_id: str
    study_title: str
    who: str
    """Name, birth date and id of the patient, for the corner of the window only; never written."""
    modality: str | None
    body_part: str | None
    photometric: str | None
    samples: int
    shape: tuple[int, int]
    spacing_mm: tuple[float, float, float | None] | None
    spacing_source: str
    affine: Affine | None
    positions_mm: tuple[Point, ...] | None
    order_rule: OrderRule
    transfer_syntax: str | None
    unit: str | None
    refs: tuple[FrameRef, ...]
    frame_time_ms: float | None = None
    technique: str = ""
    """Short technical line for the corner of the viewport, such as "120 kV · 2.5 mm · B30f"."""
    lossy: str | None = None
    """What lossy compression was applied, in words; None if none is known."""
    warnings: tuple[str, ...] = ()
    series_uid: str = ""
    frame_of_reference: str = ""
    """Frame of Reference UID: sources that share it lie in the same space; "" if unknown."""
    orders: tuple[Order, ...] = ()
    """The other orders that the frames could stand in."""
    native: tuple[NativePixels, ...] = ()
    """One for each of `refs`, or none at all where pixels have to be decoded."""
    heads: tuple[Frame, ...] = ()
    """Frames without pixels (`stored` is empty) that say what `native` pixels mean."""

    @property
    def frames(self) -> int:
        return len(self.refs)

    def key(self, index: int) -> FrameKey:
        return (self.source_id, index)

    def frame_affine(self, index: int) -> Affine | None:
        """The affine whose slice 0 is frame `index`: its own position, not an interpolated one."""
        if self.affine is None:
            return None
        matrix = np.array(self.affine, dtype=float)
        if self.positions_mm is not None:
            matrix[:3, 3] = self.positions_mm[index]
        else:
            matrix[:3, 3] += index * matrix[:3, 2]
        return affine_of(matrix)


@dataclass(frozen=True)
class Refused:
    """A file that could not be opened, and the sentence that says why."""

    path: str
    reason: str


@dataclass(frozen=True, eq=False)
class Opened:
    """What came of opening some paths."""

    sources: tuple[Source, ...]
    refused: tuple[Refused, ...]
    objects: tuple[DicomObject, ...] = ()


@dataclass(frozen=True, eq=False)
class Frame:
    """One slice or picture, as stored: rescaled value = stored * slope + intercept.

    `stored` is [rows, columns] (integers, or float32 for parametric maps and NIfTI), or uint8
    [rows, columns, 3] RGB for colour. `padding` is the inclusive range of *stored* values that
    are no measurement. `affine` takes (column, row, 0, 1) of this frame to LPS millimetres.
    """

    key: FrameKey
    stored: np.ndarray
    slope: float = 1.0
    intercept: float = 0.0
    unit: str | None = None
    photometric: str = "MONOCHROME2"
    inverted: bool = False
    """MONOCHROME1 or PresentationLUTShape INVERSE: inverted after the VOI, never in the values."""
    padding: tuple[float, float] | None = None
    windows: tuple[Window, ...] = ()
    table: GreyTable | None = None
    """The first VOI LUT of the file."""
    other_tables: tuple[GreyTable, ...] = ()
    spacing_mm: tuple[float, float] | None = None
    affine: Affine | None = None
    warnings: tuple[str, ...] = ()
    directions: tuple[str, str] | None = None
    """Patient Orientation (0020,0020) where there is no affine: along a row, along a column."""
    calibrations: tuple[Calibration, ...] = ()
    planes: tuple[OverlayPlane, ...] = ()
    shutter: np.ndarray | None = None
    """uint8 [rows, columns], 1 where the picture is to be seen (PS3.3 C.7.6.11); None = all."""
    aspect: float | None = None
    """A pixel's height by its width where the header states that alone, and no `spacing_mm`."""

    @property
    def shape(self) -> tuple[int, int]:
        return (int(self.stored.shape[0]), int(self.stored.shape[1]))

    @property
    def colour(self) -> bool:
        return self.stored.ndim == 3

    def values(self) -> np.ndarray:
        """Rescaled values as float32, [rows, columns] or [rows, columns, 3]."""
        found = self.stored.astype(np.float32)
        if self.slope != 1.0:
            found *= np.float32(self.slope)
        if self.intercept != 0.0:
            found += np.float32(self.intercept)
        return found

    def measured(self) -> np.ndarray | None:
        """True where a pixel is a measurement, [rows, columns]; None if all are."""
        if self.padding is None or self.colour:
            return None
        low, high = self.padding
        return ~((self.stored >= low) & (self.stored <= high))


def affine_of(matrix: np.ndarray) -> Affine:
    """A 4×4 array as nested tuples of plain floats."""
    if matrix.shape != (4, 4):
        raise ValueError(f"an affine is 4×4, not {matrix.shape}")
    rows = [(float(a), float(b), float(c), float(d)) for a, b, c, d in matrix]
    return (rows[0], rows[1], rows[2], rows[3])


@dataclass(frozen=True, eq=False)
class Preview:
    """A first picture, while headers are still being read; its source comes later, with `ref`.

    The frame's key is ("", 0): nothing may be kept under it.
    """

    ref: FrameRef
    frame: Frame
