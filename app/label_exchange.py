"""Labels out of a project and in, as a child or the command line does it; free of Qt."""

from __future__ import annotations

from pathlib import Path

from app.label_requests import LabelsInRequest, LabelsOutRequest, LabelsPart, LabelsRead
from app.store.acts import standing
from app.store.annotations import load_annotations
from app.store.database import Database
from app.store.looking import looking
from app.store.sources import load_sources
from inference.errors import UserError
from inference.exchange.records import LabelledSource, LabelsExport, LabelsImport, Read, Written
from inference.exchange.sniffing import format_at
from inference.exchange.table import Format, find_format
from inference.records import LabelSet, SourceEntry
from inference.records.labels import SEPARATOR
from inference.task import Task

TOGETHER = 500
"""Annotations that cross to the window in one message, so that each takes a few milliseconds."""

_STEP = 64


def export_labels(request: LabelsOutRequest, task: Task) -> Written:
    """Write labels of a project, which may be open elsewhere.

    Raises UserError where there is nothing to write, or not all that was named is there.
    """
    chosen = find_format(request.format)
    with looking(Path(request.project)) as project:
        label_set = standing(project).label_set
        entries = _entries(project, request.source_ids)
        found = _labelled(project, entries, _names(label_set, request.labels), task)
    if not any(one.annotations for one in found):
        raise UserError(
            "There is nothing to export: no label was said of these scans.",
            "Label them first, or choose others.",
        )
    sources = tuple(one for one in found if one.annotations or request.source_ids)
    return chosen.write(LabelsExport(label_set, sources, request.path, request.identified), task)


def read_labels(request: LabelsInRequest, task: Task) -> LabelsRead:
    """Read labels for the scans of a project; the annotations come as partial results alone."""
    path = Path(request.path)
    chosen = chosen_format(request.format, path)
    with looking(Path(request.project)) as project:
        label_set, entries = standing(project).label_set, load_sources(project)
    found = read_matching(chosen, LabelsImport(label_set, entries, str(path), request.author), task)
    for start in range(0, len(found.annotations), TOGETHER):
        task.partial(LabelsPart(found.annotations[start : start + TOGETHER]))
    return LabelsRead(chosen.name, found.label_set, found.unmatched)


def chosen_format(name: str, path: Path) -> Format:
    """The format of this name; for "" the one that is found by looking."""
    return find_format(name) if name else format_at(path)


def read_matching(chosen: Format, request: LabelsImport, task: Task) -> Read:
    """Read labels. Raises UserError where they are of no scan of the project."""
    found = chosen.read(request, task)
    if found.unmatched and not found.annotations:
        names = len(found.unmatched)
        words = "is of no scan" if names == 1 else "are of scans none of which is"
        told = f"The name {found.unmatched[0]}" if names == 1 else f"The {names:,} names"
        raise UserError(
            f"{told} in {Path(request.path).name} {words} in the project.",
            "Add the scans that the labels are of first.",
            path=request.path,
        )
    return found


def words_of_import(count: int, title: str) -> str:
    """What an import is called as an act; `title` is that of the format."""
    return f"Import {counted(count, 'annotation')} from {title}"


def words_imported(count: int, sources: int) -> str:
    """That an import was taken, as a sentence."""
    verb = "was" if count == 1 else "were"
    return f"{counted(count, 'annotation')} of {counted(sources, 'scan')} {verb} imported."


def words_written(written: Written) -> str:
    """That an export was written, as a sentence."""
    verb = "was" if written.annotations == 1 else "were"
    where = counted(written.files, "file")
    return f"{counted(written.annotations, 'annotation')} {verb} written to {where}."


def counted(count: int, thing: str) -> str:
    """A number of things in words."""
    return f"1 {thing}" if count == 1 else f"{count:,} {thing}s"


def _entries(project: Database, source_ids: tuple[str, ...]) -> tuple[SourceEntry, ...]:
    entries = load_sources(project)
    if not source_ids:
        return entries
    known = {one.source_id: one for one in entries}
    missing = next((one for one in source_ids if one not in known), None)
    if missing is not None:
        raise UserError(
            f"The project has no scan with the id {missing}.",
            "lepton info lists the ids of scans.",
            fault="usage",
        )
    return tuple(known[one] for one in source_ids)


def _names(label_set: LabelSet, wanted: tuple[str, ...]) -> frozenset[str] | None:
    """The wanted labels and those within them; None where all are."""
    if not wanted:
        return None
    for name in wanted:
        if label_set.find(name) is None:
            there = ", ".join(one.name for one in label_set.labels) or "none"
            raise UserError(
                f"The project has no label {name}.", f"Its labels are {there}.", fault="usage"
            )
    return frozenset(
        one.name
        for one in label_set.labels
        if any(f"{one.name}{SEPARATOR}".startswith(f"{name}{SEPARATOR}") for name in wanted)
    )


def _labelled(
    project: Database,
    entries: tuple[SourceEntry, ...],
    names: frozenset[str] | None,
    task: Task,
) -> list[LabelledSource]:
    """What was said of scans. One after the other: a long look would hold up whoever labels."""
    found = []
    for number, entry in enumerate(entries):
        if number % _STEP == 0:
            task.progress(number, len(entries))
        said = load_annotations(project, entry.source_id)
        kept = said if names is None else tuple(one for one in said if one.label in names)
        found.append(LabelledSource(entry, kept))
    return found
