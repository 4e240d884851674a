"""What a person asks of many cases: explain a selection, judge a set, look at the table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.actions import batches
from app.case_choice import cases_of, choices_of, cost_of, plan_of, ways_of
from app.keys import Command
from inference.errors import UserError
from widgets.case_row import CaseRow

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.views.batch_view import BatchView
    from widgets.batch_dialog import BatchChoice


def commands(window: MainWindow) -> tuple[Command, ...]:
    """Explaining the selection, the table, a labelled set and the result of one."""
    session = window.session
    rows: tuple[tuple[str, str, tuple[str, ...], Callable[[], None], Callable[[], bool]], ...] = (
        (
            "explain_selection",
            "Explain a selection of cases",
            ("Ctrl+Shift+E",),
            partial(ask_for_batch, window),
            lambda: bool(session.sources),
        ),
        (
            "cases",
            "Show the table of cases",
            ("Ctrl+Shift+T",),
            partial(show_table, window),
            lambda: True,
        ),
        (
            "judge_set",
            "Judge a labelled set with this model",
            (),
            partial(ask_for_set, window),
            lambda: session.card_of(session.active) is not None,
        ),
        (
            "open_belief_set",
            "Open the result of a belief set",
            (),
            partial(ask_for_result, window),
            lambda: True,
        ),
        (
            "cancel_cases",
            "Cancel the cases that are being examined",
            (),
            lambda: batches.cancel(session, window.jobs),
            lambda: session.cases.running,
        ),
    )
    return tuple(
        Command(name, "Model", words, keys, run, enabled=enabled)
        for name, words, keys, run, enabled in rows
    )


def connect(window: MainWindow) -> None:
    """Wishes of the study list, and a batch that is cancelled in the list of jobs."""
    window.review.studies.explain_requested.connect(
        lambda chosen: ask_for_batch(window, tuple(chosen))
    )
    window.job_list.cancel_requested.connect(partial(_cancel_if_ours, window))


def show_table(window: MainWindow) -> None:
    """The table of cases, beside the window."""
    table = _table(window)
    table.show()
    table.raise_()


def ask_for_batch(window: MainWindow, chosen: tuple[str, ...] = ()) -> None:
    """Ask which cases and how, then begin; `chosen` stands for the selection of the study list."""
    from widgets.batch_dialog import BatchDialog

    session = window.session
    selected = chosen or window.review.studies.selected()
    card = session.card_of(session.active)
    dialog = BatchDialog(card.title if card is not None else "No model is chosen", window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def count(choice: BatchChoice) -> None:
        words, ready = cost_of(session, choice, selected)
        dialog.set_cost(words, ready=ready)

    dialog.changed.connect(count)
    dialog.started.connect(lambda choice: _try(window, partial(_begin, window, choice, selected)))
    dialog.set_choices(
        choices_of(session, selected), ways_of(session), card.labels if card is not None else ()
    )
    dialog.open()


def ask_for_set(window: MainWindow) -> None:
    """Ask for a labelled set and the methods, then judge it with the active viewport's model."""
    session = window.session
    if session.card_of(session.active) is None:
        raise UserError("No model is chosen to judge the set with.", "Open a scan first.")
    path = QFileDialog.getExistingDirectory(window, "Judge a labelled set")
    if path:
        ask_for_methods(window, Path(path))


def ask_for_methods(window: MainWindow, folder: Path) -> None:
    """Ask by which methods a labelled set is to be judged; UserError where none is known yet."""
    from widgets.batch_dialog import JudgeDialog

    session = window.session
    pane, card = session.panes[session.active], session.card_of(session.active)
    fitting = [one for one in pane.methods if one.status != "red"]
    if card is None or not fitting:
        raise UserError("The methods for this model are still being found.", "Try again soon.")
    dialog = JudgeDialog(folder.name, card.title, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.set_methods([(one.name, one.title) for one in fitting], pane.asked.method)

    def begin(methods: tuple[str, ...]) -> None:
        batches.judge_set(session, window.jobs, folder, card, tuple(methods))
        show_table(window)

    dialog.started.connect(lambda methods: _try(window, partial(begin, methods)))
    dialog.open()


def ask_for_result(window: MainWindow) -> None:
    """Ask for the result.json of a belief set, and show its cases."""
    path, _ = QFileDialog.getOpenFileName(
        window, "Open the result of a belief set", "result.json", "Results (*.json)"
    )
    if path:
        batches.open_set(window.session, window.jobs, Path(path))
        show_table(window)


def _begin(window: MainWindow, choice: BatchChoice, selected: tuple[str, ...]) -> None:
    session = window.session
    found = plan_of(session, choice)
    if found is not None:
        cases = cases_of(session, choice, selected)
        batches.explain_cases(session, window.jobs, cases, found[0])
        show_table(window)


def _table(window: MainWindow) -> BatchView:
    """The one table of a window, made when it is first asked for."""
    from app.views.batch_view import BatchView

    found = window.findChild(BatchView)
    if isinstance(found, BatchView):
        return found
    session, jobs = window.session, window.jobs
    table = BatchView(session, window)
    table.row_opened.connect(
        lambda row: _try(window, partial(batches.show_case, session, jobs, row))
    )
    table.cancel_requested.connect(partial(batches.cancel, session, jobs))
    table.explain_requested.connect(partial(ask_for_batch, window))
    table.judge_requested.connect(lambda: _try(window, partial(ask_for_set, window)))
    table.open_requested.connect(lambda: _try(window, partial(ask_for_result, window)))
    table.export_requested.connect(partial(_ask_where, window))
    return table


def _ask_where(window: MainWindow, rows: tuple[CaseRow, ...], identified: bool) -> None:
    title = "Export the cases, with names" if identified else "Export the cases, without names"
    path, _ = QFileDialog.getSaveFileName(window, title, "cases.csv", "CSV (*.csv)")
    if path:
        place = Path(path) if path.lower().endswith(".csv") else Path(f"{path}.csv")
        batches.export(window.session, window.jobs, place, tuple(rows), identified=identified)


def _cancel_if_ours(window: MainWindow, number: str) -> None:
    """The list of jobs may still show a case that has just made room for the next one."""
    cases = window.session.cases
    if cases.running and int(number) in cases.calls:
        batches.cancel(window.session, window.jobs)


def _try(window: MainWindow, act: Callable[[], None]) -> None:
    """Do what may stumble over something that is gone, and say so."""
    window.show_review()
    try:
        act()
    except UserError as error:
        window.session.say_error(error)
