"""What is known of the methods of explanation, as plain records that cross a wire; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference.cards import ModelCard
from inference.records import Scalar

Status = Literal["green", "amber", "red"]
"""Green: fits this model. Amber: works, with what `reason` says. Red: cannot say anything true."""

OptionType = Literal["int", "float", "bool", "choice"]

InputKind = Literal["image", "volume", "clip", "tokens", "table"]
"""What an input is: [N, C, rows, columns], [N, C, slices, rows, columns], [N, C, times, rows,
columns], whole numbers [N, length], or [N, columns]."""

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
    how long that takes here; None where that depends on a model that was not named. `instead`
    names a method that does fit. `paper` is the source of the method. `prepared` says that it runs
    on a rewritten copy of the network.
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


@dataclass(frozen=True, eq=False)
class MethodsRequest:
    """Which methods, or which layers, fit this model."""

    card: ModelCard
    device: str = "auto"
