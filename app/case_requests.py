"""What crosses to the children that examine cases: plain records, nothing heavy beside them."""

from __future__ import annotations

from dataclasses import dataclass

from inference.cards import ModelCard
from inference.records import Attribution, Frame, Prediction, Region, Source
from widgets.case_row import CaseRow


@dataclass(frozen=True, eq=False)
class CaseRequest:
    """A case to be read: `frame` None means the one on which most is marked, else the middle one.

    `marked` is the region that a person drew; without one a list beside the files is looked for.
    """

    source: Source
    card: ModelCard
    frame: int | None = None
    marked: Region | None = None


@dataclass(frozen=True, eq=False)
class CaseInput:
    """The frames that the model needs, which of them is asked about, and the truth if it is known.

    `label` is the model's own word, "" where none is known.
    """

    frames: tuple[Frame, ...]
    index: int
    label: str
    region: Region | None


@dataclass(frozen=True, eq=False)
class Explained:
    """What the model says of the frame that was asked about, and the maps over all its frames."""

    prediction: Prediction
    maps: tuple[Attribution, ...]
    index: int


@dataclass(frozen=True)
class JudgeRequest:
    """Case `number` of the labelled set at `path`, before one model, by several methods."""

    path: str
    number: int
    card: ModelCard
    methods: tuple[str, ...]
    device: str = "auto"


@dataclass(frozen=True, eq=False)
class Judged:
    """A row for each method, and the maps of those that gave one."""

    rows: tuple[CaseRow, ...]
    maps: tuple[Attribution, ...]


@dataclass(frozen=True)
class CaseFile:
    """Rows that were read from a file, and what it is about."""

    title: str
    rows: tuple[CaseRow, ...]
