"""The disk that fails, as the programs below `failing_disk.c` have it in hand."""

from __future__ import annotations

import ctypes
import errno
from pathlib import Path
from typing import Any

ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS)


class Disk:
    """The library that is preloaded."""

    def __init__(self, folder: Path) -> None:
        self._library: Any = ctypes.CDLL(None)
        self._library.disk_watch(str(folder).encode())

    def fail(self, write: int, error: int) -> None:
        """Fail from this write on; 0 fails no more."""
        self._library.disk_fail(ctypes.c_long(write), error)
