"""Which program has a project: a lock of the system's on a file, gone with the program."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_WITHOUT = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
"""What file systems answer that know no locks, such as some shares."""

_FAR = 1 << 30
"""Where Windows locks a byte: what is locked there cannot be read, and who it is must be."""


@dataclass(frozen=True)
class Holder:
    """The program that has a project; `since` is UTC, ISO 8601."""

    host: str = ""
    pid: int = 0
    since: str = ""


class ProjectLock:
    """The lock of one project; it is let go when the program ends in whatever way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None
        self.certain = True
        """Whether the file system knows locks, so that nobody else can have taken it too."""

    def take(self) -> Holder | None:
        """Take the lock; who has it, where it is another. Raises OSError where no file can be."""
        if self._handle is not None:
            return None
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        try:
            _lock(handle)
        except OSError as error:
            if error.errno in _HELD:
                os.close(handle)
                return _read(self._path)
            if error.errno not in _WITHOUT:
                os.close(handle)
                raise
            self.certain = False
        self._handle = handle
        _write(handle)
        return None

    def release(self) -> None:
        """Let others take it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write(handle: int) -> None:
    """Say in the file who has it. On a full disk that fails, and the lock is as good without."""
    me = Holder(socket.gethostname(), os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))
    with contextlib.suppress(OSError):
        os.lseek(handle, 0, os.SEEK_SET)
        os.truncate(handle, 0)
        os.write(handle, json.dumps(asdict(me)).encode())


def _read(path: Path) -> Holder:
    try:
        found = json.loads(path.read_bytes())
        return Holder(str(found["host"]), int(found["pid"]), str(found["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder()  # it was taken this moment
