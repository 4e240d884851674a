"""A labelled set on disk: cases with what is right about them, and what the reason is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Region, Source
from inference.sources.region_files import read_region
from inference.task import Task

TABLE_NAME = "cases.csv"
TRUTH_NAME = "truth.json"
COLUMNS = ("image", "label")
"""A table has to have these; mask, decoy, frame and source may stand beside them."""

LARGEST_LIST_BYTES = 1 << 26


@dataclass(frozen=True)
class LabelledCase:
    """One case: where it lies, and what is known of it.

    `label` is a label or its index, as it was written. `mask` is the file that marks the reason,
    None where there is none. `decoy` marks what the model must not go by: a file, or a box
    [x0, y0, x1, y1] in pixel edges on `decoy_frames`.
    """

    name: str
    path: str
    label: str
    mask: str | None = None
    decoy: str | tuple[float, ...] | None = None
    decoy_frames: tuple[int, ...] = ()
    frame: int | None = None
    source_id: str | None = None


def read_set(path: Path) -> tuple[LabelledCase, ...]:
    """The cases of a folder with truth.json (as `lepton phantom` writes) or cases.csv, or of a CSV.

    Paths in a table are seen from its folder. Raises UserError where nothing of it can be read.
    """
    truth = path / TRUTH_NAME
    table = path / TABLE_NAME if path.is_dir() else path
    try:
        if truth.is_file():
            found = _phantoms(_read(truth), path)
        elif table.is_file():
            found = _rows(_read(table), table)
        else:
            raise UserError(
                f"{path.name} is no labelled set: there is neither {TRUTH_NAME} nor {TABLE_NAME}.",
                f"Name a folder with one of them, or a table with {' and '.join(COLUMNS)}.",
                path=str(path),
            )
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise UserError(
            f"{path.name} is not a labelled set as it should be ({type(error).__name__}).",
            "See docs/cli.md for how one looks.",
            path=str(path),
        ) from error
    if not found:
        raise UserError(f"{path.name} lists no case.", "Choose another set.", path=str(path))
    return found


def label_of(case: LabelledCase, card: ModelCard) -> str:
    """The model's own label for a case; raises UserError for one that it does not know."""
    if case.label in card.labels:
        return case.label
    if case.label.isdecimal() and int(case.label) < len(card.labels):
        return card.labels[int(case.label)]
    raise UserError(
        f"The case is labelled {case.label}, which {card.model_id} does not know.",
        f"It knows {', '.join(card.labels)}.",
    )


def marked_reason(case: LabelledCase, source: Source, task: Task) -> Region | None:
    """Where the reason lies, None where nothing is marked."""
    return None if case.mask is None else read_region(case.mask, source, task, case.frame)


def marked_decoy(case: LabelledCase, source: Source, task: Task) -> Region | None:
    """Where that lies which the model must not go by."""
    if case.decoy is None:
        return None
    if isinstance(case.decoy, str):
        return read_region(case.decoy, source, task, case.frame)
    mask = np.zeros((source.frames, *source.shape), dtype=bool)
    x0, y0, x1, y1 = (round(edge) for edge in case.decoy)
    for frame in case.decoy_frames:
        # A list that was made for another scan marks nothing here rather than ending the set.
        mask[frame : frame + 1, y0:y1, x0:x1] = True
    return Region(source.source_id, 0, mask, "a box in the set's list")


def _read(path: Path) -> str:
    if path.stat().st_size > LARGEST_LIST_BYTES:
        raise ValueError("larger than a list can be")
    return path.read_text(encoding="utf-8-sig")


def _phantoms(text: str, folder: Path) -> tuple[LabelledCase, ...]:
    return tuple(_phantom(entry, folder) for entry in json.loads(text))


def _phantom(entry: Mapping[str, Any], folder: Path) -> LabelledCase:
    name = f"case-{int(entry['case']):04d}"
    place, marker = folder / name, entry.get("marker")
    return LabelledCase(
        name,
        str(place),
        str(int(entry["label"])),
        mask=str(place / "mask.npy") if entry["nodules"] else None,
        decoy=tuple(float(edge) for edge in marker["box"]) if marker else None,
        decoy_frames=tuple(int(frame) for frame in marker["frames"]) if marker else (),
    )


def _rows(text: str, table: Path) -> tuple[LabelledCase, ...]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise UserError(
            f"{table.name} has no column {missing[0]}.",
            f"Its first line names the columns; {' and '.join(COLUMNS)} have to be there.",
            path=str(table),
        )
    return tuple(_row(row, number, table.parent) for number, row in enumerate(reader, start=1))


def _row(row: Mapping[str, str | None], number: int, folder: Path) -> LabelledCase:
    given = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    if not (given["image"] and given["label"]):
        raise UserError(
            f"Row {number} of the table names no {'label' if given['image'] else 'image'}.",
            "Fill it in, or take the row out.",
        )
    frame = given.get("frame") or None
    return LabelledCase(
        given.get("case") or f"row {number}",
        str(folder / given["image"]),
        given["label"],
        mask=_seen_from(folder, given.get("mask")),
        decoy=_seen_from(folder, given.get("decoy")),
        frame=None if frame is None else int(frame),
        source_id=given.get("source") or None,
    )


def _seen_from(folder: Path, name: str | None) -> str | None:
    return str(folder / name) if name else None
