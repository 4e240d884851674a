"""What is known of the methods of explanation, as plain records that cross a wire; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inference.cards import ModelCard
from inference.records import Frame, FrameKey, Region, Scalar

Status = Literal["green", "amber", "red"]
"""Green: fits this model. Amber: works, with what `reason` says. Red: cannot say anything true."""

OptionType = Literal["int", "float", "bool", "choice"]

InputKind = Literal["image", "volume", "clip", "tokens", "table"]
"""What an input is: [N, C, rows, columns], [N, C, slices, rows, columns], [N, C, times, rows,
columns], whole numbers [N, length], or [N, columns]."""

Fill = Literal["in-paint", "blur", "mean", "baseline"]
"""What stands where something was taken out: the surroundings carried on, the picture blurred, its
mean, or what the model takes for nothing there."""

Layout = Literal["channels first", "channels last", "tokens"]
"""How a layer's output lies: [N, C, *size], [N, *size, C], or [N, special + cells, C]."""


@dataclass(frozen=True)
class Option:
    """One adjustable value of a method; `default` is None where it depends on the model's size.

    A whole number of which 0 is allowed as default means "chosen when it runs" where `words` say
    so. `choices` are the words that a choice allows.
    """

    name: str
    type: OptionType
    default: Scalar
    low: float | None
    high: float | None
    words: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class MethodStatus:
    """Whether one method can be trusted with one model, and what to set.

    `passes` is the number of inputs that go through the model with the defaults, `seconds` about
    how long that takes here, `seconds_each` how long one input takes without a gradient; None where
    that depends on a model that was not named, or nothing was measured. `instead` names a method
    that does fit. `paper` is the source of the method. `prepared` says that it runs on a rewritten
    copy of the network, `can_stop` that it may be asked for what is known so far.
    """

    name: str
    title: str
    family: str
    status: Status
    reason: str
    instead: str | None
    options: tuple[Option, ...]
    passes: int | None
    takes_layer: bool
    paper: str = ""
    takes_baseline: bool = False
    prepared: bool = False
    seconds: float | None = None
    can_stop: bool = False
    seconds_each: float | None = None


@dataclass(frozen=True)
class LayerStatus:
    """A layer of a model whose output lies over its input: its dotted name and its kind.

    `shape` is the spatial size of the output, (rows, columns) or (slices, rows, columns).
    `default` marks the layer that is taken unless another is named. `special` is the number of
    tokens before the first cell (a class token, registers); 0 but for tokens.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    default: bool
    layout: Layout = "channels first"
    special: int = 0


@dataclass(frozen=True)
class TreeRow:
    """One part of a model in its tree: its dotted name ("" for the whole), class and depth.

    `shape` is what it gives for one input in words, "" where that is not known; `parameters` counts
    those of all that is in it. `takes_part` is False where no pass comes through it.
    """

    name: str
    kind: str
    shape: str
    parameters: int
    depth: int
    takes_part: bool


@dataclass(frozen=True, eq=False)
class MethodsRequest:
    """Which methods, or which layers, fit this model."""

    card: ModelCard
    device: str = "auto"


@dataclass(frozen=True, eq=False)
class WhatIfRequest:
    """What a model says of `frames[index]` once the marked parts are taken out.

    `frames` holds that one frame, or for a model of volumes the whole source.
    """

    frames: tuple[Frame, ...]
    index: int
    card: ModelCard
    regions: tuple[Region, ...]
    fill: Fill = "in-paint"
    device: str = "auto"


@dataclass(frozen=True, eq=False)
class OccludeAtRequest:
    """What a model says once a patch around one place of `frames[index]` is hidden.

    `point` is (row, column) of a pixel, `width` the patch's in pixels; in a volume it is as deep,
    in millimetres where they are known.
    """

    frames: tuple[Frame, ...]
    index: int
    card: ModelCard
    point: tuple[int, int]
    width: int
    fill: Fill = "baseline"
    device: str = "auto"


@dataclass(frozen=True, eq=False)
class Change:
    """What a model said of one frame before and after a part was taken out.

    `before` and `after` are float32 [labels], as in Prediction. `box` holds what was taken out,
    [x0, y0, x1, y1] in pixel edges of the frame.
    """

    key: FrameKey
    labels: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    activation: str
    fill: Fill
    box: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """A change, and the frame that caused it, as stored, to be drawn like any other."""

    change: Change
    frame: Frame
