"""The stops of the tour at which shapes are drawn, masks painted, and regions grown."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from app.actions import labelling, painting, sketching
from app.actions.sketching import Seed
from app.window_acts import choose_layout
from inference.painting.strokes import Place
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from inference.records import Annotation, Label, LabelSet
from inference.records.labels import AnnotationKind
from tests.tour.guide import Tour
from widgets.value_range import ValueRange

BODY = Label("body", (64, 196, 255), "1")
LESION = Label("lesion/nodule", (255, 167, 38), "2")
SHAPES: tuple[tuple[AnnotationKind, tuple[Place, ...]], ...] = (
    ("box", ((60.0, 60.0), (150.0, 120.0))),
    ("rotated_box", ((200.0, 60.0), (290.0, 100.0), (270.0, 145.0), (180.0, 105.0))),
    ("polygon", ((330.0, 70.0), (400.0, 55.0), (430.0, 110.0), (380.0, 150.0), (335.0, 130.0))),
    ("line", ((70.0, 200.0), (160.0, 260.0))),
    ("point", ((220.0, 230.0),)),
)


def tools(tour: Tour) -> bool:
    """The bar without a label, with shapes, with the brush, growing, and the wand."""
    window, session, jobs = tour.window, tour.session, tour.window.jobs
    choose_layout(window, "1x1")
    before = session.labels.label_set
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        write_case(generate(29, 1, "none"), case)  # another than at other stops
        reached = tour.open(case)
        session.set_place("label")
        session.edit_labels(lambda book: book.use(LabelSet()))
        tour.run("tool_label_box")
        tour.take("label-tools-empty")
        session.edit_labels(lambda book: book.use(LabelSet(labels=(BODY, LESION))))
        session.edit_labels(lambda book: setattr(book, "label", BODY.name))
        _draw(tour)
        tour.take("label-shapes")
        reached = _grow(tour) and reached
        tour.run("tool_brush")
        session.edit_labels(lambda book: setattr(book, "label", LESION.name))
        painting.edit_hand(session, radius_px=14.0, low=-50.0, high=400.0)
        tour.take("label-brush")
        _show_values(tour)
        tour.run("tool_wand")
        sketching.surround(session, jobs, session.active, (212.0, 315.0, 290.0, 392.0))
        reached = tour.wait(lambda: session.labels.sketch is not None and _done(tour)) and reached
        tour.take("label-wand")
        sketching.drop(session, jobs)
        choose_layout(window, "2x2")
        tour.settle(0.3)
        tour.run("tool_brush")
        tour.take("label-narrow")
        choose_layout(window, "1x1")
        session.set_place("review")
        painting.edit_hand(session, low=None, high=None)
        session.edit_labels(lambda book: book.use(before))
    return reached


def _draw(tour: Tour) -> None:
    session, jobs = tour.session, tour.window.jobs
    frame = session.panes[session.active].frame
    assert frame is not None
    made = [Annotation("", *frame.key, kind, BODY.name, points) for kind, points in SHAPES]
    ids = labelling.put(session, jobs, "Shapes", made)
    tour.run("tool_select")
    labelling.select(session, ids[:2])


def _grow(tour: Tour) -> bool:
    session, jobs = tour.session, tour.window.jobs
    tour.run("tool_grow")
    frame = session.panes[session.active].frame
    assert frame is not None
    middle = (frame.shape[1] / 2, frame.shape[0] / 2)
    sketching.point(session, jobs, session.active, Seed(middle, True, True, 1.0))
    reached = tour.wait(lambda: _done(tour))
    tour.take("label-grow")
    sketching.take(session, jobs)
    return reached


def _show_values(tour: Tour) -> None:
    """The panel of the values that are painted."""
    button = tour.window.review.label_bar.findChildren(ValueRange)[0]
    panel = button.menu()
    assert panel is not None
    panel.popup(button.mapToGlobal(button.rect().bottomLeft()))
    tour.settle(0.2)
    tour.take("label-values", panel)
    panel.close()


def _done(tour: Tour) -> bool:
    return tour.session.labels.sketch is not None and tour.session.labels.sketch.done


STOPS: tuple[Callable[[Tour], bool], ...] = (tools,)
