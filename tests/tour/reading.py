"""The stops of the tour at which scans are read: layouts, planes, marks, objects, dialogs."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.actions import marks, objects
from app.window_acts import choose_layout
from inference.mpr.cut import Slab
from inference.records import Measure, MeasureKind
from tests.flows.test_reading_series import compressed_series
from tests.inference.sources.dicom_writer import SERIES, write_slice
from tests.inference.sources.objects.object_writer import STRUCTURES, item, write_object
from tests.tour.guide import Tour

MARKED: tuple[tuple[MeasureKind, tuple[tuple[float, float], ...]], ...] = (
    ("length", ((180.0, 330.0), (250.0, 372.0))),
    ("angle", ((310.0, 90.0), (350.0, 140.0), (410.0, 120.0))),
    ("ellipse", ((300.0, 170.0), (370.0, 230.0))),
    ("rectangle", ((110.0, 230.0), (160.0, 270.0))),
)


def layouts(tour: Tour) -> bool:
    """One study in every grid."""
    place = tour.shared("layouts", "dicom", "udacity+nd320-c3-3d-imaging-starter")
    if place is None:
        return True
    reached = tour.open(place)
    for name in ("1x2", "2x2", "2x3"):
        choose_layout(tour.window, name)
        reached = tour.all_shown() and reached
        tour.take(f"layout-{name}")
    choose_layout(tour.window, "1x1")
    return reached


def planes(tour: Tour) -> bool:
    """A tilted head CT: what is off about it, three planes, and a thick slab."""
    place = tour.shared("planes", "dicom", "neurolabusc+dcm_qa_ct", "In", "GE")
    if place is None:
        return True
    reached = tour.open(place)
    tour.clear_notes()
    tour.take("warnings")
    tour.run("mpr")
    reached = tour.all_shown() and reached
    tour.take("three-planes")
    tour.run("mpr")
    reached = tour.all_shown() and reached
    tour.run("slab")
    reached = tour.wait(lambda: _slab(tour) is not None and _shown(tour)) and reached
    tour.take("slab")
    tour.run("reset")
    return reached


def _slab(tour: Tour) -> Slab | None:
    return tour.session.panes[tour.session.active].slab


def _shown(tour: Tour) -> bool:
    return tour.session.panes[tour.session.active].frame is not None


def measures(tour: Tour) -> bool:
    """Each kind of measure on an abdominal CT, and a key image."""
    place = tour.shared("measures", "dicom", "okieraised+sample-dicom")
    if place is None:
        return True
    reached = tour.open(place)
    frame = tour.session.panes[tour.session.active].frame
    if frame is None:
        return False
    for kind, points in MARKED:
        marks.keep_measure(tour.session, tour.window.jobs, Measure("", frame.key, kind, points))
    tour.run("key_image")
    tour.take("measures")
    tour.run("flip")
    tour.take("mirrored")
    tour.run("reset")
    return reached


def ultrasound(tour: Tour) -> bool:
    """A length within the region of an ultrasound picture, and one across its edge."""
    folder = ("dicom", "pydicom+pydicom-data", "data_store", "data")
    place = tour.shared("ultrasound", *folder, "JPGLosslessP14SV1_1s_1f_8b.dcm")
    if place is None:
        return True
    reached = tour.open(place)
    frame = tour.session.panes[tour.session.active].frame
    if frame is None:
        return False
    for number in (400.0, 60.0):
        points = ((number, 300.0), (number + 120.0, 300.0 if number > 100 else 20.0))
        measure = Measure("", frame.key, "length", points)
        marks.keep_measure(tour.session, tour.window.jobs, measure)
    tour.take("ultrasound")
    return reached


def file_overlays(tour: Tour) -> bool:
    """Graphics that came with a file."""
    folder = ("dicom", "pydicom+pydicom-data", "data_store", "data")
    place = tour.shared("file-overlays", *folder, "MR-SIEMENS-DICOM-WithOverlays.dcm")
    if place is None:
        return True
    reached = tour.open(place)
    tour.take("file-overlays")
    return reached


def two_patients(tour: Tour) -> bool:
    """The two scans that were opened last, side by side."""
    choose_layout(tour.window, "1x2")
    sources = list(tour.session.sources)[-2:]
    for number, source_id in zip(tour.session.visible, sources, strict=False):
        tour.window.review.show_source(number, source_id)
    reached = tour.all_shown()
    tour.take("two-patients")
    choose_layout(tour.window, "1x1")
    return reached


def segmentation(tour: Tour) -> bool:
    """Overlapping segments over their CT, one of them hidden."""
    folder = ("dicom", "QIICR+dcmqi", "data", "segmentations")
    place = tour.shared("segmentation", *folder)
    if place is None:
        return True
    reached = tour.open(place / "ct-3slice")
    tour.window.open_paths((str(place / "partial_overlaps.dcm"), str(place / "liver.dcm")))
    reached = tour.wait(lambda: len(tour.session.objects) == 2) and reached
    for object_id in tour.session.objects:
        objects.toggle_object(tour.session, tour.window.jobs, object_id, on=True)
    reached = tour.wait(lambda: len(tour.session.overlays) == 2) and reached
    tour.take("segments")
    overlapping = max(tour.session.overlays.values(), key=lambda one: len(one.segments))
    tour.session.hide_segments(overlapping.object_id, frozenset({1, 2}))
    tour.take("segments-hidden")
    return reached


def contours(tour: Tour) -> bool:
    """A structure set over a scan that was drawn for it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows, columns = np.mgrid[:128, :128] - 64.0
        body = np.where(np.hypot(rows, columns) < 50, 40 + 0.3 * rows, -1000).astype(np.int16)
        for number in range(3):
            write_slice(
                folder / f"{number}.dcm",
                body,
                PixelSpacing=[1.0, 1.0],
                RescaleSlope=1,
                RescaleIntercept=0,
                ImagePositionPatient=[-64.0, -64.0, 3.0 * number],
                SOPInstanceUID=f"1.2.3.{number}",
                SeriesInstanceUID=SERIES,
            )
        reached = tour.open(folder)
        tour.window.open_paths((str(_structures(folder / "rt" / "structures.dcm")),))
        scan = tour.session.panes[tour.session.active].source_id
        laid = tour.wait(lambda: any(one[1] == scan for one in tour.session.overlays))
        tour.run("window_2")
        tour.take("contours")
    return reached and laid


