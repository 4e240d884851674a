"""What a person asks of maps that stand side by side: blinking, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from app.actions import combining
from app.actions.blinking import Blinking
from app.comparison_maps import Matrix
from app.keys import Command, shown
from app.recipes import Kind
from app.views.belief_words import SIGNS
from app.views.comparison_words import names
from explain.faithfulness import TOP_SHARE, verdict
from inference.errors import UserError
from widgets.matrix_dialog import Cell, Compared, MatrixDialog, Table

if TYPE_CHECKING:
    import numpy as np

    from app.main_window import MainWindow

_IN_THE_MENU = ("blink", "difference", "agreement", "uncertainty", "matrix", "map_error")

Row = tuple[str, str, tuple[str, ...], Callable[[], None], Callable[[], bool]]


def commands(window: MainWindow) -> tuple[Command, ...]:
    """Blinking, the maps made of the compared ones, and the figures of how alike they are."""
    session, jobs = window.session, window.jobs
    blinking = Blinking(session, window)
    combining.MadeMaps(session, jobs, window)

    def is_on() -> bool:
        return session.comparison.is_on

    def has_map() -> bool:
        return session.panes[session.active].attribution is not None

    def blink(act: Callable[..., None]) -> None:
        act(window.review.grid.active.canvas)

    def difference() -> None:
        combining.show_difference(session, jobs, names(session))

    def together(kind: Kind) -> None:
        combining.show_together(session, jobs, names(session), kind)

    rows: tuple[Row, ...] = (
        (
            "peek",
            "See the next compared map while held",
            ("J",),
            partial(blink, blinking.hold),
            is_on,
        ),
        ("blink", "Blink all compared maps", ("Shift+J",), partial(blink, blinking.toggle), is_on),
        ("difference", "Difference of two compared maps", ("Shift+D",), difference, is_on),
        (
            "agreement",
            "Where the compared maps agree",
            ("Shift+A",),
            partial(together, "agreement"),
            is_on,
        ),
        (
            "uncertainty",
            "Uncertainty over the compared maps",
            ("Shift+U",),
            partial(together, "uncertainty"),
            is_on,
        ),
        ("matrix", "How alike the compared maps are", ("Shift+M",), partial(ask, window), is_on),
        (
            "map_error",
            "Show the uncertainty of this map",
            ("U",),
            partial(combining.show_error, session, jobs),
            has_map,
        ),
    )
    return tuple(
        Command(name, "Compare", words, keys, run, "viewport", enabled)
        for name, words, keys, run, enabled in rows
    )


def connect(window: MainWindow) -> None:
    """The commands for whoever has the mouse in hand, with the keys that they have now."""
    menu = QMenu(window)
    menu.aboutToShow.connect(partial(_fill, window, menu))
    window.review.panel.explaining.compare.set_menu(menu)


def ask(window: MainWindow) -> None:
    """Have the compared maps set against each other, and show the tables when they are there."""
    session = window.session
    request, numbers = combining.matrix_request(session)
    named = [names(session)[number] for number in numbers]
    window.jobs.start(
        "matrix",
        "decode",
        "compare_maps",
        request,
        done=lambda found: _show(
            window,
            numbers,
            compared_words(
                tuple(one.short for one in named), tuple(one.full for one in named), found
            ),
        ),
        failed=session.say_error,
        title=f"Comparing {len(numbers)} maps",
    )


def compared_words(names: tuple[str, ...], full: tuple[str, ...], found: Matrix) -> Compared:
    """The figures as they are read, those that have a threshold with their verdict."""
    rows, columns = found.grid
    share, overlap = _percent(TOP_SHARE), _percent(found.overlap)
    words = f"The strongest {share} of the maps overlap by {overlap} (median of all pairs)"
    meaning = "they agree on a place." if found.enough else "they agree on no place."
    return Compared(
        names,
        full,
        "plain" if found.enough else "doubtful",
        f"{'' if found.enough else 'Not enough agreement. '}{words}: {meaning}",
        (
            Table(
                f"Overlap of the strongest {share}",
                f"On {columns} × {rows} cells, of what speaks for the target; {share} by chance.",
                _cells(found.overlaps, _overlap),
            ),
            Table(
                "Rank correlation of all places",
                "Spearman's ρ: 1 is the same order, 0 is chance. It has no threshold.",
                _cells(found.ranks, _rank),
            ),
        ),
    )


def _fill(window: MainWindow, menu: QMenu) -> None:
    menu.clear()
    named = {one.name: one for one in window.commands}
    for name in _IN_THE_MENU:
        command = named[name]
        action = menu.addAction(f"{command.text}\t{shown(command)}".rstrip("\t"))
        action.setEnabled(command.enabled())
        action.triggered.connect(partial(_choose, window, command))


def _choose(window: MainWindow, command: Command, _checked: bool = False) -> None:
    window.review.focus_viewport()  # where Escape is heard
    window.run_command(command)


def _show(window: MainWindow, numbers: tuple[int, ...], compared: Compared) -> None:
    dialog = MatrixDialog(compared, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.difference_requested.connect(partial(_show_difference, window, numbers))
    dialog.show()


def _show_difference(window: MainWindow, numbers: tuple[int, ...], one: int, other: int) -> None:
    session = window.session
    pair = (numbers[one], numbers[other])
    try:
        combining.show_difference(session, window.jobs, names(session), pair)
    except UserError as error:
        session.say_error(error)


def _cells(table: np.ndarray, cell: Callable[[float], Cell]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(cell(float(value)) for value in row) for row in table)


def _overlap(value: float) -> Cell:
    return Cell(_percent(value), SIGNS[verdict("agreement", value)])


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _rank(value: float) -> Cell:
    return Cell(f"{value:.2f}".replace("-", "−"))
