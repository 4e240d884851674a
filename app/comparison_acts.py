"""What a person asks of comparisons: commands and buttons, and how the window follows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt

from app import compared_acts
from app.actions import comparing
from app.actions.returning import leave
from app.comparison_choice import ComparisonChoice
from app.keys import Command
from app.panes import Changes
from app.views.comparison_words import title_of
from inference.errors import UserError
from widgets.compare_dialog import CompareDialog

if TYPE_CHECKING:
    from app.main_window import MainWindow


def commands(window: MainWindow) -> tuple[Command, ...]:
    """Beginning and ending a comparison, asking all of it, and its scale."""
    session, jobs = window.session, window.jobs

    def is_on() -> bool:
        return session.comparison.is_on

    def share() -> None:
        comparing.set_shared(session, shared=not session.comparison.shared)

    rows = (
        ("compare", "Compare side by side", ("Ctrl+Shift+D",), partial(ask, window), _can(window)),
        ("end_comparison", "End the comparison", ("Shift+Esc",), partial(end, window), is_on),
        (
            "explain_compared",
            "Explain in all compared viewports",
            ("Ctrl+Shift+A",),
            partial(comparing.explain_all, session, jobs),
            is_on,
        ),
        ("share_scale", "One scale for all compared, or each its own", (), share, is_on),
    )
    return tuple(
        Command(name, "Compare", words, keys, run, "viewport", enabled)
        for name, words, keys, run, enabled in rows
    )


def connect(window: MainWindow) -> None:
    """The buttons of the panel, shared scales, and what stands above compared viewports."""
    session, jobs = window.session, window.jobs
    buttons = window.review.panel.explaining.compare
    named = {one.name: one for one in window.commands}
    for signal, name in ((buttons.begun, "compare"), (buttons.ended, "end_comparison")):
        signal.connect(partial(window.run_command, named[name]))
    compared_acts.connect(window)
    session.changed.connect(partial(_follow, window))
    jobs.changed.connect(partial(_show_titles, window))


def ask(window: MainWindow) -> None:
    """Ask what is to stand side by side. Raises UserError where nothing can be compared yet."""
    session = window.session
    pane = session.panes[session.active]
    if not pane.methods or pane.frame is None:
        raise UserError(
            "There is nothing to compare yet.",
            "Open a scan, choose a model, and wait until its methods are listed.",
        )
    dialog = CompareDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    choice = ComparisonChoice(session, window.jobs, dialog)
    choice.compared.connect(partial(_begun, window, session.active))
    dialog.open()


def end(window: MainWindow) -> None:
    """Back to what was on the screen before."""
    leave(window.session, window.jobs)
    window.review.focus_viewport()


def _begun(window: MainWindow, number: int) -> None:
    """All compared viewports look at the same part, turned alike."""
    viewports = window.review.viewports
    view = viewports[number].canvas.view()
    for other in comparing.compared(window.session):
        canvas = viewports[other].canvas
        with QSignalBlocker(canvas):  # each would turn the others back
            canvas.reset_view()
            if view.mirrored:
                canvas.mirror()
            canvas.turn(view.turns)
            canvas.set_view(view)
    window.review.focus_viewport()


def _can(window: MainWindow) -> Callable[[], bool]:
    def can() -> bool:
        pane = window.session.panes[window.session.active]
        return pane.frame is not None and bool(pane.methods)

    return can


def _follow(window: MainWindow, changes: Changes) -> None:
    session = window.session
    if session.comparison.is_on:
        if changes.results or changes.answered or changes.view:
            comparing.share(session)
        if changes.results or changes.methods or changes.frame:
            _show_titles(window)  # what one asks may change what tells the others apart
    can = _can(window)()
    window.review.panel.explaining.compare.set_state(ready=can, on=session.comparison.is_on)


def _show_titles(window: MainWindow) -> None:
    for number in comparing.compared(window.session):
        title = title_of(window.session, window.jobs, number)
        window.review.viewports[number].set_title(*title)
