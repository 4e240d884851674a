"""Colours and named values in foreign files."""

from __future__ import annotations

from typing import Any

from inference.exchange.reading import EntryError, as_list, as_number, as_object, as_text, as_whole
from inference.records import Options


def as_colour(value: Any, name: str) -> tuple[int, int, int]:
    """(red, green, blue), 0 to 255; raises EntryError for anything else."""
    parts = [as_whole(one, f"a part of {name}") for one in as_list(value, name)]
    if len(parts) != 3 or not all(0 <= part <= 255 for part in parts):
        raise EntryError(f"{name} is no colour of three numbers from 0 to 255")
    return parts[0], parts[1], parts[2]


def as_options(value: Any, name: str) -> Options:
    """A JSON object of plain values in its own order; raises EntryError for anything else."""
    found = as_object(value, name)
    for key, one in found.items():
        as_text(key, f"a name in {name}")
        if isinstance(one, str) and one:
            as_text(one.strip() or "-", f"{name}.{key}")
        if isinstance(one, float):
            as_number(one, f"{name}.{key}")
        if not (one is None or isinstance(one, (str, bool, int, float))):
            raise EntryError(f"{name}.{key} is no plain value")
    return tuple(found.items())
