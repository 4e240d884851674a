"""Files of others, read within bounds; what is wrong with one is said with its place in it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inference.errors import UserError

TEXT_BYTES_LIMIT = 256 * 2**20
"""The largest text that is read."""

FILES_LIMIT = 1_000_000
"""The most files that are looked through."""


class EntryError(Exception):
    """Something in a file is not as its format has it: the reason, as the end of a sentence."""


@contextmanager
def placed(path: Path, where: str) -> Iterator[None]:
    """Turns what is wrong inside into the UserError that names the file and the place."""
    try:
        yield
    except EntryError as wrong:
        raise refusal(path, f"at {where}, {wrong}" if where else str(wrong)) from wrong


def refusal(path: Path, reason: str) -> UserError:
    """The sentence for a file that is not as its format has it."""
    return UserError(
        f"{path.name} was not imported: {reason}.",
        "Correct the file and import it again; nothing of it was taken over.",
        path=str(path),
    )


def read_bytes(path: Path, limit: int = TEXT_BYTES_LIMIT) -> bytes:
    """The bytes of a file of at most `limit`; raises UserError where it cannot be read."""
    try:
        with path.open("rb") as file:
            found = file.read(limit + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(found) > limit:
        raise refusal(path, f"it is larger than the {limit // 2**10:,} KiB that are read")
    return found


def require(path: Path) -> None:
    """Raise UserError where there is nothing to read at a path."""
    try:
        path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error


def list_folder(path: Path, *, deep: bool = False) -> list[Path]:
    """The files of a folder in the order of their names, with `deep` those in its folders, too.

    Raises UserError where it, or a folder in it, cannot be looked into or holds too many.
    """

    def fail(error: OSError) -> None:
        raise _unreadable(Path(error.filename or path), error) from error

    found: list[Path] = []
    for place, folders, names in os.walk(path, onerror=fail):
        if not deep:
            folders.clear()
        found.extend(Path(place) / name for name in names)
        if len(found) > FILES_LIMIT:
            raise refusal(path, f"it holds more than {FILES_LIMIT:,} files")
    return sorted(found)


def _unreadable(path: Path, error: OSError) -> UserError:
    reason = (error.strerror or "the system refused").lower()
    return UserError(
        f"{path.name} cannot be read: {reason}.", "Choose another file or folder.", path=str(path)
    )


def read_text(path: Path, limit: int = TEXT_BYTES_LIMIT) -> str:
    """A UTF-8 text, with or without a byte order mark."""
    try:
        return read_bytes(path, limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal(path, f"byte {error.start} is no UTF-8 text") from error


def read_json(path: Path, limit: int = TEXT_BYTES_LIMIT) -> Any:
    """A JSON document, without the NaN and Infinity that JSON does not know."""
    text = read_text(path, limit)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise refusal(path, f"at line {error.lineno}, {error.msg.lower()}") from error
    except (ValueError, RecursionError) as error:
        reason = "its lists are nested too deep" if isinstance(error, RecursionError) else error
        raise refusal(path, str(reason)) from error


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def as_list(value: Any, name: str) -> list[Any]:
    """A list; raises EntryError for anything else, as all of these do."""
    if not isinstance(value, list):
        raise EntryError(f"{name} is not a list")
    return value


def as_object(value: Any, name: str) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise EntryError(f"{name} is not an object")
    return value


def as_text(value: Any, name: str) -> str:
    """A text of at least one character that can be written again."""
    if not isinstance(value, str) or not value.strip():
        raise EntryError(f"{name} is not a text")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise EntryError(f"{name} holds half a character")
    return value


def as_whole(value: Any, name: str) -> int:
    """A whole number; 3.0 is one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if type(value) is not int:
        raise EntryError(f"{name} is not a whole number")
    return value


def as_number(value: Any, name: str) -> float:
    """A finite number."""
    if type(value) not in (int, float):
        raise EntryError(f"{name} is not a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise EntryError(f"{name} is not finite")
    return found


def from_text(text: str, name: str) -> float:
    """The number that a word of a text file is."""
    try:
        found = float(text)
    except ValueError:
        raise EntryError(f"{name} is not a number: {shortened(text)}") from None
    return as_number(found, name)


def shortened(text: str) -> str:
    """A word of a foreign file, fit to stand in a sentence."""
    plain = "".join(letter if letter.isprintable() else "·" for letter in text)
    return plain if len(plain) <= 40 else f"{plain[:40]}…"
