"""Boxes and polygons as the YOLO family reads them: a text for each picture, a line for each shape.

A line is the number of the class and the centre, width and height of a box, or the corners of a
polygon, as parts of the picture's width and height
(https://docs.ultralytics.com/datasets/detect/, https://docs.ultralytics.com/datasets/segment/).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from inference.exchange.folders import writing_folder
from inference.exchange.gathering import Gathering
from inference.exchange.leaving_out import Held, bare_sentences
from inference.exchange.matching import frame_of, name_frame, name_sources
from inference.exchange.reading import (
    EntryError,
    as_whole,
    from_text,
    list_folder,
    placed,
    read_text,
    shortened,
)
from inference.exchange.records import LabelsExport, LabelsImport, Read, Written
from inference.exchange.shapes import Points
from inference.exchange.table import FORMATS
from inference.exchange.yolo_names import NAMES_FILES, read_names
from inference.records import Annotation, AnnotationKind, LabelSet, SourceEntry
from inference.task import Task

_DIGITS = 10
"""Behind the point: a millionth of a pixel in a picture of 10,000."""

_BOX_NUMBERS = 5
_LABEL_BYTES_LIMIT = 16 * 2**20


def write_yolo(request: LabelsExport, task: Task) -> Written:
    """A folder with data.yaml and labels/NAME.txt; the pictures belong into images/ beside them.

    A picture of one frame without shapes has an empty text, which says that nothing is on it.
    Raises UserError where the folder cannot be written, or is not empty.
    """
    held = Held(request, FORMATS["yolo"].title, FORMATS["yolo"].kinds)
    names = name_sources([one.entry for one in request.sources], request.identified, stems=True)
    numbers = {one.name: place for place, one in enumerate(request.label_set.labels)}
    files, kept = 1, []
    with writing_folder(Path(request.path)) as folder:
        (folder / "labels").mkdir()
        (folder / "data.yaml").write_text(_data_yaml(request.label_set), encoding="utf-8")
        for done, source in enumerate(request.sources):
            task.progress(done, len(request.sources))
            entry = source.entry
            found = held.of(entry, source.annotations)
            lines: dict[int, list[str]] = {0: []} if entry.frames == 1 else {}
            for one in found:
                line = _line(one, numbers[one.label], entry.shape)
                lines.setdefault(one.frame, []).append(line)
            for frame, texts in lines.items():
                name = name_frame(names[entry.source_id], entry, frame)
                path = folder / "labels" / f"{name}.txt"
                path.write_text("".join(f"{text}\n" for text in texts), encoding="ascii")
            files += len(lines)
            kept += found
    if len({one.kind for one in kept}) > 1:
        task.note("Boxes and polygons stand side by side; most YOLO programs train on one sort.")
    bare = bare_sentences(FORMATS["yolo"].title, kept)
    return Written(files, held.written, (*held.sentences(), *bare))


def _data_yaml(label_set: LabelSet) -> str:
    """The list of names; JSON strings are YAML strings as well."""
    names = "".join(
        f"  {place}: {json.dumps(one.name, ensure_ascii=False)}\n"
        for place, one in enumerate(label_set.labels)
    )
    head = "path: .\ntrain: images\nval: images\n"
    return f"{head}nc: {len(label_set.labels)}\nnames:{' {}' if not names else ''}\n{names}"


def _line(one: Annotation, number: int, shape: tuple[int, int]) -> str:
    rows, columns = shape
    parts = [coordinate for x, y in _WRITTEN[one.kind](one.points) for coordinate in (x, y)]
    scaled = (part / (rows if place % 2 else columns) for place, part in enumerate(parts))
    return " ".join([str(number), *(f"{part:.{_DIGITS}f}" for part in scaled)])


def _centre_and_size(points: Points) -> Points:
    (x0, y0), (x1, y1) = points
    return ((x0 + x1) / 2, (y0 + y1) / 2), (x1 - x0, y1 - y0)


_WRITTEN: dict[AnnotationKind, Callable[[Points], Points]] = {
    "box": _centre_and_size,
    "polygon": lambda points: points,
}


def read_yolo(request: LabelsImport, task: Task) -> Read:
    """All labels in a folder with names in data.yaml or classes.txt, or of the one data.yaml."""
    found = Gathering(request)
    folder = found.path if found.path.is_dir() else found.path.parent
    names = read_names(found.path)
    with placed(found.path, "the list of names"):
        for name in names:
            found.label(name)
    texts = _texts(folder)
    for done, path in enumerate(texts):
        if done % 100 == 0:
            task.progress(done, len(texts))
        with placed(path, ""):
            place = found.find(path.name)
            if place is None:
                continue
            entry, frame = place[0], frame_of(*place)
        for number, line in enumerate(read_text(path, _LABEL_BYTES_LIMIT).splitlines(), start=1):
            if line.strip():
                with placed(path, f"line {number}"):
                    _read_line(line, entry, frame, names, found)
    return found.read()


def _texts(folder: Path) -> list[Path]:
    """The label files: those within folders called labels, or without one those right here."""
    found = [
        one
        for one in list_folder(folder, deep=True)
        if one.suffix.lower() == ".txt" and one.name not in NAMES_FILES
    ]
    within = [one for one in found if "labels" in one.relative_to(folder.parent).parts[:-1]]
    return within or [one for one in found if one.parent == folder]


def _read_line(
    line: str, entry: SourceEntry, frame: int, names: tuple[str, ...], found: Gathering
) -> None:
    words = line.split()
    count = len(words)
    if count != _BOX_NUMBERS and (count < 7 or count % 2 == 0):
        raise EntryError(f"there are {count} numbers, which is neither a box nor a polygon")
    number = as_whole(from_text(words[0], "the class"), "the class")
    if not 0 <= number < len(names):
        raise EntryError(f"there is no name for the class {shortened(words[0])}")
    numbers = [from_text(word, "a coordinate") for word in words[1:]]
    rows, columns = entry.shape
    pairs = tuple((x * columns, y * rows) for x, y in zip(numbers[::2], numbers[1::2], strict=True))
    kind: AnnotationKind = "polygon"
    if count == _BOX_NUMBERS:
        kind, ((x, y), (width, height)) = "box", pairs
        pairs = ((x - width / 2, y - height / 2), (x + width / 2, y + height / 2))
    draft = Annotation("", entry.source_id, frame, kind, found.label(names[number]), pairs)
    found.add(draft, entry.shape)
