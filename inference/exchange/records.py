"""What an exchange of labels is asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from inference.records import Annotation, LabelSet, SourceEntry


@dataclass(frozen=True, eq=False)
class LabelledSource:
    """A source of a project and what was said of it."""

    entry: SourceEntry
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True, eq=False)
class LabelsExport:
    """Labels to be written to `path`, a file or a folder as the format has it.

    Sources are named by their ids; `identified` names them by their files instead.
    """

    label_set: LabelSet
    sources: tuple[LabelledSource, ...]
    path: str
    identified: bool = False


@dataclass(frozen=True)
class Written:
    """How much was written, and in sentences what the format could not hold."""

    files: int
    annotations: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LabelsImport:
    """Labels to be read from `path` for the sources of a project; `author` brings them in."""

    label_set: LabelSet
    entries: tuple[SourceEntry, ...]
    path: str
    author: str


@dataclass(frozen=True, eq=False)
class Read:
    """What was read: the label set with the new labels added, and new annotations.

    `unmatched` are the names in the file that no source of the project bears.
    """

    label_set: LabelSet
    annotations: tuple[Annotation, ...]
    unmatched: tuple[str, ...]
