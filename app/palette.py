"""What the palette offers, and what is done when a row of it, or a command's name, is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app import window_acts
from app.actions import going_on, sources
from widgets.command_palette import CommandRow

if TYPE_CHECKING:
    from app.main_window import MainWindow


def palette_rows(window: MainWindow) -> tuple[CommandRow, ...]:
    """Commands, windows, open scans, and the scans of the project that are not open."""
    session = window.session
    closed = (
        CommandRow(f"entry:{one.source_id}", one.title, "", "Scans of the project")
        for one in session.project.entries.values()
        if one.source_id not in session.sources and not session.project.personal
    )
    return (*window_acts.palette_rows(window), *closed)


def run_named(window: MainWindow, name: str) -> None:
    """Run a command by its name, or do what a row of the palette stands for."""
    kind, _, rest = name.partition(":")
    if rest:
        _ROWS[kind](window, rest)
    else:
        window.run_command(next(one for one in window.commands if one.name == name))


def _show_source(window: MainWindow, source_id: str) -> None:
    window.show_review()
    sources.choose_source(window.session, window.jobs, source_id)


def _open_entry(window: MainWindow, source_id: str) -> None:
    window.show_review()
    going_on.open_entry(window.session, window.jobs, source_id)


_ROWS: dict[str, Callable[[MainWindow, str], None]] = {
    "source": _show_source,
    "entry": _open_entry,
    "grey": lambda window, number: window_acts.set_grey(window, int(number)),
}
"""Rows that are no commands, by the word before the colon."""
