"""Masks as NIfTI volumes of label numbers, one for each scan, in its own geometry."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.exchange.folders import writing_folder
from inference.exchange.gathering import Gathering
from inference.exchange.index_names import IndexNames, numbers_of, write_names
from inference.exchange.label_volume import is_upright, write_volume
from inference.exchange.layers import by_frame, lay, layer_name, take_apart
from inference.exchange.leaving_out import Held, bare_sentences
from inference.exchange.matching import name_sources
from inference.exchange.nifti_volumes import LabelVolume, volumes_at
from inference.exchange.reading import EntryError, placed
from inference.exchange.records import LabelledSource, LabelsExport, LabelsImport, Read, Written
from inference.exchange.scans import Scans
from inference.exchange.table import FORMATS
from inference.records import Annotation, Source, SourceEntry
from inference.task import Task


def write_nifti_masks(request: LabelsExport, task: Task) -> Written:
    """A folder with NAME.nii.gz for each scan with masks, and labels.json for their numbers.

    Masks that overlap others go to NAME.layer-2.nii.gz and so on; NAME.parts.nii.gz tells the masks
    of one label on one slice apart. What has no place as a volume is left out. Raises UserError
    where the folder cannot be written, or is not empty.
    """
    held = Held(request, FORMATS["nifti"].title, FORMATS["nifti"].kinds)
    names = name_sources([one.entry for one in request.sources], request.identified, stems=True)
    numbers = numbers_of(request.label_set)
    scans = Scans(task)
    files, kept = 1, []
    with writing_folder(Path(request.path)) as folder:
        write_names(folder, request.label_set)
        for done, source in enumerate(request.sources):
            task.progress(done, len(request.sources))
            found = held.of(source.entry, source.annotations)
            if not found:
                continue
            scan = scans.find(source.entry)
            reason = _no_volume(scan)
            if reason or scan is None:
                held.drop(reason, len(found))
                continue
            kept += found
            name = names[source.entry.source_id]
            files += _write_scan(
                folder, name, scan, LabelledSource(source.entry, tuple(found)), numbers
            )
    bare = bare_sentences(FORMATS["nifti"].title, kept)
    return Written(files, held.written, (*held.sentences(), *bare))


def _no_volume(scan: Source | None) -> str:
    """Why the masks of a scan are no volume; "" if they are."""
    if scan is None:
        return "their scan is no longer where it was"
    if scan.affine is None:
        return "their scan says nothing of where it lies, and a NIfTI file has to"
    if scan.positions_mm is not None and scan.frames > 1:
        return "the slices of their scan are not evenly spaced, so they are no volume"
    return "" if is_upright(scan.affine) else "the slices of their scan are tilted"


def _write_scan(
    folder: Path, name: str, scan: Source, source: LabelledSource, numbers: dict[str, int]
) -> int:
    """Write the layers of a scan; returns how many files that made."""
    assert scan.affine is not None
    size = (scan.frames, *scan.shape)
    labels: list[np.ndarray] = []
    parts: dict[int, np.ndarray] = {}
    for frame, masks in by_frame(source, source.annotations, numbers).items():
        for place, layer in enumerate(lay(masks, scan.shape)):
            if place == len(labels):
                labels.append(np.zeros(size, np.uint16))
            labels[place][frame] = layer.labels
            if layer.parts is not None:
                parts.setdefault(place, np.zeros(size, np.uint16))[frame] = layer.parts
    for place, volume in enumerate(labels):
        title = layer_name(name, place)
        write_volume(folder / f"{title}.nii.gz", scan.affine, volume)
        if place in parts:
            write_volume(folder / f"{title}.parts.nii.gz", scan.affine, parts[place])
    return len(labels) + len(parts)


def read_nifti_masks(request: LabelsImport, task: Task) -> Read:
    """The masks of a folder of label volumes, or of one; labels.json beside them has the names.

    A volume must lie on its scan's own grid. A number without a name becomes a label of that name.
    """
    found = Gathering(request)
    names = IndexNames(found.path if found.path.is_dir() else found.path.parent, found)
    scans = Scans(task)
    volumes = volumes_at(found.path)
    for done, volume in enumerate(volumes):
        task.progress(done, len(volumes))
        with placed(volume.path, ""):
            place = found.find(volume.scan_name)
            if place is not None:
                _read_scan(volume, place[0], scans, names, found)
    return found.read()


def _read_scan(
    volume: LabelVolume, entry: SourceEntry, scans: Scans, names: IndexNames, found: Gathering
) -> None:
    scan = scans.find(entry)
    if scan is None:
        raise EntryError("the scan that it belongs to is no longer where it was")
    labels = volume.opened_on(scan)
    parts = volume.parts_on(scan)
    for frame in range(scan.frames):
        numbers = labels.numbers(frame)
        if not numbers.any():
            continue
        split = parts.numbers(frame) if parts is not None else None
        for number, mask in take_apart(numbers, split):
            label = names.label(number)
            draft = Annotation("", entry.source_id, frame, "mask", label, mask=mask)
            found.add(draft, entry.shape)
