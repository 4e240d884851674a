"""Structured reports and key object selections as lines to read, in their own order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path

from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import ReportLine, ReportText
from inference.requests import ObjectRequest, ReportRequest
from inference.sources.dicom_fields import items, numbers, quietly, word
from inference.sources.dicom_header import read_dataset
from inference.sources.objects.listing import report_heading
from inference.sources.objects.references import frames_named, instances_of
from inference.sources.objects.report_values import (
    code_of,
    meaning_of,
    referred_class,
    value_words,
)
from inference.task import Task

LINES_LIMIT = 5000
_DEPTH_LIMIT = 40
_MEASUREMENT_GROUP = "125007"
_SITES = ("363698007", "G-C0E3", "121071")
"""Finding Site in SNOMED CT and in its older form, then Finding: what a group measures."""

_RELATIONS = {"INFERRED FROM": "Inferred from", "SELECTED FROM": "Selected from"}
"""Relationships that must be said (PS3.3 C.17.3.2.4); the others go without saying."""

_REFERENCES = frozenset(("IMAGE", "COMPOSITE", "WAVEFORM"))
_UNNAMED = {"CONTAINER": "Section", **dict.fromkeys(_REFERENCES, "Reference")}
_STATES = (("CompletionFlag", "Completion"), ("VerificationFlag", "Verification"))


def read_report(request: ReportRequest, task: Task) -> ReportText:
    """The tree of content of a report (PS3.3 C.17.3) as lines, at most 5,000.

    Measured values read as "3.42 cm³ (Liver)". Raises UserError if the file is no report.
    """
    path = Path(request.path)
    dataset = read_dataset(path)
    task.check()
    with quietly():
        if not items(dataset, "ContentSequence"):
            raise UserError(
                f"{path.name} holds no report.", "Its tags can be read.", path=request.path
            )
        lines = list(islice(_document(dataset), LINES_LIMIT + 1))
        if len(lines) > LINES_LIMIT:
            said = f"The report goes on; its first {LINES_LIMIT} lines are shown."
            lines = [*lines[:LINES_LIMIT], ReportLine(0, "", said)]
        return ReportText(report_heading(dataset) or "Report", tuple(lines))


def key_frames(request: ObjectRequest, task: Task) -> tuple[int, ...]:
    """The frames of a source that a key object selection names (PS3.3 A.35.4), ascending."""
    dataset = read_dataset(Path(request.object.path))
    task.check()
    instances = instances_of(request.source)
    with quietly():
        found = [
            frame
            for item in items(dataset, "ContentSequence")
            for frame in frames_named(item, "ReferencedSOPSequence", instances)
        ]
    return tuple(sorted(set(found)))


def _document(dataset: Dataset) -> Iterator[ReportLine]:
    for keyword, heading in _STATES:
        state = word(dataset, keyword)
        if state:
            yield ReportLine(0, heading, state.lower())
    yield from _lines(items(dataset, "ContentSequence"), 0, "")


def _lines(found: Sequence[Dataset], depth: int, subject: str) -> Iterator[ReportLine]:
    """Items of one level; a run of bare references is one line, as there may be hundreds."""
    for bare, run in groupby(found, _is_bare):
        members = list(run)
        if bare and len(members) > 1:
            yield ReportLine(depth, "References", _counted(members))
        else:
            for item in members:
                yield from _item(item, depth, subject)


def _is_bare(item: Dataset) -> bool:
    """A reference that nothing is said about."""
    plain = not (items(item, "ConceptNameCodeSequence") or items(item, "ContentSequence"))
    return plain and word(item, "ValueType") in _REFERENCES


def _counted(members: Sequence[Dataset]) -> str:
    counts: dict[str, int] = {}
    for item in members:
        found = items(item, "ReferencedSOPSequence")
        name = (referred_class(found[0]) if found else "") or "instance"
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{count} × {name}" for name, count in counts.items())


def _item(item: Dataset, depth: int, subject: str) -> Iterator[ReportLine]:
    under = items(item, "ContentSequence")
    kind = word(item, "ValueType")
    text = value_words(item)
    if kind == "NUM":
        # How a value was derived belongs to its name: "SUVbw, Mean".
        modifiers = [one for one in under if _is_modifier(one)]
        under = tuple(one for one in under if not _is_modifier(one))
        said = [meaning_of(one, "ConceptCodeSequence") for one in modifiers]
        heading = ", ".join(filter(None, (_heading(item), *said)))
        text = f"{text} ({subject})" if subject else text
    else:
        heading = _heading(item)
    yield ReportLine(depth, heading, text)
    if depth < _DEPTH_LIMIT:
        inner = _subject(under) if _is_group(item) else subject if kind == "NUM" else ""
        yield from _lines(under, depth + 1, inner)


def _heading(item: Dataset) -> str:
    """The name of an item, with its relationship where that has to be said."""
    relation = _RELATIONS.get(word(item, "RelationshipType") or "", "")
    name = meaning_of(item, "ConceptNameCodeSequence")
    target = numbers(item, "ReferencedContentItemIdentifier")
    if target:
        name = f"item {'.'.join(f'{number:.0f}' for number in target)}"
    if not name:
        name = _UNNAMED.get(word(item, "ValueType") or "", "")
    return f"{relation}: {name}" if relation and name else relation or name


def _is_modifier(item: Dataset) -> bool:
    return word(item, "RelationshipType") == "HAS CONCEPT MOD" and word(item, "ValueType") == "CODE"


def _is_group(item: Dataset) -> bool:
    """Measurement Group of TID 1501 and TID 1411 (PS3.16)."""
    return code_of(item, "ConceptNameCodeSequence") == _MEASUREMENT_GROUP


def _subject(under: Sequence[Dataset]) -> str:
    """What the values of a group were measured on."""
    named = {code_of(one, "ConceptNameCodeSequence"): one for one in reversed(under)}
    return next((value_words(named[code]) for code in _SITES if code in named), "")
