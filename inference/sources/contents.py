"""What stands behind paths: files, those in archives, and those that a DICOMDIR names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from inference.errors import UserError
from inference.records import Refused
from inference.sources import archive, dicomdir, metaimage, nrrd
from inference.sources.base import HEAD_BYTES, FoundFile
from inference.sources.files import digest_of, find_files
from inference.task import Task


class Contents:
    """One search through paths. `shown` gives the name of a file within its archive."""

    def __init__(self, scratch: str, task: Task) -> None:
        self._scratch = scratch
        self._task = task
        self._taken: set[str] = set()
        self._archives: dict[str, str] = {}
        """The archive behind each folder that was unpacked."""
        self._companions: set[str] = set()
        self.no_room: UserError | None = None
        """The first fault of the surroundings, such as a full disk; it was refused as well."""

    def listed(self, paths: Iterable[str]) -> Iterator[Path | Refused]:
        """Each regular file under the paths, once, in the order of folders and names."""
        for found in find_files(paths):
            self._task.check()
            if isinstance(found, Refused) or self._is_new(found):
                yield found

    def within(self, found: FoundFile) -> Iterator[Path | Refused] | None:
        """The files in an archive, or those that a DICOMDIR names; None for any other file."""
        head = found.start[:HEAD_BYTES]
        if archive.recognises(head):
            return self._tried(self._unpacked(found), found.path)
        if dicomdir.recognises(head):
            return self._tried(self._named(found.path), found.path)
        return None

    def whole_digest(self, found: FoundFile) -> str:
        """The digest of a file and of the values that a header names, which then belong to it.

        Volumes of one size often have headers that are the same byte for byte.
        """
        for header in (metaimage, nrrd):
            if header.recognises(found.start[:HEAD_BYTES]):
                with suppress(UserError):  # its loader says why it cannot be read
                    other = header.companion(found.path)
                    if other is not None:
                        self._companions.add(os.path.abspath(other))
                        return f"{found.digest} {digest_of(other)}"
        return found.digest

    def belongs(self, path: str) -> bool:
        """Whether a file holds the values for a header beside it, and so is nothing by itself."""
        return os.path.abspath(path) in self._companions

    def shown(self, path: str) -> str:
        """The path as a person knows it: "archive.zip/inner/name" for what was unpacked."""
        for folder, origin in self._archives.items():
            if path.startswith(folder):
                return f"{origin}/{path[len(folder) :]}".replace(os.sep, "/")
        return path

    def _is_new(self, path: Path) -> bool:
        place = os.path.abspath(path)
        if place in self._taken:
            return False
        self._taken.add(place)
        return True

    def _tried(self, files: Iterator[Path | Refused], path: Path) -> Iterator[Path | Refused]:
        try:
            yield from files
        except UserError as error:
            if error.fault == "surroundings" and self.no_room is None:
                self.no_room = error
            yield Refused(str(path), error.message)

    def _unpacked(self, found: FoundFile) -> Iterator[Path | Refused]:
        unpacked = archive.unpack(found, self._scratch, self._task)
        self._archives[str(unpacked.folder) + os.sep] = str(found.path)
        for name, reason in unpacked.refused:
            yield Refused(f"{found.path}/{name}", reason)
        yield from self.listed([str(unpacked.folder)])

    def _named(self, path: Path) -> Iterator[Path | Refused]:
        for found in dicomdir.named_files(path):
            self._task.check()
            if isinstance(found, Refused) or self._is_new(found):
                yield found
