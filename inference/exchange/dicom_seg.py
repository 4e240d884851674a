"""Labels as DICOM SEG files, one for each scan, and back."""

from __future__ import annotations

from pathlib import Path

from inference.errors import UserError
from inference.exchange.dicom_codes import MEANING_LIMIT, plain_text
from inference.exchange.dicom_seg_object import segmentation
from inference.exchange.dicom_seg_reading import SegReading, seg_files
from inference.exchange.dicom_seg_segments import SEGMENTED, DrawnSegments, draw_segments
from inference.exchange.folders import writing_folder
from inference.exchange.leaving_out import Held
from inference.exchange.matching import name_sources
from inference.exchange.records import LabelledSource, LabelsExport, LabelsImport, Read, Written
from inference.exchange.scans import Scans
from inference.exchange.table import FORMATS
from inference.exports.source_images import images_of
from inference.records import Annotation, AnnotationKind, Source
from inference.sources.dicom_fields import quietly
from inference.task import Task
from inference.whole_file import writing

_SUFFIX = ".dcm"

_MADE_PIXELS: dict[AnnotationKind, tuple[str, str]] = {
    "box": ("box", "boxes"),
    "rotated_box": ("rotated box", "rotated boxes"),
    "polygon": ("polygon", "polygons"),
}


def write_dicom_seg(request: LabelsExport, task: Task) -> Written:
    """One file for each scan with masks, in the folder at the path; at a path .dcm the one file.

    The masks of one label and one instance are a segment (PS3.3 A.51); boxes and polygons become
    the pixels whose centres they hold. With `identified` the files name the patient as their scans
    do. Raises UserError where nothing can be written, or the folder is not empty.
    """
    path = Path(request.path)
    writer = _Writer(request, task)
    if path.suffix.lower() == _SUFFIX:
        if len(request.sources) != 1:
            raise UserError(
                f"{path.name} was not written: a DICOM SEG file holds the labels of one scan, and "
                f"these are {len(request.sources)}.",
                "Choose a folder.",
                fault="usage",
                path=str(path),
            )
        with writing(path) as temporary:
            writer.write(request.sources[0], temporary)
            writer.refuse_nothing(path)
        return writer.written()
    names = name_sources([one.entry for one in request.sources], request.identified, stems=True)
    with writing_folder(path) as folder:
        for done, source in enumerate(request.sources):
            task.progress(done, len(request.sources))
            writer.write(source, folder / f"{names[source.entry.source_id]}{_SUFFIX}")
        writer.refuse_nothing(path)
    return writer.written()


class _Writer:
    """Writes the files of one export, and remembers what could not be held."""

    def __init__(self, request: LabelsExport, task: Task) -> None:
        self._request = request
        self._task = task
        self._held = Held(request, FORMATS["dicom_seg"].title, SEGMENTED)
        self._scans = Scans(task)
        self._files = 0
        self._drawn: list[DrawnSegments] = []
        self._shorn = 0
        """Annotations that said more than a segment can hold."""

    def write(self, source: LabelledSource, path: Path) -> None:
        """Write the file of one scan, if there is something to write."""
        annotations = self._held.of(source.entry, source.annotations)
        if not annotations:
            return
        scan = self._scans.find(source.entry)
        reason = _no_place(scan)
        if reason or scan is None:
            self._held.drop(reason, len(annotations))
            return
        drawn = draw_segments(annotations, self._request.label_set, scan.shape)
        if drawn.hollow:
            self._held.drop("they hold the centre of no pixel", drawn.hollow)
        if not drawn.segments:
            return
        with quietly():
            images = dict(zip(drawn.frames, images_of(scan, drawn.frames, Task()), strict=True))
            found = segmentation(
                scan, images, drawn, self._task, identified=self._request.identified
            )
            found.save_as(path, enforce_file_format=True)
        self._drawn.append(drawn)
        self._shorn += sum(_says_more(one) for one in annotations)
        self._files += 1

    def refuse_nothing(self, path: Path) -> None:
        """Raise UserError where there is no file to leave."""
        if not self._files:
            why = " ".join(self._held.sentences()) or "There are no labels."
            raise UserError(
                f"{path.name} was not written: nothing can be a DICOM SEG. {why}",
                "Choose another format.",
                path=str(path),
            )

    def written(self) -> Written:
        """The answer."""
        return Written(self._files, self._held.written, (*self._held.sentences(), *self._changes()))

    def _changes(self) -> list[str]:
        """What was written otherwise than it was drawn."""
        found = []
        for kind, words in _MADE_PIXELS.items():
            count = sum(drawn.turned[kind] for drawn in self._drawn)
            if count:
                found.append(f"{_counted(count, *words)} turned into the pixels within.")
        joined = sum(drawn.joined for drawn in self._drawn)
        if joined:
            told = _counted(joined, "mask", "masks")
            found.append(f"{told} joined with others of the same label and frame.")
        segments = (segment for drawn in self._drawn for segment in drawn.segments)
        names = {segment.label.name for segment in segments}
        changed = sum(plain_text(name) != name for name in names)
        if changed:
            told = _counted(changed, "label", "labels")
            found.append(
                f"{told} written under another name: in DICOM it has at most {MEANING_LIMIT} "
                "characters and no backslash."
            )
        if self._shorn:
            told = _counted(self._shorn, "annotation", "annotations")
            found.append(f"{told} written without values and attributes: DICOM SEG has none.")
        return found


def _no_place(scan: Source | None) -> str:
    """Why a segmentation cannot belong to a scan; "" if it can."""
    if scan is None:
        return "their scan is no longer where it was"
    return "" if scan.series_uid else "DICOM SEG belongs to a DICOM scan, and theirs is none"


def _says_more(annotation: Annotation) -> bool:
    return annotation.value is not None or bool(annotation.attributes)


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one} was" if count == 1 else f"{count:,} {many} were"


def read_dicom_seg(request: LabelsImport, task: Task) -> Read:
    """The segments of a DICOM SEG file, or of all within a folder, as masks frame by frame.

    A file goes onto the sources of the series that it names, plane by plane as it lies in the
    patient, or else by the images that it names. Shares of pixels count from one half on; what was
    so decided, resampled or lost is told as a note. Raises UserError, with frame and reason, where
    a file is not as the standard has it; nothing is taken over then.
    """
    reading = SegReading(request, task)
    with quietly():
        files = seg_files(Path(request.path))
        for done, path in enumerate(files):
            task.progress(done, len(files))
            reading.add(path)
    return reading.read()
