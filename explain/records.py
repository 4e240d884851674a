"""What is known of the methods of explanation, as plain records that cross a wire; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference.cards import ModelCard
from inference.records import Scalar

Status = Literal["green", "amber", "red"]
"""Green: fits this model. Amber: works, with what `reason` says. Red: cannot say anything true."""

OptionType = Literal["int", "bool"]


@dataclass(frozen=True)
class Option:
    """One adjustable value of a method; `default` is None where it depends on the model's size."""

    name: str
    type: OptionType
    default: Scalar
    low: int | None
    high: int | None
    words: str


@dataclass(frozen=True)
class MethodStatus:
    """Whether one method can be trusted with one model, and what to set.

    `passes` is the number of passes through the model that the defaults need; None where that
    depends on a model that was not named. `instead` names a method that does fit.
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


@dataclass(frozen=True)
class LayerStatus:
    """A convolutional layer of a model: its dotted name, its kind, and the size of what it gives.

    `shape` is the spatial size of the output, (rows, columns) or (slices, rows, columns).
    `default` marks the layer that is taken unless another is named.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    default: bool


@dataclass(frozen=True, eq=False)
class MethodsRequest:
    """Which methods, or which layers, fit this model."""

    card: ModelCard
    device: str = "auto"
