"""Headers of volume files in plain text, and the file with values that they may name."""

from __future__ import annotations

import os
from pathlib import Path

from inference.errors import UserError
from inference.sources.files import open_regular, unreadable

_HEADER_BYTES_LIMIT = 2**20


def read_text_header(path: Path) -> bytes:
    """The first MiB of a file, in which its whole header has to stand."""
    try:
        with open_regular(path) as file:
            return file.read(_HEADER_BYTES_LIMIT)
    except OSError as error:
        raise unreadable(path, error) from error


def numbers_in(text: str) -> tuple[float, ...]:
    """The numbers of a field; ValueError where one is none."""
    return tuple(float(part) for part in text.replace(",", " ").split())


def data_file(header: Path, name: str) -> Path:
    """The file with the values beside a header; UserError where it lies elsewhere or is missing.

    A header from elsewhere must not make us read a file of this machine as a picture.
    """
    folder = header.parent.resolve()
    try:
        place = (folder / name.replace("\\", "/")).resolve()
        there = place.is_file()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise senseless(header, "text") from error
    if not place.is_relative_to(folder):
        raise UserError(
            f"{header.name} was not opened: it names values outside its own folder.",
            path=str(header),
        )
    if not there:
        raise UserError(
            f"{header.name} was not opened: the file with its values, {os.path.basename(name)}, "
            "is not here.",
            "Put both files into one folder.",
            path=str(header),
        )
    return header.parent / place.relative_to(folder)


def senseless(path: Path, kind: str) -> UserError:
    """The sentence for a header that cannot be followed."""
    return UserError(f"{path.name} is damaged: its {kind} header makes no sense.", path=str(path))


def not_shown(path: Path, what: str) -> UserError:
    """The sentence for a sound file with something that this program does not show."""
    return UserError(f"{path.name} {what}, which are not shown.", path=str(path))
