"""Labels from a table (RFC 4180), also with semicolons or tabs between the cells."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import get_args

from inference.exchange.csv_columns import (
    COLUMNS,
    NEEDED,
    attributes_in,
    extent_in,
    made_from_in,
    mask_in,
    points_in,
    value_in,
)
from inference.exchange.gathering import Gathering
from inference.exchange.matching import frame_of
from inference.exchange.reading import (
    TEXT_BYTES_LIMIT,
    EntryError,
    as_text,
    as_whole,
    from_text,
    placed,
    read_text,
    refusal,
    shortened,
)
from inference.exchange.records import LabelsImport, Read
from inference.exchange.shapes import WHOLE_KINDS
from inference.records import WHOLE, Annotation, AnnotationKind, SourceEntry
from inference.task import Task

_KINDS: dict[str, AnnotationKind] = {name: name for name in get_args(AnnotationKind)}
_PROGRESS_EVERY = 1000
_one_limit = threading.Lock()


def read_csv(request: LabelsImport, task: Task) -> Read:
    """All annotations of the table whose sources are those of the project.

    The columns may stand in any order and be fewer; those that nobody knows are passed over.
    """
    found = Gathering(request)
    text = read_text(found.path)
    with _long_cells():
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        try:
            columns = _columns(next(rows, []), found, task)
            lines = text.count("\n") + 1
            for done, row in enumerate(rows):
                if done % _PROGRESS_EVERY == 0:
                    task.progress(min(rows.line_num, lines), lines)
                if not row:
                    continue  # an empty line
                with placed(found.path, f"line {rows.line_num}"):
                    if len(row) != len(columns):
                        count = f"{len(row)} cells instead of {len(columns)}"
                        raise EntryError(f"there are {count}")
                    _add(dict(zip(columns, row, strict=True)), found)
        except csv.Error as error:
            raise refusal(found.path, f"at line {rows.line_num}, {error}") from error
    return found.read()


@contextmanager
def _long_cells() -> Iterator[None]:
    """Lets cells be as long as masks are; the limit is one for the whole process."""
    with _one_limit:
        before = csv.field_size_limit(TEXT_BYTES_LIMIT)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _delimiter(text: str) -> str:
    """What stands between the names in the first line."""
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _columns(names: list[str], found: Gathering, task: Task) -> list[str]:
    columns = [name.strip().lower() for name in names]
    with placed(found.path, "line 1"):
        missing = [name for name in NEEDED if name not in columns]
        if missing or not {"source", "file"} & set(columns):
            lacks = missing[0] if missing else "source or file"
            raise EntryError(f"there is no column {lacks}")
        if len(set(columns)) < len(columns):
            raise EntryError("a column stands a second time")
    others = [shortened(name) for name in columns if name not in COLUMNS]
    if others:
        task.note(f"Columns that were not read: {', '.join(others)}.")
    return columns


def _add(cells: dict[str, str], found: Gathering) -> None:
    """One line of the table."""
    given = {name: cell.strip() for name, cell in cells.items()}
    kind = _KINDS.get(given["kind"])
    if kind is None:
        raise EntryError(f"there are no annotations of the kind {shortened(given['kind'])}")
    source_id, file = given.get("source", ""), given.get("file", "")
    place = found.find(as_text(file or source_id, "source or file"), source_id)
    label = as_text(given["label"], "label")
    draft = Annotation(
        *("", source_id, WHOLE, kind, label if place is None else found.label(label)),
        points=points_in(given.get("points", "")),
        extent=extent_in(given.get("extent", "")),
        value=value_in(given.get("value", "")),
        attributes=attributes_in(given.get("attributes", "")),
        instance=given.get("instance", ""),
        made_from=made_from_in(given.get("made_from", "")),
    )
    if (draft.extent is not None) != (kind in ("span", "interval")):
        raise EntryError(f"the cell extent does not fit the kind {kind}")
    if place is not None:
        entry, frame = place
        _add_on(draft, entry, _frame(given.get("frame", ""), entry, frame, kind), given, found)


def _add_on(
    draft: Annotation, entry: SourceEntry, frame: int, cells: dict[str, str], found: Gathering
) -> None:
    """Keep the annotation on its frame, with the mask that needs the frame's size."""
    mask = mask_in(cells.get("mask", ""), entry.shape)
    if (mask is not None) != (draft.kind == "mask"):
        raise EntryError(f"the cell mask does not fit the kind {draft.kind}")
    found.add(replace(draft, source_id=entry.source_id, frame=frame, mask=mask), entry.shape)


def _frame(cell: str, entry: SourceEntry, named: int, kind: AnnotationKind) -> int:
    """The frame of the cell, or without one that of the name."""
    if not cell:
        whole = named == WHOLE and kind in WHOLE_KINDS
        return WHOLE if whole else frame_of(entry, named)
    frame = as_whole(from_text(cell, "the frame"), "the frame")
    if frame < 0:
        raise EntryError(f"there is no frame {frame}: they are counted from 0")
    return frame_of(entry, frame)
