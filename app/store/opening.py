"""How a project is opened: whose it is, whether it is whole, and what can take its place."""

from __future__ import annotations

import errno
import secrets
import socket
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.store import backups, sources
from app.store.database import Database
from app.store.faults import is_damage, say_fault
from app.store.folder import ProjectFolder
from app.store.lock import Holder, ProjectLock
from app.store.records import Opening
from app.store.schema import MIGRATIONS
from inference.errors import UserError

_MARK = "project"
"""The state that tells a project from all others; it goes with the file wherever that goes."""


class Project:
    """A folder that is open, or about to be; all of it on the store's thread.

    Nothing is kept or found before `open` has succeeded, or while the file is damaged.
    """

    def __init__(self, folder: ProjectFolder | None) -> None:
        self.folder = folder
        self.database = Database(folder)
        self.opening: Opening | None = None
        self._backups: backups.Backups | None = None
        self._was_open = False
        """Whether there is a file that was open: then none is begun where it is not found."""
        self._lock = ProjectLock(folder.lock) if folder is not None else None

    def open(self) -> Opening:
        """Open the project, or try again what could not be done the last time.

        Raises UserError where the folder cannot be used at all; it is then left as it is.
        """
        found = self.opening
        if found is not None and not (found.read_only or found.damaged or self.database.is_damaged):
            return found
        self._let_go()
        if self.folder is None or self._lock is None:
            self.database.migrate(self.database.connect())
            self.opening = Opening("", "")
            return self.opening
        try:
            if self._was_open and not self.folder.file.exists():
                raise _moved(self.folder)
            self.opening = self._open(self.folder, self._lock)
            self._was_open = not self.opening.damaged
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise say_fault(error, self.folder.path, keeping=True) from error
        except UserError:
            self.close()
            raise
        return self.opening

    def restore(self, backup: str | None) -> Opening:
        """Let a backup take the place of a damaged file, or an empty file; the old one stays."""
        if self.folder is None or self.opening is None or not self.opening.damaged:
            raise UserError("The file of this project is not damaged, so nothing takes its place.")
        try:
            if backup is not None:
                self.folder.put_back(Path(backup))
            else:
                self.folder.set_aside()
                self.database.migrate(self.database.connect())
        except (sqlite3.Error, OSError) as error:
            raise say_fault(error, self.folder.path, keeping=True) from error
        return self.open()

    def use(self) -> Database:
        """The open file. Raises UserError where it is damaged, or cannot be opened."""
        found = self.opening or self.open()
        if found.damaged:
            raise UserError(found.damaged, "Choose one of its backups.", fault="surroundings")
        return self.database

    def use_to_keep(self) -> Database:
        """The open file, which is still in its place and may be written to. Raises UserError."""
        database = self.use()
        try:
            if self.folder is not None and not database.is_in_place:
                self._find_again(self.folder)
        except (sqlite3.Error, OSError) as error:
            raise database.say(error, keeping=True) from error
        if self.opening is not None and self.opening.read_only:
            raise UserError(self.opening.read_only, "Try again when it is closed there.")
        return database

    def note(self, changes: int) -> UserError | None:
        """So many changes were kept; why no backup could be made, where that is news."""
        if self._backups is None:
            return None
        self._backups.note(self.database.connection, changes)
        return self._backups.take_trouble()

    def finish(self) -> None:
        """At the end: one more backup where something changed, and let go."""
        with suppress(OSError):  # of a share that does not answer any more
            if self._backups is not None and self.database.is_in_place:
                self._backups.finish(self.database.connection)
        self.close()

    def close(self) -> None:
        """Let go of the file and of the project."""
        self._let_go()
        if self._lock is not None:
            self._lock.release()

    def _let_go(self) -> None:
        if self._backups is not None:
            self._backups.stop()
            self._backups = None
        self.opening = None
        self.database.close()

    def _open(self, folder: ProjectFolder, lock: ProjectLock) -> Opening:
        opening = Opening(str(folder.path), folder.name)
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            holder = lock.take()
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            why = f"The folder of the project {folder.name} may not be written to."
            return self._open_to_look(replace(opening, read_only=why))
        if holder is not None:
            since = "" if not holder.since else f" since {_time(holder.since)}"
            why = f"This project is open in another Lepton{_where(holder)}{since}."
            return self._open_to_look(replace(opening, read_only=why, since=holder.since))
        if not lock.certain:
            opening = replace(opening, remark=_WITHOUT_LOCKS)
        folder.take_over_former()
        if folder.is_empty and folder.has_past:
            why = f"The file of the project {folder.name} is gone, and its arrays are still there."
            return replace(opening, damaged=why, backups=backups.find_backups(folder.backups))
        return self._open_whole(folder, opening)

    def _open_whole(self, folder: ProjectFolder, opening: Opening) -> Opening:
        try:
            version = self.database.connect()
            _refuse_foreign(self.database, version)
            wrong = self.database.check()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            wrong = str(error)
        if wrong:
            self.database.close()
            why = f"The file of the project {folder.name} is damaged: {wrong}."
            return replace(opening, damaged=why, backups=backups.find_backups(folder.backups))
        self.database.migrate(version)
        if not sources.load_state(self.database, _MARK):
            sources.save_state(self.database, _MARK, secrets.token_hex(16))
        self._backups = backups.Backups(folder.backups)
        return opening

    def _open_to_look(self, opening: Opening) -> Opening:
        version = self.database.connect(read_only=True)
        _refuse_foreign(self.database, version)
        if version < len(MIGRATIONS):
            raise UserError(
                f"The project {opening.name} is of an older Lepton, and cannot be brought up to"
                f" date now. {opening.read_only}",
                "Open it where it may be changed.",
                fault="surroundings",
            )
        return opening

    def _find_again(self, folder: ProjectFolder) -> None:
        """The file is not the one that was open: go on if it is the same one as we left it."""
        if self.database.identity_now() is None:
            raise _moved(folder)
        before = _imprint(self.database)
        with closing(Database(folder)) as there:
            version = there.connect(read_only=True)
            same = version == len(MIGRATIONS) and _imprint(there) == before
        if not same:
            raise UserError(
                f"Changes could not be kept: another file has taken the place of that of the"
                f" project {folder.name}.",
                "Bring back the one that was there. What you did stays in the window till then.",
                fault="surroundings",
                path=str(folder.path),
            )
        self.close()
        self.open()


