"""DICOM objects that are no scans: what they draw over frames, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

ObjectKind = Literal["segmentation", "structure_set", "parametric_map", "report", "other"]


IN_FROM = 128
"""From this share of 255 on a pixel belongs to a segment: there its outline runs."""


@dataclass(frozen=True)
class DicomObject:
    """A file that belongs to scans: a segmentation, contours, a map, a report, or anything else.

    `object_id` is 12 hex digits of its content. `series_uids` are the series that it names;
    `frame_of_reference` is the space it lies in, "" if it names none.
    """

    object_id: str
    kind: ObjectKind
    title: str
    path: str
    study_id: str
    study_title: str
    who: str
    """As in Source: for the window alone."""
    modality: str | None
    frame_of_reference: str = ""
    series_uids: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    """Sentences about it: how many segments, what it lacks."""


@dataclass(frozen=True)
class Segment:
    """One structure of an object: its number there, what it is called, its colour in RGB."""

    number: int
    label: str
    colour: tuple[int, int, int]
    details: str = ""


@dataclass(frozen=True, eq=False)
class SegmentPiece:
    """A segment on one frame of a source: uint8 [r, c] from (row, column) on; 255 = wholly in.

    `segment` is an index into the overlay's segments. Pieces of several segments may overlap.
    """

    frame: int
    segment: int
    row: int
    column: int
    mask: np.ndarray


@dataclass(frozen=True, eq=False)
class ContourPiece:
    """A contour on one frame: float32 [n, 2] of (column, row) in pixel edges."""

    frame: int
    segment: int
    points: np.ndarray
    closed: bool = True


@dataclass(frozen=True, eq=False)
class ValuePiece:
    """A parametric map on one frame: float32 [rows, columns] of it, NaN where there is none."""

    frame: int
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class ObjectOverlay:
    """An object in the coordinates of one source's frames."""

    object_id: str
    source_id: str
    segments: tuple[Segment, ...] = ()
    pieces: tuple[SegmentPiece, ...] = ()
    contours: tuple[ContourPiece, ...] = ()
    values: tuple[ValuePiece, ...] = ()
    unit: str | None = None
    warnings: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """What the values of a map are, a line each, for its legend."""


@dataclass(frozen=True)
class TagRow:
    """One element of a data set: `depth` 0 at the top, 1 in the items of a sequence, and so on."""

    depth: int
    tag: str
    """Such as "(0028,0010)"."""
    vr: str
    name: str
    value: str


@dataclass(frozen=True)
class Tags:
    """All elements of one file in their order, cut off where they are too many."""

    path: str
    rows: tuple[TagRow, ...]
    cut: bool = False


@dataclass(frozen=True)
class ReportLine:
    """One line of a readable report; `depth` is its place in the tree of content."""

    depth: int
    heading: str
    text: str


@dataclass(frozen=True)
class ReportText:
    """A structured report as lines to read."""

    title: str
    lines: tuple[ReportLine, ...]
