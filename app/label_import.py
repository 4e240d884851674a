"""Labels brought into a project without a window: all of them as one act, or none; free of Qt."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.acts import Act, of_annotation, of_label_set
from app.author import own_name
from app.label_exchange import chosen_format, read_matching, words_of_import
from app.places import is_project
from app.project_entries import entry_of
from app.store import Store
from app.store.acts import Standing
from app.waiting import Pending
from inference.errors import UserError
from inference.exchange.records import LabelsImport, Read
from inference.exchange.table import Format
from inference.records import LabelSet, SourceEntry
from inference.requests import OpenRequest
from inference.task import Task


@dataclass(frozen=True, eq=False)
class Imported:
    """What came in, and what of it was new."""

    format: Format
    read: Read
    labels_added: tuple[str, ...]
    sources: int
    """How many scans the annotations are of."""


def import_labels(
    project: Path, name: str, path: Path, scans: tuple[str, ...], task: Task
) -> Imported:
    """Bring the labels at `path` into a project, which is made where there is none.

    `name` is the format, "" to look; `scans` are files and folders that are added to the project
    as well. Raises UserError, and leaves the project as it is, where not all can be taken.
    """
    chosen = chosen_format(name, path)
    new = not is_project(project)
    if new and project.exists() and (not project.is_dir() or any(project.iterdir())):
        raise UserError(
            f"{project.name} is no project, and holds other things, so it cannot become one.",
            "Name a folder that is not there yet, or an empty one.",
            fault="usage",
            path=str(project),
        )
    with closing(Store(project)) as store:
        at, known = _look(store, task) if not new else (Standing(0, 0, LabelSet()), ())
        added = _open(scans, task)
        entries = {one.source_id: one for one in (*known, *added)}
        request = LabelsImport(at.label_set, tuple(entries.values()), str(path), own_name())
        found = read_matching(chosen, request, task)
        things = _things(chosen, at, found, added)
        task.check()
        if things:
            store.keep(things, task)
    before = {one.name for one in at.label_set.labels}
    labels = tuple(one.name for one in found.label_set.labels if one.name not in before)
    return Imported(chosen, found, labels, len({one.source_id for one in found.annotations}))


def _look(store: Store, task: Task) -> tuple[Standing, tuple[SourceEntry, ...]]:
    """Where the project stands, and its scans. Raises UserError where it cannot be changed."""
    opening = store.open_project(None, task)
    if opening.damaged:
        raise UserError(opening.damaged, "Open it in the window to choose one of its backups.")
    if opening.read_only:
        raise UserError(opening.read_only, "Close it there, then try again.", fault="surroundings")
    return store.standing(None, task), store.load_sources(None, task)


def _open(scans: tuple[str, ...], task: Task) -> tuple[SourceEntry, ...]:
    """What a project remembers of the scans at these paths. Raises UserError where none opens."""
    if not scans:
        return ()
    from inference.sources.registry import open_sources

    with tempfile.TemporaryDirectory() as scratch:
        opened = open_sources(OpenRequest(scans, scratch), task)
        found = tuple(entry_of(one, scans, Path(scratch)) for one in opened.sources)
    for refused in opened.refused:
        task.note(refused.reason)
    if not found:
        raise UserError("None of the named files and folders holds a scan that can be opened.")
    return found


def _things(
    chosen: Format, at: Standing, found: Read, added: tuple[SourceEntry, ...]
) -> tuple[Pending, ...]:
    """Scans, and one act of new labels and annotations; an import of nothing is none."""
    changes = tuple(of_annotation(None, one) for one in found.annotations)
    if found.label_set != at.label_set:
        changes = (of_label_set(at.label_set, found.label_set), *changes)
    things = [Pending("sources", added)] if added else []
    if changes:
        words = words_of_import(len(found.annotations), chosen.title)
        made_at = datetime.now(UTC).isoformat()
        key = found.annotations[0].key if found.annotations else None
        act = Act(at.cursor + 1, words, own_name(), made_at, key, changes)
        things.append(Pending("act", act))
    return tuple(things)
