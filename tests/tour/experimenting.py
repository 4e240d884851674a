"""The stops of the tour at which parts of a scan are taken out and the model is asked again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.actions import experiments, models
from app.marks import measure_mark
from app.window_acts import choose_layout
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from inference.records import Measure
from tests.tour.guide import Tour

CORNERS = ((150.0, 180.0), (260.0, 290.0))


def trials(tour: Tour) -> bool:
    """A place that was asked about, a region taken out, and the changed picture."""
    window, session, jobs = tour.window, tour.session, tour.window.jobs
    choose_layout(window, "1x1")
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        write_case(generate(23, 1, "none"), case)  # another than at other stops
        reached = tour.open(case)
        models.choose_model(session, jobs, session.active, "phantom-nodule")
        frame = session.panes[session.active].frame
        if frame is None:
            return False
        book, source_id = session.marks.experiments, frame.key[0]
        _scroll_down(tour)
        tour.run("ask_crosshair")
        reached = tour.wait(lambda: len(book.of_source(source_id)) == 1) and reached
        _scroll_down(tour)
        tour.take("experiment-place")
        drawn = Measure("tour-region", frame.key, "ellipse", CORNERS)
        session.edit_marks(lambda marks: marks.apply(measure_mark(drawn)))
        tour.run("remove_region")
        reached = tour.wait(lambda: len(book.of_source(source_id)) == 2) and reached
        tour.run("changed_picture")
        _scroll_down(tour)
        tour.take("experiment-region")
        tour.run("changed_picture")
        session.edit_marks(lambda marks: marks.apply(replace(measure_mark(drawn), record=None)))
        for made in book.of_source(source_id):
            experiments.delete(session, jobs, made.experiment_id)
    return reached


def _scroll_down(tour: Tour) -> None:
    tour.settle(0.2)
    bar = tour.window.review.panel.verticalScrollBar()
    bar.setValue(bar.maximum())


STOPS: tuple[Callable[[Tour], bool], ...] = (trials,)
