"""Files on disk: found in folders, told apart by content, read without surprises."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import FileIO
from pathlib import Path

from inference.errors import UserError
from inference.records import Refused
from inference.sources.base import HEAD_BYTES, START_BYTES, FoundFile

WHOLE_DIGEST_BYTES = 64 * 2**20
"""Up to this size a file's digest is over all of its bytes."""

_SAMPLE_BYTES = 2**20
_SAMPLES = 32

_buffer = memoryview(bytearray(_SAMPLE_BYTES))
"""Always the same: a new one for each file would cost more than reading it. One thread opens."""


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
            yield from _walk(path)
        elif stat.S_ISREG(mode):
            yield path
        else:
            yield Refused(name, f"{path.name} is neither a file nor a folder.")


def _walk(top: Path) -> Iterator[Path | Refused]:
    """Folders within folders wait on a list: they can lie deeper than functions may call."""
    seen: set[tuple[int, int]] = set()
    open_folders = [_entries(top, seen)]
    while open_folders:
        found = next(open_folders[-1], None)
        if found is None:
            open_folders.pop()
        elif isinstance(found, _Folder):
            open_folders.append(_entries(found.path, seen))
        else:
            yield found


@dataclass(frozen=True)
class _Folder:
    path: Path


def _entries(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path | Refused | _Folder]:
    """What stands in a folder that was not `seen`, by its names."""
    try:
        about = folder.stat()
        if (about.st_dev, about.st_ino) in seen:
            return
        seen.add((about.st_dev, about.st_ino))
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: natural(entry.name))
    except OSError as error:
        yield Refused(str(folder), unreadable(folder, error).message)
        return
    for entry in entries:
        path = Path(entry.path)
        try:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield _Folder(path)
            elif entry.is_file():
                yield path
            elif entry.is_symlink():
                yield Refused(entry.path, f"{path.name} is a link that leads nowhere.")
        except OSError as error:
            yield Refused(entry.path, unreadable(path, error).message)


@lru_cache(maxsize=1 << 14)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts I20 before I110, with ties broken by the plain text."""
    parts = re.split(r"([0-9]+)", name)
    return tuple(
        (0, int(part), part) if part.isdecimal() and part.isascii() else (1, 0, part)
        for part in parts
    )


def open_regular(path: Path) -> FileIO:
    """A regular file, open for reading without a buffer. Raises OSError, or UserError for a pipe.

    What was a file when it was found may be a pipe by now; opened in the usual way it would keep
    us waiting for ever.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    # By its name: pydicom joins it to its complaints, and a number would make those fail.
    file = FileIO(str(path), "rb", opener=lambda name, _: os.open(name, flags))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UserError(f"{path.name} is neither a file nor a folder.", path=str(path))
    return file


def read_head(path: Path) -> bytes:
    """The first bytes of a file, by which its format is told; UserError if it cannot be read."""
    return read_start(path, HEAD_BYTES)


def read_start(path: Path, count: int = START_BYTES) -> bytes:
    """The first bytes of a file, at most `count`; UserError if it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(count)
    except OSError as error:
        raise unreadable(path, error) from error


def read_whole(path: Path) -> bytes:
    """All bytes of a file; UserError if it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.readall()
    except OSError as error:
        raise unreadable(path, error) from error


def examine(path: Path, *, whole: bool = False) -> FoundFile:
    """A file opened and read once: its start, size and digest; UserError if it cannot be read.

    The digest is SHA-256 over the first 16 KiB and, for each MiB that follows, its CRC-32: no
    single changed pixel goes unseen, and the same bytes give the same digest on every machine. A
    cryptographic hash of everything would take longer than reading the headers
    (docs/decisions/0010-native-pixels.md). Files above 64 MiB would be waited for: their digest is
    over the size, the first MiB, the last MiB and 32 stretches of one MiB spread evenly between, so
    that a change between the stretches goes unseen, unless the digest is to be over the `whole`
    file. Raises UserError for an empty file.
    """
    try:
        with open_regular(path) as file:
            about = os.fstat(file.fileno())
            size, changed = about.st_size, about.st_mtime_ns
            start = bytes(_buffer[: _fill(file, _buffer[:START_BYTES])])
            if not start:
                raise UserError(f"{path.name} is empty.", "Fetch the file again.", path=str(path))
            if size > WHOLE_DIGEST_BYTES and not whole:
                return FoundFile(path, _sampled_digest(file, size), size, start, changed)
            found = hashlib.sha256(start)
            size = len(start)
            while count := _fill(file, _buffer):
                found.update(zlib.crc32(_buffer[:count]).to_bytes(4, "big"))
                size += count
            found.update(size.to_bytes(8, "big"))
            return FoundFile(path, found.hexdigest(), size, start, changed)
    except OSError as error:
        raise unreadable(path, error) from error


def _fill(file: FileIO, buffer: memoryview) -> int:
    """Read until the buffer is full or the file ends, as a network may hand over less at a time."""
    done = 0
    while done < len(buffer) and (count := file.readinto(buffer[done:])):
        done += count
    return done


def _sampled_digest(file: FileIO, size: int) -> str:
    found = hashlib.sha256(size.to_bytes(8, "big"))
    last = size - _SAMPLE_BYTES
    for step in range(_SAMPLES + 2):
        file.seek(last * step // (_SAMPLES + 1))
        found.update(_buffer[: _fill(file, _buffer[:_SAMPLE_BYTES])])
    return found.hexdigest()


def digest_of(path: Path) -> str:
    """The digest of a file as `examine` gives it; UserError if it cannot be read."""
    return examine(path).digest


def is_same(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes; UserError if one cannot be read."""
    try:
        with open_regular(one) as first, open_regular(other) as second:
            left, right = memoryview(bytearray(_SAMPLE_BYTES)), _buffer
            while True:
                count = _fill(first, left)
                if count != _fill(second, right) or left[:count] != right[:count]:
                    return False
                if not count:
                    return True
    except OSError as error:
        raise unreadable(one, error) from error


def source_id_of(parts: Iterable[tuple[str, int]]) -> str:
    """12 hex digits for frames given as (digest of the file, frame number within it).

    The same bytes give the same id in every place, under every name and in every order.
    """
    listed = "\n".join(f"{digest} {number}" for digest, number in sorted(parts))
    return hashlib.sha256(listed.encode("ascii")).hexdigest()[:12]


def printable(text: str) -> str:
    """The text with what cannot be written replaced: invalid UTF-8, line ends, control signs."""
    plain = os.fsencode(text).decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in plain)


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
