"""A look into a project that may be open elsewhere, from a process that keeps nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from app.store.database import Database
from app.store.faults import say_fault
from app.store.folder import ProjectFolder
from app.store.schema import MIGRATIONS
from inference.errors import UserError


@contextmanager
def looking(place: Path) -> Iterator[Database]:
    """Yields the file of a project, to be read alone.

    Raises UserError where there is no project (usage), or one of another version.
    """
    folder = ProjectFolder(place)
    if not folder.file.is_file():
        raise UserError(
            f"There is no project in {place.name}.",
            "Name a folder with a project.sqlite in it.",
            fault="usage",
            path=str(place),
        )
    with closing(Database(folder)) as database:
        try:
            version = database.connect(read_only=True)
        except (sqlite3.Error, OSError) as error:
            raise say_fault(error, place, keeping=False) from error
        if version != len(MIGRATIONS):
            newer = version > len(MIGRATIONS)
            raise UserError(
                f"The project {folder.name} is of {'a newer' if newer else 'an older'} Lepton.",
                "Install the current version." if newer else "Open it once in the window first.",
                path=str(place),
            )
        yield database
