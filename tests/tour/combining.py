"""The stops of the tour at which maps are set against each other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.actions import comparing, models
from app.actions.blinking import Blinking
from app.comparison import Offer, Way
from app.panes import Asked
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from tests.tour.guide import Tour
from widgets.matrix_dialog import MatrixDialog

METHODS = ("integrated_gradients", "grad_cam", "occlusion")


def set_against(tour: Tour) -> bool:
    """One map seen in another's place; difference, agreement and uncertainty; the tables."""
    with tempfile.TemporaryDirectory() as place:
        write_case(generate(7, 1, "none"), Path(place) / "case")
        reached = tour.open(Path(place) / "case")
        reached = _compare(tour) and reached
        tour.run("peek")
        tour.take("blinking")
        blinking = tour.window.findChild(Blinking)
        if blinking is None:
            return False
        blinking.stop()
        for number, name in enumerate(("difference", "agreement", "uncertainty"), len(METHODS)):
            tour.run(name)
            reached = _has_map(tour, number) and reached
        tour.take("set-against")
        tour.run("matrix")
        reached = tour.wait(lambda: _dialog() is not None) and reached
        dialog = _dialog()
        if dialog is not None:
            tour.take("matrix", dialog)
            dialog.close()
        tour.run("end_comparison")
    return reached


def error(tour: Tour) -> bool:
    """A mean over samples, and beside it its standard error."""
    session, number = tour.session, tour.session.active
    models.ask(session, number, Asked("smoothgrad", 1))
    tour.run("explain")

    def sampled() -> bool:
        found = session.panes[number].attribution
        return found is not None and not found.coarse and found.spread is not None

    reached = tour.wait(sampled)
    tour.run("map_error")
    reached = _has_map(tour, session.active) and reached
    tour.take("map-error")
    session.clear_pane(session.active)
    session.set_layout("1x1", number)
    return reached


def _compare(tour: Tour) -> bool:
    session, jobs = tour.session, tour.window.jobs
    models.choose_model(session, jobs, session.active, "phantom-nodule")

    def known() -> bool:
        pane = session.panes[session.active]
        return bool(pane.methods and pane.layers)

    reached = tour.wait(known)
    pane, card = session.panes[session.active], session.card_of(session.active)
    if card is None:
        return False
    ways = [Way(card.model_id, name, 1, None) for name in METHODS]
    comparing.begin(session, jobs, ways, (Offer(card, pane.methods, pane.layers),))
    return all(_has_map(tour, number) for number in range(len(METHODS))) and reached


def _has_map(tour: Tour, number: int) -> bool:
    def whole() -> bool:
        found = tour.session.panes[number].attribution
        return found is not None and not found.coarse

    return tour.wait(whole)


def _dialog() -> MatrixDialog | None:
    shown = (one for one in QApplication.topLevelWidgets() if one.isVisible())
    return next((one for one in shown if isinstance(one, MatrixDialog)), None)


STOPS: tuple[Callable[[Tour], bool], ...] = (set_against, error)
