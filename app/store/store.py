"""The project as the store's lane uses it: each function by name, on the lane's thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.acts import Act, Mark
from app.queue import Queue, QueueWish
from app.store import acts, marks, results, sources
from app.store.acts import Standing
from app.store.annotations import (
    count_by_label,
    count_by_source,
    find_sources,
    find_unlabelled,
    load_annotations,
    load_versions,
)
from app.store.database import Database
from app.store.folder import ProjectFolder
from app.store.labelled import load_labelled
from app.store.opening import Project
from app.store.queue import find_predicted, load_queue
from app.store.records import Found, Kept, LabelCount, Opening, Result, Sought, Version, Wanted
from app.waiting import STATE, Pending
from inference.records import Annotation, SourceEntry
from inference.task import Task


class Store:
    """Opens, and where needed brings up to date, the project in `folder` (None for one in memory).

    `former` is the file of an older version that is taken over. The project is opened with the
    first use, or by "open_project". All that `keep` is given is committed, and synchronised to the
    disk, before it returns. Raises UserError where the file cannot be used; it is then left as it
    is.
    """

    def __init__(self, folder: Path | None, former: Path | None = None) -> None:
        self._project = Project(ProjectFolder(folder, former) if folder is not None else None)
        self._keepers: dict[str, Callable[[Database, Any], object]] = {
            "save": results.save,
            "save_mark": marks.save_mark,
            "act": acts.keep_act,
            "sources": sources.save_sources,
            "models": sources.save_models,
            STATE: lambda database, named: sources.save_state(database, *named),
            "cursor": acts.move_cursor,
        }
        self.table: dict[str, Callable[[Any, Task], Any]] = {
            "open_project": self.open_project,
            "restore_backup": self.restore_backup,
            "keep": self.keep,
            "load": self.load,
            "load_all": self.load_all,
            "load_marks": self.load_marks,
            "load_annotations": self.load_annotations,
            "load_labelled": self.load_labelled,
            "load_versions": self.load_versions,
            "load_act": self.load_act,
            "standing": self.standing,
            "load_sources": self.load_sources,
            "load_state": self.load_state,
            "count_by_label": self.count_by_label,
            "count_by_source": self.count_by_source,
            "find_sources": self.find_sources,
            "find_unlabelled": self.find_unlabelled,
            "load_queue": self.load_queue,
            "find_predicted": self.find_predicted,
        }
        """What the lane may run."""

    @property
    def _database(self) -> Database:
        return self._project.use()

    def open_project(self, nothing: None, task: Task) -> Opening:
        """Open the project, or try again what could not be done the last time."""
        return self._project.open()

    def restore_backup(self, backup: str | None, task: Task) -> Opening:
        """Let the backup at a path take the place of a damaged file, or None an empty file."""
        return self._project.restore(backup)

    def keep(self, things: tuple[Pending, ...], task: Task) -> Kept:
        """Keep things in their order, all of them or none."""
        database = self._project.use_to_keep()
        with database.writing():
            for one in things:
                self._keepers[one.name](database, one.what)
        return Kept(len(things), self._project.note(sum(one.name != STATE for one in things)))

    def save(self, found: tuple[Result, ...], task: Task) -> None:
        """Keep what models said."""
        self.keep((Pending("save", found),), task)

    def save_mark(self, mark: Mark, task: Task) -> None:
        """Keep a mark that no act stands for, or forget it where it has no record."""
        self.keep((Pending("save_mark", mark),), task)

    def load(self, wanted: Wanted, task: Task) -> Found:
        """What is kept for this frame and model."""
        return results.load(self._database, wanted)

    def load_all(self, wanted: Wanted, task: Task) -> tuple[Found, ...]:
        """What is kept for all frames of this one's source, by the same model."""
        return results.load_all(self._database, wanted)

    def load_marks(self, source_id: str, task: Task) -> tuple[Mark, ...]:
        """The marks of a source, by name."""
        return marks.load_marks(self._database, source_id)

    def load_annotations(self, source_id: str, task: Task) -> tuple[Annotation, ...]:
        """The annotations of a source that hold."""
        return load_annotations(self._database, source_id)

    def load_labelled(self, labels: tuple[str, ...], task: Task) -> tuple[Annotation, ...]:
        """The annotations of all sources that have one of these labels."""
        return load_labelled(self._database, labels)

    def load_versions(self, annotation_id: str, task: Task) -> tuple[Version, ...]:
        """Every state that an annotation was in, the first one first."""
        return load_versions(self._database, annotation_id)

    def load_act(self, number: int, task: Task) -> Act | None:
        """An act with all that it changed."""
        return acts.load_act(self._database, number)

    def standing(self, nothing: None, task: Task) -> Standing:
        """Where the person stands among the acts, and the label set."""
        return acts.standing(self._database)

    def load_sources(self, nothing: None, task: Task) -> tuple[SourceEntry, ...]:
        """All sources of the project, in the order they were added."""
        return sources.load_sources(self._database)

    def load_state(self, name: str, task: Task) -> object:
        """What was kept under a name; None where there is nothing."""
        return sources.load_state(self._database, name)

    def count_by_label(self, nothing: None, task: Task) -> tuple[LabelCount, ...]:
        """How much is said with each label in each kind, and on how many sources."""
        return count_by_label(self._database)

    def count_by_source(self, nothing: None, task: Task) -> dict[str, int]:
        """How many annotations hold on each source that has any."""
        return count_by_source(self._database)

    def find_sources(self, sought: Sought, task: Task) -> tuple[str, ...]:
        """The sources that have an annotation which fits in all."""
        return find_sources(self._database, sought)

    def find_unlabelled(self, nothing: None, task: Task) -> tuple[str, ...]:
        """The sources of the project that have no annotation, in the order they were added."""
        return find_unlabelled(self._database)

    def load_queue(self, wish: QueueWish, task: Task) -> Queue:
        """The scans of the project, or slices of them, in the order that is wished for."""
        return load_queue(self._database, wish)

    def find_predicted(self, model: tuple[str, str], task: Task) -> frozenset[str]:
        """The sources of which a model, by id and digest of its weights, has said something."""
        return find_predicted(self._database, *model)

    def close(self) -> None:
        """Make a backup where something changed, and let go of the project."""
        self._project.finish()
