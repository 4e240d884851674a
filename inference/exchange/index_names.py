"""labels.json beside index masks: which number means which label."""

from __future__ import annotations

import json
from pathlib import Path

from inference.exchange.gathering import Gathering
from inference.exchange.reading import (
    EntryError,
    as_list,
    as_object,
    as_text,
    as_whole,
    placed,
    read_json,
)
from inference.exchange.scalars import as_colour
from inference.records import LabelSet

NAME = "labels.json"
NUMBERS_LIMIT = 65535
"""The highest number in a mask of 16 bits."""

_BYTES_LIMIT = 16 * 2**20


def numbers_of(label_set: LabelSet) -> dict[str, int]:
    """The number of each label: its place in the set, from 1 on."""
    return {one.name: place for place, one in enumerate(label_set.labels, start=1)}


def write_names(folder: Path, label_set: LabelSet) -> None:
    """Write the numbers, names and colours."""
    labels = [
        {"index": place, "name": one.name, "color": list(one.colour)}
        for place, one in enumerate(label_set.labels, start=1)
    ]
    text = json.dumps({"labels": labels}, ensure_ascii=False, indent=1)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


class IndexNames:
    """The labels that the numbers of a folder's masks mean; unknown ones are called by number."""

    def __init__(self, folder: Path, found: Gathering) -> None:
        self._found = found
        self._names: dict[int, str] = {}
        path = folder / NAME
        if not path.is_file():
            return
        document = read_json(path, _BYTES_LIMIT)
        with placed(path, ""):
            entries = as_list(as_object(document, "the document").get("labels"), "labels")
        for place, entry in enumerate(entries):
            with placed(path, f"labels[{place}]"):
                one = as_object(entry, "it")
                number = as_whole(one.get("index"), "index")
                if number in self._names or not 0 < number <= NUMBERS_LIMIT:
                    raise EntryError(f"the index {number} stands twice or is no index")
                colour = as_colour(one["color"], "color") if "color" in one else None
                self._names[number] = found.label(as_text(one.get("name"), "name"), colour)

    def label(self, number: int) -> str:
        """The label of a number, which is added if it is new."""
        return self._found.label(self._names.get(number, str(number)))
