"""Folders for what was unpacked: named by content, whole or not there, swept by size."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CONTENTS = "contents.json"
_UNFINISHED = ".part-"
_ABANDONED_SECONDS = 3600.0

Member = tuple[str, int]
"""A file's path below the folder, with "/" between its parts, and its size in bytes."""


@dataclass(frozen=True)
class Contents:
    """What a folder was filled with, and what was left out: (name, reason)."""

    members: tuple[Member, ...]
    refused: tuple[tuple[str, str], ...]


def scratch_folder(scratch: str) -> Path:
    """The folder asked for, made if need be; "" gives one that goes when this process ends."""
    if not scratch:
        return _private_folder()
    Path(scratch).mkdir(parents=True, exist_ok=True)
    return Path(scratch)


@cache
def _private_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="lepton-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def read_contents(folder: Path) -> Contents | None:
    """What the folder holds; None unless every file is still there in its whole size."""
    try:
        found = json.loads((folder / _CONTENTS).read_text(encoding="utf-8"))
        members = tuple((str(name), int(size)) for name, size in found["members"])
        refused = tuple((str(name), str(reason)) for name, reason in found["refused"])
        if any((folder / name).stat().st_size != size for name, size in members):
            return None
        os.utime(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Contents(members, refused)


def fill(folder: Path, work: Callable[[Path], Contents]) -> None:
    """Let `work` write into a folder beside, which gets its name once it is complete.

    A process that does the same at the same time is no harm: the first to finish wins.
    """
    beside = folder.with_name(f"{folder.name}{_UNFINISHED}{uuid.uuid4().hex}")
    beside.mkdir(parents=True)
    try:
        contents = work(beside)
        (beside / _CONTENTS).write_text(
            json.dumps({"members": contents.members, "refused": contents.refused}),
            encoding="utf-8",
        )
        if folder.exists() and read_contents(folder) is None:
            shutil.rmtree(folder)
        try:
            beside.rename(folder)
        except OSError:
            if not folder.exists():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def sweep(scratch: str, keep_bytes: int) -> None:
    """Remove the folders that were not used for longest until the rest takes `keep_bytes` at most.

    What was left half unpacked goes as well, once it is an hour old. To be called before anything
    is opened: what a viewer shows must stay on disk.
    """
    try:
        folders = [path for path in Path(scratch).iterdir() if path.is_dir()]
    except OSError:  # not there yet, or not ours to read
        return
    total = 0
    for used_at, folder in sorted(((_used_at(path), path) for path in folders), reverse=True):
        if _UNFINISHED in folder.name:
            gone = used_at < time.time() - _ABANDONED_SECONDS
        else:
            total += _bytes_of(folder)
            gone = total > keep_bytes
        if gone:
            shutil.rmtree(folder, ignore_errors=True)


def _used_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _bytes_of(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).stat().st_size
            except OSError:  # another process sweeps as well
                continue
    return total
