"""The layout of `card.yaml`, checked field by field; the errors are sentences for people."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    model_validator,
)

from inference.orientation import is_orientation
from inference.records import Scalar

SCHEMA = "lepton.card/1"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Length = Annotated[int, Field(ge=1, le=4096)]
Positive = Annotated[FiniteFloat, Field(gt=0)]
Limits = Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$")]


class _Part(BaseModel):
    # Strict: YAML reads `no` as false and 1.10 as a number; a label is text or it is a mistake.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AcceptsPart(_Part):
    """The sources the model was made for; what is left out may be anything."""

    modalities: list[Text] = []
    body_parts: list[Text] = []
    photometric: list[Text] = []
    dimensions: Literal[2, 3]
    spacing_mm: Annotated[list[Positive], Field(min_length=2, max_length=2)] | None = None
    unit: Text | None = None


class InputPart(_Part):
    """What the network takes in, and how values become its numbers."""

    values: Literal["source", "displayed"]
    size: Annotated[list[Length], Field(min_length=2, max_length=3)]
    channels: Literal[1, 3]
    resize: Literal["stretch", "fit"] = "stretch"
    orientation: str | None = None
    spacing_mm: Positive | None = None
    normalise: Literal["fixed", "per_source"] = "fixed"
    mean: list[FiniteFloat] = [0.0]
    scale: list[Positive] = [1.0]
    clip: Limits | None = None
    baseline: FiniteFloat = 0.0


class NetworkPart(_Part):
    """Which architecture, with which arguments."""

    architecture: Text
    arguments: dict[str, Scalar] = {}
    layer: Text | None = None
    activation: Literal["softmax", "sigmoid"]


class WeightsPart(_Part):
    """The file beside the card, and its SHA-256."""

    file: FileName
    sha256: Digest


class MetricPart(_Part):
    """One figure on held-out data with its 95 % confidence interval."""

    name: Text
    data: Text
    value: FiniteFloat
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    n: Annotated[int, Field(ge=1)]


class TrainingPart(_Part):
    """What the weights were made from."""

    data: Text
    licence: Text


class CardPart(_Part):
    """The whole file."""

    schema_name: Annotated[Literal["lepton.card/1"], Field(alias="schema")]
    id: Identifier
    title: Text
    task: Literal["classify", "segment"]
    labels: Annotated[list[Text], Field(min_length=1, max_length=10_000)]
    purpose: Text
    intended_use: Text
    accepts: AcceptsPart
    input: InputPart
    network: NetworkPart
    weights: WeightsPart | None = None
    training: TrainingPart
    metrics: list[MetricPart] = []
    limits: Annotated[list[Text], Field(min_length=1)]

    @model_validator(mode="after")
    def _agrees(self) -> CardPart:
        for wrong, sentence in _contradictions(self):
            if wrong:
                raise ValueError(sentence)
        return self


def _contradictions(card: CardPart) -> tuple[tuple[bool, str], ...]:
    entry, labels = card.input, card.labels
    dimensions = card.accepts.dimensions
    softmax = card.network.activation == "softmax"
    clip, range_mm = entry.clip, card.accepts.spacing_mm
    return (
        (len(set(labels)) != len(labels), "labels: each label may stand there once"),
        (softmax and len(labels) < 2, "labels: softmax needs at least two"),
        (card.task == "segment" and not softmax, "network.activation: segment needs softmax"),
        (len(entry.size) != dimensions, f"input.size: accepts.dimensions asks for {dimensions}"),
        (
            entry.orientation is not None and not is_orientation(entry.orientation),
            'input.orientation: three directions of L R P A S I, one an axis, such as "SAR"',
        ),
        (
            dimensions == 2 and (entry.orientation is not None or entry.spacing_mm is not None),
            "input.orientation and input.spacing_mm: only for volumes",
        ),
        (len(entry.mean) not in (1, entry.channels), "input.mean: one value, or one a channel"),
        (len(entry.scale) not in (1, entry.channels), "input.scale: one value, or one a channel"),
        (clip is not None and clip[0] >= clip[1], "input.clip: the lower limit comes first"),
        (
            range_mm is not None and range_mm[0] > range_mm[1],
            "accepts.spacing_mm: the lower limit comes first",
        ),
        (
            entry.values == "displayed" and entry.normalise == "per_source",
            "input.normalise: displayed grey levels have a fixed scale",
        ),
    )


def sentences(error: ValidationError, most: int = 3) -> str:
    """The first few mistakes as "field: what is wrong", separated by semicolons."""
    found = []
    for item in error.errors()[:most]:
        place = ".".join(str(part) for part in item["loc"])
        words = item["msg"].removeprefix("Value error, ")
        found.append(f"{place}: {words[:1].lower()}{words[1:]}" if place else words)
    left = error.error_count() - len(found)
    if left > 0:
        found.append(f"and {left} more")
    return "; ".join(found)
