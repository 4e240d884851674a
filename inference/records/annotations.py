"""A person's word on a frame, and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.records.frames import FrameKey, Kind, Options
from inference.records.labels import AnnotationKind

WHOLE = -1
"""The frame of what is said of a source as a whole."""


@dataclass(frozen=True, eq=False)
class MaskBits:
    """A region of a frame: the box that holds it, and its pixels.

    `bits` is uint8 [n]: the box's pixels in row order, one bit each with the first pixel in the
    highest bit (`numpy.packbits`), compressed with zlib. `inference.mask_bits` packs and unpacks.
    """

    top: int
    left: int
    rows: int
    columns: int
    count: int
    """Pixels of the region."""
    bits: np.ndarray


@dataclass(frozen=True)
class MadeFrom:
    """The prediction that an annotation was accepted or edited from."""

    model_id: str
    sha256: str
    label: str
    score: float
    made_at: str
    """When the model said so: UTC, ISO 8601."""
    threshold: float | None = None
    """The share above which pixels were taken, for a mask."""


@dataclass(frozen=True, eq=False)
class Annotation:
    """One thing that a person said of a source; another version of it supersedes this one.

    `points` are (column, row) in pixel edges of the frame: (0.5, 0.5) is the first pixel's centre.
    A box has two opposite corners (left, top), (right, bottom); a rotated box its four corners
    around; a polygon three or more; a line two or more; a point one. A mask has `mask`, a word span
    or time interval `extent` (characters from the start of the text, or seconds; [first, last)).
    `value` is given with a label that has a scale. `instance` is the same for what belongs
    together over several frames, such as one lesion; "" stands for itself.
    """

    annotation_id: str
    source_id: str
    frame: int
    """The index of the frame, or WHOLE."""
    kind: AnnotationKind
    label: str
    points: tuple[tuple[float, float], ...] = ()
    mask: MaskBits | None = None
    extent: tuple[float, float] | None = None
    value: float | None = None
    attributes: Options = ()
    instance: str = ""
    author: str = ""
    made_at: str = ""
    """When this version was made: UTC, ISO 8601."""
    made_from: MadeFrom | None = None

    @property
    def key(self) -> FrameKey:
        return (self.source_id, self.frame)


@dataclass(frozen=True)
class SourceEntry:
    """A source as a project knows it: by reference, found again by what it is made of.

    `source_id` is the fingerprint: the same for the same bytes everywhere. `title` names no
    patient. `paths` are the files or folders that were opened for it, absolute; `shape` is
    (rows, columns).
    """

    source_id: str
    kind: Kind
    title: str
    modality: str | None
    frames: int
    shape: tuple[int, int]
    paths: tuple[str, ...]
    series_uid: str = ""
