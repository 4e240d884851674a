"""PNG masks: as OpenCV and Pillow see ours, theirs as we do, and wrong ones."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from inference.errors import UserError
from inference.mask_bits import mask_of
from inference.records import Label
from tests.inference.exchange.labelled import (
    COLUMNS,
    ENTRIES,
    IMAGE,
    LABELS,
    NO_LABELS,
    ROWS,
    SHAPE,
    exported,
    imported,
    region,
)


def blot(rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[rows, columns] = True
    return mask


LEFT, RIGHT = blot(slice(2, 6), slice(0, 5)), blot(slice(2, 6), slice(9, 14))
ACROSS = blot(slice(4, 9), slice(3, 11))


def test_others_see_indices_and_colours(tmp_path: Path) -> None:
    drawn = [region(ACROSS, "grade"), region(RIGHT), region(LEFT)]
    written = exported("png", tmp_path / "out", drawn)
    files = {one.name for one in (tmp_path / "out").iterdir()}
    name = IMAGE.source_id
    assert files == {"labels.json", f"{name}.png", f"{name}.parts.png", f"{name}.layer-2.png"}
    assert written.files == len(files)
    with Image.open(tmp_path / "out" / f"{name}.png") as picture:
        assert np.array_equal(np.array(picture), np.where(LEFT | RIGHT, 1, 0))
        assert picture.convert("RGB").getpixel((1, 3)) == LABELS.labels[0].colour
    shown = cv2.imread(str(tmp_path / "out" / f"{name}.layer-2.png"))
    assert shown is not None
    assert tuple(shown[5, 5][::-1]) == LABELS.labels[3].colour
    parts = np.array(cv2.imread(str(tmp_path / "out" / f"{name}.parts.png"), cv2.IMREAD_UNCHANGED))
    assert np.array_equal(parts, np.where(RIGHT, 1, 0) + np.where(LEFT, 2, 0))
    names = json.loads((tmp_path / "out" / "labels.json").read_text())["labels"]
    assert names[3] == {"index": 4, "name": "grade", "color": [90, 90, 90]}


def test_more_labels_than_a_palette_holds(tmp_path: Path) -> None:
    from inference.exchange.records import LabelledSource, LabelsExport, LabelsImport
    from inference.exchange.table import FORMATS
    from inference.records import LabelSet
    from inference.task import Task

    many = LabelSet(labels=tuple(Label(f"n{place}", (1, 2, 3)) for place in range(300)))
    source = LabelledSource(IMAGE, (region(LEFT, "n299"), region(RIGHT, "n2")))
    FORMATS["png"].write(LabelsExport(many, (source,), str(tmp_path / "out")), Task())
    numbers = np.array(
        cv2.imread(str(tmp_path / "out" / f"{IMAGE.source_id}.png"), cv2.IMREAD_UNCHANGED)
    )
    assert np.array_equal(numbers, np.where(LEFT, 300, 0) + np.where(RIGHT, 3, 0))
    request = LabelsImport(many, ENTRIES, str(tmp_path / "out"), "Reader")
    found = FORMATS["png"].read(request, Task()).annotations
    assert [one.label for one in found] == ["n2", "n299"]


@pytest.mark.parametrize("kind", ["grey", "wide", "palette", "two", "one", "interlaced"])
def test_masks_of_other_programs_are_read(kind: str, tmp_path: Path) -> None:
    numbers: np.ndarray = (np.where(LEFT, 1, 0) + np.where(RIGHT, 3, 0)).astype(np.uint8)
    path = tmp_path / "photo.png"
    if kind == "grey":
        cv2.imwrite(str(path), numbers)
    elif kind == "wide":
        numbers = numbers.astype(np.uint16) * 1000
        cv2.imwrite(str(path), numbers)
    elif kind == "palette":
        picture = Image.fromarray(numbers)
        picture.putpalette([0, 0, 0, 9, 9, 9, 7, 7, 7, 255, 0, 0])
        picture.save(path, bits=2)
    elif kind == "two":
        path.write_bytes(png(numbers, bits=2))
    elif kind == "one":
        numbers = LEFT.astype(np.uint8)
        path.write_bytes(png(numbers, bits=1))
    else:
        path.write_bytes(adam7(numbers))
    found = imported("png", tmp_path, ENTRIES, NO_LABELS)
    values = [value for value in np.unique(numbers).tolist() if value]
    assert [one.label for one in found.annotations] == [str(value) for value in values]
    for value, one in zip(values, found.annotations, strict=True):
        assert np.array_equal(mask_of(one, SHAPE), numbers == value)


def chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def png(
    numbers: np.ndarray, bits: int = 8, size: tuple[int, int] = SHAPE, colour: int = 0
) -> bytes:
    """A picture put together by the standard's text, filter 0 on each row."""
    rows = []
    for row in numbers:
        cells = "".join(f"{int(value):0{bits}b}" for value in row)
        cells += "0" * (-len(cells) % 8)
        rows.append(b"\0" + int(cells, 2).to_bytes(len(cells) // 8))
    header = struct.pack(">IIBBBBB", size[1], size[0], bits, colour, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"".join(rows)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def adam7(numbers: np.ndarray) -> bytes:
    """The same, interlaced (ISO/IEC 15948, 8.2)."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2))
    rows = b""
    for top, left, down, across in (*passes, (1, 0, 2, 1)):
        part = numbers[top::down, left::across]
        rows += b"".join(b"\0" + row.tobytes() for row in part) if part.size else b""
    header = struct.pack(">IIBBBBB", COLUMNS, ROWS, 8, 0, 0, 0, 1)
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def coloured() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.zeros((*SHAPE, 3), np.uint8)).save(stream, "PNG")
    return stream.getvalue()


PLAIN = png(LEFT.astype(np.uint8))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png(LEFT, size=(100_000, 100_000)), "it has 100000 × 100000 pixels, and its frame 17 ×"),
        (coloured(), "it is a colour picture"),
        (PLAIN[:-20], "it is damaged or cut off"),
        (PLAIN[:45] + b"x" + PLAIN[46:], "it is damaged or cut off"),
        (png(LEFT[:4]), "its pixels are cut off"),
        (png(LEFT, bits=3), "its pixels are"),
        (b"GIF89a", "it is no PNG file"),
        (b"\x89PNG\r\n\x1a\n", "it is damaged or cut off"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "does not start with a header"),
    ],
)
def test_a_wrong_picture_is_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(data)
    with pytest.raises(UserError, match=r"photo\.png was not imported") as caught:
        imported("png", tmp_path)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ({}, "labels is not a list"),
        ({"labels": [{"index": 0, "name": "a"}]}, "at labels[0], the index 0"),
        ({"labels": [{"index": 1, "name": "a", "color": [1, 2]}]}, "at labels[0], color is no col"),
        ({"labels": [{"index": 1}]}, "at labels[0], name is not a text"),
    ],
)
def test_wrong_names_are_refused(names: object, reason: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(PLAIN)
    (tmp_path / "labels.json").write_text(json.dumps(names))
    with pytest.raises(UserError, match=r"labels\.json was not imported") as caught:
        imported("png", tmp_path)
    assert reason in str(caught.value)


def test_noise_is_no_mask(tmp_path: Path) -> None:
    from dataclasses import replace

    numbers = np.arange(40_000, dtype=np.uint16).reshape(200, 200) % 9973
    cv2.imwrite(str(tmp_path / "photo.png"), numbers)
    entry = replace(IMAGE, shape=(200, 200))
    with pytest.raises(UserError, match="scattered over the whole picture"):
        imported("png", tmp_path, (entry,))


def test_parts_without_their_mask_are_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.parts.png").write_bytes(PLAIN)
    with pytest.raises(UserError, match="is not beside it"):
        imported("png", tmp_path)


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(UserError, match="something of that name is there already"):
        exported("png", tmp_path, [region(LEFT)])
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_masks_that_only_stand_close_share_a_layer(tmp_path: Path) -> None:
    corner = blot(slice(0, 9), slice(0, 9)) & ~blot(slice(3, 9), slice(3, 9))
    within = blot(slice(5, 8), slice(5, 8))
    exported("png", tmp_path / "out", [region(corner), region(within, "grade")])
    files = {one.name for one in (tmp_path / "out").iterdir()}
    assert files == {"labels.json", f"{IMAGE.source_id}.png"}
