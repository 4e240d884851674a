"""The folder of unpacked archives: held by each window that may show them, swept by the first."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from inference.sources.scratch import sweep

KEEP_BYTES = 8 * 2**30
"""How much may stay from one start to the next; an archive opens faster the second time."""

_GATE = "gate.lock"
_WINDOW = "window-"
_PATIENCE_S = 10.0
"""How long a start waits for another that is sweeping; then it begins without."""


@contextmanager
def held_unpacked(place: Path, keep_bytes: int = KEEP_BYTES) -> Iterator[None]:
    """Hold the folder `place` while a window may show files in it; first, what is too much goes.

    Nothing is removed while another process holds the folder. The system drops a lock when its
    process ends, however it ends. Where the folder cannot be made, or files cannot be locked,
    nothing is held and nothing removed: to open an archive there says why it cannot be.
    """
    own: int | None = None
    mine = place / f"{_WINDOW}{uuid.uuid4().hex}.lock"
    try:
        with suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is in it names patients
            with _through_gate(place):
                alone = not _held_by_others(place)
                own = _taken(mine)
                if alone:
                    sweep(str(place), keep_bytes)
        yield
    finally:
        if own is not None:
            os.close(own)
            with suppress(OSError):
                mine.unlink(missing_ok=True)


@contextmanager
def _through_gate(place: Path) -> Iterator[None]:
    """One process at a time looks who holds the folder, and sweeps it."""
    deadline = time.monotonic() + _PATIENCE_S
    while (gate := _taken(place / _GATE)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("another process is sweeping, or was stopped while it did")
        time.sleep(0.02)
    try:
        yield
    finally:
        os.close(gate)


def _held_by_others(place: Path) -> bool:
    """Whether a window runs; what those left that were killed is removed."""
    for path in place.glob(f"{_WINDOW}*.lock"):
        found = _taken(path)
        if found is None:
            return True
        os.close(found)
        path.unlink(missing_ok=True)
    return False


def _taken(path: Path) -> int | None:
    """The descriptor of a lock file that is ours from now on; None if another process has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if _lock(descriptor):
            return descriptor
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
