"""Records as bytes: small ones stand in their row, large ones beside the file by content hash."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from app.store.faults import say_fault
from inference.errors import UserError
from inference.whole_file import writing
from inference.wire import WireError, pack, unpack

INLINE_BYTES = 64 << 10
"""Larger records are files of their own: a database of large rows is slow to open and to copy."""

_BESIDE = b"LPTB"
"""What stands in the row then, before the digest; a record itself begins otherwise."""


class Blobs:
    """The folder of arrays of a project; None keeps all in the rows.

    A file is named by what is in it, and never changed or removed while a row may name it. It is
    whole and on the disk before `put` returns.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def put(self, record: object) -> bytes:
        """The bytes that stand for a record in its row. Raises UserError where the disk is full."""
        data = pack(record)
        if self._folder is None or len(data) <= INLINE_BYTES:
            return data
        digest = hashlib.sha256(data).hexdigest()
        place = self.place(digest)
        if not place.is_file() or place.stat().st_size != len(data):
            self._write(place, data)
        return _BESIDE + digest.encode()

    def get(self, row: bytes | None) -> object:
        """The record in a row; None where there is none, or one of an older shape of the record.

        Raises UserError where a file beside is gone or is another one.
        """
        if row is None:
            return None
        if row.startswith(_BESIDE):
            row = self._read(row[len(_BESIDE) :].decode("ascii", "replace"))
        try:
            found: object = unpack(row)
        except (WireError, EOFError):
            return None
        return found

    def place(self, digest: str) -> Path:
        """Where the file of a digest lies."""
        assert self._folder is not None
        return self._folder / digest[:2] / f"{digest[2:]}.bin"

    def _write(self, place: Path, data: bytes) -> None:
        assert self._folder is not None
        try:
            with writing(place) as temporary, temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _settle(place.parent)
        except UserError as error:
            if isinstance(error.__cause__, OSError):  # it would name a file that nobody knows
                raise say_fault(error.__cause__, self._folder.parent, keeping=True) from error
            raise

    def _read(self, digest: str) -> bytes:
        place = self.place(digest)
        try:
            data = place.read_bytes()
        except OSError as error:
            raise _missing(place, "cannot be read") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise _missing(place, "is not what it was")
        return data


def digest_in(row: bytes | None) -> str | None:
    """The digest of the file that a row names, if it names one."""
    if row is None or not row.startswith(_BESIDE):
        return None
    return row[len(_BESIDE) :].decode("ascii", "replace")


def _settle(folder: Path) -> None:
    """Have the names in a folder on the disk as well, where the system knows that of folders."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _missing(place: Path, what: str) -> UserError:
    return UserError(
        f"The project's file arrays/{place.parent.name}/{place.name} {what}.",
        "Bring it back from a copy of the project's folder.",
        fault="surroundings",
        path=str(place),
    )
