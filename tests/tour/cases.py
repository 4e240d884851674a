"""Stops of the tour for many cases: the question, the table under way, done and filtered."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QCheckBox

from app import batch_acts
from app.actions import models
from app.panes import Asked
from app.views.batch_view import BatchView
from inference.phantom.case import generate
from inference.phantom.dicom_files import truth, write_case
from tests.tour.guide import Tour
from widgets.batch_dialog import BatchDialog, JudgeDialog
from widgets.choosers import Chooser

CASES = 4


def many_cases(tour: Tour) -> bool:
    """A selection of phantoms, explained with the model that has learned a shortcut."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "chest phantoms"
        made = [generate(7, number, "correlated") for number in range(CASES)]
        for number, case in enumerate(made):
            write_case(case, folder / f"case-{number:04d}")
        (folder / "truth.json").write_text(json.dumps([truth(case) for case in made]))
        return _explain(tour, folder)


def _explain(tour: Tour, folder: Path) -> bool:
    window, session = tour.window, tour.session
    batch_acts.show_table(window)
    table = window.findChild(BatchView)
    if not isinstance(table, BatchView):
        return False
    tour.take("cases-empty", table)
    reached = tour.open(folder)
    models.choose_model(session, window.jobs, session.active, "phantom-shortcut")
    reached = tour.wait(lambda: bool(session.panes[session.active].methods)) and reached
    models.ask(session, session.active, Asked("integrated_gradients"))
    tour.clear_notes()
    batch_acts.ask_for_batch(window, tuple(session.sources)[-CASES:])
    question = next(one for one in window.findChildren(BatchDialog) if one.isVisible())
    which = next(one for one in question.findChildren(Chooser) if one.accessibleName() == "Cases")
    which.choose("selected")
    which.chosen.emit("selected")
    tour.take("cases-question", question)
    question.started.emit(question.choice())
    question.close()
    reached = tour.wait(lambda: session.cases.done >= 1) and reached
    tour.take("cases-running", table)
    reached = tour.wait(lambda: not session.cases.running) and reached
    tour.take("cases-done", table)
    tour.take("cases-signs")
    only = table.findChild(QCheckBox)
    if isinstance(only, QCheckBox):
        only.setChecked(True)
        tour.take("cases-wrong-reason", table)
        only.setChecked(False)
    batch_acts.ask_for_methods(window, folder)
    judging = next(one for one in window.findChildren(JudgeDialog) if one.isVisible())
    tour.take("cases-judge", judging)
    judging.close()
    table.close()
    return reached


STOPS: tuple[Callable[[Tour], bool], ...] = (many_cases,)
