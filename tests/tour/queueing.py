"""The stops of the tour at the queue, and at what models propose: classes and regions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from app.actions import asking, labelling, labelling_queue, models, prelabels
from app.queue import QueueRow
from app.window_acts import choose_layout
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from inference.records import WHOLE, Annotation, Label, LabelSet
from tests.tour.guide import Tour

SEEDS = (41, 42, 43, 44, 45)
LABELS = LabelSet(
    "Chest findings",
    (
        Label("normal", (126, 217, 87), "1", ("class",)),
        Label("nodule", (240, 98, 146), "2", ("class",)),
    ),
)


def queue(tour: Tour) -> bool:
    """Scans by how sure the model was, one of them labelled otherwise, and a class proposed."""
    window, session, jobs = tour.window, tour.session, tour.window.jobs
    choose_layout(window, "1x1")
    before = session.labels.label_set
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            write_case(generate(seed, 1, "none"), Path(folder) / str(seed))
        reached = tour.open(Path(folder))
        tour.run("place_label")
        labelling.set_label_set(session, jobs, "Labels", LABELS)
        models.choose_model(session, jobs, session.active, "phantom-nodule")
        reached = tour.wait(lambda: len(session.queue.queue.rows) >= len(SEEDS)) and reached
        asking.ask_all(session, jobs)
        reached = tour.wait(lambda: len(_answered(tour)) >= len(SEEDS)) and reached
        answered = _answered(tour)
        wrong = next(label.name for label in LABELS.labels if label.name != answered[-1].answer)
        last = answered[-1].source_id
        labelling.load(session, jobs, last)
        reached = tour.wait(lambda: last in session.labels.ready) and reached
        made = Annotation("", last, WHOLE, "class", wrong)
        labelling.put(session, jobs, "Class", (made,))
        labelling_queue.edit(session, jobs, order="disagreement")
        labelling_queue.choose(session, jobs, answered[0].key)
        pane = session.active
        reached = tour.wait(lambda: session.panes[pane].prediction is not None) and reached
        tour.take("label-queue")
        labelling_queue.edit(session, jobs, text="no such scan")
        reached = tour.wait(lambda: len(session.queue.queue.rows) <= 1) and reached
        tour.take("label-queue-filtered")
        labelling_queue.edit(session, jobs, text="", order="uncertain")
        labelling.delete(session, jobs, [one.annotation_id for one in _all(tour)])
        labelling.set_label_set(session, jobs, "Labels", before)
        tour.run("place_review")
    return reached


def regions(tour: Tour) -> bool:
    """The regions that a segmentation proposes above the threshold."""
    place = tour.shared(
        "label-proposals",
        "dicom/udacity+nd320-c3-3d-imaging-starter/data/TestVolumes/Study3/11_HCropVolume",
    )
    if place is None:
        return True
    window, session, jobs = tour.window, tour.session, tour.window.jobs
    choose_layout(window, "1x1")
    reached = tour.open(place)
    tour.run("place_label")
    models.choose_model(session, jobs, session.active, "hippocampus-mr")
    tour.run("predict")
    reached = tour.wait(lambda: bool(prelabels.on_frame(session, session.active))) and reached
    tour.take("label-proposals")
    tour.run("place_review")
    return reached


def _answered(tour: Tour) -> tuple[QueueRow, ...]:
    return tuple(row for row in tour.session.queue.queue.rows if row.answer)


def _all(tour: Tour) -> tuple[Annotation, ...]:
    book = tour.session.labels
    return tuple(one for source in tour.session.sources for one in book.of_source(source))


STOPS: tuple[Callable[[Tour], bool], ...] = (queue, regions)
