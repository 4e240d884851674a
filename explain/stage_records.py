"""What a model saw on its way from a frame to its answer, as records that cross a wire; no torch.

The records of the tree of its layers stand here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from explain.records import LayerStatus, TreeRow
from inference.cards import ModelCard
from inference.records import Frame

StageName = Literal["source", "values", "input", "layer", "output"]


@dataclass(frozen=True, eq=False)
class StagesRequest:
    """What a model makes of `frames[index]`, stage by stage.

    `frames` holds that one frame, or for a model of volumes the whole source. `layer` is the
    dotted name of the layer to look at; None takes the one that methods of layers take.
    """

    frames: tuple[Frame, ...]
    index: int
    card: ModelCard
    layer: str | None = None
    device: str = "auto"


@dataclass(frozen=True, eq=False)
class StagePlane:
    """One picture of a stage, at its own size.

    `values` is float32 [rows, columns], or uint8 [rows, columns, 3] of a colour picture. `low` and
    `high` are their range, 0 where there are no numbers. Where a normalisation can be undone,
    value × `scale` + `mean` is what stood there before it.
    """

    title: str
    values: np.ndarray
    low: float
    high: float
    mean: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class StageScore:
    """What the model says of one label, before and after its activation."""

    label: str
    logit: float
    score: float


@dataclass(frozen=True, eq=False)
class Stage:
    """One step on the way. `shape` is that of the whole array in words, `unit` of its values.

    `planes` are the slice that belongs to the frame, one picture a channel. `sentence` says what
    was done, or why there is nothing to see. `before_unit` is the unit once the normalisation is
    undone; None where there is none to undo.
    """

    name: StageName
    title: str
    sentence: str
    shape: str
    unit: str
    planes: tuple[StagePlane, ...] = ()
    scores: tuple[StageScore, ...] = ()
    score_names: tuple[str, str] = ("", "")
    """What the two numbers of each of `scores` are."""
    before_unit: str | None = None


@dataclass(frozen=True, eq=False)
class Stages:
    """All stages of one pass, in their order; `layer` is the dotted name of the one shown."""

    stages: tuple[Stage, ...]
    layer: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class NetworkTree:
    """The parts of a model, each before what is in it, and the layers that lie over its input."""

    rows: tuple[TreeRow, ...]
    layers: tuple[LayerStatus, ...]


@dataclass(frozen=True, eq=False)
class LayerPreview:
    """What a layer makes of a frame, in small: uint8 [rows, columns], the strongest white."""

    name: str
    picture: np.ndarray


RECORDS: tuple[type, ...] = (
    StagesRequest,
    StagePlane,
    StageScore,
    Stage,
    Stages,
    NetworkTree,
    LayerPreview,
)
"""Those that cross to a child and back."""
