"""Labelling in the main window: its commands, and what the session's changes mean for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app import label_set_acts, label_tools, prelabel_acts
from app.actions import acting, labelling
from app.keys import Command
from app.panes import Changes, Place

if TYPE_CHECKING:
    from app.main_window import MainWindow


def commands(window: MainWindow) -> tuple[Command, ...]:
    """What keys and the palette can do about labels, and about all that was done."""
    session, jobs = window.session, window.jobs
    history = session.labels.history
    return (
        Command(
            "undo",
            "Edit",
            "Undo",
            ("Ctrl+Z",),
            partial(acting.undo, session, jobs),
            enabled=lambda: history.to_undo is not None,
        ),
        Command(
            "redo",
            "Edit",
            "Redo",
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            partial(acting.redo, session, jobs),
            enabled=lambda: history.to_redo is not None,
        ),
        Command("place_review", "Go", "Review", ("Alt+1",), partial(go, window, "review")),
        Command("place_label", "Go", "Label", ("Alt+2",), partial(go, window, "label")),
        *label_set_acts.commands(window),
        *label_tools.commands(window),
        *prelabel_acts.commands(window),
    )


def connect(window: MainWindow) -> None:
    """Let the window follow what becomes of labels."""
    window.top.place_chosen.connect(partial(go, window))
    window.session.changed.connect(partial(_follow, window))
    label_set_acts.connect(window)
    label_tools.connect(window)


def go(window: MainWindow, place: Place) -> None:
    """Go to a place of work."""
    window.show_review()
    window.session.set_place(place)


def _follow(window: MainWindow, changes: Changes) -> None:
    if changes.place:
        window.top.set_place(window.session.place)
    if changes.frame or changes.layout:
        labelling.load_new(window.session, window.jobs)
    if changes.messages:
        labelling.load_owed(window.session, window.jobs)
