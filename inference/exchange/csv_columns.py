"""The columns of labels as a table, and how a cell of each is written and read.

A cell is empty where nothing is to be said. Numbers are written so that reading gives the same
number again.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import numpy as np

from inference.exchange.reading import EntryError, as_number, as_object, from_text, shortened
from inference.exchange.rle import mask_of_runs, runs_of, runs_of_text, text_of_runs
from inference.exchange.scalars import as_options
from inference.exchange.shapes import Points
from inference.mask_bits import mask_of, pack_mask
from inference.records import Annotation, MadeFrom, MaskBits, Options

COLUMNS = (
    *("source", "file", "frame", "kind", "label", "value", "points", "extent", "mask"),
    *("instance", "attributes", "made_from", "author", "made_at"),
)
NEEDED = ("kind", "label")
"""Columns that a file must have, besides source or file."""

_MASK = re.compile(r"(?s)(\d{1,9})x(\d{1,9}):(.+)\Z", re.ASCII)


def cells_of(one: Annotation, name: str, shape: tuple[int, int]) -> list[str]:
    """A line of the table; `name` is that of the file, "" to keep it back."""
    made = one.made_from
    made_cells = None if made is None else {f.name: getattr(made, f.name) for f in fields(made)}
    return [
        *(one.source_id, name, str(one.frame) if one.frame >= 0 else "", one.kind, one.label),
        "" if one.value is None else repr(float(one.value)),
        ";".join(f"{float(x)!r} {float(y)!r}" for x, y in one.points),
        "" if one.extent is None else f"{float(one.extent[0])!r} {float(one.extent[1])!r}",
        "" if one.mask is None else _mask_cell(mask_of(one, shape)),
        one.instance,
        _json_cell(dict(one.attributes)),
        _json_cell(made_cells),
        *(one.author, one.made_at),
    ]


def _mask_cell(mask: np.ndarray) -> str:
    return f"{mask.shape[0]}x{mask.shape[1]}:{text_of_runs(runs_of(mask))}"


def _json_cell(value: dict[str, Any] | None) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def points_in(cell: str) -> Points:
    """The points of "x y;x y"."""
    return tuple(_pair(one, "a point") for one in cell.split(";")) if cell else ()


def extent_in(cell: str) -> tuple[float, float] | None:
    """First and last of "first last", the first not above the last."""
    if not cell:
        return None
    first, last = _pair(cell, "the extent")
    if not 0 <= first <= last:
        raise EntryError("the extent does not run forwards from 0 or later")
    return first, last


def value_in(cell: str) -> float | None:
    """The number of a cell."""
    return from_text(cell, "the value") if cell else None


def mask_in(cell: str, shape: tuple[int, int]) -> MaskBits | None:
    """The mask of "ROWSxCOLUMNS:RUNS"; raises EntryError where it does not fit its frame."""
    if not cell:
        return None
    parts = _MASK.match(cell)
    if parts is None:
        raise EntryError("the mask is not written as ROWSxCOLUMNS:RUNS")
    if (int(parts[1]), int(parts[2])) != shape:
        size = f"{parts[1]}x{parts[2]}"
        raise EntryError(f"the mask is of {size}, and its frame of {shape[0]}x{shape[1]}")
    found = pack_mask(mask_of_runs(runs_of_text(parts[3]), shape))
    if found is None:
        raise EntryError("the mask is empty")
    return found


def attributes_in(cell: str) -> Options:
    """The attributes of a JSON object."""
    return as_options(_parsed(cell, "attributes"), "attributes") if cell else ()


def made_from_in(cell: str) -> MadeFrom | None:
    """The prediction that an annotation was made from."""
    if not cell:
        return None
    given = as_object(_parsed(cell, "made_from"), "made_from")
    words = dict(as_options(given, "made_from"))
    texts = [words.get(name) for name in ("model_id", "sha256", "label", "made_at")]
    if not all(isinstance(text, str) for text in texts):
        raise EntryError("made_from names no model_id, sha256, label and made_at")
    model_id, sha256, label, made_at = (str(text) for text in texts)
    score = as_number(words.get("score"), "made_from.score")
    share = words.get("threshold")
    threshold = None if share is None else as_number(share, "made_from.threshold")
    return MadeFrom(model_id, sha256, label, score, made_at, threshold)


def _parsed(cell: str, name: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise EntryError(f"{name} is no JSON") from error


def _pair(text: str, name: str) -> tuple[float, float]:
    words = text.split()
    if len(words) != 2:
        raise EntryError(f"{name} is not two numbers: {shortened(text)}")
    return from_text(words[0], name), from_text(words[1], name)