_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)
_WITHOUT_LOCKS = (
    "The disk of this project knows no locks. See to it that no other Lepton has the project open."
)


def _moved(folder: ProjectFolder) -> UserError:
    return UserError(
        f"Changes could not be kept: the folder of the project {folder.name} is not where it was.",
        f"Bring it back to {folder.path.parent}. What you did stays in the window till then.",
        fault="surroundings",
        path=str(folder.path),
    )


def _refuse_foreign(database: Database, version: int) -> None:
    """Raise UserError for a file of a newer version, or one that is not ours."""
    name = database.folder.name if database.folder is not None else "memory"
    if version > len(MIGRATIONS):
        raise UserError(
            f"The project {name} was written by a newer Lepton, so nothing is kept in it.",
            "Install the current version.",
            fault="surroundings",
        )
    tables = database.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version == 0 and tables:
        raise UserError(
            f"The file of {name} is a database, but no project of Lepton.",
            "Choose another folder.",
            fault="surroundings",
        )


def _imprint(database: Database) -> tuple[object, int]:
    """Which project this is, and how often its file was written to."""
    assert database.folder is not None
    mark = sources.load_state(database, _MARK)
    rows = database.connection.execute(
        "SELECT (SELECT max(number) FROM act), (SELECT count(*) FROM version)"
    )
    return mark, hash(rows.fetchone())


def _time(since: str) -> str:
    """The hour and minute of the clock on the wall."""
    try:
        return datetime.fromisoformat(since).astimezone().strftime("%H:%M")
    except ValueError:
        return since


def _where(holder: Holder) -> str:
    return f" on {holder.host}" if holder.host not in ("", socket.gethostname()) else ""
