"""A project on disk: one folder with the file, its arrays, its backups and its lock."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

FILE = "project.sqlite"
JOURNAL = "-journal"


@dataclass(frozen=True)
class ProjectFolder:
    """Where everything of a project lies.

    `former` is the file of an older version, which kept all in one folder with other things; it and
    its arrays are taken over when the project is opened.
    """

    path: Path
    former: Path | None = None

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def file(self) -> Path:
        return self.path / FILE

    @property
    def arrays(self) -> Path:
        return self.path / "arrays"

    @property
    def backups(self) -> Path:
        return self.path / "backups"

    @property
    def lock(self) -> Path:
        return self.path / "project.lock"

    @property
    def has_past(self) -> bool:
        """Whether there was work here before: then a file that is gone is no new beginning."""
        return self.backups.is_dir() or self.arrays.is_dir()

    @property
    def is_empty(self) -> bool:
        """Whether there is no file, or one without a byte."""
        return not self.file.exists() or self.file.stat().st_size == 0

    def take_over_former(self) -> None:
        """Bring here what an older version left; it may be broken off and begun again.

        The file goes last: as long as it is there it says that not everything has been moved. Its
        journal goes before it, as without one a commit that was broken off could not be undone.
        """
        if self.former is None or not self.former.is_file() or self.file.exists():
            return
        arrays = self.former.parent / "arrays"
        if arrays.is_dir() and not self.arrays.exists():
            arrays.rename(self.arrays)
        journal = _journal(self.former)
        if journal.is_file():
            journal.replace(_journal(self.file))
        self.former.rename(self.file)

    def set_aside(self) -> None:
        """Give a damaged file, and its journal, another name: project.damaged-N.sqlite."""
        names = (self.path / f"project.damaged-{number}.sqlite" for number in itertools.count(1))
        place = next(one for one in names if not (one.exists() or _journal(one).exists()))
        with contextlib.suppress(FileNotFoundError):  # it would be taken for that of the next file
            _journal(self.file).rename(_journal(place))
        with contextlib.suppress(FileNotFoundError):
            self.file.rename(place)

    def put_back(self, backup: Path) -> None:
        """Set the file aside and let a copy of a backup take its place."""
        fresh = self.path / "project.coming.sqlite"
        shutil.copyfile(backup, fresh)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        self.set_aside()
        fresh.rename(self.file)


def _journal(file: Path) -> Path:
    return file.with_name(file.name + JOURNAL)
