"""Label sets as small JSON files, to be shared between projects; checked when they are read."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
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

from inference.card_layout import sentences
from inference.errors import UserError
from inference.records import (
    AnnotationKind,
    Attribute,
    AttributeKind,
    Code,
    Label,
    LabelSet,
    Pick,
)
from inference.whole_file import write_bytes

SCHEMA = "lepton.label-set/1"
LARGEST_BYTES = 4 << 20

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Level = Annotated[int, Field(ge=0, le=255)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]?$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Attribute(_Part):
    name: Text
    kind: AttributeKind = "choice"
    choices: tuple[Text, ...] = ()
    required: bool = False


class _Code(_Part):
    value: Text
    scheme: Text
    meaning: Text


class _Label(_Part):
    name: Text
    colour: tuple[Level, Level, Level]
    key: Key = ""
    kinds: tuple[AnnotationKind, ...] = ()
    attributes: tuple[_Attribute, ...] = ()
    scale: tuple[FiniteFloat, FiniteFloat] | None = None
    pick: Pick = "single"
    category: _Code | None = None
    type: _Code | None = None

    @model_validator(mode="after")
    def _scale_rises(self) -> _Label:
        if self.scale is not None and self.scale[0] >= self.scale[1]:
            raise ValueError("a scale goes from a low to a high value")
        return self


class _File(_Part):
    schema_name: Annotated[Literal["lepton.label-set/1"], Field(alias="schema")]
    name: Text = "Labels"
    pick: Pick = "single"
    labels: tuple[_Label, ...]

    @model_validator(mode="after")
    def _are_told_apart(self) -> _File:
        for what, found in (
            ("name", [one.name for one in self.labels]),
            ("key", [one.key for one in self.labels if one.key]),
        ):
            twice = next((one for one in found if found.count(one) > 1), None)
            if twice is not None:
                raise ValueError(f"two labels have the {what} “{twice}”")
        return self


def write_label_set(path: Path, label_set: LabelSet) -> None:
    """Keep a label set as a file. Raises UserError where it cannot be written."""
    found = _File.model_validate({"schema": SCHEMA, **asdict(label_set)})
    text = json.dumps(found.model_dump(mode="json", by_alias=True), indent=1, ensure_ascii=False)
    write_bytes(path, f"{text}\n".encode())


def read_label_set(path: Path) -> LabelSet:
    """The label set in a file. Raises UserError that says what is wrong with it."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise _refused(path, "it is larger than a label set can be")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path.name} cannot be read: {error.strerror}.",
            "Check its place and your permission to read it.",
            path=str(path),
        ) from error
    except (ValueError, RecursionError) as error:
        raise _refused(path, "it is not JSON") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise _refused(path, "it does not say that it is one")
    try:
        found = _File.model_validate(content)
    except ValidationError as error:
        raise _refused(path, sentences(error)) from error
    return LabelSet(found.name, tuple(_label(one) for one in found.labels), found.pick)


def _label(found: _Label) -> Label:
    return Label(
        found.name,
        found.colour,
        found.key,
        found.kinds,
        tuple(Attribute(one.name, one.kind, one.choices, one.required) for one in found.attributes),
        found.scale,
        found.pick,
        _code(found.category),
        _code(found.type),
    )


def _code(found: _Code | None) -> Code | None:
    return Code(found.value, found.scheme, found.meaning) if found is not None else None


def _refused(path: Path, reason: str) -> UserError:
    return UserError(
        f"{path.name} is no label set: {reason}.",
        "Choose a file that a label set was exported to.",
        path=str(path),
    )
