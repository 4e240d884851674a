"""The stops of the tour at which answers stand side by side."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt

from app.actions import comparing, models
from app.panes import Asked
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from tests.tour.guide import Tour
from widgets.check_list import CheckList
from widgets.compare_dialog import CompareDialog

_METHODS = {"saliency", "grad_cam", "input_x_gradient"}


def compare(tour: Tour) -> bool:
    """The dialog; three methods of two models while the first are made, and all of them."""
    session, jobs = tour.session, tour.window.jobs
    with tempfile.TemporaryDirectory() as place:
        write_case(generate(11, 1, "correlated"), Path(place) / "case")
        reached = tour.open(Path(place) / "case")
        models.choose_model(session, jobs, session.active, "phantom-nodule")
        models.ask(session, session.active, Asked("saliency", 1))
        reached = tour.wait(lambda: tour.window.shows_picture() and _is_known(tour)) and reached
        tour.run("compare")
        dialog = tour.window.findChild(CompareDialog)
        if dialog is None:
            return False
        tour.settle(0.2)
        _tick(dialog.models, "phantom-nodule", "phantom-shortcut")
        reached = tour.wait(lambda: "Finding out" not in dialog.count_words()) and reached
        for name in _METHODS:
            _tick(dialog.methods, name)
        tour.take("compare-choice", dialog)
        dialog.accept()
        reached = tour.wait(lambda: _done(tour) >= 1) and reached
        tour.take("comparing")
        reached = tour.wait(lambda: _done(tour) == len(comparing.compared(session))) and reached
        tour.take("compared-six")
        comparing.set_shared(session, shared=True)
        tour.window.review.panel.explaining.overlay.drawing.setVisible(True)
        tour.take("compared-six-shared")
        tour.window.review.panel.explaining.overlay.drawing.setVisible(False)
        tour.run("end_comparison")
    return reached and not session.comparison.is_on


def _is_known(tour: Tour) -> bool:
    pane = tour.session.panes[tour.session.active]
    return bool(pane.methods and pane.layers)


def _done(tour: Tour) -> int:
    """In how many compared viewports the map is there."""
    panes = (tour.session.panes[number] for number in comparing.compared(tour.session))
    return sum(one.attribution is not None and not one.attribution.coarse for one in panes)


def _tick(tree: CheckList, *keys: str) -> None:
    for place, row in enumerate(tree.rows):
        item = tree.topLevelItem(place)
        if row.key in keys and item is not None:
            item.setCheckState(0, Qt.CheckState.Checked)


STOPS: tuple[Callable[[Tour], bool], ...] = (compare,)
