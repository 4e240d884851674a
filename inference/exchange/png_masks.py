"""Masks as a folder of PNG pictures whose pixels are the numbers of labels."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from inference.exchange.folders import writing_folder
from inference.exchange.gathering import Gathering
from inference.exchange.index_names import IndexNames, numbers_of, write_names
from inference.exchange.layers import Masks, by_frame, lay, layer_name, take_apart
from inference.exchange.leaving_out import Held, bare_sentences
from inference.exchange.matching import frame_of, name_frame, name_sources
from inference.exchange.png_file import read_png as read_numbers
from inference.exchange.png_file import write_png as write_numbers
from inference.exchange.reading import EntryError, list_folder, placed, refusal
from inference.exchange.records import LabelsExport, LabelsImport, Read, Written
from inference.exchange.table import FORMATS
from inference.records import Annotation
from inference.task import Task

_FILE = re.compile(r"(?s)(.+?)(\.layer-\d+)?(\.parts)?\.png\Z", re.IGNORECASE)


def write_png(request: LabelsExport, task: Task) -> Written:
    """A folder with NAME.png for each frame with masks, and labels.json for their numbers.

    A picture of one frame has its file without masks, too. Masks that overlap others go to
    NAME.layer-2.png and so on; NAME.parts.png tells the masks of one label apart. Raises UserError
    where the folder cannot be written, or is not empty.
    """
    held = Held(request, FORMATS["png"].title, FORMATS["png"].kinds)
    names = name_sources([one.entry for one in request.sources], request.identified, stems=True)
    palette = [(0, 0, 0), *(one.colour for one in request.label_set.labels)]
    numbers = numbers_of(request.label_set)
    files, kept = 1, []
    with writing_folder(Path(request.path)) as folder:
        write_names(folder, request.label_set)
        for done, source in enumerate(request.sources):
            task.progress(done, len(request.sources))
            found = held.of(source.entry, source.annotations)
            kept += found
            for frame, masks in by_frame(source, found, numbers).items():
                name = name_frame(names[source.entry.source_id], source.entry, frame)
                files += _write_frame(folder, name, masks, source.entry.shape, palette)
    bare = bare_sentences(FORMATS["png"].title, kept)
    return Written(files, held.written, (*held.sentences(), *bare))


def _write_frame(
    folder: Path,
    name: str,
    masks: Masks,
    shape: tuple[int, int],
    palette: list[tuple[int, int, int]],
) -> int:
    """Write the layers of a frame; returns how many files that made."""
    layers = lay(masks, shape)
    if not layers:
        write_numbers(folder / f"{name}.png", np.zeros(shape, np.uint8), palette)
        return 1
    files = 0
    for place, layer in enumerate(layers):
        title = layer_name(name, place)
        write_numbers(folder / f"{title}.png", layer.labels, palette)
        files += 1
        if layer.parts is not None:
            write_numbers(folder / f"{title}.parts.png", layer.parts, ())
            files += 1
    return files


def read_png(request: LabelsImport, task: Task) -> Read:
    """The masks of a folder of PNG pictures, or of one; labels.json beside them names the numbers.

    A number that it does not name becomes a label of that name.
    """
    found = Gathering(request)
    folder = found.path if found.path.is_dir() else found.path.parent
    names = IndexNames(folder, found)
    pictures = _pictures(found.path)
    for done, path in enumerate(pictures):
        task.progress(done, len(pictures))
        with placed(path, ""):
            _read_frame(path, names, found)
    return found.read()


def _pictures(path: Path) -> list[Path]:
    """The label pictures; those of parts are read along with theirs."""
    if not path.is_dir():
        return [path]
    names = [one for one in list_folder(path) if one.suffix.lower() == ".png"]
    found = []
    for one in names:
        parts = _FILE.match(one.name)
        if parts is None or parts[3] is None:
            found.append(one)
        elif not one.with_name(f"{parts[1]}{parts[2] or ''}.png").exists():
            raise refusal(one, "the mask whose parts it tells apart is not beside it")
    if not found:
        raise refusal(path, "it holds no PNG pictures")
    return found


def _read_frame(path: Path, names: IndexNames, found: Gathering) -> None:
    parts = _FILE.match(path.name)
    place = found.find(f"{parts[1]}.png" if parts else path.name)
    if place is None:
        return
    entry, frame = place[0], frame_of(*place)
    labels = read_numbers(path, entry.shape)
    apart = path.with_name(f"{path.name[:-4]}.parts.png")
    split = read_numbers(apart, entry.shape) if apart.is_file() else None
    if labels.dtype.kind not in "bu":
        raise EntryError("its pixels are no whole numbers from 0 on")
    for number, mask in take_apart(labels, split):
        draft = Annotation("", entry.source_id, frame, "mask", names.label(number), mask=mask)
        found.add(draft, entry.shape)
