"""Whatever happens to a file: it is read or refused, and nothing else comes out."""

from __future__ import annotations

import json
import random
import struct
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.errors import UserError
from inference.exchange.records import Read
from inference.exchange.table import FORMATS
from inference.mask_bits import pack_mask
from inference.records import Annotation, SourceEntry
from tests.inference.exchange.labelled import (
    ENTRIES,
    SERIES,
    SHAPE,
    box,
    exported,
    imported,
    region_of_all,
)
from tests.inference.exchange.test_nifti_masks import masks_of, read, scan_at, write
from tests.inference.exchange.test_png_masks import chunk

TRIALS = 150
_WORDS = (
    b"-1",
    b"1e999",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b'"',
    b",",
    b"\0",
    b"\xff",
    b"99999999999",
)


def some_annotations() -> list[Annotation]:
    """One of each kind that a picture has."""
    corners = ((1.0, 1.0), (9.0, 2.0), (8.0, 9.0), (0.5, 8.0))
    mask = np.zeros(SHAPE, dtype=bool)
    mask[2:9, 3:11] = True
    base = Annotation("x", SERIES.source_id, 1, "polygon", "lesion", corners)
    return [
        box(1, 2, 5, 6, value=2.0),
        region_of_all(),
        base,
        replace(base, kind="rotated_box", attributes=(("sure", True), ("note", "so"))),
        replace(base, kind="line", instance="one"),
        replace(base, kind="point", points=corners[:1]),
        replace(base, kind="mask", points=(), mask=pack_mask(mask)),
        replace(base, kind="span", points=(), extent=(3.0, 9.0), frame=-1),
    ]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file with a few bytes changed, taken out, doubled, or replaced by an awkward word."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(found) + 1)
        end = min(len(found), at + chance.choice((1, 1, 2, 8, 60)))
        change = chance.randrange(5)
        if change == 0:
            found[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
        elif change == 1:
            del found[at:end]
        elif change == 2:
            found[at:at] = found[at:end]
        elif change == 3:
            found[at:end] = chance.choice(_WORDS)
        else:
            del found[at:]
        if not found:
            break
    return bytes(found)


def files_of(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


@pytest.mark.parametrize("name", ["coco", "yolo", "png", "csv"])
def test_a_damaged_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"out{FORMATS[name].extension}"
    exported(name, path, some_annotations())
    chance = random.Random(f"damage {name}")
    refused: list[str] = []
    for _ in range(TRIALS):
        file = chance.choice(files_of(path))
        whole = file.read_bytes()
        file.write_bytes(damaged(whole, chance))
        try:
            found = imported(name, path)
        except UserError as error:
            refused.append(error.message)
        else:
            check(found, ENTRIES)
        file.write_bytes(whole)
    assert 0 < len(refused) < TRIALS
    assert all(" was not imported: " in one and one.endswith(".") for one in refused)


_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**30, 1e300, 0.5, "", "a", "\ud800", [], {}, [[]], [None]),
    *([1, 2, 3, 4], {"size": [12, 17]}, "9" * 50, -0.0),
)


def nodes_of(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON document, as the container and the key in it."""
    keys: list[Any] = []
    if isinstance(value, (dict, list)):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [node for key in keys for node in nodes_of(value[key])]


def test_a_document_with_wrong_values_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    exported("coco", path, some_annotations())
    text = path.read_text()
    for place in range(len(nodes_of(json.loads(text)))):
        for value in _VALUES:
            document = json.loads(text)
            container, key = nodes_of(document)[place]
            container[key] = value
            path.write_text(json.dumps(document))
            with suppress(UserError):
                check(imported("coco", path), ENTRIES)


def test_pixels_with_wrong_bytes_are_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    chance = random.Random("damage pixels")
    numbers = np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 7
    header = struct.pack(">IIBBBBB", SHAPE[1], SHAPE[0], 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes(row.tolist()) for row in numbers)
    for _ in range(TRIALS):
        parts = [
            (b"IHDR", damaged(header[8:], chance) if chance.random() < 0.3 else header[8:]),
            (b"IDAT", zlib.compress(damaged(rows, chance))),
            (b"IDAT", damaged(zlib.compress(rows), chance)),
        ]
        chosen = [(b"IHDR", header[:8] + parts[0][1]), chance.choice(parts[1:])]
        data = b"".join(chunk(*one) for one in (*chosen, (b"IEND", b"")))
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
        with suppress(UserError):
            check(imported("png", path), ENTRIES)


def check(found: Read, entries: tuple[SourceEntry, ...]) -> None:
    """What was read belongs to the project and fits its frames."""
    shapes = {one.source_id: (one.frames, one.shape) for one in entries}
    names = {one.name for one in found.label_set.labels}
    for one in found.annotations:
        frames, (rows, columns) = shapes[one.source_id]
        assert -1 <= one.frame < frames
        assert one.label in names
        assert all(0 <= x <= columns and 0 <= y <= rows for x, y in one.points)


def test_a_damaged_volume_is_read_or_refused(tmp_path: Path) -> None:
    entry = scan_at(tmp_path)
    write(entry, masks_of(entry), tmp_path / "out")
    chance = random.Random("damage nifti")
    refused = 0
    for _ in range(40):
        file = chance.choice(files_of(tmp_path / "out"))
        whole = file.read_bytes()
        file.write_bytes(damaged(whole, chance))
        try:
            check(read(tmp_path / "out", entry), (entry,))
        except UserError:
            refused += 1
        file.write_bytes(whole)
    assert refused > 0


@pytest.mark.parametrize("name", ["coco", "yolo", "png", "csv"])
def test_a_disk_that_is_full_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def fail(*args: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", fail)
    monkeypatch.setattr(Path, "replace", fail)
    place = tmp_path / "place"
    place.mkdir()
    with pytest.raises(UserError, match="the disk is full"):
        exported(name, place / f"out{FORMATS[name].extension}", [box(1, 2, 5, 6)])
    assert list(place.iterdir()) == []
