"""The nouns of the program: frozen records of numpy arrays and plain values.

Everything here is in source coordinates: a mask or a map measured on a frame fits that frame's
array pixel for pixel, whatever size the model worked at. Indices are 0-based. Millimetres are
patient millimetres, LPS+ (DICOM PS3.3 C.7.6.2.1.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

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

Kind = Literal["series", "image", "volume", "clip", "document", "table"]
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
    """A VOI LUT (PS3.3 C.11.2.1.1): `entries[value - first]`, clamped at both ends."""

    first: float
    entries: np.ndarray
    explanation: str = ""


@dataclass(frozen=True)
class FrameRef:
    """Where a frame's pixels are: the file, and the frame's number within it."""

    path: str
    number: int = 0


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
    spacing_mm: tuple[float, float] | None = None
    affine: Affine | None = None
    warnings: tuple[str, ...] = ()

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


@dataclass(frozen=True)
class Provenance:
    """What made a result: enough to make it again."""

    model_id: str
    sha256: str
    preparation: str
    """How the frame became a tensor, in words with numbers, the window used included."""
    device: str
    seconds: float
    made_at: str
    """UTC, ISO 8601."""
    versions: Options
    method: str | None = None
    options: Options = ()
    seed: int | None = None


@dataclass(frozen=True, eq=False)
class Prediction:
    """What one model said about one frame.

    `scores` is float32 [labels], after the activation. `mask` is uint8 [rows, columns] of the
    frame with label indices (segmentation), else None. For a segmentation `scores` are the
    shares of the frame's pixels under each label.
    """

    key: FrameKey
    labels: tuple[str, ...]
    scores: np.ndarray
    logits: np.ndarray
    activation: str
    mask: np.ndarray | None
    warnings: tuple[str, ...]
    provenance: Provenance

    @property
    def top(self) -> int:
        return int(np.argmax(self.scores))


@dataclass(frozen=True)
class Completeness:
    """How far the map's sum is from the change in the output, relative to the change."""

    sum: float
    difference: float

    @property
    def residual(self) -> float:
        return abs(self.sum - self.difference)

    @property
    def relative(self) -> float:
        return self.residual / max(abs(self.difference), 1e-6)


@dataclass(frozen=True, eq=False)
class Attribution:
    """How much each pixel of a frame mattered for one output of one model.

    `map` is float32 [rows, columns] of the frame. `native` is the map's own resolution (rows,
    columns) before it went back to the frame. `signed` says whether its sign has a meaning.
    """

    key: FrameKey
    target: int
    target_label: str
    output: Literal["logit", "probability"]
    map: np.ndarray
    native: tuple[int, int]
    signed: bool
    layer: str | None
    baseline: str | None
    reduction: str
    completeness: Completeness | None
    warnings: tuple[str, ...]
    provenance: Provenance
    coarse: bool = False
    """True for an unfinished map: drawn, but not stored."""


def affine_of(matrix: np.ndarray) -> Affine:
    """A 4×4 array as nested tuples of plain floats."""
    if matrix.shape != (4, 4):
        raise ValueError(f"an affine is 4×4, not {matrix.shape}")
    rows = [(float(a), float(b), float(c), float(d)) for a, b, c, d in matrix]
    return (rows[0], rows[1], rows[2], rows[3])
