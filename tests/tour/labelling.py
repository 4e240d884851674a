"""The stops of the tour in the work place Label: no labels, classes, annotations, the dialog."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from app.actions import labelling, models, saying
from app.label_book import LabelBook
from app.window_acts import choose_layout
from inference.mask_bits import pack_mask
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from inference.records import Annotation, Attribute, Label, LabelSet
from tests.tour.guide import Tour
from widgets.label_set_editor import LabelSetEditor

SIDE = Attribute("Side", "choice", ("left", "right", "both sides"), required=True)
SEEN = Attribute("Seen before", "switch")
LABELS = LabelSet(
    "Chest findings",
    (
        Label("normal", (126, 217, 87), "1", ("class",)),
        Label("nodule", (240, 98, 146), "2", ("class",)),
        Label("image quality", (64, 196, 255), "Q", ("class",), scale=(1, 5)),
        Label("lesion", (255, 167, 38), "L", (), (SIDE, SEEN), pick="multi"),
        Label("lesion/solid part", (186, 148, 255), "S", ("mask", "polygon")),
        Label("lesion/ground-glass opacity around the solid part", (255, 224, 102)),
    ),
)


def labels(tour: Tour) -> bool:
    """An empty label set, a full one, annotations with attributes, and the dialog."""
    window, session, jobs = tour.window, tour.session, tour.window.jobs
    choose_layout(window, "1x1")
    before = session.labels.label_set
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        write_case(generate(29, 1, "none"), case)  # another than at other stops
        reached = tour.open(case)
        tour.run("place_label")
        labelling.set_label_set(session, jobs, "Labels", LabelSet())
        tour.take("label-empty")
        models.choose_model(session, jobs, session.active, "phantom-nodule")
        labelling.set_label_set(session, jobs, "Labels", LABELS)
        session.edit_labels(_of_slices)
        made = _annotate(tour)
        tour.run("predict")
        pane = session.active
        reached = tour.wait(lambda: session.panes[pane].prediction is not None) and reached
        labelling.select(session, made[:1])
        window.review.labels.there.unfold(True)
        tour.take("label-panel")
        window.review.labels.history.unfold(True)
        tour.settle(0.3)
        bar = window.review.labels.verticalScrollBar()
        bar.setValue(bar.maximum())
        tour.take("label-attributes")
        window.review.labels.history.unfold(False)
        reached = _editor(tour) and reached
        labelling.delete(session, jobs, [one.annotation_id for one in _all(tour)])
        labelling.set_label_set(session, jobs, "Labels", before)
        window.review.labels.there.unfold(False)
        tour.run("place_review")
    return reached


def _of_slices(book: LabelBook) -> None:
    book.hand = replace(book.hand, whole=False)


def _all(tour: Tour) -> tuple[Annotation, ...]:
    source_id = tour.session.panes[tour.session.active].source_id
    return tour.session.labels.of_source(source_id or "")


def _annotate(tour: Tour) -> tuple[str, ...]:
    session, jobs = tour.session, tour.window.jobs
    pane, source = session.panes[session.active], session.source_of(session.active)
    assert source is not None
    saying.say(session, jobs, "normal")
    saying.say(session, jobs, "image quality", 4)
    here = (source.source_id, pane.index)
    corners = ((150.0, 180.0), (230.0, 250.0))
    rows, columns = np.mgrid[: source.shape[0], : source.shape[1]]
    disc = (rows - 210) ** 2 + (columns - 190) ** 2 < 900
    mask = pack_mask(disc)
    return labelling.put(
        session,
        jobs,
        "Labels",
        (
            Annotation("", *here, "box", "lesion", corners),
            Annotation("", *here, "mask", "lesion/solid part", mask=mask),
            Annotation("", here[0], 0, "box", "lesion", corners, attributes=(("Side", "left"),)),
        ),
    )


def _editor(tour: Tour) -> bool:
    tour.run("edit_labels")
    found = tour.window.findChild(LabelSetEditor)
    assert isinstance(found, LabelSetEditor)
    reached = tour.wait(lambda: bool(found.counts))
    found.tree.choose(3)
    found.tree.chosen.emit()
    tour.take("label-editor", found)
    found.fields.key_typed.emit("Q")
    tour.take("label-editor-refused", found)
    found.reject()
    QApplication.processEvents()
    return reached


STOPS: tuple[Callable[[Tour], bool], ...] = (labels,)
