"""DICOMDIR: the files of a file-set, as its directory names them (PS3.3 F, PS3.10 8)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from inference.records import Refused
from inference.sources.bounded import BoundedReader
from inference.sources.files import open_regular, printable

_STORAGE_CLASS = b"1.2.840.10008.1.3.10"
"""Media Storage Directory Storage, in the file meta information (PS3.10 7.1)."""

_LONGEST_NAME = 71
"""Eight parts of eight characters, and what parts them (PS3.10 8.2)."""


def recognises(head: bytes) -> bool:
    """Whether a file that starts with `head` is a DICOMDIR, whatever its name."""
    place = head.find(b"\x02\x00\x02\x00UI", 132, 1024)
    return place >= 0 and head[128:132] == b"DICM" and head.startswith(_STORAGE_CLASS, place + 8)


def named_files(path: Path) -> Iterator[Path | Refused]:
    """The files that it names, each as it is written on disk; at the end a word on the missing.

    Names on media are in capitals, those on disk often are not: they are matched without regard
    to case. Raises UserError where the directory cannot be read.
    """
    missing: list[str] = []
    count = 0
    folder = _Folder(path.parent)
    for parts in _file_ids(path):
        count += 1
        found = folder.find(parts)
        if found is None:
            missing.append(_written(parts))
        else:
            yield found
    if not count:
        yield Refused(str(path), f"{path.name} names no files.")
    elif missing:
        several = len(missing) > 1
        how_many = f"{len(missing)} of the {count} files" if several else "1 file"
        what = f"that are not here; the first is {missing[0]}" if several else "that is not here"
        what = what if several else f"{what}: {missing[0]}"
        yield Refused(str(path), f"{path.name} names {how_many} {what}.")


def _written(parts: tuple[str, ...]) -> str:
    """A name from the directory for a sentence; a damaged one may go on for ever."""
    name = printable("/".join(parts))
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def _file_ids(path: Path) -> list[tuple[str, ...]]:
    """Referenced File ID (0004,1500) of each record in use, once each, in their order."""
    from pydicom import dcmread

    from inference.sources.dicom_fields import MALFORMED, items, value_of, words
    from inference.sources.dicom_header import damaged, not_read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with open_regular(path) as raw, BoundedReader(raw) as file:
                dataset = dcmread(file, specific_tags=["DirectoryRecordSequence"])
            records = items(dataset, "DirectoryRecordSequence")
            found = [
                words(record, "ReferencedFileID")
                for record in records
                if value_of(record, "RecordInUseFlag") != 0
            ]
        except OSError as error:
            raise not_read(path, error) from error
        except MALFORMED as error:
            raise damaged(path) from error
    return list(dict.fromkeys(parts for parts in found if parts))


class _Folder:
    """Finds files below a folder without regard to case, and none beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = cache(self._read)

    def find(self, parts: tuple[str, ...]) -> Path | None:
        """The regular file with these folders and name; None if there is none.

        Some scanners put a directory into each folder of a series, with names that begin further
        up; what these share with the folder's own place is left out then.
        """
        own = [part.casefold() for part in self._folder.resolve().parts]
        for shared in range(len(parts)):
            if own[len(own) - shared :] == [part.casefold() for part in parts[:shared]]:
                found = self._below(parts[shared:])
                if found is not None:
                    return found
        return None

    def _below(self, parts: tuple[str, ...]) -> Path | None:
        place = self._folder
        for part in parts:
            name = self._names(place).get(part.casefold())
            if name is None:
                return None
            place /= name
        return place if place.is_file() else None

    @staticmethod
    def _read(folder: Path) -> dict[str, str]:
        """The names in a folder by their folded form: neither "." nor ".." is among them."""
        try:
            return {entry.name.casefold(): entry.name for entry in folder.iterdir()}
        except OSError:
            return {}
