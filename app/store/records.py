"""What is asked of the store, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.panes import Asked
from inference.errors import UserError
from inference.records import Annotation, AnnotationKind, Attribution, FrameKey, Prediction

Result = Prediction | Attribution


@dataclass(frozen=True)
class Wanted:
    """The results of one frame by one model, the weights of which have this digest.

    `asked` is the question that the map is to answer; None wants the latest map.
    """

    key: FrameKey
    model_id: str
    sha256: str
    asked: Asked | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What the store holds of it; `attribution` is the latest one that fits."""

    wanted: Wanted
    prediction: Prediction | None
    attribution: Attribution | None


@dataclass(frozen=True)
class Backup:
    """A copy of the project's file that was found whole when it was made."""

    path: str
    made_at: str
    """UTC, ISO 8601."""
    annotations: int
    """How many annotations hold in it."""


@dataclass(frozen=True)
class Opening:
    """How a project was found when it was opened (the store's "open_project", given None).

    While it is `damaged` the store keeps and finds nothing: its "restore_backup", given the path of
    a backup, or None to begin with an empty file, answers with another Opening. While it is
    `read_only` it finds but does not keep; "open_project" again takes it over where it can.
    """

    folder: str
    name: str
    """The folder's name."""
    read_only: str = ""
    """Why nothing can be changed, in a sentence; "" where all can be."""
    since: str = ""
    """When the program that has it was opened: UTC, ISO 8601; "" where there is none."""
    damaged: str = ""
    """What is the matter with the file, in a sentence; "" where it is whole."""
    backups: tuple[Backup, ...] = ()
    """The copies that can take its place, newest first; looked for only where it is damaged."""
    remark: str = ""
    """What else a person is to know, in sentences, such as that the folder has no locks."""


@dataclass(frozen=True)
class Kept:
    """How many things were kept; `trouble` is news of what stands beside it, such as a backup."""

    count: int
    trouble: UserError | None = None


@dataclass(frozen=True, eq=False)
class Version:
    """One state that an annotation was ever in; None where it was taken away."""

    number: int
    author: str
    made_at: str
    """UTC, ISO 8601."""
    annotation: Annotation | None
    holds: bool
    """Whether it is the one that holds now."""


@dataclass(frozen=True)
class Sought:
    """Which annotations are looked for among those that hold; "" looks for any."""

    label: str = ""
    kind: AnnotationKind | Literal[""] = ""
    author: str = ""
    since: str = ""
    """Made then or later: UTC, ISO 8601."""


@dataclass(frozen=True)
class LabelCount:
    """How much is said with a label in one kind of annotation."""

    label: str
    kind: str
    annotations: int
    sources: int
