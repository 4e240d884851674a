"""Files on disk: found in folders, told apart by content, read without surprises."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from inference.errors import UserError
from inference.records import Refused
from inference.sources.base import HEAD_BYTES

WHOLE_DIGEST_BYTES = 64 * 2**20
"""Up to this size a file's digest is over all of its bytes."""

_SAMPLE_BYTES = 2**20
_SAMPLES = 32


def find_files(paths: Iterable[str]) -> Iterator[Path | Refused]:
    """Every regular file under `paths`, folders searched through in the order of their names.

    Hidden files and folders (a leading dot) inside a folder are passed over in silence; one that
    is named outright is taken. Links to folders are followed once, so that a loop ends. What is
    no regular file (a pipe, a device) is refused: reading it could wait for ever.
    """
    for name in paths:
        path = Path(name)
        try:
            mode = path.stat().st_mode
        except OSError as error:
            yield Refused(name, unreadable(path, error).message)
            continue
        if stat.S_ISDIR(mode):
            yield from _walk(path, set())
        elif stat.S_ISREG(mode):
            yield path
        else:
            yield Refused(name, f"{path.name} is neither a file nor a folder.")


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path | Refused]:
    try:
        about = folder.stat()
        if (about.st_dev, about.st_ino) in seen:
            return
        seen.add((about.st_dev, about.st_ino))
        entries = sorted(os.scandir(folder), key=lambda entry: natural(entry.name))
    except OSError as error:
        yield Refused(str(folder), unreadable(folder, error).message)
        return
    for entry in entries:
        path = Path(entry.path)
        try:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _walk(path, seen)
            elif entry.is_file():
                yield path
            elif entry.is_symlink():
                yield Refused(entry.path, f"{path.name} is a link that leads nowhere.")
        except OSError as error:
            yield Refused(entry.path, unreadable(path, error).message)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts I20 before I110, with ties broken by the plain text."""
    parts = re.split(r"([0-9]+)", name)
    return tuple(
        (0, int(part), part) if part.isdecimal() and part.isascii() else (1, 0, part)
        for part in parts
    )


def read_head(path: Path) -> bytes:
    """The first bytes of a file, by which its format is told; UserError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error


def read_whole(path: Path) -> bytes:
    """All bytes of a file; UserError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 of a file as 64 hex digits, and its size in bytes; UserError if it cannot be read.

    Files above 64 MiB would be waited for: their digest is over the size, the first MiB, the last
    MiB and 32 stretches of one MiB spread evenly between, so that it still needs no path and is
    the same on every machine, while a change between the stretches goes unseen.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            found = hashlib.sha256()
            if size <= WHOLE_DIGEST_BYTES:
                found.update(file.read())
            else:
                found.update(size.to_bytes(8, "big"))
                last = size - _SAMPLE_BYTES
                for step in range(_SAMPLES + 2):
                    file.seek(last * step // (_SAMPLES + 1))
                    found.update(file.read(_SAMPLE_BYTES))
            return found.hexdigest(), size
    except OSError as error:
        raise unreadable(path, error) from error


def source_id_of(parts: Iterable[tuple[str, int]]) -> str:
    """12 hex digits for frames given as (digest of the file, frame number within it).

    The same bytes give the same id in every place, under every name and in every order.
    """
    listed = "\n".join(f"{digest} {number}" for digest, number in sorted(parts))
    return hashlib.sha256(listed.encode("ascii")).hexdigest()[:12]


def printable(text: str) -> str:
    """The text with what is no valid UTF-8 in a file name replaced, so that it can be written."""
    return os.fsencode(text).decode("utf-8", "replace")


def unreadable(path: Path, error: OSError) -> UserError:
    """The sentence for a file or folder that the system does not let us read."""
    reasons: dict[type[OSError], tuple[str, str]] = {
        FileNotFoundError: ("there is no such file or folder", "Check the name."),
        PermissionError: ("no permission to read it", "Ask for the right to read it."),
    }
    reason, hint = reasons.get(type(error), (error.strerror or type(error).__name__, ""))
    return UserError(
        f"{path.name or path} was not opened: {reason[0].lower()}{reason[1:]}.",
        hint,
        path=str(path),
    )
