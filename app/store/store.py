"""The project's file as the store's lane uses it: each function by name, on the lane's thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.acts import Act, Mark
from app.store import acts, marks, results, sources
from app.store.acts import Standing
from app.store.annotations import load_annotations
from app.store.database import Database
from app.store.records import Found, Result, Wanted
from app.waiting import Pending
from inference.records import Annotation, SourceEntry
from inference.task import Task

ARRAYS = "arrays"


class Store:
    """Opens, and where needed brings up to date, the file at `path` (None for one in memory).

    All that `keep` is given is committed, and synchronised to the disk, before it returns. Raises
    UserError where the file cannot be used; it is then left as it is.
    """

    def __init__(self, path: Path | None) -> None:
        self._database = Database(path, path.parent / ARRAYS if path is not None else None)
        self._keepers: dict[str, Callable[[Any], object]] = {
            "save": lambda found: results.save(self._database, found),
            "save_mark": lambda mark: marks.save_mark(self._database, mark),
            "act": lambda act: acts.keep_act(self._database, act),
            "sources": lambda entries: sources.save_sources(self._database, entries),
            "state": lambda named: sources.save_state(self._database, *named),
            "cursor": lambda cursor: acts.move_cursor(self._database, cursor),
        }
        self.table: dict[str, Callable[[Any, Task], Any]] = {
            "keep": self.keep,
            "load": self.load,
            "load_all": self.load_all,
            "load_marks": self.load_marks,
            "load_annotations": self.load_annotations,
            "load_act": self.load_act,
            "standing": self.standing,
            "load_sources": self.load_sources,
            "load_state": self.load_state,
        }
        """What the lane may run."""

    def keep(self, things: tuple[Pending, ...], task: Task) -> int:
        """Keep things in their order, all of them or none; how many they were."""
        with self._database.writing():
            for one in things:
                self._keepers[one.name](one.what)
        return len(things)

    def save(self, found: tuple[Result, ...], task: Task) -> int:
        """Keep what models said."""
        return self.keep((Pending("save", found),), task)

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

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