def _structures(path: Path) -> Path:
    """Two circles on the middle slice."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    drawn, names = [], {1: "Organ at risk", 2: "Target"}
    for number, (x, y, radius) in {1: (-18.0, 5.0, 16.0), 2: (14.0, -8.0, 11.0)}.items():
        points = np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)
        flat = [round(float(value), 2) for point in points for value in (*point, 3.0)]
        contour = item(ContourGeometricType="CLOSED_PLANAR", ContourData=flat)
        drawn.append(item(ReferencedROINumber=number, ContourSequence=[contour]))
    return write_object(
        path,
        STRUCTURES,
        Modality="RTSTRUCT",
        StructureSetLabel="Plan A",
        StructureSetROISequence=[item(ROINumber=key, ROIName=name) for key, name in names.items()],
        ROIContourSequence=drawn,
    )


def report(tour: Tour) -> bool:
    """A structured report as text."""
    place = tour.shared("report", "dicom", "QIICR+dcmqi", "data", "sr-example", "sr.dcm")
    if place is None:
        return True
    tour.window.open_paths((str(place),))
    reached = tour.wait(lambda: any(_reports(tour)))
    tour.window.review.object_opened.emit(next(iter(_reports(tour))))
    return _take_page(tour, "report", "TextPage") and reached


def _reports(tour: Tour) -> list[str]:
    return [key for key, found in tour.session.objects.items() if found.kind == "report"]


def reading_dialogs(tour: Tour) -> bool:
    """Tags, tags searched, and windows on keys."""
    tour.run("tags")
    reached = _take_page(tour, "tags", "TagBrowser", close=False)
    page = _page("TagBrowser")
    field = page.findChild(QLineEdit) if page is not None else None
    if field is None:
        return False
    field.setText("position")
    reached = _take_page(tour, "tags-searched", "TagBrowser") and reached
    tour.run("presets")
    return _take_page(tour, "presets", "PresetEditor") and reached


def _page(kind: str) -> QWidget | None:
    shown = (one for one in QApplication.topLevelWidgets() if one.isVisible())
    return next((one for one in shown if type(one).__name__ == kind), None)


def _take_page(tour: Tour, name: str, kind: str, *, close: bool = True) -> bool:
    tour.settle(0.6)
    page = _page(kind)
    if page is None:
        return False
    tour.take(name, page)
    if close:
        page.close()
        tour.settle(0.1)
    return True


def hole(tour: Tour) -> bool:
    """A series of which one slice is damaged: the mark at its place, and the slice itself."""
    with tempfile.TemporaryDirectory() as place:
        folder = compressed_series(Path(place), 12)
        path = folder / "3.dcm"
        content = path.read_bytes()
        start = content.index(b"\xff\x4f\xff\x51") + 60
        path.write_bytes(content[:start] + b"\0" * (len(content) - start))
        reached = tour.open(folder)
        source = tour.session.source_of(tour.session.active)
        if source is None:
            return False
        reached = tour.wait(lambda: bool(tour.session.frames.holes(source))) and reached
        tour.window.review.grid.scroll_to(tour.session.active, 3)
        pane = tour.session.active
        reached = tour.wait(lambda: tour.session.panes[pane].frame_trouble is not None) and reached
        tour.take("damaged-slice")
    tour.clear_notes()
    return reached


def preview(tour: Tour) -> bool:
    """The first picture, while headers are still being read: the child is held meanwhile."""
    place = tour.shared("preview", "dicom", "neurolabusc+dcm_qa_decubitus")
    if place is None:
        return True
    children = tour.lanes["decode"].process_ids
    held: list[int] = []

    def hold(_changes: object) -> None:
        if not held and tour.session.panes[tour.session.active].preview is not None:
            held.extend(children)
            for child in children:
                os.kill(child, signal.SIGSTOP)

    tour.session.changed.connect(hold)
    tour.window.open_paths((str(place),))
    reached = tour.wait(lambda: bool(held))
    tour.take("preview")
    tour.session.changed.disconnect(hold)
    for child in held:
        os.kill(child, signal.SIGCONT)
    return tour.wait(lambda: not tour.window.jobs.is_running("open")) and reached


STOPS: tuple[Callable[[Tour], bool], ...] = (
    layouts,
    planes,
    measures,
    reading_dialogs,
    ultrasound,
    file_overlays,
    two_patients,
    segmentation,
    contours,
    report,
    hole,
    preview,
)
