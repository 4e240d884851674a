"""Only one launcher sets up a checkout at a time; the others wait, and find it done."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from launcher.words import SetUpError, say

WAITING = "Another start is setting up this folder; waiting for it."


@contextmanager
def set_up_lock(root: str) -> Iterator[int]:
    """Hold the lock of a checkout; yields its descriptor.

    The system drops the lock when its last holder ends, however it ends, so none is left behind.
    On POSIX a child that is given the descriptor holds it too.
    """
    path = os.path.join(root, ".lepton-lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise SetUpError(
            f"Lepton cannot be set up in {root}: {error.strerror}. "
            "Clone it to a folder that is yours."
        ) from error
    try:
        if not _take(descriptor):
            say(WAITING)
            while not _take(descriptor):
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
