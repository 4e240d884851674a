"""What models said: predictions and attributions, with what made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inference.records.belief import Figure
from inference.records.frames import FrameKey, Options


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


@dataclass(frozen=True, eq=False)
class SoftMap:
    """How sure a segmentation is of each pixel of one frame; made when asked for, never stored.

    `shares` is uint8 [labels, rows, columns] of the frame: the score of each of `labels` after the
    activation, in steps of 1/255, rounded; 0 where the model saw nothing. The background, where a
    model names one, is left out.
    """

    key: FrameKey
    labels: tuple[str, ...]
    shares: np.ndarray
    provenance: Provenance


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
class Cells:
    """The cells that a map was made of, over one frame.

    `values` is float32 [rows, columns], in the order of the frame's rows and columns. The cells
    are equally large and fill the box from (top, left) to (bottom, right), in the frame's pixel
    edges: (0, 0) is the outer corner of its first pixel. The box may reach beyond the frame, or
    cover a part of it.
    """

    values: np.ndarray
    box: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Attribution:
    """How much each pixel of a frame mattered for one output of one model.

    `map` is float32 [rows, columns] of the frame. `native` is the map's own resolution (rows,
    columns) before it went back to the frame. `signed` says whether its sign has a meaning.
    `against` is the label that the target was set against, None for the target alone. `spread` is
    the standard error of the map where it is a mean over samples, as large as `map`. `figures`
    say how far to believe it. `prepared` says that a copy of the network was rewritten for the
    method, which changes none of its answers.
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
    against: str | None = None
    spread: np.ndarray | None = None
    figures: tuple[Figure, ...] = ()
    prepared: bool = False
    cells: Cells | None = None
    """The map at its own resolution; None where that is the frame's, and on a cut."""
    unit: str = ""
    """What a value of the map says, in words; "" where it has no meaning but its order."""
    target_words: str = ""
    """What was asked about, for people: the label, what it is set against, and within what."""
    against_index: int | None = None
    """`against` as an index into the model's labels, as `target` is one."""
    baseline_name: str = ""
    """Which of explain.baselines `baseline` is; "" where the method has none."""
    reference: FrameKey | None = None
    """The frame that the baseline "picture" means."""
