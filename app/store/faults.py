"""What goes wrong with a project's file, in sentences."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from inference.errors import UserError

_FULL = ("the disk is full", "Make room on its disk. What you did stays in the window till then.")
_READ_ONLY = (
    "it may not be written to",
    "Allow writing to its folder. What you did stays in the window till then.",
)
_BUSY = (
    "another program is using the file",
    "Close what else has it open. What you did stays in the window till then.",
)
_DAMAGED = ("the file is damaged", "Open the project again to choose one of its backups.")
_DISK = ("the disk gave an error", "Check the disk and its cable, or the share.")
_CLOSED = ("the file cannot be opened", "Check that its folder is there and may be written to.")

_BY_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_CANTOPEN: _CLOSED,
}
_BY_SYSTEM = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.EIO: _DISK,
}
_OURS = frozenset(
    (
        0,  # raised by Python's module itself, such as for a connection that is closed
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_TOOBIG,
    )
)
"""What SQLite says of a wrong question. All else is the world's: what is kept is tried again."""
_LITTLE_BYTES = 64 << 10
"""With less room than this a file that cannot be made is for want of room."""


def say_fault(error: Exception, place: Path | None, *, keeping: bool) -> UserError:
    """The sentence for an error of SQLite or of the system, at work in a project's folder.

    Raises the error itself where it is a fault of ours.
    """
    if isinstance(error, sqlite3.Error) and _code(error) in _OURS:
        raise error
    name = place.name if place is not None else "memory"
    reason, hint = _reason(error, place)
    what = "Changes could not be kept in" if keeping else "Nothing could be read from"
    return UserError(
        f"{what} the project {name}: {reason}.",
        hint,
        fault="surroundings",
        path=str(place) if place is not None else None,
    )


def is_damage(error: BaseException | None) -> bool:
    """Whether an error says that the file itself is not what it should be."""
    return isinstance(error, sqlite3.Error) and _code(error) in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def _reason(error: Exception, place: Path | None) -> tuple[str, str]:
    if isinstance(error, OSError):
        known = _BY_SYSTEM.get(error.errno or 0)
        return known or (error.strerror or "the system refused", _CLOSED[1])
    known = _BY_SQLITE.get(_code(error))
    if known in (_DISK, _CLOSED) and place is not None and _is_full(place):
        return _FULL  # SQLite says so of a journal that finds no room
    return known or (str(error), _CLOSED[1])


def _code(error: Exception) -> int:
    """The primary code of SQLite: an extended one has it in its lowest byte."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_full(place: Path) -> bool:
    try:
        return shutil.disk_usage(place).free < _LITTLE_BYTES
    except OSError:
        return False
