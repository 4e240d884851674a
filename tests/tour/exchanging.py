"""The stops of the tour at which labels leave the project, and come into it from elsewhere."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.actions import labelling
from app.label_sets import with_labels
from inference.mask_bits import pack_mask
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from inference.records import WHOLE, Annotation, Label
from tests.tour.guide import Tour
from widgets.label_export_dialog import LabelExportDialog
from widgets.label_import_dialog import LabelImportDialog

_LONG = "a very long name of a picture that somebody exported from another program, number"


def exchange(tour: Tour) -> bool:
    """What formats hold of a scan's labels; labels before they are taken, and a wrong file."""
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        write_case(generate(31, 1, "none"), case)  # another than at other stops
        reached = tour.open(case)
        source_id = tour.session.panes[tour.session.active].source_id
        if not reached or source_id is None:
            return False
        _label(tour, source_id)
        tour.run("export_labels")
        dialog = tour.window.findChild(LabelExportDialog)
        if dialog is None or not tour.wait(dialog.take.isEnabled):
            return False
        tour.take("labels-export", dialog)
        dialog.reject()
        reached = _import(tour, Path(folder), source_id)
    tour.clear_notes()
    return reached


def _label(tour: Tour, source_id: str) -> None:
    session, jobs = tour.session, tour.window.jobs
    labels = with_labels(session.labels.label_set, (Label("lesion", (255, 167, 38)),))
    labelling.set_label_set(session, jobs, "Labels", labels)
    square = np.zeros((512, 512), bool)
    square[200:240, 180:260] = True
    corners = ((150.0, 180.0), (260.0, 290.0))
    labelling.put(
        *(session, jobs, "Draw"),
        [
            Annotation("", source_id, WHOLE, "class", "lesion"),
            Annotation("", source_id, 1, "box", "lesion", corners),
            Annotation("", source_id, 1, "line", "lesion", corners),
            Annotation("", source_id, 1, "mask", "lesion", mask=pack_mask(square)),
        ],
    )


def _import(tour: Tour, folder: Path, source_id: str) -> bool:
    names = [f"{source_id}#0001", *(f"{_LONG} {number}.png" for number in range(9))]
    content = {
        "categories": [{"id": 1, "name": "nodule"}, {"id": 2, "name": "vessel"}],
        "images": [
            {"id": number, "file_name": name, "width": 512, "height": 512}
            for number, name in enumerate(names)
        ],
        "annotations": [
            {"id": number, "image_id": number, "category_id": 1, "bbox": [20, 30, 50, 40]}
            for number in range(len(names))
        ],
    }
    path = folder / "annotations-of-another-program.json"
    path.write_text(json.dumps(content))
    tour.run("import_labels")
    dialog = tour.window.findChild(LabelImportDialog)
    if dialog is None:
        return False
    tour.take("labels-import-empty", dialog)
    dialog.place_chosen.emit(str(path))
    reached = tour.wait(dialog.take.isEnabled)
    tour.take("labels-import", dialog)
    path.write_text(path.read_text().replace("[20, 30, 50, 40]", "[20, 30, 5000, 40]"))
    dialog.place_chosen.emit(str(path))
    tour.settle(1.0)
    tour.take("labels-import-wrong", dialog)
    path.write_text(path.read_text().replace("[20, 30, 5000, 40]", "[20, 30, 50, 40]"))
    dialog.place_chosen.emit(str(path))
    reached = tour.wait(dialog.take.isEnabled) and reached
    dialog.take.click()
    reached = tour.wait(lambda: bool(tour.session.notes)) and reached
    tour.take("labels-imported")
    return reached


STOPS: tuple[Callable[[Tour], bool], ...] = (exchange,)
