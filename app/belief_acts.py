"""What a person asks of a map's belief: presets and checks by command, a figure in full."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.actions import answers
from app.belief_sources import source_words
from app.explain_presets import PRESETS
from app.keys import Command
from app.views.belief_words import SIGNS

if TYPE_CHECKING:
    from app.main_window import MainWindow


def commands(window: MainWindow) -> tuple[Command, ...]:
    """The presets, the checks, and taking what is known so far; none comes with a key."""
    session, jobs = window.session, window.jobs
    explaining = window.review.panel.explaining

    def can_ask() -> bool:
        return bool(session.panes[session.active].methods) and window.shows_picture()

    presets = tuple(
        Command(
            f"preset_{preset.name}",
            "Model",
            f"Explain: {preset.title.lower()}",
            (),
            partial(explaining.preset_requested.emit, preset.name),
            "viewport",
            can_ask,
        )
        for preset in PRESETS
    )
    return (
        *presets,
        Command(
            "check",
            "Model",
            "Check how far to believe this map",
            (),
            partial(answers.check, session, jobs),
            "viewport",
            lambda: session.panes[session.active].attribution is not None,
        ),
        Command(
            "enough",
            "Model",
            "Take the explanation as far as it is known",
            (),
            lambda: answers.stop(session, jobs, session.active),
            "viewport",
            lambda: jobs.is_running(f"explain-{session.active}"),
        ),
    )


def connect(window: MainWindow) -> None:
    """Open figures in full, and remember whether all that can be asked is in sight."""
    panel = window.review.panel
    panel.explaining.unfold(window.settings.unfolded)
    panel.figure_opened.connect(partial(show_figure, window))
    panel.unfolded.connect(partial(_remember_unfolded, window))


def show_figure(window: MainWindow, name: str) -> None:
    """A figure of the map in sight with its curves and numbers."""
    from widgets.belief_dialog import BeliefDialog

    made = window.session.panes[window.session.active].attribution
    figure = next((one for one in made.figures if one.name == name), None) if made else None
    if figure is not None:
        dialog = BeliefDialog(figure, SIGNS[figure.verdict], source_words(name), window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()


def _remember_unfolded(window: MainWindow, unfolded: bool) -> None:
    window.change_settings(replace(window.settings, unfolded=unfolded))
