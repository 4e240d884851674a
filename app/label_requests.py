"""What is asked of a child about labels that leave a project or come in, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from inference.records import Annotation, LabelSet


@dataclass(frozen=True)
class LabelsOutRequest:
    """Labels of the project in the folder `project`, to be written to `path` in a format.

    `source_ids` are the scans, () for all; `labels` the labels, with those within them, () for
    all. With `identified` scans are named by their files, and in DICOM by their patients.
    """

    project: str
    format: str
    path: str
    source_ids: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    identified: bool = False


@dataclass(frozen=True)
class LabelsInRequest:
    """Labels at `path` to be read for the scans of a project; nothing of it is changed.

    A `format` of "" is found out by looking. `author` is who brings them in.
    """

    project: str
    format: str
    path: str
    author: str


@dataclass(frozen=True, eq=False)
class LabelsPart:
    """Some of the annotations that were read: all at once would hold up the window."""

    annotations: tuple[Annotation, ...]


@dataclass(frozen=True, eq=False)
class LabelsRead:
    """All were read: their format, the label set with new labels, and names that fit no scan."""

    format: str
    label_set: LabelSet
    unmatched: tuple[str, ...]
